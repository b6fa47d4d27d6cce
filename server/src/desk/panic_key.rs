//! The key that stops all sessions from wherever the user is.

use std::{fmt, str::FromStr};

/// A key with the modifiers that are held with it, written like `ctrl+alt+pause`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicKey {
    modifiers: Vec<Modifier>,
    key: PanicKeyCap,
}

/// A key that is held with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Modifier {
    /// Ctrl.
    Control,
    /// Alt.
    Alt,
    /// Shift.
    Shift,
    /// The key with the system's sign.
    Super,
}

/// The key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanicKeyCap {
    /// Pause, also called Break.
    Pause,
    /// Escape.
    Escape,
    /// End.
    End,
    /// F1 to F12, by its number.
    Function(u8),
    /// A small Latin letter or a digit.
    Sign(char),
}

/// What names no key that could be the panic key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no panic key: write one or more of ctrl, alt, shift and super, then pause, escape, end, f1 to f12, a letter or a digit, as in ctrl+alt+pause"
)]
pub struct InvalidPanicKey(String);

impl PanicKey {
    /// What is held with it, each once, in the order of their declaration.
    pub fn modifiers(&self) -> &[Modifier] {
        &self.modifiers
    }

    /// The key itself.
    pub const fn key(&self) -> PanicKeyCap {
        self.key
    }
}

impl Default for PanicKey {
    /// Ctrl+Alt+Pause: on every keyboard, and used by hardly any program.
    fn default() -> Self {
        Self { modifiers: vec![Modifier::Control, Modifier::Alt], key: PanicKeyCap::Pause }
    }
}

impl FromStr for PanicKey {
    type Err = InvalidPanicKey;

    fn from_str(text: &str) -> Result<Self, InvalidPanicKey> {
        let invalid = || InvalidPanicKey(text.to_owned());
        let lower = text.to_ascii_lowercase();
        let (held, last) = lower.rsplit_once('+').ok_or_else(invalid)?;
        let modifiers: Option<Vec<_>> = held.split('+').map(|name| modifier(name.trim())).collect();
        let mut modifiers = modifiers.ok_or_else(invalid)?;
        modifiers.sort_unstable();
        modifiers.dedup();
        Ok(Self { modifiers, key: cap(last.trim()).ok_or_else(invalid)? })
    }
}

impl fmt::Display for PanicKey {
    /// As it is printed on keyboards: `Ctrl+Alt+Pause`. [`FromStr`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for modifier in &self.modifiers {
            f.write_str(match modifier {
                Modifier::Control => "Ctrl+",
                Modifier::Alt => "Alt+",
                Modifier::Shift => "Shift+",
                Modifier::Super => "Super+",
            })?;
        }
        match self.key {
            PanicKeyCap::Pause => f.write_str("Pause"),
            PanicKeyCap::Escape => f.write_str("Escape"),
            PanicKeyCap::End => f.write_str("End"),
            PanicKeyCap::Function(number) => write!(f, "F{number}"),
            PanicKeyCap::Sign(sign) => write!(f, "{}", sign.to_ascii_uppercase()),
        }
    }
}

fn modifier(name: &str) -> Option<Modifier> {
    Some(match name {
        "ctrl" | "control" => Modifier::Control,
        "alt" => Modifier::Alt,
        "shift" => Modifier::Shift,
        "super" => Modifier::Super,
        _ => return None,
    })
}

fn cap(name: &str) -> Option<PanicKeyCap> {
    let mut signs = name.chars();
    match (name, signs.next(), signs.next()) {
        ("pause" | "break", ..) => Some(PanicKeyCap::Pause),
        ("escape" | "esc", ..) => Some(PanicKeyCap::Escape),
        ("end", ..) => Some(PanicKeyCap::End),
        (_, Some(sign @ ('a'..='z' | '0'..='9')), None) => Some(PanicKeyCap::Sign(sign)),
        (_, Some('f'), Some(_)) => {
            let number = name[1..].parse().ok().filter(|number| (1..=12).contains(number))?;
            Some(PanicKeyCap::Function(number))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        for (text, shown) in [
            ("ctrl+alt+pause", "Ctrl+Alt+Pause"),
            ("Alt + CTRL + Break", "Ctrl+Alt+Pause"),
            ("super+f12", "Super+F12"),
            ("shift+ctrl+ctrl+x", "Ctrl+Shift+X"),
        ] {
            let key: PanicKey = text.parse().unwrap();
            assert_eq!(key.to_string(), shown);
            assert_eq!(shown.parse(), Ok(key));
        }
        assert_eq!("ctrl+alt+pause".parse(), Ok(PanicKey::default()));
    }

    #[test]
    fn a_key_needs_a_modifier_and_a_cap() {
        for text in ["", "pause", "ctrl+", "+pause", "ctrl+alt", "ctrl+f13", "ctrl+f0", "ctrl+ä", "hyper+pause"] {
            assert!(text.parse::<PanicKey>().is_err(), "{text:?}");
        }
    }
}
