//! The backend against X servers of its own. scrap reads `DISPLAY`, so each test runs its second half in a process of
//! its own.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use beside_protocol::frame::{Rect, Size};
use beside_test_displays::{Screen, wait_until};

use super::Scrap;
use crate::capture::{
    Capture, CaptureError, Grab, Hiding, Notice, Unavailable,
    x11::kit::{Inbox, Picture, scribble},
};

const WHOLE: Rect = Rect::new(0, 0, 640, 480);

/// Names the X server to a test that runs in its own process.
const INSIDE: &str = "BESIDE_TEST_INSIDE";

/// Runs `inside` in a process whose `DISPLAY` is an Xvfb of this depth. `test` is the name of the calling test.
fn with_display(test: &str, depth: u8, inside: impl FnOnce(&Screen)) {
    if let Ok(name) = env::var(INSIDE) {
        return inside(&Screen::connect(&name));
    }
    let screen = Screen::xvfb_of_depth(WHOLE.size(), depth);
    assert!(again(test, &screen).status().unwrap().success());
}

/// This test again, in a process on that screen.
fn again(test: &str, screen: &Screen) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("capture::scrap::tests::{test}"), "--nocapture"]);
    command.env("DISPLAY", screen.name()).env(INSIDE, screen.name()).stdin(Stdio::null());
    command
}

fn damaged(notice: &Notice) -> bool {
    *notice == Notice::Damaged
}

#[test]
fn pictures_are_what_was_drawn() {
    with_display("pictures_are_what_was_drawn", 24, |screen| {
        let inbox = Inbox::new();
        scribble(screen, WHOLE.size());
        let mut scrap = Scrap::open(None, Hiding::default(), inbox.notify()).unwrap();
        let mut picture = Picture::of(&scrap);
        inbox.wait(damaged);
        picture.grab(&mut scrap, Grab::All);
        assert_eq!(picture.pixels(), screen.pixels(WHOLE));
        // The very next frame shows what was drawn before it was asked for.
        screen.fill(Rect::new(70, 300, 5, 9), 0x00c0_ffee);
        inbox.wait(damaged);
        picture.grab(&mut scrap, Grab::Damaged);
        assert_eq!(picture.pixels(), screen.pixels(WHOLE));
        assert!(scrap.cursor().is_ok() && scrap.pointer().unwrap().is_some());
    });
}

#[test]
fn its_memory_is_private_and_leaves_with_it() {
    with_display("its_memory_is_private_and_leaves_with_it", 24, |_| {
        let own = || {
            let list = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
            let maker = std::process::id().to_string();
            let rows = list.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            rows.filter(|row| row[4] == maker).map(|row| row[2].clone()).collect::<Vec<_>>()
        };
        let scrap = Scrap::open(None, Hiding::default(), Inbox::new().notify()).unwrap();
        // 0600 and marked for removal with its last user.
        assert_eq!(own(), ["1600"]);
        drop(scrap);
        // The X server lets go of it when it sees the end of the connection.
        wait_until("the segment is gone", || own().is_empty());
    });
}

#[test]
fn one_display_is_captured() {
    with_display("one_display_is_captured", 24, |screen| {
        let inbox = Inbox::new();
        screen.split_monitors();
        scribble(screen, WHOLE.size());
        let displays = Scrap::open(None, Hiding::default(), inbox.notify()).unwrap().displays().unwrap();
        let right = displays.iter().find(|display| display.name == "right").unwrap();
        let mut scrap = Scrap::open(Some(right.number), Hiding::default(), inbox.notify()).unwrap();
        assert_eq!(scrap.area(), right.rect);
        let mut picture = Picture::of(&scrap);
        picture.grab(&mut scrap, Grab::All);
        assert_eq!(picture.pixels(), screen.pixels(right.rect));
    });
}

#[test]
fn missing_displays_are_named() {
    with_display("missing_displays_are_named", 24, |_| {
        let missing = Scrap::open(Some(3), Hiding::default(), Inbox::new().notify()).unwrap_err();
        assert_eq!(missing, Unavailable::NoSuchDisplay { number: 3, count: 1 });
    });
}

#[test]
fn depth_16_is_refused() {
    with_display("depth_16_is_refused", 16, |_| {
        let error = Scrap::open(None, Hiding::default(), Inbox::new().notify()).unwrap_err();
        assert!(matches!(error, Unavailable::Pixels(_)), "{error}");
    });
}

#[test]
fn a_killed_server_is_lost() {
    /// What the inner process prints when the X server is to be killed.
    const READY: &str = "ready for the end";
    if env::var(INSIDE).is_err() {
        let mut screen = Screen::xvfb(WHOLE.size());
        let mut inner = again("a_killed_server_is_lost", &screen).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(inner.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(READY)), "it did not begin");
        screen.kill_server();
        lines.for_each(drop);
        assert!(inner.wait().unwrap().success());
        return;
    }
    let inbox = Inbox::new();
    let mut scrap = Scrap::open(None, Hiding::default(), inbox.notify()).unwrap();
    Picture::of(&scrap).grab(&mut scrap, Grab::All);
    println!("{READY}");
    inbox.wait(|notice| matches!(notice, Notice::Lost(_)));
    let error = scrap.grab(Grab::All, &mut |_, _| panic!("a picture of a dead server")).unwrap_err();
    assert!(matches!(error, CaptureError::Lost(_)), "{error}");
}

#[test]
fn a_resized_screen_is_followed() {
    /// Names the X server that shows the resized one.
    const OUTER: &str = "BESIDE_TEST_OUTER";
    let (Ok(name), Ok(outer)) = (env::var(INSIDE), env::var(OUTER)) else {
        let outer = Screen::xvfb(Size::new(1024, 768));
        let screen = Screen::xephyr(&outer, WHOLE.size());
        let mut inner = again("a_resized_screen_is_followed", &screen);
        assert!(inner.env(OUTER, outer.name()).status().unwrap().success());
        return;
    };
    let (screen, inbox) = (Screen::connect(&name), Inbox::new());
    let mut scrap = Scrap::open(None, Hiding::default(), inbox.notify()).unwrap();
    let size = Size::new(900, 700);
    Screen::connect(&outer).resize_first_window(size);
    while scrap.area().size() != size {
        inbox.wait(damaged);
        screen.probe_monitors();
        // While the size changes a grab may fail; another follows.
        let _ = scrap.grab(Grab::Damaged, &mut |_, _| {});
    }
    scribble(&screen, size);
    let mut picture = Picture::of(&scrap);
    picture.grab(&mut scrap, Grab::Damaged);
    assert_eq!(picture.pixels(), screen.pixels(size.rect()));
}
