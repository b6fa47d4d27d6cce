//! What is hidden of the next picture, and what has to be fetched because it is hidden no longer.

use std::time::Instant;

use beside_protocol::{
    frame::{Rect, Region},
    session::host::Focus,
};
use x11rb::{errors::ReplyError, rust_connection::RustConnection};

use super::{
    stack::{Cover, Id},
    trail::Trail,
    windows::{Holder, Seen, Standstill, Windows},
};
use crate::capture::hiding::{Hidden, Hiding, within};

/// Keeps what is hidden.
#[derive(Debug)]
pub(super) struct Hider {
    hiding: Hiding,
    windows: Windows,
    /// What was hidden of the last picture.
    last: Hidden,
    /// Whether the rules are others than at the last picture.
    is_new: bool,
    trail: Trail,
    /// Where the windows were that were hidden last.
    places: Vec<(Id, Rect)>,
}

impl Hider {
    pub(super) fn new(windows: Windows, hiding: Hiding) -> Self {
        let is_new = hiding != Hiding::default();
        Self { hiding, windows, last: Hidden::default(), is_new, trail: Trail::default(), places: Vec::new() }
    }

    /// Hides by these rules from now on.
    pub(super) fn set(&mut self, hiding: Hiding) {
        self.is_new |= hiding != self.hiding;
        self.hiding = hiding;
    }

    /// Whether a picture has to be made although nothing was damaged.
    pub(super) const fn is_due(&self) -> bool {
        self.is_new
    }

    /// What is hidden of the last picture.
    pub(super) const fn hidden(&self) -> &Hidden {
        &self.last
    }

    /// Looks at what is hidden of `area` now. Until what it returns is dropped, that stays so.
    pub(super) fn look<'a>(
        &mut self,
        conn: &'a RustConnection,
        area: &Rect,
    ) -> Result<Option<Standstill<'a>>, ReplyError> {
        if !self.hiding.needs_windows() {
            self.trail.clear();
            self.places.clear();
            self.last = self.hiding.places(area);
            return Ok(None);
        }
        let standstill = Standstill::begin(conn)?;
        let seen = self.windows.look(conn)?;
        self.last = self.hide(Instant::now(), &seen, area);
        Ok(Some(standstill))
    }

    /// What to fetch instead of `rects`, given what was hidden `before`: also what is hidden no longer, and nothing that is.
    pub(super) fn to_fetch(&self, mut rects: Vec<Rect>, before: &Region, area: &Rect) -> Vec<Rect> {
        let mut shown = before.clone();
        shown.subtract_region(&self.last.region);
        shown.intersect(area.size().rect());
        rects.extend(
            shown.rects().iter().filter(|new| !rects.iter().any(|rect| rect.contains(new))).collect::<Vec<_>>(),
        );
        rects.retain(|rect| !self.last.region.outside(rect).is_empty());
        rects
    }

    /// A picture has been made of what was looked at.
    pub(super) const fn done(&mut self) {
        self.is_new = false;
    }

    fn hide(&mut self, now: Instant, seen: &Seen, area: &Rect) -> Hidden {
        let Cover { windows, others, hidden } = seen.stack.cover(&self.hiding, area);
        let mut all = self.hiding.places(area);
        all.count += windows.len();
        all.region.add_region(&others);
        for (id, rect) in &windows {
            // A compositor may show it anywhere on its way here.
            let before = self.places.iter().find(|(other, _)| other == id).filter(|_| seen.is_composited);
            let swept = before.map_or(*rect, |(_, before)| rect.union(before));
            within(&swept, area).into_iter().for_each(|rect| all.region.add(rect));
        }
        if seen.is_composited {
            all.region = self.trail.follow(now, all.region);
        } else {
            self.trail.clear();
        }
        self.places = windows;
        all.focus = match seen.focus {
            Holder::Nobody => Focus::Shown,
            Holder::Top(at) if !hidden[at] => Focus::Shown,
            Holder::Top(_) | Holder::Unknown => Focus::Hidden,
        };
        all
    }
}
