//! What scrap alone can tell of a desktop (Windows, macOS): the monitors' sizes.

use std::io::{self, ErrorKind};

use beside_protocol::frame::{Point, Rect, Size};

use crate::capture::{CaptureError, Display, Notify, Shape, Unavailable};

/// One monitor.
#[derive(Debug)]
pub(super) struct Desktop {
    number: u32,
    area: Rect,
}

impl Desktop {
    pub(super) fn open(display: Option<u32>, _: Notify) -> Result<Self, Unavailable> {
        let displays = list().map_err(Unavailable::Failed)?;
        let number = display.unwrap_or(1);
        let chosen = displays.iter().find(|display| display.number == number);
        let size = chosen.ok_or(Unavailable::NoSuchDisplay { number, count: displays.len() })?.rect.size();
        let Size { width, height } = size;
        if !size.is_valid() {
            return Err(Unavailable::Size { width, height });
        }
        Ok(Self { number, area: size.rect() })
    }

    pub(super) const fn area(&self) -> Rect {
        self.area
    }

    pub(super) fn displays(&self) -> Result<Vec<Display>, CaptureError> {
        list().map_err(CaptureError::Failed)
    }

    /// Opens the monitor; its area may be another afterwards.
    pub(super) fn capturer(&mut self) -> Result<::scrap::Capturer, CaptureError> {
        let failed = |error| CaptureError::Failed(reason(&error));
        let displays = ::scrap::Display::all().map_err(failed)?;
        let chosen = (1..).zip(displays).find(|(number, _)| *number == self.number);
        let (_, display) = chosen.ok_or_else(|| CaptureError::DisplayGone(self.number.to_string()))?;
        let size = size_of(&display);
        if !size.is_valid() {
            let Size { width, height } = size;
            return Err(CaptureError::Failed(Unavailable::Size { width, height }.to_string()));
        }
        let capturer = ::scrap::Capturer::new(display).map_err(failed)?;
        self.area = size.rect();
        Ok(capturer)
    }

    /// A frame is always of the monitor that was opened: a change of it is an error of the frame.
    pub(super) fn confirm(&mut self) -> Result<bool, CaptureError> {
        Ok(true)
    }

    pub(super) fn cursor(&self) -> Result<Shape, CaptureError> {
        Ok(Shape::Unknown)
    }

    pub(super) fn pointer(&self) -> Result<Option<Point>, CaptureError> {
        Ok(None)
    }
}

/// Does nothing: frames are the newest there are.
pub(super) const fn discard_old_frame(_: &mut ::scrap::Capturer) {}

/// The monitors; scrap knows neither names nor places, and puts the primary one first.
fn list() -> Result<Vec<Display>, String> {
    let displays = ::scrap::Display::all().map_err(|error| reason(&error))?;
    let display = |(number, display): (u32, ::scrap::Display)| Display {
        number,
        name: format!("display {number}"),
        rect: size_of(&display).rect(),
        scale: 1.0,
        primary: number == 1,
    };
    Ok((1..).zip(displays).map(display).collect())
}

/// What scrap means: it names Windows' reasons after errors of the network.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "the graphics driver does not let this desktop be captured".into(),
        ErrorKind::PermissionDenied => "the desktop is locked, or the system asks something on it".into(),
        ErrorKind::Interrupted => "too many programs capture this desktop: end one of them".into(),
        ErrorKind::ConnectionAborted => "the desktop is not connected to a screen: sign in again".into(),
        ErrorKind::ConnectionReset => "the desktop has just changed: try again".into(),
        _ => error.to_string(),
    }
}

fn size_of(display: &::scrap::Display) -> Size {
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    Size::new(side(display.width()), side(display.height()))
}
