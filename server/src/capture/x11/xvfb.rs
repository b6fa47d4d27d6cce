//! For tests: X servers of their own, clients that draw on them, and what a capture makes of it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use beside_protocol::frame::{Framebuffer, Patch, Rect, Size};
use x11rb::{
    connection::Connection,
    protocol::{
        randr::{ConnectionExt as _, MonitorInfo},
        xproto::{
            ChangeGCAux, ConfigureWindowAux, ConnectionExt as _, CreateGCAux, Gcontext, ImageFormat, Rectangle, Window,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::Environment;
use crate::capture::{Capture, Grab, Grabbed, Notice, Notify};

/// How long all notices of a test may take before it fails.
const DEADLINE: Duration = Duration::from_secs(20);

/// A running X server; dropping it ends it.
#[derive(Debug)]
pub(in crate::capture) struct Server {
    process: Child,
    /// Its `DISPLAY`.
    pub(in crate::capture) name: String,
}

impl Server {
    /// Xvfb with a screen such as `640x480x24`; `None` (and a note) where Xvfb is not installed.
    pub(in crate::capture) fn xvfb(screen: &str) -> Option<Self> {
        Self::start(Command::new("Xvfb").args(["-screen", "0", screen]))
    }

    /// Xephyr in a window of `host` whose size sets the screen's; `None` (and a note) where it is not installed.
    pub(in crate::capture) fn xephyr(host: &Self) -> Option<Self> {
        Self::start(Command::new("Xephyr").args(["-screen", "640x480", "-resizeable"]).env("DISPLAY", &host.name))
    }

    fn start(command: &mut Command) -> Option<Self> {
        let program = command.get_program().to_owned();
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]);
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut process) = started else {
            eprintln!("skipped: {} is not installed", program.display());
            return None;
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Some(Self { process, name: format!(":{}", number.trim().parse::<u32>().unwrap()) })
    }

    pub(in crate::capture) fn environment(&self) -> Environment {
        Environment { display: Some(self.name.clone()), ..Environment::default() }
    }

    pub(in crate::capture) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A program that draws on the root window.
#[derive(Debug)]
pub(in crate::capture) struct Client {
    pub(in crate::capture) conn: RustConnection,
    pub(in crate::capture) root: Window,
    gc: Gcontext,
}

impl Client {
    pub(in crate::capture) fn connect(name: &str) -> Self {
        let (conn, screen) = RustConnection::connect(Some(name)).unwrap();
        let root = conn.setup().roots[screen].root;
        let gc = conn.generate_id().unwrap();
        conn.create_gc(gc, root, &CreateGCAux::new()).unwrap();
        Self { conn, root, gc }
    }

    /// Fills a rectangle with a pixel value; it is on the screen when this returns.
    pub(in crate::capture) fn fill(&self, rect: Rect, pixel: u32) {
        self.conn.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel)).unwrap();
        let (x, y) = (i16::try_from(rect.x).unwrap(), i16::try_from(rect.y).unwrap());
        let (width, height) = (u16::try_from(rect.width).unwrap(), u16::try_from(rect.height).unwrap());
        let rectangle = Rectangle { x, y, width, height };
        self.conn.poly_fill_rectangle(self.root, self.gc, &[rectangle]).unwrap();
        self.conn.sync().unwrap();
    }

    /// Some shapes all over the screen.
    pub(in crate::capture) fn scribble(&self, size: Size) {
        for step in 0..40 {
            let (x, y) = (step * size.width / 50, step * size.height / 47);
            self.fill(Rect::new(x, y, 61, 23), 0x0031_7193_u32.wrapping_mul(step + 1) & 0x00ff_ffff);
        }
    }

    /// A piece of the screen as GetImage gives it, in `0x00RRGGBB` (24 bits of colour only).
    pub(in crate::capture) fn image(&self, rect: Rect) -> Vec<u32> {
        let (x, y) = (i16::try_from(rect.x).unwrap(), i16::try_from(rect.y).unwrap());
        let (width, height) = (u16::try_from(rect.width).unwrap(), u16::try_from(rect.height).unwrap());
        let asked = self.conn.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX).unwrap();
        let bytes = asked.reply().unwrap().data;
        bytes.as_chunks().0.iter().map(|bgrx| u32::from_le_bytes(*bgrx) & 0x00ff_ffff).collect()
    }

    /// Makes two monitors of a screen of 640 × 480: the left and the right half, so named.
    pub(in crate::capture) fn split_monitors(&self) {
        for (name, x) in [("left", 0), ("right", 320)] {
            let name = self.conn.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
            let monitor = MonitorInfo { name, x, width: 320, height: 480, ..MonitorInfo::default() };
            self.conn.randr_set_monitor(self.root, monitor).unwrap().check().unwrap();
        }
    }

    /// Has the X server look at its monitors, which Xephyr does only when asked.
    #[cfg(feature = "scrap")]
    pub(in crate::capture) fn probe_monitors(&self) {
        self.conn.randr_get_screen_resources(self.root).unwrap().reply().unwrap();
    }

    /// Gives the first window on the screen another size.
    pub(in crate::capture) fn resize_first_window(&self, width: u32, height: u32) {
        let windows = self.conn.query_tree(self.root).unwrap().reply().unwrap().children;
        let to = ConfigureWindowAux::new().width(width).height(height);
        self.conn.configure_window(windows[0], &to).unwrap();
        self.conn.sync().unwrap();
    }
}

