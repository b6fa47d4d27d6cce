//! The proof that two sides know the same code: SPAKE2, bound to the connection and to both keys, with both confirming.
//!
//! ```text
//! officer ── CodeShare ─▶ host      neither share tells anything of the code
//! officer ◀─ CodeShare ── host      from here on a guess is used
//! officer ── CodeProof ─▶ host      the officer confirms first: who does not know the code learns nothing
//! officer ◀─ CodeProof ── host      and only who knew it gets the host's confirmation
//! ```

use super::{Code, random::Draws};
use crate::{session::Keying, wire::Fingerprint};
use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::Sha256;
use spake2::{Ed25519Group, Identity, Password, Spake2};
use std::fmt;
use zeroize::Zeroizing;

/// The length of a share, and of a proof.
pub const BYTES: usize = 32;

/// What each side proves with, so that neither proof can be taken for the other or for anything else.
const OFFICER: &[u8] = b"beside first contact 1 officer";
const HOST: &[u8] = b"beside first contact 1 host";

/// `spake2` marks whose share it is in a first byte. It does not travel: each side knows whose share it reads.
const SIDE_OF_OFFICER: u8 = b'A';
const SIDE_OF_HOST: u8 = b'B';

/// The connection that a proof is for, as each end knows it. Where somebody is between the two, they don't know the same.
#[derive(Clone, Debug)]
pub struct Ends {
    /// The officer's key.
    pub officer: Fingerprint,
    /// The host's key.
    pub host: Fingerprint,
    /// What only the ends of this connection know.
    pub keying: Keying,
}

/// The officer's side, before the host's share has come.
pub struct Opening {
    exchange: Spake2<Ed25519Group>,
    share: [u8; BYTES],
    ends: Ends,
}

/// The officer's side, after it: what the host has to prove.
#[derive(Debug)]
pub struct Expected(Hmac<Sha256>);

/// The host's side, after it has answered: what the officer has to prove, and what the host then confirms.
pub struct Challenge {
    expected: Hmac<Sha256>,
    confirmation: Zeroizing<[u8; BYTES]>,
}

impl Opening {
    /// Begins the exchange; `seed` is 32 random bytes, for this once. Also returns the share to send.
    pub fn new(code: &Code, ends: Ends, seed: [u8; 32]) -> (Self, [u8; BYTES]) {
        let (officer, host) = ends.identities();
        let (exchange, message) =
            Spake2::start_a_with_rng(&Password::new(code.password()), &officer, &host, Draws::new(seed));
        let share = without_side(&message);
        (Self { exchange, share, ends }, share)
    }

    /// Takes the host's share: returns what to prove to it, and what it has to prove. `None` if that is no share.
    pub fn answer(self, theirs: &[u8; BYTES]) -> Option<([u8; BYTES], Expected)> {
        let key = Zeroizing::new(self.exchange.finish(&with_side(SIDE_OF_HOST, theirs)).ok()?);
        let [officer, host] = self.ends.proofs(&key, &self.share, theirs)?;
        Some((officer.finalize().into_bytes().into(), Expected(host)))
    }
}

impl Expected {
    /// Whether that is the proof; takes as long for any wrong one.
    pub fn is(self, proof: &[u8; BYTES]) -> bool {
        self.0.verify_slice(proof).is_ok()
    }
}

impl Challenge {
    /// Answers an officer's share: what the officer has to prove, and the share to send. `None` if theirs is no share.
    pub(super) fn new(
        code: &Code,
        ends: &Ends,
        draws: &mut Draws,
        theirs: &[u8; BYTES],
    ) -> Option<(Self, [u8; BYTES])> {
        let (officer, host) = ends.identities();
        let (exchange, message) =
            Spake2::<Ed25519Group>::start_b_with_rng(&Password::new(code.password()), &officer, &host, draws);
        let share = without_side(&message);
        let key = Zeroizing::new(exchange.finish(&with_side(SIDE_OF_OFFICER, theirs)).ok()?);
        let [expected, confirmation] = ends.proofs(&key, theirs, &share)?;
        let confirmation = Zeroizing::new(confirmation.finalize().into_bytes().into());
        Some((Self { expected, confirmation }, share))
    }

    /// The host's confirmation, if the officer's proof is right; takes as long for any wrong one.
    pub(in crate::session) fn confirm(self, proof: &[u8; BYTES]) -> Option<[u8; BYTES]> {
        self.expected.verify_slice(proof).ok().map(|()| *self.confirmation)
    }
}

impl Ends {
    fn identities(&self) -> (Identity, Identity) {
        (Identity::new(&self.officer.0), Identity::new(&self.host.0))
    }

    /// The proofs of officer and host: HMAC-SHA256 over the connection, both keys and both shares, all of fixed lengths.
    fn proofs(&self, key: &[u8], officers: &[u8; BYTES], hosts: &[u8; BYTES]) -> Option<[Hmac<Sha256>; 2]> {
        let keyed = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
        let proof = |label: &[u8]| {
            let mac = keyed.clone().chain_update(label).chain_update(self.keying.binding());
            mac.chain_update(self.officer.0).chain_update(self.host.0).chain_update(officers).chain_update(hosts)
        };
        Some([proof(OFFICER), proof(HOST)])
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").finish_non_exhaustive()
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge").finish_non_exhaustive()
    }
}

