//! Both programs at the ends of a bad line: packets get lost, the officer's machine moves, the line falls silent.

use super::{
    beside::{Host, Officer, wait_until_same},
    line::{Line, MOVED},
    program::Program,
};
use beside_protocol::frame::Point;
use beside_shell::net::emulator::Profile;
use beside_test_displays::{Held, keycode, wait_until, wait_within};
use std::{fs, time::Duration};

/// 20 Mbit/s, 20 ms one way, 2 % lost, 100 ms of queue.
const LOSSY: Profile = Profile::thin(20_000, 20, 20, 100);
/// The same without losses.
const SOUND: Profile = Profile::thin(20_000, 20, 0, 100);

/// How long the line says nothing: long after the picture counts as frozen, and before the connection is given up (15 s).
const SILENCE: Duration = Duration::from_secs(12);

/// Longer than that, and the way back.
const LOSS: Duration = Duration::from_secs(60);

/// Where the terminal is on the user's desktop, as xterm takes it, and a place in it.
const TERMINAL: &str = "78x22+40+300";
const IN_TERMINAL: Point = Point { x: 280, y: 460 };

/// What the officer types there.
const TEXT: &str = "Over a bad line: 6*7=42 (yes!)\n";

#[test]
fn where_packets_get_lost_text_arrives_and_the_picture_is_exact() {
    let Some(line) = line(LOSSY) else { return };
    let Visit { mut host, officer, mut viewer } = Visit::over(&line);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("typed");
    host.desktop.run("xterm", &["-geometry", TERMINAL, "-e", &format!("cat > '{}'", file.display())]);
    wait_until("the terminal is there", || file.exists());
    wait_until_same(&host, &officer);
    officer.screen.click(IN_TERMINAL);
    officer.screen.type_text(TEXT);
    wait_until("the text arrives", || fs::read_to_string(&file).is_ok_and(|text| text == TEXT));
    host.screen().paint_noise(2);
    wait_until_same(&host, &officer);
    assert!(viewer.is_running());
}

#[test]
fn from_another_address_the_session_goes_on_and_no_key_stays_down() {
    let Some(line) = line(SOUND) else { return };
    let Visit { host, officer, mut viewer } = Visit::over(&line);
    officer.screen.key(keycode::SHIFT, true);
    wait_until("the key is down", || host.screen().held() == keys(&[keycode::SHIFT]));
    line.move_officer();
    // The host does not know yet where to send it.
    host.screen().paint_noise(2);
    wait_until_same(&host, &officer);
    let change = format!("The officer's network has changed connection=1 from={MOVED}");
    wait_until("the host has noticed", || host.server.errors().contains(&change));
    officer.screen.key(keycode::CONTROL, true);
    let both = keys(&[keycode::CONTROL, keycode::SHIFT]);
    wait_until("the officer controls, and what was down is down", || host.screen().held() == both);
    officer.screen.key(keycode::CONTROL, false);
    officer.screen.key(keycode::SHIFT, false);
    wait_until("no key is down", || host.screen().held() == Held::default());
    wait_until_same(&host, &officer);
    is_one_session(&host, &mut viewer);
}

#[test]
fn a_session_outlasts_a_silent_line_and_nobody_takes_the_picture_for_a_live_one() {
    let Some(line) = line(SOUND) else { return };
    let Visit { host, officer, mut viewer } = Visit::over(&line);
    officer.screen.key(keycode::SHIFT, true);
    wait_until("the key is down", || host.screen().held() == keys(&[keycode::SHIFT]));
    wait_until_same(&host, &officer);
    let live = officer.screen.picture();
    line.fall_silent(SILENCE);
    wait_until("the picture is dimmed", || officer.screen.picture().difference(&live) > 0);
    host.screen().paint_noise(2);
    let is_same = || officer.screen.picture().difference(&host.screen().picture()) == 0;
    wait_within(LOSS, "the picture is live again", || is_same().then_some(()));
    // It came up for the viewer when the picture froze.
    wait_until("no key is down", || host.screen().held() == Held::default());
    officer.screen.key(keycode::CONTROL, true);
    wait_until("the officer controls", || host.screen().held() == keys(&[keycode::CONTROL]));
    is_one_session(&host, &mut viewer);
}

#[test]
fn from_a_network_without_udp_the_session_goes_on_over_tcp() {
    let Some(line) = line(SOUND) else { return };
    let Visit { host, officer, mut viewer } = Visit::over(&line);
    line.block_udp();
    line.move_officer();
    host.screen().paint_noise(2);
    let is_same = || officer.screen.picture().difference(&host.screen().picture()) == 0;
    wait_within(LOSS, "the picture is live again", || is_same().then_some(()));
    assert!(host.server.errors().contains("over=TCP"), "{}", host.server.errors());
    officer.screen.key(keycode::CONTROL, true);
    wait_until("the officer controls", || host.screen().held() == keys(&[keycode::CONTROL]));
    is_one_session(&host, &mut viewer);
}

/// An officer who controls a user's machine over a line, and sees it.
struct Visit {
    host: Host,
    officer: Officer,
    viewer: Program,
}

impl Visit {
    fn over(line: &Line) -> Self {
        let host = Host::share_over(line, &["--log", "info"]);
        host.screen().paint_noise(1);
        let officer = Officer::known_to(&host);
        let viewer = officer.connect_over(line, host.address);
        host.allow_control();
        wait_until_same(&host, &officer);
        // Somewhere on the empty desktop.
        officer.screen.point(500, 100);
        Self { host, officer, viewer }
    }
}

/// The same line both ways, or none where there are no rights to make one.
fn line(profile: Profile) -> Option<Line> {
    Line::new(profile, profile, 7).inspect_err(|reason| println!("skipped: {reason}")).ok()
}

fn keys(codes: &[u8]) -> Held {
    Held { keys: codes.to_vec(), buttons: vec![] }
}

/// Fails if the user was asked again, or the session that they allowed is over.
fn is_one_session(host: &Host, viewer: &mut Program) {
    let log = host.server.errors();
    assert!(viewer.is_running() && !log.contains("Session over") && !log.contains("session=2"), "{log}");
}
