//! The keyed hash of a row segment, by which unchanged pixels are known without reading the previous picture.
//!
//! It never leaves the host, so it may change with the version and the processor. The key is random and new
//! whenever a display is opened: a page on the user's screen cannot make two pictures that collide.

/// Pixels across a segment; the last one of a row may be narrower.
pub(super) const SEGMENT: u32 = 64;

/// Bytes that one step takes: two words for each of four lanes that do not wait for each other.
const STEP: usize = 64;

/// The unused byte of two pixels does not count.
const COLOURS: u64 = 0x00ff_ffff_00ff_ffff;

/// Hashes segments under one key.
#[derive(Clone)]
pub(super) struct SegmentHasher {
    keys: [u64; 4],
    /// Where the lanes start: not at the keys, or the two words of the first step could change places unnoticed.
    seeds: [u64; 4],
}

impl SegmentHasher {
    /// A hasher for a secret, random key.
    pub(super) fn new(key: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(key);
        let (low, high) = (key as u64, (key >> 64) as u64);
        // The constants are the fraction of the golden ratio and its multiples: each lane gets a key of its own.
        let lane = |n: u64| fold(low ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15), high ^ n);
        Self { keys: [lane(1), lane(2), lane(3), lane(4)], seeds: [lane(5), lane(6), lane(7), lane(8)] }
    }

    /// The hash of BGRX pixels; the fourth byte of each is ignored.
    pub(super) fn hash(&self, bgrx: &[u8]) -> u64 {
        let mut lanes = self.seeds;
        let (steps, rest) = bgrx.as_chunks::<STEP>();
        for step in steps {
            self.step(&mut lanes, step);
        }
        if !rest.is_empty() {
            let mut last = [0; STEP];
            last[..rest.len()].copy_from_slice(rest);
            self.step(&mut lanes, &last);
        }
        fold(fold(lanes[0] ^ self.keys[1], lanes[1]) ^ fold(lanes[2] ^ self.keys[3], lanes[3]), self.keys[0])
    }

    fn step(&self, lanes: &mut [u64; 4], step: &[u8; STEP]) {
        let (words, _) = step.as_chunks::<8>();
        for (n, lane) in lanes.iter_mut().enumerate() {
            let word = |at: usize| u64::from_le_bytes(words[at]) & COLOURS;
            *lane = fold(word(2 * n) ^ self.keys[n], word(2 * n + 1) ^ *lane);
        }
    }
}

/// Multiplies to 128 bits and folds the halves.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn one_changed_bit_changes_it(
            mut bytes in prop::collection::vec(any::<u8>(), 64), pixels in 1..=64usize,
            at in any::<prop::sample::Index>(), bit in 0..24u32, key: [u8; 16],
        ) {
            bytes = bytes.iter().copied().cycle().take(pixels * 4).collect();
            let hasher = SegmentHasher::new(key);
            let before = hasher.hash(&bytes);
            let pixel = at.index(pixels);
            bytes[pixel * 4 + 3] ^= 0xff;
            prop_assert_eq!(hasher.hash(&bytes), before);
            bytes[pixel * 4 + bit as usize / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(hasher.hash(&bytes), before);
        }
    }

    #[test]
    fn key_matters() {
        let bytes = [7; 256];
        assert_ne!(SegmentHasher::new([1; 16]).hash(&bytes), SegmentHasher::new([2; 16]).hash(&bytes));
    }

    #[test]
    fn swapped_words_change_it() {
        let hasher = SegmentHasher::new([9; 16]);
        let bytes: Vec<u8> = (0..=255).collect();
        for (a, b) in (0..32).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mut swapped = bytes.clone();
            (0..8).for_each(|n| swapped.swap(a * 8 + n, b * 8 + n));
            assert_ne!(hasher.hash(&swapped), hasher.hash(&bytes), "pairs of pixels {a} and {b}");
        }
    }

    #[test]
    fn swapped_pixels_change_it() {
        let hasher = SegmentHasher::new([9; 16]);
        let bytes: Vec<u8> = (0..=255).collect();
        for (a, b) in (0..64).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mut swapped = bytes.clone();
            (0..3).for_each(|n| swapped.swap(a * 4 + n, b * 4 + n));
            assert_ne!(hasher.hash(&swapped), hasher.hash(&bytes), "pixels {a} and {b}");
        }
    }
}
