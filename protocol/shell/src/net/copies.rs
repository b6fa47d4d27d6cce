//! Second copies of small frames: on a line that loses packets they come before a lost one can be sent again.
//!
//! A copy travels in datagrams, a little after the frame's stream, so that one burst of losses does not take both. QUIC
//! knows after a round trip and a bit that a packet is lost, and what was typed would wait for so long.

use beside_protocol::wire::FramePart;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use quinn::Connection;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long after a frame its copy is sent.
const LATER: Duration = Duration::from_millis(8);
/// After a lost packet copies are sent for so long.
const LOSSY: Duration = Duration::from_secs(10);
/// On a shorter round trip a lost packet is sent again soon enough.
const SHORT: Duration = Duration::from_millis(10);
/// A copy may keep the line busy for so long.
const BUSY: Duration = Duration::from_millis(20);
/// A datagram's head: the stream's number, where its bytes begin in the frame, and how long the frame is.
const HEAD: usize = 8 + 2 + 2;
/// How many frames are remembered that have arrived, and how many copies that have not in full.
const REMEMBERED: usize = 512;
const UNFINISHED: usize = 64;

/// Decides when copies are worth it.
#[derive(Debug)]
pub(super) struct Copier {
    lost: u64,
    since: Option<Instant>,
}

impl Copier {
    pub(super) const fn new() -> Self {
        Self { lost: 0, since: None }
    }

    /// Whether a frame of that length is to be copied.
    pub(super) fn wants(&mut self, now: Instant, length: usize, connection: &Connection) -> bool {
        let path = connection.stats().path;
        if path.lost_packets > self.lost {
            (self.lost, self.since) = (path.lost_packets, Some(now));
        }
        let lossy = self.since.is_some_and(|since| now.saturating_duration_since(since) < LOSSY);
        if !lossy || !FramePart::is_small(length) || path.rtt < SHORT {
            return false;
        }
        let rate = path.cwnd as f64 / path.rtt.as_secs_f64();
        length as f64 <= rate * BUSY.as_secs_f64()
    }
}

/// Sends a copy of the frame that went over the stream of that number.
pub(super) async fn send(connection: Connection, stream: u64, frame: Bytes) {
    sleep(LATER).await;
    let Some(longest) = connection.max_datagram_size() else { return };
    for datagram in split(stream, &frame, longest) {
        // A connection that is gone is noticed elsewhere; a datagram that finds no room was a copy.
        let _ = connection.send_datagram(datagram);
    }
}

fn split(stream: u64, frame: &Bytes, longest: usize) -> Vec<Bytes> {
    let Ok(length) = u16::try_from(frame.len()) else { return Vec::new() };
    let Some(room) = longest.checked_sub(HEAD).filter(|room| *room > 0) else { return Vec::new() };
    let pieces = frame.chunks(room).zip((0..).step_by(room));
    let datagrams = pieces.map(|(piece, offset)| {
        let mut datagram = BytesMut::with_capacity(HEAD + piece.len());
        datagram.put_u64_le(stream);
        datagram.put_u16_le(offset);
        datagram.put_u16_le(length);
        datagram.put_slice(piece);
        datagram.freeze()
    });
    datagrams.collect()
}

/// Which frames have arrived, and what has come of the copies of others.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// The newest of those that have arrived: their copies come to nothing, and those of older ones too.
    recent: BTreeSet<u64>,
    /// Those that have arrived as copies, and not yet over their streams.
    early: BTreeSet<u64>,
    partial: BTreeMap<u64, Partial>,
}

#[derive(Debug)]
struct Partial {
    bytes: Vec<u8>,
    /// Where pieces begin that have come, and how long they are.
    pieces: BTreeMap<usize, usize>,
}

