//! A set of pixels as few disjoint rectangles: what an update covers, and what a viewer has yet to see.

use std::cmp::Reverse;

use super::geometry::{Point, Rect};

/// The most rectangles that are kept apart; beyond it neighbours are merged until half as many are left.
const MAX_RECTS: usize = 256;

/// How many earlier boxes a box is compared with when neighbours are merged: bounds the time for a noisy screen.
const MERGE_REACH: usize = 64;

/// A set of pixels.
///
/// It never loses a pixel, but with many rectangles [`add`](Self::add) and [`subtract`](Self::subtract) may leave it
/// with more pixels than asked for: that costs a viewer some bytes and never a stale pixel. [`rects`](Self::rects) is
/// always exactly what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    rects: Vec<Rect>,
}

impl Region {
    /// No pixels.
    pub const fn new() -> Self {
        Self { rects: Vec::new() }
    }

    /// Whether it holds no pixel.
    pub fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    /// The rectangles: disjoint, none empty, in no particular order, a few hundred at most.
    pub fn rects(&self) -> &[Rect] {
        &self.rects
    }

    /// The smallest rectangle around all of it; `None` when it is empty.
    pub fn bounds(&self) -> Option<Rect> {
        self.rects.iter().copied().reduce(|a, b| a.union(&b))
    }

    /// How many pixels it holds.
    pub fn pixels(&self) -> u64 {
        self.rects.iter().map(Rect::pixels).sum()
    }

    /// Drops all pixels.
    pub fn clear(&mut self) {
        self.rects.clear();
    }

    /// Adds the pixels of `rect`.
    pub fn add(&mut self, rect: Rect) {
        self.insert(rect);
        self.bound();
    }

    /// Adds the pixels of `other`.
    pub fn add_region(&mut self, other: &Self) {
        for rect in &other.rects {
            self.add(*rect);
        }
    }

    /// Removes the pixels of `rect`.
    pub fn subtract(&mut self, rect: &Rect) {
        if self.rects.iter().any(|held| held.intersection(rect).is_some()) {
            self.rects = self.rects.iter().flat_map(|held| without(held, rect)).collect();
            self.bound();
        }
    }

    /// Removes the pixels of `other`.
    pub fn subtract_region(&mut self, other: &Self) {
        for rect in &other.rects {
            self.subtract(rect);
        }
    }

    /// Keeps only the pixels within `rect`.
    pub fn intersect(&mut self, rect: Rect) {
        self.rects = self.rects.iter().filter_map(|held| held.intersection(&rect)).collect();
    }

    /// The pixels of `rect` that it does not hold: exactly these, as disjoint rectangles, however many that takes.
    pub fn outside(&self, rect: &Rect) -> Vec<Rect> {
        let mut left = if rect.is_empty() { Vec::new() } else { vec![*rect] };
        for held in self.rects.iter().filter(|held| held.intersection(rect).is_some()) {
            left = left.iter().flat_map(|piece| without(piece, held)).collect();
        }
        left
    }

    /// Whether it holds a pixel.
    pub fn holds(&self, at: Point) -> bool {
        self.rects.iter().any(|rect| rect.contains(&Rect::new(at.x, at.y, 1, 1)))
    }

    /// Takes at most `max_pixels` off, topmost first; together with what stays they are what was there.
    pub fn take(&mut self, max_pixels: u64) -> Self {
        self.rects.sort_unstable_by_key(|rect| (Reverse(rect.y), Reverse(rect.x)));
        let mut taken = Self::new();
        let mut left = max_pixels;
        while let Some(rect) = self.rects.pop() {
            if rect.pixels() > left {
                if let Some(start) = beginning(&rect, left) {
                    self.rects.extend(without(&rect, &start));
                    taken.rects.push(start);
                } else {
                    self.rects.push(rect);
                }
                break;
            }
            left -= rect.pixels();
            taken.rects.push(rect);
        }
        taken
    }

    /// A region that holds `boxes` (which may overlap), where two boxes become the one around both if that adds no
    /// more than `slack` pixels. Boxes that are near to each other should be near in the list.
    pub(super) fn cover(mut boxes: Vec<Rect>, mut slack: u64) -> Self {
        let mut region = Self::new();
        loop {
            let before = boxes.len();
            boxes = merge(&boxes, slack);
            if boxes.len() > MAX_RECTS {
                // A pass that joins less than one in eight is not worth another.
                if boxes.len() > before / 8 * 7 {
                    slack = slack.max(16).saturating_mul(4);
                }
                continue;
            }
            if boxes.len() < before {
                continue;
            }
            boxes.drain(..).for_each(|rect| region.insert(rect));
            if region.rects.len() <= MAX_RECTS {
                return region;
            }
            slack = slack.max(16).saturating_mul(4);
            std::mem::swap(&mut boxes, &mut region.rects);
        }
    }

