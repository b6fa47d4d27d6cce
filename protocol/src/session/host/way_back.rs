//! The way back after a restart of the user's computer: kept while the session lasts, and used up before it takes effect.
//!
//! A restart ends this machine, so the driver keeps what it takes ([`Returning`]), and the next one reads it back as a part of the
//! officer's records ([`WayBack`](crate::session::WayBack)). Whatever ends a session besides a restart takes its way back along.

use super::{
    Display, Event, Host, SessionId,
    record::Pending,
    session::{Granted, Session, State},
};
use crate::{
    record::Entry,
    session::admission::Grant,
    wire::{End, Fingerprint, Permissions, Return},
};
use std::time::Instant;

/// What the driver has to do about ways back. What can't be done on the disk is not to be done at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returning {
    /// Keep this, in the place of what was kept of the same officer; where that fails see [`Host::forget_returns`].
    Keep(KeptReturn),
    /// Keep nothing of this officer any more.
    Forget(Fingerprint),
    /// Remove what was kept of this officer, for good, and then call [`Host::return_used`]. Where that fails, or nothing was kept,
    /// end the session.
    Use(SessionId, Fingerprint),
}

/// What an officer may come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReturn {
    /// Who.
    pub officer: Fingerprint,
    /// What they may do: what is switched on, without what was added for a while.
    pub permissions: Permissions,
    /// What they see.
    pub display: Display,
    /// The ticket that they have named, and have to name again.
    pub ticket: Option<String>,
    /// When it ends.
    pub until: Instant,
}

impl Host {
    /// The officers who could come back after a restart of this moment.
    pub fn returns(&self) -> impl Iterator<Item = Fingerprint> {
        let granted = self.sessions.values().filter(|session| session.granted().is_some_and(may_return_now));
        granted.map(|session| session.officer.key)
    }

    /// Nobody may come back any more after a restart: what holds for the sessions that are on can't be kept so long.
    pub fn forget_returns(&mut self, now: Instant) {
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            let key = session.officer.key;
            let Some(granted) = session.granted_mut() else { continue };
            if std::mem::take(&mut granted.grant.returns) == Return::AskAgain {
                continue;
            }
            self.events.push_back(Event::Returning(Returning::Forget(key)));
            self.note(Some(id), Entry::AfterRestart { then: Return::AskAgain });
            self.announce(now, id);
        }
    }

    /// What [`Returning::Use`] named is gone from the disk: the session begins as soon as that is recorded.
    pub fn return_used(&mut self, id: SessionId) {
        self.record_pending(id);
    }

    /// Has the way back removed by which an officer comes, for whom nobody is asked.
    pub(super) fn use_return(&mut self, now: Instant, id: SessionId, grant: Grant, display: Display) {
        let Some(key) = self.sessions.get(&id).map(|session| session.officer.key) else { return };
        // Nor by another connection.
        self.forget_way_back(&key);
        if self.prepare_grant(now, id, grant, display) {
            self.events.push_back(Event::Returning(Returning::Use(id, key)));
        }
    }

    /// Has kept what a session can be continued with after a restart, as it is now.
    pub(super) fn keep_return(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(granted) = session.granted().filter(|granted| granted.grant.returns == Return::Once) else { return };
        let officer = session.officer.key;
        let ticket = session.ledger.as_ref().and_then(|ledger| ledger.offer().request.ticket.clone());
        let permissions = granted.grant.permissions.except(granted.extras.permissions());
        let kept = KeptReturn { officer, permissions, display: granted.display, ticket, until: granted.until };
        let what = if may_return_now(granted) { Returning::Keep(kept) } else { Returning::Forget(officer) };
        self.events.push_back(Event::Returning(what));
    }

    /// A session has ended: unless a restart may be why, nobody comes back to it, nor to the one before it.
    pub(super) fn close_return(&mut self, session: &Session, end: End) {
        let granted = match &session.state {
            State::Hello(_) => return,
            State::Recording(Pending::Grant(granted)) => Some(granted),
            _ => session.granted(),
        };
        let has_one = granted.is_some_and(|granted| granted.grant.returns == Return::Once);
        let had_one = session.officer.enrolment.as_ref().is_some_and(|enrolment| enrolment.back.is_some());
        if (has_one || had_one) && !end.is_cut() {
            self.forget_way_back(&session.officer.key);
            self.events.push_back(Event::Returning(Returning::Forget(session.officer.key)));
        }
    }

    /// What the records had for that officer when any of their connections came holds no more.
    fn forget_way_back(&mut self, key: &Fingerprint) {
        for session in self.sessions.values_mut().filter(|session| session.officer.key == *key) {
            session.officer.enrolment.iter_mut().for_each(|enrolment| enrolment.back = None);
        }
    }
}

/// Whether the user has chosen so, and is not keeping the screen from the officer at present.
fn may_return_now(granted: &Granted) -> bool {
    granted.grant.returns == Return::Once && granted.pause.is_for_lock_alone()
}