/// A datagram that is no piece of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Arrivals {
    /// Takes note that a frame has arrived over the stream of that number; false if its copy had before.
    pub(super) fn take(&mut self, stream: u64) -> bool {
        self.note(stream);
        !self.early.remove(&stream)
    }

    /// Takes a piece of a copy; the frame, if that has come in full with it and not before.
    pub(super) fn add(&mut self, mut datagram: Bytes) -> Result<Option<Bytes>, Malformed> {
        if datagram.len() <= HEAD {
            return Err(Malformed);
        }
        let stream = datagram.get_u64_le();
        let (offset, length) = (usize::from(datagram.get_u16_le()), usize::from(datagram.get_u16_le()));
        if !FramePart::is_small(length) || offset + datagram.len() > length {
            return Err(Malformed);
        }
        let old = self.recent.len() == REMEMBERED && self.recent.first().is_some_and(|first| stream < *first);
        if old || self.recent.contains(&stream) || self.early.len() == REMEMBERED {
            return Ok(None);
        }
        let partial = self.partial.entry(stream).or_insert_with(|| Partial::new(length));
        if partial.bytes.len() != length {
            return Err(Malformed);
        }
        let frame = partial.add(offset, &datagram);
        if frame.is_some() {
            self.note(stream);
            self.early.insert(stream);
        } else if self.partial.len() > UNFINISHED {
            self.partial.pop_first();
        }
        Ok(frame)
    }

    fn note(&mut self, stream: u64) {
        self.partial.remove(&stream);
        self.recent.insert(stream);
        if self.recent.len() > REMEMBERED {
            self.recent.pop_first();
        }
    }
}

impl Partial {
    fn new(length: usize) -> Self {
        Self { bytes: vec![0; length], pieces: BTreeMap::new() }
    }

    fn add(&mut self, offset: usize, piece: &[u8]) -> Option<Bytes> {
        self.bytes[offset..offset + piece.len()].copy_from_slice(piece);
        self.pieces.insert(offset, piece.len());
        let reached = self
            .pieces
            .iter()
            .try_fold(0, |reached, (&offset, &length)| (offset <= reached).then_some(reached.max(offset + length)));
        (reached == Some(self.bytes.len())).then(|| std::mem::take(&mut self.bytes).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frame_is_taken_once_whichever_way_it_comes_first() {
        let frame = Bytes::from_static(b"a letter");
        let (mut arrivals, copy) = (Arrivals::default(), split(7, &frame, 100).remove(0));
        assert_eq!(arrivals.add(copy.clone()), Ok(Some(frame)));
        assert_eq!(arrivals.add(copy), Ok(None));
        assert!(!arrivals.take(7) && arrivals.take(11));
        assert_eq!(arrivals.add(split(11, &Bytes::from_static(b"x"), 100).remove(0)), Ok(None));
    }

    #[test]
    fn a_frame_over_its_stream_is_never_taken_for_an_old_one() {
        let mut arrivals = Arrivals::default();
        assert!((1..10_000).all(|stream| arrivals.take(stream)));
        assert!(arrivals.take(0), "the longest comes last");
        assert_eq!(arrivals.add(split(0, &Bytes::from_static(b"x"), 100).remove(0)), Ok(None));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut arrivals = Arrivals::default();
        let (frame, mut early) = (Bytes::from(vec![1; 100]), 0);
        for stream in 0..10_000 {
            assert!(arrivals.take(stream));
            assert_eq!(arrivals.add(split(100_000 + stream, &frame, 60).remove(0)), Ok(None));
            early += usize::from(arrivals.add(split(200_000 + stream, &frame, 200).remove(0)).unwrap().is_some());
        }
        assert_eq!(early, REMEMBERED, "no copy is taken whose stream could be taken too");
        assert!(arrivals.recent.len() <= REMEMBERED && arrivals.partial.len() <= UNFINISHED);
    }

    proptest! {
        #[test]
        fn pieces_in_any_order_are_the_frame(
            frame in prop::collection::vec(any::<u8>(), 1..4096),
            longest in 13..1300usize,
            order in any::<u64>(),
        ) {
            let frame = Bytes::from(frame);
            let mut pieces = split(5, &frame, longest);
            let count = pieces.len();
            pieces.rotate_left(order as usize % count);
            let mut arrivals = Arrivals::default();
            for (index, piece) in pieces.into_iter().enumerate() {
                let whole = arrivals.add(piece).unwrap();
                prop_assert_eq!(whole, (index + 1 == count).then(|| frame.clone()));
            }
        }

        #[test]
        fn nonsense_does_no_harm(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..50)) {
            let mut arrivals = Arrivals::default();
            for datagram in datagrams {
                if let Ok(Some(frame)) = arrivals.add(datagram.into()) {
                    prop_assert!(FramePart::is_small(frame.len()));
                }
            }
        }
    }
}
