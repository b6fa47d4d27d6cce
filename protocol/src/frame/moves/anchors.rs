//! Votes for offsets: pieces of rows that can be recognised, in the old picture and in the new one.

use super::super::buffer::Framebuffer;
use super::super::geometry::{Point, Rect, Size};
use super::super::region::Region;
use super::Offset;

/// Pixels of an anchor: about three letters, so that many are found only once.
const WIDTH: usize = 24;

/// One in so many edges begins an anchor, chosen by the pixels at the edge: the same ones in both pictures.
const CHOSEN: u32 = 16;

/// Places that are looked at together.
const STEP: usize = 8;

/// Entries of the table of the old picture's anchors; a power of two.
const TABLE: usize = 1 << 14;

/// The fewest votes that elect an offset, and the most offsets that are elected together.
const MIN_VOTES: usize = 4;
const MAX_OFFSETS: usize = 3;

/// Offsets are elected together with the first one if they have this part of its votes.
const CLOSE: usize = 4;

/// How sparsely rows are read: of the old picture the first *d* of each *d*², of the new picture each *d*th. So whatever
/// an offset is, one in *d*² of the rows that moved by it is read in both.
fn sparseness(changed: &Region) -> u32 {
    match changed.pixels() {
        0..0x1_0000 => 2,
        0x1_0000..0x4_0000 => 4,
        0x4_0000..0x20_0000 => 8,
        _ => 16,
    }
}

/// Votes, each for an offset and from a place of the new picture.
pub(super) struct Votes(Vec<(Offset, Point)>);

impl Votes {
    /// The votes of what changed, for places of the screen and for what has been kept.
    pub(super) fn take(old: &Framebuffer, new: &Framebuffer, changed: &Region, kept: &Index) -> Self {
        let d = sparseness(changed);
        let mut table = Table::new();
        each_anchor(old, changed, |y| y % (d * d) < d, |hash, place| table.insert(hash, place));
        let mut votes = Vec::new();
        if table.is_empty() && kept.0.is_empty() {
            return Self(votes);
        }
        each_anchor(
            new,
            changed,
            |y| y.is_multiple_of(d),
            |hash, place| {
                let way = |from: u32, to: u32| to.cast_signed() - from.cast_signed();
                let sources = table.find(hash).filter(|source| *source != place).map(|source| (source, 0));
                for (source, sheet) in sources.into_iter().chain(kept.find(hash)) {
                    let offset = Offset { right: way(place.x, source.x), down: way(place.y, source.y), sheet };
                    votes.push((offset, place));
                }
            },
        );
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

    fn is_empty(&self) -> bool {
        self.0.iter().all(|entry| entry.tag == 0)
    }

    fn find(&self, hash: u64) -> Option<Point> {
        let entry = self.0[hash as usize % TABLE];
        let known = entry.tag == (hash >> 32) as u32 && entry.y != NOWHERE;
        known.then_some(Point { x: entry.x.into(), y: entry.y.into() })
    }
}

/// The anchors of what has been kept, by their hash: the last one of each is known. What has been written over since
/// stays, and votes wrongly.
#[derive(Default)]
pub(super) struct Index(Vec<Kept>);

#[derive(Clone, Copy, Default)]
struct Kept {
    tag: u32,
    x: u16,
    y: u16,
    /// The shelf; 0 where there is no anchor.
    sheet: u32,
}

/// Entries of the index; a power of two.
const KEPT: usize = 1 << 16;

impl Index {
    /// Takes in the anchors of what a shelf is about to keep of the screen.
    pub(super) fn add(&mut self, screen: &Framebuffer, kept: &Region, sheet: u32) {
        self.0.resize(KEPT, Kept::default());
        let d = sparseness(kept);
        each_anchor(
            screen,
            kept,
            |y| y % (d * d) < d,
            |hash, place| {
                let entry = Kept { tag: (hash >> 32) as u32, x: place.x as u16, y: place.y as u16, sheet };
                self.0[hash as usize % KEPT] = entry;
            },
        );
    }

    fn find(&self, hash: u64) -> Option<(Point, u32)> {
        let kept = self.0.get(hash as usize % KEPT)?;
        let known = kept.sheet > 0 && kept.tag == (hash >> 32) as u32;
        known.then_some((Point { x: kept.x.into(), y: kept.y.into() }, kept.sheet))
    }
}

/// Calls `found` with the hash and the place of each anchor in rows of `changed`, and a little beside it.
fn each_anchor(
    picture: &Framebuffer,
    changed: &Region,
    is_read: impl Fn(u32) -> bool,
    mut found: impl FnMut(u64, Point),
) {
    for rect in changed.rects() {
        let wide = widened(rect, picture.size());
        for y in (wide.y..wide.bottom()).filter(|y| is_read(*y)) {
            let row = picture.row(&wide, y - wide.y).unwrap_or_default();
            anchors_of(row, |hash, x| found(hash, Point { x: wide.x + x, y }));
        }
    }
}

/// `rect` with room for the anchors at its edges.
fn widened(rect: &Rect, size: Size) -> Rect {
    let left = rect.x.saturating_sub(WIDTH as u32);
    let right = rect.right().saturating_add(WIDTH as u32).min(size.width);
    Rect::new(left, rect.y, right - left, rect.height)
}

/// The anchors of a row.
fn anchors_of(row: &[u32], mut found: impl FnMut(u64, u32)) {
    let last = (row.len() + 1).saturating_sub(WIDTH + STEP);
    for start in (0..last).step_by(STEP) {
        let Some(pixels) = row[start..].first_chunk() else { return };
        let mut chosen = chosen(pixels);
        while chosen != 0 {
            let at = start + chosen.trailing_zeros() as usize;
            found(hash(&row[at..at + WIDTH]), at as u32);
            chosen &= chosen - 1;
        }
    }
}

/// At which of the places side by side an anchor begins, a bit for each: at some of the edges, as the eight pixels there
/// tell. Fewer would do for photos, but text in two colours has few edges that differ within the width of a stroke.
fn chosen(pixels: &[u32; STEP + 7]) -> u32 {
    let edges: [u32; STEP] = std::array::from_fn(|at| pixels[at] ^ pixels[at + 1]);
    if edges == [0; STEP] {
        return 0;
    }
    let twos: [u32; STEP + 6] = std::array::from_fn(|at| pixels[at] ^ pixels[at + 1].rotate_left(7));
    let fours: [u32; STEP + 4] = std::array::from_fn(|at| twos[at] ^ twos[at + 2].rotate_left(13));
    let mixed: [u32; STEP] = std::array::from_fn(|at| fours[at] ^ fours[at + 4].rotate_left(5));
    // Each its own bit, so that vector instructions do until the end.
    let bits: [u32; STEP] = std::array::from_fn(|at| {
        let is_chosen = mixed[at].wrapping_mul(0x9e37_79b1) >> (u32::BITS - CHOSEN.ilog2()) == 0;
        if is_chosen & (edges[at] != 0) { 1 << at } else { 0 }
    });
    bits.iter().fold(0, |chosen, bit| chosen | bit)
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
