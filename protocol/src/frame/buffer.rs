//! Pixels in memory: a picture of our own, and a borrowed piece of somebody else's.

use std::ops::Range;

use super::change::CopyRect;
use super::geometry::{Rect, Size};

/// The colour bits of a pixel; the upper eight bits of a captured pixel mean nothing and are cleared.
pub const COLOUR: u32 = 0x00ff_ffff;

/// How far apart two colours are, all channels together.
pub(super) fn distance(a: u32, b: u32) -> u32 {
    // Signed, as vectors of these have few instructions for others.
    let channel = |shift: u32| ((a >> shift & 0xff).cast_signed() - (b >> shift & 0xff).cast_signed()).unsigned_abs();
    channel(0) + channel(8) + channel(16)
}

/// A picture: `0x00RRGGBB` pixels, row after row, without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Framebuffer {
    size: Size,
    pixels: Vec<u32>,
}

impl std::fmt::Debug for Framebuffer {
    /// Tells the size only: pixels are never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Framebuffer({}x{})", self.size.width, self.size.height)
    }
}

impl Framebuffer {
    /// A black picture. Check [`Size::is_valid`] first where the size comes from a peer.
    pub fn new(size: Size) -> Self {
        Self { size, pixels: vec![0; usize::try_from(size.pixels()).unwrap_or(0)] }
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// All pixels, row after row.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }

    /// All pixels, to be written; set colour bits only.
    pub fn pixels_mut(&mut self) -> &mut [u32] {
        &mut self.pixels
    }

    /// Row `y` of `rect`; `None` outside the picture.
    pub fn row(&self, rect: &Rect, y: u32) -> Option<&[u32]> {
        self.span(rect, y).and_then(|span| self.pixels.get(span))
    }

    /// All rows of `rect` in one piece; `None` when it is not as wide as the picture, or leaves it.
    pub(super) fn whole_rows(&self, rect: &Rect) -> Option<&[u32]> {
        let start = self.span(rect, 0)?.start;
        (rect.width == self.size.width).then(|| &self.pixels[start..][..rect.width as usize * rect.height as usize])
    }

    /// Row `y` (counted from the top of `rect`) of `rect`, to be written; `None` outside the picture.
    pub fn row_mut(&mut self, rect: &Rect, y: u32) -> Option<&mut [u32]> {
        self.span(rect, y).and_then(|span| self.pixels.get_mut(span))
    }

    /// Copies `rect` from `source`, a picture of the same size; does nothing where it does not fit.
    pub fn copy_from(&mut self, source: &Self, rect: &Rect) {
        for y in 0..rect.height {
            if let (Some(from), Some(to)) = (source.row(rect, y), self.row_mut(rect, y)) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Copies within the picture; does nothing when that does not fit.
    pub fn copy_rect(&mut self, copy: &CopyRect) {
        let (from, to) = (copy.source(), copy.to);
        let mut copy_row = |y| {
            if let (Some(from), Some(to)) = (self.span(&from, y), self.span(&to, y)) {
                self.pixels.copy_within(from, to.start);
            }
        };
        // No row is written before it has been read.
        if from.y < to.y {
            (0..to.height).rev().for_each(&mut copy_row);
        } else {
            (0..to.height).for_each(&mut copy_row);
        }
    }

    /// All of it, to look at.
    pub fn view(&self) -> FramebufferView<'_> {
        FramebufferView::new(self.size, &self.pixels)
    }

    fn span(&self, rect: &Rect, y: u32) -> Option<Range<usize>> {
        span(self.size, rect, y)
    }
}

/// A picture in somebody else's memory: `0x00RRGGBB` pixels, row after row, without padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FramebufferView<'a> {
    size: Size,
    pixels: &'a [u32],
}

impl std::fmt::Debug for FramebufferView<'_> {
    /// Tells the size only: pixels are never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FramebufferView({}x{})", self.size.width, self.size.height)
    }
}

impl<'a> FramebufferView<'a> {
    /// A picture of `size` with exactly its pixels.
    pub(super) const fn new(size: Size, pixels: &'a [u32]) -> Self {
        Self { size, pixels }
    }

    /// Width and height.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// All pixels, row after row.
    pub const fn pixels(&self) -> &'a [u32] {
        self.pixels
    }

    /// Row `y` of `rect`; `None` outside the picture.
    pub fn row(&self, rect: &Rect, y: u32) -> Option<&'a [u32]> {
        span(self.size, rect, y).and_then(|span| self.pixels.get(span))
    }

    /// A picture of one's own with the same pixels.
    pub fn to_framebuffer(&self) -> Framebuffer {
        Framebuffer { size: self.size, pixels: self.pixels.to_vec() }
    }
}

