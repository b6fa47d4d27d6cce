//! What an officer asks for during a session, and gives up: the user says yes or no, and a yes lasts for a while.

use super::{
    Answer, Host, SessionId,
    asking::Open,
    record::Purpose as After,
    refusals::REFUSED,
    session::{Session, seconds},
};
use crate::{
    record::{Actor, Decision, Entry, Happened, Time},
    session::{Asking, admission::PATIENCE, check_words},
    wire::{FromHost, Holder, More, Permission, Permissions, Proof, Purpose, Question, Refusal, Return, StepUp},
};
use std::time::{Duration, Instant};

/// What the user is being asked to add.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    permissions: Permissions,
    duration: Duration,
    /// Who has control, as the question says.
    holder: Option<SessionId>,
    /// When saying nothing becomes no.
    pub(super) until: Instant,
}

/// What the user has agreed to add.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addition {
    permissions: Permissions,
    until: Instant,
}

impl Host {
    /// An officer asks for more.
    pub(super) fn handle_more(&mut self, now: Instant, id: SessionId, more: More) {
        match self.admit_more(now, id, &more) {
            Ok((wish, question)) => {
                let (permissions, seconds) = (wish.permissions, seconds(wish.duration));
                self.note(Some(id), Entry::AskedMore { reason: more.reason, permissions, seconds });
                self.open_question(id, Open::More(wish), question);
                let seconds = super::session::seconds(PATIENCE);
                self.send(id, &FromHost::StepUp(StepUp::Asking { seconds }));
            }
            Err(refusal) => self.refuse(id, refusal),
        }
    }

    /// The question that an officer's wish makes, if it may be asked: never for more than the records permit, nor longer than
    /// the session lasts.
    fn admit_more(&self, now: Instant, id: SessionId, more: &More) -> Result<(Wish, Question), Refusal> {
        let session = self.sessions.get(&id).ok_or(Refusal::Nobody)?;
        let granted = session.live().ok_or(Refusal::Nobody)?.granted;
        self.check_log().map_err(|_| Refusal::Unrecorded)?;
        if self.rules.asking == Asking::Nobody || self.is_locked() {
            return Err(Refusal::Nobody);
        }
        if !granted.pause.is_off() {
            return Err(Refusal::Paused);
        }
        if session.open.is_some() {
            return Err(Refusal::Busy);
        }
        if let Some(left) = self.refusals.silence(now, &session.officer.key) {
            return Err(Refusal::Wait { seconds: seconds(left).max(1) });
        }
        let permitted = session.permit(&self.rules.policy).both(granted.most);
        let permissions = more.permissions.both(permitted).except(granted.grant.permissions);
        if permissions.is_empty() {
            return Err(Refusal::NotPermitted);
        }
        let longest = granted.until.saturating_duration_since(now).min(granted.confirmation.longest_extra());
        let duration = Duration::from_secs(more.seconds.into()).min(longest);
        let holder = self.control.filter(|_| permissions.has(Permission::Control));
        let named = holder.and_then(|holder| Some(self.sessions.get(&holder)?.who()));
        let question = Question {
            purpose: Purpose::More { holder: named },
            officer: session.who(),
            proof: session.proof(),
            key: session.officer.key,
            check: check_words(&session.keying, &session.officer.key, &self.key()),
            reason: more.reason.clone(),
            ticket: session.ledger.as_ref().and_then(|ledger| ledger.offer().request.ticket.clone()),
            permissions,
            duration,
            returns: Return::AskAgain,
            patience: PATIENCE,
        };
        Ok((Wish { permissions, duration, holder, until: now + PATIENCE }, question))
    }

