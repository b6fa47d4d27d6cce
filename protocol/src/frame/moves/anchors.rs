//! Votes for offsets: pieces of rows that can be recognised, in the old picture and in the new one.

use super::super::buffer::Framebuffer;
use super::super::geometry::{Point, Rect, Size};
use super::super::region::Region;
use super::Offset;

/// Pixels of an anchor: about three letters, so that many are found only once.
const WIDTH: usize = 24;

/// One in so many edges begins an anchor, chosen by the pixels at the edge: the same ones in both pictures.
const CHOSEN: u32 = 8;

/// Entries of the table of the old picture's anchors; a power of two.
const TABLE: usize = 1 << 14;

/// Up to so many changed pixels every row of the old picture is read, and one in four of the new.
const DENSE: u64 = 128 * 1024;

/// The most votes that are counted.
const MAX_VOTES: usize = 4_096;

/// The fewest votes that elect an offset, and the most offsets that are elected together.
const MIN_VOTES: usize = 4;
const MAX_OFFSETS: usize = 3;

/// Offsets are elected together with the first one if they have this part of its votes.
const CLOSE: usize = 4;

/// Which rows are read. Whatever the offset, some row that is read of the new picture meets one that was read of the
/// old: of 64 rows every eighth of the new has its like, with any shift, among the first eight of the old once.
#[derive(Clone, Copy)]
enum Rows {
    All,
    EachIn(u32),
    FirstIn(u32, u32),
}

impl Rows {
    const fn has(self, y: u32) -> bool {
        match self {
            Self::All => true,
            Self::EachIn(period) => y.is_multiple_of(period),
            Self::FirstIn(count, period) => y % period < count,
        }
    }
}

/// Votes, each for an offset and from a place of the new picture.
pub(super) struct Votes(Vec<(Offset, Point)>);

impl Votes {
    /// The votes of what changed.
    pub(super) fn take(old: &Framebuffer, new: &Framebuffer, changed: &Region) -> Self {
        let (old_rows, new_rows) = if changed.pixels() <= DENSE {
            (Rows::All, Rows::EachIn(4))
        } else {
            (Rows::FirstIn(8, 64), Rows::EachIn(8))
        };
        let mut table = Table::new();
        each_anchor(old, changed, old_rows, |hash, place| {
            table.insert(hash, place);
            true
        });
        let mut votes = Vec::new();
        each_anchor(new, changed, new_rows, |hash, place| {
            if let Some(source) = table.find(hash).filter(|source| *source != place) {
                let way = |from: u32, to: u32| to.cast_signed() - from.cast_signed();
                votes.push((Offset { right: way(place.x, source.x), down: way(place.y, source.y) }, place));
            }
            votes.len() < MAX_VOTES
        });
        votes.sort_unstable_by_key(|(offset, _)| *offset);
        Self(votes)
    }

    /// The offset with most votes, and those that come close to it.
    pub(super) fn elect(&self) -> Vec<Offset> {
        let same = self.0.chunk_by(|(a, _), (b, _)| a == b);
        let mut counts: Vec<(usize, Offset)> =
            same.map(|votes| (votes.len(), votes[0].0)).filter(|(count, _)| *count >= MIN_VOTES).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let most = counts.first().map_or(0, |(count, _)| *count);
        counts.retain(|(count, _)| count * CLOSE >= most);
        counts.into_iter().map(|(_, offset)| offset).take(MAX_OFFSETS).collect()
    }

    /// Drops the votes of a place that a copy has written.
    pub(super) fn explain(&mut self, written: &Rect) {
        self.0.retain(|(_, place)| !written.contains(&Rect::new(place.x, place.y, 1, 1)));
    }

    /// Drops the votes for offsets that were no good.
    pub(super) fn reject(&mut self, offsets: &[Offset]) {
        self.0.retain(|(offset, _)| !offsets.contains(offset));
    }
}

/// The old picture's anchors by their hash, each with its place; those that are found twice stand for nothing.
struct Table(Vec<Entry>);

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    x: u16,
    y: u16,
}

