//! Work on the host's screen, painted by the clock, and how late an officer saw it.

use super::rig::{Rig, now};
use beside_protocol::frame::Rect;
use beside_tests::Screen;
use std::time::{Duration, Instant};

/// What is painted, how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A letter, ten times a second: some 100 bytes.
    Typing,
    /// A window of text scrolls, thirty times a second: a copy and some 1.5 KB.
    Scroll,
    /// Something that is new each time, thirty times a second: some 30 KB.
    Video,
    /// A noisy photograph, another one thirty times a second: some 25 KB as it is at its best.
    Film,
    /// The whole screen, each second.
    Slides,
}

impl Work {
    pub(crate) const ALL: [Self; 5] = [Self::Typing, Self::Scroll, Self::Video, Self::Film, Self::Slides];

    fn period(self) -> Duration {
        Duration::from_micros(match self {
            Self::Typing => 100_000,
            Self::Scroll | Self::Video | Self::Film => 33_333,
            Self::Slides => 1_000_000,
        })
    }

    fn paint(self, rig: &mut Rig, number: u32) {
        let screen = &mut rig.pair.screen;
        match self {
            Self::Typing => screen.scribble(Rect::new(40 + number % 50 * 10, 40, 10, 18)),
            Self::Scroll => screen.scroll(Rect::new(64, 64, 640, 400), 10),
            Self::Video => screen.scribble(Rect::new(64, 64, 480, 270)),
            Self::Film => screen.film(Rect::new(64, 64, 480, 270), number),
            Self::Slides => screen.scribble(Rect::new(0, 1, screen.picture().size().width, 700)),
        }
        screen.mark(number);
    }
}

/// How late what was painted was seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// How many paintings there were.
    pub(crate) painted: usize,
    /// How many of them were seen, and not only later ones.
    pub(crate) seen: usize,
    /// For each painting, until it or a later one was seen, in milliseconds, sorted.
    pub(crate) late: Vec<f64>,
    /// Bytes of frames.
    pub(crate) bytes: u64,
}

impl Seen {
    pub(crate) fn percentile(&self, of: f64) -> f64 {
        let index = ((self.late.len() as f64 * of / 100.0) as usize).min(self.late.len().saturating_sub(1));
        self.late.get(index).copied().unwrap_or(f64::INFINITY)
    }
}

/// Paints for so long, then waits until films are exact; tells for each officer how late it was seen.
pub(crate) async fn watch(rig: &mut Rig, work: Work, duration: Duration) -> Vec<Seen> {
    measure(rig, work, duration, Duration::from_secs(4)).await
}

/// Paints for so long; the same for what has been seen by then.
pub(crate) async fn paint_for(rig: &mut Rig, work: Work, duration: Duration) -> Vec<Seen> {
    measure(rig, work, duration, Duration::ZERO).await
}

async fn measure(rig: &mut Rig, work: Work, duration: Duration, rest: Duration) -> Vec<Seen> {
    let mut painted: Vec<Instant> = Vec::new();
    let bytes: Vec<_> = rig.seats.iter().map(|seat| seat.bytes).collect();
    let first = Screen::read_mark(rig.pair.screen.picture().view()) + 1;
    let (start, period) = (now(), work.period());
    while now() < start + duration {
        work.paint(rig, first + painted.len() as u32);
        painted.push(now());
        let next = start + period * painted.len() as u32;
        rig.drive(next.saturating_duration_since(now())).await;
    }
    rig.drive(rest).await;
    let seats = rig.seats.iter().zip(bytes);
    seats.map(|(seat, before)| judge(&seat.shown, first, &painted, seat.bytes - before)).collect()
}

fn judge(shown: &[(u32, Instant)], first: u32, painted: &[Instant], bytes: u64) -> Seen {
    let shown = &shown[shown.partition_point(|(mark, _)| *mark < first)..];
    let mut late: Vec<f64> = (first..)
        .zip(painted)
        .filter_map(|(mark, at)| {
            let (_, seen) = shown.get(shown.partition_point(|(other, _)| *other < mark))?;
            Some(seen.saturating_duration_since(*at).as_secs_f64() * 1000.0)
        })
        .collect();
    late.sort_by(f64::total_cmp);
    let seen = shown.iter().filter(|(mark, _)| ((*mark - first) as usize) < painted.len()).count();
    Seen { painted: painted.len(), seen, late, bytes }
}
