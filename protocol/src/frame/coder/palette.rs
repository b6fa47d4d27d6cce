//! The colours of a part's symbols, numbered.

use super::models::{Number, Side};

/// The most colours that are worth numbers: text has hundreds.
const MAX_COLOURS: usize = 4_096;

/// A colour's number: 0 means clear, where the ground shines through.
pub(super) type Index = u16;

/// Colours in the order of their numbers, which begin at 1: by green, red and blue, so that neighbours look alike.
#[derive(Debug, Default)]
pub(super) struct Palette {
    colours: Vec<u32>,
}

/// Finds the number of a colour: a table with open addressing, a quarter full at most.
#[derive(Debug)]
pub(super) struct Numbers {
    /// A colour and its number. Unused where the number is 0 and there is no such colour.
    slots: Vec<(u32, Index)>,
}

impl Numbers {
    const UNUSED: u32 = u32::MAX;

    /// A table for so many colours.
    fn new(colours: usize) -> Self {
        Self { slots: vec![(Self::UNUSED, 0); (4 * colours).next_power_of_two().max(16)] }
    }

    /// The number of a colour that has one.
    pub(super) fn of(&self, colour: u32) -> Index {
        self.slots[self.slot(colour)].1
    }

    /// Where a colour is, or would be.
    fn slot(&self, colour: u32) -> usize {
        let count = self.slots.len();
        let mut slot = (colour.wrapping_mul(0x9e37_79b1) >> (u32::BITS - count.ilog2())) as usize;
        while self.slots[slot].0 != colour && self.slots[slot].0 != Self::UNUSED {
            slot = (slot + 1) % count;
        }
        slot
    }
}

impl Palette {
    /// The palette of the colours of so many pixels, and the number of each; `None` when there are too many.
    pub(super) fn of(pixels: impl Iterator<Item = u32>, count: usize) -> Option<(Self, Numbers)> {
        let mut numbers = Numbers::new(count.min(MAX_COLOURS + 1));
        let mut colours = Vec::new();
        for pixel in pixels {
            let slot = numbers.slot(pixel);
            if numbers.slots[slot].0 != pixel {
                numbers.slots[slot].0 = pixel;
                colours.push(pixel);
                if colours.len() > MAX_COLOURS {
                    return None;
                }
            }
        }
        colours.sort_unstable_by_key(|colour| sorted(*colour));
        for (number, colour) in (1..).zip(&colours) {
            let slot = numbers.slot(*colour);
            numbers.slots[slot].1 = number;
        }
        Some((Self { colours }, numbers))
    }

    /// How many numbers there are, that of clear included.
    pub(super) fn numbers(&self) -> u32 {
        self.colours.len() as u32 + 1
    }

    /// The colour of a number; `None` for clear and for a number without a colour.
    pub(super) fn colour(&self, index: Index) -> Option<u32> {
        self.colours.get(usize::from(index).checked_sub(1)?).copied()
    }

    /// Writes or reads the palette.
    pub(super) fn code(&mut self, side: &mut impl Side) {
        let mut models = [const { Number::new() }; 4];
        let [count, green, red, blue] = &mut models;
        let count = count.code(side, self.colours.len() as u32).min(MAX_COLOURS as u32) as usize;
        self.colours.resize(count, 0);
        let mut before = [0i32; 3];
        for colour in &mut self.colours {
            let [g, r, b] = sorted(*colour).map(i32::from);
            // A text's colours are mostly grey, or differ from it alike.
            let g = before[0].wrapping_add(green.code(side, g.wrapping_sub(before[0]) as u32) as i32);
            let r = red.code_near(side, g.wrapping_add(before[1]), r);
            let b = blue.code_near(side, g.wrapping_add(before[2]), b);
            before = [g, r.wrapping_sub(g), b.wrapping_sub(g)];
            *colour = (r as u32 & 0xff) << 16 | (g as u32 & 0xff) << 8 | b as u32 & 0xff;
        }
    }
}

/// Green, red and blue.
const fn sorted(colour: u32) -> [u8; 3] {
    let [blue, green, red, _] = colour.to_le_bytes();
    [green, red, blue]
}

#[cfg(test)]
mod tests {
    use super::super::entropy::{Reader, Writer};
    use super::*;

    #[test]
    fn palettes_come_back() {
        let colours = [0x00ff_ffff, 0, 0x0080_8080, 0x0012_3456, 0x0000_00ff, 0x0012_3456];
        let (mut palette, numbers) = Palette::of(colours.into_iter(), colours.len()).unwrap();
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, u64::MAX);
        palette.code(&mut writer);
        writer.finish();
        let mut read = Palette::default();
        read.code(&mut Reader::new(&bytes, u64::MAX));
        assert_eq!((read.colours.as_slice(), read.numbers()), (palette.colours.as_slice(), 6));
        assert!(colours.iter().all(|colour| read.colour(numbers.of(*colour)) == Some(*colour)));
        assert_eq!((read.colour(0), read.colour(6)), (None, None));
        assert!(Palette::of(0..5_000, 5_000).is_none());
    }
}
