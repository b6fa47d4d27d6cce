//! What may break while a session is on, and what must not come of it.

use super::{
    beside::{Host, Officer, share, state, wait_until_same},
    program::{Program, beside, run},
    wait_for,
    x11::Area,
};
use std::time::Duration;

/// Left control, left shift (keysymdef.h).
const HELD: [u32; 2] = [0xffe3, 0xffe1];

/// Somewhere on the empty desktop.
const DESKTOP: Area = Area { x: 500, y: 400, width: 2, height: 2 };

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
    let _other = Program::start(share(&other, host.address).env("DISPLAY", host.desktop.name()));
    assert_eq!(viewer.exit_within(LOSS), 6, "{}", viewer.errors());
}

fn leaves_nothing_held(kill: impl FnOnce(&mut Host, &mut Program)) {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    officer.screen().move_to(DESKTOP);
    officer.screen().button(1, true);
    for symbol in HELD {
        officer.screen().key(symbol, true);
    }
    wait_for("keys and button are down", || {
        let (keys, buttons) = host.screen().held();
        (keys.len() == HELD.len() && buttons != 0).then_some(())
    });
    kill(&mut host, &mut viewer);
    wait_for("nothing is held", || (host.screen().held() == (Vec::new(), 0)).then_some(()));
}
