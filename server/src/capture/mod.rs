//! Screen capture: one small trait, and the backends that are probed for it.

mod error;
mod hiding;
mod scenery;
#[cfg(feature = "scrap")]
mod scrap;
#[cfg(target_os = "linux")]
mod x11;

use std::{fmt, sync::Arc};

use beside_protocol::frame::{Patch, Point, Rect, Size};

pub use error::{CaptureError, OpenError, Unavailable};
pub use hiding::{Hidden, HideRule, Hiding, Pattern, QUESTION_CLASS, RuleError, WindowRule};
pub use scenery::{OpenWindow, Scenery, scenery};

/// The most pixels a side of a cursor's picture has; a larger cursor is cut off at its right and bottom edges.
pub const MAX_CURSOR_SIDE: u32 = 256;

/// The screen of this machine. A backend belongs to the thread that opened it; grabbing blocks that thread.
pub trait Capture: fmt::Debug {
    /// The name of the backend.
    fn backend(&self) -> Backend;

    /// The monitors, as they are arranged now, in the order of their numbers.
    fn displays(&mut self) -> Result<Vec<Display>, CaptureError>;

    /// What is captured, in pixels of the desktop: all of it, or one monitor. Changes only within [`Capture::grab`].
    fn area(&self) -> Rect;

    /// Hides by these rules from the next grab on, in the place of those before. A backend that can't find windows hides
    /// everything as long as any are to be hidden.
    fn hide(&mut self, hiding: Hiding);

    /// Fetches pixels and hands them to `sink` (at most once; not at all when there is nothing to show), together with
    /// what is hidden at the moment that they show: no pixel of that may be shown to anybody, whether it is in a patch or not.
    /// What is hidden no longer is in the patches.
    ///
    /// The patches are placed relative to the top left corner of [`Capture::area`] and lie within its size. They show
    /// the screen at a moment after the call began, so that damage noticed before the call is in them. Their
    /// bytes are valid only during the call of `sink`. The first grab, and the first after [`Grabbed::Resized`], is of
    /// the whole area, whatever was asked for.
    fn grab(&mut self, what: Grab, sink: &mut Sink<'_>) -> Result<Grabbed, CaptureError>;

    /// About how many pixels [`Grab::Damaged`] would fetch now.
    fn damaged(&self) -> u64 {
        self.area().pixels()
    }

    /// The shape of the pointer now.
    fn cursor(&mut self) -> Result<Shape, CaptureError>;

    /// Where the pointer is now, relative to [`Capture::area`]; `None` when it is elsewhere, or the backend cannot tell.
    fn pointer(&mut self) -> Result<Option<Point>, CaptureError>;
}

/// Where a grab's pixels go, with what is hidden of them.
pub type Sink<'a> = dyn FnMut(&[Patch<'_>], &Hidden) + 'a;

/// What a [`Capture::grab`] is to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grab {
    /// What was damaged since the last grab, and a little around it. Backends without damage fetch everything.
    Damaged,
    /// Everything: a first picture, or a pass that catches what was not reported as damaged.
    All,
}

/// What came of a [`Capture::grab`].
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grabbed {
    /// The sink has seen all there was to see.
    Picture,
    /// The area has changed and nothing was handed out: look at [`Capture::area`], make room, and grab again.
    Resized,
}

/// What a backend noticed, told from a thread of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Something may have changed on the screen. Told once, then not again before the next [`Capture::grab`].
    Damaged,
    /// The shape of the pointer has changed. Told once, then not again before the next [`Capture::cursor`].
    Cursor,
    /// The pointer has moved. Told once, then not again before the next [`Capture::pointer`].
    Pointer,
    /// The monitors have changed. Told once, then not again before the next [`Capture::grab`], which finds out how.
    Resized,
    /// The screen can't be captured any more, for this reason: every grab fails from now on.
    Lost(String),
}

/// Where notices go. Called from the backend's thread: it must return soon, and neither call nor
/// drop the backend.
pub type Notify = Arc<dyn Fn(Notice) + Send + Sync>;

/// A monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Display {
    /// Its number for [`open`], from 1.
    pub number: u32,
    /// The platform's name for it, such as `HDMI-1`.
    pub name: String,
    /// Its place on the desktop, in pixels. Backends that know only the size put it at 0, 0.
    pub rect: Rect,
    /// How much larger than at 96 dots an inch the desktop draws: 1.0, 1.5, 2.0, …
    pub scale: f32,
    /// Whether it is the one with the panel or the menu bar.
    pub primary: bool,
}

/// How the pointer looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The backend cannot tell.
    Unknown,
    /// It is not shown.
    Hidden,
    /// It is shown like this.
    Image(Cursor),
}

/// A picture of the pointer.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Width and height, neither beyond [`MAX_CURSOR_SIDE`].
    pub size: Size,
    /// The pixel that points, within the size.
    pub hotspot: Point,
    /// Four bytes for each pixel, row after row: red, green, blue, alpha; the colours are multiplied by alpha already.
    pub rgba: Vec<u8>,
}

impl fmt::Debug for Cursor {
    /// Leaves out the pixels.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("size", &self.size).field("hotspot", &self.hotspot).finish_non_exhaustive()
    }
}

/// A way of capturing the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The first that works of those that this platform has.
    Auto,
    /// X11: shared memory, damage, cursor, pointer.
    X11,
    /// The `scrap` crate: Windows, macOS, X11. One monitor only, no damage; cursor and pointer only on X11.
    Scrap,
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::X11 => "x11",
            Self::Scrap => "scrap",
        })
    }
}

/// Opens a backend that captures the monitor with the number `display`, or else the whole desktop (`scrap`: the primary
/// monitor), and hides what it is told to. Soon after, a first [`Notice::Damaged`] asks for the first picture.
///
/// # Errors
/// Lists every backend that was tried, and why it does not work here.
pub fn open(
    backend: Backend,
    display: Option<u32>,
    hiding: &Hiding,
    notify: &Notify,
) -> Result<Box<dyn Capture>, OpenError> {
    let candidates = match backend {
        Backend::Auto => &[Backend::X11, Backend::Scrap][..],
        Backend::X11 => &[Backend::X11],
        Backend::Scrap => &[Backend::Scrap],
    };
    let mut tried = Vec::new();
    for candidate in candidates {
        match open_one(*candidate, display, hiding.clone(), Arc::clone(notify)) {
            Ok(capture) => return Ok(capture),
            Err(Unavailable::NotBuilt) if backend == Backend::Auto => {}
            Err(reason) => tried.push((*candidate, reason)),
        }
    }
    Err(OpenError::new(tried))
}

fn open_one(
    backend: Backend,
    display: Option<u32>,
    hiding: Hiding,
    notify: Notify,
) -> Result<Box<dyn Capture>, Unavailable> {
    match backend {
        #[cfg(target_os = "linux")]
        Backend::X11 => Ok(Box::new(x11::X11::open(&x11::Environment::read(), display, hiding, notify)?)),
        #[cfg(feature = "scrap")]
        Backend::Scrap => Ok(Box::new(scrap::Scrap::open(display, hiding, notify)?)),
        _ => {
            let _ = (display, hiding, notify);
            Err(Unavailable::NotBuilt)
        }
    }
}
