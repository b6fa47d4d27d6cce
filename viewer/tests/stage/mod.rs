//! A display of its own for each test, and the window on it.
#![expect(clippy::unwrap_used, reason = "a test that loses its display fails")]

use beside_protocol::frame::Size;
use beside_test_displays::{DEADLINE, Screen, wait_until};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
};

/// The pixel that the made-up session shows there.
pub(crate) fn pattern(x: u32, y: u32) -> u32 {
    (x & 0xff) << 16 | (y & 0xff) << 8 | (x >> 8) << 4 | y >> 8
}

/// A display with the window on it.
pub(crate) struct Stage {
    /// The display.
    pub(crate) screen: Screen,
    window: Child,
    orders: Mutex<ChildStdin>,
    lines: Receiver<String>,
}

impl Stage {
    /// Starts a display of this size and the window with these arguments.
    pub(crate) fn open(size: Size, arguments: &[&str]) -> Self {
        let screen = Screen::xvfb(size);
        let mut window = Self::program()
            .env("DISPLAY", screen.name())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = Mutex::new(window.stdin.take().unwrap());
        let (told, lines) = channel();
        let output = BufReader::new(window.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        Self { screen, window, orders, lines }
    }

    /// The program that shows the window; without a display of its own.
    pub(crate) fn program() -> Command {
        // Examples lie beside the directory of the tests.
        let directory = std::env::current_exe().unwrap().parent().unwrap().with_file_name("examples");
        let mut command = Command::new(directory.join("fake_session"));
        command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command
    }

    /// Tells the session what happens.
    pub(crate) fn tell(&self, order: &str) {
        writeln!(self.orders.lock().unwrap(), "{order}").unwrap();
    }

    /// Waits for the next thing the officer did, which must be this.
    #[track_caller]
    pub(crate) fn expect(&self, line: &str) {
        let got = self.lines.recv_timeout(DEADLINE);
        assert_eq!(got.as_deref(), Ok(line));
    }

    /// Waits until the officer does this; other things may come before.
    #[track_caller]
    pub(crate) fn expect_in_the_end(&self, line: &str) {
        while self.lines.recv_timeout(DEADLINE).expect(line) != line {}
    }

    /// Waits until the screen shows it; `shown` tells the pixel at a place.
    #[track_caller]
    pub(crate) fn wait_for_pixels(&self, what: &str, is_right: impl Fn(&dyn Fn(u32, u32) -> u32) -> bool) {
        wait_until(what, || {
            let picture = self.screen.picture();
            is_right(&|x, y| picture.at(x, y))
        });
    }

    /// Waits until the window has the keyboard.
    #[track_caller]
    pub(crate) fn wait_for_focus(&self) {
        wait_until("the keyboard", || self.screen.has_focus());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.window.kill();
        let _ = self.window.wait();
    }
}
