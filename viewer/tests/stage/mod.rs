//! A display of its own for each test, the window on it, and hands to act on it with.
#![expect(clippy::unwrap_used, reason = "a test that loses its display fails")]

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};
use x11rb::{
    connection::Connection,
    protocol::{
        xfixes::{self, ConnectionExt as _, GetCursorImageReply},
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, ImageFormat, InputFocus,
            KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window, WindowClass,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long to rest between two looks.
const REST: Duration = Duration::from_millis(5);

/// The pixel that the made-up session shows there.
pub(crate) fn pattern(x: u32, y: u32) -> u32 {
    (x & 0xff) << 16 | (y & 0xff) << 8 | (x >> 8) << 4 | y >> 8
}

/// A display with the window on it.
pub(crate) struct Stage {
    server: Child,
    window: Child,
    orders: Mutex<ChildStdin>,
    lines: Receiver<String>,
    display: RustConnection,
    root: Window,
    size: (u16, u16),
}

impl Stage {
    /// Starts a display of this size and the window with these arguments.
    pub(crate) fn open(size: (u16, u16), arguments: &[&str]) -> Self {
        let screen = format!("{}x{}x24", size.0, size.1);
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &screen, "-noreset", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need Xvfb to be installed");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let name = format!(":{}", number.trim());
        let (display, _) = x11rb::connect(Some(&name)).unwrap();
        let root = display.setup().roots[0].root;
        display.xfixes_query_version(xfixes::X11_XML_VERSION.0, xfixes::X11_XML_VERSION.1).unwrap().reply().unwrap();
        let mut window = Self::program()
            .env("DISPLAY", &name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = Mutex::new(window.stdin.take().unwrap());
        let (told, lines) = channel();
        let output = BufReader::new(window.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        Self { server, window, orders, lines, display, root, size }
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
        let got = self.lines.recv_timeout(PATIENCE);
        assert_eq!(got.as_deref(), Ok(line));
    }

    /// Waits until the officer does this; other things may come before.
    #[track_caller]
    pub(crate) fn expect_in_the_end(&self, line: &str) {
        while self.lines.recv_timeout(PATIENCE).expect(line) != line {}
    }

    /// Waits until the screen shows it; `shown` tells the pixel at a place.
    #[track_caller]
    pub(crate) fn wait_for_pixels(&self, what: &str, is_right: impl Fn(&dyn Fn(u32, u32) -> u32) -> bool) {
        let (width, height) = self.size;
        self.wait(what, || {
            let image = self.display.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, !0);
            let data = image.unwrap().reply().unwrap().data;
            is_right(&|x, y| {
                let start = (y as usize * usize::from(width) + x as usize) * 4;
                u32::from_le_bytes(data[start..start + 4].try_into().unwrap()) & 0x00ff_ffff
            })
        });
    }

    /// Waits until the window has the keyboard.
    #[track_caller]
    pub(crate) fn wait_for_focus(&self) {
        self.wait("the keyboard", || {
            let focus = self.display.get_input_focus().unwrap().reply().unwrap().focus;
            focus > u32::from(InputFocus::POINTER_ROOT) && focus != self.root
        });
    }

    /// Waits until the cursor looks so.
    #[track_caller]
    pub(crate) fn wait_for_cursor(&self, what: &str, is_right: impl Fn(&GetCursorImageReply) -> bool) {
        self.wait(what, || is_right(&self.display.xfixes_get_cursor_image().unwrap().reply().unwrap()));
    }

    /// Moves the pointer.
    pub(crate) fn point(&self, x: i16, y: i16) {
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y);
    }

    /// Holds a key, or lets it go.
    pub(crate) fn key(&self, code: u8, down: bool) {
        self.fake(if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, code, 0, 0);
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&self, code: u8) {
        self.key(code, true);
        self.key(code, false);
    }

    /// Holds a button, or lets it go.
    pub(crate) fn button(&self, number: u8, down: bool) {
        self.fake(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, number, 0, 0);
    }

    /// Gives the keyboard to a window of its own.
    pub(crate) fn steal_focus(&self) {
        let id = self.display.generate_id().unwrap();
        self.display
            .create_window(0, id, self.root, 0, 0, 10, 10, 0, WindowClass::INPUT_ONLY, 0, &CreateWindowAux::new())
            .unwrap();
        self.display.map_window(id).unwrap();
        self.display.set_input_focus(InputFocus::PARENT, id, x11rb::CURRENT_TIME).unwrap().check().unwrap();
    }

    fn fake(&self, event: u8, detail: u8, x: i16, y: i16) {
        self.display.xtest_fake_input(event, detail, x11rb::CURRENT_TIME, self.root, x, y, 0).unwrap().check().unwrap();
    }

    #[track_caller]
    fn wait(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(REST);
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in [&mut self.window, &mut self.server] {
            // Either may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
