//! What a person calls a peer: a text that shows what it is.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};

/// A name given to a peer: one line of 1 to 60 characters that show what they are, in Unicode's form NFKC.
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

    /// Whether people may take one name for the other: spaces, signs and case aside, they look alike (UTS #39).
    pub fn looks_like(&self, other: &Self) -> bool {
        let looks = |name: &str| {
            let letters = name.replace(|c: char| !c.is_alphanumeric() && !is_combining_mark(c), "");
            [bones(name), bones(&name.to_lowercase()), bones(&letters)]
        };
        looks(&self.0).iter().zip(&looks(&other.0)).any(|(one, two)| one == two)
    }

    /// Whether it has a sign that stands between names, or looks like one: a dot in the middle of the line, a dash, a bar.
    pub(crate) fn has_separator(&self) -> bool {
        let honest = |c: char| c.is_alphanumeric() || is_combining_mark(c) || " -'’.,()&".contains(c);
        !self.0.chars().all(honest)
    }

    /// What is odd about the letters, if anything is.
    pub fn oddity(&self) -> Option<Oddity> {
        let words = || self.0.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
        if words().any(|word| word.detect_restriction_level() > RestrictionLevel::HighlyRestrictive) {
            return Some(Oddity::Mixed);
        }
        words()
            .any(|word| !word.is_ascii() && skeleton(word).all(|c| c.is_ascii_alphanumeric()))
            .then_some(Oddity::Disguised)
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidName::TooLong);
        }
        if text.chars().any(is_invisible) {
            return Err(InvalidName::Invisible);
        }
        let text: String = text.nfkc().collect();
        if text.trim() != text || text.is_empty() || text.contains("  ") {
            Err(InvalidName::Blank)
        } else if text.chars().count() > Self::MAX_CHARS {
            Err(InvalidName::TooLong)
        } else if has_heap_of_marks(&text) {
            Err(InvalidName::Heap)
        } else {
            Ok(Self(text))
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
    #[error("a name must not be empty, begin or end with a space, or have two spaces together")]
    Blank,
    /// More than [`Name::MAX_CHARS`].
    #[error("a name may have {} characters", Name::MAX_CHARS)]
    TooLong,
    /// Line ends, control characters, or characters that reorder or hide others.
    #[error("a name may not hold line ends, control characters or characters that hide or reorder others")]
    Invisible,
    /// More than two marks on one letter.
    #[error("a name may not have heaps of marks on a letter")]
    Heap,
}

/// What may deceive who reads a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Oddity {
    /// A word has letters of several scripts, or signs that no script's words have.
    #[error("a word of it mixes scripts, or has signs that words don't have")]
    Mixed,
    /// A word looks as if it were of plain Latin letters, and is not.
    #[error("a word of it looks like plain letters and is none")]
    Disguised,
}

/// The letters and digits of a name as they look, whatever characters they are.
fn bones(name: &str) -> String {
    skeleton(name).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether some letter has more than two marks.
fn has_heap_of_marks(text: &str) -> bool {
    let mut marks = 0;
    text.nfd().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > 2
    })
}

