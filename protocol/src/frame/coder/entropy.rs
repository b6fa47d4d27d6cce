//! Adaptive binary arithmetic coding: each decision costs as many bits as it is unexpected.
//!
//! A range coder (Martin, 1979) of 64 bits: an interval is split at each decision, and four bytes go out when it is
//! narrower than 2^32; that is seldom, so the processor foresees it. A decoder that runs out of bytes reads zeros, so any
//! bytes decode to something. Time is bounded by the decisions that are allowed: both sides count them alike.

/// How likely a decision is to be yes, learned from those before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bit {
    /// The probability of yes, of 65,536.
    yes: u16,
    /// How many decisions it has learned from, up to [`SLOWEST`].
    seen: u8,
}

/// A decision counts 1 / (seen + 1.5) at first, so that few decisions teach much, and at least 1 / 25.5.
const SLOWEST: u8 = 24;

/// The weights of a decision, of 65,536, by how many came before it.
const WEIGHTS: [u32; SLOWEST as usize + 1] = {
    let mut weights = [0; SLOWEST as usize + 1];
    let mut seen = 0;
    while seen < weights.len() {
        weights[seen] = 131_072 / (2 * seen as u32 + 3);
        seen += 1;
    }
    weights
};

/// No decision is ever taken for certain: one in 2,048 remains.
const DOUBT: i32 = 32;

impl Bit {
    /// One that knows nothing.
    pub(super) const fn new() -> Self {
        Self { yes: 1 << 15, seen: 0 }
    }

    /// Where an interval of this width is split: before that it means yes.
    #[inline]
    const fn split(self, range: u64) -> u64 {
        (range >> 16) * self.yes as u64
    }

    #[inline]
    const fn learn(&mut self, yes: bool) {
        let target = if yes { 65_536 - DOUBT } else { DOUBT };
        let gap = target - self.yes as i32;
        self.yes = (self.yes as i32 + ((gap * WEIGHTS[self.seen as usize] as i32) >> 16)) as u16;
        if self.seen < SLOWEST {
            self.seen += 1;
        }
    }
}

/// A choice among sixteen, learned by how often each was taken lately. It takes little more time than one decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nibble {
    /// How likely a choice below each is, of [`Nibble::WHOLE`].
    below: [i16; 16],
    /// How many choices it has learned from, up to [`Nibble::SLOWEST`].
    seen: u8,
}

impl Nibble {
    const WHOLE: i16 = 1 << 14;

    /// What remains for each choice: one in 4,096.
    const DOUBT: i16 = Self::WHOLE >> 12;

    /// A choice counts an eighth at first, then a sixteenth, and later 1 / 32.
    const SLOWEST: u8 = 24;

    /// One that knows nothing.
    pub(super) const fn new() -> Self {
        let mut below = [0; 16];
        let mut value = 0;
        while value < 16 {
            below[value] = Self::WHOLE / 16 * value as i16;
            value += 1;
        }
        Self { below, seen: 0 }
    }

    /// The part of an interval of this width that means a value: from where, and how wide.
    #[inline]
    fn part(&self, range: u64, value: usize) -> (u64, u64) {
        let unit = range / Self::WHOLE as u64;
        let from = unit * self.below[value] as u64;
        let to = self.below.get(value + 1).map_or(range, |below| unit * *below as u64);
        (from, to - from)
    }

    /// The value whose part of an interval of this width has the number `at`.
    #[inline]
    fn value_at(&self, range: u64, at: u64) -> usize {
        let at = (at / (range / Self::WHOLE as u64)).min(Self::WHOLE as u64 - 1) as i16;
        // All are compared, eight at once, so that no branch is guessed wrong; the first is always 0.
        let (low, high) = self.below.split_at(8);
        let counts: [i16; 8] = std::array::from_fn(|n| i16::from(low[n] <= at) + i16::from(high[n] <= at));
        counts.iter().sum::<i16>() as usize - 1
    }

    #[inline]
    fn learn(&mut self, value: usize) {
        let shift = if self.seen < 6 {
            3
        } else if self.seen < Self::SLOWEST {
            4
        } else {
            5
        };
        self.seen = (self.seen + 1).min(Self::SLOWEST);
        for (below, target) in self.below.iter_mut().zip(&TARGETS[value]) {
            *below += (target - *below) >> shift;
        }
    }
}

