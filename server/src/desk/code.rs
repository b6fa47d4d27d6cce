//! The user's code: a small window in a corner that shows it while it lasts, and offers another when it is over.

use super::{
    look::{self, Effect, text},
    message::NoCode,
    pane::{Pane, PaneError},
    words::{Text, Words},
};
use beside_protocol::session::contact::Code;
use egui::{CornerRadius, Frame, Margin, RichText, Stroke, StrokeKind, Ui, vec2};
use std::time::{Duration, Instant};
use winit::event::WindowEvent;

/// The width, in points.
pub(super) const WIDTH: f32 = 340.0;

/// What the window shows.
#[derive(Debug)]
pub(super) enum Card {
    /// A code that can be used until then.
    Good { code: Code, until: Instant },
    /// There is none, for this reason.
    Over(NoCode),
}

/// What the user did there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// There shall be a new code.
    New,
    /// The window shall close, and with it the code be off.
    Close,
}

/// The window with what it shows.
pub(super) struct CodeWindow {
    pub(super) card: Card,
    pub(super) pane: Pane,
}

impl CodeWindow {
    /// Takes an event of the window.
    pub(super) fn on_event(
        &mut self,
        event: &WindowEvent,
        words: &Words,
        now: Instant,
    ) -> Result<Option<Press>, PaneError> {
        match event {
            WindowEvent::CloseRequested => Ok(Some(Press::Close)),
            WindowEvent::RedrawRequested => {
                let Self { card, pane } = self;
                let press = pane.paint(look::PAPER, |ui| card.show(ui, words, now))?;
                if let Some(at) = card.next_change(now) {
                    pane.repaint_by(at);
                }
                Ok(press.flatten())
            }
            event => {
                self.pane.take(event);
                Ok(None)
            }
        }
    }
}

impl Card {
    /// When it has to be painted again.
    fn next_change(&self, now: Instant) -> Option<Instant> {
        let Self::Good { until, .. } = self else { return None };
        let left = until.saturating_duration_since(now);
        (!left.is_zero()).then(|| now + Duration::from_millis(1000 - u64::from(999 - left.subsec_millis() % 1000)))
    }

    /// Lays it out and takes clicks.
    pub(super) fn show(&self, ui: &mut Ui, words: &Words, now: Instant) -> Option<Press> {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::PAPER);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::ASLEEP_INK), StrokeKind::Inside);
        Frame::NONE.inner_margin(Margin::symmetric(22, 16)).show(ui, |ui| self.content(ui, words, now)).inner
    }

    fn content(&self, ui: &mut Ui, words: &Words, now: Instant) -> Option<Press> {
        look::heading(ui, words.say(Text::WindowCode), 20.0);
        ui.add_space(8.0);
        match self {
            Self::Good { code, until } => {
                ui.label(RichText::new(code.digits()).size(36.0).color(look::INK).monospace());
                ui.add_space(2.0);
                ui.label(text(words.with(Text::CodeOr, "words", &code.words()), look::SOFT_INK));
                ui.add_space(8.0);
                let left = until.saturating_duration_since(now).as_secs();
                let clock = format!("{}:{:02}", left / 60, left % 60);
                ui.label(text(words.with(Text::CodeGood, "time", &clock), look::SOFT_INK));
                ui.add_space(4.0);
                ui.label(text(words.say(Text::CodeAdvice), look::WARNING));
            }
            Self::Over(why) => {
                ui.label(text(words.no_code(*why), look::SOFT_INK));
            }
        }
        ui.add_space(12.0);
        ui.horizontal(|ui| {
            let size = vec2((ui.available_width() - 12.0) / 2.0, 40.0);
            let new = look::button(ui, &words.say(Text::CodeNew), size, look::SOFT_INK, true, Effect::Gives);
            ui.add_space(12.0);
            let close = look::button(ui, &words.say(Text::CodeClose), size, look::SOFT_INK, true, Effect::Takes);
            if close { Some(Press::Close) } else { new.then_some(Press::New) }
        })
        .inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_is_painted_once() {
        let now = Instant::now();
        let code: Code = "123 456 789".parse().unwrap();
        for (millis, next) in [(300_000, 1), (299_999, 1000), (1_500, 501), (999, 1000)] {
            let card = Card::Good { code: code.clone(), until: now + Duration::from_millis(millis) };
            assert_eq!(card.next_change(now), Some(now + Duration::from_millis(next)), "{millis}");
        }
        assert_eq!(Card::Good { code, until: now }.next_change(now), None);
        assert_eq!(Card::Over(NoCode::Used).next_change(now), None);
    }
}
