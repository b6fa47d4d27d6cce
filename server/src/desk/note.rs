//! The note after a session: that it is over, and why. It goes away by itself.

use super::look::{self, text};
use egui::{CornerRadius, Frame, Margin, RichText, Stroke, StrokeKind, Ui};
use std::time::{Duration, Instant};

/// The width, in points.
pub(super) const WIDTH: f32 = 420.0;

/// How long it stays.
const STAY: Duration = Duration::from_secs(8);

/// One note.
#[derive(Debug)]
pub(super) struct Note {
    sentence: String,
    is_last: bool,
    until: Instant,
}

impl Note {
    /// A note that appears at `now`; `is_last` if no other session goes on.
    pub(super) fn new(sentence: &str, is_last: bool, now: Instant) -> Self {
        Self { sentence: sentence.to_owned(), is_last, until: now + STAY }
    }

    /// When it goes away.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Lays it out.
    pub(super) fn show(&self, ui: &mut Ui) {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::PAPER);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::ASLEEP_INK), StrokeKind::Inside);
        Frame::NONE.inner_margin(Margin::symmetric(22, 16)).show(ui, |ui| {
            ui.label(RichText::new("Session ended").size(20.0).color(look::INK));
            ui.add_space(6.0);
            ui.label(text(&self.sentence, look::SOFT_INK));
            if self.is_last {
                ui.add_space(4.0);
                ui.label(text("Nobody sees your screen any more.", look::SOFT_INK));
            }
        });
    }
}
