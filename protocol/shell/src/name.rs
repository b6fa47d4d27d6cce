//! What a person calls a peer: a text that shows what it is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A name given to a peer: one line of 1 to 60 characters that show what they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The longest, in characters.
    pub const MAX_CHARS: usize = 60;

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.trim() != text || text.is_empty() {
            Err(InvalidName::Blank)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(InvalidName::TooLong)
        } else if text.chars().any(is_invisible) {
            Err(InvalidName::Invisible)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that can't be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing, or white space at an end.
    #[error("a name must not be empty, or begin or end with a space")]
    Blank,
    /// More than [`Name::MAX_CHARS`].
    #[error("a name may have {} characters", Name::MAX_CHARS)]
    TooLong,
    /// Line ends, control characters, or characters that reorder or hide others.
    #[error("a name may not hold line ends, control characters or characters that hide or reorder others")]
    Invisible,
}

/// Control characters, line ends, and Unicode's characters without a width or that change the direction of others.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_what_they_are() {
        assert_eq!("Zoë 李 (IT)".parse::<Name>().unwrap().as_str(), "Zoë 李 (IT)");
        assert!("x".repeat(60).parse::<Name>().is_ok());
        assert_eq!("x".repeat(61).parse::<Name>(), Err(InvalidName::TooLong));
        assert_eq!(" Ann".parse::<Name>(), Err(InvalidName::Blank));
        assert_eq!("".parse::<Name>(), Err(InvalidName::Blank));
        for hidden in ["a\nb", "a\u{7}b", "a\u{202e}b", "a\u{200b}b", "a\u{2028}b", "a\u{feff}b"] {
            assert_eq!(hidden.parse::<Name>(), Err(InvalidName::Invisible), "{hidden:?}");
        }
    }
}
