//! How long each step takes from a change of the screen to the officer's eyes.

use std::time::Duration;

/// A step on the way of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// From the first notice of damage until it is fetched: other work, and the wait for the line.
    Wait,
    /// Fetching the pixels.
    Capture,
    /// Finding what has changed, and what has only moved.
    Diff,
    /// Coding it.
    Encode,
    /// From sending its first byte to the viewer's acknowledgement.
    Acknowledge,
    /// Decoding its last part, and drawing it into the picture.
    Decode,
    /// From there to the officer's screen.
    Present,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Wait, Self::Capture, Self::Diff, Self::Encode, Self::Acknowledge, Self::Decode, Self::Present];

    /// As statistics call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Capture => "capture",
            Self::Diff => "diff",
            Self::Encode => "encode",
            Self::Acknowledge => "acknowledge",
            Self::Decode => "decode",
            Self::Present => "present",
        }
    }
}

/// How long some steps took for one update.
pub type Times = Vec<(Step, Duration)>;

/// Collects what one line carried, and how long that took.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    updates: u32,
    bytes: u64,
    samples: [Vec<Duration>; Step::ALL.len()],
}

/// What a [`Meter`] has collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many updates.
    pub updates: u32,
    /// Bytes of frames.
    pub bytes: u64,
    /// Of each step that took place: half of the updates took at most so long, and 19 of 20.
    pub steps: Vec<(Step, Duration, Duration)>,
}

/// The most samples of a step that are kept until they are read.
const MOST: usize = 1024;

impl Meter {
    /// Counts updates and bytes.
    pub const fn count(&mut self, updates: u32, bytes: u64) {
        self.updates += updates;
        self.bytes += bytes;
    }

    /// Notes how long a step took.
    pub fn note(&mut self, step: Step, took: Duration) {
        let samples = &mut self.samples[step as usize];
        if samples.len() < MOST {
            samples.push(took);
        }
    }

    /// What has been collected since the last call; `None` if that is nothing.
    pub fn take(&mut self) -> Option<Figures> {
        let Self { updates, bytes, samples } = std::mem::take(self);
        let steps: Vec<_> = Step::ALL.into_iter().zip(samples).filter_map(|(step, took)| spread(step, took)).collect();
        (bytes > 0 || !steps.is_empty()).then_some(Figures { updates, bytes, steps })
    }
}

impl Figures {
    /// How long a step took for half of the updates at most, if it took place.
    pub fn median(&self, step: Step) -> Option<Duration> {
        self.steps.iter().find(|(other, ..)| *other == step).map(|(_, median, _)| *median)
    }
}

/// A time as it travels.
pub(super) fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

fn spread(step: Step, mut took: Vec<Duration>) -> Option<(Step, Duration, Duration)> {
    took.sort_unstable();
    let at = |per_cent: usize| took.get((took.len() * per_cent / 100).min(took.len().checked_sub(1)?)).copied();
    Some((step, at(50)?, at(95)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_long_ones_are_told_once() {
        let mut meter = Meter::default();
        assert_eq!(meter.take(), None);
        for millis in (1..=20).rev() {
            meter.count(1, 100);
            meter.note(Step::Decode, Duration::from_millis(millis));
        }
        let figures = meter.take().unwrap();
        assert_eq!((figures.updates, figures.bytes), (20, 2_000));
        assert_eq!(figures.steps, [(Step::Decode, Duration::from_millis(11), Duration::from_millis(20))]);
        assert_eq!((figures.median(Step::Decode), figures.median(Step::Diff)), (Some(Duration::from_millis(11)), None));
        assert_eq!(meter.take(), None);
    }

    #[test]
    fn what_nobody_reads_does_not_pile_up() {
        let mut meter = Meter::default();
        (0..10_000).for_each(|_| meter.note(Step::Wait, Duration::ZERO));
        assert_eq!(meter.samples[Step::Wait as usize].len(), MOST);
    }
}
