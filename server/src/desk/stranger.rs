//! What the question has for an officer for whom nobody here vouches: a warning in red, and a word to type before a yes.

use super::{
    look::{self, text},
    words::{Text, Words},
};
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
    /// The user has to type the word for a stranger in their language.
    pub(super) fn new(words: &Words) -> Self {
        Self { word: words.say(Text::StrangerWord), typed: String::new() }
    }

    /// Whether the user has typed the word, and had the time to read, with the question there since `shown`.
    pub(super) fn is_confirmed(&self, shown: Instant, now: Instant) -> bool {
        now >= shown + READING && self.typed.trim().eq_ignore_ascii_case(&self.word)
    }

    /// The warning, above everything else.
    pub(super) fn warning(ui: &mut Ui, words: &Words) {
        let card =
            Frame::NONE.fill(look::RED).corner_radius(CornerRadius::same(8)).inner_margin(Margin::symmetric(16, 10));
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            let title =
                RichText::new(words.say(Text::StrangerTitle)).size(look::TEXT + 2.0).color(look::CHALK).strong();
            let title = ui.label(title);
            look::announce(ui, &title);
            ui.add_space(4.0);
            ui.label(RichText::new(words.say(Text::StrangerAdvice)).size(look::TEXT - 1.5).color(look::CHALK));
        });
    }

    /// Where the word is typed. `awake` is whether the question takes input at all.
    pub(super) fn confirmation(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let ask = ui.label(text(words.with(Text::StrangerType, "word", &self.word), look::INK));
        ui.add_space(6.0);
        let field =
            TextEdit::singleline(&mut self.typed).char_limit(TYPED).font(egui::FontId::proportional(look::TEXT));
        let edge = egui::Stroke::new(1.0_f32, look::ASLEEP_INK);
        ui.visuals_mut().widgets.inactive.bg_stroke = edge;
        ui.visuals_mut().widgets.noninteractive.bg_stroke = edge;
        let field = field.desired_width(ui.available_width()).margin(Margin::symmetric(10, 4));
        ui.add_enabled(awake, field).labelled_by(ask.id);
    }

    /// How many seconds more the warning has to be there before a yes counts.
    pub(super) fn seconds_to_read(shown: Option<Instant>, now: Instant) -> u64 {
        let left = shown.map_or(READING, |shown| (shown + READING).saturating_duration_since(now));
        left.as_secs() + u64::from(left.subsec_nanos() > 0)
    }
}

#[cfg(test)]
impl Stranger {
    /// As if the user had typed it.
    pub(super) fn type_in(&mut self, word: &str) {
        word.clone_into(&mut self.typed);
    }

    /// As if the user had typed what is asked for.
    pub(super) fn obey(&mut self) {
        self.word.clone_into(&mut self.typed);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::words::Language, *};

    #[test]
    fn a_yes_takes_the_word_and_ten_seconds() {
        let shown = Instant::now();
        let mut stranger = Stranger::new(&Words::new(Language::English));
        assert!(!stranger.is_confirmed(shown, shown + READING));
        stranger.typed = " Stranger ".into();
        assert!(!stranger.is_confirmed(shown, shown + READING - Duration::from_millis(1)));
        assert!(stranger.is_confirmed(shown, shown + READING));
        stranger.typed = "strange".into();
        assert!(!stranger.is_confirmed(shown, shown + READING));
    }
}
