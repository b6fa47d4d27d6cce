//! What the user reads, in their language: messages from the files in `lang/`, with plurals as each language has them.

mod language;
mod text;

pub use language::Language;
pub(super) use text::Text;

use super::{
    message::NoCode,
    panic_key::{Modifier, PanicKey, PanicKeyCap},
};
use beside_protocol::wire::{CodeFault, End, Permission, Who};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use std::{fmt, time::Duration};

/// How many words of a key tell an unknown person from another in a small place.
const KEY_WORDS: usize = 2;

/// The messages of one language.
pub(super) struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// What a message is about: a text, or a number that decides between singular and plural.
pub(super) type Argument<'a> = (&'static str, FluentValue<'a>);

impl Words {
    /// All messages of a language.
    pub(super) fn new(language: Language) -> Self {
        // What can't be read of a file is left out; a test shows that nothing is.
        let resource = FluentResource::try_new(language.messages().to_owned()).unwrap_or_else(|(good, _)| good);
        let mut bundle = FluentBundle::new(vec![language.id()]);
        // The languages here are all written from left to right, and so are names: marks of direction would show as boxes.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// A message without arguments.
    pub(super) fn say(&self, text: Text) -> String {
        self.tell(text, [])
    }

    /// A message with all its arguments.
    pub(super) fn tell<'a>(&self, text: Text, arguments: impl IntoIterator<Item = Argument<'a>>) -> String {
        let mut named = FluentArgs::new();
        arguments.into_iter().for_each(|(name, value)| named.set(name, value));
        let mut errors = Vec::new();
        let message = self.bundle.get_message(text.key()).and_then(|message| message.value());
        let said = message.map(|pattern| self.bundle.format_pattern(pattern, Some(&named), &mut errors));
        debug_assert!(said.is_some() && errors.is_empty(), "{}: {} {errors:?}", self.language, text.key());
        said.map_or_else(|| text.key().to_owned(), |said| said.into_owned())
    }

    /// A message about one text.
    pub(super) fn with(&self, text: Text, name: &'static str, value: &str) -> String {
        self.tell(text, [(name, value.into())])
    }

    /// A message about one number.
    pub(super) fn count(&self, text: Text, name: &'static str, number: u64) -> String {
        self.tell(text, [(name, number.into())])
    }

    /// A time: whole minutes, rounded up.
    pub(super) fn time(&self, time: Duration) -> String {
        let minutes = (time.as_secs() + u64::from(time.subsec_nanos() > 0)).div_ceil(60);
        let in_hours = |hours| self.count(Text::Hours, "count", hours);
        let in_minutes = |minutes| self.count(Text::Minutes, "count", minutes);
        match (minutes / 60, minutes % 60) {
            (0, minutes) => in_minutes(minutes),
            (hours, 0) => in_hours(hours),
            (hours, minutes) => {
                let parts = [("hours", in_hours(hours).into()), ("minutes", in_minutes(minutes).into())];
                self.tell(Text::HoursMinutes, parts)
            }
        }
    }

    /// A time in words: seconds where they are few.
    pub(super) fn span(&self, time: Duration) -> String {
        if time < Duration::from_secs(60) {
            self.count(Text::Seconds, "count", time.as_secs())
        } else {
            self.time(time)
        }
    }

    /// Whom a session or a question is about.
    pub(super) fn who(&self, who: &Who) -> String {
        match who {
            Who::Named(name) => name.clone(),
            Who::Unknown(key) => {
                let words: Vec<_> = key.words().split(' ').take(KEY_WORDS).map(str::to_owned).collect();
                self.with(Text::UnknownPerson, "key", &words.join(" "))
            }
        }
    }

    /// A key with its modifiers, as they are printed on keyboards.
    pub(super) fn panic_key(&self, key: &PanicKey) -> String {
        let modifier = |modifier: &Modifier| match modifier {
            Modifier::Control => self.say(Text::KeyControl),
            Modifier::Alt => self.say(Text::KeyAlt),
            Modifier::Shift => self.say(Text::KeyShift),
            Modifier::Super => self.say(Text::KeySuper),
        };
        let cap = match key.key() {
            PanicKeyCap::Pause => self.say(Text::KeyPause),
            PanicKeyCap::Escape => self.say(Text::KeyEscape),
            PanicKeyCap::End => self.say(Text::KeyEnd),
            PanicKeyCap::Function(number) => format!("F{number}"),
            PanicKeyCap::Sign(sign) => sign.to_ascii_uppercase().to_string(),
        };
        key.modifiers().iter().map(modifier).chain([cap]).collect::<Vec<_>>().join("+")
    }

    /// What a permission is, and what it means.
    pub(super) fn permission(&self, permission: Permission) -> (String, String) {
        let (title, sentence) = match permission {
            Permission::View => (Text::View, Text::ViewMeans),
            Permission::Control => (Text::Control, Text::ControlMeans),
            Permission::Clipboard => (Text::Clipboard, Text::ClipboardMeans),
            Permission::Files => (Text::Files, Text::FilesMeans),
            Permission::Diagnose => (Text::Diagnose, Text::DiagnoseMeans),
            Permission::Terminal => (Text::Terminal, Text::TerminalMeans),
        };
        (self.say(title), self.say(sentence))
    }

    /// A permission beside a switch.
    pub(super) fn permission_short(&self, permission: Permission) -> String {
        self.say(match permission {
            Permission::View => Text::ViewShort,
            Permission::Control => Text::ControlShort,
            Permission::Clipboard => Text::ClipboardShort,
            Permission::Files => Text::FilesShort,
            Permission::Diagnose => Text::DiagnoseShort,
            Permission::Terminal => Text::TerminalShort,
        })
    }

    /// Why a session ended.
    pub(super) fn end(&self, end: End) -> String {
        self.say(match end {
            End::OfficerLeft => Text::EndOfficerLeft,
            End::Stopped => Text::EndStopped,
            End::Expired => Text::EndExpired,
            End::LinkLost => Text::EndLinkLost,
            End::Replaced => Text::EndReplaced,
            End::HostLeft => Text::EndHostLeft,
            End::Policy(_) => Text::EndPolicy,
            End::Denied => Text::EndDenied,
            End::Unanswered => Text::EndUnanswered,
            End::Unconfirmed => Text::EndUnconfirmed,
            End::Locked => Text::EndLocked,
            End::Incompatible => Text::EndIncompatible,
            End::CaptureLost => Text::EndCaptureLost,
            End::Misbehaved => Text::EndMisbehaved,
            End::Certificate(_) => Text::EndCertificate,
            End::Code(CodeFault::Wrong) => Text::EndCodeWrong,
            End::Code(CodeFault::None) => Text::EndCodeNone,
            End::Code(CodeFault::Wait { .. }) => Text::EndCodeWait,
            End::Unrecorded => Text::EndUnrecorded,
            End::DeskLost => Text::EndDeskLost,
        })
    }

    /// Why there is no code.
    pub(super) fn no_code(&self, why: NoCode) -> String {
        self.say(match why {
            NoCode::Used => Text::CodeUsed,
            NoCode::Guessed => Text::CodeGuessed,
            NoCode::Hidden => Text::CodeHidden,
        })
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
