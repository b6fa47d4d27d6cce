//! What to keep of what leaves the screen, where, and how to find it again.

use std::cmp::Reverse;

use super::Offset;
use super::anchors::Index;
use crate::frame::buffer::Framebuffer;
use crate::frame::canvas;
use crate::frame::change::CopyRect;
use crate::frame::geometry::{Point, Rect, Size};
use crate::frame::region::Region;

/// Something is worth keeping when so many of its pixels differ from the one to their left: as literals they cost a
/// quarter of a byte each in text and a whole one in photos, and a copy costs 14 bytes.
const MIN_EDGES: usize = 512;

/// Of so many rows one is looked at.
const LOOK_EACH: usize = 4;

/// Who loses this part of the screen keeps all of it: a window comes back whole, and what it is made of should be in
/// one place.
const MUCH: u64 = 16;

/// Of less so many rectangles are kept at once. Those with fewer pixels between them than this become one.
const MAX_RECTS: usize = 6;
const SLACK: u64 = 1 << 14;

/// The sides of the places whose past is remembered.
pub(in crate::frame) const PLACE: u32 = 64;

/// Something that was new so often within the last eight updates is a film or a flood of text: it never comes back.
const RESTLESS: u32 = 5;

/// The shelves of a canvas: each keeps things at the place that they had on the screen.
pub(in crate::frame) struct Shelves {
    screen: Size,
    /// The most recently used one first.
    order: Vec<Shelf>,
    index: Index,
    /// By what most moved in the last update, if anything did: it may well go on.
    pub(super) last_move: Option<Offset>,
    /// For each place, from the left and the top, whether most of it was new: a bit for each of the last updates.
    past: Vec<u8>,
}

struct Shelf {
    /// Its place below the screen, from 1.
    sheet: u32,
    holds: Region,
}

/// Whether all of the screen may be kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// It is all old still.
    Screen,
    /// It has been.
    Kept,
}

impl Shelves {
    /// Empty shelves for a screen of a valid size.
    pub(in crate::frame) fn new(screen: Size) -> Self {
        let order = (1..=canvas::shelves(screen)).map(|sheet| Shelf { sheet, holds: Region::new() }).collect();
        let places = screen.width.div_ceil(PLACE) * screen.height.div_ceil(PLACE);
        Self { screen, order, index: Index::default(), last_move: None, past: vec![0; places as usize] }
    }

    /// Whether something has moved in the last update, and may well go on.
    pub(in crate::frame) const fn expect_move(&self) -> bool {
        self.last_move.is_some()
    }

    /// Where places that can be recognised are on the shelves.
    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    /// Takes note of what an update carries as literals.
    pub(in crate::frame) fn pass(&mut self, literals: &Region) {
        self.past.iter_mut().for_each(|past| *past <<= 1);
        let mut new = vec![0; self.past.len()];
        for rect in literals.rects() {
            each_place(self.screen, rect, |at, pixels| new[at] += pixels);
        }
        for (past, new) in self.past.iter_mut().zip(new) {
            *past |= u8::from(new > PLACE * PLACE / 2);
        }
    }

    /// The copies that keep what is worth it of what is about to leave the screen of `canvas`. `whole` says whether all of
    /// the screen may be kept for it, and whether it has been.
    pub(super) fn keep(&mut self, canvas: &Framebuffer, lost: &Region, whole: &mut Whole) -> Vec<CopyRect> {
        if lost.pixels() < MIN_EDGES as u64 {
            return Vec::new();
        }
        let mut rects = Region::cover(lost.rects().to_vec(), SLACK).rects().to_vec();
        rects.retain(|rect| !self.is_restless(rect) && edges(canvas, rect) >= MIN_EDGES);
        let much = rects.iter().map(Rect::pixels).sum::<u64>() * MUCH >= self.screen.pixels();
        if much && *whole == Whole::Screen {
            rects = vec![self.screen.rect()];
            *whole = Whole::Kept;
        }
        rects.sort_unstable_by_key(|rect| Reverse(rect.pixels()));
        rects.into_iter().take(MAX_RECTS).filter_map(|rect| self.keep_rect(canvas, rect)).collect()
    }

