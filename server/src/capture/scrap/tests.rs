//! The backend against X servers of its own. scrap reads `DISPLAY`, so each test runs its second half in a process of
//! its own.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use beside_protocol::frame::{Rect, Size};

use super::Scrap;
use crate::capture::{
    Capture, CaptureError, Grab, Notice, Unavailable,
    x11::xvfb::{Client, Inbox, Picture, Server},
};

const WHOLE: Rect = Rect::new(0, 0, 640, 480);

/// Names the X server to a test that runs in its own process.
const INSIDE: &str = "BESIDE_TEST_INSIDE";

/// Runs `inside` in a process whose `DISPLAY` is an Xvfb with this screen. `test` is the name of the calling test.
fn with_display(test: &str, screen: &str, inside: impl FnOnce(&str)) {
    if let Ok(name) = env::var(INSIDE) {
        return inside(&name);
    }
    let Some(server) = Server::xvfb(screen) else { return };
    assert!(again(test, &server).status().unwrap().success());
}

/// This test again, in a process whose `DISPLAY` is `server`.
fn again(test: &str, server: &Server) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("capture::scrap::tests::{test}"), "--nocapture"]);
    command.env("DISPLAY", &server.name).env(INSIDE, &server.name).stdin(Stdio::null());
    command
}

fn damaged(notice: &Notice) -> bool {
    *notice == Notice::Damaged
}

#[test]
fn pictures_are_what_was_drawn() {
    with_display("pictures_are_what_was_drawn", "640x480x24", |name| {
        let (client, inbox) = (Client::connect(name), Inbox::new());
        client.scribble(WHOLE.size());
        let mut scrap = Scrap::open(None, inbox.notify()).unwrap();
        let mut picture = Picture::of(&scrap);
        inbox.wait(damaged);
        picture.grab(&mut scrap, Grab::All);
        assert_eq!(picture.pixels(), client.image(WHOLE));
        // The very next frame shows what was drawn before it was asked for.
        client.fill(Rect::new(70, 300, 5, 9), 0x00c0_ffee);
        inbox.wait(damaged);
        picture.grab(&mut scrap, Grab::Damaged);
        assert_eq!(picture.pixels(), client.image(WHOLE));
        assert!(scrap.cursor().is_ok() && scrap.pointer().unwrap().is_some());
    });
}

#[test]
fn its_memory_is_private_and_leaves_with_it() {
    with_display("its_memory_is_private_and_leaves_with_it", "640x480x24", |_| {
        let own = || {
            let list = std::fs::read_to_string("/proc/sysvipc/shm").unwrap();
            let maker = std::process::id().to_string();
            let rows = list.lines().map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            rows.filter(|row| row[4] == maker).map(|row| row[2].clone()).collect::<Vec<_>>()
        };
        let scrap = Scrap::open(None, Inbox::new().notify()).unwrap();
        // 0600 and marked for removal with its last user.
        assert_eq!(own(), ["1600"]);
        drop(scrap);
        // The X server lets go of it when it sees the end of the connection.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !own().is_empty() {
            assert!(std::time::Instant::now() < end, "the segment stays");
            std::thread::yield_now();
        }
    });
}

#[test]
fn one_display_is_captured() {
    with_display("one_display_is_captured", "640x480x24", |name| {
        let (client, inbox) = (Client::connect(name), Inbox::new());
        client.split_monitors();
        client.scribble(WHOLE.size());
        let displays = Scrap::open(None, inbox.notify()).unwrap().displays().unwrap();
        let right = displays.iter().find(|display| display.name == "right").unwrap();
        let mut scrap = Scrap::open(Some(right.number), inbox.notify()).unwrap();
        assert_eq!(scrap.area(), right.rect);
        let mut picture = Picture::of(&scrap);
        picture.grab(&mut scrap, Grab::All);
        assert_eq!(picture.pixels(), client.image(right.rect));
    });
}

#[test]
fn missing_displays_are_named() {
    with_display("missing_displays_are_named", "640x480x24", |_| {
        let missing = Scrap::open(Some(3), Inbox::new().notify()).unwrap_err();
        assert_eq!(missing, Unavailable::NoSuchDisplay { number: 3, count: 1 });
    });
}

#[test]
fn depth_16_is_refused() {
    with_display("depth_16_is_refused", "640x480x16", |_| {
        let error = Scrap::open(None, Inbox::new().notify()).unwrap_err();
        assert!(matches!(error, Unavailable::Pixels(_)), "{error}");
    });
}

#[test]
fn a_killed_server_is_lost() {
    /// What the inner process prints when the X server is to be killed.
    const READY: &str = "ready for the end";
    if env::var(INSIDE).is_err() {
        let Some(mut server) = Server::xvfb("640x480x24") else { return };
        let mut inner = again("a_killed_server_is_lost", &server).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(inner.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(READY)), "it did not begin");
        server.kill();
        lines.for_each(drop);
        assert!(inner.wait().unwrap().success());
        return;
    }
    let inbox = Inbox::new();
    let mut scrap = Scrap::open(None, inbox.notify()).unwrap();
    Picture::of(&scrap).grab(&mut scrap, Grab::All);
    println!("{READY}");
    inbox.wait(|notice| matches!(notice, Notice::Lost(_)));
    let error = scrap.grab(Grab::All, &mut |_| panic!("a picture of a dead server")).unwrap_err();
    assert!(matches!(error, CaptureError::Lost(_)), "{error}");
}

#[test]
fn a_resized_screen_is_followed() {
    /// Names the X server that shows the resized one.
    const HOST: &str = "BESIDE_TEST_HOST";
    let (Ok(name), Ok(host)) = (env::var(INSIDE), env::var(HOST)) else {
        let Some(host) = Server::xvfb("1024x768x24") else { return };
        let Some(server) = Server::xephyr(&host) else { return };
        let mut inner = again("a_resized_screen_is_followed", &server);
        assert!(inner.env(HOST, &host.name).status().unwrap().success());
        return;
    };
    let (client, inbox) = (Client::connect(&name), Inbox::new());
    let mut scrap = Scrap::open(None, inbox.notify()).unwrap();
    let size = Size::new(900, 700);
    Client::connect(&host).resize_first_window(size.width, size.height);
    while scrap.area().size() != size {
        inbox.wait(damaged);
        client.probe_monitors();
        // While the size changes a grab may fail; another follows.
        let _ = scrap.grab(Grab::Damaged, &mut |_| {});
    }
    client.scribble(size);
    let mut picture = Picture::of(&scrap);
    picture.grab(&mut scrap, Grab::Damaged);
    assert_eq!(picture.pixels(), client.image(size.rect()));
}
