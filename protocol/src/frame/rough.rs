//! Which photos viewers have only roughly, and which of them rest and may become exact.

use std::cmp::Reverse;

use super::change::Change;
use super::geometry::{Point, Rect, Size};
use super::region::Region;

/// How a photo is sent. Everything else is always exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// Exactly.
    #[default]
    Exact,
    /// As a JPEG; exactly later, when it rests ([`Encoder::refine`](super::Encoder::refine)).
    Rough,
}

/// How good rough photos and films are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Coarse to the eye; a noisy photograph takes 0.6 of the bytes.
    Low,
    /// Good enough for a film; the same takes 0.8 of the bytes.
    Middle,
    /// They look like the exact ones beside them.
    #[default]
    High,
}

impl Quality {
    /// One step worse, if there is one.
    #[must_use]
    pub const fn lower(self) -> Self {
        match self {
            Self::High => Self::Middle,
            Self::Middle | Self::Low => Self::Low,
        }
    }

    /// One step better, if there is one.
    #[must_use]
    pub const fn higher(self) -> Self {
        match self {
            Self::Low => Self::Middle,
            Self::Middle | Self::High => Self::High,
        }
    }
}

/// What becomes exact at once: few enough pixels that what changes meanwhile waits for some 70 KB at most.
const PIECE: u32 = 256;

/// Where a viewer may have a photo only roughly.
#[derive(Debug, Default)]
pub(super) struct Rough {
    /// On the screen and on the shelves.
    region: Region,
    /// Where it has come since [`Rough::settle`] was last called.
    moving: Region,
    /// Where it had not come for a while then, nor has since.
    resting: Region,
}

impl Rough {
    /// Takes note of an update, which carries `rough` of its literals so.
    pub(super) fn update(&mut self, change: &Change, rough: &Region) {
        change.carry(&mut self.region);
        change.carry(&mut self.resting);
        self.add(rough);
        self.moving.add_region(rough);
    }

    /// Takes note of what somebody has been sent again.
    pub(super) fn add(&mut self, rough: &Region) {
        self.region.add_region(rough);
    }

    /// Whether nothing on a screen of `size` is rough.
    pub(super) fn is_exact(&self, size: Size) -> bool {
        self.region.rects().iter().all(|rect| rect.intersection(&size.rect()).is_none())
    }

    /// What has not changed since the last time rests from now on.
    pub(super) fn settle(&mut self) {
        self.resting = self.region.clone();
        self.resting.subtract_region(&std::mem::take(&mut self.moving));
    }

    /// What rests on a screen of `size`: the piece nearest to `near`, which is exact from now on.
    pub(super) fn take(&mut self, size: Size, near: Point) -> Option<Rect> {
        let mut resting = self.resting.clone();
        resting.intersect(size.rect());
        let piece = resting
            .rects()
            .iter()
            .map(|rect| nearest_piece(rect, near))
            .min_by_key(|piece| (distance(piece, near), Reverse(piece.pixels()), *piece))?;
        self.region.subtract(&piece);
        self.resting.subtract(&piece);
        Some(piece)
    }
}

/// The piece of `rect` that is nearest to a point; pieces lie on a grid of the screen.
fn nearest_piece(rect: &Rect, near: Point) -> Rect {
    let side = |start: u32, end: u32, near: u32| {
        let nearest = near.clamp(start, end - 1) / PIECE * PIECE;
        let (from, to) = (nearest.max(start), (nearest + PIECE).min(end));
        (from, to - from)
    };
    let ((x, width), (y, height)) = (side(rect.x, rect.right(), near.x), side(rect.y, rect.bottom(), near.y));
    Rect::new(x, y, width, height)
}

/// How far a rectangle is from a point, squared.
fn distance(rect: &Rect, near: Point) -> u64 {
    let way = |start: u32, end: u32, near: u32| u64::from(near.abs_diff(near.clamp(start, end - 1)));
    way(rect.x, rect.right(), near.x).pow(2).saturating_add(way(rect.y, rect.bottom(), near.y).pow(2))
}

#[cfg(test)]
mod tests {
    use super::super::CopyRect;
    use super::*;

    const SIZE: Size = Size::new(1_000, 700);

    fn photo(rect: Rect) -> Change {
        Change { copies: Vec::new(), literals: rect.into() }
    }

    fn add(rough: &mut Rough, rect: Rect) {
        rough.update(&photo(rect), &rect.into());
    }

    #[test]
    fn what_rests_becomes_exact_nearest_first() {
        let (mut rough, all) = (Rough::default(), Rect::new(100, 100, 800, 500));
        add(&mut rough, all);
        for _ in 0..2 {
            assert_eq!(rough.take(SIZE, Point { x: 0, y: 0 }), None);
            rough.settle();
        }
        let near = Point { x: 600, y: 300 };
        let taken: Vec<Rect> = std::iter::from_fn(|| rough.take(SIZE, near)).collect();
        assert_eq!(taken[0], Rect::new(512, 256, 256, 256));
        assert!(taken.is_sorted_by_key(|rect| distance(rect, near)));
        assert!(taken.iter().all(|rect| rect.pixels() <= u64::from(PIECE * PIECE)));
        assert_eq!(taken.iter().map(Rect::pixels).sum::<u64>(), all.pixels());
        assert!(rough.is_exact(SIZE));
    }

    #[test]
    fn a_film_does_not_rest_and_holds_nobody_up() {
        let (mut rough, film, photo) = (Rough::default(), Rect::new(10, 10, 90, 50), Rect::new(500, 500, 200, 100));
        add(&mut rough, photo);
        for step in 0..4 {
            add(&mut rough, film);
            rough.settle();
            let taken: Vec<Rect> = std::iter::from_fn(|| rough.take(SIZE, Point::default())).collect();
            assert!(taken.iter().all(|rect| rect.intersection(&film).is_none()));
            assert_eq!(taken.is_empty(), step != 1, "the photo rests after the second time");
            add(&mut rough, film);
            assert_eq!(rough.take(SIZE, Point::default()), None);
        }
        assert!(!rough.is_exact(SIZE));
        rough.settle();
        rough.settle();
        assert_eq!(rough.take(SIZE, Point::default()), Some(film));
    }

    #[test]
    fn what_moves_stays_rough_and_what_is_written_over_does_not() {
        let (mut rough, from, to) = (Rough::default(), Rect::new(0, 0, 100, 100), Rect::new(300, 750, 100, 100));
        add(&mut rough, from);
        let keep = Change { copies: vec![CopyRect { to, from: Point::default() }], literals: from.into() };
        rough.update(&keep, &Region::new());
        assert!(rough.is_exact(SIZE), "what is on a shelf is not seen");
        let back = CopyRect { to: Rect::new(5, 5, 50, 50), from: Point { x: 300, y: 750 } };
        rough.update(&Change { copies: vec![back], literals: Region::new() }, &Region::new());
        rough.settle();
        rough.settle();
        assert_eq!(rough.take(SIZE, Point::default()), Some(back.to));
    }
}
