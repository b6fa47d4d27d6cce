//! The user's computer is restarted while a session is on: as far as the server can tell, since the kernel's name for this start
//! is hidden behind another one.

use super::{
    beside::{Host, Officer, state, wait_until_same},
    program::{Program, beside, run},
};
use beside_protocol::frame::Point;
use beside_test_displays::{Area, wait_for, wait_until, wait_within};
use std::{fs, path::Path, process::Command, time::Duration};

/// The name that the kernel has given to this start.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// Another one.
const OTHER: &str = "00000000-0000-4000-8000-000000000000\n";

/// Starts a program for which the second file is in the place of the first.
const INSTEAD: &str = "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"";

/// The mark of what is chosen on a page of the question (server/src/desk/look.rs).
const CHOSEN: Area = Area { colour: 0x0017_7357, least: 30 };
/// Back.
const BACK: Area = Area { colour: 0x004a_5563, least: 5_000 };

/// From the middle of Deny up to that of the last line above it, and from the first choice down to the second, in pixels.
const ROW: i32 = 93;
const CHOICE: i32 = 39;

/// Longer than a silent connection is kept, and a handshake.
const LOSS: Duration = Duration::from_secs(60);

/// The same command on what looks like the next start of the computer.
fn after_restart(command: &Command, boot: &Path) -> Command {
    let mut inside = Command::new("unshare");
    inside
        .args(["--mount", "sh", "-c", INSTEAD])
        .arg(boot)
        .arg(BOOT)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside
}

/// Whether that can be done here.
fn can_restart(boot: &Path) -> bool {
    let (code, out, errors) = run(&mut after_restart(Command::new("cat").arg(BOOT), boot));
    let can = code == 0 && out == OTHER.trim();
    if !can {
        println!("skipped: no right to put a file in the place of another: {errors}");
    }
    can
}

fn below(at: Point, by: i32) -> Point {
    Point { y: at.y.saturating_add_signed(by), ..at }
}

/// The user lets the officer come back once after a restart, and allows control.
fn allow_return(host: &Host) {
    host.hands().click(below(host.deny_button(), -ROW));
    let first = wait_for("the page about restarts", || {
        let at_question = host.screen().find(Area { least: 3_000, ..CHOSEN }).is_some();
        host.screen().find(CHOSEN).filter(|_| !at_question)
    });
    host.hands().click(below(first, CHOICE));
    wait_until("that is chosen", || host.screen().find(CHOSEN).is_some_and(|chosen| chosen.y > first.y + 20));
    host.hands().click(wait_for("the button Back", || host.screen().find(BACK)));
    host.allow_control();
}

fn is_kept(host: &Host) -> bool {
    host.state().join("ways-back.toml").exists()
}

fn signal(name: &str, process: u32) {
    // The shell's own: a small system has no other.
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()));
}

/// The server ends like that, and the computer starts anew: the officer is back, nobody being asked; and once only.
fn comes_back_once(end: impl Fn(&mut Host)) {
    let files = state();
    let boot = files.path().join("boot");
    fs::write(&boot, OTHER).expect("a file");
    if !can_restart(&boot) {
        return;
    }
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    allow_return(&host);
    wait_until_same(&host, &officer);
    wait_until("the way back is kept", || is_kept(&host));
    end(&mut host);
    assert!(is_kept(&host));
    host.share_again(|command| Program::start_as("beside-server".into(), &mut after_restart(command, &boot)));
    host.screen().paint_noise(5);
    let is_same = || officer.screen.picture().difference(&host.screen().picture()) == 0;
    wait_within(LOSS, "the officer is back", || is_same().then_some(()));
    assert!(!is_kept(&host), "it is used up");
    let (_, log, _) = run(beside("beside-server").args(["audit", "show", "--state-dir"]).arg(host.state()));
    assert!(log.contains("the user's choice before a restart allowed"), "{log}");
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
    let _again = officer.connect(host.address);
    host.allow_button();
}

#[test]
fn an_officer_comes_back_once_after_a_restart_in_order() {
    comes_back_once(|host| {
        signal("TERM", host.server.id());
        host.server.exit();
    });
}

#[test]
fn an_officer_comes_back_once_after_the_power_failed() {
    comes_back_once(|host| host.server.kill());
}

#[test]
fn a_restart_of_the_server_alone_lets_nobody_back() {
    let mut host = Host::share(&[]);
    let officer = Officer::known_to(&host);
    let mut viewer = officer.connect(host.address);
    allow_return(&host);
    wait_until_same(&host, &officer);
    wait_until("the way back is kept", || is_kept(&host));
    host.server.kill();
    host.share_again(Program::start);
    // The viewer asks by itself, and the user is there to say no.
    wait_within(LOSS, "the question", || host.screen().find(Area { colour: CHOSEN.colour, least: 3_000 }));
    host.hands().click(host.deny_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
}
