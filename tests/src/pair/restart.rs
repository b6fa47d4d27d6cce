//! A restart of the user's computer: what was kept is there after it, and nothing else.

use super::Pair;
use crate::notary::{HOST, TestNotary};
use beside_protocol::{
    session::{
        Enrolment, Host, Officer, Pace, Rules, WayBack,
        host::{ConnectionId, Returning},
    },
    wire::{End, Return},
};
use std::time::Duration;

impl Pair {
    pub(super) fn obey_returning(&mut self, what: Returning) {
        match what {
            Returning::Keep(kept) => drop(self.kept.insert(kept.officer, kept)),
            Returning::Forget(key) => drop(self.kept.remove(&key)),
            Returning::Use(id, key) => match self.kept.remove(&key) {
                Some(_) => self.host.return_used(id),
                None => self.host.end(id, End::Unrecorded),
            },
        }
    }

    /// The user's computer is restarted, where all sessions end like that, or with no word if there is none.
    pub fn restart(&mut self, rules: Rules, end: Option<End>) {
        if let Some(end) = end {
            self.host.end_all(end);
            self.drive(Duration::from_secs(1));
        }
        self.host = Host::new(rules, TestNotary::of(HOST));
        (self.encoder, self.wanted) = (None, Pace::Nothing);
        self.repaints.clear();
        self.unwritten.clear();
        self.questions.clear();
        self.events.clear();
        self.receipts.clear();
        for seat in &mut self.seats {
            seat.cut = true;
            seat.ids.clear();
            seat.dead.clear();
            seat.connection = ConnectionId(u64::MAX);
            seat.viewer.disconnected(self.now, End::LinkLost);
        }
        self.settle();
    }

    /// What the records say of an officer now, with what was kept.
    pub fn returning(&self, officer: Officer) -> Officer {
        let back = self.kept.get(&officer.key).map(|kept| WayBack {
            permissions: kept.permissions,
            display: kept.display,
            ticket: kept.ticket.clone(),
            left: kept.until.saturating_duration_since(self.now),
            open: Return::WITHIN,
        });
        Officer { enrolment: officer.enrolment.map(|enrolment| Enrolment { back, ..enrolment }), ..officer }
    }
}
