//! The question: who asks, why, for what, for how long; Allow and Deny. Saying nothing means no.

use super::{
    look::{self, text},
    message::Answer,
    stranger::Stranger,
};
use beside_protocol::wire::{Permission, Permissions, Proof, Question};
use egui::{Color32, CornerRadius, Frame, Margin, RichText, ScrollArea, Ui, vec2};
use std::time::{Duration, Instant};

/// The width, in points.
pub(super) const WIDTH: f32 = 520.0;

/// How long a question that has just appeared takes no answer: nobody shall answer what they have not read.
const ASLEEP: Duration = Duration::from_secs(1);

/// Room around everything, in points.
const MARGIN: i8 = 26;

/// What the officer's words may take before they scroll, in points.
const REASON_HEIGHT: f32 = 118.0;

/// What the permissions may take before they scroll, in points.
const PERMISSIONS_HEIGHT: f32 = 240.0;

/// One question and what the user has done about it so far.
#[derive(Debug)]
pub(super) struct Prompt {
    session: u64,
    question: Question,
    /// What else it takes to allow it, where nobody here vouches for the officer.
    stranger: Option<Stranger>,
    chosen: Permissions,
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

/// Why something that was pressed had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A program pressed it.
    NotFromHere,
    /// This display can't tell people from programs, so that nothing can be allowed.
    CannotTell,
}

