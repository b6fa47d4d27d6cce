//! Adaptive binary arithmetic coding: each decision costs as many bits as it is unexpected.
//!
//! The coder is the carry-less one of lpaq (Mahoney, 2007): an interval of 32 bits is split at each decision, and its
//! leading bytes go out as soon as both ends agree on them. A decoder that runs out of bytes reads zeros, so any bytes
//! decode to something. Time is bounded by the decisions that are allowed: both sides count them alike.

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

    const fn learn(&mut self, yes: bool) {
        let target = if yes { 65_536 - DOUBT } else { DOUBT };
        let gap = target - self.yes as i32;
        self.yes = (self.yes as i32 + ((gap * WEIGHTS[self.seen as usize] as i32) >> 16)) as u16;
        if self.seen < SLOWEST {
            self.seen += 1;
        }
    }
}

/// Where the interval from `low` to `high` is split: up to there it means yes.
const fn split(low: u32, high: u32, yes: u16) -> u32 {
    low + (((high - low) as u64 * yes as u64) >> 16) as u32
}

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
    low: u32,
    high: u32,
    bytes: &'a mut Vec<u8>,
    allowance: Allowance,
}

impl<'a> Writer<'a> {
    /// A writer that appends so many decisions to `bytes` at most; what comes after them is not written.
    pub(super) const fn new(bytes: &'a mut Vec<u8>, decisions: u64) -> Self {
        Self { low: 0, high: u32::MAX, bytes, allowance: Allowance::of(decisions) }
    }

    /// How many decisions are left; `None` when more were written than allowed.
    pub(super) fn left(&self) -> Option<u64> {
        (!self.allowance.spent).then_some(self.allowance.left)
    }

    /// Writes a decision.
    pub(super) fn bit(&mut self, model: &mut Bit, yes: bool) {
        self.narrow(model.yes, yes);
        model.learn(yes);
    }

    /// Writes the low `count` bits of `value`, which nothing is known about.
    pub(super) fn plain(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            self.narrow(1 << 15, value >> at & 1 == 1);
        }
    }

    fn narrow(&mut self, likely: u16, yes: bool) {
        if !self.allowance.take() {
            return;
        }
        let middle = split(self.low, self.high, likely);
        if yes {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.bytes.push((self.high >> 24) as u8);
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
        }
    }

    /// Ends with the fewest bytes that, with zeros after them, lie in the interval.
    pub(super) fn finish(self) {
        let bytes = (0..4).find(|&bytes| self.high & !(u32::MAX >> (8 * bytes)) >= self.low);
        let value = self.high.to_be_bytes();
        self.bytes.extend_from_slice(&value[..bytes.unwrap_or(4) as usize]);
    }
}

/// Reads what a [`Writer`] has written.
pub(super) struct Reader<'a> {
    low: u32,
    high: u32,
    at: u32,
    bytes: std::slice::Iter<'a, u8>,
    allowance: Allowance,
}

impl<'a> Reader<'a> {
    /// A reader of so many decisions at most; after them all are no.
    pub(super) fn new(bytes: &'a [u8], decisions: u64) -> Self {
        let mut bytes = bytes.iter();
        let at = (0..4).fold(0, |at, _| at << 8 | next(&mut bytes));
        Self { low: 0, high: u32::MAX, at, bytes, allowance: Allowance::of(decisions) }
    }

    /// How many decisions are left; `None` when more were read than allowed.
    pub(super) fn left(&self) -> Option<u64> {
        (!self.allowance.spent).then_some(self.allowance.left)
    }

    /// Reads a decision.
    pub(super) fn bit(&mut self, model: &mut Bit) -> bool {
        let yes = self.narrow(model.yes);
        model.learn(yes);
        yes
    }

    /// Reads `count` bits that nothing is known about.
    pub(super) fn plain(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |value, _| value << 1 | u32::from(self.narrow(1 << 15)))
    }

    fn narrow(&mut self, likely: u16) -> bool {
        if !self.allowance.take() {
            return false;
        }
        let middle = split(self.low, self.high, likely);
        let yes = self.at <= middle;
        if yes {
            self.high = middle;
        } else {
            self.low = middle + 1;
        }
        while (self.low ^ self.high) >> 24 == 0 {
            self.low <<= 8;
            self.high = self.high << 8 | 0xff;
            self.at = self.at << 8 | next(&mut self.bytes);
        }
        yes
    }
}

fn next(bytes: &mut std::slice::Iter<'_, u8>) -> u32 {
    bytes.next().copied().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decisions_come_back(decisions in prop::collection::vec((0..5usize, any::<bool>()), 0..3_000)) {
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes, decisions.len() as u64);
            let mut models = [Bit::new(); 4];
            for &(model, yes) in &decisions {
                match models.get_mut(model) {
                    Some(model) => writer.bit(model, yes),
                    None => writer.plain(u32::from(yes), 1),
                }
            }
            writer.finish();
            let mut reader = Reader::new(&bytes, decisions.len() as u64);
            let mut models = [Bit::new(); 4];
            for &(model, yes) in &decisions {
                let read = match models.get_mut(model) {
                    Some(model) => reader.bit(model),
                    None => reader.plain(1) == 1,
                };
                prop_assert_eq!(read, yes);
            }
            prop_assert_eq!(reader.left(), Some(0));
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
        let mut writer = Writer::new(&mut bytes, 9);
        writer.plain(0x1ff, 9);
        assert_eq!(writer.left(), Some(0));
        writer.plain(1, 1);
        assert_eq!(writer.left(), None);
        writer.finish();
        let mut reader = Reader::new(&bytes, 9);
        assert_eq!((reader.plain(9), reader.left()), (0x1ff, Some(0)));
        assert_eq!((reader.plain(30), reader.left()), (0, None));
    }
}