/// Where the rows of `rect`, which fits, are in a picture of `size`.
pub(super) fn rows(size: Size, rect: &Rect) -> impl Iterator<Item = Range<usize>> + use<> {
    let rect = *rect;
    (0..rect.height).filter_map(move |y| span(size, &rect, y))
}

/// Where row `y` of `rect` is in a picture of `size`; `None` outside of it.
fn span(size: Size, rect: &Rect, y: u32) -> Option<Range<usize>> {
    if !rect.fits(size) || y >= rect.height {
        return None;
    }
    let start = (rect.y + y) as usize * size.width as usize + rect.x as usize;
    Some(start..start + rect.width as usize)
}

/// A captured piece of the screen, as the platform gives it: BGRX bytes, rows `stride` bytes apart.
#[derive(Clone, Copy)]
pub struct Patch<'a> {
    rect: Rect,
    stride: usize,
    bytes: &'a [u8],
}

impl std::fmt::Debug for Patch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Patch({:?}, stride {})", self.rect, self.stride)
    }
}

impl<'a> Patch<'a> {
    /// A piece that shows `rect` of the screen; `None` when `bytes` are too few for it.
    pub fn new(rect: Rect, stride: usize, bytes: &'a [u8]) -> Option<Self> {
        let line = rect.width as usize * 4;
        let needed = match rect.height as usize {
            0 => 0,
            rows => stride.checked_mul(rows - 1)?.checked_add(line)?,
        };
        (stride >= line && bytes.len() >= needed).then_some(Self { rect, stride, bytes })
    }

    /// The part of the screen that it shows.
    pub const fn rect(&self) -> Rect {
        self.rect
    }

    /// The piece of it that shows `part` of the screen; `None` where that is not within it.
    pub(super) fn part(&self, part: &Rect) -> Option<Self> {
        if !self.rect.contains(part) {
            return None;
        }
        let start = self.stride * (part.y - self.rect.y) as usize + (part.x - self.rect.x) as usize * 4;
        Self::new(*part, self.stride, self.bytes.get(start..)?)
    }

    /// The bytes of row `y`, counted from its top: four for each pixel (blue, green, red, unused).
    pub fn row(&self, y: u32) -> &'a [u8] {
        let start = self.stride * y as usize;
        &self.bytes[start..start + self.rect.width as usize * 4]
    }
}

/// The colour of a captured pixel.
pub(super) fn colour(bgrx: [u8; 4]) -> u32 {
    u32::from_le_bytes(bgrx) & COLOUR
}

/// Each rectangle with its share of pixels that are stored one rectangle's after the other, row by row.
pub(super) fn pieces<'a>(rects: &'a [Rect], mut pixels: &'a [u32]) -> impl Iterator<Item = (&'a Rect, &'a [u32])> {
    rects.iter().map(move |rect| {
        let (piece, rest) = pixels.split_at(rect.pixels() as usize);
        pixels = rest;
        (rect, piece)
    })
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Point;
    use super::*;

    #[test]
    fn copies_may_overlap_themselves() {
        let size = Size::new(9, 7);
        let places = [(0, 0), (2, 0), (0, 2), (4, 3), (3, 1)];
        for (to, from) in places.iter().flat_map(|to| places.iter().map(move |from| (to, from))) {
            let mut picture = Framebuffer::new(size);
            (0..).zip(picture.pixels_mut()).for_each(|(n, pixel)| *pixel = n);
            let (before, to) = (picture.clone(), Rect::new(to.0, to.1, 5, 4));
            let copy = CopyRect { to, from: Point { x: from.0, y: from.1 } };
            picture.copy_rect(&copy);
            for y in 0..4 {
                assert_eq!(picture.row(&to, y), before.row(&copy.source(), y));
            }
            let written: Vec<_> =
                picture.pixels().iter().zip(before.pixels()).filter(|(new, old)| new != old).collect();
            assert!(written.len() <= 20);
        }
    }

    #[test]
    fn patch_needs_enough_bytes() {
        let rect = Rect::new(3, 4, 2, 3);
        assert!(Patch::new(rect, 12, &[0; 32]).is_some());
        assert!(Patch::new(rect, 12, &[0; 31]).is_none());
        assert!(Patch::new(rect, 7, &[0; 99]).is_none());
        assert!(Patch::new(rect, usize::MAX, &[0; 99]).is_none());
    }

    #[test]
    fn rows_stay_inside() {
        let mut picture = Framebuffer::new(Size::new(4, 3));
        let rect = Rect::new(1, 1, 3, 2);
        picture.row_mut(&rect, 1).unwrap().fill(7);
        assert_eq!(picture.pixels()[9..], [7, 7, 7]);
        assert!(picture.row(&rect, 2).is_none());
        assert!(picture.row(&Rect::new(2, 0, 3, 1), 0).is_none());
    }
}
