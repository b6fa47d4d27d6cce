//! What one officer has been sent of a picture, and what that officer lacks.

use super::log::Begun;
use crate::{
    frame::{Fidelity, Films, Region, Taken, WINDOW, canvas_size},
    session::{Figures, Load, Pace, Pacer, Step},
};
use std::time::Duration;

/// The most pixels in one repaint: a quarter of a 1080p screen, so that a thin link is never filled by one.
const REPAINT_PIXELS: u64 = 1 << 19;

/// The most repaints that an officer is sent before all of them are known to have arrived.
pub(super) const REPAINTS: u32 = 4;

/// Whether an officer sees the picture at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attention {
    /// Yes.
    #[default]
    Here,
    /// No: the session is paused. When it goes on, another picture begins, so what happens meanwhile needs no account.
    Paused,
}

/// What one officer has been sent, and what that officer lacks.
#[derive(Debug, Default)]
pub(super) struct Follower {
    pub(super) attention: Attention,
    pub(super) pacer: Pacer,
    /// Where the officer's reference, its shelves included, differs from the host's, or will when it has all that was
    /// sent: on the screen it is to be repainted from the current picture.
    pub(super) behind: Region,
    /// What of that the officer has never seen: its photos may come roughly first.
    pub(super) unseen: Region,
    /// What is being coded of it.
    pub(super) repainting: Option<Region>,
    /// Where the reference differs until the repaints that are on their way arrive, and where it still may afterwards:
    /// an update that overtakes a repaint copies what that was to replace.
    pub(super) doubt: Region,
    /// The repaints that made it so.
    pub(super) doubted: u32,
    /// The parts of repaints that have been sent, and those known to have been overtaken.
    pub(super) repaints: u64,
    pub(super) late: u64,
    /// What it could take when the update was asked for that is being made.
    pub(super) promised: Pace,
    /// The newest update that the officer's reference is known to hold.
    pub(super) reached: u64,
    /// The newest update that has been sent or voided; voids wait while they would be too far ahead of `reached`.
    pub(super) told: u64,
    /// Whether symbols of the present generation have been missed.
    pub(super) lacks_symbols: bool,
    pub(super) films: Films,
    /// Whether the cursor has a shape that has not been sent.
    pub(super) cursor_due: bool,
    /// Those of the period between the last two heartbeats, until they are read.
    pub(super) figures: Option<Figures>,
}

impl Follower {
    /// A follower of a picture that begins.
    pub(super) fn restart(&mut self, begun: Begun) {
        let Self { attention, pacer, films, cursor_due, .. } = std::mem::take(self);
        *self = Self {
            attention,
            pacer,
            films,
            cursor_due,
            behind: canvas_size(begun.area.size()).rect().into(),
            unseen: begun.area.size().rect().into(),
            reached: begun.number,
            told: begun.number,
            ..Self::default()
        };
    }

    /// Learns what the officer has taken of the repaints. When it is all of them, nothing is in doubt any more: the
    /// reference is right there, unless one was late.
    pub(super) fn learn(&mut self, taken: Taken) {
        if taken.repaints < self.repaints {
            return;
        }
        let doubt = std::mem::take(&mut self.doubt);
        self.doubted = 0;
        if taken.late > self.late {
            self.late = taken.late;
            self.behind.add_region(&doubt);
        }
    }

    /// Whether it sees the picture at present.
    pub(super) const fn is_here(&self) -> bool {
        matches!(self.attention, Attention::Here)
    }

    /// Ends a period of measuring; tells how long pictures took in it until they were sent.
    pub(super) fn close_period(&mut self) -> Duration {
        self.figures = self.pacer.take_figures();
        let steps = [Step::Wait, Step::Capture, Step::Diff, Step::Encode];
        let median = |step| self.figures.as_ref().and_then(|figures| figures.median(step)).unwrap_or_default();
        steps.into_iter().map(median).sum()
    }

    /// The newest update that may be sent or voided: beyond it the viewer would not wait for what is missing.
    pub(super) const fn limit(&self) -> u64 {
        self.reached.saturating_add(WINDOW)
    }

    pub(super) fn can_take(&self, number: u64, load: Load) -> bool {
        self.pacer.can_take(load) && number <= self.limit()
    }

    /// What can be made for it, up to that update.
    pub(super) fn pace(&self, number: u64) -> Pace {
        if number <= self.limit() { self.pacer.pace() } else { Pace::Nothing }
    }

    pub(super) fn next_repaint(&mut self, begun: Begun) -> Option<(Region, Fidelity)> {
        let waits = self.repainting.is_some() || self.doubted == REPAINTS;
        if waits || self.behind.is_empty() || self.pace(begun.number) < Pace::Anything {
            return None;
        }
        let mut visible = self.behind.clone();
        visible.intersect(begun.area.size().rect());
        // It stays behind until it has been coded and sent: updates come in between.
        let region = visible.take(REPAINT_PIXELS);
        if region.is_empty() {
            self.unseen.clear();
            return None;
        }
        let fidelity = if self.unseen.is_empty() { Fidelity::Exact } else { Fidelity::Rough };
        self.repainting = Some(region.clone());
        Some((region, fidelity))
    }
}
