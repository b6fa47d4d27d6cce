//! Which ways back count, and which files.

use super::*;
use crate::state::tests::temporary;
use beside_protocol::wire::Permission;
use std::{fs, time::UNIX_EPOCH};

const ANN: Fingerprint = Fingerprint([1; 32]);
const BOB: Fingerprint = Fingerprint([2; 32]);
const MINUTE: Duration = Duration::from_secs(60);

fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A program that runs since that start of the computer.
fn since(boot: &str, state: &StateDir) -> WaysBack {
    WaysBack { boot: Some(Boot::Named(boot.into())), ..WaysBack::new(state) }
}

fn kept(officer: Fingerprint, now: Instant) -> KeptReturn {
    let (permissions, ticket) = (Permissions::CONTROL, Some("7".to_owned()));
    KeptReturn { officer, permissions, display: Some(2), ticket, until: now + 30 * MINUTE }
}

#[test]
fn what_is_kept_counts_after_a_restart_and_shortly_after() {
    let (_parent, state) = temporary();
    let now = Instant::now();
    since("a", &state).keep(kept(ANN, now), now, clock()).unwrap();
    let found = |boot: &str, after: Duration| since(boot, &state).lookup(&ANN, clock() + after);
    let left = |passed: Duration| WayBack {
        permissions: Permissions::CONTROL,
        display: Some(2),
        ticket: Some("7".into()),
        left: 30 * MINUTE - passed,
        open: Return::WITHIN - passed,
    };
    assert_eq!(found("b", MINUTE), Some(left(MINUTE)));
    assert_eq!(found("b", Duration::ZERO), Some(left(Duration::ZERO)));
    let late = Return::WITHIN - Duration::from_millis(1);
    assert_eq!(found("b", late), Some(left(late)));
    assert_eq!(found("b", Return::WITHIN), None, "too late");
    assert_eq!(found("a", MINUTE), None, "the computer has not been restarted");
    assert_eq!(since("b", &state).lookup(&ANN, clock() - Duration::from_millis(1)), None, "the clock was set back");
    assert_eq!(since("b", &state).lookup(&BOB, clock()), None, "somebody else");
    let nobody_knows = WaysBack { boot: None, ..WaysBack::new(&state) };
    assert_eq!((nobody_knows.are_possible(), nobody_knows.lookup(&ANN, clock() + MINUTE)), (false, None));
    // Nor once the session would be over.
    let short = KeptReturn { until: now + MINUTE, ..kept(BOB, now) };
    since("a", &state).keep(short, now, clock()).unwrap();
    let of_bob = |after| since("b", &state).lookup(&BOB, clock() + after).is_some();
    assert_eq!([MINUTE - Duration::from_millis(1), MINUTE].map(of_bob), [true, false]);
}

#[test]
fn a_beat_keeps_it_open_for_those_who_are_there() {
    let (_parent, state) = temporary();
    let now = Instant::now();
    let mut running = since("a", &state);
    running.keep(kept(ANN, now), now, clock()).unwrap();
    running.keep(kept(BOB, now), now, clock()).unwrap();
    let later = clock() + 9 * MINUTE;
    running.beat(&[ANN].into(), later).unwrap();
    let next = since("b", &state);
    assert!(next.lookup(&ANN, later + 5 * MINUTE).is_some());
    assert!(next.lookup(&BOB, later + 5 * MINUTE).is_none());
}

#[test]
fn it_is_used_once_and_by_one() {
    let (_parent, state) = temporary();
    let now = Instant::now();
    let mut before = since("a", &state);
    before.keep(kept(ANN, now), now, clock()).unwrap();
    before.keep(kept(BOB, now), now, clock()).unwrap();
    assert!(matches!(before.take(&BOB, clock()), Err(WayBackError::Gone)), "there was no restart");
    let (mut one, mut other) = (since("b", &state), since("b", &state));
    assert!(one.lookup(&ANN, clock()).is_some() && other.lookup(&ANN, clock()).is_some());
    one.take(&ANN, clock()).unwrap();
    assert!(matches!(other.take(&ANN, clock()), Err(WayBackError::Gone)));
    assert_eq!(one.lookup(&ANN, clock()), None);
    assert!(!state.file(FILE).exists(), "nothing is left");
}

#[test]
fn what_is_forgotten_or_changed_is_gone() {
    let (_parent, state) = temporary();
    let now = Instant::now();
    let mut running = since("a", &state);
    running.keep(kept(ANN, now), now, clock()).unwrap();
    running.keep(KeptReturn { permissions: Permissions::VIEW, ..kept(ANN, now) }, now, clock()).unwrap();
    let next = since("b", &state);
    assert!(!next.lookup(&ANN, clock()).unwrap().permissions.has(Permission::Control));
    running.forget(&ANN, clock()).unwrap();
    assert_eq!(next.lookup(&ANN, clock()), None);
    // And can be kept anew.
    running.keep(kept(ANN, now), now, clock()).unwrap();
    assert!(next.lookup(&ANN, clock()).is_some());
}

#[test]
fn what_cannot_be_read_counts_for_nothing_and_goes() {
    let (_parent, state) = temporary();
    let now = Instant::now();
    since("a", &state).keep(kept(ANN, now), now, clock()).unwrap();
    let good = fs::read_to_string(state.file(FILE)).unwrap();
    let half = &good[..good.len() / 2];
    for bad in ["?", half, &format!("{good}more = 1\n"), &good.replace("control", "root"), "\u{0}"] {
        state.replace(FILE, bad.as_bytes()).unwrap();
        assert_eq!(since("b", &state).lookup(&ANN, clock()), None, "{bad}");
        assert!(!state.file(FILE).exists(), "{bad}");
    }
    state.replace(FILE, &[0xff, 0xfe]).unwrap();
    assert_eq!(since("b", &state).lookup(&ANN, clock()), None);
    state.replace(FILE, good.as_bytes()).unwrap();
    assert!(since("b", &state).lookup(&ANN, clock()).is_some());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_touch_counts_for_nothing_and_goes() {
    use std::os::unix::fs::PermissionsExt;
    let (_parent, state) = temporary();
    let now = Instant::now();
    for mode in [0o640, 0o604, 0o620, 0o602] {
        since("a", &state).keep(kept(ANN, now), now, clock()).unwrap();
        let kept = fs::metadata(state.file(FILE)).unwrap().permissions().mode() & 0o777;
        assert_eq!(kept, 0o600);
        fs::set_permissions(state.file(FILE), fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(since("b", &state).lookup(&ANN, clock()), None, "{mode:o}");
        assert!(!state.file(FILE).exists(), "{mode:o}");
    }
}
