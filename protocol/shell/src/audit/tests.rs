//! The log's file: what is written stays, what a crash or somebody else leaves is noticed.

use super::*;
use crate::state::tests::temporary;
use std::fs;

fn moved(from: &str) -> Entry {
    Entry::Moved { from: from.to_owned() }
}

/// A log of three lines, and its state directory.
fn log() -> (tempfile::TempDir, StateDir, AuditLog) {
    let (parent, state) = temporary();
    let mut log = AuditLog::open(&state).unwrap();
    for n in 0..3 {
        log.append(Some(1), moved(&n.to_string())).unwrap();
    }
    (parent, state, log)
}

fn text(state: &StateDir) -> String {
    fs::read_to_string(state.file(FILE)).unwrap()
}

fn verify(state: &StateDir, witness: Option<Digest>) -> Result<Report, AuditError> {
    check(state, witness, |_, _| {})
}

#[test]
fn two_programs_write_one_chain() {
    let (_parent, state, mut one) = log();
    let mut other = AuditLog::open(&state).unwrap();
    std::thread::scope(|scope| {
        for log in [&mut one, &mut other] {
            scope.spawn(|| (0..20).map(|_| log.append(None, moved("x")).unwrap()).count());
        }
    });
    let head = one.append(None, Entry::Closed).unwrap().head;
    assert_eq!(verify(&state, Some(head)).unwrap().lines, 44);
}

#[test]
fn what_a_crash_left_is_put_aside_and_told_of() {
    for left in ["{\"n\":4,\"time\":\"20", "\u{0}\u{0}\u{0}", "{\"n\":4}\n"] {
        let (_parent, state, log) = log();
        drop(log);
        let good = text(&state);
        fs::write(state.file(FILE), format!("{good}{left}")).unwrap();
        assert!(verify(&state, None).is_err());
        let mut log = AuditLog::open(&state).unwrap();
        log.append(None, Entry::Closed).unwrap();
        let report = verify(&state, None).unwrap();
        assert_eq!((report.lines, report.torn), (5, 1), "{left:?}");
        assert_eq!(fs::read_to_string(state.file("audit.torn-4")).unwrap(), left);
        assert!(text(&state).starts_with(&good), "nothing whole is lost");
    }
}

#[test]
fn a_log_cut_at_any_byte_keeps_its_whole_lines() {
    let (_parent, state, log) = log();
    drop(log);
    let good = text(&state);
    for cut in 0..good.len() {
        let (_other, state) = temporary();
        fs::write(state.file(FILE), &good[..cut]).unwrap();
        #[cfg(unix)]
        fs::set_permissions(state.file(FILE), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let mut log = AuditLog::open(&state).unwrap();
        log.append(None, Entry::Closed).unwrap();
        let whole = good[..cut].matches('\n').count() as u64;
        let torn = u64::from(cut > 0 && !good[..cut].ends_with('\n'));
        let report = verify(&state, None).unwrap();
        assert_eq!((report.lines, report.torn), (whole + torn + 1, torn), "cut at {cut}");
    }
}

#[test]
fn a_log_that_shrinks_under_a_program_is_noticed() {
    let (_parent, state, mut log) = log();
    let good = text(&state);
    let two = good.match_indices('\n').nth(1).unwrap().0 + 1;
    fs::write(state.file(FILE), &good[..two]).unwrap();
    assert!(matches!(log.append(None, Entry::Closed), Err(AuditError::Shortened(_))));
    fs::remove_file(state.file(FILE)).unwrap();
    assert!(matches!(log.append(None, Entry::Closed), Err(AuditError::Shortened(_))));
}

#[test]
fn erased_lines_are_gone_and_the_rest_is_good() {
    let (_parent, state, mut log) = log();
    let mut other = AuditLog::open(&state).unwrap();
    assert_eq!(other.erase(Duration::from_secs(3600)).unwrap(), 0);
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(other.erase(Duration::from_millis(1)).unwrap(), 3);
    let head = log.append(None, Entry::Closed).unwrap().head;
    let report = verify(&state, Some(head)).unwrap();
    assert_eq!((report.lines, report.erased), (2, 3), "what was erased, and the end");
    assert!(!text(&state).contains("moved"));
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let (_parent, state, mut log) = log();
    let path = state.file(FILE);
    let good = text(&state);
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    fs::remove_file(&path).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    log.last = Tail::EMPTY;
    assert!(matches!(log.append(None, Entry::Closed), Err(AuditError::State(StateError::Io { .. }))));
    fs::remove_file(&path).unwrap();
    fs::write(&path, good).unwrap();
    log.append(None, Entry::Closed).unwrap();
    assert_eq!(verify(&state, None).unwrap().lines, 4);
}

#[cfg(unix)]
#[test]
fn a_log_that_others_may_touch_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (_parent, state, log) = log();
    drop(log);
    let path = state.file(FILE);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(AuditLog::open(&state), Err(AuditError::Open(_))));
}

#[test]
fn the_end_of_something_else_is_not_written_to() {
    let (_parent, state, log) = log();
    drop(log);
    let good = text(&state);
    fs::write(state.file(FILE), format!("{good}one\ntwo\n")).unwrap();
    assert!(matches!(AuditLog::open(&state), Err(AuditError::Damaged(_))));
    fs::write(state.file(FILE), [good.as_bytes(), &vec![0; 3 * MAX_LINE]].concat()).unwrap();
    assert!(matches!(AuditLog::open(&state), Err(AuditError::Damaged(_))));
}
