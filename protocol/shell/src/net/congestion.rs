//! How much may be on its way at once: what the narrowest place of the line passes, and hardly any queue before it.
//!
//! The rate is what the acknowledgements say was delivered, and the window is rate × (shortest round trip + 5 ms). That is
//! the model of BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", 2016), with these differences: a queue that
//! stands for a round is answered at once instead of after ten, the next rate is only probed for while there is no
//! queue, and lost packets alone mean nothing until they are many: a radio link loses some without being full.

use beside_protocol::session::{Lowest, Pacer};
use quinn::congestion::{Controller, ControllerFactory};
use quinn_proto::RttEstimator;
use std::{
    any::Any,
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// The first picture may fill so many bytes before anything is acknowledged: 32 packets.
const INITIAL_WINDOW: u64 = 32 * 1200;
/// The smallest window: two packets of the longest kind, and two short ones beside them.
const SMALLEST: u64 = 4 * 1200;
/// The queue that is allowed before the narrowest place, as time, besides that of one burst.
const QUEUE: Duration = Pacer::QUEUE;
/// quinn sends at least so much at once before it waits: ten packets.
const BURST: f64 = 10.0 * PACKET;
/// A packet, in bytes.
const PACKET: f64 = 1200.0;
/// A queue that stands for a whole round and is longer than this, and than an eighth of the round trip, is too long.
const TOO_LONG: Duration = Duration::from_millis(10);
/// While the queue is shorter than this and one packet there may be more to be had.
const NONE: Duration = Duration::from_millis(2);
/// How much more is tried then.
const PROBE: f64 = 1.1;
/// The share of what fills the line without a queue that is sent in one round when the shortest round trip is looked for.
const DRAINED: f64 = 0.75;
/// For how long at least rates and round trips count.
const MEMORY: Duration = Duration::from_secs(5);
/// More lost packets than this, of all in a round, mean that the line is full though its queue is short.
const MANY: f64 = 0.15;
/// What is kept of the rate then.
const KEPT: f64 = 0.7;
/// In the beginning: as many rounds without this growth mean that the line is full.
const PLATEAU: (u32, f64) = (3, 1.25);
/// How many times in the shortest round trip it is remembered how much had been delivered, and for how many of these.
const HISTORY: (u32, usize) = (64, 16);

/// Makes a controller for each path.
#[derive(Debug)]
pub(super) struct Shallow;

impl ControllerFactory for Shallow {
    fn build(self: Arc<Self>, _: Instant, _: u16) -> Box<dyn Controller> {
        Box::new(Window::default())
    }
}

/// The model of one path.
#[derive(Clone, Debug)]
pub(super) struct Window {
    phase: Phase,
    window: u64,
    /// Bytes delivered in all, and when how many were.
    delivered: u64,
    history: VecDeque<(Instant, u64)>,
    rate: Newest,
    shortest: Lowest,
    /// When the window was made smaller, to find the shortest round trip.
    drained: Option<Instant>,
    /// When the newest of the packets was sent that are being acknowledged together.
    newest: Option<Instant>,
    round: Round,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The line's rate is not known: the window grows by what is delivered.
    Starting { best: f64, rounds: u32 },
    /// It is known.
    Cruising,
}

/// What has been learned since about one round trip ago.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// It ends when what was sent after it began is acknowledged.
    began: Option<Instant>,
    /// The bytes delivered when it began.
    delivered: u64,
    rate: f64,
    shortest: Option<Duration>,
    lost: u64,
    /// Whether the window was all that held the sender back, in some part of it.
    full: bool,
    /// Whether the window is smaller in it, to find the shortest round trip.
    draining: bool,
}

/// The highest rate of late, in bytes a second.
#[derive(Clone, Copy, Debug, Default)]
struct Newest {
    now: f64,
    before: f64,
    since: Option<Instant>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            phase: Phase::Starting { best: 0.0, rounds: 0 },
            window: INITIAL_WINDOW,
            delivered: 0,
            history: VecDeque::new(),
            rate: Newest::default(),
            shortest: Lowest::new(MEMORY),
            drained: None,
            newest: None,
            round: Round::default(),
        }
    }
}

impl Window {
    /// What the line passes, in bytes a second, once that is known.
    pub(super) fn rate(&self) -> Option<u64> {
        matches!(self.phase, Phase::Cruising).then_some(self.rate.highest() as u64)
    }

