//! Captured frames in memory that no cache holds: they rotate over more than any cache's size.

use std::hint::black_box;

use beside_protocol::frame::{Framebuffer, FramebufferView, Patch, Rect, Size};

use crate::compare::Screen;

/// Bytes from one line of a cache to the next.
const CACHE_LINE: usize = 64;

/// A set of whole frames as a platform captures them: BGRX, rows without padding.
#[derive(Debug)]
pub struct Frames {
    size: Size,
    frames: Vec<Vec<u8>>,
    /// What was kept of the round before.
    last: Option<Vec<u8>>,
}

impl Frames {
    /// Black frames, an even number of them, that take `bytes` or a little more together.
    pub fn new(size: Size, bytes: usize) -> Self {
        let one = size.pixels() as usize * 4;
        let count = bytes.div_ceil(one).max(2).next_multiple_of(2);
        Self { size, frames: vec![vec![0; one]; count], last: None }
    }

    /// How many frames there are.
    pub const fn count(&self) -> usize {
        self.frames.len()
    }

    /// How many bytes they take together.
    pub fn bytes(&self) -> usize {
        self.frames.iter().map(Vec::len).sum()
    }

    /// Makes frame `n` show `picture`, which has the size of the frames.
    ///
    /// # Panics
    /// When there is no frame `n`.
    pub fn set(&mut self, n: usize, picture: &Framebuffer) {
        for (bytes, pixel) in self.frames[n].as_chunks_mut::<4>().0.iter_mut().zip(picture.pixels()) {
            *bytes = pixel.to_le_bytes();
        }
    }

    /// Keeps frame `n` as the one before the next round.
    ///
    /// # Panics
    /// When there is no frame `n`.
    pub fn keep(&mut self, n: usize) {
        self.last.get_or_insert_default().clone_from(&self.frames[n]);
    }

    /// Frame `n`.
    ///
    /// # Panics
    /// When there is no frame `n`.
    pub fn frame(&self, n: usize) -> Screen<'_> {
        self.screen(&self.frames[n])
    }

    /// The frame before frame `n`: of this round, or kept from the round before.
    ///
    /// # Panics
    /// When there is no frame `n`.
    pub fn before(&self, n: usize) -> Option<Screen<'_>> {
        n.checked_sub(1).map(|n| self.frame(n)).or_else(|| self.last.as_ref().map(|last| self.screen(last)))
    }

    fn screen<'a>(&self, bytes: &'a [u8]) -> Screen<'a> {
        #[expect(clippy::unwrap_used, reason = "a frame has the bytes of its size")]
        Screen::new(self.size, bytes).unwrap()
    }

    /// What frame `n` shows of `rect`, as a patch.
    ///
    /// # Panics
    /// When there is no frame `n`, or `rect` leaves the screen or is empty.
    pub fn patch(&self, n: usize, rect: Rect) -> Patch<'_> {
        let frame = self.frame(n);
        #[expect(clippy::unwrap_used, reason = "the window has the bytes of the rectangle")]
        Patch::new(rect, frame.stride(), frame.window(&rect)).unwrap()
    }

    /// Whether `picture` has exactly the pixels of frame `n`.
    ///
    /// # Panics
    /// When there is no frame `n`.
    pub fn shows(&self, n: usize, picture: FramebufferView<'_>) -> bool {
        let (frame, _) = self.frames[n].as_chunks::<4>();
        picture.size() == self.size
            && picture.pixels().iter().map(|pixel| pixel.to_le_bytes()).eq(frame.iter().copied())
    }

    /// Reads all frames in order, which leaves none but the last in a cache: what comes next begins cold, and as long as it
    /// takes the frames from the first on it stays cold.
    pub fn evict(&self) {
        let lines = self.frames.iter().flat_map(|frame| frame.iter().step_by(CACHE_LINE));
        black_box(lines.fold(0, |sum: u8, byte| sum.wrapping_add(*byte)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_even_and_enough() {
        let size = Size::new(10, 10);
        for (bytes, count) in [(0, 2), (800, 2), (801, 4), (1_201, 4)] {
            let frames = Frames::new(size, bytes);
            assert_eq!((frames.count(), frames.bytes()), (count, count * 400));
        }
    }

    #[test]
    fn a_frame_shows_what_it_was_set_to() {
        let mut frames = Frames::new(Size::new(3, 2), 0);
        let mut picture = Framebuffer::new(Size::new(3, 2));
        picture.pixels_mut()[4] = 0x12_3456;
        assert!(!frames.shows(1, picture.view()));
        frames.set(1, &picture);
        assert!(frames.shows(1, picture.view()) && !frames.shows(0, picture.view()));
        assert_eq!(frames.patch(1, Rect::new(1, 1, 2, 1)).row(0)[..4], [0x56, 0x34, 0x12, 0]);
        assert!(frames.before(0).is_none() && frames.before(1).is_some());
        frames.keep(1);
        assert_eq!(frames.before(0).unwrap().bytes(), frames.frame(1).bytes());
    }
}