impl Prompt {
    /// A question that was received at `now`.
    pub(super) fn new(session: u64, question: Question, now: Instant) -> Self {
        let chosen = question.permissions.both(Permissions::VIEW);
        let deadline = now + question.patience;
        let stranger = (question.proof == Proof::Code).then(|| Stranger::new(question.check.first()));
        Self { session, question, stranger, chosen, deadline, attention: Attention::Unseen, hint: None, tabbed: false }
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
        if self.hint == Some(Hint::CannotTell) || self.chosen.is_empty() {
            return None;
        }
        match &self.stranger {
            None => Some(Answer::Grant(self.chosen)),
            Some(stranger) => stranger.is_confirmed(shown, now).then_some(Answer::GrantStranger(self.chosen)),
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

    /// Whether Enter and Space may press what has the focus.
    pub(super) const fn keyboard_answers(&self) -> bool {
        self.tabbed
    }

    /// Lays it out and takes clicks; returns the answer once there is one.
    pub(super) fn show(&mut self, ui: &mut Ui, now: Instant) -> Option<Answer> {
        let awake = self.is_awake(now);
        let inside = Frame::NONE.inner_margin(Margin { bottom: MARGIN / 2, ..Margin::same(MARGIN) });
        inside
            .show(ui, |ui| {
                if self.stranger.is_some() {
                    Stranger::warning(ui);
                    ui.add_space(16.0);
                }
                self.who(ui);
                ui.add_space(16.0);
                self.why(ui);
                ui.add_space(16.0);
                self.what(ui, awake);
                ui.add_space(16.0);
                let shown = self.shown();
                if let Some(stranger) = &mut self.stranger {
                    stranger.confirmation(ui, awake, shown, now);
                    ui.add_space(12.0);
                }
                self.countdown(ui, now);
                ui.add_space(12.0);
                let answer = self.buttons(ui, awake, now);
                ui.add_space(14.0);
                self.footer(ui);
                answer
            })
            .inner
    }

    fn who(&self, ui: &mut Ui) {
        let what = if self.question.permissions.has(Permission::Control) {
            "control this computer"
        } else {
            "see your screen"
        };
        let asks = format!("{} asks to {what}", self.question.officer);
        ui.label(RichText::new(asks).size(25.0).color(look::INK));
        ui.add_space(8.0);
        let small = |words: String| RichText::new(words).size(look::TEXT - 1.0).color(look::SOFT_INK);
        if self.question.proof == Proof::Enrolled {
            ui.label(small(format!(
                "This computer knows the name by this key, now proven: {}",
                self.question.key.words()
            )));
            ui.add_space(2.0);
        }
        ui.label(small(format!("Check words, the same on their screen: {}", self.question.check)));
    }

    fn why(&self, ui: &mut Ui) {
        let writer = if self.stranger.is_some() { "They" } else { self.question.officer.as_str() };
        let verb = if self.stranger.is_some() { "write" } else { "writes" };
        ui.label(text(format!("{writer} {verb}:"), look::SOFT_INK));
        ui.add_space(6.0);
        let card =
            Frame::NONE.fill(look::CARD).corner_radius(CornerRadius::same(8)).inner_margin(Margin::symmetric(16, 12));
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            let words = format!("“{}”", self.question.reason);
            ScrollArea::vertical().id_salt("why").max_height(REASON_HEIGHT).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(words).size(look::TEXT + 1.0).color(look::INK));
            });
        });
    }

    fn what(&mut self, ui: &mut Ui, awake: bool) {
        let duration = look::minutes(self.question.duration.as_secs());
        ui.label(text(format!("You decide what to allow, for {duration} at most:"), look::SOFT_INK));
        ui.add_space(8.0);
        ScrollArea::vertical().id_salt("what").max_height(PERMISSIONS_HEIGHT).show(ui, |ui| {
            for permission in self.question.permissions.iter() {
                self.permission(ui, permission, awake);
                ui.add_space(4.0);
            }
        });
    }

    fn permission(&mut self, ui: &mut Ui, permission: Permission, awake: bool) {
        let (title, sentence) = in_words(permission);
        let mut on = self.chosen.has(permission);
        ui.horizontal(|ui| {
            ui.set_min_height(50.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 116.0);
                ui.add_space(3.0);
                ui.label(RichText::new(title).size(look::TEXT + 1.0).color(look::INK));
                ui.label(RichText::new(sentence).size(look::TEXT - 1.0).color(look::SOFT_INK));
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if permission == Permission::View {
                    ui.label(text("always on", look::GREEN));
                } else {
                    look::switch(ui, &mut on, title, awake && self.hint != Some(Hint::CannotTell));
                    ui.add_space(12.0);
                    ui.label(if on { text("On", look::GREEN) } else { text("Off", look::SOFT_INK) });
                }
            });
        });
        self.chosen = if on { self.chosen.with(permission) } else { self.chosen.without(permission) };
    }

    fn countdown(&self, ui: &mut Ui, now: Instant) {
        let left = self.deadline.saturating_duration_since(now);
        let share = left.as_secs_f32() / self.question.patience.as_secs_f32().max(1.0);
        let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), egui::Sense::hover());
        ui.painter().rect_filled(bar, 3.0, look::ASLEEP);
        let rest = egui::Rect::from_min_size(bar.min, vec2(bar.width() * share.min(1.0), bar.height()));
        ui.painter().rect_filled(rest, 3.0, look::SLATE);
        ui.add_space(8.0);
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        ui.label(text(format!("No answer within {seconds} {unit} means no."), look::SOFT_INK));
    }

    fn buttons(&self, ui: &mut Ui, awake: bool, now: Instant) -> Option<Answer> {
        let gap = 14.0;
        let size = vec2((ui.available_width() - gap) / 2.0, 54.0);
        let mut answer = None;
        ui.horizontal(|ui| {
            if look::button(ui, "Deny", size, look::SLATE, awake).clicked() {
                answer = Some(Answer::Deny);
            }
            ui.add_space(gap);
            let allowed = self.allowed(now);
            if look::button(ui, &self.allow_label(), size, look::GREEN, allowed.is_some()).clicked() {
                answer = allowed;
            }
        });
        answer
    }

    /// What Allow would allow.
    fn allow_label(&self) -> String {
        match (self.chosen == Permissions::VIEW, self.chosen == Permissions::CONTROL) {
            (true, _) => "Allow to see".into(),
            (_, true) => "Allow to see and control".into(),
            _ => "Allow what is on".into(),
        }
    }

    fn footer(&self, ui: &mut Ui) {
        let (line, colour): (_, Color32) = match self.hint {
            None => ("You can stop at any time: a Stop button stays on your screen.", look::SOFT_INK),
            Some(Hint::NotFromHere) => (
                "That click or key is not surely from this computer's own mouse or keyboard. It was ignored.",
                look::WARNING,
            ),
            Some(Hint::CannotTell) => {
                ("This display can't tell your clicks from a program's, so nothing can be allowed.", look::WARNING)
            }
        };
        // Always two lines, so that nothing moves when the line changes.
        ui.allocate_ui(vec2(ui.available_width(), 44.0), |ui| {
            ui.set_min_height(44.0);
            ui.label(RichText::new(line).size(look::TEXT - 1.0).color(colour));
        });
    }
}

