//! Whose hands are on keyboard and pointer: the user's own go first, and an officer's wait until they have rested.

use std::time::{Duration, Instant};

/// How long an officer's input waits after the user's own (Chrome Remote Desktop does the same).
const REST: Duration = Duration::from_millis(2000);

/// A mouse that moves less than this many pixels in all has been jogged, not used.
const JITTER: f32 = 3.0;

/// After so long without motion the next one is another one.
const STILL: Duration = Duration::from_millis(500);

/// What a person does at the machine itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Touch {
    /// A key or a button went down or up, or the wheel turned.
    Press,
    /// The pointer was moved by so many pixels.
    Move(f32),
}

/// What the user has done at the machine lately.
#[derive(Debug, Default)]
pub(super) struct UserHands {
    /// Until when the officer's input waits.
    until: Option<Instant>,
    moved: f32,
    moved_last: Option<Instant>,
}

impl UserHands {
    /// Takes in what the user does; returns whether it is more than a jog.
    pub(super) fn touch(&mut self, now: Instant, touch: Touch) -> bool {
        let counts = match touch {
            Touch::Press => true,
            Touch::Move(pixels) => {
                if self.moved_last.is_none_or(|last| now.saturating_duration_since(last) > STILL) {
                    self.moved = 0.0;
                }
                self.moved_last = Some(now);
                self.moved += pixels;
                self.moved >= JITTER
            }
        };
        if counts {
            self.until = Some(now + REST);
        }
        counts
    }

    /// Until when the officer's input waits; `None` if it does not.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jog_is_no_use_and_use_lasts_two_seconds() {
        let (now, ms) = (Instant::now(), Duration::from_millis);
        let mut hands = UserHands::default();
        assert!(!hands.touch(now, Touch::Move(1.0)) && !hands.touch(now + ms(100), Touch::Move(1.5)));
        assert!(!hands.touch(now + ms(700), Touch::Move(2.5)), "the first jog is forgotten");
        assert_eq!(hands.until(now + ms(700)), None);
        assert!(hands.touch(now + ms(800), Touch::Move(0.6)));
        assert_eq!(hands.until(now + ms(801)), Some(now + ms(2800)));
        assert!(!hands.touch(now + ms(2700), Touch::Move(2.0)), "a jog does not prolong it");
        assert!(hands.touch(now + ms(2750), Touch::Press));
        assert_eq!(hands.until(now + ms(4749)), Some(now + ms(4750)));
        assert_eq!(hands.until(now + ms(4750)), None);
    }
}
