//! Which of two writes of a pixel is the newer one, when they don't come in order.

use super::buffer::rows;
use super::geometry::{Rect, Size};

/// Where pixels stand in the log: the higher one is newer. 0 stands for no pixels at all.
pub(super) type Rank = u32;

/// The rank of each pixel of the reference. Only what comes late asks for it, and then it is made from a list of what was
/// written: so a whole screen that scrolls costs nothing here.
pub(super) struct Ranks {
    size: Size,
    pixels: Vec<Rank>,
    /// What was written since they were right, in order: newer over older.
    recent: Vec<(Rank, Rect)>,
}

/// The longest list. Each new rectangle is compared with all of it.
const MOST_RECENT: usize = 64;

/// The most pixels in the list, in screens: so much is written at once at most.
const MOST_SCREENS: u64 = 2;

impl Ranks {
    /// For a picture of a valid size, of which nothing is written yet.
    pub(super) fn new(size: Size) -> Self {
        Self { size, pixels: vec![0; size.pixels() as usize], recent: Vec::new() }
    }

    /// Takes note of pixels that were written as the newest ones.
    pub(super) fn note(&mut self, rank: Rank, rect: &Rect) {
        self.recent.retain(|(_, older)| !rect.contains(older));
        self.recent.push((rank, *rect));
        if self.recent.len() > MOST_RECENT || self.pending() > MOST_SCREENS * self.size.pixels() {
            self.catch_up();
        }
    }

    /// The rank of each pixel, row after row.
    pub(super) fn all(&mut self) -> &mut [Rank] {
        self.catch_up();
        &mut self.pixels
    }

    /// How many pixels are in the list.
    fn pending(&self) -> u64 {
        self.recent.iter().map(|(_, rect)| rect.pixels()).sum()
    }

    fn catch_up(&mut self) {
        for (rank, rect) in self.recent.drain(..) {
            rows(self.size, &rect).for_each(|span| self.pixels[span].fill(rank));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size::new(20, 10);

    fn rect() -> impl Strategy<Value = Rect> {
        (0..20_u32, 0..10_u32, 1..=20_u32, 1..=10_u32)
            .prop_map(|(x, y, width, height)| Rect::new(x, y, width.min(20 - x), height.min(10 - y)))
    }

    proptest! {
        #[test]
        fn ranks_are_those_of_the_last_writes(writes in prop::collection::vec((rect(), any::<bool>()), 0..200)) {
            let (mut ranks, mut truth) = (Ranks::new(SIZE), vec![0; 200]);
            for (rank, (rect, asks)) in (1..).zip(&writes) {
                ranks.note(rank, rect);
                for y in rect.y..rect.bottom() {
                    (rect.x..rect.right()).for_each(|x| truth[(y * 20 + x) as usize] = rank);
                }
                prop_assert!(ranks.recent.len() <= MOST_RECENT);
                prop_assert!(ranks.pending() <= MOST_SCREENS * SIZE.pixels());
                if *asks {
                    prop_assert_eq!(ranks.all(), &truth);
                }
            }
            prop_assert_eq!(ranks.all(), &truth);
        }
    }

    #[test]
    fn what_is_written_over_is_forgotten() {
        let mut ranks = Ranks::new(SIZE);
        for rank in 1..1_000 {
            ranks.note(rank, &Rect::new(0, 1, 20, 8));
            ranks.note(rank, &Rect::new(0, 9, 20, 1));
        }
        assert_eq!(ranks.recent.len(), 2);
        assert_eq!(ranks.pixels, [0; 200], "no pixel has been touched");
    }
}
