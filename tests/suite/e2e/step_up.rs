//! Control for a while, in the middle of a session: asked for by a key, allowed by a click, over at its time.

use super::{
    beside::{Host, Officer, wait_until_same},
    program::Program,
};
use beside_protocol::frame::Point;
use beside_test_displays::{keycode, wait_until};
use std::{fs, path::Path};

/// Where the terminal is on the user's desktop, as xterm takes it, and a place in it.
const TERMINAL: &str = "78x22+40+300";
const IN_TERMINAL: Point = Point { x: 280, y: 460 };

/// How far left of Allow is Deny; the banner has its colour, too (server/src/desk/prompt/view.rs).
const TO_DENY: u32 = 241;

#[test]
fn control_is_asked_for_allowed_and_over_at_its_time() {
    let mut host = Host::share(&[]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("typed");
    host.desktop.run("xterm", &["-geometry", TERMINAL, "-e", &format!("cat > '{}'", file.display())]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.watch(host.address, "20s");
    host.hands().click(host.allow_button());
    wait_until("the terminal is there", || file.exists());
    wait_until_same(&host, &officer);
    officer.screen.click(IN_TERMINAL);
    officer.screen.type_text("early");

    ask(&host, &officer, &mut viewer);
    host.hands().click(host.allow_button());
    until_told(&mut viewer, r#""state":"granted""#);
    type_there(&host, &officer, &file, "now\n", "now\n");
    until_told(&mut viewer, r#"{"live":{"permissions":"view","#);
    officer.screen.type_text("late\n");

    ask(&host, &officer, &mut viewer);
    let allow = host.allow_button();
    host.hands().click(Point { x: allow.x - TO_DENY, ..allow });
    until_told(&mut viewer, r#""why":"the user said no""#);
    officer.screen.type_text("never\n");

    ask(&host, &officer, &mut viewer);
    host.hands().click(host.allow_button());
    until_told(&mut viewer, r#""state":"granted""#);
    type_there(&host, &officer, &file, "again\n", "now\nagain\n");
    // The same key gives it up.
    press_shortcut(&officer);
    until_told(&mut viewer, r#"{"control":"nobody"}"#);
    assert!(viewer.is_running());
}

/// Asks for control by the window's key, and waits until the user is being asked. Their pointer is not over the buttons.
fn ask(host: &Host, officer: &Officer, viewer: &mut Program) {
    host.hands().point(5, 700);
    press_shortcut(officer);
    until_told(viewer, r#""state":"asking""#);
}

fn press_shortcut(officer: &Officer) {
    let keys = [keycode::CONTROL, keycode::ALT, keycode::INSERT];
    keys.iter().for_each(|&key| officer.screen.key(key, true));
    keys.iter().rev().for_each(|&key| officer.screen.key(key, false));
}

fn type_there(host: &Host, officer: &Officer, file: &Path, text: &str, all: &str) {
    // What the question covered is out of reach until it can be seen again.
    wait_until_same(host, officer);
    officer.screen.click(IN_TERMINAL);
    officer.screen.type_text(text);
    wait_until("the text arrives, and no other", || fs::read_to_string(file).is_ok_and(|typed| typed == all));
}

/// Reads what the viewer reports until that is told.
fn until_told(viewer: &mut Program, text: &str) {
    while !viewer.line().contains(text) {}
}