/// Where the parts of a [`Nibble`] begin when it is as sure as it gets of a value, by that value. From a table, the
/// compiler adds eight at once.
const TARGETS: [[i16; 16]; 16] = {
    let mut targets = [[0; 16]; 16];
    let mut at = 0;
    while at < 256 {
        let (value, n) = (at / 16, at % 16);
        let above = if n > value { Nibble::WHOLE - 16 * Nibble::DOUBT } else { 0 };
        targets[value][n] = above + n as i16 * Nibble::DOUBT;
        at += 1;
    }
    targets
};

/// While the interval is at least as wide, there are enough bits in it for any decision.
const NARROW: u64 = 1 << 32;

/// How many decisions are allowed still. Once one was asked for in vain it is spent.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    left: u64,
    spent: bool,
}

impl Allowance {
    const fn of(decisions: u64) -> Self {
        Self { left: decisions, spent: false }
    }

    /// Takes one; whether there was one.
    const fn take(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.spent = true,
        }
        !self.spent
    }
}

/// Writes decisions.
pub(super) struct Writer<'a> {
    /// The interval: where it begins below the bytes that went out, and how wide it is.
    low: u64,
    range: u64,
    bytes: &'a mut Vec<u8>,
    /// Where its bytes begin.
    start: usize,
    allowance: Allowance,
}

impl<'a> Writer<'a> {
    /// A writer that appends so many decisions to `bytes` at most; what comes after them is not written.
    pub(super) const fn new(bytes: &'a mut Vec<u8>, decisions: u64) -> Self {
        let start = bytes.len();
        Self { low: 0, range: u64::MAX, bytes, start, allowance: Allowance::of(decisions) }
    }

    /// How many decisions are left; `None` when more were written than allowed.
    pub(super) fn left(&self) -> Option<u64> {
        (!self.allowance.spent).then_some(self.allowance.left)
    }

    /// Writes a decision.
    #[inline]
    pub(super) fn bit(&mut self, model: &mut Bit, yes: bool) {
        if self.allowance.take() {
            let split = model.split(self.range);
            self.narrow(if yes { 0 } else { split }, if yes { split } else { self.range - split });
        }
        model.learn(yes);
    }

    /// Writes a choice.
    pub(super) fn nibble(&mut self, model: &mut Nibble, value: u32) {
        let value = value as usize & 15;
        if self.allowance.take() {
            let (from, range) = model.part(self.range, value);
            self.narrow(from, range);
        }
        model.learn(value);
    }

    /// Writes the low `count` bits of `value`, which nothing is known about; 30 at most. Together they are one decision.
    pub(super) fn plain(&mut self, value: u32, count: u32) {
        if count > 0 && self.allowance.take() {
            let unit = self.range >> count;
            self.narrow(unit * u64::from(value & ((1 << count) - 1)), unit);
        }
    }

    /// Makes the interval a part of it.
    #[inline]
    fn narrow(&mut self, from: u64, range: u64) {
        let (low, carry) = self.low.overflowing_add(from);
        (self.low, self.range) = (low, range);
        if carry {
            self.carry();
        }
        if range < NARROW {
            self.bytes.extend_from_slice(&((low >> 32) as u32).to_be_bytes());
            (self.low, self.range) = (low << 32, range << 32);
        }
    }

    /// Adds one to the bytes that went out.
    #[cold]
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    /// Ends with the fewest bytes that, with zeros after them, lie in the interval.
    pub(super) fn finish(mut self) {
        // The first number in the interval that ends in so many zeros.
        let round = |bytes: u32| {
            let zeros = u64::MAX.checked_shr(8 * bytes).unwrap_or(0);
            (bytes, self.low.wrapping_add(zeros) & !zeros)
        };
        let fits = |&(_, value): &(u32, u64)| value.wrapping_sub(self.low) < self.range;
        let (bytes, value) = (0..8).map(round).find(fits).unwrap_or((8, self.low));
        if value < self.low {
            self.carry();
        }
        self.bytes.extend_from_slice(&value.to_be_bytes()[..bytes as usize]);
        while self.bytes.len() > self.start && self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
    }
}

/// Reads what a [`Writer`] has written.
pub(super) struct Reader<'a> {
    /// How far what was written lies from where the interval begins, and how wide that is.
    at: u64,
    range: u64,
    bytes: &'a [u8],
    allowance: Allowance,
}

impl<'a> Reader<'a> {
    /// A reader of so many decisions at most; after them all are no.
    pub(super) fn new(mut bytes: &'a [u8], decisions: u64) -> Self {
        let at = next(&mut bytes) << 32 | next(&mut bytes);
        Self { at, range: u64::MAX, bytes, allowance: Allowance::of(decisions) }
    }

