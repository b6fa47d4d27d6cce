//! What of an H.264 stream is always the same: the parameter sets, and the headers of its pictures.

use crate::frame::geometry::Size;

/// What begins each unit of a stream.
pub(super) const START: [u8; 4] = [0, 0, 0, 1];

/// The picture parameter set: number 0, variable-length codes, one slice group and one reference, no weights, quantiser 26,
/// deblocking told by each slice.
const PICTURE_SET: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

/// The first byte of a key picture's slice, and of another's; all may be referred to.
const KEY: u8 = 0x65;
const INTER: u8 = 0x61;

/// Pictures are numbered in so many bits.
const NUMBER_BITS: u32 = 15;

/// The bits of a slice's header up to where the pictures differ. Key: first macroblock 0 (1), all
/// intra (011), set 0 (1), number 0 in 15 bits, the first key picture (010), nothing kept (0, 0).
const KEY_HEAD: u32 = 0b1_0111_0000_0000_0000_0000_1000;
const KEY_HEAD_BITS: u32 = 25;

/// Others: first macroblock 0, predicted, set 0 (1 each); the number; and one reference (1, 1), which is the picture before (1, 1, 1,
/// 00100), nothing else kept (0).
const INTER_HEAD: u32 = 0b111;
const INTER_TAIL: u32 = 0b111_1100_1000;
const INTER_TAIL_BITS: u32 = 11;

/// Which picture of a stream one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The key picture that begins it.
    First,
    /// A later one, with its number: they count from 1 and begin again at 0 after 32,767.
    Later(u32),
}

impl Place {
    /// The place of the next picture.
    pub(super) const fn next(self) -> Self {
        let number = match self {
            Self::First => 0,
            Self::Later(number) => number,
        };
        Self::Later((number + 1) % (1 << NUMBER_BITS))
    }

    /// The place of the picture whose slice `unit` is, if it is a single unit and begins as it must.
    pub(super) fn of(unit: &[u8]) -> Option<Self> {
        // More units would begin so; and what is within one never is.
        if unit.array_windows().any(|bytes| matches!(bytes, [0, 0, 0..=2])) {
            return None;
        }
        let (kind, rest) = unit.split_first()?;
        let head = u32::from_be_bytes(*rest.first_chunk()?);
        match *kind {
            KEY if head >> (u32::BITS - KEY_HEAD_BITS) == KEY_HEAD => Some(Self::First),
            INTER => {
                let head = head >> (u32::BITS - 3 - NUMBER_BITS - INTER_TAIL_BITS);
                let tail = head & ((1 << INTER_TAIL_BITS) - 1);
                let fits = head >> (NUMBER_BITS + INTER_TAIL_BITS) == INTER_HEAD && tail == INTER_TAIL;
                fits.then_some(Self::Later(head >> INTER_TAIL_BITS & ((1 << NUMBER_BITS) - 1)))
            }
            _ => None,
        }
    }
}

/// The units that come before the first picture of a stream of this size: even, and within the limits of films.
pub(super) fn parameter_sets(size: Size) -> Vec<u8> {
    [&START, sequence_set(size).as_slice(), &START, &PICTURE_SET].concat()
}

/// The sequence parameter set. (No two bytes of it are 0, so that nothing has to be escaped.)
fn sequence_set(size: Size) -> Vec<u8> {
    let mut bits = Bits::default();
    // The unit's kind, constrained baseline, and level 5.2.
    [0x67, 66, 0xc0, 52].into_iter().for_each(|byte| bits.put(byte, 8));
    // Set 0; bits of numbers, from 4; pictures come in the order in which they are shown; one reference; no gaps.
    [0, NUMBER_BITS - 4, 2, 1].into_iter().for_each(|value| bits.put_number(value));
    bits.put(0, 1);
    let (across, down) = (size.width.div_ceil(16), size.height.div_ceil(16));
    bits.put_number(across - 1);
    bits.put_number(down - 1);
    // Whole frames, and nothing about motion of those between.
    bits.put(0b10, 2);
    // What is cut off at the right and the bottom, in chroma pixels.
    let cut = [0, (across * 16 - size.width) / 2, 0, (down * 16 - size.height) / 2];
    let is_cut = cut != [0; 4];
    bits.put(is_cut.into(), 1);
    if is_cut {
        cut.into_iter().for_each(|side| bits.put_number(side));
    }
    // Nothing about its use.
    bits.put(0, 1);
    bits.finish()
}

/// Bits on their way to bytes, the highest first.
#[derive(Default)]
struct Bits {
    bits: u128,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.bits = self.bits << count | u128::from(value);
        self.count += count;
    }

    /// A number as an Exp-Golomb code (H.264, 9.1).
    fn put_number(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(value + 1, 2 * length + 1);
    }

    /// Ends with a 1 and zeros.
    fn finish(mut self) -> Vec<u8> {
        self.put(1, 1);
        let fill = self.count.next_multiple_of(8) - self.count;
        self.put(0, fill);
        self.bits.to_be_bytes()[16 - self.count as usize / 8..].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_every_size_have_nothing_to_escape() {
        for width in (128..=3_840).step_by(2) {
            for height in (96..=3_840).step_by(2).filter(|height| width * height <= 1 << 21) {
                let set = sequence_set(Size::new(width, height));
                assert!(set.len() <= 16 && !set.windows(2).any(|bytes| bytes == [0, 0]), "{width} × {height}");
            }
        }
    }

    #[test]
    fn places_are_read() {
        assert_eq!(Place::of(&[0x65, 0xb8, 0, 4, 0x7f, 9]), Some(Place::First));
        assert_eq!(Place::of(&[0x61, 0xe0, 0, 0x7e, 0x47, 9]), Some(Place::Later(1)));
        assert_eq!(Place::of(&[0x61, 0xe0, 0, 0xbe, 0x47, 9]), Some(Place::First.next().next()));
        assert_eq!(Place::Later(32_767).next(), Place::Later(0));
    }

    #[test]
    fn other_units_are_refused() {
        for unit in [
            [].as_slice(),
            &[0x65, 0xb8, 0, 4],
            &[0x67, 0xb8, 0, 4, 0x7f],
            &[0x65, 0x38, 0, 4, 0x7f],
            &[0x61, 0xe0, 0, 0x7e, 0x4f],
            &[0x65, 0xb8, 0, 4, 0x7f, 0, 0, 1, 0x65],
            &[0x65, 0xb8, 0, 4, 0x7f, 0, 0, 0],
        ] {
            assert_eq!(Place::of(unit), None, "{unit:x?}");
        }
    }
}
