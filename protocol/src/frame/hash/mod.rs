//! The keyed hash of a row segment, by which unchanged pixels are known without reading the previous picture.
//!
//! It never leaves the host, so it may change with the version and the processor: which instructions there are is found
//! out at run time. The key is random and new whenever a display is opened: a page on the user's screen cannot make two
//! pictures that collide. All kinds ignore the fourth byte of a pixel, in which a capture may leave anything.
//!
//! With AES instructions a segment is 16 blocks. Each is added to the secret key of its place and goes through three
//! rounds of AES; the results are summed with XOR; the sum goes through two more rounds and its halves are folded.
//! * A change in one block always changes the sum, as rounds of AES can be undone. Changes in several blocks stay unseen
//!   only when their differences cancel in the sum. A changed byte becomes 4 bytes in the first round, and 16 in the
//!   second, but of those 16 only some 2³² differences are possible: two changed bytes might meet by chance. In the third
//!   round each of the 16 passes a substitution of its own. The best that is left, four bytes chosen so that they may
//!   become one in the first round, cancels once in about 2⁸⁰ tries, and who tries does not learn the outcome.
//! * The order counts, as each place has its own key. The sum has no order, so that a processor may mix several blocks side
//!   by side: all kinds with AES give the same hash.
//! * The rounds after the sum spread it over the 64 bits that are kept.

#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "instructions that not every processor has")]
mod aarch64;
mod keys;
mod scalar;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "instructions that not every processor has")]
mod x86;

use keys::{Keys, Segment};
use scalar::Scalar;

#[cfg(target_arch = "aarch64")]
use aarch64::Aes;
#[cfg(target_arch = "x86_64")]
use x86::{Aes, WideAes};

/// Pixels across a segment; the last one of a row may be narrower.
pub(super) const SEGMENT: u32 = 64;

/// A way to hash what was captured. All find the same changes; they differ in speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKind {
    /// Multiplications, on every processor.
    Scalar,
    /// The AES instructions of x86-64 and 64-bit ARM.
    Aes,
    /// AES with AVX-512, on x86-64.
    WideAes,
}

impl HashKind {
    /// The kinds that this processor has, the fastest last.
    pub fn available() -> Vec<Self> {
        let all = [Self::Scalar, Self::Aes, Self::WideAes];
        all.into_iter().filter(|kind| SegmentHasher::of_kind(*kind, [0; 16]).is_some()).collect()
    }
}

/// Hashes segments under one key.
#[derive(Clone)]
pub(super) struct SegmentHasher(Method);

#[derive(Clone)]
enum Method {
    Scalar(Scalar),
    #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
    Aes(Aes),
    #[cfg(target_arch = "x86_64")]
    WideAes(WideAes),
}

impl SegmentHasher {
    /// The fastest hasher of this processor, for a secret, random key.
    pub(super) fn new(key: [u8; 16]) -> Self {
        let fast = Self::of_kind(HashKind::WideAes, key).or_else(|| Self::of_kind(HashKind::Aes, key));
        fast.unwrap_or_else(|| Self(Method::Scalar(Scalar::new(&Keys::new(key)))))
    }

    /// A hasher of one kind; `None` where the processor lacks it.
    pub(super) fn of_kind(kind: HashKind, key: [u8; 16]) -> Option<Self> {
        let keys = Keys::new(key);
        let method = match kind {
            HashKind::Scalar => Some(Method::Scalar(Scalar::new(&keys))),
            #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
            HashKind::Aes => Aes::new(&keys).map(Method::Aes),
            #[cfg(target_arch = "x86_64")]
            HashKind::WideAes => WideAes::new(&keys).map(Method::WideAes),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        method.map(Self)
    }

    /// Writes the hashes of whole segments side by side, one for each of `hashes`.
    pub(super) fn hash_run(&self, bgrx: &[u8], hashes: &mut [u64]) {
        let (segments, _) = bgrx.as_chunks::<{ size_of::<Segment>() }>();
        match &self.0 {
            Method::Scalar(method) => method.hash(segments, hashes),
            #[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
            Method::Aes(method) => method.hash(segments, hashes),
            #[cfg(target_arch = "x86_64")]
            Method::WideAes(method) => method.hash(segments, hashes),
        }
    }

    /// The hash of a segment, which may be narrow: then it counts as one whose further pixels are black.
    pub(super) fn hash(&self, bgrx: &[u8]) -> u64 {
        let (mut segment, mut hash): (Segment, _) = ([0; _], [0]);
        segment[..bgrx.len()].copy_from_slice(bgrx);
        self.hash_run(&segment, &mut hash);
        hash[0]
    }
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
            let pixel = at.index(pixels);
            for hasher in hashers(key) {
                let before = hasher.hash(&bytes);
                bytes[pixel * 4 + 3] ^= 0xff;
                prop_assert_eq!(hasher.hash(&bytes), before);
                bytes[pixel * 4 + bit as usize / 8] ^= 1 << (bit % 8);
                prop_assert_ne!(hasher.hash(&bytes), before);
            }
        }

        #[test]
        fn a_run_is_its_segments(bytes in prop::collection::vec(any::<u8>(), 0..20 * 256), key: [u8; 16]) {
            for hasher in hashers(key) {
                let mut run = vec![0; bytes.len() / 256];
                hasher.hash_run(&bytes, &mut run);
                let single: Vec<u64> = bytes.chunks_exact(256).map(|segment| hasher.hash(segment)).collect();
                prop_assert_eq!(run, single);
            }
        }

        #[test]
        fn aes_is_the_same_at_any_width(bytes in prop::collection::vec(any::<u8>(), 256), key: [u8; 16]) {
            let kinds = [HashKind::Aes, HashKind::WideAes];
            let mut hashes = kinds.iter().filter_map(|kind| Some(SegmentHasher::of_kind(*kind, key)?.hash(&bytes)));
            if let Some(first) = hashes.next() {
                prop_assert!(hashes.all(|hash| hash == first));
            }
        }
    }

    /// One of each kind that this processor has.
    fn hashers(key: [u8; 16]) -> Vec<SegmentHasher> {
        HashKind::available().into_iter().map(|kind| SegmentHasher::of_kind(kind, key).unwrap()).collect()
    }

    #[test]
    fn key_matters() {
        let bytes = [7; 256];
        for kind in HashKind::available() {
            let hash = |key| SegmentHasher::of_kind(kind, [key; 16]).unwrap().hash(&bytes);
            assert_ne!(hash(1), hash(2), "{kind:?}");
        }
    }

    #[test]
    fn swapped_words_change_it() {
        let bytes: Vec<u8> = (0..=255).collect();
        for (a, b) in (0..32).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mut swapped = bytes.clone();
            (0..8).for_each(|n| swapped.swap(a * 8 + n, b * 8 + n));
            for hasher in hashers([9; 16]) {
                assert_ne!(hasher.hash(&swapped), hasher.hash(&bytes), "pairs of pixels {a} and {b}");
            }
        }
    }

    #[test]
    fn swapped_pixels_change_it() {
        let bytes: Vec<u8> = (0..=255).collect();
        for (a, b) in (0..64).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mut swapped = bytes.clone();
            (0..3).for_each(|n| swapped.swap(a * 4 + n, b * 4 + n));
            for hasher in hashers([9; 16]) {
                assert_ne!(hasher.hash(&swapped), hasher.hash(&bytes), "pixels {a} and {b}");
            }
        }
    }
}