/// Control characters, line ends, and Unicode's characters without a width or that change the direction of others.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        )
        || matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffd}')
        || matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0080}'..='\u{10ffff}')
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

    /// Ways to pass for `IT-Support`, or to hide what a name is (§B.4).
    const SPOOFS: [&str; 100] = [
        // Letters of other scripts.
        "ІT-Support",
        "IТ-Support",
        "ІТ-Support",
        "IT-Ѕupport",
        "IT-Suрport",
        "IT-Supроrt",
        "IT-Supp\u{43e}rt",
        "IT-Suppor\u{442}",
        "ΙT-Support",
        "IΤ-Support",
        "IT-Suppοrt",
        "IT-Ѕuррort",
        "ⅠT-Support",
        "IT-Տupport",
        "IT-Suppօrt",
        "ᎥT-Support",
        "IᎢ-Support",
        "IT-Ꮪupport",
        "ꓲT-Support",
        "Iꓔ-Support",
        "IT-ꓢupport",
        "IT-Su\u{1d29}port",
        "IT-ႽUPPORT",
        "𐌉T-Support",
        // The same letters in other dress.
        "ＩＴ-Support",
        "IT－Support",
        "𝐈𝐓-𝐒𝐮𝐩𝐩𝐨𝐫𝐭",
        "𝘐𝘛-Support",
        "𝙸𝚃-Support",
        "ℐT-Support",
        "IT-𝕊upport",
        "ⒾⓉ-Support",
        "🅸🅃-Support",
        "IT-Ｓｕｐｐｏｒｔ",
        "ᴵᵀ-Support",
        "IT-Supp⁰rt",
        "IT-Suppₒrt",
        "IT-Supp\u{ba}rt",
        "ɪT-Support",
        "IT-ꜱupport",
        // Letters and digits that look alike.
        "lT-Support",
        "1T-Support",
        "|T-Support",
        "IT-Supp0rt",
        "lt-support",
        "it-support",
        "IT-SUPPORT",
        "It-Support",
        "IT-SUPP0RT",
        "lT-SUPPORT",
        // Other signs between, or none.
        "IT Support",
        "ITSupport",
        "IT_Support",
        "IT–Support",
        "IT—Support",
        "IT‐Support",
        "IT‑Support",
        "IT−Support",
        "IT.Support",
        "IT·Support",
        "IT\u{a0}Support",
        "IT\u{2003}Support",
        "IT\u{3000}Support",
        "IT  Support",
        " IT-Support",
        "IT-Support ",
        "IT-Support.",
        "(IT-Support)",
        "*IT-Support*",
        "IT-Support!",
        "“IT-Support”",
        "IT-Support ✓",
        // What is not seen, or turns text round.
        "IT\u{200b}-Support",
        "IT-\u{200d}Support",
        "IT-Support\u{200e}",
        "\u{200f}IT-Support",
        "\u{202e}troppuS-TI",
        "\u{202d}IT-Support",
        "\u{2066}IT-Support\u{2069}",
        "IT\u{ad}-Support",
        "IT-\u{feff}Support",
        "IT-Support\u{61c}",
        "IT-Sup\u{2060}port",
        "IT-\u{180e}Support",
        "IT-Sup\u{34f}port",
        "\u{3164}IT-Support",
        "IT-\u{115f}Support",
        "IT-Support\u{ffa0}",
        "IT-Su\u{fe0f}pport",
        "IT-\u{e0041}Support",
        "IT-Support\u{2800}",
        "IT-\u{fff9}Support",
        "IT-Support\n",
        "IT\tSupport",
        "IT-Support\u{7}",
        "IT-\u{1b}[1mSupport",
        "IT-Support\u{e000}",
        // Marks on letters.
        "IT-Suppo\u{335}rt",
        "IT-S\u{307}\u{307}\u{307}upport",
        "IT-Su\u{301}\u{301}\u{301}\u{301}pport",
    ];

    #[test]
    fn nobody_passes_for_somebody_else_unnoticed() {
        let genuine: Name = "IT-Support".parse().unwrap();
        let passes = |spoof: &&str| {
            let name = spoof.parse::<Name>();
            name.is_ok_and(|name| name != genuine && !name.looks_like(&genuine) && name.oddity().is_none())
        };
        assert_eq!(SPOOFS.into_iter().filter(passes).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn honest_names_are_neither_odd_nor_like_each_other() {
        let honest = [
            "Zoë 李 (IT)",
            "Анна Петрова",
            "Ann Smith",
            "Bob O'Neill",
            "東京ITサポート",
            "Ζωή Παππά",
            "محمد علي",
            "יוסי כהן",
            "Łukasz Żółć",
            "अनिल",
        ];
        for name in honest {
            let name: Name = name.parse().unwrap();
            assert_eq!(name.oddity(), None, "{name}");
            let alike = honest.iter().filter(|other| other.parse::<Name>().unwrap().looks_like(&name)).count();
            assert_eq!(alike, 1, "{name}");
        }
        assert_eq!("ａｎｎ".parse::<Name>().unwrap().as_str(), "ann");
        assert_eq!("Аnn".parse::<Name>().unwrap().oddity(), Some(Oddity::Mixed));
        assert_eq!("Ѕсоре".parse::<Name>().unwrap().oddity(), Some(Oddity::Disguised));
    }
}
