//! What is hidden from officers: they see a hatch in its place, and their hands do not get there.

use super::{
    beside::{ANY_PORT, Host, Officer, share, state, wait_until_same},
    errors::fails,
    program::Program,
};
use beside_protocol::frame::hatch;
use beside_test_displays::{Area, Screen, keycode, wait_for, wait_until};
use std::fs;

/// The paper of a terminal that nobody else may see, and of one that everybody may.
const SECRET: &str = "#c0ffee";
const SECRET_AREA: Area = Area { colour: 0x00c0_ffee, least: 10_000 };
const OPEN: &str = "#e0e8c0";
const OPEN_AREA: Area = Area { colour: 0x00e0_e8c0, least: 10_000 };

/// How many pixels the officer sees of a hatch in the place of the user's; `None` as long as anything else differs.
fn hatched(host: &Host, officer: &Officer) -> Option<usize> {
    let (theirs, users, size) = (officer.screen.picture(), host.screen().picture(), host.screen().size());
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let differ: Vec<_> = places.filter(|&(x, y)| theirs.at(x, y) != users.at(x, y)).collect();
    differ.iter().all(|&(x, y)| theirs.at(x, y) == hatch(x, y)).then_some(differ.len())
}

/// Waits until the officer's hands are let through again after the user's own.
fn hands_rest(host: &Host, officer: &Officer) {
    wait_until("the officer leads the pointer", || {
        officer.screen.point(611, 640);
        officer.screen.point(610, 640);
        let cursor = host.screen().cursor();
        (cursor.x, cursor.y) == (610, 640)
    });
}

fn terminal(host: &mut Host, class: &str, paper: &str, place: &str, command: &str) {
    host.desktop.run("xterm", &["-class", class, "-bg", paper, "-geometry", place, "-e", command]);
}

fn has(screen: &Screen, area: Area) -> bool {
    screen.find(area).is_some()
}

