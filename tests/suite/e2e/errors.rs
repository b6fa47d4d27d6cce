//! What can't work: one line that says what failed, and its exit code.

use super::{
    beside::{ANY_PORT, Host, Officer, share, state},
    program::{Program, beside, run},
};
use beside_test_displays::wait_until;
use std::net::UdpSocket;

#[test]
fn a_port_without_an_answer() {
    let officer = Officer::new();
    // Bound, so that nobody else answers there; silent.
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    fails(&mut officer.connect(silent.local_addr().expect("an address")), 5);
}

#[test]
fn a_host_with_another_key() {
    let host = Host::share(&[]);
    let officer = Officer::new();
    host.allow(&officer);
    officer.trust(&Officer::new().key);
    fails(&mut officer.connect(host.address), 6);
}

#[test]
fn an_officer_whom_the_host_does_not_know() {
    let host = Host::share(&[]);
    let officer = Officer::new();
    officer.trust(&host.key);
    fails(&mut officer.connect(host.address), 7);
}

#[test]
fn an_officer_without_a_standing_grant_where_nobody_is_asked() {
    let host = Host::share(&["--consent", "policy"]);
    let officer = Officer::known_to(&host);
    fails(&mut officer.connect(host.address), 7);
}

#[test]
fn a_port_that_is_taken() {
    let host = Host::share(&[]);
    let state = state();
    let mut second = share(&state, host.address);
    fails(&mut Program::start(second.env("DISPLAY", host.screen().name())), 1);
}

#[test]
fn no_display() {
    let state = state();
    fails(&mut Program::start(&mut share(&state, ANY_PORT)), 8);
}

#[test]
fn a_display_that_does_not_answer() {
    let state = state();
    // No server chooses a number like that by itself.
    fails(&mut Program::start(share(&state, ANY_PORT).env("DISPLAY", ":59000")), 8);
}

#[test]
fn wayland_alone() {
    let state = state();
    fails(&mut Program::start(share(&state, ANY_PORT).env("WAYLAND_DISPLAY", "wayland-0")), 8);
}

#[test]
fn a_command_that_is_not_there() {
    let (code, ..) = run(beside("beside-server").arg("observe"));
    assert_eq!(code, 2);
}

/// The program ends with `code` and has one line to say about it, besides what it logs (each line of that has a level).
pub(super) fn fails(program: &mut Program, code: i32) {
    assert_eq!(program.exit(), code, "{}", program.errors());
    // Its last words may still be in the pipe when it has ended.
    wait_until("its words", || program.errors().contains("beside-"));
    let errors = program.errors();
    let said: Vec<_> = errors.lines().filter(|line| !line.contains(" WARN ")).collect();
    assert_eq!(said.len(), 1, "one line says what failed and what to do:\n{errors}");
    assert!(said[0].starts_with("beside-"), "{errors}");
}
