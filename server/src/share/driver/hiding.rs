//! What is hidden from officers: what the user chose, and every question that the desk asks, before it is on the screen.

use super::Driver;
use crate::{capture::Hiding, desk::ToDesk, share::ShareError};
use beside_protocol::{
    session::host::{Display, SessionId},
    wire::Question,
};
use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

/// For so long after its answer a question may still be on the screen: the desk closes it then, and compositors let windows
/// fade.
const FADING: Duration = Duration::from_secs(1);

/// The questions at the desk.
#[derive(Debug, Default)]
pub(in crate::share) struct Questions {
    /// Those that are not shown before all workers hide them.
    waiting: VecDeque<(SessionId, Question)>,
    /// Those that the desk has.
    open: BTreeSet<SessionId>,
    cover: Cover,
    /// The number of the rules that workers were told last.
    rules: u64,
    /// The workers that have not said yet that they obey them.
    unsure: BTreeSet<Display>,
}

/// Whether workers hide questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cover {
    #[default]
    Off,
    On,
    /// Still, since the last one was closed then.
    Fading(Instant),
}

impl Driver {
    /// What is hidden now.
    pub(in crate::share) fn hiding(&self) -> Hiding {
        let mut hiding = self.options.hiding.clone();
        self.picks.add_to(&mut hiding);
        if self.questions.cover == Cover::Off { hiding } else { hiding.with_question() }
    }

    /// Has the desk ask a question, once no picture can show it any more.
    pub(in crate::share) fn ask_at_desk(&mut self, id: SessionId, question: Question) -> Result<(), ShareError> {
        self.questions.waiting.push_back((id, question));
        let before = std::mem::replace(&mut self.questions.cover, Cover::On);
        if before == Cover::Off {
            self.tell_workers();
        }
        self.show_questions()
    }

    /// Takes a question back from the desk.
    pub(in crate::share) fn withdraw_at_desk(&mut self, now: Instant, id: SessionId) -> Result<(), ShareError> {
        self.questions.waiting.retain(|(waiting, _)| *waiting != id);
        self.close_question(now, id);
        self.tell(ToDesk::Withdraw { session: id.0 })
    }

    /// The desk closes a question, or never had it.
    pub(in crate::share) fn close_question(&mut self, now: Instant, id: SessionId) {
        let Questions { waiting, open, cover, .. } = &mut self.questions;
        open.remove(&id);
        if open.is_empty() && waiting.is_empty() && *cover == Cover::On {
            *cover = Cover::Fading(now);
        }
    }

    /// Shows again what only a question hid, some time after the last was closed. To be called now and then.
    pub(in crate::share) fn uncover(&mut self, now: Instant) {
        if matches!(self.questions.cover, Cover::Fading(since) if now >= since + FADING) {
            self.questions.cover = Cover::Off;
            self.tell_workers();
        }
    }

    /// A worker says which rules it obeys.
    pub(in crate::share) fn hear_obedience(&mut self, display: Display, rules: u64) -> Result<(), ShareError> {
        if rules == self.questions.rules {
            self.questions.unsure.remove(&display);
        }
        self.show_questions()
    }

    /// A worker is no more.
    pub(in crate::share) fn close_worker(&mut self, display: Display) -> Result<(), ShareError> {
        self.workers.remove(&display);
        self.questions.unsure.remove(&display);
        self.show_questions()
    }

    fn tell_workers(&mut self) {
        self.questions.rules += 1;
        let (hiding, rules) = (self.hiding(), self.questions.rules);
        for (display, (_, worker)) in &self.workers {
            worker.hide(hiding.clone(), rules);
            self.questions.unsure.insert(*display);
        }
    }

    fn show_questions(&mut self) -> Result<(), ShareError> {
        while self.questions.unsure.is_empty()
            && let Some((id, mut question)) = self.questions.waiting.pop_front()
        {
            self.questions.open.insert(id);
            question.returns = self.offered_return(question.returns);
            let offer = self.offer();
            self.tell(ToDesk::Ask { session: id.0, question, offer })?;
        }
        Ok(())
    }
}
