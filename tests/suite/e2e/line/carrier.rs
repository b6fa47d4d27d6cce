//! What carries packets from one end of the line to the other: a thread that sleeps until one comes or is due.

use beside_shell::net::emulator::{HEADERS, Path};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Result,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{PipeReader, PipeWriter, Read, Write, pipe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// A running line. Dropping it ends its thread.
#[derive(Debug)]
pub(super) struct Carrier {
    rules: Arc<Mutex<Rules>>,
    /// The thread has the other end, and ends when this one is closed.
    _lives: PipeWriter,
}

/// What becomes of packets.
#[derive(Debug)]
pub(super) struct Rules {
    /// From the officer and from the host.
    paths: [Path; 2],
    silent_until: Instant,
    carries_udp: bool,
    carried: u64,
}

/// The packets under way, by the time of their arrival and, for those of the same time, a number: where to, and their bytes.
type UnderWay = BTreeMap<(Instant, u64), (usize, Vec<u8>)>;

impl Carrier {
    /// Carries IPv4 packets between two devices. One reading takes one packet, one writing gives one.
    pub(super) fn between(officer: File, host: File, up: Path, down: Path) -> Self {
        let (over, lives) = pipe().expect("a pipe");
        let rules = Rules { paths: [up, down], silent_until: Instant::now(), carries_udp: true, carried: 0 };
        let rules = Arc::new(Mutex::new(rules));
        let own = Arc::clone(&rules);
        thread::spawn(move || carry(&[officer, host], &own, &over));
        Self { rules, _lives: lives }
    }

    /// To change them.
    pub(super) fn rules(&self) -> MutexGuard<'_, Rules> {
        lock(&self.rules)
    }
}

impl Rules {
    /// Drops all that comes within this span.
    pub(super) fn fall_silent(&mut self, span: Duration) {
        self.silent_until = Instant::now() + span;
    }

    /// Drops UDP from now on.
    pub(super) fn block_udp(&mut self) {
        self.carries_udp = false;
    }

    /// Sends on a packet that has come from one end.
    fn send(&mut self, now: Instant, from: usize, packet: &[u8], under_way: &mut UnderWay) {
        let is_carried = match protocol(packet) {
            None => false,
            Some(UDP) => self.carries_udp,
            Some(_) => true,
        };
        if !is_carried || now < self.silent_until {
            return;
        }
        let payload = packet.len().saturating_sub(HEADERS);
        self.paths[from].send(now, payload, |arrives, condition| {
            let mut packet = packet.to_vec();
            packet.get_mut(HEADERS..).into_iter().for_each(|payload| condition.befall(payload));
            self.carried += 1;
            under_way.insert((arrives, self.carried), (1 - from, packet));
        });
    }
}

/// Works until the other end of `over` is closed.
fn carry(ends: &[File; 2], rules: &Mutex<Rules>, over: &PipeReader) -> Result<()> {
    let (mut under_way, mut buffer) = (UnderWay::new(), vec![0; 65_536]);
    loop {
        let due = deliver(ends, &mut under_way);
        let mut fds = [
            PollFd::new(&ends[0], PollFlags::IN),
            PollFd::new(&ends[1], PollFlags::IN),
            PollFd::new(over, PollFlags::empty()),
        ];
        poll(&mut fds, due.as_ref())?;
        let events = fds.map(|fd| fd.revents());
        if !events[2].is_empty() {
            return Ok(());
        }
        for from in 0..ends.len() {
            if !events[from].is_empty() {
                let Ok(length) = (&ends[from]).read(&mut buffer) else { continue };
                lock(rules).send(Instant::now(), from, &buffer[..length], &mut under_way);
            }
        }
    }
}

/// Hands over what has arrived, and tells in what time the next packet does.
fn deliver(ends: &[File; 2], under_way: &mut UnderWay) -> Option<Timespec> {
    loop {
        let first = under_way.first_entry()?;
        let (arrives, _) = *first.key();
        if let Some(left) = arrives.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            return Timespec::try_from(left).ok();
        }
        let (to, packet) = first.remove();
        // A device that is down takes nothing, and nobody is told.
        let _ = (&ends[to]).write(&packet);
    }
}

/// IP's number for UDP.
const UDP: u8 = 17;

/// What an IPv4 packet carries.
fn protocol(packet: &[u8]) -> Option<u8> {
    packet.first().filter(|&&first| first >> 4 == 4)?;
    packet.get(9).copied()
}

fn lock(rules: &Mutex<Rules>) -> MutexGuard<'_, Rules> {
    rules.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_shell::net::emulator::Profile;
    use std::os::{fd::OwnedFd, unix::net::UnixDatagram};

    /// The two machines' sides of a line that delays packets, with sockets for devices.
    fn line(delay: Duration) -> (Carrier, [UnixDatagram; 2]) {
        let path = |seed| Path::new(Profile { delay, ..Profile::PERFECT }, seed);
        let [(officer, near), (host, far)] = [(); 2].map(|()| UnixDatagram::pair().expect("sockets"));
        let device = |socket| File::from(OwnedFd::from(socket));
        (Carrier::between(device(near), device(far), path(1), path(2)), [officer, host])
    }

    /// An IP packet whose last byte is `mark`.
    fn packet(version: u8, protocol: u8, mark: u8) -> [u8; 40] {
        let mut packet = [0; 40];
        (packet[0], packet[9], packet[39]) = (version << 4 | 5, protocol, mark);
        packet
    }

    #[test]
    fn packets_arrive_on_the_other_side_in_order_and_not_too_early() {
        let delay = Duration::from_millis(20);
        let (_carrier, machines) = line(delay);
        for [from, to] in [[0, 1], [1, 0]] {
            let begin = Instant::now();
            for mark in 0..10 {
                machines[from].send(&packet(4, UDP, mark)).expect("there is room");
            }
            for mark in 0..10 {
                let mut arrived = [0; 100];
                let length = machines[to].recv(&mut arrived).expect("a packet");
                assert_eq!(arrived[..length], packet(4, UDP, mark));
                assert!(begin.elapsed() >= delay);
            }
        }
    }

    #[test]
    fn what_is_not_carried_is_dropped() {
        const TCP: u8 = 6;
        let span = Duration::from_secs(10);
        let (carrier, _machines) = line(Duration::ZERO);
        let carries = |packet: &[u8], after| {
            let mut under_way = UnderWay::new();
            carrier.rules().send(Instant::now() + after, 0, packet, &mut under_way);
            under_way.into_values().next() == Some((1, packet.to_vec()))
        };
        assert!(carries(&packet(4, UDP, 0), Duration::ZERO));
        assert!(!carries(&packet(6, UDP, 0), Duration::ZERO) && !carries(&[], Duration::ZERO));
        carrier.rules().fall_silent(span);
        assert!(!carries(&packet(4, UDP, 0), Duration::ZERO) && carries(&packet(4, UDP, 0), span));
        carrier.rules().block_udp();
        assert!(!carries(&packet(4, UDP, 0), span) && carries(&packet(4, TCP, 0), span));
    }
}
