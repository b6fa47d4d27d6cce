//! How the question looks: the page with all that it asks, and what is the same on the pages where the user chooses.

use super::{Hint, Page, Prompt, purpose};
use crate::desk::{
    look::{self, Effect, text},
    message::Answer,
    stranger::Stranger,
    words::{Text, Words},
};
use beside_protocol::wire::{Permission, Permissions, Proof};
use egui::{Color32, CornerRadius, Frame, Key, Margin, RichText, ScrollArea, Ui, vec2};
use std::time::Instant;

/// Room around everything, in points.
const MARGIN: i8 = 20;

/// What the officer's words may take before they scroll, in points: two lines.
const REASON_HEIGHT: f32 = 46.0;

/// What the permissions may take before they scroll, in points.
pub(super) const PERMISSIONS_HEIGHT: f32 = 138.0;

/// Between the two buttons.
const GAP: f32 = 14.0;

impl Prompt {
    /// Lays it out and takes clicks; returns the answer once there is one.
    pub(in crate::desk) fn show(&mut self, ui: &mut Ui, words: &Words, now: Instant) -> Option<Answer> {
        // The first Tab of all goes to Deny, whatever is above it.
        let to_deny = ui.memory(|memory| memory.focused().is_none()) && ui.input(|input| input.key_pressed(Key::Tab));
        let inside = Frame::NONE.inner_margin(Margin { bottom: MARGIN / 2, ..Margin::same(MARGIN) });
        inside
            .show(ui, |ui| {
                match self.page {
                    Page::Question => self.ask(ui, words, now),
                    Page::Time | Page::Shown | Page::Hidden | Page::Restart => self.offer_options(ui, words, now),
                }
                self.countdown(ui, words, now);
                ui.add_space(10.0);
                let answer = self.buttons(ui, words, to_deny, now);
                ui.add_space(6.0);
                let blocked = if self.begins() { self.block(ui, words, now) } else { None };
                ui.add_space(6.0);
                self.footer(ui, words, now);
                answer.or(blocked)
            })
            .inner
    }

    /// The question's own page, above the buttons.
    fn ask(&mut self, ui: &mut Ui, words: &Words, now: Instant) {
        let awake = self.is_awake(now);
        if self.stranger.is_some() {
            Stranger::warning(ui, words);
            ui.add_space(10.0);
        }
        self.who(ui, words);
        ui.add_space(10.0);
        self.why(ui, words);
        ui.add_space(10.0);
        if self.begins() {
            self.what(ui, words, awake);
            self.rows(ui, words, awake);
        } else {
            self.during(ui, words);
        }
        ui.add_space(10.0);
        if let Some(stranger) = &mut self.stranger {
            stranger.confirmation(ui, words, awake);
            ui.add_space(6.0);
        }
    }

    fn who(&self, ui: &mut Ui, words: &Words) {
        let who = words.who(&self.question.officer);
        let asks = match (self.stranger.is_some(), self.question.permissions.has(Permission::Control)) {
            (true, _) => words.say(Text::StrangerAsks),
            (false, true) => words.with(Text::AsksToControl, "who", &who),
            (false, false) => words.with(Text::AsksToSee, "who", &who),
        };
        look::heading(ui, purpose::headline(&self.question, words).unwrap_or(asks), 23.0);
        ui.add_space(6.0);
        let small = |words: String| RichText::new(words).size(look::TEXT - 2.0).color(look::SOFT_INK);
        let known = match &self.question.proof {
            Proof::Enrolled => Some(words.with(Text::NameByKey, "key", &self.question.key.words())),
            Proof::Organisation { name } => Some(words.with(Text::VouchedBy, "organisation", name)),
            Proof::Code => None,
        };
        if let Some(known) = known {
            ui.label(small(known));
            ui.add_space(2.0);
        }
        ui.label(small(words.with(Text::CheckWords, "words", &self.question.check.to_string())));
    }

