//! What a line of the log says, in plain words for people.

use super::entry::{Decision, Entry, HidingRules, Showing};
use crate::wire::{PauseReason, Return, breaks_line};
use std::fmt;

impl fmt::Display for Entry {
    /// One line, whatever the texts in it are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { .. }
            | Self::Closed
            | Self::Torn { .. }
            | Self::Erased { .. }
            | Self::Stub { .. }
            | Self::Forgotten { .. }
            | Self::Blocked { .. }
            | Self::Unblocked { .. }
            | Self::Agreed { .. }
            | Self::Disagreed { .. }
            | Self::OrganisationAllowed { .. }
            | Self::TeamList { .. } => self.outside_sessions(f),
            Self::Enrolled { key, name, permit, standing_until } => {
                write!(f, "{} was made known with the key {key}", Shown(name))?;
                if !permit.is_empty() {
                    write!(f, " for {permit}")?;
                }
                standing_until.map_or(Ok(()), |until| write!(f, ", without a question until {until}"))
            }
            Self::Connected { key, name, from, over, key_exchange } => {
                let name = name.as_deref().unwrap_or("somebody unknown");
                let (from, over, exchange) = (Shown(from), Shown(over), Shown(key_exchange));
                write!(f, "{} connected from {from} over {over} ({exchange}) with the key {key}", Shown(name))
            }
            Self::Moved { from } => write!(f, "the other side's network changed; it is now at {}", Shown(from)),
            Self::Asked { name, proof, reason, permissions, seconds, display, ticket, .. } => {
                let (name, reason) = (Shown(name), Shown(reason));
                write!(f, "{name} ")?;
                proof.as_ref().map_or(Ok(()), |proof| write!(f, "({proof}) "))?;
                write!(f, "asked for {permissions} for {seconds} s")?;
                display.map_or(Ok(()), |display| write!(f, " on display {display}"))?;
                ticket.as_ref().map_or(Ok(()), |ticket| write!(f, " for the ticket {}", Shown(ticket)))?;
                write!(f, ", because: {reason}")
            }
            Self::AskedMore { reason, permissions, seconds } => {
                write!(f, "the officer asked for {permissions} as well for {seconds} s, because: {}", Shown(reason))
            }
            Self::AskedAgain { lasted } => {
                write!(f, "after {lasted} s the user was asked whether the session may go on")
            }
            Self::Answered { decision: Decision::Granted { permissions, seconds }, by } => {
                write!(f, "{} allowed {permissions} for {seconds} s", by.name())
            }
            Self::Answered { decision: Decision::Refused { end }, by } => write!(f, "{} refused: {end}", by.name()),
            Self::AfterRestart { then } => f.write_str(after_restart(*then)),
            Self::Permissions { permissions } if permissions.is_empty() => f.write_str("all permissions were taken"),
            Self::Permissions { permissions } => write!(f, "permissions became {permissions}"),
            Self::Paused { .. }
            | Self::Continued
            | Self::Hiding { .. }
            | Self::Hidden { .. }
            | Self::Suspended
            | Self::Resumed => self.of_pictures(f),
            Self::Ended { end, strokes, moves, bytes } => {
                write!(f, "ended: {end} ({strokes} key and button actions, {moves} pointer moves, {bytes} bytes)")
            }
            Self::Witness { key, head } => write!(f, "the log of {} has the head {head}", key.short()),
        }
    }
}