#[test]
fn a_hidden_program_is_a_hatch_and_out_of_reach() {
    let mut host = Host::share(&["--hide", "class=secret*", "--hide", "rect=900,700,100x50"]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let typed = |name: &str| folder.path().join(name);
    let cat = |name: &str| format!("cat > '{}'", typed(name).display());
    terminal(&mut host, "Secret7", SECRET, "40x12+20+40", &cat("secret"));
    let secret = host.screen().wait_for(SECRET_AREA);
    let officer = Officer::known_to(&host);
    let _viewer = officer.connect(host.address);
    host.allow_control();
    // The picture is there, and exact but for what is hidden: the terminal in its frame, and the place.
    let hidden = wait_for("the hidden terminal is a hatch", || {
        hatched(&host, &officer).filter(|hidden| *hidden > SECRET_AREA.least)
    });
    assert!(hidden < 100_000, "{hidden} pixels");
    assert_eq!(officer.screen.picture().count(SECRET_AREA.colour), 0);
    assert_eq!(officer.screen.picture().at(930, 720), hatch(930, 720));
    // What the officer does there does not arrive: not even after the user has put the keyboard there.
    hands_rest(&host, &officer);
    officer.screen.click(secret);
    officer.screen.type_text("first\n");
    host.hands().click(secret);
    hands_rest(&host, &officer);
    officer.screen.type_text("second\n");
    // Another terminal, which has the keyboard, gets what comes after.
    terminal(&mut host, "Notes", OPEN, "40x12+500+40", &cat("open"));
    let open = officer.screen.wait_for(OPEN_AREA);
    officer.screen.click(open);
    wait_until("the terminal has the keyboard", || typed("open").exists());
    let arrived = || fs::read_to_string(typed("open")).expect("the terminal's file");
    // Where the keyboard is, is known as of the last picture; a key that is dropped has it looked at again.
    wait_until("a key arrives", || {
        officer.screen.type_text("\n");
        !arrived().is_empty()
    });
    officer.screen.type_text("third\n");
    wait_until("the text arrives", || arrived().trim_start() == "third\n");
    assert_eq!(fs::read_to_string(typed("secret")).expect("the terminal's file"), "");
    wait_for("all else is exact", || hatched(&host, &officer));
    assert_eq!(officer.screen.picture().count(SECRET_AREA.colour), 0);
    // The log has it as numbers, and no names.
    wait_until("the log says what is hidden", || {
        host.command(&["audit", "show"]).contains("windows and places that are hidden now: 2")
    });
    let log = host.command(&["audit", "show"]);
    assert!(log.contains("rules on what is hidden: programs 1, places 1\n"), "{log}");
    assert!(!log.to_lowercase().contains("secret"), "{log}");
    host.command(&["audit", "verify"]);
}

#[test]
fn of_one_window_nothing_else_is_shown() {
    let mut host = Host::share(&["--window", "class=notes"]);
    terminal(&mut host, "Secret", SECRET, "40x12+20+40", "read wait");
    terminal(&mut host, "Notes", OPEN, "40x12+500+40", "read wait");
    wait_until("both terminals are there", || has(host.screen(), SECRET_AREA) && has(host.screen(), OPEN_AREA));
    let officer = Officer::known_to(&host);
    let _viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until("the officer sees that window", || has(&officer.screen, OPEN_AREA));
    let hidden = wait_for("all else is hidden", || hatched(&host, &officer));
    assert!(hidden > 400_000 && officer.screen.picture().count(SECRET_AREA.colour) == 0);
}

/// The button that leads back to the question.
const BACK: Area = Area { colour: 0x004a_5563, least: 5_000 };

/// With the keyboard alone: the first Tab leads to Deny; back from there are what follows a restart, what is hidden and what is
/// shown, and on the page of that the window behind and the one in front.
#[test]
fn the_window_that_the_user_picks_in_the_question_is_all_that_is_ever_shown() {
    let mut host = Host::share(&[]);
    let watcher = Officer::known_to(&host);
    let _watching = watcher.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &watcher);
    host.hands().point(0, 0);
    terminal(&mut host, "Secret", SECRET, "40x12+20+160", "read wait");
    host.screen().wait_for(SECRET_AREA);
    terminal(&mut host, "Notes", OPEN, "40x12+500+160", "read wait");
    host.screen().wait_for(OPEN_AREA);
    wait_until("the watcher sees both", || has(&watcher.screen, SECRET_AREA) && has(&watcher.screen, OPEN_AREA));
    let officer = Officer::known_to(&host);
    let _viewer = officer.connect(host.address);
    host.allow_button();
    let strike = |count, key| {
        host.hands().strike(keycode::TAB);
        host.hands().key(keycode::SHIFT, true);
        (0..count).for_each(|_| host.hands().strike(keycode::TAB));
        host.hands().key(keycode::SHIFT, false);
        host.hands().strike(key);
    };
    strike(3, keycode::ENTER);
    let back = host.screen().wait_for(BACK);
    strike(2, keycode::SPACE);
    host.hands().click(back);
    host.hands().click(host.allow_button());
    wait_until("the officer sees that window", || {
        assert!(!has(&officer.screen, SECRET_AREA), "before all else is hidden");
        has(&officer.screen, OPEN_AREA)
    });
    wait_for("all else is hidden", || hatched(&host, &officer).filter(|hidden| *hidden > 400_000));
    wait_for("from who was there before, too", || hatched(&host, &watcher).filter(|hidden| *hidden > 400_000));
    assert!(
        officer.screen.picture().count(SECRET_AREA.colour) + watcher.screen.picture().count(SECRET_AREA.colour) == 0
    );
}

#[test]
fn a_question_is_seen_by_the_user_alone() {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    // A button under the pointer has another colour.
    host.hands().point(0, 0);
    let second = Officer::known_to(&host);
    let _other = second.connect(host.address);
    let allow = host.allow_button();
    let hidden = wait_for("the question is hidden", || hatched(&host, &officer));
    assert!(hidden > 50_000, "{hidden} pixels");
    host.hands().click(allow);
    wait_until_same(&host, &officer);
    wait_until_same(&host, &second);
    assert!(viewer.is_running() && host.server.is_running());
}

#[test]
fn windows_can_t_be_hidden_where_they_can_t_be_found() {
    let (host, state) = (Host::share(&[]), state());
    let with = |arguments: &[&str]| {
        let mut command = share(&state, ANY_PORT);
        Program::start(command.args(arguments).env("DISPLAY", host.screen().name()))
    };
    fails(&mut with(&["--capture", "scrap", "--hide", "class=secret"]), 8);
    fails(&mut with(&["--capture", "scrap", "--window", "title=*notes*"]), 8);
    fails(&mut with(&["--display", "9"]), 8);
    for wrong in [["--hide", "secret"], ["--hide", "rect=1,2,3"], ["--window", "rect=1,2,3x4"], ["--display", "0"]] {
        assert_eq!(with(&wrong).exit(), 2, "{wrong:?}");
    }
}
