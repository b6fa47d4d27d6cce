//! How good photos and films can be on a line, so that they keep moving: text is exact whatever the line is.

use crate::frame::Quality;
use std::time::{Duration, Instant};

/// Follows how long the rough pixels of updates are on the line, and chooses their quality.
#[derive(Clone, Copy, Debug, Default)]
pub struct Balance {
    quality: Quality,
    /// When it last became lower.
    lowered: Option<Instant>,
    /// When an update was last longer than [`Balance::SHORT`], or the quality became higher.
    long: Option<Instant>,
}

impl Balance {
    /// Pictures that take longer on the line are too good for it: a film would have fewer than 15 a second.
    pub const LONG: Duration = Duration::from_millis(66);

    /// Pictures that are shorter could be better; twice as long they are not too long still.
    pub const SHORT: Duration = Duration::from_millis(22);

    /// For how long they have to be short. What gets better and worse in turns is worse to look at than either.
    pub const PATIENCE: Duration = Duration::from_secs(3);

    /// How long a change takes to show in what is sent.
    const EFFECT: Duration = Duration::from_millis(250);

    /// The quality of what is coded from now on.
    pub const fn quality(&self) -> Quality {
        self.quality
    }

    /// Takes note of an update whose rough pixels take so long on the line of whoever has the best one.
    pub fn on_update(&mut self, now: Instant, takes: Duration) {
        let past =
            |since: Option<Instant>, period| since.is_none_or(|since| now.saturating_duration_since(since) > period);
        if takes > Self::LONG && past(self.lowered, Self::EFFECT) {
            self.quality = self.quality.lower();
            self.lowered = Some(now);
        }
        if takes > Self::SHORT {
            self.long = Some(now);
        } else if past(self.long, Self::PATIENCE) {
            self.quality = self.quality.higher();
            self.long = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn what_is_too_long_gets_worse_step_by_step() {
        let (mut balance, mut now) = (Balance::default(), Instant::now());
        assert_eq!(balance.quality(), Quality::High);
        balance.on_update(now, 67 * MS);
        assert_eq!(balance.quality(), Quality::Middle);
        // Those that were coded before still come.
        balance.on_update(now + 100 * MS, 90 * MS);
        assert_eq!(balance.quality(), Quality::Middle);
        for _ in 0..10 {
            now += 300 * MS;
            balance.on_update(now, 90 * MS);
            assert_eq!(balance.quality(), Quality::Low);
        }
    }

    #[test]
    fn it_gets_better_when_there_has_been_room_for_long() {
        let (mut balance, mut now) = (Balance::default(), Instant::now());
        balance.on_update(now, 100 * MS);
        let mut seen = vec![balance.quality()];
        for step in 0..100 {
            now += 100 * MS;
            balance.on_update(now, if step < 40 { 50 * MS } else { 20 * MS });
            seen.push(balance.quality());
        }
        // Neither too long nor short for 4 seconds, and then short.
        assert!(seen[..=70].iter().all(|quality| *quality == Quality::Middle));
        assert!(seen[72..].iter().all(|quality| *quality == Quality::High));
    }
}