    /// The shortest round trip of late.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.shortest.get()
    }

    fn acknowledged(&mut self, now: Instant, sent: Instant, bytes: u64, limited: bool) {
        self.delivered += bytes;
        let trip = now.saturating_duration_since(sent);
        self.shortest.add(now, trip);
        self.round.shortest = Some(self.round.shortest.map_or(trip, |shortest| shortest.min(trip)));
        self.newest = self.newest.max(Some(sent));
        let shortest = self.shortest.get().unwrap_or_default();
        let queues = trip > shortest + TOO_LONG.max(shortest / 4);
        if matches!(self.phase, Phase::Starting { .. }) && !limited && !queues {
            self.window += bytes;
        }
    }

    fn batch_ends(&mut self, now: Instant, limited: bool) {
        let Some(newest) = self.newest.take() else { return };
        if let Some(rate) = self.delivered_since(newest, now) {
            self.round.rate = self.round.rate.max(rate);
            if !limited || rate > self.rate.highest() {
                self.rate.add(now, rate);
            }
        }
        self.round.full |= !limited;
        self.remember(now);
        if self.round.began.is_none_or(|began| newest >= began) {
            self.round_ends(now);
        }
    }

    /// The rate at which bytes were delivered since a packet was sent; `None` when that is not remembered any more.
    fn delivered_since(&self, sent: Instant, now: Instant) -> Option<f64> {
        let before = match self.history.partition_point(|(at, _)| *at <= sent) {
            0 if self.history.front().is_some_and(|(_, delivered)| *delivered > 0) => return None,
            0 => 0,
            later => self.history.get(later - 1)?.1,
        };
        let seconds = now.saturating_duration_since(sent).as_secs_f64();
        (seconds > 0.0).then(|| (self.delivered - before) as f64 / seconds)
    }

    fn remember(&mut self, now: Instant) {
        let (times, trips) = HISTORY;
        let step = self.shortest.get().unwrap_or_default() / times;
        if self.history.back().is_none_or(|(at, _)| now.saturating_duration_since(*at) >= step) {
            self.history.push_back((now, self.delivered));
        }
        if self.history.len() > times as usize * trips {
            self.history.pop_front();
        }
    }

    fn round_ends(&mut self, now: Instant) {
        let round = std::mem::take(&mut self.round);
        let shortest = self.shortest.get().unwrap_or_default();
        let queue = round.shortest.unwrap_or_default().saturating_sub(shortest);
        let delivered = self.delivered - round.delivered;
        // A single packet may be late because its acknowledgement was.
        let tells = round.full || delivered as f64 > BURST;
        let overflows = tells && round.lost as f64 > MANY * (round.lost + delivered) as f64;
        let full = tells && queue > TOO_LONG.max(shortest / 8) || overflows;
        if full {
            // What was delivered meanwhile is what the line passes.
            self.rate.set(now, round.rate * if overflows { KEPT } else { 1.0 });
        }
        self.phase = match self.phase {
            Phase::Starting { .. } if full => Phase::Cruising,
            Phase::Starting { best, rounds } if round.full && round.rate < best * PLATEAU.1 => match rounds + 1 {
                rounds if rounds >= PLATEAU.0 => Phase::Cruising,
                rounds => Phase::Starting { best, rounds },
            },
            Phase::Starting { best, .. } => Phase::Starting { best: best.max(round.rate), rounds: 0 },
            Phase::Cruising => Phase::Cruising,
        };
        let drained = self.drained.is_some_and(|at| now.saturating_duration_since(at) < MEMORY / 2);
        let drains = self.shortest.is_fading(now) && round.full && !drained;
        self.drained = if drains { Some(now) } else { self.drained };
        if self.phase == Phase::Cruising {
            let rate = self.rate.highest();
            let idle = !full && queue < NONE + Duration::from_secs_f64(PACKET / rate.max(1.0));
            let allowed = rate * (shortest + QUEUE).as_secs_f64() + BURST;
            let target = match (drains, round.full && idle && !round.draining) {
                (true, _) => rate * shortest.as_secs_f64() * DRAINED,
                (false, true) => allowed * PROBE,
                (false, false) => allowed,
            };
            self.window = (target as u64).max(SMALLEST);
        }
        self.round = Round { began: Some(now), delivered: self.delivered, draining: drains, ..Round::default() };
    }
}

impl Newest {
    fn add(&mut self, now: Instant, rate: f64) {
        let since = *self.since.get_or_insert(now);
        if now.saturating_duration_since(since) > MEMORY {
            (self.before, self.now, self.since) = (self.now, 0.0, Some(now));
        }
        self.now = self.now.max(rate);
    }

    fn set(&mut self, now: Instant, rate: f64) {
        *self = Self { now: rate, before: 0.0, since: Some(now) };
    }

    fn highest(&self) -> f64 {
        self.now.max(self.before)
    }
}

