//! A whole captured frame, borrowed.

use beside_protocol::frame::{Rect, Size};

/// What a screen shows: BGRX bytes, row after row, without padding.
#[derive(Clone, Copy)]
pub struct Screen<'a> {
    size: Size,
    bytes: &'a [u8],
}

impl std::fmt::Debug for Screen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Screen({}x{})", self.size.width, self.size.height)
    }
}

impl<'a> Screen<'a> {
    /// A screen of `size`; `None` when `bytes` are not its bytes.
    pub fn new(size: Size, bytes: &'a [u8]) -> Option<Self> {
        (bytes.len() as u64 == size.pixels() * 4 && size.is_valid()).then_some(Self { size, bytes })
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Bytes from one row to the next.
    pub const fn stride(&self) -> usize {
        self.size.width as usize * 4
    }

    /// All bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The pixels of row `y`, counted from the top of `rect`, within `rect`; blue, green, red, unused.
    ///
    /// # Panics
    /// When `rect` leaves the screen.
    pub fn row(&self, rect: &Rect, y: u32) -> &'a [[u8; 4]] {
        let start = (rect.y + y) as usize * self.stride() + rect.x as usize * 4;
        self.bytes[start..start + rect.width as usize * 4].as_chunks().0
    }

    /// The rows of `rect`, from its top.
    ///
    /// # Panics
    /// When `rect` leaves the screen.
    pub fn rows(&self, rect: Rect) -> impl DoubleEndedIterator<Item = &'a [[u8; 4]]> + use<'a> {
        let screen = *self;
        (0..rect.height).map(move |y| screen.row(&rect, y))
    }

    /// From the first pixel of `rect` to its last, rows [`stride`](Self::stride) bytes apart.
    ///
    /// # Panics
    /// When `rect` is empty or leaves the screen.
    pub fn window(&self, rect: &Rect) -> &'a [u8] {
        let start = rect.y as usize * self.stride() + rect.x as usize * 4;
        &self.bytes[start..start + (rect.height as usize - 1) * self.stride() + rect.width as usize * 4]
    }

    /// The pixels of `rect` as red, green and blue, without padding.
    pub fn rgb(&self, rect: Rect) -> Vec<u8> {
        let mut rgb = vec![0; rect.pixels() as usize * 3];
        for (line, row) in rgb.chunks_exact_mut((rect.width as usize * 3).max(1)).zip(self.rows(rect)) {
            for (rgb, [blue, green, red, _]) in line.as_chunks_mut::<3>().0.iter_mut().zip(row) {
                *rgb = [*red, *green, *blue];
            }
        }
        rgb
    }

    /// The pixels of `rect` as they are, without padding.
    pub fn bgrx(&self, rect: Rect) -> Vec<u8> {
        let mut bgrx = Vec::with_capacity(rect.pixels() as usize * 4);
        self.rows(rect).for_each(|row| bgrx.extend_from_slice(row.as_flattened()));
        bgrx
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::random::random;

    /// The size of the tests' screens.
    pub(in crate::compare) const SIZE: Size = Size::new(150, 110);

    /// Every pixel another colour.
    pub(in crate::compare) fn noise(seed: u64) -> Vec<u8> {
        (0..SIZE.pixels()).flat_map(|n| (random(seed, n) as u32 & 0xff_ffff).to_le_bytes()).collect()
    }

    /// Few colours in runs, a flat part, a part of two colours.
    pub(in crate::compare) fn text(seed: u64) -> Vec<u8> {
        let colour = |x: u64, y: u64| match (x, y) {
            (70.., ..80) => 0x20_4060,
            (_, 80..) => [0, 0xff_ffff][(random(seed, y << 9 | x) % 2) as usize],
            _ => random(seed, (y << 9 | x) / 3 % 40) as u32 & 0xff_ffff,
        };
        let places = (0..u64::from(SIZE.height)).flat_map(|y| (0..u64::from(SIZE.width)).map(move |x| (x, y)));
        places.flat_map(|(x, y)| u32::to_le_bytes(colour(x, y))).collect()
    }

    #[test]
    fn a_screen_has_its_bytes() {
        let bytes = noise(1);
        assert!(Screen::new(SIZE, &bytes[4..]).is_none() && Screen::new(Size::new(0, 9), &[]).is_none());
        let screen = Screen::new(SIZE, &bytes).unwrap();
        let rect = Rect::new(2, 3, 4, 5);
        assert_eq!(screen.row(&rect, 1)[0], bytes[(4 * 150 + 2) * 4..][..4]);
        assert_eq!((screen.rgb(rect).len(), screen.bgrx(rect).len()), (60, 80));
        assert_eq!(screen.rgb(rect)[57..], [screen.bgrx(rect)[78], screen.bgrx(rect)[77], screen.bgrx(rect)[76]]);
        assert_eq!(screen.window(&rect).len(), (4 * 150 + 4) * 4);
        assert_eq!(screen.rows(rect).count(), 5);
    }
}
