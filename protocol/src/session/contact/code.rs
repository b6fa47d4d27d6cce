//! The one-time code that a user reads out to an officer whom their machine does not know.

use crate::wire::words;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};
use zeroize::Zeroize;

/// A one-time code: nine digits, or the same as three words. Worth a few guesses for a few minutes; never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Code(u32);

/// A text that is no code. It does not repeat the text, which may nearly be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no code: a code is nine digits or three words, as the user's screen shows them")]
pub struct InvalidCode;

/// How many codes there are.
const COUNT: u32 = 1_000_000_000;
/// The length of a code's digits.
const DIGITS: usize = 9;
/// How many words stand for the same.
const WORDS: usize = 3;

impl Code {
    /// How long it can be used.
    pub const LIFE: Duration = Duration::from_secs(5 * 60);
    /// How many times it can be tried.
    pub const GUESSES: u8 = 3;

    /// The code that so many random bytes make. Each is as likely as any other, to one part in 10^10.
    pub fn draw(random: [u8; 8]) -> Self {
        let below = u64::from_le_bytes(random) % u64::from(COUNT);
        Self(u32::try_from(below).unwrap_or_default())
    }

    /// As it is shown: `123 456 789`.
    pub fn digits(&self) -> String {
        let (high, middle, low) = (self.0 / 1_000_000, self.0 / 1_000 % 1_000, self.0 % 1_000);
        format!("{high:03} {middle:03} {low:03}")
    }

    /// The same as three words.
    pub fn words(&self) -> String {
        let place = |index: usize| words::word(self.0 as usize >> (words::BITS * (WORDS - 1 - index)));
        (0..WORDS).map(place).collect::<Vec<_>>().join(" ")
    }

    /// What both sides put into the exchange: the nine digits.
    pub(super) fn password(&self) -> String {
        format!("{:09}", self.0)
    }

    fn of_digits(digits: &str) -> Option<Self> {
        (digits.len() == DIGITS).then(|| digits.parse().ok().map(Self)).flatten()
    }

    fn of_words(typed: &[&str]) -> Option<Self> {
        let numbers: Vec<_> = typed.iter().map(|word| words::number(word)).collect::<Option<_>>()?;
        let [first, second, third] = numbers[..] else { return None };
        let join = |number: u64, word: u16| number << words::BITS | u64::from(word);
        let number = [first, second, third].into_iter().fold(0, join);
        u32::try_from(number).ok().filter(|&number| number < COUNT).map(Self)
    }
}

impl FromStr for Code {
    type Err = InvalidCode;

    /// Spaces, dashes and other signs between digits or words don't matter, nor does case.
    fn from_str(typed: &str) -> Result<Self, InvalidCode> {
        let parts: Vec<_> = typed.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let is_number = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let code = if is_number { Self::of_digits(&parts.concat()) } else { Self::of_words(&parts) };
        code.ok_or(InvalidCode)
    }
}

impl TryFrom<u32> for Code {
    type Error = InvalidCode;

    fn try_from(number: u32) -> Result<Self, InvalidCode> {
        (number < COUNT).then_some(Self(number)).ok_or(InvalidCode)
    }
}

impl From<Code> for u32 {
    fn from(code: Code) -> Self {
        code.0
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(number: u32) -> Code {
        number.try_into().unwrap()
    }

    #[test]
    fn what_people_type_is_forgiven() {
        let code = code(12_345_678);
        assert_eq!(code.digits(), "012 345 678");
        let words = code.words();
        assert_eq!(words, "able various clap");
        for typed in
            ["012 345 678", "012345678", " 01-23-45.678\n", &words, "Able VARIOUS-clap", "  able,various  clap "]
        {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed:?}");
        }
    }

    #[test]
    fn anything_else_is_no_code() {
        for typed in [
            "",
            "12345678",
            "1234567890",
            "-12345678",
            "+12345678",
            "able various",
            "able various clap clap",
            "ablevariousclap",
            "zoo zoo zoo",
            "123 456 abc",
            "１２３４５６７８９",
        ] {
            assert_eq!(typed.parse::<Code>(), Err(InvalidCode), "{typed:?}");
        }
        assert!(Code::try_from(COUNT).is_err());
    }

    #[test]
    fn nothing_of_it_is_told() {
        assert_eq!(format!("{:?}", code(123_456_789)), "Code(..)");
        assert!(!InvalidCode.to_string().contains(char::is_numeric));
    }

    proptest! {
        #[test]
        fn both_forms_read_back(random in any::<[u8; 8]>()) {
            let code = Code::draw(random);
            prop_assert_eq!(code.digits().parse(), Ok(code.clone()));
            prop_assert_eq!(code.words().parse(), Ok(code));
        }
    }
}
