//! The X11 backend: damage says what to fetch, shared memory carries it.

mod damage;
mod events;
mod hider;
#[cfg(test)]
mod hiding_tests;
mod image;
#[cfg(test)]
pub(super) mod kit;
mod pixels;
mod scenery;
mod session;
mod stack;
#[cfg(test)]
mod tests;
mod trail;
mod windows;

use beside_protocol::frame::{Point, Rect};
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        ErrorKind,
        damage::{ConnectionExt as _, Damage, ReportLevel},
    },
};

use self::{hider::Hider, image::Images, windows::Windows};
use super::{Backend, Capture, CaptureError, Display, Grab, Grabbed, Hiding, Notify, Shape, Sink, Unavailable};
pub(super) use scenery::scenery;
pub(super) use session::{Choice, Environment, Session};

/// Captures from an X server.
#[derive(Debug)]
pub(super) struct X11 {
    session: Session,
    images: Images,
    damage: Damage,
    hider: Hider,
    /// What the next grab owes at least: all after a failure or a resize, since its damage is gone.
    due: Grab,
}

impl X11 {
    /// Connects to the X server that `environment` names.
    pub(super) fn open(
        environment: &Environment,
        display: Option<u32>,
        hiding: Hiding,
        notify: Notify,
    ) -> Result<Self, Unavailable> {
        let choice = display.map_or(Choice::Desktop, Choice::Number);
        let session = Session::open(environment, choice, notify)?;
        let images = Images::new(&session.conn, session.format, session.area().size(), session.is_local());
        // The X server begins by reporting all of the window, which makes the first notice.
        let damage = session.conn.generate_id().map_err(|error| Unavailable::Failed(error.to_string()))?;
        let created = session.conn.damage_create(damage, session.root, ReportLevel::DELTA_RECTANGLES);
        created
            .map_err(ReplyError::from)
            .and_then(|cookie| cookie.check())
            .map_err(|error| Unavailable::Failed(session.failure(error).to_string()))?;
        let windows = Windows::new(&session.conn, session.root);
        let windows = windows.map_err(|error| Unavailable::Failed(session.failure(error).to_string()))?;
        Ok(Self { session, images, damage, hider: Hider::new(windows, hiding), due: Grab::All })
    }

    fn resized(&mut self) -> Grabbed {
        self.due = Grab::All;
        let session = &self.session;
        let images = Images::new(&session.conn, session.format, session.area().size(), session.is_local());
        std::mem::replace(&mut self.images, images).release(&session.conn);
        Grabbed::Resized
    }

    /// Fetches pixels and hands them out, with what is hidden of them.
    fn show(&mut self, rects: Vec<Rect>, sink: &mut Sink<'_>) -> Result<(), ReplyError> {
        let (session, area) = (&self.session, self.session.area());
        let before = self.hider.hidden().region.clone();
        let standstill = self.hider.look(&session.conn, &area)?;
        let rects = self.hider.to_fetch(rects, &before, &area);
        let patches = self.images.fetch(&session.conn, session.root, &area, &rects)?;
        drop(standstill);
        sink(&patches, self.hider.hidden());
        self.hider.done();
        Ok(())
    }

    /// Takes the damage and has the X server collect anew, and tells what to fetch.
    ///
    /// Nothing gets lost between the two. The X server handles the subtraction before the images that are asked for
    /// after it, and reports what is not yet in its region of damage. So damage that it sees before the
    /// subtraction is either in the rectangles taken here, and in the images, or its report is still under way
    /// and makes the next grab fetch it (again). Damage that it sees after the subtraction is reported anew.
    /// With nothing taken there is nothing to subtract but what is still under way.
    fn take_damage(&mut self, what: Grab) -> Result<Vec<Rect>, ReplyError> {
        let mut rects = self.session.shared.take_damage();
        if what == Grab::All || self.due == Grab::All {
            rects = vec![self.session.area().size().rect()];
        }
        if !rects.is_empty() {
            self.session.conn.damage_subtract(self.damage, x11rb::NONE, x11rb::NONE)?;
        }
        Ok(rects)
    }
}

impl Capture for X11 {
    fn backend(&self) -> Backend {
        Backend::X11
    }

    fn displays(&mut self) -> Result<Vec<Display>, CaptureError> {
        self.session.displays()
    }

    fn area(&self) -> Rect {
        self.session.area()
    }

    fn hide(&mut self, hiding: Hiding) {
        self.hider.set(hiding);
    }

    fn grab(&mut self, what: Grab, sink: &mut Sink<'_>) -> Result<Grabbed, CaptureError> {
        if self.session.refresh()? {
            return Ok(self.resized());
        }
        let rects = self.take_damage(what).map_err(|error| self.session.failure(error))?;
        if rects.is_empty() && !self.hider.is_due() {
            return Ok(Grabbed::Picture);
        }
        self.due = Grab::All;
        match self.show(rects, sink) {
            Ok(()) => {
                self.due = Grab::Damaged;
                Ok(Grabbed::Picture)
            }
            // The area reaches beyond a desktop that has just become smaller, before we have heard of it.
            Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Match && self.session.measure()? => {
                Ok(self.resized())
            }
            Err(error) => Err(self.session.failure(error)),
        }
    }

    fn damaged(&self) -> u64 {
        match self.due {
            Grab::All => self.area().pixels(),
            Grab::Damaged => self.session.shared.damaged(),
        }
    }

    fn cursor(&mut self) -> Result<Shape, CaptureError> {
        self.session.cursor()
    }

    fn pointer(&mut self) -> Result<Option<Point>, CaptureError> {
        self.session.pointer()
    }
}