    /// The user has answered. What they have agreed to waits until that is recorded.
    pub(super) fn answer_more(&mut self, now: Instant, id: SessionId, wish: Wish, answer: Answer) {
        let Some(session) = self.sessions.get(&id) else { return };
        let Some(granted) = session.granted() else { return };
        let key = session.officer.key;
        let choice = match (answer, session.proof()) {
            (Answer::Grant(choice), Proof::Enrolled | Proof::Organisation { .. })
            | (Answer::GrantStranger(choice), _) => choice,
            _ => Permissions::NONE.into(),
        };
        let given = choice.permissions.both(wish.permissions);
        let duration = choice.duration.map_or(wish.duration, |chosen| chosen.min(wish.duration));
        let until = granted.until.min(now + duration);
        let refusal = if answer == Answer::Unanswered { Refusal::Unanswered } else { Refusal::Denied };
        if given.is_empty() {
            self.refusals.count(now, key, REFUSED);
            self.note_refusal(id, refusal.end(), Actor::User);
            return self.refuse(id, refusal);
        }
        self.refusals.forgive(&key);
        let elsewhere = self.control.filter(|holder| *holder != id);
        if given.has(Permission::Control) && elsewhere.is_some() && elsewhere != wish.holder {
            // The question did not say from whom it would be taken.
            self.note_refusal(id, Refusal::Changed.end(), Actor::Policy);
            return self.refuse(id, Refusal::Changed);
        }
        if let Err(end) = self.check_log() {
            self.note_refusal(id, end, Actor::Policy);
            return self.refuse(id, Refusal::Unrecorded);
        }
        let seconds = seconds(until.saturating_duration_since(now));
        let decision = Decision::Granted { permissions: given, seconds };
        let addition = Addition { permissions: given, until };
        self.record(Some(id), Entry::Answered { decision, by: Actor::User }, After::Add(id, addition));
    }

    /// The yes is recorded: the session has more, as far as that is not withdrawn since.
    pub(super) fn add(&mut self, now: Instant, time: Time, id: SessionId, addition: Addition) {
        let Addition { permissions, until } = addition;
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        let before = granted.grant.permissions;
        let added = permissions.both(granted.most).except(before);
        if added.is_empty() || now >= until {
            return self.refuse(id, Refusal::Changed);
        }
        let after = before.either(added);
        granted.extras.add(added, until);
        granted.grant.permissions = after;
        if let Some(session) = self.sessions.get_mut(&id) {
            session.added = session.added.either(added);
        }
        if added.has(Permission::Control) && self.sessions.get(&id).is_some_and(|session| session.live().is_some()) {
            self.hand_over(now, id);
        }
        let seconds = seconds(until.saturating_duration_since(now));
        self.note_waiting_facts(id, time);
        self.note_fact(id, time, Happened::Allowed { permissions: added, seconds });
        self.note_fact(id, time, Happened::Permissions(after));
        self.announce(now, id);
        self.send(id, &FromHost::StepUp(StepUp::Granted { permissions: added, seconds }));
    }

    /// Takes back what was added to a session and is over, and the question that nobody has answered in time.
    pub(super) fn time_extras(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let late = matches!(session.open, Some(Open::More(wish)) if now >= wish.until);
        let over = session.granted().map_or(Permissions::NONE, |granted| granted.extras.over(now));
        if late && let Some(Open::More(wish)) = self.withdraw(id) {
            self.answer_more(now, id, wish, Answer::Unanswered);
        }
        self.take_back(now, id, over);
    }

    /// The officer gives control up. It is nobody's then, until the user gives it to somebody.
    pub(super) fn yield_control(&mut self, now: Instant, id: SessionId) {
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        granted.switches = granted.switches.without(Permission::Control);
        self.take_back(now, id, Permissions::NONE.with(Permission::Control));
    }

    /// Takes these from a session, as far as it has them. It may have them again.
    fn take_back(&mut self, now: Instant, id: SessionId, permissions: Permissions) {
        let Some(granted) = self.sessions.get(&id).and_then(Session::granted) else { return };
        let (before, kept) = (granted.grant.permissions, granted.grant.permissions.except(permissions));
        let live = self.sessions.get(&id).is_some_and(|session| session.live().is_some());
        if kept == before {
            return;
        }
        self.set_permissions(id, kept);
        self.record_permissions(id, kept);
        if live {
            self.announce(now, id);
        }
    }

    /// Tells an officer that nothing has come of it.
    pub(super) fn refuse(&mut self, id: SessionId, refusal: Refusal) {
        self.send(id, &FromHost::StepUp(StepUp::Refused(refusal)));
    }

    /// Tells officers who has control, as far as they have not been told.
    pub(super) fn tell_holder(&mut self) {
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let Some(live) = self.sessions.get_mut(&id).and_then(Session::live_mut) else { continue };
            let holder = match self.control {
                None => Holder::Nobody,
                Some(holder) if holder == id => Holder::You,
                Some(_) => Holder::Another,
            };
            if std::mem::replace(&mut live.holder, holder) != holder {
                self.send(id, &FromHost::Control(holder));
            }
        }
    }
}
