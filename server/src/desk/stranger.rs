//! What the question has for an officer for whom nobody here vouches: a warning in red, and a word to type before a yes.

use super::look::{self, text};
use egui::{CornerRadius, Frame, Margin, RichText, TextEdit, Ui};
use std::time::{Duration, Instant};

/// How long the warning has to be there to be read before a yes counts.
pub(super) const READING: Duration = Duration::from_secs(10);

/// The most that is taken of what is typed, in characters.
const TYPED: usize = 30;

/// What the user has to do, and has done, about an officer whom nobody here knows.
#[derive(Debug)]
pub(super) struct Stranger {
    word: String,
    typed: String,
}

impl Stranger {
    /// The user has to type `word`.
    pub(super) fn new(word: &str) -> Self {
        Self { word: word.to_owned(), typed: String::new() }
    }

    /// Whether the user has typed the word, and had the time to read, with the question there since `shown`.
    pub(super) fn is_confirmed(&self, shown: Instant, now: Instant) -> bool {
        now >= shown + READING && self.typed.trim().eq_ignore_ascii_case(&self.word)
    }

    /// The warning, above everything else.
    pub(super) fn warning(ui: &mut Ui) {
        let card =
            Frame::NONE.fill(look::RED).corner_radius(CornerRadius::same(8)).inner_margin(Margin::symmetric(16, 12));
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            let title = "Nobody on this computer has vouched for this person";
            ui.label(RichText::new(title).size(look::TEXT + 3.0).color(look::CHALK).strong());
            ui.add_space(4.0);
            let advice = "They only had your code. We never call you first. Never let anybody see your bank, and never move money for a caller.";
            ui.label(text(advice, look::CHALK));
        });
    }

    /// Where the word is typed. `awake` is whether the question takes input at all, `shown` since when it is there.
    pub(super) fn confirmation(&mut self, ui: &mut Ui, awake: bool, shown: Option<Instant>, now: Instant) {
        let ask = format!("If you called them yourself, type the word “{}” here:", self.word);
        ui.label(text(&ask, look::INK));
        ui.add_space(6.0);
        let field =
            TextEdit::singleline(&mut self.typed).char_limit(TYPED).font(egui::FontId::proportional(look::TEXT));
        let edge = egui::Stroke::new(1.0_f32, look::ASLEEP_INK);
        ui.visuals_mut().widgets.inactive.bg_stroke = edge;
        ui.visuals_mut().widgets.noninteractive.bg_stroke = edge;
        ui.add_enabled(awake, field.desired_width(ui.available_width()).margin(Margin::symmetric(10, 8)));
        ui.add_space(4.0);
        let left = shown.map_or(READING, |shown| (shown + READING).saturating_duration_since(now));
        let seconds = left.as_millis().div_ceil(1000);
        let line = if left.is_zero() { String::new() } else { format!("Read first: you can allow it in {seconds} s.") };
        ui.label(text(line, look::WARNING));
    }
}

#[cfg(test)]
impl Stranger {
    /// As if the user had typed it.
    pub(super) fn type_in(&mut self, word: &str) {
        word.clone_into(&mut self.typed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_takes_the_word_and_ten_seconds() {
        let shown = Instant::now();
        let mut stranger = Stranger::new("granite");
        assert!(!stranger.is_confirmed(shown, shown + READING));
        stranger.typed = " Granite ".into();
        assert!(!stranger.is_confirmed(shown, shown + READING - Duration::from_millis(1)));
        assert!(stranger.is_confirmed(shown, shown + READING));
        stranger.typed = "granit".into();
        assert!(!stranger.is_confirmed(shown, shown + READING));
    }
}
