//! scrap on X11, with a second connection to the X server that guards against scrap's faults there.
//!
//! scrap 0.5 ignores every error of the X server: after a change of the monitors, or after the server's end, it goes on
//! to return its last picture. Our own connection tells both. It reads the list of monitors from memory that it has freed:
//! the list is compared with our own. Its shared memory is open to everybody, and stays behind: see [`super::sysv`].

use beside_protocol::frame::{Point, Rect};

use super::sysv;
use crate::capture::{
    CaptureError, Display, Notify, Shape, Unavailable,
    x11::{Choice, Environment, Session},
};

/// One monitor of an X server.
#[derive(Debug)]
pub(super) struct Desktop {
    session: Session,
}

impl Desktop {
    pub(super) fn open(display: Option<u32>, notify: Notify) -> Result<Self, Unavailable> {
        let choice = display.map_or(Choice::Primary, Choice::Number);
        let session = Session::open(&Environment::read(), choice, notify)?;
        if !session.is_bgrx() {
            return Err(Unavailable::Pixels("scrap knows only pixels of 32 bits".into()));
        }
        // scrap lists the monitors of all screens, and does not tell which is whose.
        if session.screens() != 1 {
            return Err(Unavailable::Lacks("what scrap needs: one X screen that spans all monitors"));
        }
        Ok(Self { session })
    }

    pub(super) const fn area(&self) -> Rect {
        self.session.area()
    }

    pub(super) fn displays(&self) -> Result<Vec<Display>, CaptureError> {
        self.session.displays()
    }

    /// Opens the monitor; its area may be another afterwards.
    pub(super) fn capturer(&mut self) -> Result<::scrap::Capturer, CaptureError> {
        let failed = |reason: &str| CaptureError::Failed(reason.to_owned());
        self.session.measure()?;
        let ours = self.session.displays()?;
        let theirs = ::scrap::Display::all().map_err(|error| failed(&error.to_string()))?;
        let side = |pixels: u32| pixels as usize;
        let same = |(our, their): (&Display, &::scrap::Display)| {
            (side(our.rect.width), side(our.rect.height)) == (their.width(), their.height())
        };
        if ours.len() != theirs.len() || !ours.iter().zip(&theirs).all(same) {
            return Err(failed("scrap has read the list of monitors wrongly"));
        }
        let index = ours.iter().position(|display| display.rect == self.area());
        let display = index.and_then(|index| theirs.into_iter().nth(index));
        let display = display.ok_or_else(|| failed("the monitors have just changed"))?;
        sysv::open_private(|| ::scrap::Capturer::new(display), |capturer| capturer.frame().map(drop))
            .map_err(|error| failed(&format!("scrap's shared memory can't be made private: {error}")))
    }

    /// Whether the X server still lives and the monitor is where it was, so that the frame just taken is true.
    pub(super) fn confirm(&mut self) -> Result<bool, CaptureError> {
        Ok(!self.session.measure()?)
    }

    pub(super) fn cursor(&self) -> Result<Shape, CaptureError> {
        self.session.cursor()
    }

    pub(super) fn pointer(&self) -> Result<Option<Point>, CaptureError> {
        self.session.pointer()
    }
}

/// scrap asks for the next frame when it returns one: the first frame shows the screen of the call before.
pub(super) fn discard_old_frame(capturer: &mut ::scrap::Capturer) {
    // An error comes again with the frame that counts.
    let _ = capturer.frame().map(drop);
}
