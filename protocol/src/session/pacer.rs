//! When the next picture may go to a viewer, and what kind of: never more under way than the line drains at once.

use super::{Figures, Lowest, Meter, Step};
use crate::wire::FramePart;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// What the transport knows of the line to a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many bytes the transport lets be under way at once.
    pub window: u64,
    /// How many bytes a second the line passes, once that is known.
    pub rate: Option<u64>,
    /// The shortest round trip.
    pub round_trip: Duration,
}

/// What a viewer can take now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Nothing.
    #[default]
    Nothing,
    /// A small update: it overtakes the large ones that are under way.
    Small,
    /// An update of any size.
    Anything,
}

/// What has been sent to one viewer and not yet acknowledged.
///
/// Acknowledgements count bytes since the session began, so it does not matter in which order parts arrive.
#[derive(Clone, Debug)]
pub struct Pacer {
    line: Option<Line>,
    all: Bytes,
    small: Bytes,
    /// The updates that are still under way.
    flights: VecDeque<Flight>,
    /// From sending the last byte of an update to the viewer's acknowledgement, when nothing was in its way.
    turn: Lowest,
    meter: Meter,
}

/// An update under way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    sent: Instant,
    bytes: u64,
    /// The count of bytes sent at its end.
    end: u64,
}

/// Bytes of parts and cursors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// All of them.
    pub all: u64,
    /// Those of parts that are [small](FramePart::is_small).
    pub small: u64,
}

impl Load {
    /// Of the streams of an update or a repaint.
    pub fn of(streams: &[Arc<[u8]>]) -> Self {
        streams.iter().fold(Self::default(), |load, stream| load.with(stream.len()))
    }

    /// With one more part of that length.
    #[must_use]
    pub const fn with(self, length: usize) -> Self {
        let small = if FramePart::is_small(length) { length as u64 } else { 0 };
        Self { all: self.all + length as u64, small: self.small + small }
    }

    /// Whether it overtakes large ones, all of it.
    const fn is_small(self) -> bool {
        self.all == self.small && self.all <= SMALL
    }
}

/// Bytes of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Bytes {
    sent: u64,
    acknowledged: u64,
}

/// For how long at least a turn counts.
const MEMORY: Duration = Duration::from_secs(5);

/// What may always be under way: two packets.
const LEAST: u64 = 2 * 1200;

/// The most bytes of small parts under way: more than a page of text, and half a second of a thin line.
const SMALL: u64 = 16 * 1024;

/// The most updates under way in all: each takes a stream at least, and streams are bounded.
const MOST_UPDATES: usize = 128;

/// The most bytes under way in all: what waits must not grow with each small one.
const MOST: u64 = 2 * FramePart::MAX_BYTES as u64;

impl Default for Pacer {
    fn default() -> Self {
        let (all, small) = (Bytes::default(), Bytes::default());
        Self { line: None, all, small, flights: VecDeque::new(), turn: Lowest::new(MEMORY), meter: Meter::default() }
    }
}

impl Pacer {
    /// The most updates under way at once on a line without delay; one more for each [`Pacer::PERIOD`] of a turn.
    pub const UPDATES: usize = 3;

    /// The shortest time from one update to the next that a long line is used for: 125 a second.
    pub const PERIOD: Duration = Duration::from_millis(8);

    /// The queue that is allowed on the line, as time.
    pub const QUEUE: Duration = Duration::from_millis(5);

    /// The most bytes under way as long as nothing is known of the line.
    pub const BYTES: u64 = 512 * 1024;

    /// Learns how the line is.
    pub const fn set_line(&mut self, line: Line) {
        self.line = Some(line);
    }

    /// What the viewer can take.
    pub fn pace(&self) -> Pace {
        if self.flights.len() < self.updates() && self.has_room() {
            Pace::Anything
        } else if self.small.under_way() < SMALL && self.all.under_way() < MOST && self.flights.len() < MOST_UPDATES {
            Pace::Small
        } else {
            Pace::Nothing
        }
    }

    /// Whether the line can take anything large at all.
    pub fn has_room(&self) -> bool {
        // Only whole messages are acknowledged: of the oldest one half has arrived, on average.
        let arrived = self.flights.front().map_or(0, |flight| flight.bytes / 2);
        self.all.under_way() < self.limit() + arrived
    }

    /// Whether the viewer can take an update of that size.
    pub fn can_take(&self, load: Load) -> bool {
        self.pace() >= if load.is_small() { Pace::Small } else { Pace::Anything }
    }

    /// Takes note of an update (or a repaint). No bytes are none under way: nobody would acknowledge them.
    pub fn on_sent(&mut self, now: Instant, load: Load) {
        if load.all > 0 {
            self.small.sent += load.small;
            self.all.sent += load.all;
            self.meter.count(1, load.all);
            self.flights.push_back(Flight { sent: now, bytes: load.all, end: self.all.sent });
        }
    }

    /// Takes note of a message of so many bytes that is no part of an update, such as a cursor.
    pub const fn on_sent_aside(&mut self, bytes: u64) {
        self.all.sent += bytes;
    }

