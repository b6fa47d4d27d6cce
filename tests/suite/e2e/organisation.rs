//! An organisation that vouches for an officer: from its key to the question, and to the end when a key is revoked.

use super::{
    beside::{Host, Officer, state, wait_until_same},
    errors::fails,
    program::{beside, run},
};
use beside_protocol::{frame::Point, record::Certificate};
use beside_test_displays::wait_until;
use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// How long a session goes on whose key was revoked, as a machine that is busy needs it.
const SOON: Duration = Duration::from_secs(15);

/// The machine of who looks after an organisation's key.
struct Organisation {
    state: TempDir,
    key: String,
}

impl Organisation {
    fn new() -> Self {
        let state = state();
        let key = viewer(state.path(), &["organisation", "new", "--name", "What it calls itself"]);
        Self { state, key }
    }

    /// Certifies a key; the officer keeps it.
    fn certify(&self, key: &str, officer: &Officer, duration: &str) {
        let arguments = ["organisation", "certify", key, "--name", "Anna Berg", "--for", duration];
        let certificate = viewer(self.state.path(), &arguments);
        fs::write(officer.state().join("certificate"), certificate).expect("a file");
    }

    /// Makes the next list of the team, and has the host import it; what that says.
    fn list(&self, host: &Host, change: &[&str]) -> (i32, String) {
        let list = viewer(self.state.path(), &[&["organisation", "list"], change].concat());
        import(host, &list)
    }

    fn allow_on(&self, host: &Host) {
        server(host, &["allow-organisation", &self.key, "--name", "Contoso IT", "--permit", "view,control"]);
    }
}

#[test]
fn the_question_names_the_officer_and_who_vouches() {
    let host = Host::share(&["--consent", "terminal"]);
    let (officer, organisation) = (Officer::new(), Organisation::new());
    officer.trust(&host.key);
    organisation.allow_on(&host);
    organisation.certify(&officer.key, &officer, "1h");
    let _viewer = officer.connect(host.address);
    wait_until("the question", || host.server.errors().contains("Anna Berg · Contoso IT wants to see"));
    let asked = host.server.errors();
    assert!(asked.contains("vouched for by Contoso IT, which you allowed"), "{asked}");
    assert!(!asked.contains("calls itself"), "{asked}");
    assert!(server(&host, &["officers"]).contains("organisation: Contoso IT"));
    let shown = viewer(officer.state(), &["certificate", "show"]);
    assert!(shown.contains("Anna Berg") && shown.contains(&organisation.key), "{shown}");
}

#[test]
fn a_session_by_certificate_ends_when_the_key_is_revoked_and_the_new_one_comes_in() {
    let host = Host::share(&[]);
    let (officer, successor, organisation) = (Officer::new(), Officer::new(), Organisation::new());
    officer.trust(&host.key);
    successor.trust(&host.key);
    organisation.allow_on(&host);
    organisation.certify(&officer.key, &officer, "1h");
    let mut viewer = officer.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &officer);
    assert_eq!(organisation.list(&host, &["new"]).0, 0);
    let (code, said) = organisation.list(&host, &["rotate", &officer.key, &successor.key]);
    assert!(code == 0 && said.contains("list number 2 of Contoso IT holds: 1 keys are revoked"), "{said}");
    assert_eq!(viewer.exit_within(SOON), 7, "{}", viewer.errors());
    wait_until("its words", || viewer.errors().contains("revoked"));
    fails(&mut officer.connect(host.address), 7);
    // The new key comes in, with the old one's certificate.
    fs::copy(officer.state().join("certificate"), successor.state().join("certificate")).expect("a file");
    // Where the pointer is, the button has another colour.
    host.hands().click(Point { x: 2, y: 700 });
    let mut viewer = successor.connect(host.address);
    host.hands().click(host.allow_button());
    wait_until_same(&host, &successor);
    // When nobody vouches any more, that session ends too.
    server(&host, &["forget", &organisation.key]);
    assert_eq!(viewer.exit_within(SOON), 7, "{}", viewer.errors());
}

