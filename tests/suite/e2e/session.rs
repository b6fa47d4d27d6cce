//! A session from yes to end: the picture is exact, what the officer types arrives, Stop stops.

use super::{
    beside::{Host, Officer, wait_until_same},
    meter::{Meter, NO_PICTURE},
};
use beside_protocol::frame::Point;
use beside_test_displays::wait_until;
use std::fs;

/// Where the terminal is on the user's desktop, as xterm takes it, and a place in it.
const TERMINAL: &str = "78x22+40+300";
const IN_TERMINAL: Point = Point { x: 280, y: 460 };

/// What the officer types there: capitals and signs too.
const TEXT: &str = "Hello, Beside: 6*7=42 (yes!)\n";

#[test]
fn the_officer_sees_exactly_the_user_s_screen() {
    exact_picture(&["--capture", "x11"]);
}

#[test]
fn the_officer_sees_exactly_the_user_s_screen_through_scrap() {
    exact_picture(&["--capture", "scrap"]);
}

#[test]
fn typed_text_arrives_in_a_terminal() {
    typed_text(&["--capture", "x11"]);
}

#[test]
fn typed_text_arrives_in_a_terminal_through_scrap() {
    typed_text(&["--capture", "scrap"]);
}

#[test]
fn stop_ends_the_session() {
    let host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
}

fn exact_picture(capture: &[&str]) {
    let mut host = Host::share(capture);
    host.screen().paint_noise(1);
    let officer = Officer::known_to(&host);
    let meter = Meter::to(host.address);
    let mut viewer = officer.connect(meter.address());
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    assert!(meter.sent_by_host() > NO_PICTURE, "what shows that a refused session sends no picture shows nothing");
    // A window that appears, and a whole other screen.
    host.desktop.run("xterm", &["-geometry", "60x12+300+200", "-e", "echo exact; read wait"]);
    wait_until_same(&host, &officer);
    host.screen().paint_noise(2);
    wait_until_same(&host, &officer);
    assert!(viewer.is_running());
}

fn typed_text(capture: &[&str]) {
    let mut host = Host::share(capture);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("typed");
    host.desktop.run("xterm", &["-geometry", TERMINAL, "-e", &format!("cat > '{}'", file.display())]);
    let officer = Officer::known_to(&host);
    let _viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    wait_until("the terminal is there", || file.exists());
    officer.screen.click(IN_TERMINAL);
    officer.screen.type_text(TEXT);
    wait_until("the text arrives", || fs::read_to_string(&file).is_ok_and(|text| text == TEXT));
    wait_until_same(&host, &officer);
}
