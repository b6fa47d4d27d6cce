//! The picture and, below it, the shelves: what has left the screen is kept there for when it comes back.

use zeroize::Zeroize;

use super::buffer::Framebuffer;
use super::change::CopyRect;
use super::geometry::{Rect, Size};

/// The most shelves: as many windows, slides and menus can be looked back at.
const MAX_SHELVES: u64 = 8;

/// The most pixels of all shelves: 64 MiB.
const SHELF_PIXELS: u64 = 1 << 24;

/// How many shelves a picture of a valid size has, each as large as itself.
pub(super) const fn shelves(size: Size) -> u32 {
    let fitting = SHELF_PIXELS / size.pixels();
    (if fitting < MAX_SHELVES { fitting } else { MAX_SHELVES }) as u32
}

/// The size of a picture of a valid size and all its shelves, one below the other.
pub(crate) const fn whole(size: Size) -> Size {
    Size::new(size.width, size.height * (1 + shelves(size)))
}

/// The pixels of a screen and its shelves. Literals are for the screen; copies go anywhere. What was on it is wiped
/// when it is dropped.
pub(super) struct Canvas {
    screen: Size,
    all: Framebuffer,
    /// The rows below this one have never been written. (They need no memory of the system until then.)
    used: u32,
}

impl Canvas {
    /// A black canvas for a screen of a valid size.
    pub(super) fn new(screen: Size) -> Self {
        Self { screen, all: Framebuffer::new(whole(screen)), used: screen.height }
    }

    /// The size of the screen.
    pub(super) const fn screen_size(&self) -> Size {
        self.screen
    }

    /// The pixels of the screen, row after row.
    pub(super) fn screen(&self) -> &[u32] {
        &self.all.pixels()[..self.screen.pixels() as usize]
    }

    /// The same, to be written.
    pub(super) fn screen_mut(&mut self) -> &mut [u32] {
        &mut self.all.pixels_mut()[..self.screen.pixels() as usize]
    }

    /// All of it: the screen is its top.
    pub(super) const fn all(&self) -> &Framebuffer {
        &self.all
    }

    /// Copies `rect` of the screen from a picture of its size.
    pub(super) fn copy_from(&mut self, source: &Framebuffer, rect: &Rect) {
        self.all.copy_from(source, rect);
    }

    /// Copies from anywhere to anywhere; does nothing when that does not fit.
    pub(super) fn copy_rect(&mut self, copy: &CopyRect) {
        self.used = self.used.max(copy.to.bottom().min(self.all.size().height));
        self.all.copy_rect(copy);
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        let used = self.used as usize * self.screen.width as usize;
        self.all.pixels_mut()[..used].zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::{MAX_SIDE, Point};
    use super::*;

    #[test]
    fn shelves_are_bounded() {
        for (size, count) in [
            (Size::new(1, 1), 8),
            (Size::new(1, MAX_SIDE), 8),
            (Size::new(1_920, 1_080), 8),
            (Size::new(3_840, 2_160), 2),
            (Size::new(7_680, 4_320), 0),
        ] {
            assert_eq!(shelves(size), count, "{size:?}");
            assert!(whole(size).pixels() <= size.pixels() + (1 << 24));
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let size = Size::new(3, 2);
        let mut canvas = Canvas::new(size);
        canvas.screen_mut().copy_from_slice(&[1, 2, 3, 4, 5, 6]);
        canvas.copy_rect(&CopyRect { to: Rect::new(1, 9, 2, 1), from: Point { x: 0, y: 1 } });
        assert_eq!(canvas.used, 10);
        canvas.screen_mut().fill(0);
        canvas.copy_rect(&CopyRect { to: Rect::new(0, 0, 2, 1), from: Point { x: 1, y: 9 } });
        assert_eq!(canvas.screen(), [4, 5, 0, 0, 0, 0]);
    }
}
