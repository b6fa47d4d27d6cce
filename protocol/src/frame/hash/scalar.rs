//! Hashing with the multiplier that every processor has.

use super::keys::{Keys, Segment, fold};

/// Bytes that one step takes: two words for each of four lanes that do not wait for each other.
const STEP: usize = 64;

/// The unused byte of two pixels does not count.
const COLOURS: u64 = 0x00ff_ffff_00ff_ffff;

/// Hashes word by word.
#[derive(Clone)]
pub(super) struct Scalar {
    keys: [u64; 4],
    /// Where the lanes start: not at the keys, or the two words of the first step could change places unnoticed.
    seeds: [u64; 4],
}

impl Scalar {
    /// Takes a few of `keys`.
    pub(super) fn new(keys: &Keys) -> Self {
        let words = keys.blocks.as_flattened().as_chunks().0;
        let word = |n: usize| u64::from_le_bytes(words[n]);
        Self { keys: [word(0), word(1), word(2), word(3)], seeds: [word(4), word(5), word(6), word(7)] }
    }

    /// Writes the hash of each segment.
    pub(super) fn hash(&self, segments: &[Segment], hashes: &mut [u64]) {
        for (segment, hash) in segments.iter().zip(hashes) {
            *hash = self.one(segment);
        }
    }

    fn one(&self, segment: &Segment) -> u64 {
        let mut lanes = self.seeds;
        for step in segment.as_chunks::<STEP>().0 {
            let (words, _) = step.as_chunks::<8>();
            for (n, lane) in lanes.iter_mut().enumerate() {
                let word = |at: usize| u64::from_le_bytes(words[at]) & COLOURS;
                *lane = fold(word(2 * n) ^ self.keys[n], word(2 * n + 1) ^ *lane);
            }
        }
        fold(fold(lanes[0] ^ self.keys[1], lanes[1]) ^ fold(lanes[2] ^ self.keys[3], lanes[3]), self.keys[0])
    }
}
