//! What the log says of what is hidden from officers: by how many rules, and how much at present. Numbers only: what it is
//! nobody reads there.

use super::{Host, SessionId, session::Session};
use crate::record::{Entry, HidingRules};
use std::time::{Duration, Instant};

/// How often it is recorded at most how much is hidden from a session: windows may come and go as fast as they like.
const PERIOD: Duration = Duration::from_secs(10);

/// How much is hidden from a session, and what of that is recorded.
#[derive(Debug, Default)]
pub(super) struct Concealed {
    count: u32,
    recorded: u32,
    /// When it was recorded last.
    at: Option<Instant>,
}

impl Concealed {
    /// When it is to be recorded, if it is not; `latest` is a time that is over.
    pub(super) fn due(&self, latest: Option<Instant>) -> Option<Instant> {
        let next = self.at.map(|at| at + PERIOD).or(latest);
        next.filter(|_| self.count != self.recorded)
    }
}

impl Host {
    /// By so many rules things are hidden from officers from now on: said of every session, if there are any. To be told before
    /// the answer to whom they are hidden from.
    pub fn set_hiding(&mut self, rules: HidingRules) {
        if std::mem::replace(&mut self.hiding, rules) == rules {
            return;
        }
        let granted = self.sessions.iter().filter(|(_, session)| session.ground().is_some());
        for id in granted.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.note(Some(id), Entry::Hiding { rules });
        }
    }

    /// Records the rules for a session that begins, if there are any.
    pub(super) fn note_hiding(&mut self, id: SessionId) {
        if self.hiding != HidingRules::default() {
            self.note(Some(id), Entry::Hiding { rules: self.hiding });
        }
    }

    /// So much is hidden from a session now.
    pub(super) fn count_hidden(&mut self, id: SessionId, count: u32) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.concealed.count = count;
        }
    }

    /// Records how much is hidden, when that is due.
    pub(super) fn time_hidden(&mut self, now: Instant, id: SessionId) {
        let due = self.sessions.get(&id).and_then(|session| session.concealed.due(Some(now)));
        if due.is_some_and(|at| at <= now) {
            self.note_hidden(id);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.concealed.at = Some(now);
            }
        }
    }

    /// Records how much is hidden from a session, if that is not what was recorded last.
    pub(super) fn note_hidden(&mut self, id: SessionId) {
        let Some(Session { concealed, .. }) = self.sessions.get_mut(&id) else { return };
        let count = concealed.count;
        if std::mem::replace(&mut concealed.recorded, count) != count {
            self.note(Some(id), Entry::Hidden { count });
        }
    }
}
