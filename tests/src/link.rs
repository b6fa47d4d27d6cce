//! A link in virtual time: delay, jitter and loss from a seed; ordered channels stay ordered, datagrams may be lost.

use beside_protocol::{session::Transmit, wire::Channel};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::Arc,
    time::{Duration, Instant},
};

/// What a link is like.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// One way.
    pub delay: Duration,
    /// At most so much more, evenly spread.
    pub jitter: Duration,
    /// So much more for frames: what a thin link does to large messages that small ones overtake.
    pub frames: Duration,
    /// How many of 1,000 packets are lost; streams are repaired after a round trip and a bit.
    pub loss_per_mille: u64,
    /// For the random numbers.
    pub seed: u64,
}

impl Profile {
    /// A quiet LAN.
    pub const LAN: Self = Self {
        delay: Duration::from_micros(100),
        jitter: Duration::ZERO,
        frames: Duration::ZERO,
        loss_per_mille: 0,
        seed: 1,
    };

    /// A bad link: 50 ms each way, 30 ms of jitter, every fifth packet lost.
    pub const fn bad(seed: u64) -> Self {
        Self {
            delay: Duration::from_millis(50),
            jitter: Duration::from_millis(30),
            frames: Duration::ZERO,
            loss_per_mille: 200,
            seed,
        }
    }
}

/// One direction of a link.
#[derive(Debug)]
pub struct Link {
    profile: Profile,
    random: Random,
    counter: u64,
    flying: BinaryHeap<Reverse<Flight>>,
    /// When the last message of each ordered channel arrives.
    last: BTreeMap<Channel, Instant>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    arrives: Instant,
    counter: u64,
    channel: Channel,
    bytes: Arc<[u8]>,
}

impl Link {
    /// A link of that kind with nothing on it.
    pub const fn new(profile: Profile) -> Self {
        Self { random: Random(profile.seed | 1), profile, counter: 0, flying: BinaryHeap::new(), last: BTreeMap::new() }
    }

    /// Sends a message at `now`.
    pub fn send(&mut self, now: Instant, transmit: Transmit) {
        let Transmit { channel, bytes } = transmit;
        let mut arrives = now + self.profile.delay + self.jitter();
        if channel == Channel::Frame {
            arrives += self.profile.frames;
        }
        while self.random.below(1000) < self.profile.loss_per_mille {
            if channel == Channel::Pointer {
                return;
            }
            arrives += self.profile.delay * 2 + Duration::from_millis(10);
        }
        if channel != Channel::Frame && channel != Channel::Pointer {
            let last = self.last.entry(channel).or_insert(arrives);
            arrives = arrives.max(*last);
            *last = arrives;
        }
        self.counter += 1;
        self.flying.push(Reverse(Flight { arrives, counter: self.counter, channel, bytes }));
    }

    /// The next message that has arrived by `now`.
    pub fn receive(&mut self, now: Instant) -> Option<(Channel, Arc<[u8]>)> {
        if self.flying.peek().is_none_or(|Reverse(flight)| flight.arrives > now) {
            return None;
        }
        let Reverse(Flight { channel, bytes, .. }) = self.flying.pop()?;
        Some((channel, bytes))
    }

    /// Takes everything that was sent and has not arrived, for another kind of link to carry.
    pub fn take_all(&mut self) -> Vec<Transmit> {
        let mut flights: Vec<_> = self.flying.drain().map(|Reverse(flight)| flight).collect();
        flights.sort_by_key(|flight| flight.counter);
        flights.into_iter().map(|Flight { channel, bytes, .. }| Transmit { channel, bytes }).collect()
    }

    /// When the next message arrives.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.flying.peek().map(|Reverse(flight)| flight.arrives)
    }

    fn jitter(&mut self) -> Duration {
        let span = u64::try_from(self.profile.jitter.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.below(span + 1))
    }
}

/// Marsaglia's xorshift64: enough for tests, the same everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit` (0 when that is 0).
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { (self.next() >> 11) % limit }
    }
}
