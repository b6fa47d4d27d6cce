//! Bits as words that people can read out: the English list of BIP-39, 2,048 words of 11 bits each.

use bip39::Language;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many bits a word stands for.
pub(crate) const BITS: usize = 11;

/// The word of a number below 2,048; larger ones begin anew.
pub(crate) fn word(number: usize) -> &'static str {
    Language::English.word_list()[number % (1 << BITS)]
}

/// The number of a word, in whatever case.
pub(crate) fn number(word: &str) -> Option<u16> {
    Language::English.find_word(&word.to_ascii_lowercase())
}

/// The first bits of `bytes`, the highest of each byte first, as so many words with spaces between them.
pub(crate) fn phrase(bytes: &[u8], words: usize) -> String {
    let bit = |at: usize| usize::from(bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1));
    let number = |index: usize| (index * BITS..(index + 1) * BITS).fold(0, |number, at| number << 1 | bit(at));
    (0..words).map(|index| word(number(index))).collect::<Vec<_>>().join(" ")
}

/// Three words that both ends of a connection show, and nobody else can know: where two people read each other the same,
/// nobody is between their machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckWords(String);

impl CheckWords {
    /// How many there are.
    pub const COUNT: usize = 3;

    /// The words that a digest of the connection stands for.
    pub(crate) fn of(digest: &[u8; 32]) -> Self {
        Self(phrase(digest, Self::COUNT))
    }

    /// The first of them: what a user types to show that they have read.
    pub fn first(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Display for CheckWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_words() {
        assert_eq!(phrase(&[0; 9], 6), "abandon abandon abandon abandon abandon abandon");
        assert_eq!(phrase(&[0xff; 9], 6), "zoo zoo zoo zoo zoo zoo");
        assert_eq!(phrase(&[0x00, 0x20, 0x04], 2), "ability ability", "each from where the last one ends");
        assert_eq!(phrase(&[0x00, 0x20], 2), "ability abandon", "what is not there is zero");
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!((0..2048).all(|n| number(word(n)).map(usize::from) == Some(n)));
        assert_eq!(number("ZOO"), Some(2047));
        assert_eq!(number("zo"), None);
    }
}
