//! The colours of a part's symbols: those that came before are named by how long ago that was.

use super::entropy::Nibble;
use super::models::{Number, Side, Unfit};

/// Colours are told apart by the upper four bits of their green: by how light they are, about.
const CLASSES: usize = 16;

/// So many colours of a class are remembered: 2^9.
const MEMORY: usize = 1 << 9;

/// The most colours that are worth telling: text has hundreds, and thousands with coloured edges.
const MAX_TOLD: usize = 8_192;

/// A colour's context: how light the pixels to the left and above are, in so many steps.
const LIGHT: usize = 9;

/// No colour: where the ground shines through.
pub(super) const CLEAR: u32 = u32::MAX;

/// What has been learned of colours so far.
#[derive(Debug)]
pub(super) struct Palette {
    /// The colours of each class, the last one first.
    lists: [Vec<u32>; CLASSES],
    /// By how light the neighbours are.
    class: Vec<Nibble>,
    /// How many bits a colour's place takes, by how many that of the last one takes; 0 for a colour that is told.
    bits: [Nibble; MEMORY.ilog2() as usize + 2],
    red: Number,
    blue: Number,
    /// Those that the part has told.
    told: Vec<u32>,
}

impl Palette {
    /// Begins with colours that were told before, the last ones being the likeliest.
    pub(super) fn new(known: &[u32]) -> Self {
        let mut lists = [const { Vec::new() }; CLASSES];
        for colour in known.iter().rev() {
            let list = &mut lists[class(*colour)];
            if list.len() < MEMORY {
                list.push(*colour);
            }
        }
        Self {
            lists,
            class: vec![Nibble::new(); LIGHT * LIGHT],
            bits: [const { Nibble::new() }; MEMORY.ilog2() as usize + 2],
            red: Number::new(),
            blue: Number::new(),
            told: Vec::new(),
        }
    }

    /// Fails when there are too many colours: this is no text.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        if self.told.len() <= MAX_TOLD { Ok(()) } else { Err(Unfit) }
    }

    /// The colours that the part has told.
    pub(super) fn into_told(self) -> Vec<u32> {
        self.told
    }

    /// Writes or reads the colour of a pixel, given those to the left and above.
    pub(super) fn code<S: Side>(&mut self, side: &mut S, colour: u32, left: u32, above: u32) -> u32 {
        let model = &mut self.class[light(left) * LIGHT + light(above)];
        let class = side.nibble(model, class(colour) as u32);
        let list = &mut self.lists[class as usize];
        // A place from 1, so that its bits say whether there is one.
        let place = if S::WRITES { position(list, colour).map_or(0, |place| place as u32 + 1) } else { 0 };
        let bits = side.nibble(&mut self.bits[bits_in(list.len() as u32)], bits_in(place) as u32);
        let Some(low) = bits.checked_sub(1) else { return self.tell(side, colour, class) };
        let place = (1 << low | side.plain(place, low)) as usize - 1;
        // A reader may be given any place.
        let Some(colour) = list.get(place).copied() else { return class << 12 };
        list.copy_within(..place, 1);
        list[0] = colour;
        colour
    }

    /// Writes or reads a colour that is not remembered.
    fn tell<S: Side>(&mut self, side: &mut S, colour: u32, class: u32) -> u32 {
        let list = &mut self.lists[class as usize];
        let green = (class << 4 | side.plain(colour >> 8 & 15, 4)) as i32;
        // Red and blue are likely to differ from green as they did last.
        let [last_blue, last_green, last_red, _] =
            list.first().copied().unwrap_or_default().to_le_bytes().map(i32::from);
        let red = self.red.code_near(side, green + last_red - last_green, (colour >> 16 & 0xff) as i32);
        let blue = self.blue.code_near(side, green + last_blue - last_green, (colour & 0xff) as i32);
        let colour = (red as u32 & 0xff) << 16 | (green as u32) << 8 | blue as u32 & 0xff;
        list.truncate(MEMORY - 1);
        list.insert(0, colour);
        self.told.push(colour);
        colour
    }
}

const fn class(colour: u32) -> usize {
    colour as usize >> 12 & (CLASSES - 1)
}

/// How many bits a number has.
const fn bits_in(number: u32) -> usize {
    (u32::BITS - number.leading_zeros()) as usize
}

/// How light a colour is; 0 for clear.
const fn light(colour: u32) -> usize {
    if colour == CLEAR { 0 } else { 1 + (colour as usize >> 13 & 7) }
}

/// Where a colour is in a list.
fn position(list: &[u32], colour: u32) -> Option<usize> {
    // Sixteen at once, which the compiler compares with few instructions.
    let (chunks, _) = list.as_chunks::<16>();
    let without = |chunk: &&[u32; 16]| !chunk.iter().fold(false, |found, known| found | (*known == colour));
    let start = 16 * chunks.iter().take_while(without).count();
    list[start..].iter().position(|known| *known == colour).map(|place| start + place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entropy::{Reader, Writer};
    use super::*;

    proptest! {
        #[test]
        fn colours_come_back(colours in prop::collection::vec(0..1u32 << 24, 1..50), order: Vec<prop::sample::Index>) {
            let mut bytes = Vec::new();
            let (mut writing, mut reading) = (Palette::new(&[]), Palette::new(&[]));
            let mut writer = Writer::new(&mut bytes, u64::MAX);
            let mut left = CLEAR;
            for index in &order {
                writing.code(&mut writer, *index.get(&colours), left, CLEAR);
                left = *index.get(&colours);
            }
            writer.finish();
            let mut reader = Reader::new(&bytes, u64::MAX);
            let mut left = CLEAR;
            for index in &order {
                left = reading.code(&mut reader, 0, left, CLEAR);
                prop_assert_eq!(left, *index.get(&colours));
            }
        }
    }

    #[test]
    fn only_so_many_are_remembered_and_told() {
        let mut bytes = Vec::new();
        let mut palette = Palette::new(&[]);
        let mut writer = Writer::new(&mut bytes, u64::MAX);
        for blue in 0..=MAX_TOLD as u32 {
            assert_eq!(palette.check(), Ok(()));
            palette.code(&mut writer, (blue / 256) << 16 | (blue % 256), CLEAR, CLEAR);
        }
        assert_eq!(palette.check(), Err(Unfit));
        assert_eq!(palette.lists[0].len(), MEMORY);
    }
}
