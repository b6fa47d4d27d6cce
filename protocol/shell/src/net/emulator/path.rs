//! One direction of an emulated line: what becomes of each packet, from a seed and the time alone.

use fastrand::Rng;
use std::time::{Duration, Instant};

/// What a line does to packets in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Bits a second of its narrowest place; `None` for as many as there are.
    pub rate: Option<u64>,
    /// How long packets may wait there; those that would wait longer are dropped.
    pub queue: Duration,
    /// How long each packet takes besides.
    pub delay: Duration,
    /// At most so much more, evenly spread. Packets don't overtake each other by it.
    pub jitter: Duration,
    /// How many of 1,000 packets are lost.
    pub loss: u32,
    /// How many packets are lost in a row, on average; at least 1.
    pub burst: u32,
    /// How many of 1,000 packets are late by `late`, so that others overtake them.
    pub reordered: u32,
    /// How late those are.
    pub late: Duration,
    /// How many of 1,000 packets arrive twice.
    pub duplicated: u32,
    /// How many of 1,000 packets arrive with a flipped bit.
    pub corrupted: u32,
    /// Longer packets are dropped without a word, in bytes of UDP payload.
    pub longest: usize,
}

impl Profile {
    /// A line that does nothing to packets.
    pub const PERFECT: Self = Self {
        rate: None,
        queue: Duration::ZERO,
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        loss: 0,
        burst: 1,
        reordered: 0,
        late: Duration::ZERO,
        duplicated: 0,
        corrupted: 0,
        longest: usize::MAX,
    };

    /// Nothing passes.
    pub const BLACK_HOLE: Self = Self { longest: 0, ..Self::PERFECT };

    /// A thin line: kilobits a second, milliseconds one way, packets lost of 1,000, milliseconds of queue.
    pub const fn thin(kbit: u64, delay: u64, loss: u32, queue: u64) -> Self {
        Self {
            rate: Some(kbit * 1000),
            queue: Duration::from_millis(queue),
            delay: Duration::from_millis(delay),
            loss,
            ..Self::PERFECT
        }
    }
}

/// How a packet arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// As it was sent.
    Intact,
    /// With this bit flipped, counted from the packet's beginning.
    Flipped(usize),
}

impl Condition {
    /// Does to a packet what has happened to it.
    pub fn befall(self, packet: &mut [u8]) {
        if let Self::Flipped(bit) = self {
            packet[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// A direction with what is on it.
#[derive(Debug)]
pub struct Path {
    /// What it does to packets from now on.
    pub profile: Profile,
    random: Rng,
    /// When the narrowest place has sent all that is there.
    free: Option<Instant>,
    /// When the last packet arrives that kept its order.
    last: Option<Instant>,
    /// Whether the packet before was lost.
    losing: bool,
    pub(super) sent: Traffic,
}

/// What was sent in one direction, lost or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many packets.
    pub packets: u64,
    /// Their bytes, without the headers of UDP and IP.
    pub bytes: u64,
}

/// What IPv4 and UDP add to each packet, in bytes.
pub const HEADERS: usize = 28;

impl Path {
    /// An empty one, whose faults come from the seed.
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self { profile, random: Rng::with_seed(seed), free: None, last: None, losing: false, sent: Traffic::default() }
    }

    /// Sends a packet of `length` bytes of UDP payload at `now`: calls `arrive` for each time that it will arrive, if any.
    pub fn send(&mut self, now: Instant, length: usize, mut arrive: impl FnMut(Instant, Condition)) {
        let profile = self.profile;
        self.sent.packets += 1;
        self.sent.bytes += length as u64;
        if length > profile.longest || self.loses() {
            return;
        }
        let begins = self.free.map_or(now, |free| free.max(now));
        if begins - now > profile.queue {
            return;
        }
        let sent = begins + profile.rate.map_or(Duration::ZERO, |rate| sending(length, rate));
        self.free = Some(sent);
        let mut arrives = sent + profile.delay + profile.jitter.mul_f64(self.random.f64());
        if self.happens(profile.reordered) {
            arrives += profile.late;
        } else {
            arrives = self.last.map_or(arrives, |last| arrives.max(last));
            self.last = Some(arrives);
        }
        let corrupted = self.happens(profile.corrupted) && length > 0;
        arrive(
            arrives,
            if corrupted { Condition::Flipped(self.random.usize(..length * 8)) } else { Condition::Intact },
        );
        if self.happens(profile.duplicated) {
            arrive(arrives + profile.late, Condition::Intact);
        }
    }

    /// Gilbert's model: in a burst the next packet is lost too with the probability that makes bursts as long as they are to be.
    fn loses(&mut self) -> bool {
        let Profile { loss, burst, .. } = self.profile;
        let burst = burst.max(1);
        let chance = match self.losing {
            true => 1.0 - 1.0 / f64::from(burst),
            false => f64::from(loss) / (f64::from(burst) * f64::from(1000 - loss.min(999))),
        };
        let chance = if burst == 1 { f64::from(loss) / 1000.0 } else { chance };
        self.losing = self.random.f64() < chance;
        self.losing
    }

    fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.random.u32(..1000) < per_mille
    }
}

/// How long the narrowest place takes to send a packet.
fn sending(length: usize, rate: u64) -> Duration {
    let bits = (length + HEADERS) as u64 * 8;
    Duration::from_nanos(bits.saturating_mul(1_000_000_000) / rate.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arrivals of `count` packets of 1,222 bytes (1,250 on the line), one each millisecond, in milliseconds.
    fn arrivals(profile: Profile, count: u64) -> Vec<u128> {
        let (mut path, start, mut arrived) = (Path::new(profile, 3), Instant::now(), Vec::new());
        for sent in 0..count {
            let now = start + Duration::from_millis(sent);
            path.send(now, 1222, |at, _| arrived.push((at - start).as_millis()));
        }
        arrived
    }

    #[test]
    fn a_narrow_line_queues_and_then_drops() {
        // 10 ms for each packet, 20 ms of queue.
        assert_eq!(arrivals(Profile::thin(1000, 5, 0, 20), 12), [15, 25, 35, 45]);
        assert_eq!(arrivals(Profile::PERFECT, 3), [0, 1, 2]);
        assert_eq!(arrivals(Profile::BLACK_HOLE, 3), [0_u128; 0]);
    }

    #[test]
    fn losses_come_as_often_and_in_rows_as_long_as_asked_for() {
        for burst in [1, 5] {
            let profile = Profile { loss: 100, burst, ..Profile::PERFECT };
            let arrived = arrivals(profile, 100_000);
            let lost = 100_000 - arrived.len();
            let rows = arrived.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
            assert!((9_000..11_000).contains(&lost), "{lost}");
            let mean = lost as f64 / rows as f64;
            assert!((mean - f64::from(burst) * if burst == 1 { 1.11 } else { 1.0 }).abs() < 0.3, "{mean}");
        }
    }

    #[test]
    fn late_packets_are_overtaken_and_twins_come_twice() {
        let late = Duration::from_millis(50);
        let arrived = arrivals(Profile { reordered: 100, late, duplicated: 50, ..Profile::PERFECT }, 10_000);
        let turned = arrived.windows(2).filter(|pair| pair[1] < pair[0]).count();
        assert!((1_000..2_000).contains(&turned), "{turned}");
        assert!((10_400..10_600).contains(&arrived.len()), "{}", arrived.len());
    }
}