/// What a permission means for the user: a title and a sentence.
const fn in_words(permission: Permission) -> (&'static str, &'static str) {
    match permission {
        Permission::View => ("See your screen", "Everything that you see, they see."),
        Permission::Control => ("Use your keyboard and mouse", "They can do what you can do here."),
        Permission::Clipboard => ("Share the clipboard", "What you copy, they can paste, and the reverse."),
        Permission::Files => ("Exchange files", "They can send files here and fetch yours."),
        Permission::Diagnose => ("Read facts about this computer", "Its model, system and health."),
        Permission::Terminal => ("Use a command line", "They can run any command as you."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::stranger;
    use super::*;
    use beside_protocol::{
        session::{Keying, check_words},
        wire::Fingerprint,
    };
    use egui::{Event, Modifiers, PointerButton, RawInput, pos2};

    const PATIENCE: Duration = Duration::from_secs(60);

    fn prompt(now: Instant) -> Prompt {
        let question = Question {
            officer: "Anna Berger".into(),
            proof: Proof::Enrolled,
            key: Fingerprint([7; 32]),
            check: check_words(&Keying::new([1; 32], [2; 32]), &Fingerprint([7; 32]), &Fingerprint([8; 32])),
            reason: "ticket 4711".into(),
            permissions: Permissions::CONTROL.with(Permission::Files),
            duration: Duration::from_secs(1800),
            patience: PATIENCE,
        };
        Prompt::new(1, question, now)
    }

    /// Clicks at every place of the window once; returns the answers.
    fn sweep(prompt: &mut Prompt, now: Instant) -> Vec<Answer> {
        let context = egui::Context::default();
        let screen = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDTH, 900.0));
        let mut answers = Vec::new();
        for (x, y) in (20..900).step_by(14).flat_map(|y| (20..500).step_by(40).map(move |x| (x as f32, y as f32))) {
            let button = |pressed| Event::PointerButton {
                pos: pos2(x, y),
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            };
            for event in [Event::PointerMoved(pos2(x, y)), button(true), button(false)] {
                let input = RawInput { screen_rect: Some(screen), events: vec![event], ..RawInput::default() };
                let _ = context.run_ui(input, |ui| answers.extend(prompt.show(ui, now)));
            }
        }
        answers
    }

    #[test]
    fn the_first_second_takes_no_answer_and_starts_anew_when_hidden() {
        let start = Instant::now();
        let mut prompt = prompt(start);
        assert!(sweep(&mut prompt, start + PATIENCE).is_empty(), "not shown yet");
        prompt.painted(start);
        assert!(sweep(&mut prompt, start + ASLEEP - Duration::from_millis(1)).is_empty());
        assert_eq!(prompt.chosen, Permissions::VIEW, "switches sleep too");
        assert!(prompt.is_awake(start + ASLEEP));
        prompt.hidden();
        prompt.painted(start);
        assert!(!prompt.is_awake(start + ASLEEP), "painted, but not in view");
        prompt.uncovered(start + ASLEEP);
        assert!(!prompt.is_awake(start + ASLEEP) && prompt.is_awake(start + 2 * ASLEEP));
    }

    #[test]
    fn allow_grants_what_is_switched_on() {
        let start = Instant::now();
        let mut prompt = prompt(start);
        prompt.painted(start);
        prompt.chosen = Permissions::CONTROL;
        let granted: Vec<_> = sweep(&mut prompt, start + ASLEEP).into_iter().filter(|a| *a != Answer::Deny).collect();
        // The sweep may have pressed a switch before it reached Allow; view is on whatever it pressed.
        assert!(!granted.is_empty());
        for answer in granted {
            assert!(matches!(answer, Answer::Grant(granted) if granted.has(Permission::View)), "{answer:?}");
        }
    }

    /// §B.4: no yes to somebody whom nobody knows without ten seconds and the word, wherever is clicked.
    #[test]
    fn a_stranger_takes_ten_seconds_and_a_word() {
        let start = Instant::now();
        let question = Question { proof: Proof::Code, permissions: Permissions::VIEW, ..prompt(start).question };
        let ask = |word: Option<&str>| {
            let mut prompt = Prompt::new(1, question.clone(), start);
            prompt.painted(start);
            if let (Some(stranger), Some(word)) = (&mut prompt.stranger, word) {
                stranger.type_in(word);
            }
            prompt
        };
        let word = question.check.first();
        let late = start + stranger::READING;
        let only_no =
            |answers: Vec<Answer>| !answers.is_empty() && answers.iter().all(|answer| *answer == Answer::Deny);
        assert!(only_no(sweep(&mut ask(None), late)), "without the word");
        assert!(only_no(sweep(&mut ask(Some("wrong")), late)));
        assert!(only_no(sweep(&mut ask(Some(word)), late - Duration::from_millis(1))), "too soon");
        let answers = sweep(&mut ask(Some(word)), late);
        assert!(answers.contains(&Answer::GrantStranger(Permissions::VIEW)));
        assert!(!answers.iter().any(|answer| matches!(answer, Answer::Grant(_))));
    }

    #[test]
    fn where_presses_cannot_be_told_apart_nothing_can_be_allowed() {
        let start = Instant::now();
        let mut prompt = prompt(start);
        prompt.painted(start);
        prompt.explain(Hint::CannotTell);
        let answers = sweep(&mut prompt, start + ASLEEP);
        assert!(!answers.is_empty() && answers.iter().all(|answer| *answer == Answer::Deny));
    }
}