    fn keep_rect(&mut self, canvas: &Framebuffer, rect: Rect) -> Option<CopyRect> {
        let found = self.order.iter().position(|shelf| shelf.agrees(canvas, self.screen, &rect));
        let at = found.unwrap_or(self.order.len().checked_sub(1)?);
        self.order[..=at].rotate_right(1);
        let shelf = &mut self.order[0];
        if found.is_none() {
            shelf.holds.subtract(&rect);
        }
        let mut missing = Region::from(rect);
        missing.subtract_region(&shelf.holds);
        if missing.is_empty() {
            return None;
        }
        shelf.holds.add(rect);
        let sheet = shelf.sheet;
        self.index.add(canvas, &missing, sheet);
        Some(CopyRect { to: below(self.screen, sheet, rect), from: Point { x: rect.x, y: rect.y } })
    }

    /// Where the same place of the screen may have been kept, the most recently used first.
    pub(super) fn offsets_of(&self, rect: &Rect) -> impl Iterator<Item = Offset> {
        let holding =
            self.order.iter().filter(|shelf| shelf.holds.rects().iter().any(|held| held.intersection(rect).is_some()));
        holding.map(|shelf| Offset { right: 0, down: 0, sheet: shelf.sheet })
    }

    /// Takes note that a shelf was of use.
    pub(super) fn touch(&mut self, sheet: u32) {
        if let Some(at) = self.order.iter().position(|shelf| shelf.sheet == sheet) {
            self.order[..=at].rotate_right(1);
        }
    }

    /// Whether most of `rect` was new again and again.
    pub(super) fn is_restless(&self, rect: &Rect) -> bool {
        let mut restless = 0;
        each_place(self.screen, rect, |at, pixels| {
            restless += if self.past[at].count_ones() >= RESTLESS { u64::from(pixels) } else { 0 };
        });
        restless * 2 > rect.pixels()
    }
}

impl Shelf {
    /// Whether all that it holds within `rect` is what is on the screen there: keeping that loses nothing.
    fn agrees(&self, canvas: &Framebuffer, screen: Size, rect: &Rect) -> bool {
        let mut shared = self.holds.rects().iter().filter_map(|held| held.intersection(rect));
        shared.all(|rect| {
            let kept = below(screen, self.sheet, rect);
            (0..rect.height).all(|y| canvas.row(&rect, y) == canvas.row(&kept, y))
        })
    }
}

/// The place of a rectangle of the screen on a shelf.
const fn below(screen: Size, sheet: u32, rect: Rect) -> Rect {
    Rect { y: rect.y + sheet * screen.height, ..rect }
}

/// About how many pixels differ from the one to their left.
pub(super) fn edges(picture: &Framebuffer, rect: &Rect) -> usize {
    let rows = (0..rect.height).step_by(LOOK_EACH).filter_map(|y| picture.row(rect, y));
    let count = |row: &[u32]| row.iter().zip(&row[1..]).map(|(left, right)| u32::from(left != right)).sum::<u32>();
    rows.map(|row| count(row) as usize).sum::<usize>() * LOOK_EACH
}

/// Calls `found` with the number of each place of the screen that `rect` is in, and how many of its pixels are there.
pub(in crate::frame) fn each_place(screen: Size, rect: &Rect, mut found: impl FnMut(usize, u32)) {
    let across = screen.width.div_ceil(PLACE);
    for row in rect.y / PLACE..rect.bottom().div_ceil(PLACE) {
        for column in rect.x / PLACE..rect.right().div_ceil(PLACE) {
            let place = Rect::new(column * PLACE, row * PLACE, PLACE, PLACE);
            if let Some(shared) = place.intersection(rect) {
                found((row * across + column) as usize, shared.pixels() as u32);
            }
        }
    }
}