/// No place: sides are shorter.
const NOWHERE: u16 = u16::MAX;

impl Table {
    fn new() -> Self {
        Self(vec![Entry { tag: 0, x: 0, y: NOWHERE }; TABLE])
    }

    fn insert(&mut self, hash: u64, place: Point) {
        let (x, y) = (place.x as u16, place.y as u16);
        let entry = &mut self.0[hash as usize % TABLE];
        let tag = (hash >> 32) as u32;
        if entry.tag != tag {
            // The first one stays: it may have been found twice already.
            if entry.tag == 0 {
                *entry = Entry { tag, x, y };
            }
        } else if (entry.x, entry.y) != (x, y) {
            entry.y = NOWHERE;
        }
    }

    fn find(&self, hash: u64) -> Option<Point> {
        let entry = self.0[hash as usize % TABLE];
        let known = entry.tag == (hash >> 32) as u32 && entry.y != NOWHERE;
        known.then_some(Point { x: entry.x.into(), y: entry.y.into() })
    }
}

/// Calls `found` with the hash and the place of each anchor in `changed` and a little around it, until it says no.
fn each_anchor(picture: &Framebuffer, changed: &Region, rows: Rows, mut found: impl FnMut(u64, Point) -> bool) {
    for rect in changed.rects() {
        let wide = widened(rect, picture.size());
        for y in (wide.y..wide.bottom()).filter(|y| rows.has(*y)) {
            let row = picture.row(&wide, y - wide.y).unwrap_or_default();
            if !anchors_of(row, |hash, x| found(hash, Point { x: wide.x + x, y })) {
                return;
            }
        }
    }
}

/// `rect` with room for the anchors at its edges.
fn widened(rect: &Rect, size: Size) -> Rect {
    let left = rect.x.saturating_sub(WIDTH as u32);
    let right = rect.right().saturating_add(WIDTH as u32).min(size.width);
    Rect::new(left, rect.y, right - left, rect.height)
}

/// The anchors of a row; `false` when `found` wants no more.
fn anchors_of(row: &[u32], mut found: impl FnMut(u64, u32) -> bool) -> bool {
    let (pieces, _) = row.as_chunks::<8>();
    for (start, (piece, next)) in (0..).step_by(8).zip(pieces.iter().zip(&pieces[1.min(pieces.len())..])) {
        let [a, .., z] = *piece;
        // Most of a screen is flat.
        if *piece == [a; 8] && z == next[0] {
            continue;
        }
        for (x, window) in (start..).zip(row[start..].windows(WIDTH).take(8)) {
            if is_chosen(window) && !found(hash(window), x as u32) {
                return false;
            }
        }
    }
    true
}

/// Whether an anchor begins here: at some edges.
fn is_chosen(pixels: &[u32]) -> bool {
    let &[a, b, c, d, ..] = pixels else { return false };
    let mixed = a.wrapping_mul(0x9e37_79b1) ^ b.wrapping_mul(0x85eb_ca77) ^ c.wrapping_mul(0xc2b2_ae3d) ^ d;
    a != b && mixed.wrapping_mul(0x27d4_eb2f) >> (u32::BITS - CHOSEN.ilog2()) == 0
}

/// A hash of an anchor's pixels whose upper half is never 0. No secret: a wrong vote does no harm.
fn hash(pixels: &[u32]) -> u64 {
    let mut lanes = [0x9e37_79b9_7f4a_7c15_u64, 0xc2b2_ae3d_27d4_eb4f];
    for [a, b, c, d] in pixels.as_chunks::<4>().0 {
        for (lane, (low, high)) in lanes.iter_mut().zip([(a, b), (c, d)]) {
            *lane = (*lane ^ (u64::from(*high) << 32 | u64::from(*low))).wrapping_mul(0x9fb2_1c65_1e98_df25);
            *lane ^= *lane >> 32;
        }
    }
    (lanes[0] ^ lanes[1].rotate_left(29)).wrapping_mul(0xd6e8_feb8_6659_fd93) | 1 << 63
}
