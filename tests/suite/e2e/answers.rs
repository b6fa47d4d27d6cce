//! The user's answers other than yes: each has its exit code, and none lets a byte of the picture out.

use super::{
    beside::{Host, Officer},
    meter::{Meter, NO_PICTURE},
    program::Program,
};
use beside_test_displays::{DEADLINE, wait_for};
use std::time::Duration;

/// How long the user has to answer (session/admission.rs).
const PATIENCE: Duration = Duration::from_secs(60);

/// The title of the question's window.
const QUESTION: &str = "A request for remote support";

#[test]
fn a_no_ends_it() {
    without_yes(3, DEADLINE, |host, _| host.hands().click(host.deny_button()));
}

#[test]
fn a_closed_question_is_a_no() {
    without_yes(3, DEADLINE, |host, _| {
        host.allow_button();
        host.screen().ask_to_close(wait_for("the question's window", || host.screen().window_titled(QUESTION)));
    });
}

#[test]
fn silence_is_a_no() {
    without_yes(4, PATIENCE + DEADLINE, |host, _| {
        host.allow_button();
    });
}

#[test]
fn a_program_cannot_say_yes() {
    without_yes(3, DEADLINE, |host, viewer| {
        // XTEST on the user's display itself: a program, a macro, or the remote side of another session.
        host.screen().click(host.allow_button());
        host.screen().type_text("\t\n");
        host.hands().click(host.deny_button());
        assert!(viewer.is_running());
    });
}

fn without_yes(code: i32, patience: Duration, act: impl FnOnce(&Host, &mut Program)) {
    let host = Host::share(&[]);
    host.screen().paint_noise(3);
    let officer = Officer::known_to(&host);
    let meter = Meter::to(host.address);
    let mut viewer = officer.connect(meter.address());
    act(&host, &mut viewer);
    assert_eq!(viewer.exit_within(patience), code, "{}", viewer.errors());
    assert!(meter.sent_by_host() < NO_PICTURE, "{} bytes came from the host", meter.sent_by_host());
}