/// Where a capture's notices arrive.
#[derive(Debug)]
pub(in crate::capture) struct Inbox {
    sender: mpsc::Sender<Notice>,
    receiver: mpsc::Receiver<Notice>,
    end: Instant,
}

impl Inbox {
    pub(in crate::capture) fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver, end: Instant::now() + DEADLINE }
    }

    pub(in crate::capture) fn notify(&self) -> Notify {
        let sender = self.sender.clone();
        Arc::new(move |notice| drop(sender.send(notice)))
    }

    /// Waits for a notice of the wanted kind and leaves out all others.
    pub(in crate::capture) fn wait(&self, wanted: impl Fn(&Notice) -> bool) -> Notice {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            let notice = self.receiver.recv_timeout(left).expect("the notice did not come");
            if wanted(&notice) {
                return notice;
            }
        }
    }

    /// What has arrived up to now.
    pub(in crate::capture) fn arrived(&self) -> Vec<Notice> {
        self.receiver.try_iter().collect()
    }
}

/// What a viewer would have: the picture that all patches make.
#[derive(Debug)]
pub(in crate::capture) struct Picture {
    buffer: Framebuffer,
    /// The patches of the last grab.
    pub(in crate::capture) patched: Vec<Rect>,
}

impl Picture {
    pub(in crate::capture) fn of(capture: &dyn Capture) -> Self {
        Self { buffer: Framebuffer::new(capture.area().size()), patched: Vec::new() }
    }

    pub(in crate::capture) fn pixels(&self) -> &[u32] {
        self.buffer.pixels()
    }

    pub(in crate::capture) fn grab(&mut self, capture: &mut dyn Capture, what: Grab) {
        self.patched.clear();
        assert_eq!(capture.grab(what, &mut |patches| self.apply(patches)).unwrap(), Grabbed::Picture);
    }

    fn apply(&mut self, patches: &[Patch<'_>]) {
        for patch in patches {
            let rect = patch.rect();
            self.patched.push(rect);
            for y in 0..rect.height {
                let row = self.buffer.row_mut(&rect, y).expect("patches lie within the area");
                for (pixel, bgrx) in row.iter_mut().zip(patch.row(y).as_chunks().0) {
                    *pixel = u32::from_le_bytes(*bgrx) & 0x00ff_ffff;
                }
            }
        }
    }

    /// Grabs, whenever there is damage, until the picture is `wanted`.
    pub(in crate::capture) fn follow(&mut self, capture: &mut dyn Capture, inbox: &Inbox, wanted: &[u32]) {
        while self.pixels() != wanted {
            inbox.wait(|notice| *notice == Notice::Damaged);
            self.grab(capture, Grab::Damaged);
        }
    }
}
