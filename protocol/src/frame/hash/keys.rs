//! What the kinds of hashing are keyed with, all made from the display's one key.

use super::SEGMENT;

/// The bytes of a whole segment: BGRX, four for each pixel.
pub(super) type Segment = [u8; SEGMENT as usize * 4];

/// What an AES instruction works on.
pub(super) type Block = [u8; 16];

/// Keys for the blocks of a segment and for what follows. None is ever seen from outside.
#[derive(Clone)]
#[repr(align(64))] // loaded 64 bytes at a time
pub(super) struct Keys {
    /// One for each place in the segment, so that equal blocks differ and none can change places.
    pub(super) blocks: [Block; 16],
    /// Of the first two rounds.
    pub(super) rounds: [Block; 2],
    /// Goes into the sum of the blocks.
    pub(super) sum: Block,
    /// Of the first round over the sum.
    pub(super) last: Block,
}

impl Keys {
    /// The keys from a secret, random one.
    pub(super) fn new(key: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(key);
        let (low, high) = (key as u64, (key >> 64) as u64);
        let word = |n: u64| {
            let far = n.wrapping_mul(0x9e37_79b9_7f4a_7c15); // the fraction of the golden ratio: no two are near
            u128::from(fold(fold(low ^ far, high ^ n) ^ low, high ^ far))
        };
        let block = |n: u64| (word(2 * n + 1) | word(2 * n + 2) << 64).to_le_bytes();
        Self {
            blocks: std::array::from_fn(|n| block(n as u64)),
            rounds: [block(16), block(17)],
            sum: block(18),
            last: block(19),
        }
    }
}

/// Multiplies to 128 bits and folds the halves.
pub(super) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}
