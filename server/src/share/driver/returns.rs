//! Ways back after a restart of the computer: kept, removed and used as the session machine wants it.

use super::Driver;
use beside_protocol::{
    session::host::Returning,
    wire::{End, Return},
};
use std::{
    collections::BTreeSet,
    time::{Instant, SystemTime},
};

impl Driver {
    /// Does what the session machine wants done about ways back.
    pub(super) fn obey_returning(&mut self, what: Returning) {
        let (now, clock) = (Instant::now(), SystemTime::now());
        match what {
            Returning::Keep(kept) => {
                if let Err(error) = self.ways_back.keep(kept, now, clock) {
                    tracing::error!(%error, "A way back after a restart can't be kept: officers have to ask again");
                    self.host.forget_returns(now);
                }
            }
            Returning::Forget(officer) => {
                if let Err(error) = self.ways_back.forget(&officer, clock) {
                    tracing::error!(%error, officer = %officer.short(), "A way back after a restart can't be removed");
                }
            }
            Returning::Use(id, officer) => match self.ways_back.take(&officer, clock) {
                Ok(()) => {
                    tracing::info!(session = id.0, officer = %officer.short(), "The officer comes back after a restart");
                    self.host.return_used(id);
                }
                Err(error) => {
                    tracing::error!(%error, session = id.0, "The way back after a restart can't be used");
                    self.host.end(id, End::Unrecorded);
                }
            },
        }
    }

    /// Notes that the computer still runs, for those who could come back after a restart.
    pub(in crate::share) fn beat(&mut self) {
        let officers: BTreeSet<_> = self.host.returns().collect();
        if let Err(error) = self.ways_back.beat(&officers, SystemTime::now()) {
            tracing::warn!(%error, "The time for coming back after a restart can't be prolonged");
        }
    }

    /// The most that a question offers for after a restart: what the user picks to be hidden is not known any more then.
    pub(super) fn offered_return(&self, most: Return) -> Return {
        if self.picks.is_empty() { most } else { Return::AskAgain }
    }
}
