//! Stop and the panic key while the server is wedged: nothing stays held, and no picture leaves.

use super::beside::{Host, Officer, wait_until_same};
use beside_test_displays::{Held, Screen, keycode, wait_until};
use std::process::Command;

#[test]
fn stop_needs_no_server() {
    stops_without_server(|hands, host| hands.click(host.stop_button()));
}

#[test]
fn the_panic_key_needs_no_server() {
    stops_without_server(|hands, _| {
        let keys = [keycode::CONTROL, keycode::ALT, keycode::PAUSE];
        keys.iter().for_each(|&key| hands.key(key, true));
        keys.iter().rev().for_each(|&key| hands.key(key, false));
    });
}

fn stops_without_server(stop: impl FnOnce(&Screen, &Host)) {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    officer.screen.point(500, 400);
    officer.screen.key(keycode::SHIFT, true);
    let held = Held { keys: vec![keycode::SHIFT], buttons: Vec::new() };
    wait_until("Shift is down", || host.screen().held() == held);
    signal("STOP", host.server.id());
    stop(host.hands(), &host);
    wait_until("nothing is held", || host.screen().held() == Held::default());
    wait_until("the server is ended", || !host.server.is_running());
    // The connection is silent, not closed: nobody is there to close it.
    assert!(viewer.is_running());
    viewer.kill();
}

fn signal(name: &str, process: u32) {
    // The shell's own: a small system has no other.
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}
