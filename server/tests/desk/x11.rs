//! Displays to test on, and the hands and eyes of a tester: XTEST, events, pixels.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt as _, CreateWindowAux,
            EventMask, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, KeyButMask, MOTION_NOTIFY_EVENT, Window,
            WindowClass,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Looks until `look` sees something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        if let Some(seen) = look() {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("not within {DEADLINE:?}: {what}");
}

/// An X server of its own, which ends with it.
pub(crate) struct Screen {
    server: Child,
    name: String,
    connection: RustConnection,
    root: Window,
}

impl Screen {
    /// One in memory: all its input is XTEST's.
    pub(crate) fn new() -> Self {
        Self::start(Command::new("Xvfb").args(["-screen", "0", "1100x800x24"]))
    }

    /// One in a window of `outer`: what happens out there is real input in here.
    pub(crate) fn inside(outer: &Self) -> Self {
        Self::start(Command::new("Xephyr").args(["-screen", "1100x800", "-no-host-grab"]).env("DISPLAY", &outer.name))
    }

    fn start(command: &mut Command) -> Self {
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]);
        let mut server =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("is the X server installed?");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let name = format!(":{}", number.trim());
        let (connection, screen) = x11rb::connect(Some(&name)).unwrap();
        let root = connection.setup().roots[screen].root;
        Self { server, name, connection, root }
    }

    /// What `DISPLAY` is to be for programs on it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Moves the pointer and clicks, with XTEST.
    pub(crate) fn click(&self, at: (i16, i16)) {
        self.point(at);
        self.press();
    }

    /// Clicks with XTEST where the pointer is.
    pub(crate) fn press(&self) {
        self.fake(BUTTON_PRESS_EVENT, 1, (0, 0));
        self.fake(BUTTON_RELEASE_EVENT, 1, (0, 0));
        self.finish();
    }

    /// Moves the pointer with XTEST.
    pub(crate) fn point(&self, at: (i16, i16)) {
        self.fake(MOTION_NOTIFY_EVENT, 0, at);
        self.finish();
    }

    /// Presses and releases a key with XTEST.
    pub(crate) fn strike(&self, keycode: u8) {
        self.fake(KEY_PRESS_EVENT, keycode, (0, 0));
        self.fake(KEY_RELEASE_EVENT, keycode, (0, 0));
        self.finish();
    }

    fn fake(&self, event: u8, detail: u8, (x, y): (i16, i16)) {
        self.connection.xtest_fake_input(event, detail, 0, self.root, x, y, 0).unwrap();
    }

    fn finish(&self) {
        self.connection.get_input_focus().unwrap().reply().unwrap();
    }

    /// Whether a key is down.
    pub(crate) fn is_down(&self, keycode: u8) -> bool {
        let keys = self.connection.query_keymap().unwrap().reply().unwrap().keys;
        keys[usize::from(keycode / 8)] & (1 << (keycode % 8)) != 0
    }

    /// Whether the main button is down, and where the pointer is.
    pub(crate) fn pointer(&self) -> (bool, (i16, i16)) {
        let pointer = self.connection.query_pointer(self.root).unwrap().reply().unwrap();
        (pointer.mask.contains(KeyButMask::BUTTON1), (pointer.root_x, pointer.root_y))
    }

    /// The median of all pixels of a colour (0x00RRGGBB) if there are at least `count`, as in a button of that colour.
    pub(crate) fn find(&self, colour: u32, count: usize) -> Option<(i16, i16)> {
        let size = self.connection.get_geometry(self.root).unwrap().reply().unwrap();
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, size.width, size.height, !0);
        let data = image.unwrap().reply().unwrap().data;
        let pixels = data.chunks_exact(4).map(|p| u32::from_le_bytes([p[0], p[1], p[2], 0]));
        let width = usize::from(size.width);
        let places: Vec<_> =
            pixels.enumerate().filter(|&(_, p)| p == colour).map(|(i, _)| (i % width, i / width)).collect();
        let median = |side: fn(&(usize, usize)) -> usize| {
            let mut along: Vec<_> = places.iter().map(side).collect();
            let middle = along.len() / 2;
            i16::try_from(*along.select_nth_unstable(middle).1).ok()
        };
        if places.len() < count {
            return None;
        }
        Some((median(|p| p.0)?, median(|p| p.1)?))
    }

    /// The same as soon as it is there.
    pub(crate) fn wait_for(&self, colour: u32, count: usize) -> (i16, i16) {
        eventually(&format!("colour {colour:06x} on {}", self.name), || self.find(colour, count))
    }

    /// The window under a place, as a child of the root.
    pub(crate) fn window_at(&self, (x, y): (i16, i16)) -> Window {
        self.connection.translate_coordinates(self.root, self.root, x, y).unwrap().reply().unwrap().child
    }

    /// Takes a window off the screen.
    pub(crate) fn unmap(&self, window: Window) {
        self.connection.unmap_window(window).unwrap().check().unwrap();
    }

    /// Asks a window to close, as a window manager does.
    pub(crate) fn ask_to_close(&self, window: Window) {
        let atom = |name: &[u8]| self.connection.intern_atom(false, name).unwrap().reply().unwrap().atom;
        let data = [atom(b"WM_DELETE_WINDOW"), 0, 0, 0, 0];
        let event = ClientMessageEvent::new(32, window, atom(b"WM_PROTOCOLS"), data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap().check().unwrap();
    }

    /// Covers the whole screen with a window that no window manager touches and that takes all input.
    pub(crate) fn cover(&self) -> Window {
        let window = self.connection.generate_id().unwrap();
        let events =
            EventMask::KEY_PRESS | EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION;
        let attributes = CreateWindowAux::new().background_pixel(0x0020_4060).override_redirect(1).event_mask(events);
        let size = self.connection.get_geometry(self.root).unwrap().reply().unwrap();
        let (width, height) = (size.width, size.height);
        let create = self.connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            window,
            self.root,
            0,
            0,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &attributes,
        );
        create.unwrap().check().unwrap();
        self.connection.map_window(window).unwrap().check().unwrap();
        window
    }

    /// The next thing that happens to a cover.
    pub(crate) fn next_input(&self) -> Input {
        eventually("input", || match self.connection.poll_for_event().unwrap()? {
            Event::KeyPress(event) => Some(Input::Key(event.detail, self.keysym(event.detail))),
            Event::ButtonPress(event) => Some(Input::Press(event.detail)),
            Event::ButtonRelease(event) => Some(Input::Release(event.detail)),
            Event::MotionNotify(event) => Some(Input::Move(event.root_x, event.root_y)),
            _ => None,
        })
    }

    fn keysym(&self, keycode: u8) -> u32 {
        self.connection.get_keyboard_mapping(keycode, 1).unwrap().reply().unwrap().keysyms[0]
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // By a signal that lets it take its lock file along. It may have ended with the display that it is in.
        let _gone = Command::new("kill").arg(self.server.id().to_string()).stderr(Stdio::null()).status();
        let _status = self.server.wait();
    }
}

/// What arrives at a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key went down: its code, and the first character that it has.
    Key(u8, u32),
    /// A button went down.
    Press(u8),
    /// A button came up.
    Release(u8),
    /// The pointer moved.
    Move(i16, i16),
}
