//! Finds what has moved or comes back: rectangles of the new picture that the old one shows elsewhere, whatever the
//! direction, or that were on the screen before.
//!
//! [`anchors`] has places that can be recognised vote for offsets; [`gain`] finds the rectangle in which an offset
//! explains most of what changed. A wrong vote costs time and never a pixel: what a copy leaves wrong becomes literals.
//! What leaves the screen is kept on [`shelves`], where it is found when it comes back.

mod anchors;
mod gain;
mod shelves;

use std::cmp::Reverse;

use self::anchors::Votes;
use self::gain::Found;
use self::shelves::Whole;
pub(super) use self::shelves::{PLACE, Shelves, each_place};
use super::buffer::Framebuffer;
use super::change::{CopyRect, Plan};
use super::diff::{Changed, Detail};
use super::geometry::{Point, Rect, Size};
use super::region::Region;

/// Changes of fewer pixels are not searched: a literal of them takes few hundred bytes and less time.
const MIN_CHANGED: u64 = 4_096;

/// A copy is worth its place when it explains so many pixels: as literals they take about 50 bytes, a copy takes 12.
const MIN_GAIN: i32 = 1_024;

/// And one in so many pixels of what is searched: less comes by chance, as blank parts of lines do, and is not worth another search
/// of all the rest.
const GAINS_OF: u64 = 128;
const PIECE_GAINS_OF: u64 = 32;

/// The most copies that are found by votes in one go. Each one is searched for in what the ones before have left.
const MAX_COPIES: usize = 4;

/// A move goes on when it gets right one in so many of the pixels that changed: much of text is ground, which hardly counts.
const GOES_ON: i64 = 8;

/// How often offsets are elected in search of a copy.
const MAX_TRIES: usize = 2;

/// A piece of a picture that is searched on the shelves at its own place has so many pixels at least, and so many edges
/// when it is found: as literals they take twice the bytes of a copy.
const MIN_PIECE: u64 = 128;
const MIN_EDGES: usize = 64;

/// How many such pieces are searched for, the largest first.
const MAX_PIECES: usize = 8;

/// From a place of the new picture to the same content in the old one, or on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offset {
    right: i32,
    down: i32,
    /// How many screens further down: 0 on the screen, else the shelf.
    sheet: u32,
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

    /// What a copy to `to`, which is within reach in a picture of `size`, would be.
    fn copy(self, to: Rect, size: Size) -> CopyRect {
        let y = to.y.wrapping_add_signed(self.down) + self.sheet * size.height;
        CopyRect { to, from: Point { x: to.x.wrapping_add_signed(self.right), y } }
    }
}

/// The search for the copies of one update: what moved, what comes back, and what is to be kept before it is gone.
pub(super) struct Finder<'s> {
    shelves: &'s mut Shelves,
    stage: Stage,
    /// Where the old screen has what is still on the new one, elsewhere.
    moved: Region,
    whole: Whole,
}

/// What is looked for next. Each stage begins with what the copies of the one before have left.
#[derive(Clone, Copy)]
enum Stage {
    /// What moved, or comes back from a shelf, perhaps moved: for the first time, and in what that has left.
    Moves {
        again: bool,
    },
    /// Pieces that come back at their own place, again in two goes.
    Pieces {
        again: bool,
    },
    /// What literals will write over.
    Losses,
    Done,
}

impl<'s> Finder<'s> {
    /// A search that may look on the shelves and keep things there.
    pub(super) const fn new(shelves: &'s mut Shelves) -> Self {
        Self { shelves, stage: Stage::Moves { again: false }, moved: Region::new(), whole: Whole::Screen }
    }

    /// Adds copies to `plan`, to make the picture `new`. `changed` is where it still differs; when this has copied to
    /// the screen, or was given no boxes, it is to be called again with what differs then.
    pub(super) fn find(&mut self, plan: &mut Plan<'_>, new: &Framebuffer, changed: &Changed) {
        let goes_on = matches!(self.stage, Stage::Moves { again: false }) && self.go_on(plan, new, changed);
        if goes_on || changed.detail == Detail::Bounds {
            self.stage = Stage::Moves { again: goes_on };
            return;
        }
        let changed = &changed.region;
        loop {
            let found = match self.stage {
                Stage::Moves { .. } => self.find_moves(plan, new, changed),
                Stage::Pieces { .. } => self.find_pieces(plan, new, changed),
                Stage::Losses => {
                    self.keep(plan, changed.clone());
                    false
                }
                Stage::Done => return,
            };
            self.stage = match self.stage {
                Stage::Moves { again: false } if found => Stage::Moves { again: true },
                Stage::Moves { .. } => Stage::Pieces { again: false },
                Stage::Pieces { again: false } if found => Stage::Pieces { again: true },
                Stage::Pieces { .. } => Stage::Losses,
                Stage::Losses | Stage::Done => Stage::Done,
            };
            if found {
                return;
            }
        }
    }

