//! Signatures for tests: the same everywhere and made by nothing but hashing, so they prove nothing to anybody else.

use beside_protocol::{
    record::{Digest, Notary, PublicKey, Seal, Signature, Verify},
    session::Papers,
    wire::Fingerprint,
};
use std::sync::Arc;

/// The number of the host's key.
pub const HOST: u8 = 0;

/// Signs for the officer of a number, or for the host.
#[derive(Clone, Copy, Debug)]
pub struct TestNotary(pub u8);

impl TestNotary {
    /// As the machines take it.
    pub fn of(number: u8) -> Arc<dyn Notary> {
        Arc::new(Self(number))
    }

    /// Who signs with that key; nobody's are taken for those of number 255.
    pub fn with(key: Fingerprint) -> Arc<dyn Notary> {
        Self::of((0..u8::MAX).find(|&number| key_of(number) == key).unwrap_or(u8::MAX))
    }
}

impl Notary for TestNotary {
    fn key(&self) -> PublicKey {
        PublicKey(vec![self.0; 91])
    }

    fn sign(&self, message: &[u8]) -> Signature {
        seal(&self.key(), message)
    }

    fn verify(&self) -> Verify {
        verify
    }
}

/// The key of an officer's number.
pub fn key_of(number: u8) -> Fingerprint {
    TestNotary(number).key().fingerprint()
}

/// The key of the host.
pub fn host_key() -> Fingerprint {
    key_of(HOST)
}

/// With what an officer signs, and to whom.
pub fn papers(officer: Fingerprint) -> Papers {
    Papers { notary: TestNotary::with(officer), host: host_key(), certificate: None, head: None }
}

/// An officer's seal of nothing: what is under it is no request of theirs.
pub fn seal_of_nothing(number: u8) -> Seal {
    Seal { key: TestNotary(number).key(), certificate: None, head: None, signature: Signature(Vec::new()) }
}

/// Whether a signature is one of [`TestNotary`]'s.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    seal(key, message) == *signature
}

fn seal(key: &PublicKey, message: &[u8]) -> Signature {
    Signature(Digest::of(&[&key.0, message].concat()).0.to_vec())
}
