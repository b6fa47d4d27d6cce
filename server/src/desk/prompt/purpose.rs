//! Questions about a session that is on: more for a while, and whether it may go on. They are about one thing, which the user
//! allows or not: there is nothing to choose.

use super::{Prompt, view::PERMISSIONS_HEIGHT};
use crate::desk::{
    look::{self, text},
    words::{Text, Words},
};
use beside_protocol::wire::{Permission, Permissions, Purpose, Question};
use egui::{RichText, ScrollArea, Ui};

/// What is chosen before the user does anything: of a new session only to see.
pub(super) fn chosen(question: &Question) -> Permissions {
    match question.purpose {
        Purpose::Session => question.permissions.both(Permissions::VIEW),
        Purpose::More { .. } | Purpose::Again { .. } => question.permissions,
    }
}

/// The first line; none for a new session.
pub(super) fn headline(question: &Question, words: &Words) -> Option<String> {
    let who = words.who(&question.officer);
    match &question.purpose {
        Purpose::Session => None,
        Purpose::More { .. } if question.permissions == Permissions::NONE.with(Permission::Control) => {
            Some(words.with(Text::AsksToControl, "who", &who))
        }
        Purpose::More { .. } => Some(words.with(Text::AsksMore, "who", &who)),
        Purpose::Again { lasted } => {
            Some(words.tell(Text::AsksAgain, [("who", who.into()), ("time", words.span(*lasted).into())]))
        }
    }
}

/// What no answer means.
pub(super) const fn silence(question: &Question) -> Text {
    match question.purpose {
        Purpose::Session | Purpose::More { .. } => Text::NoAnswer,
        Purpose::Again { .. } => Text::NoAnswerPauses,
    }
}

/// The words on the button for no.
pub(super) const fn no(question: &Question) -> Text {
    match question.purpose {
        Purpose::Session | Purpose::More { .. } => Text::Deny,
        Purpose::Again { .. } => Text::EndIt,
    }
}

/// The words on the button for yes; none for a new session, where they depend on what is chosen.
pub(super) const fn yes(question: &Question) -> Option<Text> {
    match question.purpose {
        Purpose::Session => None,
        Purpose::More { .. } => Some(Text::Allow),
        Purpose::Again { .. } => Some(Text::GoOn),
    }
}

impl Prompt {
    /// What a yes does, in the place of the switches of a new session.
    pub(super) fn during(&self, ui: &mut Ui, words: &Words) {
        let (does, holder) = match &self.question.purpose {
            Purpose::Session => return,
            Purpose::More { holder } => (Text::MoreAdds, holder.as_ref()),
            Purpose::Again { .. } => (Text::AgainAllows, None),
        };
        ui.label(text(words.with(does, "time", &words.span(self.question.duration)), look::SOFT_INK));
        ui.add_space(6.0);
        ScrollArea::vertical().id_salt("what").max_height(PERMISSIONS_HEIGHT).show(ui, |ui| {
            ui.set_width(ui.available_width());
            for permission in self.question.permissions.iter() {
                let (title, sentence) = words.permission(permission);
                ui.label(RichText::new(title).size(look::TEXT + 1.0).color(look::INK));
                ui.label(RichText::new(sentence).size(look::TEXT - 2.0).color(look::SOFT_INK));
                ui.add_space(5.0);
            }
        });
        if let Some(holder) = holder {
            let names = [("holder", words.who(holder).into()), ("who", words.who(&self.question.officer).into())];
            ui.add_space(4.0);
            ui.label(text(words.tell(Text::ControlGoes, names), look::INK));
        }
    }
}
