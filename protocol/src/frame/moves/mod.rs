//! Finds what has moved: rectangles of the new picture that the old one shows elsewhere, whatever the direction.
//!
//! [`anchors`] has places that can be recognised vote for offsets; [`gain`] finds the rectangle in which an offset
//! explains most of what changed. A wrong vote costs time and never a pixel: what a copy leaves wrong becomes literals.

mod anchors;
mod gain;

use self::anchors::Votes;
use super::buffer::Framebuffer;
use super::change::CopyRect;
use super::geometry::{Point, Rect, Size};
use super::region::Region;

/// Changes of fewer pixels are not searched: a literal of them takes few hundred bytes and less time.
const MIN_CHANGED: u64 = 4_096;

/// A copy is worth its place when it explains so many pixels: as literals they take about 50 bytes, a copy takes 12.
const MIN_GAIN: i32 = 1_024;

/// The most copies of an update. Each one is searched for in what the ones before have left.
const MAX_COPIES: usize = 4;

/// How often offsets are elected in search of a copy.
const MAX_TRIES: usize = 2;

/// From a place of the new picture to the same content in the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offset {
    right: i32,
    down: i32,
}

impl Offset {
    /// The part of `area` whose source lies within a picture of `size`.
    fn reach(self, area: &Rect, size: Size) -> Option<Rect> {
        let clip = |start: u32, length: u32, way: i32, limit: u32| {
            let (way, limit) = (i64::from(way), i64::from(limit));
            let (from, to) = (i64::from(start), i64::from(start) + i64::from(length));
            let (from, to) = (from.max(-way), to.min(limit - way));
            (from < to).then_some((from as u32, (to - from) as u32))
        };
        let (x, width) = clip(area.x, area.width, self.right, size.width)?;
        let (y, height) = clip(area.y, area.height, self.down, size.height)?;
        Some(Rect::new(x, y, width, height))
    }

    /// Where the content of `rect`, which is within reach, was.
    fn source(self, rect: &Rect) -> Point {
        Point { x: rect.x.wrapping_add_signed(self.right), y: rect.y.wrapping_add_signed(self.down) }
    }

    fn copy(self, to: Rect) -> CopyRect {
        CopyRect { to, from: self.source(&to) }
    }
}

/// The search for the copies of one update.
#[derive(Default)]
pub(super) struct Finder {
    /// What speaks for offsets and no copy explains; `None` before the first call.
    votes: Option<Votes>,
    found: usize,
}

impl Finder {
    /// The next copy, best first, to be run on `old` before the one after it is asked for. `changed` is where the
    /// pictures differed at the start.
    pub(super) fn next(&mut self, old: &Framebuffer, new: &Framebuffer, changed: &Region) -> Option<CopyRect> {
        if changed.pixels() < MIN_CHANGED || self.found == MAX_COPIES {
            return None;
        }
        let area = changed.bounds()?;
        let votes = self.votes.get_or_insert_with(|| Votes::take(old, new, changed));
        for _ in 0..MAX_TRIES {
            let offsets = votes.elect();
            let tried = offsets.iter().filter_map(|offset| gain::best(old, new, &area, *offset));
            if let Some((_, copy)) = tried.filter(|(gain, _)| *gain >= MIN_GAIN).max_by_key(|(gain, _)| *gain) {
                self.found += 1;
                votes.explain(&copy.to);
                return Some(copy);
            }
            votes.reject(&offsets);
        }
        None
    }
}

#[cfg(test)]
mod tests;