impl Controller for Window {
    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, app_limited: bool, _: &RttEstimator) {
        self.acknowledged(now, sent, bytes, app_limited);
    }

    fn on_end_acks(&mut self, now: Instant, _: u64, app_limited: bool, _: Option<u64>) {
        self.batch_ends(now, app_limited);
    }

    fn on_congestion_event(&mut self, _: Instant, _: Instant, is_persistent_congestion: bool, lost_bytes: u64) {
        self.round.lost += lost_bytes;
        if is_persistent_congestion {
            // Whatever comes back may be another line.
            *self = Self { shortest: self.shortest, ..Self::default() };
        }
    }

    fn on_mtu_update(&mut self, _: u16) {}

    fn window(&self) -> u64 {
        self.window
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        INITIAL_WINDOW
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line that delivers packets one after the other, and a sender that has always more to send.
    struct Line {
        window: Window,
        now: Instant,
        delay: Duration,
        /// Bytes a second.
        rate: f64,
        /// One of so many packets is lost.
        loss: u64,
        /// Packets on their way: when they were sent, and when their acknowledgements come; `None` for the lost.
        flying: VecDeque<(Instant, Option<Instant>)>,
        free: Instant,
        sent: u64,
        trips: Vec<Duration>,
    }

    impl Line {
        fn new(rate: f64, delay: u64) -> Self {
            let now = Instant::now();
            let (window, flying) = (Window::default(), VecDeque::new());
            let delay = Duration::from_millis(delay);
            Self { window, now, delay, rate, loss: u64::MAX, flying, free: now, sent: 0, trips: Vec::new() }
        }

        /// Lets that many packets be acknowledged.
        fn run(&mut self, packets: usize) {
            for _ in 0..packets {
                while self.flying.len() as f64 * PACKET < self.window.window() as f64 {
                    self.send();
                }
                self.hear();
            }
        }

        fn send(&mut self) {
            self.sent += 1;
            self.free = self.free.max(self.now) + Duration::from_secs_f64(PACKET / self.rate);
            let arrives = (!self.sent.is_multiple_of(self.loss)).then_some(self.free + self.delay);
            self.flying.push_back((self.now, arrives));
        }

        fn hear(&mut self) {
            match self.flying.pop_front() {
                Some((sent, Some(at))) => {
                    self.now = self.now.max(at);
                    self.trips.push(self.now - sent);
                    self.window.acknowledged(self.now, sent, PACKET as u64, false);
                    self.window.batch_ends(self.now, false);
                }
                Some((sent, None)) => self.window.on_congestion_event(self.now, sent, false, PACKET as u64),
                None => {}
            }
        }

        /// The longest queue among the last packets.
        fn queue(&self, packets: usize) -> Duration {
            let last = &self.trips[self.trips.len() - packets..];
            last.iter().max().copied().unwrap_or_default() - self.delay
        }
    }

    #[test]
    fn the_line_is_full_and_its_queue_is_short() {
        for (rate, delay) in [(2.5e6, 40), (625e3, 100), (125e6, 1)] {
            let mut line = Line::new(rate, delay);
            let seconds = (3.0 * rate / PACKET) as usize;
            line.run(seconds);
            let start = line.now;
            line.run(seconds);
            let used = seconds as f64 * PACKET / (line.now - start).as_secs_f64() / rate;
            assert!(used > 0.9, "{used} of {rate} at {delay} ms");
            let allowed = (Duration::from_secs_f64(BURST / rate) + QUEUE + line.delay.mul_f64(PROBE - 1.0)) * 2;
            assert!(line.queue(seconds) < allowed, "{:?} at {rate}, {delay} ms", line.queue(seconds));
        }
    }

    #[test]
    fn a_line_that_gets_thinner_has_a_queue_for_a_few_rounds_only() {
        let mut line = Line::new(2.5e6, 40);
        line.run(3_000);
        line.rate /= 10.0;
        line.run(600);
        line.run(200);
        assert!(line.queue(200) < Duration::from_millis(120), "{:?}", line.queue(200));
        line.rate *= 10.0;
        line.run(1_500);
        let start = line.now;
        line.run(1_000);
        assert!(1_000.0 * PACKET / (line.now - start).as_secs_f64() > 0.8 * line.rate);
    }

    #[test]
    fn a_few_lost_packets_mean_nothing_and_many_a_full_line() {
        let full = |loss| {
            let mut line = Line::new(2.5e6, 40);
            line.loss = loss;
            line.run(4_000);
            line.window.window() as f64
        };
        assert!(full(25) > 0.8 * full(u64::MAX), "each 25th lost");
        assert!(full(4) < 0.3 * full(u64::MAX), "each fourth lost");
    }

    #[test]
    fn a_late_acknowledgement_of_one_packet_is_no_queue() {
        let mut line = Line::new(2.5e6, 40);
        line.run(1_000);
        let before = line.window.window();
        for _ in 0..20 {
            let sent = line.now + Duration::from_secs(1);
            line.now = sent + Duration::from_millis(65);
            line.window.acknowledged(line.now, sent, 60, true);
            line.window.batch_ends(line.now, true);
        }
        assert!(line.window.window() * 10 > before * 7, "{before} and then {}", line.window.window());
    }

    #[test]
    fn after_an_outage_it_starts_anew() {
        let mut line = Line::new(2.5e6, 40);
        line.run(1_000);
        line.window.on_congestion_event(line.now, line.now, true, PACKET as u64);
        assert_eq!(line.window.window(), INITIAL_WINDOW);
    }
}
