//! A code that a host offers: until when, and how many may try it.

use super::{Challenge, Code, Ends, random::Draws};
use std::time::Instant;

/// One code on offer. It is gone with the first who proves it.
#[derive(Debug)]
pub(in crate::session) struct Offer {
    code: Code,
    draws: Draws,
    until: Instant,
    /// How many more may try.
    guesses: u8,
}

impl Offer {
    /// Offers a code from `now` on; `seed` is 32 random bytes for the exchanges about it.
    pub(in crate::session) fn new(now: Instant, code: Code, seed: [u8; 32]) -> Self {
        Self { code, draws: Draws::new(seed), until: now + Code::LIFE, guesses: Code::GUESSES }
    }

    /// When it ends by itself.
    pub(in crate::session) const fn until(&self) -> Instant {
        self.until
    }

    /// Whether it has been tried as often as it may be.
    pub(in crate::session) const fn is_spent(&self) -> bool {
        self.guesses == 0
    }

    /// Answers an officer's share, for one of the guesses. `None`, and no guess, for what is no share.
    pub(in crate::session) fn answer(&mut self, ends: &Ends, share: &[u8; 32]) -> Option<(Challenge, [u8; 32])> {
        let left = self.guesses.checked_sub(1)?;
        let answer = Challenge::new(&self.code, ends, &mut self.draws, share)?;
        self.guesses = left;
        Some(answer)
    }
}