    /// Merges neighbours when there are too many rectangles.
    fn bound(&mut self) {
        let mut slack = 16;
        if self.rects.len() <= MAX_RECTS {
            return;
        }
        while self.rects.len() > MAX_RECTS / 2 {
            self.rects.sort_unstable_by_key(|rect| (rect.y, rect.x));
            *self = Self::cover(std::mem::take(&mut self.rects), slack);
            slack = slack.saturating_mul(4);
        }
    }

    /// Adds what `rect` has and the region has not, as disjoint pieces.
    fn insert(&mut self, rect: Rect) {
        if rect.is_empty() || self.rects.iter().any(|held| held.contains(&rect)) {
            return;
        }
        self.rects.retain(|held| !rect.contains(held));
        let mut pieces = vec![rect];
        for held in &self.rects {
            if held.intersection(&rect).is_some() {
                pieces = pieces.iter().flat_map(|piece| without(piece, held)).collect();
            }
        }
        for mut piece in pieces {
            let joins = |held: &Rect, piece: &Rect| held.union(piece).pixels() == held.pixels() + piece.pixels();
            while let Some(at) = self.rects.iter().position(|held| joins(held, &piece)) {
                piece = self.rects.swap_remove(at).union(&piece);
            }
            self.rects.push(piece);
        }
    }
}

impl From<Rect> for Region {
    fn from(rect: Rect) -> Self {
        let mut region = Self::new();
        region.add(rect);
        region
    }
}

/// The first part of `rect` that has at most `pixels`: whole rows, or a piece of the first one.
fn beginning(rect: &Rect, pixels: u64) -> Option<Rect> {
    let rows = u32::try_from(pixels / u64::from(rect.width)).unwrap_or(u32::MAX).min(rect.height);
    let start = if rows > 0 {
        Rect::new(rect.x, rect.y, rect.width, rows)
    } else {
        Rect::new(rect.x, rect.y, u32::try_from(pixels).unwrap_or(u32::MAX).min(rect.width), 1)
    };
    (!start.is_empty()).then_some(start)
}

