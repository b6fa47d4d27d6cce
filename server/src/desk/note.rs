//! The note after a session: that it is over, and why. It goes away by itself.

use super::{
    look::{self, text},
    words::{Text, Words},
};
use beside_protocol::wire::End;
use egui::{CornerRadius, Frame, Margin, Stroke, StrokeKind, Ui};
use std::time::{Duration, Instant};

/// The width, in points.
pub(super) const WIDTH: f32 = 420.0;

/// How long it stays.
const STAY: Duration = Duration::from_secs(8);

/// Why nothing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// As the server says.
    Session(End),
    /// The server did not obey, and was ended.
    ServerEnded,
}

/// Whether other sessions go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Some do.
    GoOn,
    /// This was the last.
    None,
}

/// One note.
#[derive(Debug)]
pub(super) struct Note {
    why: Why,
    others: Others,
    until: Instant,
}

impl Note {
    /// A note that appears at `now`.
    pub(super) fn new(why: Why, others: Others, now: Instant) -> Self {
        Self { why, others, until: now + STAY }
    }

    /// When it goes away.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Lays it out.
    pub(super) fn show(&self, ui: &mut Ui, words: &Words) {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::PAPER);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::ASLEEP_INK), StrokeKind::Inside);
        let sentence = match self.why {
            Why::Session(end) => words.end(end),
            Why::ServerEnded => words.say(Text::ServerEnded),
        };
        Frame::NONE.inner_margin(Margin::symmetric(22, 16)).show(ui, |ui| {
            look::heading(ui, words.say(Text::SessionEnded), 20.0);
            ui.add_space(6.0);
            ui.label(text(sentence, look::SOFT_INK));
            if self.others == Others::None {
                ui.add_space(4.0);
                ui.label(text(words.say(Text::NobodySees), look::SOFT_INK));
            }
        });
    }
}
