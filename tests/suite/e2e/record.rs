//! What both programs record: logs and receipts that can be checked on either side, and survive kills and full disks.

use super::{
    beside::{Host, Officer, state, wait_until_same},
    program::{beside, run},
};
use beside_protocol::record::Digest;
use beside_shell::{audit, state::StateDir};
use beside_test_displays::{wait_for, wait_until};
use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How long a session goes on without a log (session/host/record.rs), and some more.
const MERCY: Duration = Duration::from_secs(60);

#[test]
fn what_one_side_keeps_the_other_can_check() {
    let host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
    // Each checks the other's receipt.
    wait_until("the host's receipt is complete", || {
        receipt(host.state()).is_some_and(|path| good("beside-viewer", &path))
    });
    let theirs = receipt(officer.state()).expect("the officer has a receipt");
    assert!(good("beside-server", &theirs));
    let ours = receipt(host.state()).expect("the host has a receipt");
    assert_eq!(fs::read(&ours).expect("a file"), fs::read(&theirs).expect("a file"));
    let mut bytes = fs::read(&ours).expect("a file");
    let at = bytes.windows(8).position(|window| window == b"ticket 7").expect("the reason");
    bytes[at + 7] = b'8';
    let altered = state();
    let path = altered.path().join("altered");
    fs::write(&path, bytes).expect("a file");
    let (code, _, errors) = run(beside("beside-server").arg("verify").arg(&path));
    assert!(code == 1 && errors.contains("was altered"), "{errors}");
    // Each log is witnessed by the other's.
    for (program, own, other) in
        [("beside-server", host.state(), officer.state()), ("beside-viewer", officer.state(), host.state())]
    {
        let head = witness(other);
        let (code, out, errors) = verify_log(program, own, &["--head", &head]);
        assert!(code == 0 && out.contains("the other side's head is in it"), "{program}: {out}{errors}");
        shorten(own, &head);
        assert_eq!(verify_log(program, own, &[]).0, 0, "what is left is a log");
        let (code, _, errors) = verify_log(program, own, &["--head", &head]);
        assert!(code == 1 && errors.contains("shortened"), "{program}: {errors}");
    }
    no_secrets(host.state());
    no_secrets(officer.state());
}

#[test]
fn a_full_disk_ends_sessions_and_begins_none() {
    let host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    let second = Officer::known_to(&host);
    fs::remove_file(host.state().join("audit.jsonl")).expect("there is a log");
    symlink("/dev/full", host.state().join("audit.jsonl")).expect("a link");
    let mut late = second.connect(host.address);
    assert_eq!(late.exit(), 1, "{}", late.errors());
    assert!(late.errors().contains("audit log"), "{}", late.errors());
    assert_eq!(viewer.exit_within(MERCY), 1, "{}", viewer.errors());
    assert!(viewer.errors().contains("audit log"), "{}", viewer.errors());
}

#[test]
fn sharing_does_not_begin_without_a_log() {
    let state = state();
    fs::write(state.path().join("audit.jsonl"), "nothing\nof ours\n").expect("a file");
    fs::set_permissions(state.path().join("audit.jsonl"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("0600");
    let mut command = beside("beside-server");
    let (code, _, errors) = run(command.args(["share", "--listen", "127.0.0.1:0", "--state-dir"]).arg(state.path()));
    assert!(code == 1 && errors.contains("audit verify"), "{errors}");
}

#[test]
fn no_acknowledged_line_is_missing_after_twenty_kills() {
    let state = state();
    let mut acknowledged = BTreeSet::new();
    for round in 0..20 {
        let mut programs = [appender(state.path()), appender(state.path())];
        for (index, program) in programs.iter_mut().enumerate() {
            let lines = BufReader::new(program.stdout.take().expect("stdout is piped")).lines();
            for (count, line) in lines.map_while(Result::ok).enumerate() {
                acknowledged.insert(line.parse::<Digest>().expect("a head"));
                if count == round * (index + 1) {
                    program.kill().expect("it runs");
                }
            }
            program.wait().expect("it was killed");
        }
    }
    let mut written = BTreeSet::new();
    let state = StateDir::open(Some(state.path())).expect("the folder");
    let read = audit::check(&state, None, |_, bytes| {
        written.insert(Digest::of(bytes));
    });
    read.expect("a good log");
    assert!(acknowledged.len() > 100 && acknowledged.is_subset(&written));
}

/// Writes to the log in that folder until it is killed.
fn appender(folder: &Path) -> Child {
    let test = env::current_exe().expect("the test knows where it is");
    let target = test.parent().and_then(Path::parent).expect("tests are in target/…/deps");
    let program = target.join("examples/appender");
    assert!(program.exists(), "build the examples first: cargo build --examples");
    Command::new(program).arg(folder).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// The only receipt of a machine.
fn receipt(state: &Path) -> Option<PathBuf> {
    Some(fs::read_dir(state.join("receipts")).ok()?.next()?.expect("an entry").path())
}

/// Whether a program finds that both have signed all of it.
fn good(program: &str, receipt: &Path) -> bool {
    let (code, out, _) = run(beside(program).arg("verify").arg(receipt));
    code == 0 && out.contains("all is signed by both") && out.contains("ticket 7")
}

fn verify_log(program: &str, state: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(beside(program).args(["audit", "verify"]).args(arguments).arg("--state-dir").arg(state))
}

/// The newest head of the other side's log that a machine has recorded.
fn witness(state: &Path) -> String {
    let log = wait_for("a witness", || {
        fs::read_to_string(state.join("audit.jsonl")).ok().filter(|log| log.contains("\"witness\""))
    });
    let line = log.lines().rfind(|line| line.contains("\"witness\"")).expect("there is one");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    line["what"]["head"].as_str().expect("a head").to_owned()
}

/// Cuts off a log before the line that has this head.
fn shorten(state: &Path, head: &str) {
    let path = state.join("audit.jsonl");
    let log = fs::read_to_string(&path).expect("a log");
    let kept: Vec<_> = log.lines().take_while(|line| Digest::of(line.as_bytes()).to_string() != head).collect();
    assert!(kept.len() < log.lines().count() && !kept.is_empty());
    fs::write(&path, kept.join("\n") + "\n").expect("a file");
}

/// Nothing of the machine's private key is in what it records.
fn no_secrets(state: &Path) {
    let key = fs::read_to_string(state.join("identity.key")).expect("a key");
    let receipt = fs::read(receipt(state).expect("a receipt")).expect("a file");
    let log = fs::read(state.join("audit.jsonl")).expect("a log");
    for secret in key.lines().filter(|line| !line.starts_with("--")) {
        for record in [&receipt, &log] {
            assert!(!record.windows(16).any(|window| secret.as_bytes().windows(16).any(|part| part == window)));
        }
    }
}
