//! Hashing with the AES instructions of x86-64: a block at a time, or four at once where AVX-512 has them.
//!
//! What is unsafe here: loads, each through a reference to as many bytes as it reads, and calls of functions whose
//! instructions the processor has been asked for.

use std::arch::x86_64::{
    __m128i, __m512i, _mm_aesenc_si128, _mm_and_si128, _mm_cvtsi128_si64, _mm_loadu_si128, _mm_set1_epi32,
    _mm_setzero_si128, _mm_unpackhi_epi64, _mm_xor_si128, _mm256_castsi256_si128, _mm256_extracti128_si256,
    _mm256_xor_si256, _mm512_aesenc_epi128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_castsi512_si256,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_set1_epi32, _mm512_setzero_si512, _mm512_xor_si512,
};

use super::super::buffer::COLOUR;
use super::keys::{Block, Keys, Segment};

/// Hashes block by block with AES-NI. Where one exists, the processor has the instructions.
#[derive(Clone)]
pub(super) struct Aes(Keys);

impl Aes {
    /// `None` where the processor lacks the instructions.
    pub(super) fn new(keys: &Keys) -> Option<Self> {
        is_x86_feature_detected!("aes").then(|| Self(keys.clone()))
    }

    /// Writes the hash of each segment.
    pub(super) fn hash(&self, segments: &[Segment], hashes: &mut [u64]) {
        // SAFETY: `new` has found the instructions.
        unsafe { hash_blocks(&self.0, segments, hashes) }
    }
}

/// Hashes four blocks at once with AVX-512 and VAES. Where one exists, the processor has the instructions.
#[derive(Clone)]
pub(super) struct WideAes(Keys);

impl WideAes {
    /// `None` where the processor lacks the instructions.
    pub(super) fn new(keys: &Keys) -> Option<Self> {
        let found =
            is_x86_feature_detected!("aes") && is_x86_feature_detected!("vaes") && is_x86_feature_detected!("avx512f");
        found.then(|| Self(keys.clone()))
    }

    /// Writes the hash of each segment.
    pub(super) fn hash(&self, segments: &[Segment], hashes: &mut [u64]) {
        // SAFETY: `new` has found the instructions.
        unsafe { hash_wide(&self.0, segments, hashes) }
    }
}

#[target_feature(enable = "aes")]
fn hash_blocks(keys: &Keys, segments: &[Segment], hashes: &mut [u64]) {
    let colours = _mm_set1_epi32(COLOUR as i32);
    let rounds = [load(&keys.rounds[0]), load(&keys.rounds[1])];
    for (segment, hash) in segments.iter().zip(hashes) {
        let mut sum = load(&keys.sum);
        for (block, key) in segment.as_chunks().0.iter().zip(&keys.blocks) {
            let mut mixed = _mm_xor_si128(_mm_and_si128(load(block), colours), load(key));
            mixed = _mm_aesenc_si128(mixed, rounds[0]);
            mixed = _mm_aesenc_si128(mixed, rounds[1]);
            mixed = _mm_aesenc_si128(mixed, _mm_setzero_si128());
            sum = _mm_xor_si128(sum, mixed);
        }
        *hash = finish(sum, keys);
    }
}

/// The same hash: the sum has no order, so four blocks may be mixed side by side.
#[target_feature(enable = "aes,vaes,avx512f")]
fn hash_wide(keys: &Keys, segments: &[Segment], hashes: &mut [u64]) {
    let colours = _mm512_set1_epi32(COLOUR as i32);
    let rounds = [_mm512_broadcast_i32x4(load(&keys.rounds[0])), _mm512_broadcast_i32x4(load(&keys.rounds[1]))];
    for (segment, hash) in segments.iter().zip(hashes) {
        let mut sum = _mm512_setzero_si512();
        for (blocks, keys) in segment.as_chunks().0.iter().zip(keys.blocks.as_flattened().as_chunks().0) {
            let mut mixed = _mm512_xor_si512(_mm512_and_si512(load_wide(blocks), colours), load_wide(keys));
            mixed = _mm512_aesenc_epi128(mixed, rounds[0]);
            mixed = _mm512_aesenc_epi128(mixed, rounds[1]);
            mixed = _mm512_aesenc_epi128(mixed, _mm512_setzero_si512());
            sum = _mm512_xor_si512(sum, mixed);
        }
        let half = _mm256_xor_si256(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum));
        let sum = _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
        *hash = finish(_mm_xor_si128(sum, load(&keys.sum)), keys);
    }
}

/// Mixes the sum twice and folds its halves.
#[target_feature(enable = "aes")]
fn finish(sum: __m128i, keys: &Keys) -> u64 {
    let mixed = _mm_aesenc_si128(_mm_aesenc_si128(sum, load(&keys.last)), _mm_setzero_si128());
    _mm_cvtsi128_si64(_mm_xor_si128(mixed, _mm_unpackhi_epi64(mixed, mixed))) as u64
}

#[target_feature(enable = "sse2")]
fn load(block: &Block) -> __m128i {
    // SAFETY: 16 bytes are read, at any alignment.
    unsafe { _mm_loadu_si128(block.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
fn load_wide(blocks: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes are read, at any alignment.
    unsafe { _mm512_loadu_si512(blocks.as_ptr().cast()) }
}