    /// Takes note of an acknowledgement of all that has arrived since the session began; `false` when it claims more than was sent.
    #[must_use]
    pub fn on_acknowledged(&mut self, now: Instant, received: Load) -> bool {
        if received.all > self.all.sent || received.small > self.small.sent {
            return false;
        }
        self.all.acknowledged = self.all.acknowledged.max(received.all);
        self.small.acknowledged = self.small.acknowledged.max(received.small);
        while let Some(flight) = self.flights.pop_front_if(|flight| flight.end <= self.all.acknowledged) {
            let sending = self.sending(flight.bytes);
            let took = now.saturating_duration_since(flight.sent);
            self.meter.note(Step::Acknowledge, took);
            self.turn.add(now, took.saturating_sub(sending));
        }
        true
    }

    /// How long the line takes to pass so many bytes; no time as long as it has not been the narrowest place.
    pub fn sending(&self, bytes: u64) -> Duration {
        let rate = self.line.and_then(|line| line.rate).unwrap_or(u64::MAX).max(1);
        Duration::from_secs_f64(bytes as f64 / rate as f64)
    }

    /// What the line drains in a turn, and a short queue: a turn is longer than the line's round trip by what the viewer
    /// takes to show something.
    fn limit(&self) -> u64 {
        let Some(Line { window, rate, round_trip }) = self.line else { return Self::BYTES };
        let turn = self.turn.get().unwrap_or(round_trip).max(round_trip);
        let rate = rate.map_or(window as f64 / (round_trip + Self::QUEUE).as_secs_f64(), |rate| rate as f64);
        ((rate * (turn + Self::QUEUE).as_secs_f64()) as u64).max(LEAST)
    }

    /// Notes how long some steps took.
    pub fn note(&mut self, times: &[(Step, Duration)]) {
        times.iter().filter(|(_, took)| !took.is_zero()).for_each(|(step, took)| self.meter.note(*step, *took));
    }

    /// What was sent since the last call, and how long it took.
    pub fn take_figures(&mut self) -> Option<Figures> {
        self.meter.take()
    }

    fn updates(&self) -> usize {
        let turn = self.turn.get().unwrap_or_default();
        Self::UPDATES + (turn.as_micros() / Self::PERIOD.as_micros()).min(32) as usize
    }
}

impl Bytes {
    const fn under_way(&self) -> u64 {
        self.sent - self.acknowledged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn load(all: u64, small: u64) -> Load {
        Load { all, small }
    }

    #[test]
    fn large_updates_wait_for_acknowledgements_and_small_ones_overtake_them() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for _ in 0..Pacer::UPDATES {
            assert_eq!(pacer.pace(), Pace::Anything);
            pacer.on_sent(now, load(100_000, 0));
        }
        assert_eq!(pacer.pace(), Pace::Small);
        pacer.on_sent(now, load(SMALL, SMALL));
        assert_eq!(pacer.pace(), Pace::Nothing);
        assert!(pacer.on_acknowledged(now, load(SMALL, SMALL)));
        assert_eq!(pacer.pace(), Pace::Small);
        assert!(pacer.on_acknowledged(now, load(200_000 + SMALL, SMALL)));
        assert_eq!(pacer.pace(), Pace::Anything);
        assert!(!pacer.on_acknowledged(now, load(300_001 + SMALL, SMALL)));
        assert!(!pacer.on_acknowledged(now, load(0, SMALL + 1)));
    }

    #[test]
    fn no_more_is_under_way_than_the_line_drains() {
        let (mut pacer, now, bytes) = (Pacer::default(), Instant::now(), 22_500);
        let round_trip = Duration::from_millis(40);
        // In 45 ms it passes as much as one update.
        pacer.set_line(Line { window: 90_000, rate: Some(500_000), round_trip });
        let fill = |pacer: &mut Pacer, updates: usize| {
            for _ in 0..updates {
                assert_eq!(pacer.pace(), Pace::Anything);
                pacer.on_sent(now, load(bytes, 0));
            }
            assert_eq!(pacer.pace(), Pace::Small);
        };
        fill(&mut pacer, 2);
        // 45 ms to send it, 40 ms for the round trip, and the viewer takes as long as both to show it: 130 ms are to be filled.
        assert!(pacer.on_acknowledged(now + Duration::from_millis(170), load(2 * bytes, 0)));
        fill(&mut pacer, 4);
    }

    #[test]
    fn a_long_line_holds_more_updates() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        pacer.on_sent(now, load(100, 100));
        assert!(pacer.on_acknowledged(now + Pacer::PERIOD * 10, load(100, 100)));
        for _ in 0..Pacer::UPDATES + 10 {
            assert_eq!(pacer.pace(), Pace::Anything);
            pacer.on_sent(now, load(100, 100));
        }
        assert_eq!(pacer.pace(), Pace::Small);
    }

    #[test]
    fn an_update_of_no_bytes_is_not_waited_for() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());
        for _ in 0..=Pacer::UPDATES {
            pacer.on_sent(now, load(0, 0));
        }
        assert_eq!(pacer.pace(), Pace::Anything);
    }
}
