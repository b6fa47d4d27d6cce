//! The user goes away or wants to hear nobody, with the programs: locks, log-outs, blocked keys, agreements.

use super::{
    beside::{Host, Officer, wait_until_same},
    logind::{Logind, Property},
    program::Program,
};
use beside_protocol::{frame::Point, record::Time};
use beside_test_displays::wait_until;
use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, SystemTime},
};

/// Where the terminal is on the user's desktop, as xterm takes it, and a place in it.
const TERMINAL: &str = "78x22+40+300";
const IN_TERMINAL: Point = Point { x: 280, y: 460 };

#[test]
fn behind_a_lock_nothing_is_seen_or_typed_and_then_it_goes_on() {
    let logind = Logind::start();
    let mut host = Host::share_at_bus(logind.address());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("typed");
    host.desktop.run("xterm", &["-geometry", TERMINAL, "-e", &format!("cat > '{}'", file.display())]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    wait_until("the terminal is there", || file.exists());
    officer.screen.click(IN_TERMINAL);
    type_line(&officer, &file, "before\n", "before\n");
    for property in [Property::LockedHint, Property::Active] {
        let locks = matches!(property, Property::LockedHint);
        logind.set(property, locks);
        wait_until("the officer is told", || differs(&host, &officer));
        officer.screen.type_text("meanwhile\n");
        assert!(viewer.is_running());
        logind.set(property, !locks);
        wait_until_same(&host, &officer);
    }
    // What was typed after it in order has arrived, so nothing before it still will.
    type_line(&officer, &file, "after\n", "before\nafter\n");
    // Twice: locked, and another user's session in front. Each side has it in its log, which is good.
    for log in [host.command(&["audit", "show"]), officer.command(&["audit", "show"])] {
        for said in ["paused: the user's screen is locked", "the pause is over; it goes on"] {
            assert_eq!(log.matches(said).count(), 2, "{said}:\n{log}");
        }
    }
    host.command(&["audit", "verify"]);
    officer.command(&["audit", "verify"]);
}

#[test]
fn behind_a_lock_nobody_is_asked() {
    let logind = Logind::start();
    let host = Host::share_at_bus(logind.address());
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_button();
    logind.set(Property::LockedHint, true);
    for _ in 0..2 {
        assert_eq!(viewer.exit(), 4, "{}", viewer.errors());
        wait_until("the officer is told", || viewer.errors().contains("the user's screen is locked"));
        viewer = officer.connect(host.address);
    }
    logind.set(Property::LockedHint, false);
    drop(viewer);
    let _asked_again = officer.connect(host.address);
    host.allow_button();
}

#[test]
fn a_log_out_ends_the_session() {
    for name in ["HUP", "TERM"] {
        let (mut host, _officer, mut viewer) = in_session();
        signal(name, host.server.id());
        assert_eq!((host.server.exit(), viewer.exit()), (0, 0), "{}", viewer.errors());
        assert!(viewer.errors().is_empty(), "{}", viewer.errors());
    }
}

#[test]
fn without_the_desktop_there_is_no_session() {
    let (host, _officer, mut viewer) = in_session();
    let Host { mut server, desktop, .. } = host;
    drop(desktop);
    assert_ne!(server.exit(), 0);
    let code = viewer.exit();
    assert!([1, 8].contains(&code), "{code}: {}", viewer.errors());
}

#[test]
fn a_blocked_key_is_out_and_stays_out() {
    let (host, officer, mut viewer) = in_session();
    host.command(&["block", &officer.key]);
    assert_eq!(viewer.exit(), 7, "{}", viewer.errors());
    assert!(host.command(&["officers"]).contains(&format!("{}  blocked since ", officer.key)));
    let mut again = officer.connect(host.address);
    assert_eq!(again.exit(), 7);
    wait_until("the officer is told", || again.errors().contains("the user has blocked your key"));
    host.command(&["unblock", &officer.key]);
    let _asks = officer.connect(host.address);
    host.allow_button();
    assert!(host.command(&["audit", "show"]).contains("is blocked no more"));
}

#[test]
fn what_is_agreed_to_lets_in_with_its_ticket_until_it_is_taken_back() {
    let host = Host::share(&[]);
    host.screen().paint_noise(4);
    let officer = Officer::known_to(&host);
    let now = Time::from(SystemTime::now());
    let (from, until) =
        (now.before(Duration::from_secs(60)).to_string(), now.after(Duration::from_secs(3600)).to_string());
    host.command(&[
        "agree",
        &officer.key,
        "--ticket",
        "INC 4711",
        "--from",
        &from,
        "--until",
        &until,
        "--permit",
        "view",
    ]);
    assert!(host.command(&["agreements"]).ends_with("  view  Ann Officer  INC 4711"));
    let mut viewer = officer.connect_with_ticket(host.address, "INC 4711");
    wait_until_same(&host, &officer);
    host.command(&["disagree", &officer.key, "--ticket", "INC 4711"]);
    assert_eq!(viewer.exit(), 7, "{}", viewer.errors());
    assert_eq!(host.command(&["agreements"]), "");
    let _asks = officer.connect_with_ticket(host.address, "INC 4711");
    host.allow_button();
    let log = host.command(&["audit", "show"]);
    for said in ["for the ticket INC 4711", "what the user had agreed to beforehand allowed view", "was taken back"] {
        assert!(log.contains(said), "{said}:\n{log}");
    }
    host.command(&["audit", "verify"]);
}

/// A user and an officer in a session.
fn in_session() -> (Host, Officer, Program) {
    let host = Host::share(&[]);
    host.screen().paint_noise(5);
    let officer = Officer::known_to(&host);
    let viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    // Off the button, which has another colour under it.
    host.hands().point(1, 1);
    wait_until_same(&host, &officer);
    (host, officer, viewer)
}

fn type_line(officer: &Officer, file: &Path, line: &str, expected: &str) {
    officer.screen.type_text(line);
    wait_until("the text arrives", || fs::read_to_string(file).is_ok_and(|text| text == expected));
}

fn differs(host: &Host, officer: &Officer) -> bool {
    officer.screen.picture().difference(&host.screen().picture()) != 0
}

fn signal(name: &str, process: u32) {
    // The shell's own: a small system has no other.
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}