    /// How many decisions are left; `None` when more were read than allowed.
    pub(super) fn left(&self) -> Option<u64> {
        (!self.allowance.spent).then_some(self.allowance.left)
    }

    /// Reads a decision.
    #[inline]
    pub(super) fn bit(&mut self, model: &mut Bit) -> bool {
        let mut yes = false;
        if self.allowance.take() {
            let split = model.split(self.range);
            yes = self.at < split;
            self.narrow(if yes { 0 } else { split }, if yes { split } else { self.range - split });
        }
        model.learn(yes);
        yes
    }

    /// Reads a choice.
    pub(super) fn nibble(&mut self, model: &mut Nibble) -> u32 {
        if !self.allowance.take() {
            return 0;
        }
        let value = model.value_at(self.range, self.at);
        let (from, range) = model.part(self.range, value);
        self.narrow(from, range);
        model.learn(value);
        value as u32
    }

    /// Reads `count` bits that nothing is known about; 30 at most.
    pub(super) fn plain(&mut self, count: u32) -> u32 {
        if count == 0 || !self.allowance.take() {
            return 0;
        }
        let unit = self.range >> count;
        // What is left over at the interval's end, no writer uses.
        let value = (self.at / unit).min((1 << count) - 1);
        self.narrow(unit * value, unit);
        value as u32
    }

    #[inline]
    fn narrow(&mut self, from: u64, range: u64) {
        (self.at, self.range) = (self.at - from, range);
        if range < NARROW {
            self.at = self.at << 32 | next(&mut self.bytes);
            self.range <<= 32;
        }
    }
}

/// The next four bytes, zeros where there are none.
fn next(bytes: &mut &[u8]) -> u64 {
    match bytes.split_first_chunk::<4>() {
        Some((word, rest)) => {
            *bytes = rest;
            u32::from_be_bytes(*word).into()
        }
        None => last(bytes),
    }
}

/// The same with fewer than four bytes.
#[cold]
fn last(bytes: &mut &[u8]) -> u64 {
    let mut word = [0; 4];
    word[..bytes.len()].copy_from_slice(bytes);
    *bytes = &[];
    u32::from_be_bytes(word).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decisions_come_back(decisions in prop::collection::vec((0..6usize, any::<u32>()), 0..3_000)) {
            let mut bytes = vec![0xff; 2];
            let mut writer = Writer::new(&mut bytes, decisions.len() as u64);
            let (mut models, mut nibble) = ([Bit::new(); 4], Nibble::new());
            for &(kind, value) in &decisions {
                match (models.get_mut(kind), kind) {
                    (Some(model), _) => writer.bit(model, value & 1 == 1),
                    (None, 4) => writer.nibble(&mut nibble, value & value >> 4 & 15),
                    _ => writer.plain(value, 1 + value % 30),
                }
            }
            writer.finish();
            let mut reader = Reader::new(&bytes[2..], decisions.len() as u64);
            let (mut models, mut nibble) = ([Bit::new(); 4], Nibble::new());
            for &(kind, value) in &decisions {
                match (models.get_mut(kind), kind) {
                    (Some(model), _) => prop_assert_eq!(reader.bit(model), value & 1 == 1),
                    (None, 4) => prop_assert_eq!(reader.nibble(&mut nibble), value & value >> 4 & 15),
                    _ => prop_assert_eq!(reader.plain(1 + value % 30), value & ((1 << (1 + value % 30)) - 1)),
                }
            }
            prop_assert_eq!(reader.left(), Some(0));
            prop_assert_eq!(&bytes[..2], &[0xff; 2], "a carry stays in what the writer wrote");
        }
    }

    #[test]
    fn what_is_expected_costs_little() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, 10_000);
        let mut model = Bit::new();
        (0..10_000).for_each(|_| writer.bit(&mut model, true));
        writer.finish();
        assert!(bytes.len() < 20, "{} bytes", bytes.len());
        let mut empty = Vec::new();
        Writer::new(&mut empty, 0).finish();
        assert!(empty.is_empty());
    }

    #[test]
    fn no_more_decisions_than_allowed() {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, 2);
        writer.plain(0x1ff, 9);
        writer.bit(&mut Bit::new(), true);
        assert_eq!(writer.left(), Some(0));
        writer.plain(1, 1);
        assert_eq!(writer.left(), None);
        writer.finish();
        let mut reader = Reader::new(&bytes, 2);
        assert_eq!((reader.plain(9), reader.bit(&mut Bit::new()), reader.left()), (0x1ff, true, Some(0)));
        assert_eq!((reader.plain(30), reader.bit(&mut Bit::new()), reader.left()), (0, false, None));
    }
}
