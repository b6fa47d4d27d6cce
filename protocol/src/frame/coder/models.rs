//! What is known beforehand about numbers and choices: models made of decisions.

use crate::frame::DecodeError;

use super::entropy::{Bit, Nibble, Reader, Writer};

/// A side of the coder: writes the given values, or reads them and gives them back. So that one function describes a
/// format in both directions.
pub(super) trait Side {
    /// Whether it writes: when it reads, the values given to it mean nothing.
    const WRITES: bool;

    /// Writes `yes`, or reads a decision.
    fn bit(&mut self, model: &mut Bit, yes: bool) -> bool;
    /// Writes a choice among sixteen, or reads one.
    fn nibble(&mut self, model: &mut Nibble, value: u32) -> u32;
    /// Writes the low `count` bits of `value`, or reads as many.
    fn plain(&mut self, value: u32, count: u32) -> u32;
    /// Fails when so many further decisions are not allowed any more.
    fn check(&self, decisions: u64) -> Result<(), Unfit>;
}

impl Side for Writer<'_> {
    const WRITES: bool = true;

    #[inline]
    fn bit(&mut self, model: &mut Bit, yes: bool) -> bool {
        Writer::bit(self, model, yes);
        yes
    }

    fn nibble(&mut self, model: &mut Nibble, value: u32) -> u32 {
        Writer::nibble(self, model, value);
        value
    }

    fn plain(&mut self, value: u32, count: u32) -> u32 {
        Writer::plain(self, value, count);
        value
    }

    fn check(&self, decisions: u64) -> Result<(), Unfit> {
        self.left().filter(|left| *left >= decisions).map(drop).ok_or(Unfit)
    }
}

impl Side for Reader<'_> {
    const WRITES: bool = false;

    #[inline]
    fn bit(&mut self, model: &mut Bit, _: bool) -> bool {
        Reader::bit(self, model)
    }

    fn nibble(&mut self, model: &mut Nibble, _: u32) -> u32 {
        Reader::nibble(self, model)
    }

    fn plain(&mut self, _: u32, count: u32) -> u32 {
        Reader::plain(self, count)
    }

    fn check(&self, decisions: u64) -> Result<(), Unfit> {
        self.left().filter(|left| *left >= decisions).map(drop).ok_or(Unfit)
    }
}

/// The content does not fit this coding, or makes no sense: the writer chooses another coding, the reader refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfit;

impl From<DecodeError> for Unfit {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

/// The decisions that a literal of so many pixels may take, so that no bytes keep a viewer busy for long: pages of text take
/// about one for each pixel where they are dense, and a glyph is allowed some thousands.
pub(super) const fn allowed(pixels: usize) -> u64 {
    2 * pixels as u64 + (1 << 16)
}

/// The bits that a choice among so many takes.
pub(super) const fn bits_of(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

/// Numbers of up to 30 bits, small ones being likely: how long it is, then its bits below the first.
#[derive(Clone, Debug)]
pub(super) struct Number {
    longer: [Bit; Self::MAX_LENGTH],
    /// The bit after the first, by the length.
    second: [Bit; Self::MAX_LENGTH],
}

impl Number {
    const MAX_LENGTH: usize = 31;

    pub(super) const fn new() -> Self {
        Self { longer: [Bit::new(); Self::MAX_LENGTH], second: [Bit::new(); Self::MAX_LENGTH] }
    }

    /// A number below 2^30.
    pub(super) fn code(&mut self, side: &mut impl Side, value: u32) -> u32 {
        // One more than the value has a first bit; its length says where. (What is given to a reader may be anything.)
        let value = value.wrapping_add(1).max(1);
        let length = value.ilog2() as usize;
        let mut read = 0;
        while read + 1 < Self::MAX_LENGTH && side.bit(&mut self.longer[read], length > read) {
            read += 1;
        }
        let Some(rest) = read.checked_sub(1) else { return 0 };
        let second = side.bit(&mut self.second[read], value >> rest & 1 == 1);
        let low = side.plain(value & ((1 << rest) - 1), rest as u32);
        (1 << read | u32::from(second) << rest | low) - 1
    }

    /// A number less than 2^29 away from `near`, those close to it being likely.
    pub(super) fn code_near(&mut self, side: &mut impl Side, near: i32, value: i32) -> i32 {
        let away = value.wrapping_sub(near);
        let folded = self.code(side, (away << 1 ^ away >> 31) as u32);
        near.wrapping_add((folded >> 1) as i32 ^ -((folded & 1) as i32))
    }
}

/// A choice among 2^depth, learned by how often each was taken.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    depth: u32,
    nodes: Vec<Bit>,
}

impl Tree {
    pub(super) fn new(depth: u32) -> Self {
        Self { depth, nodes: vec![Bit::new(); 1 << depth] }
    }

    /// A number of `depth` bits.
    pub(super) fn code(&mut self, side: &mut impl Side, value: u32) -> u32 {
        let mut node = 1;
        for at in (0..self.depth).rev() {
            let yes = side.bit(&mut self.nodes[node], value >> at & 1 == 1);
            node = node << 1 | usize::from(yes);
        }
        node as u32 & ((1 << self.depth) - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_come_back(values in prop::collection::vec((0..1u32 << 30, 0..1u32 << 5, -1i32 << 28..1 << 28), 0..300)) {
            let models = || (Number::new(), Tree::new(5), Number::new());
            let (mut bytes, mut writing, mut reading) = (Vec::new(), models(), models());
            let mut writer = Writer::new(&mut bytes, u64::MAX);
            for &(number, choice, signed) in &values {
                writing.0.code(&mut writer, number);
                writing.1.code(&mut writer, choice);
                writing.2.code_near(&mut writer, 77, signed);
            }
            writer.finish();
            let mut reader = Reader::new(&bytes, u64::MAX);
            for &value in &values {
                let number = reading.0.code(&mut reader, 0);
                let read = (number, reading.1.code(&mut reader, 0), reading.2.code_near(&mut reader, 77, 0));
                prop_assert_eq!(read, value);
            }
        }
    }
}
