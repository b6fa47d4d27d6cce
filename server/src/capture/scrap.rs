//! The portable backend, on the `scrap` crate: whole pictures of one monitor, at a steady pace while they are wanted.

#[cfg(not(target_os = "linux"))]
#[path = "scrap/native.rs"]
mod desktop;
#[cfg(target_os = "linux")]
#[path = "scrap/guarded.rs"]
mod desktop;
#[cfg(target_os = "linux")]
mod sysv;
#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests;

use std::{
    fmt,
    io::ErrorKind,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use beside_protocol::frame::{Patch, Point, Rect};

use self::desktop::Desktop;
use super::{Backend, Capture, CaptureError, Display, Grab, Grabbed, Hiding, Notice, Notify, Shape, Sink, Unavailable};

/// The time between two pictures at most: scrap does not tell when something has changed.
const PERIOD: Duration = Duration::from_micros(1_000_000 / 60);

/// Captures with the `scrap` crate.
pub(super) struct Scrap {
    /// `None` after a failure or a change of the monitors: opened anew by the next grab.
    capturer: Option<::scrap::Capturer>,
    desktop: Desktop,
    hiding: Hiding,
    pace: Pace,
}

impl fmt::Debug for Scrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrap").field("desktop", &self.desktop).finish_non_exhaustive()
    }
}

impl Scrap {
    /// Opens the monitor with the number `display`, or else the primary one. Windows can't be found here: while the desk asks everything
    /// is hidden.
    pub(super) fn open(display: Option<u32>, hiding: Hiding, notify: Notify) -> Result<Self, Unavailable> {
        if hiding.names_windows() {
            return Err(Unavailable::NoWindows);
        }
        let mut desktop = Desktop::open(display, Notify::clone(&notify))?;
        let capturer = desktop.capturer().map_err(|error| Unavailable::Failed(error.to_string()))?;
        let pace = Pace::start(notify).map_err(|error| Unavailable::Failed(format!("no thread: {error}")))?;
        pace.tell_later();
        Ok(Self { capturer: Some(capturer), desktop, hiding, pace })
    }

    fn fetch(&mut self, sink: &mut Sink<'_>) -> Result<Grabbed, CaptureError> {
        let before = self.desktop.area();
        let capturer = match &mut self.capturer {
            Some(capturer) => capturer,
            none => none.insert(self.desktop.capturer()?),
        };
        if self.desktop.area() != before {
            return Ok(Grabbed::Resized);
        }
        desktop::discard_old_frame(capturer);
        match capturer.frame() {
            Ok(frame) => {
                if self.desktop.confirm()? {
                    let area = self.desktop.area();
                    sink(&[patch(&frame, area)?], &self.hiding.without_windows(&area));
                    return Ok(Grabbed::Picture);
                }
                self.capturer = None;
                Ok(Grabbed::Resized)
            }
            // Nothing newer than the last frame.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                sink(&[], &self.hiding.without_windows(&self.desktop.area()));
                Ok(Grabbed::Picture)
            }
            // The monitor has changed, or the desktop is locked: the next grab opens it anew.
            Err(error) => {
                self.capturer = None;
                Err(CaptureError::Failed(error.to_string()))
            }
        }
    }
}

/// A frame; its rows may be padded.
fn patch(frame: &[u8], area: Rect) -> Result<Patch<'_>, CaptureError> {
    let stride = frame.len() / area.height.max(1) as usize;
    let patch = Patch::new(area.size().rect(), stride, frame);
    patch.ok_or_else(|| CaptureError::Failed("the frame is smaller than the display".into()))
}

impl Capture for Scrap {
    fn backend(&self) -> Backend {
        Backend::Scrap
    }

    fn displays(&mut self) -> Result<Vec<Display>, CaptureError> {
        self.desktop.displays()
    }

    fn area(&self) -> Rect {
        self.desktop.area()
    }

    fn hide(&mut self, hiding: Hiding) {
        if hiding != self.hiding {
            self.hiding = hiding;
            // The first frame of a new one is whole: what is hidden no longer is in it.
            self.capturer = None;
        }
    }

    fn grab(&mut self, _: Grab, sink: &mut Sink<'_>) -> Result<Grabbed, CaptureError> {
        let grabbed = self.fetch(sink);
        if !matches!(grabbed, Err(CaptureError::Lost(_))) {
            self.pace.tell_later();
        }
        grabbed
    }

    fn cursor(&mut self) -> Result<Shape, CaptureError> {
        self.desktop.cursor()
    }

    fn pointer(&mut self) -> Result<Option<Point>, CaptureError> {
        self.desktop.pointer()
    }
}

/// A thread that tells of damage one [`PERIOD`] after each grab, whether there is any or not. Without grabs it rests.
struct Pace {
    wanted: Option<mpsc::SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pace {
    fn start(notify: Notify) -> std::io::Result<Self> {
        let (wanted, wants) = mpsc::sync_channel(1);
        let tick = move || {
            for () in wants {
                thread::sleep(PERIOD);
                notify(Notice::Damaged);
            }
        };
        let thread = thread::Builder::new().name("scrap pace".into()).spawn(tick)?;
        Ok(Self { wanted: Some(wanted), thread: Some(thread) })
    }

    fn tell_later(&self) {
        if let Some(wanted) = &self.wanted {
            // When it is full, a notice is due already.
            let _ = wanted.try_send(());
        }
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.wanted = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