    /// Whether something goes on to move as it did in the last update: that is known without asking for votes.
    fn go_on(&mut self, plan: &mut Plan<'_>, new: &Framebuffer, changed: &Changed) -> bool {
        let Some(area) = changed.region.bounds().filter(|_| changed.pixels >= MIN_CHANGED) else { return false };
        let Some(offset) = self.shelves.last_move.take() else { return false };
        let found = gain::best(plan.canvas(), new, &area, offset, plan.hashes());
        let least = i64::from(MIN_GAIN).max(changed.pixels.cast_signed() / GOES_ON);
        found.filter(|found| i64::from(found.gain) >= least).is_some_and(|found| self.copy(plan, &found))
    }

    /// Whether there are copies by offsets that were voted for.
    fn find_moves(&mut self, plan: &mut Plan<'_>, new: &Framebuffer, changed: &Region) -> bool {
        let Some(area) = changed.bounds().filter(|_| changed.pixels() >= MIN_CHANGED) else { return false };
        let mut votes = Votes::take(plan.canvas(), new, changed, self.shelves.index());
        let least = MIN_GAIN.max((changed.pixels() / GAINS_OF) as i32);
        let (mut copies, mut tries) = (0, 0);
        while copies < MAX_COPIES && tries < MAX_TRIES {
            let offsets = votes.elect();
            let likely =
                offsets.iter().filter(|offset| gain::glance_at(plan.canvas(), new, changed, **offset) >= least / 2);
            let tried = likely.filter_map(|offset| gain::best(plan.canvas(), new, &area, *offset, plan.hashes()));
            match tried.filter(|found| found.gain >= least).max_by_key(Found::worth) {
                Some(found) if self.copy(plan, &found) => {
                    votes.explain(&found.copy.to);
                    (copies, tries) = (copies + 1, 0);
                }
                Some(_) => break,
                None => {
                    votes.reject(&offsets);
                    tries += 1;
                }
            }
        }
        copies > 0
    }

    /// Whether there are copies from shelves to the same place.
    fn find_pieces(&mut self, plan: &mut Plan<'_>, new: &Framebuffer, changed: &Region) -> bool {
        let is_searched = |rect: &&Rect| rect.pixels() >= MIN_PIECE && !self.shelves.is_restless(rect);
        let mut pieces: Vec<&Rect> = changed.rects().iter().filter(is_searched).collect();
        pieces.sort_unstable_by_key(|rect| Reverse(rect.pixels()));
        let mut any = false;
        for piece in pieces.into_iter().take(MAX_PIECES) {
            let least = (piece.pixels() / PIECE_GAINS_OF) as i32;
            let likely = self
                .shelves
                .offsets_of(piece)
                .filter(|offset| gain::glance(plan.canvas(), new, piece, *offset) >= least / 2);
            let tried = likely.filter_map(|offset| gain::best(plan.canvas(), new, piece, offset, plan.hashes()));
            let best = tried.filter(|found| found.gain >= least).max_by_key(Found::worth);
            let best = best.filter(|found| shelves::edges(new, &found.copy.to) >= MIN_EDGES);
            any |= best.is_some_and(|found| self.copy(plan, &found));
        }
        any
    }

    /// Adds a copy, and before it those that keep what it writes over; `false` when there is no room for it.
    fn copy(&mut self, plan: &mut Plan<'_>, found: &Found) -> bool {
        let Found { copy, offset, .. } = found;
        let mut lost = Region::from(copy.to);
        if offset.sheet == 0 {
            // The first one explains most.
            if self.moved.is_empty() {
                self.shelves.last_move = Some(*offset);
            }
            self.moved.add(copy.source());
        } else if found.gain >= MIN_GAIN {
            // Not the one to be written over now.
            self.shelves.touch(offset.sheet);
        }
        lost.subtract_region(&self.moved);
        self.keep(plan, lost);
        plan.copy(*copy)
    }

    fn keep(&mut self, plan: &mut Plan<'_>, mut lost: Region) {
        lost.subtract_region(&self.moved);
        for copy in self.shelves.keep(plan.canvas(), &lost, &mut self.whole) {
            plan.copy(copy);
        }
    }
}

#[cfg(test)]
mod tests;
