//! Sizes, points and rectangles in pixels. Rectangles never leave the picture that they were checked against.

use serde::{Deserialize, Serialize};

/// The most pixels a side of a picture may have (16K displays; X11's own limit is 32,767).
pub const MAX_SIDE: u32 = 16_384;

/// The most pixels a picture may have: 8K and a little (7,680 × 4,320 = 33.2 M). Bounds a viewer's memory.
pub const MAX_PIXELS: u64 = 1 << 26;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Size {
    /// A size of `width` × `height` pixels, unchecked; see [`Size::is_valid`].
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Whether a picture may have this size: neither empty nor beyond [`MAX_SIDE`] and [`MAX_PIXELS`].
    pub const fn is_valid(self) -> bool {
        self.width > 0
            && self.height > 0
            && self.width <= MAX_SIDE
            && self.height <= MAX_SIDE
            && self.pixels() <= MAX_PIXELS
    }

    /// How many pixels it holds.
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The rectangle that covers all of it.
    pub const fn rect(self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }
}

/// A place in a picture, from its top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    /// Pixels from the left.
    pub x: u32,
    /// Pixels from the top.
    pub y: u32,
}

/// A rectangle of pixels; the right and the bottom edge are exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Rect {
    /// A rectangle; arithmetic on its far edges saturates, so any values are safe to hold.
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    /// The first column right of it.
    pub const fn right(&self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// The first row below it.
    pub const fn bottom(&self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// Whether it holds no pixel.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// How many pixels it holds.
    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The size of it.
    pub const fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// Whether all of it lies within a picture of `size`.
    pub const fn fits(&self, size: Size) -> bool {
        self.x as u64 + self.width as u64 <= size.width as u64
            && self.y as u64 + self.height as u64 <= size.height as u64
    }

    /// What both share, or nothing.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (right, bottom) = (self.right().min(other.right()), self.bottom().min(other.bottom()));
        (x < right && y < bottom).then(|| Self::new(x, y, right - x, bottom - y))
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self::new(x, y, right - x, bottom - y)
    }

    /// Whether it holds all of `other`.
    pub const fn contains(&self, other: &Self) -> bool {
        self.x <= other.x && self.y <= other.y && self.right() >= other.right() && self.bottom() >= other.bottom()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_edges_do_not_wrap() {
        let rect = Rect::new(u32::MAX - 1, 0, u32::MAX, 1);
        assert_eq!(rect.right(), u32::MAX);
        assert!(!rect.fits(Size::new(MAX_SIDE, 1)));
    }

    #[test]
    fn size_limits() {
        assert!(Size::new(7_680, 4_320).is_valid());
        assert!(!Size::new(0, 5).is_valid());
        assert!(!Size::new(MAX_SIDE, MAX_SIDE).is_valid());
    }

    #[test]
    fn intersection_and_union() {
        let (a, b) = (Rect::new(0, 0, 10, 10), Rect::new(5, 8, 10, 10));
        assert_eq!(a.intersection(&b), Some(Rect::new(5, 8, 5, 2)));
        assert_eq!(a.union(&b), Rect::new(0, 0, 15, 18));
        assert_eq!(a.intersection(&Rect::new(10, 0, 1, 1)), None);
    }
}
