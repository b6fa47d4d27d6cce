//! Check words: what the two people at a connection can read to each other, to be sure that nobody is between them.

use super::Keying;
use crate::wire::{CheckWords, Fingerprint};
use sha2::{Digest, Sha256};

/// What the words are of.
const LABEL: &[u8] = b"beside check words 1";

/// How often the digest is digested again. Who sits between two connections would have to try billions of keys, within
/// the seconds of a handshake, until the words of one are those of the other; this makes each try cost milliseconds.
const ROUNDS: u32 = 20_000;

/// The words of a connection between these keys: the same at both ends.
pub fn check_words(keying: &Keying, officer: &Fingerprint, host: &Fingerprint) -> CheckWords {
    let first = Sha256::new().chain_update(LABEL).chain_update(keying.binding()).chain_update(officer.0);
    let first: [u8; 32] = first.chain_update(host.0).finalize().into();
    CheckWords::of(&(0..ROUNDS).fold(first, |digest, _| Sha256::digest(digest).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_of_one_connection_between_two_keys() {
        let [ann, bob] = [1, 2].map(|n| Fingerprint([n; 32]));
        let one = Keying::new([1; 32], [2; 32]);
        let words = check_words(&one, &ann, &bob);
        assert_eq!(words.to_string().split(' ').count(), CheckWords::COUNT);
        assert_eq!(
            words,
            check_words(&Keying::new([9; 32], [2; 32]), &ann, &bob),
            "the session's secret has no part in it"
        );
        assert_ne!(words, check_words(&Keying::new([1; 32], [3; 32]), &ann, &bob));
        assert_ne!(words, check_words(&one, &bob, &ann));
        assert_ne!(words, check_words(&one, &ann, &ann));
    }
}
