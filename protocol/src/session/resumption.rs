//! What lets a session go on over another connection: a secret that its first connection gave, and the proof of having it.

use crate::record::Digest;
use hmac::{
    Hmac, Mac,
    digest::{Key, KeyInit},
};
use sha2::{Digest as _, Sha256};
use std::{fmt, time::Duration};
use zeroize::Zeroize;

/// How long a session waits for an officer whose connection was lost.
pub const GRACE: Duration = Duration::from_secs(5 * 60);

/// What a proof is of, so that it can't be taken for anything else that the secret may ever be used for.
const LABEL: &[u8] = b"beside session resumption 1";

/// What the name of a connection in records is made with: it gives nothing away of what proofs are bound to.
const NAME: &[u8] = b"beside connection name 1";

/// What both ends of one connection, and nobody else, can derive from its handshake.
#[derive(Clone)]
pub struct Keying {
    secret: [u8; Self::BYTES],
    binding: [u8; Self::BYTES],
}

impl Keying {
    /// The length of each part.
    pub const BYTES: usize = 32;

    /// `secret` proves later that a session was begun over this connection; `binding` names the connection in proofs
    /// that are made for it. Neither may follow from the other.
    pub const fn new(secret: [u8; Self::BYTES], binding: [u8; Self::BYTES]) -> Self {
        Self { secret, binding }
    }

    /// The name of the connection in receipts, which anybody may know: SHA-256 of a label and the binding.
    pub fn name(&self) -> Digest {
        Digest(Sha256::new().chain_update(NAME).chain_update(self.binding).finalize().into())
    }

    /// The proof, sent over the connection of `now`, that its sender began `session` over this one: HMAC-SHA256.
    pub fn proof(&self, session: u64, now: &Self) -> [u8; Self::BYTES] {
        self.mac(session, now).finalize().into_bytes().into()
    }

    /// Whether `proof` is that proof; takes as long for any wrong one.
    pub(super) fn is_proven(&self, session: u64, now: &Self, proof: &[u8; Self::BYTES]) -> bool {
        self.mac(session, now).verify_slice(proof).is_ok()
    }

    /// What names the connection in proofs that are made for it.
    pub(super) const fn binding(&self) -> &[u8; Self::BYTES] {
        &self.binding
    }

    fn mac(&self, session: u64, now: &Self) -> Hmac<Sha256> {
        // HMAC fills up a short key with zeros.
        let mut key = Key::<Hmac<Sha256>>::default();
        key[..Self::BYTES].copy_from_slice(&self.secret);
        let mac = <Hmac<Sha256> as KeyInit>::new(&key);
        key.as_mut_slice().zeroize();
        mac.chain_update(LABEL).chain_update(session.to_le_bytes()).chain_update(now.binding)
    }
}

impl Drop for Keying {
    fn drop(&mut self) {
        self.secret.zeroize();
        self.binding.zeroize();
    }
}

impl fmt::Debug for Keying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keying").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keying(n: u8) -> Keying {
        Keying::new([n; 32], [n + 100; 32])
    }

    #[test]
    fn a_proof_is_of_one_session_by_one_secret_over_one_connection() {
        let (first, now) = (keying(1), keying(2));
        let proof = first.proof(7, &now);
        assert!(first.is_proven(7, &now, &proof));
        assert!(!first.is_proven(8, &now, &proof), "another session");
        assert!(!first.is_proven(7, &keying(3), &proof), "another connection");
        assert!(!now.is_proven(7, &now, &proof), "another secret");
        assert!((0..32).all(|at| {
            let mut wrong = proof;
            wrong[at] ^= 1;
            !first.is_proven(7, &now, &wrong)
        }));
    }

    #[test]
    fn the_bytes_of_a_proof_are_those_of_the_documentation() {
        let proof = keying(1).proof(7, &keying(2));
        let hex = proof.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex, "2739c76f79a1f12b348c647bccf49ab6524ba9ae3fb436516a8e588974dd655c");
    }

    #[test]
    fn the_name_for_records_tells_nothing_of_the_rest() {
        assert_eq!(keying(2).name(), Keying::new([9; 32], [102; 32]).name(), "it follows from the binding alone");
        assert_ne!(keying(2).name(), keying(3).name());
        assert_ne!(keying(2).name().0, [102; 32]);
    }

    #[test]
    fn nothing_of_it_is_told() {
        assert_eq!(format!("{:?}", keying(1)), "Keying { .. }");
    }
}
