//! Where private keys are: in a keyring on a bus of the test's own, or in a file where there is none.

use super::{
    beside::state,
    program::{beside, run},
};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Starts a bus, on it a keyring that is unlocked, and asks twice for the key with the command in the arguments.
const SESSION: &str = r#"echo | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 || exit 99
"$@" && "$@""#;

#[test]
fn a_key_in_the_keyring_stays_there_and_is_never_replaced() {
    if !is_there("gnome-keyring-daemon") || !is_there("dbus-run-session") {
        eprintln!("skipped: no keyring here; scripts/install.sh test installs one");
        return;
    }
    let (home, keys) = (state(), state());
    let mut command = Command::new("dbus-run-session");
    let identity = identity(keys.path());
    command.args(["--", "sh", "-c", SESSION, "sh"]).arg(identity.get_program()).args(identity.get_args());
    command.envs([("HOME", home.path()), ("XDG_RUNTIME_DIR", home.path()), ("XDG_DATA_HOME", home.path())]);
    command.env("BESIDE_KEYS", "auto").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let (code, out, errors) = run(&mut command);
    assert_eq!(code, 0, "{errors}");
    let lines: Vec<_> = out.lines().collect();
    assert!(lines.len() == 2 && lines[0] == lines[1] && lines[0].len() == 52, "{out}");
    assert!(errors.contains("in the keyring"), "{errors}");
    assert!(!keys.path().join("identity.key").exists() && keys.path().join("identity.keyring").exists());
    // Without that keyring there is an error, and no new key.
    let (code, out, errors) = run(alone(&mut identity_of(keys.path(), home.path())));
    assert_eq!((code, out.as_str()), (1, ""), "{errors}");
    assert!(errors.contains("your key is in the keyring, which can't be opened"), "{errors}");
    assert!(!keys.path().join("identity.key").exists());
}

#[test]
fn without_a_keyring_the_key_is_in_a_file() {
    let (home, keys) = (state(), state());
    let (code, out, errors) = run(alone(&mut identity_of(keys.path(), home.path())));
    assert!(code == 0 && out.len() == 52, "{out}{errors}");
    assert!(errors.contains("identity.key") && keys.path().join("identity.key").exists(), "{errors}");
    let (code, again, _) = run(alone(&mut identity_of(keys.path(), home.path())).arg("--json"));
    assert!(code == 0 && again.contains(&out) && again.contains(r#""kept":"file""#), "{again}");
    let other = state();
    let (code, _, errors) = run(alone(&mut identity_of(other.path(), home.path())).args(["--keys", "keyring"]));
    assert!(code == 1 && errors.contains("the keyring can't keep a key"), "{errors}");
}

fn identity(keys: &Path) -> Command {
    let mut command = beside("beside-viewer");
    command.arg("identity").arg("--state-dir").arg(keys).env("BESIDE_KEYS", "auto");
    command
}

fn identity_of(keys: &Path, home: &Path) -> Command {
    let mut command = identity(keys);
    command.env("HOME", home).env("XDG_RUNTIME_DIR", home);
    command
}

/// Without any bus.
fn alone(command: &mut Command) -> &mut Command {
    command.env_remove("DBUS_SESSION_BUS_ADDRESS")
}

fn is_there(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}
