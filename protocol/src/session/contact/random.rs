//! Random numbers out of a seed that was handed in: HMAC-SHA256 of a counter.

use hmac::{Hmac, Mac, digest::KeyInit};
use rand_core::{CryptoRng, Error, RngCore, impls};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroize;

/// The length of one block of it.
const BLOCK: usize = 32;

/// A stream of random numbers, as good as its seed.
pub(super) struct Draws {
    seed: [u8; BLOCK],
    block: [u8; BLOCK],
    used: usize,
    counter: u64,
}

impl Draws {
    /// From 32 random bytes that are used for nothing else.
    pub(super) const fn new(seed: [u8; BLOCK]) -> Self {
        Self { seed, block: [0; BLOCK], used: BLOCK, counter: 0 }
    }

    fn next_byte(&mut self) -> u8 {
        if self.used == BLOCK {
            let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
            key[..BLOCK].copy_from_slice(&self.seed);
            let block = <Hmac<Sha256> as KeyInit>::new(&key).chain_update(self.counter.to_le_bytes()).finalize();
            key.as_mut_slice().zeroize();
            self.block = block.into_bytes().into();
            (self.used, self.counter) = (0, self.counter + 1);
        }
        self.used += 1;
        self.block[self.used - 1]
    }
}

impl RngCore for Draws {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.next_byte());
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Draws {}

impl Drop for Draws {
    fn drop(&mut self) {
        self.seed.zeroize();
        self.block.zeroize();
    }
}

impl fmt::Debug for Draws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draws").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream_however_it_is_taken() {
        let (mut whole, mut parts) = ([0; 100], [0; 100]);
        Draws::new([1; 32]).fill_bytes(&mut whole);
        let mut draws = Draws::new([1; 32]);
        parts.chunks_mut(7).for_each(|part| draws.fill_bytes(part));
        assert_eq!(whole, parts);
        Draws::new([2; 32]).fill_bytes(&mut parts);
        assert_ne!(whole, parts);
        assert_ne!(whole[..32], whole[32..64]);
    }
}
