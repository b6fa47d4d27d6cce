//! What may break while a session is on, and what must not come of it.

use super::{
    beside::{Host, Officer, share, state, wait_until_same},
    program::{Program, beside, run},
};
use beside_test_displays::{Held, keycode, wait_until};
use std::time::Duration;

/// Longer than a silent link is kept, and a handshake.
const LOSS: Duration = Duration::from_secs(60);

#[test]
fn a_killed_server_leaves_no_key_down() {
    leaves_nothing_held(|host, _| host.server.kill());
}

#[test]
fn a_killed_viewer_leaves_no_key_down() {
    leaves_nothing_held(|_, viewer| viewer.kill());
}

#[test]
fn a_known_machine_in_the_place_of_another_gets_no_visit() {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    let other = state();
    let (_, key, _) = run(beside("beside-server").arg("identity").arg("--state-dir").arg(other.path()));
    officer.trust(&key);
    host.server.kill();
    let _other = Program::start(share(&other, host.address).env("DISPLAY", host.screen().name()));
    assert_eq!(viewer.exit_within(LOSS), 6, "{}", viewer.errors());
}

fn leaves_nothing_held(kill: impl FnOnce(&mut Host, &mut Program)) {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    // Somewhere on the empty desktop.
    officer.screen.point(500, 400);
    officer.screen.button(1, true);
    officer.screen.key(keycode::CONTROL, true);
    officer.screen.key(keycode::SHIFT, true);
    let held = Held { keys: vec![keycode::CONTROL, keycode::SHIFT], buttons: vec![1] };
    wait_until("keys and button are down", || host.screen().held() == held);
    kill(&mut host, &mut viewer);
    wait_until("nothing is held", || host.screen().held() == Held::default());
}