impl Entry {
    /// The same, of what happened to the log itself and of what the user decided beforehand.
    fn outside_sessions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { program, key } => {
                write!(f, "{} began to write here; this machine's key is {key}", Shown(program))
            }
            Self::Closed => f.write_str("the program ended in order"),
            Self::Torn { bytes, kept, .. } => {
                write!(f, "a line was cut short by a crash: {bytes} bytes of it are kept in {}", Shown(kept))
            }
            Self::Erased { through, before, .. } => {
                write!(f, "the lines up to number {through}, from before {before}, were erased")
            }
            Self::Stub { through, .. } => write!(f, "stands for the lines up to number {through}, which were erased"),
            Self::Forgotten { key } => write!(f, "the key {key} was removed"),
            Self::Blocked { key } => write!(f, "the key {key} was blocked"),
            Self::Unblocked { key } => write!(f, "the key {key} is blocked no more"),
            Self::Agreed { key, ticket, permit, from, until } => {
                write!(f, "the key {key} may have {permit} from {from} to {until} with the ticket {}", Shown(ticket))
            }
            Self::Disagreed { key, ticket: None } => write!(f, "all that was agreed with the key {key} was taken back"),
            Self::Disagreed { key, ticket: Some(ticket) } => {
                write!(f, "what was agreed with the key {key} for the ticket {} was taken back", Shown(ticket))
            }
            Self::OrganisationAllowed { key, name, permit } => {
                write!(f, "the organisation {} with the key {key} may vouch for officers, for {permit}", Shown(name))
            }
            Self::TeamList { key, name, serial, revoked } => {
                let name = Shown(name);
                write!(f, "the team list number {serial} of {name} ({}) holds; {revoked} keys are revoked", key.short())
            }
            _ => Ok(()),
        }
    }

    /// The same, of whether anything comes to the officer, and how much is hidden of it.
    fn of_pictures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused { reasons } => {
                f.write_str("paused: ")?;
                for (number, reason) in reasons.iter().enumerate() {
                    f.write_str(if number == 0 { "" } else { ", and " })?;
                    f.write_str(why(*reason))?;
                }
                Ok(())
            }
            Self::Continued => f.write_str("the pause is over; it goes on"),
            Self::Hiding { rules } => write!(f, "{rules}"),
            Self::Hidden { count } => write!(f, "windows and places that are hidden now: {count}"),
            Self::Suspended => f.write_str("the connection was lost; the officer may come back"),
            Self::Resumed => f.write_str("the officer came back over another connection"),
            _ => Ok(()),
        }
    }
}

/// Why a session is paused.
const fn why(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::User => "the user wants it",
        PauseReason::Locked => "the user's screen is locked",
        PauseReason::Unconfirmed => "the user was asked whether it may go on, and has not answered",
    }
}

impl fmt::Display for HidingRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { programs, windows, places, shown } = self;
        f.write_str("rules on what is hidden:")?;
        let mut first = true;
        for (count, what) in [(programs, "programs"), (windows, "windows by title"), (places, "places")] {
            if *count > 0 {
                write!(f, "{} {what} {count}", if std::mem::take(&mut first) { "" } else { "," })?;
            }
        }
        match (shown, first) {
            (Showing::Everything, true) => f.write_str(" none"),
            (Showing::Everything, false) => Ok(()),
            (Showing::OneWindow, true) => f.write_str(" all but one window"),
            (Showing::OneWindow, false) => f.write_str("; of the rest all but one window"),
        }
    }
}

const fn after_restart(then: Return) -> &'static str {
    match then {
        Return::Once => "after a restart of the computer the officer may come back once without a question",
        Return::AskAgain => "after a restart of the computer the officer has to ask again",
    }
}

/// A text in which nothing ends the line or turns it round.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if breaks_line(c) { write!(f, "{}", c.escape_unicode())? } else { fmt::Write::write_char(f, c)? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_and_what_is_hidden_are_said_in_words() {
        let said = |entry: Entry| entry.to_string();
        let reasons = vec![PauseReason::User, PauseReason::Locked];
        assert_eq!(said(Entry::Paused { reasons }), "paused: the user wants it, and the user's screen is locked");
        let rules = |programs, places, shown| Entry::Hiding {
            rules: HidingRules { programs, places, shown, ..HidingRules::default() },
        };
        assert_eq!(said(rules(0, 0, Showing::Everything)), "rules on what is hidden: none");
        assert_eq!(said(rules(2, 1, Showing::Everything)), "rules on what is hidden: programs 2, places 1");
        assert_eq!(said(rules(0, 0, Showing::OneWindow)), "rules on what is hidden: all but one window");
        assert_eq!(
            said(rules(1, 0, Showing::OneWindow)),
            "rules on what is hidden: programs 1; of the rest all but one window"
        );
        assert_eq!(said(Entry::Hidden { count: 3 }), "windows and places that are hidden now: 3");
    }

    #[test]
    fn a_text_stays_on_its_line() {
        let moved = Entry::Moved { from: "a\n\u{202e}b".into() };
        assert_eq!(moved.to_string(), "the other side's network changed; it is now at a\\u{a}\\u{202e}b");
    }
}
