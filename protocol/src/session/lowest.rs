//! The lowest of what was measured lately, forgotten when it is old.

use std::time::{Duration, Instant};

/// The lowest of the durations of the last while: between `memory` and twice that.
#[derive(Clone, Copy, Debug)]
pub struct Lowest {
    memory: Duration,
    now: Option<Duration>,
    before: Option<Duration>,
    since: Option<Instant>,
}

impl Lowest {
    /// Of nothing yet.
    pub const fn new(memory: Duration) -> Self {
        Self { memory, now: None, before: None, since: None }
    }

    /// Adds what was measured at `now`.
    pub fn add(&mut self, now: Instant, measured: Duration) {
        if self.age(now) > self.memory {
            (self.before, self.now, self.since) = (self.now, None, Some(now));
        }
        self.since.get_or_insert(now);
        self.now = Some(self.now.map_or(measured, |lowest| lowest.min(measured)));
    }

    /// The lowest; `None` before anything was measured.
    pub fn get(&self) -> Option<Duration> {
        self.now.into_iter().chain(self.before).min()
    }

    /// Whether what is older will soon be forgotten: the last tenth of the time before that.
    pub fn is_fading(&self, now: Instant) -> bool {
        self.age(now) > self.memory * 9 / 10
    }

    fn age(&self, now: Instant) -> Duration {
        self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_counts_until_it_is_old() {
        let (mut lowest, start, ms) = (Lowest::new(Duration::from_secs(5)), Instant::now(), Duration::from_millis);
        assert_eq!(lowest.get(), None);
        for (second, measured, wanted) in
            [(0, 40, 40), (1, 90, 40), (6, 80, 40), (9, 70, 40), (12, 95, 70), (20, 99, 95)]
        {
            lowest.add(start + Duration::from_secs(second), ms(measured));
            assert_eq!(lowest.get(), Some(ms(wanted)), "after {second} s");
        }
    }
}
