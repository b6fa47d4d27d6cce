//! The user's machine dials out to an officer who waits for calls.

use super::{
    beside::{Host, Officer, wait_until_same},
    errors::fails,
};

#[test]
fn a_machine_that_calls_is_seen_and_controlled() {
    let officer = Officer::new();
    let (mut viewer, address) = officer.listen();
    let mut host = Host::call_known(&officer, address);
    host.screen().paint_noise(1);
    host.allow_control();
    wait_until_same(&host, &officer);
    host.hands().click(host.stop_button());
    assert_eq!((viewer.exit(), host.server.exit()), (3, 3), "{}", viewer.errors());
}

#[test]
fn a_machine_that_is_not_known_is_turned_away() {
    let officer = Officer::new();
    let (mut viewer, address) = officer.listen();
    let mut stranger = Host::call(&officer, address);
    fails(&mut stranger.server, 7);
    assert!(viewer.is_running(), "it waits for the right one");
    officer.trust(&stranger.key);
    stranger.call_again();
    stranger.hands().click(stranger.allow_button());
    wait_until_same(&stranger, &officer);
}

#[test]
fn a_machine_that_calls_again_takes_its_old_place() {
    let officer = Officer::new();
    let (mut viewer, address) = officer.listen();
    let mut host = Host::call_known(&officer, address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    host.server.kill();
    // A button under the pointer has another colour.
    host.hands().point(0, 0);
    host.call_again();
    // Nothing is shown again before the user has been asked again.
    host.hands().click(host.allow_button());
    host.screen().paint_noise(7);
    wait_until_same(&host, &officer);
    assert!(viewer.is_running());
}

#[test]
fn a_second_machine_finds_the_officer_busy() {
    let officer = Officer::new();
    let (mut viewer, address) = officer.listen();
    let first = Host::call_known(&officer, address);
    first.allow_button();
    let mut second = Host::call_known(&officer, address);
    fails(&mut second.server, 7);
    first.allow_button();
    assert!(viewer.is_running());
}

#[test]
fn nobody_answers_there() {
    let officer = Officer::new();
    let (viewer, address) = officer.listen();
    drop(viewer);
    fails(&mut Host::call(&officer, address).server, 5);
}

#[test]
fn another_officer_answers_there() {
    let other = Officer::new();
    let (_viewer, address) = other.listen();
    fails(&mut Host::call(&Officer::new(), address).server, 6);
}
