//! How soon a code may be tried again: for each source, and over all of them.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

/// Where a connection comes from, as the driver tells sources apart: an IPv4 address, or an IPv6 network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(pub u128);

/// After the first failure of a source, and the most; each failure doubles it.
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(600);

/// So long after its last attempt a source is as good as new.
const FORGET: Duration = Duration::from_secs(2 * 600);

/// How many attempts there may be over all sources in how much time.
const IN_ALL: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// What has been tried, and how soon more may be. Every attempt counts as a failure until it has succeeded.
///
/// It stays small: [`IN_ALL`] bounds how many sources there can be in the time in which one is remembered, to 200.
#[derive(Debug, Default)]
pub(in crate::session) struct Backoff {
    sources: BTreeMap<Source, Failures>,
    /// The attempts of the last [`WINDOW`], oldest first.
    recent: VecDeque<Instant>,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Failures {
    fn until(&self) -> Instant {
        let doubled = 1 << self.count.saturating_sub(1).min(16);
        self.last + (FIRST * doubled).min(MOST)
    }
}

impl Backoff {
    /// How long this source has to wait before it may try, if it has to.
    pub(in crate::session) fn wait(&self, now: Instant, source: Source) -> Option<Duration> {
        let own = self.sources.get(&source).map(Failures::until);
        let window = self.recent.iter().rev().nth(IN_ALL - 1).map(|&nth| nth + WINDOW);
        let until = own.into_iter().chain(window).max()?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// A source tries.
    pub(in crate::session) fn attempt(&mut self, now: Instant, source: Source) {
        self.sources.retain(|_, failures| now < failures.last + FORGET);
        self.recent.retain(|&at| now < at + WINDOW);
        self.recent.push_back(now);
        let failures = self.sources.entry(source).or_insert(Failures { count: 0, last: now });
        (failures.count, failures.last) = (failures.count.saturating_add(1), now);
    }

    /// A source has succeeded: its failures are forgotten.
    pub(in crate::session) fn succeeded(&mut self, source: Source) {
        self.sources.remove(&source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);
    const ANN: Source = Source(1);

    #[test]
    fn a_source_waits_twice_as_long_each_time() {
        let (mut backoff, mut now) = (Backoff::default(), Instant::now());
        let mut waits = Vec::new();
        assert_eq!(backoff.wait(now, ANN), None);
        for _ in 0..13 {
            backoff.attempt(now, ANN);
            let wait = backoff.wait(now, ANN).unwrap();
            assert_eq!(backoff.wait(now + wait, ANN), None);
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
        assert_eq!(backoff.wait(now + FORGET, ANN), None);
        backoff.attempt(now + FORGET, ANN);
        assert_eq!(backoff.wait(now + FORGET, ANN), Some(SECOND), "as good as new");
    }

    #[test]
    fn many_sources_wait_together() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        for n in 0..10 {
            assert_eq!(backoff.wait(now + n * SECOND, Source(n.into())), None);
            backoff.attempt(now + n * SECOND, Source(n.into()));
        }
        assert_eq!(backoff.wait(now + 10 * SECOND, Source(99)), Some(50 * SECOND));
        assert_eq!(backoff.wait(now + WINDOW, Source(99)), None);
    }

    #[test]
    fn success_is_no_failure() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        backoff.attempt(now, ANN);
        backoff.succeeded(ANN);
        assert_eq!(backoff.wait(now, ANN), None);
    }

    proptest! {
        /// Whoever comes whenever: never more than so many attempts in a minute, and never much memory.
        #[test]
        fn it_stays_small(steps in proptest::collection::vec((0u128..5000, 0u64..30), 1..1500)) {
            let (mut backoff, mut now) = (Backoff::default(), Instant::now());
            for (source, seconds) in steps {
                now += Duration::from_secs(seconds);
                if backoff.wait(now, Source(source)).is_none() {
                    backoff.attempt(now, Source(source));
                }
                prop_assert!(backoff.recent.len() <= IN_ALL);
                prop_assert!(backoff.sources.len() <= 200);
            }
        }
    }
}
