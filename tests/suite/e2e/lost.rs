//! Connections that die while a session is on: it goes on over another, without a question.

use super::{
    beside::{Host, Officer, wait_until_same},
    cable::Cable,
};
use beside_test_displays::{Area, Held, keycode, wait_until, wait_within};
use std::time::Duration;

/// The banner's dot while somebody controls (server/src/desk/look.rs).
const CONTROLLED: Area = Area { colour: 0x00f2_b134, least: 60 };

/// Longer than a silent connection is kept, and a handshake.
const LOSS: Duration = Duration::from_secs(60);

#[test]
fn an_officer_whose_connection_dies_goes_on_over_another() {
    let host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let cable = Cable::to(host.address);
    let mut viewer = officer.connect(cable.address());
    host.allow_control();
    wait_until_same(&host, &officer);
    officer.screen.point(500, 400);
    officer.screen.key(keycode::SHIFT, true);
    let held = Held { keys: vec![keycode::SHIFT], buttons: vec![] };
    wait_until("the key is down", || host.screen().held() == held);
    cable.cut();
    wait_until("the key is up", || host.screen().held() == Held::default());
    officer.screen.key(keycode::SHIFT, false);
    // The host still takes the old connection for one that lives: the new one takes its place at once.
    host.screen().paint_noise(5);
    wait_until_same(&host, &officer);
    officer.screen.key(keycode::CONTROL, true);
    let held = Held { keys: vec![keycode::CONTROL], buttons: vec![] };
    wait_until("the officer controls", || host.screen().held() == held);
    officer.screen.key(keycode::CONTROL, false);
    wait_until("the key is up", || host.screen().held() == Held::default());
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
}

#[test]
fn a_machine_that_called_calls_back() {
    let officer = Officer::new();
    let (mut viewer, address) = officer.listen();
    let cable = Cable::to(address);
    let mut host = Host::call_known(&officer, cable.address());
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    cable.cut();
    host.screen().paint_noise(5);
    let is_same = || officer.screen.picture().difference(&host.screen().picture()) == 0;
    wait_within(LOSS, "the machine has called back", || is_same().then_some(()));
    host.hands().click(host.stop_button());
    assert_eq!((viewer.exit(), host.server.exit()), (3, 3), "{}", viewer.errors());
}

#[test]
fn the_banner_says_so_while_nobody_is_there_and_stop_ends_it() {
    let mut host = Host::share(&["--log", "info"]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    host.screen().wait_for(CONTROLLED);
    viewer.kill();
    wait_within(LOSS, "the banner says so", || host.screen().find(CONTROLLED).is_none().then_some(()));
    assert!(host.server.errors().contains("Session suspended"));
    host.hands().click(host.stop_button());
    wait_until("the session is over", || host.server.errors().contains("end=Stopped"));
    assert!(host.server.is_running());
}
