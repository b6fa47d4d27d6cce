//! Hashing with the AES instructions of 64-bit ARM.
//!
//! What is unsafe here: loads, each through a reference to as many bytes as it reads, and the call of a function whose
//! instructions the processor has been asked for.

use std::arch::aarch64::{
    uint8x16_t, vaeseq_u8, vaesmcq_u8, vandq_u8, vdupq_n_u8, vdupq_n_u32, veorq_u8, vgetq_lane_u64, vld1q_u8,
    vreinterpretq_u8_u32, vreinterpretq_u64_u8,
};
use std::arch::is_aarch64_feature_detected;

use super::super::buffer::COLOUR;
use super::keys::{Block, Keys, Segment};

/// Hashes block by block. Where one exists, the processor has the instructions.
#[derive(Clone)]
pub(super) struct Aes(Keys);

impl Aes {
    /// `None` where the processor lacks the instructions.
    pub(super) fn new(keys: &Keys) -> Option<Self> {
        is_aarch64_feature_detected!("aes").then(|| Self(keys.clone()))
    }

    /// Writes the hash of each segment.
    pub(super) fn hash(&self, segments: &[Segment], hashes: &mut [u64]) {
        // SAFETY: `new` has found the instructions.
        unsafe { hash_blocks(&self.0, segments, hashes) }
    }
}

#[target_feature(enable = "aes")]
fn hash_blocks(keys: &Keys, segments: &[Segment], hashes: &mut [u64]) {
    let colours = vreinterpretq_u8_u32(vdupq_n_u32(COLOUR));
    let rounds = [load(&keys.rounds[0]), load(&keys.rounds[1])];
    for (segment, hash) in segments.iter().zip(hashes) {
        let mut sum = load(&keys.sum);
        for (block, key) in segment.as_chunks().0.iter().zip(&keys.blocks) {
            let mut mixed = round(vandq_u8(load(block), colours), load(key));
            mixed = round(mixed, rounds[0]);
            mixed = round(mixed, rounds[1]);
            sum = veorq_u8(sum, mixed);
        }
        *hash = finish(sum, keys);
    }
}

/// Mixes the sum twice and folds its halves.
#[target_feature(enable = "aes")]
fn finish(sum: uint8x16_t, keys: &Keys) -> u64 {
    let mixed = vreinterpretq_u64_u8(round(round(sum, vdupq_n_u8(0)), load(&keys.last)));
    vgetq_lane_u64::<0>(mixed) ^ vgetq_lane_u64::<1>(mixed)
}

/// A round of AES that adds its key first; x86 adds it last.
#[target_feature(enable = "aes")]
fn round(block: uint8x16_t, key: uint8x16_t) -> uint8x16_t {
    vaesmcq_u8(vaeseq_u8(block, key))
}

#[target_feature(enable = "neon")]
fn load(block: &Block) -> uint8x16_t {
    // SAFETY: 16 bytes are read, at any alignment.
    unsafe { vld1q_u8(block.as_ptr()) }
}
