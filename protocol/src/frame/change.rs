//! What an update does to a picture: copies within it, then literals.

use super::buffer::Framebuffer;
use super::canvas::Canvas;
use super::diff::Differ;
use super::geometry::{Point, Rect, Size};
use super::hashes::Hashes;
use super::part::{MAX_COPIED, MAX_COPIES};
use super::region::Region;

/// Pixels that are taken from another place of the same picture, or of the shelves below it. Source and destination may overlap: what is written
/// is what the source held before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopyRect {
    /// What is written.
    pub to: Rect,
    /// The top left corner of what is read.
    pub from: Point,
}

impl CopyRect {
    /// What is read.
    pub const fn source(&self) -> Rect {
        Rect::new(self.from.x, self.from.y, self.to.width, self.to.height)
    }

    /// How many rows further down it reads than it writes.
    pub(super) const fn down(&self) -> i32 {
        self.from.y.cast_signed() - self.to.y.cast_signed()
    }

    /// Whether it reads and writes within a picture of `size`, and anything at all.
    pub const fn fits(&self, size: Size) -> bool {
        !self.to.is_empty() && self.to.fits(size) && self.source().fits(size)
    }

    /// Where what is within `rect` goes.
    fn moved(&self, rect: &Rect) -> Option<Rect> {
        let seen = rect.intersection(&self.source())?;
        let (right, down) = (seen.x - self.from.x, seen.y - self.from.y);
        Some(Rect::new(self.to.x + right, self.to.y + down, seen.width, seen.height))
    }
}

/// What an update does: its copies, one after the other, then its literals over them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// In the order in which they run.
    pub copies: Vec<CopyRect>,
    /// Exactly the pixels that literals carry.
    pub literals: Region,
}

impl Change {
    /// All pixels that it writes, on the screen and on the shelves below it.
    pub fn written(&self) -> Region {
        let mut written = self.literals.clone();
        self.copies.iter().for_each(|copy| written.add(copy.to));
        written
    }

    /// Makes the region where a picture was wrong before the update the one where it is wrong after it: copies take
    /// wrong pixels along, and write right ones over others.
    pub fn carry(&self, wrong: &mut Region) {
        if wrong.is_empty() {
            return;
        }
        for copy in &self.copies {
            let moved: Vec<Rect> = wrong.rects().iter().filter_map(|rect| copy.moved(rect)).collect();
            wrong.subtract(&copy.to);
            moved.into_iter().for_each(|rect| wrong.add(rect));
        }
        wrong.subtract_region(&self.literals);
    }
}

/// The copies of an update under way: each is run on the old picture as soon as it is added.
pub(super) struct Plan<'c> {
    canvas: &'c mut Canvas,
    differ: &'c mut Differ,
    copies: Vec<CopyRect>,
    /// How many more pixels may be written.
    room: u64,
}

impl<'c> Plan<'c> {
    /// A plan that begins with the old picture of a screen of `size`, of which `differ` has scanned the new one.
    pub(super) fn new(canvas: &'c mut Canvas, differ: &'c mut Differ, size: Size) -> Self {
        Self { canvas, differ, copies: Vec::new(), room: size.pixels() * MAX_COPIED }
    }

    /// The hashes of the new screen, and of the old one as the copies have left it.
    pub(super) const fn hashes(&self) -> &Hashes {
        self.differ.hashes()
    }

    /// Where the screen as the copies have left it differs from the new one, within `area`.
    pub(super) fn compare(&mut self, new: &Framebuffer, area: &Region) -> Region {
        self.differ.compare(self.canvas.all(), new, area)
    }

    /// The old picture as the copies have left it: the screen, and below it the shelves.
    pub(super) const fn canvas(&self) -> &Framebuffer {
        self.canvas.all()
    }

    /// What has been added.
    pub(super) fn copies(&self) -> &[CopyRect] {
        &self.copies
    }

    /// Adds a copy, if an update can have it.
    pub(super) fn copy(&mut self, copy: CopyRect) -> bool {
        let left = self.room.checked_sub(copy.to.pixels());
        let fits = self.copies.len() < MAX_COPIES && copy.fits(self.canvas.all().size());
        let Some(left) = left.filter(|_| fits) else { return false };
        self.room = left;
        self.canvas.copy_rect(&copy);
        self.differ.copied(self.canvas.all(), &copy, self.canvas.screen_size());
        self.copies.push(copy);
        true
    }

    /// The copies.
    pub(super) fn into_copies(self) -> Vec<CopyRect> {
        self.copies
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(24, 20);

    fn any_rect() -> impl Strategy<Value = Rect> {
        (0..24u32, 0..20u32).prop_flat_map(|(x, y)| {
            (Just(x), Just(y), 1..=24 - x, 1..=20 - y).prop_map(|(x, y, width, height)| Rect::new(x, y, width, height))
        })
    }

    fn any_copy() -> impl Strategy<Value = CopyRect> {
        any_rect().prop_flat_map(|to| {
            (0..=24 - to.width, 0..=20 - to.height).prop_map(move |(x, y)| CopyRect { to, from: Point { x, y } })
        })
    }

    fn mask(rects: &[Rect]) -> Framebuffer {
        let mut mask = Framebuffer::new(SIZE);
        rects.iter().for_each(|rect| paint(&mut mask, rect, 1));
        mask
    }

    fn paint(mask: &mut Framebuffer, rect: &Rect, value: u32) {
        (0..rect.height).for_each(|y| mask.row_mut(rect, y).unwrap().fill(value));
    }

    proptest! {
        /// A picture whose pixels are 1 where it is wrong knows the answer.
        #[test]
        fn wrong_pixels_are_carried_as_the_pixels_are(
            wrong in prop::collection::vec(any_rect(), 0..6),
            copies in prop::collection::vec(any_copy(), 0..5),
            literals in prop::collection::vec(any_rect(), 0..3),
        ) {
            let (mut region, mut change) = (Region::new(), Change { copies, ..Change::default() });
            wrong.iter().for_each(|rect| region.add(*rect));
            literals.iter().for_each(|rect| change.literals.add(*rect));
            let mut truth = mask(region.rects());
            for copy in &change.copies {
                prop_assert!(copy.fits(SIZE));
                truth.copy_rect(copy);
            }
            literals.iter().for_each(|rect| paint(&mut truth, rect, 0));
            change.carry(&mut region);
            prop_assert_eq!(mask(region.rects()), truth);
            let to: Vec<Rect> = change.copies.iter().map(|copy| copy.to).chain(literals).collect();
            prop_assert_eq!(mask(change.written().rects()), mask(&to));
        }
    }

    #[test]
    fn both_ends_have_to_fit() {
        let copy = |x, y, from_x, from_y| CopyRect { to: Rect::new(x, y, 4, 5), from: Point { x: from_x, y: from_y } };
        assert!(copy(20, 15, 0, 0).fits(SIZE));
        assert!(!copy(21, 15, 0, 0).fits(SIZE));
        assert!(!copy(0, 0, 20, 16).fits(SIZE));
        assert!(!copy(0, 0, u32::MAX, 0).fits(SIZE));
        assert!(!CopyRect { to: Rect::new(1, 1, 0, 1), from: Point { x: 0, y: 0 } }.fits(SIZE));
    }
}
