//! What a session leaves on the user's machine: what both have signed of it, and nothing by which anybody comes back.

use super::beside::{Host, Officer, wait_until_same};
use beside_test_displays::wait_until;
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// All that is in a folder and below it.
fn inside(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
            found.insert(entry.path());
        }
    }
    Ok(found)
}

/// The processes that a process has started and that still run.
fn children(process: u32) -> BTreeSet<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

#[test]
fn nothing_stays_of_a_session_but_its_record() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut host = Host::share_from_home(home.path());
    let officer = Officer::known_to(&host);
    let (at_home, of_beside) = (inside(home.path()).unwrap(), inside(host.state()).unwrap());
    let desk = children(host.server.id());
    let mut viewer = officer.connect(host.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    wait_until("the injector runs", || desk.iter().any(|&desk| !children(desk).is_empty()));
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
    wait_until("the injector is gone", || desk.iter().all(|&desk| children(desk).is_empty()));
    assert_eq!(children(host.server.id()), desk, "processes");

    let receipts = host.state().join("receipts");
    let new: Vec<_> = inside(host.state()).unwrap().difference(&of_beside).cloned().collect();
    assert!(new.iter().all(|path| path.starts_with(&receipts)), "{new:?}");
    assert_eq!(inside(home.path()).unwrap(), at_home);

    // Nor is anybody let in by it: the same officer is asked about anew.
    let mut again = officer.connect(host.address);
    host.hands().click(host.deny_button());
    assert_eq!(again.exit(), 3, "{}", again.errors());
    host.server.kill();
    wait_until("no process", || desk.iter().all(|desk| !Path::new(&format!("/proc/{desk}")).exists()));
    assert_eq!(inside(home.path()).unwrap(), at_home);
}
