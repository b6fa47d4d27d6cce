//! Measured values, and what a table says of them.

use std::time::Duration;

/// Values of one kind, in the order they were taken.
#[derive(Clone, Debug, Default)]
pub struct Samples<T>(Vec<T>);

impl<T: Copy + Ord + Default> Samples<T> {
    /// None yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value.
    pub fn push(&mut self, value: T) {
        self.0.push(value);
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.0.len()
    }

    /// Every `step`-th of them, from the first.
    pub fn every(&self, step: usize) -> Self {
        Self(self.0.iter().step_by(step).copied().collect())
    }

    /// The smallest value that at least `percent` of a hundred do not exceed (the nearest rank); the default, nought,
    /// when there are none.
    pub fn percentile(&self, percent: usize) -> T {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }

    /// The median.
    pub fn p50(&self) -> T {
        self.percentile(50)
    }

    /// The value that one in a hundred exceeds.
    pub fn p99(&self) -> T {
        self.percentile(99)
    }
}

impl<T: Copy + std::iter::Sum> Samples<T> {
    /// All of them together.
    pub fn total(&self) -> T {
        self.0.iter().copied().sum()
    }
}

impl Samples<Duration> {
    /// The median in milliseconds.
    pub fn p50_ms(&self) -> f64 {
        self.p50().as_secs_f64() * 1e3
    }

    /// The 99th percentile in milliseconds.
    pub fn p99_ms(&self) -> f64 {
        self.p99().as_secs_f64() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_nearest() {
        let mut samples = Samples::new();
        assert_eq!((samples.p50(), samples.p99(), samples.total()), (0, 0, 0));
        (1..=200u64).rev().for_each(|value| samples.push(value));
        assert_eq!((samples.p50(), samples.p99(), samples.percentile(100)), (100, 198, 200));
        assert_eq!((samples.count(), samples.total()), (200, 20_100));
        assert_eq!(samples.every(3).percentile(100), 200);
        assert_eq!(samples.every(2).count(), 100);
    }
}