fn without_side(message: &[u8]) -> [u8; BYTES] {
    let mut share = [0; BYTES];
    share.copy_from_slice(&message[1..]);
    share
}

fn with_side(side: u8, share: &[u8; BYTES]) -> [u8; 1 + BYTES] {
    let mut message = [side; 1 + BYTES];
    message[1..].copy_from_slice(share);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn ends(connection: u8) -> Ends {
        Ends {
            officer: Fingerprint([1; 32]),
            host: Fingerprint([2; 32]),
            keying: Keying::new([connection; 32], [connection; 32]),
        }
    }

    fn code(number: u32) -> Code {
        number.try_into().unwrap()
    }

    /// One exchange with what each side believes: whether the host took the officer's proof, and the officer the host's.
    fn exchange(officer: (&Code, Ends), host: (&Code, Ends)) -> (bool, Option<bool>) {
        let (opening, share) = Opening::new(officer.0, officer.1, [7; 32]);
        let (challenge, answer) = Challenge::new(host.0, &host.1, &mut Draws::new([8; 32]), &share).unwrap();
        let (proof, expected) = opening.answer(&answer).unwrap();
        let confirmation = challenge.confirm(&proof);
        (confirmation.is_some(), confirmation.map(|confirmation| expected.is(&confirmation)))
    }

    #[test]
    fn the_same_code_on_the_same_connection_proves_both() {
        assert_eq!(exchange((&code(5), ends(1)), (&code(5), ends(1))), (true, Some(true)));
    }

    #[test]
    fn another_code_connection_or_key_proves_nothing() {
        let good = code(5);
        assert_eq!(exchange((&code(6), ends(1)), (&good, ends(1))), (false, None));
        assert_eq!(exchange((&good, ends(2)), (&good, ends(1))), (false, None), "another connection");
        let other = Ends { officer: Fingerprint([9; 32]), ..ends(1) };
        assert_eq!(exchange((&good, other), (&good, ends(1))), (false, None), "another officer's key");
        let other = Ends { host: Fingerprint([9; 32]), ..ends(1) };
        assert_eq!(exchange((&good, other), (&good, ends(1))), (false, None), "another host's key");
    }

    #[test]
    fn a_proof_sent_back_is_no_confirmation() {
        let (opening, share) = Opening::new(&code(5), ends(1), [7; 32]);
        let (_, answer) = Challenge::new(&code(5), &ends(1), &mut Draws::new([8; 32]), &share).unwrap();
        let (proof, expected) = opening.answer(&answer).unwrap();
        assert!(!expected.is(&proof));
        let (opening, share) = Opening::new(&code(5), ends(1), [7; 32]);
        assert!(opening.answer(&share).is_none_or(|(proof, expected)| !expected.is(&proof)), "its own share");
    }

    #[test]
    fn what_is_no_point_is_no_share() {
        let (opening, _) = Opening::new(&code(5), ends(1), [7; 32]);
        let mut nowhere = [0; BYTES];
        nowhere[0] = 2;
        assert!(opening.answer(&nowhere).is_none());
        assert!(Challenge::new(&code(5), &ends(1), &mut Draws::new([8; 32]), &nowhere).is_none());
    }

    /// §B.1, row 6: an officer who logs everything can't tell afterwards which of many codes the host had. For each code
    /// there is a run with the very same shares; only a confirmation would tell, and that comes after the officer's.
    #[test]
    fn a_rogue_officer_s_log_of_the_host_tells_nothing_of_the_code() {
        let (_, share) = Opening::new(&code(1), ends(1), [7; 32]);
        let mut answers = BTreeSet::new();
        for number in 0..200 {
            let (challenge, answer) =
                Challenge::new(&code(number), &ends(1), &mut Draws::new([8; 32]), &share).unwrap();
            answers.insert(answer);
            assert_eq!(challenge.confirm(&[0; BYTES]), None, "no confirmation for a wrong proof");
        }
        assert_eq!(answers.len(), 200, "a code moves the share and is not seen in it");
    }

    /// §B.1, row 6: a host that logs the officer's share and proof, and tries a dictionary on them, finds the one code that
    /// it had put into its own share, and no other.
    #[test]
    fn a_rogue_host_s_log_of_the_officer_tells_one_guess_only() {
        let (right, guessed) = (code(77), code(78));
        let (opening, share) = Opening::new(&right, ends(1), [7; 32]);
        let (_, answer) = Challenge::new(&guessed, &ends(1), &mut Draws::new([8; 32]), &share).unwrap();
        let (proof, _) = opening.answer(&answer).unwrap();
        for number in 0..300 {
            // The same secret scalar with every code of the dictionary, but the share that was sent stays sent.
            let (challenge, other) = Challenge::new(&code(number), &ends(1), &mut Draws::new([8; 32]), &share).unwrap();
            assert_eq!(other == answer, number == 78);
            assert_eq!(challenge.confirm(&proof), None, "{number}");
        }
    }
}
