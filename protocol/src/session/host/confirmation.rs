//! Asking again: a session that rests on the user's answer goes on only as long as the user says so now and then.

use super::{
    Answer, Host, SessionId,
    asking::Open,
    record::Purpose as After,
    session::{Session, seconds},
};
use crate::{
    record::{Actor, Decision, Entry, Happened, Time},
    session::{Ground, admission::PATIENCE, check_words},
    wire::{End, PauseReason, Purpose, Question, Return},
};
use std::time::{Duration, Instant};

/// How long a yes is good for.
const INTERVAL: Duration = Duration::from_secs(30 * 60);

/// How long the question waits for another one to be answered.
const COURTESY: Duration = Duration::from_secs(60);

/// How long a session is paused that the user has not confirmed, before it ends.
const MERCY: Duration = Duration::from_secs(5 * 60);

/// When the user is asked, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// Never: the session rests on a standing grant or an agreement, which has an end.
    Unneeded,
    /// Then.
    Due(Instant),
    /// They have until then to answer, or have answered and that is being recorded.
    Asked(Instant),
    /// They have not answered: the session is paused, and ends then.
    Missing(Instant),
}

impl Confirmation {
    /// How long what is added to the session may last without another yes.
    pub(super) const fn longest_extra(self) -> Duration {
        match self {
            Self::Unneeded => INTERVAL,
            Self::Due(_) | Self::Asked(_) | Self::Missing(_) => Duration::MAX,
        }
    }

    /// Of a session that begins.
    pub(super) fn of(now: Instant, ground: Ground) -> Self {
        if ground.needs_user() { Self::Due(now + INTERVAL) } else { Self::Unneeded }
    }
}

impl Host {
    /// Asks, pauses or ends a session, as is due.
    pub(super) fn time_confirmation(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let due = self.confirmation_timeout(session, self.is_asking()).is_some_and(|at| now >= at);
        match session.granted().map(|granted| granted.confirmation) {
            Some(Confirmation::Due(_)) if due => self.ask_again(now, id),
            Some(Confirmation::Asked(_)) if due => self.not_confirmed(now, id),
            Some(Confirmation::Missing(_)) if due => self.end(id, End::Unconfirmed),
            _ => {}
        }
    }

    /// When that is due next. Nobody is asked about an officer who is away, nor two things at once where that can wait.
    pub(super) fn confirmation_timeout(&self, session: &Session, asking: bool) -> Option<Instant> {
        match session.granted()?.confirmation {
            Confirmation::Unneeded => None,
            Confirmation::Due(_) if self.is_locked() || session.live().is_none() || session.open.is_some() => None,
            Confirmation::Due(at) if asking => Some(at + COURTESY),
            Confirmation::Due(at) | Confirmation::Asked(at) | Confirmation::Missing(at) => Some(at),
        }
    }

    fn ask_again(&mut self, now: Instant, id: SessionId) {
        let key = self.key();
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let request = session.ledger.as_ref().map(|ledger| ledger.offer().request.clone());
        let (reason, ticket) = request.map(|request| (request.reason, request.ticket)).unwrap_or_default();
        let (officer, proof, check) =
            (session.who(), session.proof(), check_words(&session.keying, &session.officer.key, &key));
        let key = session.officer.key;
        let Some(granted) = session.granted_mut() else { return };
        granted.confirmation = Confirmation::Asked(now + PATIENCE);
        let lasted = now.saturating_duration_since(granted.began);
        let question = Question {
            purpose: Purpose::Again { lasted },
            officer,
            proof,
            key,
            check,
            reason,
            ticket,
            permissions: granted.grant.permissions,
            duration: granted.until.saturating_duration_since(now),
            returns: Return::AskAgain,
            patience: PATIENCE,
        };
        self.note(Some(id), Entry::AskedAgain { lasted: seconds(lasted) });
        self.open_question(id, Open::Again, question);
    }

    /// The user has answered.
    pub(super) fn answer_again(&mut self, now: Instant, id: SessionId, answer: Answer) {
        match answer {
            // Who is there, and what for, the user has decided at the beginning.
            Answer::Grant(_) | Answer::GrantStranger(_) => self.record_confirmation(now, id),
            Answer::Deny | Answer::Block => {
                self.note_refusal(id, End::Denied, Actor::User);
                self.end(id, End::Stopped);
            }
            Answer::Unanswered => self.not_confirmed(now, id),
        }
    }

    /// The user lets sessions go on that are paused because a question was not answered.
    pub fn go_on(&mut self, now: Instant) {
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let granted = self.sessions.get(&id).and_then(Session::granted);
            if granted.is_some_and(|granted| matches!(granted.confirmation, Confirmation::Missing(_))) {
                self.record_confirmation(now, id);
            }
        }
    }

    fn record_confirmation(&mut self, now: Instant, id: SessionId) {
        let Some(granted) = self.sessions.get(&id).and_then(Session::granted) else { return };
        let seconds = seconds(granted.until.saturating_duration_since(now));
        let decision = Decision::Granted { permissions: granted.grant.permissions, seconds };
        self.record(Some(id), Entry::Answered { decision, by: Actor::User }, After::Confirm(id));
    }

    /// The yes is recorded.
    pub(super) fn confirm(&mut self, now: Instant, time: Time, id: SessionId) {
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        granted.confirmation = Confirmation::Due(now + INTERVAL);
        self.note_fact(id, time, Happened::Confirmed);
        self.change_pauses_of(now, &[id], |pauses| pauses.without(PauseReason::Unconfirmed));
    }

    pub(super) fn not_confirmed(&mut self, now: Instant, id: SessionId) {
        self.withdraw(id);
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        granted.confirmation = Confirmation::Missing(now + MERCY);
        self.note_refusal(id, End::Unanswered, Actor::User);
        self.change_pauses_of(now, &[id], |pauses| pauses.with(PauseReason::Unconfirmed));
    }
}
