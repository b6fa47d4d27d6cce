//! First contact as its users have it: the code on one screen, typed at the other; nothing is kept before the yes.

use super::beside::{Host, Officer, wait_until_same};
use beside_test_displays::{Area, wait_for, wait_until};

/// The warning about somebody whom nobody knows.
const WARNING: Area = Area { colour: 0x00d0_2f2f, least: 10_000 };

#[test]
fn a_stranger_with_the_code_is_let_in_to_see_and_knows_the_host_from_then_on() {
    let (host, code) = Host::share_with_code(&["--log", "trace"]);
    let officer = Officer::new();
    let mut viewer = officer.connect_with_code(host.address, &code.replace(' ', "-"));
    wait_for("the warning", || host.screen().find(WARNING));
    assert_eq!(officer.hosts(), "", "known before the yes");
    host.confirm("stranger");
    host.hands().click(host.allow_button());
    wait_until("the host is known", || officer.hosts().contains(&host.key));
    wait_until_same(&host, &officer);
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3);
    assert!(!host.records().contains_key(std::ffi::OsStr::new("officers.toml")), "the host keeps nothing of it");
    // §B.1, row 10: the code is in no log, however much is logged.
    for log in [host.server.errors(), viewer.errors()] {
        assert!(!log.is_empty());
        assert!(!log.replace([' ', '-'], "").contains(&code.replace(' ', "")), "{log}");
    }
}

/// §B.1, row 17: whatever ends it before the yes, all that both sides know of others stays as it was, to the byte.
#[test]
fn nothing_is_kept_of_a_first_contact_that_failed() {
    let (mut host, code) = Host::share_with_code(&[]);
    let officer = Officer::new();
    // What each start makes is there before.
    assert_eq!(officer.connect(host.address).exit(), 6, "an unknown host");
    let before = (host.records(), officer.records());
    let wrong = if code == "000 000 000" { "000 000 001" } else { "000 000 000" };
    assert_eq!(officer.connect_with_code(host.address, wrong).exit(), 6, "a wrong code");
    assert_eq!((host.records(), officer.records()), before);
    // Its address has to wait a second.
    wait_until("another attempt is taken", || {
        let mut viewer = officer.connect_with_code(host.address, wrong);
        viewer.exit() == 6
    });
    assert_eq!((host.records(), officer.records()), before);
    let mut viewer = wait_for("the question", || {
        let mut viewer = officer.connect_with_code(host.address, &code);
        wait_until("the question or the end", || host.screen().find(WARNING).is_some() || !viewer.is_running());
        viewer.is_running().then_some(viewer)
    });
    assert_eq!((host.records(), officer.records()), before, "while the user is asked");
    host.hands().click(host.early_deny_button());
    assert_eq!(viewer.exit(), 3, "a no");
    assert_eq!((host.records(), officer.records()), before);
    assert_eq!(officer.connect_with_code(host.address, &code).exit(), 6, "a used code");
    assert_eq!((host.records(), officer.records()), before);
    host.server.kill();
}

#[test]
fn a_changed_key_is_a_loud_stop_even_with_a_code() {
    let (host, code) = Host::share_with_code(&[]);
    let officer = Officer::new();
    let other = "a".repeat(51) + "q";
    officer.trust_as(&other, &host.address.to_string());
    let mut viewer = officer.connect_with_code(host.address, &code);
    assert_eq!(viewer.exit(), 6);
    for word in [other.as_str(), host.key.as_str(), "forget"] {
        assert!(viewer.errors().contains(word), "{word} is not in {}", viewer.errors());
    }
    assert_eq!(host.screen().find(WARNING), None);
}

#[test]
fn no_code_lives_where_nobody_can_see_it() {
    let mut host = Host::share(&[]);
    let officer = Officer::new();
    assert_eq!(officer.connect_with_code(host.address, "123 456 789").exit(), 6);
    host.server.kill();
}
