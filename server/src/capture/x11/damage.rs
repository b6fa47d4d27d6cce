//! The damage that waits to be fetched, as few rectangles that are cheap to fetch.

use beside_protocol::frame::{Rect, Size};

/// Columns that rectangles start and end on: what the encoder compares, and rows of whole cache lines.
const COLUMNS: u32 = 64;

/// What one more rectangle costs, in pixels: a request takes the X server, the connection and the encoder about as long
/// as fetching and comparing so many pixels (5 µs against 0.3 ns each). Two rectangles are
/// joined when that fetches fewer pixels than this beside them.
const REQUEST_PIXELS: i64 = 16_384;

/// How many rectangles may wait; bounds the memory, and the time that adding one takes.
const MAX_RECTS: usize = 64;

/// Damaged rectangles of a picture, aligned, clipped and joined.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    size: Size,
    rects: Vec<Rect>,
}

impl Damage {
    /// No damage to a picture of `size`.
    pub(super) const fn new(size: Size) -> Self {
        Self { size, rects: Vec::new() }
    }

    /// Adds what `rect` damages of the picture.
    pub(super) fn add(&mut self, rect: &Rect) {
        let Some(mut rect) = self.aligned(rect) else { return };
        loop {
            let cheapest = (0..self.rects.len()).min_by_key(|&index| extra_pixels(&self.rects[index], &rect));
            match cheapest {
                Some(index)
                    if self.rects.len() >= MAX_RECTS || extra_pixels(&self.rects[index], &rect) <= REQUEST_PIXELS =>
                {
                    rect = rect.union(&self.rects.swap_remove(index));
                }
                _ => break self.rects.push(rect),
            }
        }
    }

    /// How many pixels wait.
    pub(super) fn pixels(&self) -> u64 {
        self.rects.iter().map(Rect::pixels).sum()
    }

    /// Takes all that waits: the whole picture in one rectangle where pieces would be no fewer pixels.
    pub(super) fn take(&mut self) -> Vec<Rect> {
        let pixels = self.pixels();
        let rects = std::mem::take(&mut self.rects);
        if pixels >= self.size.pixels() && !rects.is_empty() { vec![self.size.rect()] } else { rects }
    }

    fn aligned(&self, rect: &Rect) -> Option<Rect> {
        let rect = rect.intersection(&self.size.rect())?;
        let left = rect.x / COLUMNS * COLUMNS;
        let right = rect.right().next_multiple_of(COLUMNS).min(self.size.width);
        Some(Rect::new(left, rect.y, right - left, rect.height))
    }
}

/// How many more pixels one rectangle around both has than the two of them; negative where they overlap much.
fn extra_pixels(a: &Rect, b: &Rect) -> i64 {
    let pixels = |rect: &Rect| i64::try_from(rect.pixels()).unwrap_or(i64::MAX);
    pixels(&a.union(b)).saturating_sub(pixels(a)).saturating_sub(pixels(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: Size = Size::new(1_900, 1_000);

    fn taken(rects: &[Rect]) -> Vec<Rect> {
        let mut damage = Damage::new(SIZE);
        rects.iter().for_each(|rect| damage.add(rect));
        damage.take()
    }

    #[test]
    fn columns_are_aligned_and_clipped() {
        assert_eq!(taken(&[Rect::new(65, 3, 2, 7)]), [Rect::new(64, 3, 64, 7)]);
        assert_eq!(taken(&[Rect::new(1_890, 990, 500, 500)]), [Rect::new(1_856, 990, 44, 10)]);
        assert_eq!(taken(&[Rect::new(1_900, 0, 5, 5), Rect::new(7, 7, 0, 4)]), []);
    }

    #[test]
    fn near_ones_are_joined_and_far_ones_are_not() {
        let (a, b, far) = (Rect::new(0, 0, 64, 20), Rect::new(64, 24, 64, 20), Rect::new(1_280, 900, 64, 20));
        assert_eq!(taken(&[a, b]), [Rect::new(0, 0, 128, 44)]);
        assert_eq!(taken(&[a, far]).len(), 2);
        // The one in the middle brings both together.
        let (left, right) = (Rect::new(0, 0, 64, 200), Rect::new(256, 0, 64, 200));
        assert_eq!(taken(&[left, right]).len(), 2);
        assert_eq!(taken(&[left, right, Rect::new(128, 0, 64, 200)]), [Rect::new(0, 0, 320, 200)]);
    }

    #[test]
    fn much_damage_is_one_request() {
        assert_eq!(taken(&[Rect::new(0, 0, 1_900, 600), Rect::new(0, 500, 1_900, 500)]), [SIZE.rect()]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_all_fits(
            rects in prop::collection::vec((0..2_000u32, 0..1_100u32, 0..300u32, 0..300u32), 0..300)
        ) {
            let rects: Vec<_> = rects.into_iter().map(|(x, y, w, h)| Rect::new(x, y, w, h)).collect();
            let taken = taken(&rects);
            prop_assert!(taken.len() <= MAX_RECTS);
            prop_assert!(taken.iter().all(|rect| !rect.is_empty() && rect.fits(SIZE)));
            prop_assert!(taken.iter().map(Rect::pixels).sum::<u64>() <= SIZE.pixels());
            for rect in rects.iter().filter_map(|rect| rect.intersection(&SIZE.rect())) {
                prop_assert!(taken.iter().any(|kept| kept.contains(&rect)), "{rect:?} is in none of {taken:?}");
            }
        }
    }
}
