//! More during a session: asked for, granted for a while, given up.

use super::{Event, State, Viewer};
use crate::wire::{End, FromOfficer, Holder, More, Permission, StepUp};
use std::time::{Duration, Instant};

impl Viewer {
    /// Asks for more. Does nothing where the session is not on, or what is asked is not within its limits.
    pub fn ask_more(&mut self, more: More) {
        if matches!(self.state, State::Live { .. }) && more.is_valid() {
            self.send(&FromOfficer::More(more));
        }
    }

    /// Gives control up, where the officer has it.
    pub fn yield_control(&mut self) {
        if matches!(self.state, State::Live { permissions, .. } if permissions.has(Permission::Control)) {
            self.send(&FromOfficer::Yield);
        }
    }

    pub(super) fn note_step_up(&mut self, now: Instant, news: StepUp) -> Result<(), End> {
        if !matches!(self.state, State::Live { .. }) {
            return Err(End::Misbehaved);
        }
        let until = |seconds: u32| now + Duration::from_secs(seconds.into());
        self.events.push_back(match news {
            StepUp::Asking { seconds } => Event::MoreAsked { until: until(seconds) },
            StepUp::Granted { permissions, seconds } => Event::MoreGranted { permissions, until: until(seconds) },
            StepUp::Refused(refusal) => Event::MoreRefused(refusal),
        });
        Ok(())
    }

    pub(super) fn note_holder(&mut self, holder: Holder) -> Result<(), End> {
        if !matches!(self.state, State::Live { .. }) {
            return Err(End::Misbehaved);
        }
        self.events.push_back(Event::Control(holder));
        Ok(())
    }
}
