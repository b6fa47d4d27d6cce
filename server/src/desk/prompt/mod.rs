//! The question: who asks, why, for what, for how long; Allow and Deny. Saying nothing means no.

mod options;
mod purpose;
mod view;

use super::{
    message::{Answer, Choice, Offer, Scope},
    stranger::Stranger,
    words::Words,
};
use crate::capture::Scenery;
use beside_protocol::wire::{Proof, Purpose, Question, Return};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// The width, in points.
pub(super) const WIDTH: f32 = 600.0;

/// How long a question that has just appeared takes no answer: nobody shall answer what they have not read.
const ASLEEP: Duration = Duration::from_secs(1);

/// One question and what the user has done about it so far.
#[derive(Debug)]
pub(super) struct Prompt {
    session: u64,
    question: Question,
    /// What else it takes to allow it, where nobody here vouches for the officer.
    stranger: Option<Stranger>,
    /// What Allow would grant.
    choice: Choice,
    offer: Offer,
    scenery: Scenery,
    page: Page,
    deadline: Instant,
    attention: Attention,
    hint: Option<Hint>,
    tabbed: bool,
}

/// Whether the user can have seen the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attention {
    /// It was never painted.
    Unseen,
    /// Something hides all of it.
    Hidden,
    /// It is there since then.
    Since(Instant),
}

/// What the window shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    /// The question itself, where alone it can be allowed.
    Question,
    /// For how long.
    Time,
    /// What is shown.
    Shown,
    /// What is hidden.
    Hidden,
    /// What follows a restart.
    Restart,
}

/// Why something that was pressed had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A program pressed it.
    NotFromHere,
    /// This display can't tell people from programs, so that nothing can be allowed.
    CannotTell,
}

impl Prompt {
    /// A question that was received at `now`. Of a new session, to see only is chosen at first, for as long as was asked.
    pub(super) fn new(session: u64, question: Question, offer: Offer, words: &Words, now: Instant) -> Self {
        let choice = Choice {
            permissions: purpose::chosen(&question),
            duration: question.duration,
            scope: Scope::Whole,
            hide: BTreeSet::new(),
            returns: Return::AskAgain,
        };
        let deadline = now + question.patience;
        let begins = question.purpose == Purpose::Session;
        let stranger = (begins && question.proof == Proof::Code).then(|| Stranger::new(words));
        Self {
            session,
            question,
            stranger,
            choice,
            offer,
            scenery: Scenery::default(),
            page: Page::Question,
            deadline,
            attention: Attention::Unseen,
            hint: None,
            tabbed: false,
        }
    }

    /// What there is on the screen to choose from.
    pub(super) fn set_scenery(&mut self, scenery: Scenery) {
        self.scenery = scenery;
    }

    /// Whether the user can choose anything of the screen.
    pub(super) fn offers_scenery(&self) -> bool {
        self.begins() && self.offer != Offer::Nothing
    }

    /// What it is about.
    pub(super) const fn purpose(&self) -> &Purpose {
        &self.question.purpose
    }

    /// Whether it is about a session that would begin: only then is there anything to choose.
    fn begins(&self) -> bool {
        self.question.purpose == Purpose::Session
    }

    /// Whose question it is.
    pub(super) const fn session(&self) -> u64 {
        self.session
    }

    /// When saying nothing has become a no.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// It has been painted. That brings it into view the first time only.
    pub(super) fn painted(&mut self, now: Instant) {
        if self.attention == Attention::Unseen {
            self.attention = Attention::Since(now);
        }
    }

    /// Nothing hides it any more.
    pub(super) fn uncovered(&mut self, now: Instant) {
        if self.attention == Attention::Hidden {
            self.attention = Attention::Since(now);
        }
    }

    /// Something hides the question: when it is back, it has to be read again.
    pub(super) const fn hidden(&mut self) {
        self.attention = Attention::Hidden;
    }

    /// Whether what is pressed may have an effect.
    pub(super) fn is_awake(&self, now: Instant) -> bool {
        self.shown().is_some_and(|shown| now >= shown + ASLEEP)
    }

    /// Since when it is there to be read.
    const fn shown(&self) -> Option<Instant> {
        match self.attention {
            Attention::Since(shown) => Some(shown),
            Attention::Unseen | Attention::Hidden => None,
        }
    }

    /// The answer that Allow gives, if it may be given.
    fn allowed(&self, now: Instant) -> Option<Answer> {
        let shown = self.shown().filter(|_| self.is_awake(now))?;
        if self.hint == Some(Hint::CannotTell) || self.choice.permissions.is_empty() {
            return None;
        }
        match &self.stranger {
            None => Some(Answer::Grant(self.choice.clone())),
            Some(stranger) => stranger.is_confirmed(shown, now).then(|| Answer::GrantStranger(self.choice.clone())),
        }
    }

    /// When it has to be painted again.
    pub(super) fn next_change(&self, now: Instant) -> Instant {
        match self.attention {
            Attention::Since(shown) if now < shown + ASLEEP => shown + ASLEEP,
            _ => now + Duration::from_millis(500),
        }
    }

    /// Says why something had no effect.
    pub(super) const fn explain(&mut self, hint: Hint) {
        self.hint = Some(hint);
    }

    /// Tab was pressed: from now on the keyboard can answer.
    pub(super) const fn tab(&mut self) {
        self.tabbed = true;
    }

    /// A program has moved the focus: the keyboard answers when the user has pressed Tab again.
    pub(super) const fn focus_moved(&mut self) {
        self.tabbed = false;
    }

    /// Whether Enter and Space may press what has the focus.
    pub(super) const fn keyboard_answers(&self) -> bool {
        self.tabbed
    }
}

#[cfg(test)]
impl Prompt {
    /// As if the user had typed what is asked for of them.
    pub(super) fn type_in(&mut self) {
        self.stranger.iter_mut().for_each(Stranger::obey);
    }

    /// As if the user had pressed one of the lines: for how long, what is shown, what is hidden, what follows a restart.
    pub(super) fn turn_to(&mut self, line: usize) {
        self.page = [Page::Time, Page::Shown, Page::Hidden, Page::Restart][line];
    }

    /// What is asked.
    pub(super) const fn question(&self) -> &Question {
        &self.question
    }

    /// What Allow would grant.
    pub(super) const fn choice(&self) -> &Choice {
        &self.choice
    }
}

#[cfg(test)]
mod tests;
