//! What the user is asked while sessions are on. As long as any question is open nothing is injected, for anybody.

use super::{
    Answer, Event, Host, SessionId,
    session::{Session, State},
    step_up::Wish,
};
use crate::{
    record::{Actor, Decision, Entry},
    wire::{End, FromHost, Hands, Question, Refusal},
};
use std::time::Instant;

/// What the user is being asked about a session that is on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Open {
    /// Whether it may have more.
    More(Wish),
    /// Whether it may go on.
    Again,
}

impl Host {
    /// Whether the user is being asked anything.
    pub(super) fn is_asking(&self) -> bool {
        let asks = |session: &Session| session.open.is_some() || matches!(session.state, State::AwaitConsent(_));
        self.sessions.values().any(asks)
    }

    /// Whose hands are at work.
    pub(super) fn whose_hands(&self) -> Hands {
        match self.hands {
            Hands::Officer if self.is_asking() => Hands::Nobody,
            hands => hands,
        }
    }

    /// Whose hands are at work may have changed: where they are not the officer's any more, what they hold comes up.
    pub(super) fn follow_hands(&mut self) {
        let hands = self.whose_hands();
        if std::mem::replace(&mut self.hands_told, hands) == hands {
            return;
        }
        if let Some(id) = self.control {
            if hands != Hands::Officer {
                self.release_held(id);
            }
            self.send(id, &FromHost::Hands(hands));
        }
    }

    /// Puts a question about a session that is on, which has none open.
    pub(super) fn open_question(&mut self, id: SessionId, open: Open, question: Question) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.open = Some(open);
        // What is held comes up before the question is there.
        self.follow_hands();
        self.events.push_back(Event::Ask(id, question));
    }

    /// The user's answer to a question about a session that is on.
    pub(super) fn answer_open(&mut self, now: Instant, id: SessionId, answer: Answer) {
        let open = self.sessions.get_mut(&id).and_then(|session| session.open.take());
        match (open, answer) {
            (None, _) => {}
            (Some(_), Answer::Block) => self.block(id),
            (Some(Open::More(wish)), _) => self.answer_more(now, id, wish, answer),
            (Some(Open::Again), _) => self.answer_again(now, id, answer),
        }
        self.follow_hands();
    }

    /// Takes a question about a session back, if there is one.
    pub(super) fn withdraw(&mut self, id: SessionId) -> Option<Open> {
        let open = self.sessions.get_mut(&id)?.open.take()?;
        self.events.push_back(Event::Withdraw(id));
        self.follow_hands();
        Some(open)
    }

    /// Nothing comes of what an officer has asked for, if it is still open.
    pub(super) fn withdraw_more(&mut self, id: SessionId, end: End, refusal: Refusal) {
        if self.sessions.get(&id).is_some_and(|session| matches!(session.open, Some(Open::More(_)))) {
            self.withdraw(id);
            self.note_refusal(id, end, Actor::Policy);
            self.refuse(id, refusal);
        }
    }

    /// Records that the answer was no.
    pub(super) fn note_refusal(&mut self, id: SessionId, end: End, by: Actor) {
        self.note(Some(id), Entry::Answered { decision: Decision::Refused { end }, by });
    }
}