/// What `rect` has and `hole` has not: above, below, left and right of it.
fn without(rect: &Rect, hole: &Rect) -> impl Iterator<Item = Rect> + use<> {
    let pieces = match rect.intersection(hole) {
        None => [*rect, Rect::default(), Rect::default(), Rect::default()],
        Some(cut) => [
            Rect::new(rect.x, rect.y, rect.width, cut.y - rect.y),
            Rect::new(rect.x, cut.bottom(), rect.width, rect.bottom() - cut.bottom()),
            Rect::new(rect.x, cut.y, cut.x - rect.x, cut.height),
            Rect::new(cut.right(), cut.y, rect.right() - cut.right(), cut.height),
        ],
    };
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

/// Joins each box with a near one if that costs `slack` pixels or less. The result may overlap.
fn merge(boxes: &[Rect], slack: u64) -> Vec<Rect> {
    let mut merged: Vec<Rect> = Vec::with_capacity(boxes.len());
    for next in boxes {
        let reach = merged.len().saturating_sub(MERGE_REACH);
        match merged[reach..].iter_mut().rev().find(|near| are_near(near, next, slack)) {
            Some(near) => *near = near.union(next),
            None => merged.push(*next),
        }
    }
    merged
}

/// Whether the box around `a` and `b` has at most `slack` pixels that neither of them has.
fn are_near(a: &Rect, b: &Rect, slack: u64) -> bool {
    let around = a.union(b).pixels();
    let most = slack.saturating_add(a.pixels() + b.pixels());
    // Nearly all pairs are too far apart to ask what they share.
    around <= most && around + a.intersection(b).map_or(0, |shared| shared.pixels()) <= most
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    type Points = BTreeSet<(u32, u32)>;

    fn points_of(rects: &[Rect]) -> Points {
        let points = |rect: &Rect| {
            let rect = *rect;
            (rect.y..rect.bottom()).flat_map(move |y| (rect.x..rect.right()).map(move |x| (x, y)))
        };
        rects.iter().flat_map(points).collect()
    }

    fn assert_disjoint(region: &Region) {
        assert_eq!(points_of(region.rects()).len() as u64, region.pixels());
        assert!(region.rects().iter().all(|rect| !rect.is_empty()));
    }

    fn any_rect() -> impl Strategy<Value = Rect> {
        (0..40u32, 0..40u32, 0..20u32, 0..20u32).prop_map(|(x, y, width, height)| Rect::new(x, y, width, height))
    }

    proptest! {
        #[test]
        fn behaves_as_a_set(steps in prop::collection::vec((0..4u8, any_rect()), 0..40)) {
            let (mut region, mut set) = (Region::new(), Points::new());
            for (step, rect) in steps {
                let points = points_of(&[rect]);
                match step {
                    0 | 1 => {
                        region.add(rect);
                        set.extend(points);
                    }
                    2 => {
                        region.subtract(&rect);
                        set.retain(|point| !points.contains(point));
                    }
                    _ => {
                        let window = rect.union(&Rect::new(10, 10, 20, 20));
                        region.intersect(window);
                        let kept = points_of(&[window]);
                        set.retain(|point| kept.contains(point));
                    }
                }
                assert_disjoint(&region);
                prop_assert_eq!(points_of(region.rects()), set.clone());
                prop_assert_eq!(region.is_empty(), set.is_empty());
            }
        }

        #[test]
        fn what_is_outside_is_exact(rects in prop::collection::vec(any_rect(), 0..20), window in any_rect()) {
            let mut region = Region::new();
            rects.iter().for_each(|rect| region.add(*rect));
            let outside = region.outside(&window);
            let mut wanted = points_of(&[window]);
            wanted.retain(|&(x, y)| !region.holds(Point { x, y }));
            prop_assert_eq!(outside.iter().map(Rect::pixels).sum::<u64>(), wanted.len() as u64);
            prop_assert_eq!(points_of(&outside), wanted);
        }

        #[test]
        fn taking_splits_it(rects in prop::collection::vec(any_rect(), 0..10), max_pixels in 0..900u64) {
            let mut region = Region::new();
            rects.iter().for_each(|rect| region.add(*rect));
            let all = points_of(region.rects());
            let taken = region.take(max_pixels);
            assert_disjoint(&taken);
            assert_disjoint(&region);
            prop_assert!(taken.pixels() <= max_pixels);
            prop_assert!(taken.pixels() > 0 || max_pixels == 0 || all.is_empty());
            prop_assert_eq!(taken.pixels() + region.pixels(), all.len() as u64);
            prop_assert_eq!(points_of(&[taken.rects(), region.rects()].concat()), all);
        }

        #[test]
        fn cover_holds_every_box(rects in prop::collection::vec(any_rect(), 0..60), slack in 0..100u64) {
            let region = Region::cover(rects.iter().copied().filter(|rect| !rect.is_empty()).collect(), slack);
            assert_disjoint(&region);
            prop_assert!(points_of(region.rects()).is_superset(&points_of(&rects)));
        }
    }

    #[test]
    fn many_rectangles_become_few_and_lose_nothing() {
        let (mut region, mut set) = (Region::new(), Points::new());
        for n in 0..2_000u32 {
            let rect = Rect::new(n * 7_919 % 300, n * 104_729 % 200, 1, 1);
            region.add(rect);
            set.extend(points_of(&[rect]));
            assert!(region.rects().len() <= MAX_RECTS);
        }
        assert_disjoint(&region);
        assert!(points_of(region.rects()).is_superset(&set));

        let mut sieve = Region::from(Rect::new(0, 0, 200, 200));
        for n in 0..1_000u32 {
            sieve.subtract(&Rect::new(n * 7_919 % 200, n * 104_729 % 200, 1, 1));
        }
        assert_disjoint(&sieve);
        assert!(sieve.rects().len() <= MAX_RECTS);
    }

    #[test]
    fn strips_join_again() {
        let mut region = Region::new();
        (0..50).for_each(|y| region.add(Rect::new(3, y, 10, 1)));
        assert_eq!(region.rects(), [Rect::new(3, 0, 10, 50)]);
        assert_eq!(region.bounds(), Some(Rect::new(3, 0, 10, 50)));
    }
}