    fn why(&self, ui: &mut Ui, words: &Words) {
        let writes = match self.stranger {
            Some(_) => words.say(Text::StrangerWrites),
            None => words.with(Text::Writes, "who", &words.who(&self.question.officer)),
        };
        ui.label(text(writes, look::SOFT_INK));
        ui.add_space(4.0);
        let card =
            Frame::NONE.fill(look::CARD).corner_radius(CornerRadius::same(8)).inner_margin(Margin::symmetric(16, 8));
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            let reason = words.with(Text::Quoted, "words", &self.question.reason);
            ScrollArea::vertical().id_salt("why").max_height(REASON_HEIGHT).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(reason).size(look::TEXT + 1.0).color(look::INK));
            });
            if let Some(ticket) = &self.question.ticket {
                ui.add_space(4.0);
                ui.label(text(words.with(Text::Ticket, "ticket", ticket), look::SOFT_INK));
            }
        });
    }

    /// The switches; none where there is nothing but to see.
    fn what(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        if self.question.permissions == Permissions::VIEW {
            return;
        }
        ui.horizontal(|ui| {
            ui.label(text(words.say(Text::YouDecide), look::SOFT_INK));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let more = self.choice.permissions != Permissions::VIEW;
                if look::small_button(ui, &words.say(Text::OnlyWatch), awake && more, Effect::Takes) {
                    self.choice.permissions = self.question.permissions.both(Permissions::VIEW);
                }
            });
        });
        ui.add_space(4.0);
        ScrollArea::vertical().id_salt("what").max_height(PERMISSIONS_HEIGHT).show(ui, |ui| {
            for permission in self.question.permissions.iter() {
                self.permission(ui, words, permission, awake);
                ui.add_space(3.0);
            }
        });
        ui.add_space(4.0);
    }

    fn permission(&mut self, ui: &mut Ui, words: &Words, permission: Permission, awake: bool) {
        let (title, sentence) = words.permission(permission);
        let mut on = self.choice.permissions.has(permission);
        ui.horizontal(|ui| {
            ui.set_min_height(42.0);
            ui.vertical(|ui| {
                ui.set_width(ui.available_width() - 116.0);
                ui.add_space(2.0);
                ui.label(RichText::new(&title).size(look::TEXT + 1.0).color(look::INK));
                ui.label(RichText::new(&sentence).size(look::TEXT - 2.0).color(look::SOFT_INK));
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if permission == Permission::View {
                    ui.label(text(words.say(Text::AlwaysOn), look::GREEN));
                } else {
                    look::switch(ui, &mut on, &title, awake && self.hint != Some(Hint::CannotTell));
                    ui.add_space(10.0);
                    let (state, colour) = if on { (Text::On, look::GREEN) } else { (Text::Off, look::SOFT_INK) };
                    ui.label(text(words.say(state), colour));
                }
            });
        });
        let chosen = self.choice.permissions;
        self.choice.permissions = if on { chosen.with(permission) } else { chosen.without(permission) };
    }

    fn countdown(&self, ui: &mut Ui, words: &Words, now: Instant) {
        let left = self.deadline.saturating_duration_since(now);
        let share = left.as_secs_f32() / self.question.patience.as_secs_f32().max(1.0);
        let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), egui::Sense::hover());
        ui.painter().rect_filled(bar, 3.0, look::ASLEEP);
        let rest = egui::Rect::from_min_size(bar.min, vec2(bar.width() * share.min(1.0), bar.height()));
        ui.painter().rect_filled(rest, 3.0, look::SLATE);
        ui.add_space(6.0);
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        ui.label(text(words.count(purpose::silence(&self.question), "seconds", seconds), look::SOFT_INK));
    }

    fn buttons(&mut self, ui: &mut Ui, words: &Words, to_deny: bool, now: Instant) -> Option<Answer> {
        let awake = self.is_awake(now);
        let size = vec2((ui.available_width() - GAP) / 2.0, 46.0);
        let mut answer = None;
        ui.horizontal(|ui| {
            let (pressed, deny) = look::large_button(
                ui,
                &words.say(purpose::no(&self.question)),
                size,
                look::SLATE,
                awake,
                Effect::Takes,
            );
            if pressed {
                answer = Some(Answer::Deny);
            }
            if to_deny && awake {
                deny.request_focus();
            }
            ui.add_space(GAP);
            if self.page != Page::Question {
                if look::button(ui, &words.say(Text::Back), size, look::SOFT_INK, awake, Effect::Gives) {
                    self.page = Page::Question;
                }
                return;
            }
            let allowed = self.allowed(now);
            let label = words.say(self.allow_label());
            if look::button(ui, &label, size, look::GREEN, allowed.is_some(), Effect::Gives) {
                answer = allowed;
            }
        });
        answer
    }

    fn block(&self, ui: &mut Ui, words: &Words, now: Instant) -> Option<Answer> {
        let pressed = look::small_button(ui, &words.say(Text::Block), self.is_awake(now), Effect::Takes);
        pressed.then_some(Answer::Block)
    }

    /// What Allow would allow.
    fn allow_label(&self) -> Text {
        purpose::yes(&self.question).unwrap_or(match self.choice.permissions {
            Permissions::VIEW => Text::AllowSee,
            Permissions::CONTROL => Text::AllowControl,
            _ => Text::AllowChosen,
        })
    }

    fn footer(&self, ui: &mut Ui, words: &Words, now: Instant) {
        let to_read = self.stranger.as_ref().map_or(0, |_| Stranger::seconds_to_read(self.shown(), now));
        let (line, colour): (_, Color32) = match (self.hint, to_read) {
            (Some(Hint::NotFromHere), _) => (words.say(Text::NotFromHere), look::WARNING),
            (Some(Hint::CannotTell), _) => (words.say(Text::CannotTell), look::WARNING),
            (None, 0) => (words.say(Text::StopAnyTime), look::SOFT_INK),
            (None, seconds) => (words.count(Text::StrangerRead, "seconds", seconds), look::WARNING),
        };
        // Always two lines, so that nothing moves when the line changes.
        ui.allocate_ui(vec2(ui.available_width(), 38.0), |ui| {
            ui.set_min_height(38.0);
            ui.label(RichText::new(line).size(look::TEXT - 1.0).color(colour));
        });
    }
}