#[test]
fn an_enrolment_goes_over_to_the_new_key() {
    let host = Host::share(&[]);
    let (officer, successor, organisation) = (Officer::new(), Officer::new(), Organisation::new());
    organisation.allow_on(&host);
    let allow = ["allow", &officer.key, "--name", "Anna", "--permit", "view", "--organisation", &organisation.key];
    server(&host, &allow);
    let list = viewer(organisation.state.path(), &["organisation", "list", "new"]);
    assert_eq!(import(&host, &list).0, 0);
    let (code, said) = organisation.list(&host, &["rotate", &officer.key, &successor.key]);
    assert!(code == 0 && said.contains("1 enrolments"), "{said}");
    let officers = server(&host, &["officers"]);
    assert!(officers.contains(&successor.key) && !officers.contains(&officer.key), "{officers}");
    let (code, said) = import(&host, &list);
    assert!(code == 7 && said.contains("an older list is never taken again"), "{said}");
}

#[test]
fn certificates_that_prove_nothing_are_refused() {
    let host = Host::share(&[]);
    let (officer, organisation, stranger) = (Officer::new(), Organisation::new(), Organisation::new());
    officer.trust(&host.key);
    organisation.allow_on(&host);
    let refused = |code, why: &str| {
        let mut viewer = officer.connect(host.address);
        fails(&mut viewer, code);
        assert!(viewer.errors().contains(why), "{}", viewer.errors());
    };
    stranger.certify(&officer.key, &officer, "1h");
    refused(7, "does not allow the organisation");
    organisation.certify(&Officer::new().key, &officer, "1h");
    refused(6, "for another key");
    organisation.certify(&officer.key, &officer, "1s");
    let until = UNIX_EPOCH + Duration::from_secs(read(&officer.state().join("certificate")).claim.until);
    wait_until("it has expired", || SystemTime::now() >= until);
    refused(7, "has expired");
    organisation.certify(&officer.key, &officer, "1h");
    forge(&officer.state().join("certificate"));
    refused(6, "was altered");
}

#[test]
fn an_organisation_s_key_that_others_may_read_is_refused() {
    let organisation = Organisation::new();
    let key = organisation.state.path().join("organisation.key");
    fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("0644");
    let mut command = beside("beside-viewer");
    let (code, _, errors) = run(command.args(["organisation", "show", "--state-dir"]).arg(organisation.state.path()));
    assert!(code == 1 && errors.contains("chmod 600"), "{errors}");
}

/// Puts another name of the same length into a certificate.
fn forge(path: &Path) {
    let mut certificate = read(path);
    certificate.claim.officer = "Emma Berg".into();
    fs::write(path, certificate.to_string()).expect("a file");
}

fn read(path: &Path) -> Certificate {
    fs::read_to_string(path).expect("a file").parse().expect("a certificate")
}

/// Has the host import a list; its exit code and what it says.
fn import(host: &Host, list: &str) -> (i32, String) {
    let path = host.state().join("a list");
    fs::write(&path, list).expect("a file");
    let mut command = beside("beside-server");
    let (code, out, errors) = run(command.args(["team", "import"]).arg(path).arg("--state-dir").arg(host.state()));
    (code, out + &errors)
}

fn server(host: &Host, arguments: &[&str]) -> String {
    succeed("beside-server", host.state(), arguments)
}

fn viewer(state: &Path, arguments: &[&str]) -> String {
    succeed("beside-viewer", state, arguments)
}

fn succeed(program: &str, state: &Path, arguments: &[&str]) -> String {
    let (code, out, errors) = run(beside(program).args(arguments).arg("--state-dir").arg(state));
    assert_eq!(code, 0, "{program} {arguments:?}: {errors}");
    out
}
