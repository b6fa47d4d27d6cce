//! The colours of a rectangle, as long as there are few.

use beside_protocol::frame::Rect;

use crate::compare::Screen;

/// Slots of the table: four for each of 256 colours, so that chains stay short.
const SLOTS: usize = 1_024;

/// No colour: a pixel's unused byte is never set here.
const EMPTY: u32 = u32::MAX;

/// Colours and their places, in the order in which they first come.
pub(super) struct Palette {
    colours: Vec<[u8; 4]>,
    /// A colour and its place, at its hash or after.
    slots: Box<[(u32, u8); SLOTS]>,
}

impl Palette {
    /// The colours of `part`; `None` when they are more than `limit`, which is 256 at most.
    pub(super) fn of(screen: &Screen<'_>, part: Rect, limit: usize) -> Option<Self> {
        let mut palette = Self { colours: Vec::new(), slots: Box::new([(EMPTY, 0); SLOTS]) };
        let mut last = EMPTY;
        for row in screen.rows(part) {
            for pixel in row {
                let colour = key(*pixel);
                if colour == last {
                    continue;
                }
                last = colour;
                if !palette.add(*pixel, limit) {
                    return None;
                }
            }
        }
        Some(palette)
    }

    /// Makes sure that it has a colour; `false` when that would be one too many.
    fn add(&mut self, pixel: [u8; 4], limit: usize) -> bool {
        let slot = self.slot(key(pixel));
        if self.slots[slot].0 != EMPTY {
            return true;
        }
        let fits = self.colours.len() < limit;
        if fits {
            self.slots[slot] = (key(pixel), self.colours.len() as u8);
            self.colours.push(pixel);
        }
        fits
    }

    /// The colours, as pixels.
    pub(super) fn colours(&self) -> &[[u8; 4]] {
        &self.colours
    }

    /// The place of a colour that the palette has.
    pub(super) fn index(&self, pixel: [u8; 4]) -> u8 {
        self.slots[self.slot(key(pixel))].1
    }

    /// Where `colour` is, or would be.
    fn slot(&self, colour: u32) -> usize {
        let mut slot = (colour.wrapping_mul(0x9e37_79b1) >> 22) as usize;
        while self.slots[slot].0 != colour && self.slots[slot].0 != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

/// A pixel's colour as a number.
fn key(pixel: [u8; 4]) -> u32 {
    u32::from_le_bytes(pixel) & 0xff_ffff
}
