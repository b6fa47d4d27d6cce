//! What may break while a session is on, and what must not come of it.

use super::{
    beside::{Host, Officer, wait_until_same},
    program::Program,
    wait_for,
    x11::Area,
};

/// Left control, left shift (keysymdef.h).
const HELD: [u32; 2] = [0xffe3, 0xffe1];

/// Somewhere on the empty desktop.
const DESKTOP: Area = Area { x: 500, y: 400, width: 2, height: 2 };

#[test]
fn a_killed_server_leaves_no_key_down() {
    leaves_nothing_held(|host, _| host.server.kill());
}

#[test]
fn a_killed_viewer_leaves_no_key_down() {
    leaves_nothing_held(|_, viewer| viewer.kill());
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
