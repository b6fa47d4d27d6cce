//! Who this machine is: one long-lived key, made on the first start and known by its fingerprint.

use crate::{
    keyring,
    state::{StateDir, StateError},
    vault::{self, Secret, VaultError},
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use beside_protocol::{
    record::{Notary, PublicKey, Signature, Verify},
    wire::Fingerprint,
};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SigningKey};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

pub use crate::vault::{Kept, Keys};

/// What a DER `SubjectPublicKeyInfo` of P-256 begins with, before the point: RFC 5480, section 2.
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// This machine's key (ECDSA on P-256) and a certificate for it.
///
/// The certificate is made anew at each start and says nothing but the key: no host name, no user. Peers pin the key.
pub struct Identity {
    key: KeyPair,
    certificate: Vec<u8>,
    fingerprint: Fingerprint,
    kept: Kept,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The key can't be read or kept where it is, or others may read it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The file of another key than this machine's own can't be read or made, or others may read it.
    #[error(transparent)]
    State(#[from] StateError),
    /// Something else than a key is kept.
    #[error(
        "what is kept {kept} is no usable key ({why}); restore it from a backup, or remove it to get a new key that peers must enrol again"
    )]
    Malformed {
        /// Where.
        kept: Kept,
        /// What is wrong with it.
        why: rcgen::Error,
    },
    /// The cryptographic library refused.
    #[error("no key could be made: {0}")]
    Make(rcgen::Error),
}

impl Identity {
    /// Reads the key of this machine, or makes it when there is none yet and keeps it there.
    pub fn open(state: &StateDir, keys: Keys) -> Result<Self, IdentityError> {
        let (pem, kept) = vault::open(state, keys, &keyring::system(), || {
            let (key, bytes) = generate()?;
            let name = fingerprint(&key.subject_public_key_info()).to_string();
            Ok::<_, IdentityError>(Secret { name, bytes })
        })?;
        Self::read(&pem, kept)
    }

    /// Makes a key in a file for its owner only; an error where there is one already.
    pub(crate) fn create(state: &StateDir, file: &str) -> Result<Self, IdentityError> {
        let (_, bytes) = generate()?;
        state.create_secret(file, &bytes)?;
        Self::read(&bytes, Kept::File(state.file(file)))
    }

    /// Reads the key that [`create`](Self::create) made, if it did.
    pub(crate) fn existing(state: &StateDir, file: &str) -> Result<Option<Self>, IdentityError> {
        let bytes = state.existing_secret(file)?.map(Zeroizing::new);
        bytes.map(|bytes| Self::read(&bytes, Kept::File(state.file(file)))).transpose()
    }

    /// Where the private key is kept.
    pub const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What the peer knows this machine by: the KEY of the command line.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The certificate, in DER.
    pub(crate) fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// The private key, as PKCS #8 in DER.
    pub(crate) fn private_key(&self) -> &[u8] {
        self.key.serialized_der()
    }

    fn read(pem: &[u8], kept: Kept) -> Result<Self, IdentityError> {
        match KeyPair::from_pem_and_sign_algo(&String::from_utf8_lossy(pem), &PKCS_ECDSA_P256_SHA256) {
            Ok(key) => Self::new(key, kept).map_err(IdentityError::Make),
            Err(why) => Err(IdentityError::Malformed { kept, why }),
        }
    }

    fn new(key: KeyPair, kept: Kept) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Beside");
        let certificate = params.self_signed(&key)?.der().to_vec();
        let fingerprint = fingerprint(&key.subject_public_key_info());
        Ok(Self { key, certificate, fingerprint, kept })
    }
}

impl Notary for Identity {
    fn key(&self) -> PublicKey {
        PublicKey(self.key.subject_public_key_info())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        // It fails only when the system gives no random numbers; an empty signature is of nothing, and nobody takes it.
        Signature(self.key.sign(message).unwrap_or_default())
    }

    fn verify(&self) -> Verify {
        verify
    }
}

/// A new key, and its PKCS #8 in PEM.
fn generate() -> Result<(KeyPair, Zeroizing<Vec<u8>>), IdentityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(IdentityError::Make)?;
    let pem = Zeroizing::new(key.serialize_pem().into_bytes());
    Ok((key, pem))
}

/// Whether a signature is that of a message by a key: ECDSA on P-256 with SHA-256.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let Some(point) = key.0.strip_prefix(P256) else { return false };
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, &signature.0).is_ok()
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish_non_exhaustive()
    }
}

/// The fingerprint of a public key, given as a DER `SubjectPublicKeyInfo`.
pub(crate) fn fingerprint(public_key: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(public_key).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{state::tests::temporary, vault::FILE};

    #[test]
    fn the_key_stays_and_the_certificate_names_nobody() {
        let (_parent, state) = temporary();
        let first = Identity::open(&state, Keys::File).unwrap();
        let second = Identity::open(&state, Keys::File).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.private_key(), second.private_key());
        let debug = format!("{first:?}");
        assert_eq!(debug, format!("Identity(Fingerprint({}), ..)", first.fingerprint()));
        let (_other_parent, other) = temporary();
        assert_ne!(Identity::open(&other, Keys::File).unwrap().fingerprint(), first.fingerprint());
    }

    #[test]
    fn a_signature_is_of_one_message_by_one_key() {
        let ((_one, state), (_two, other)) = (temporary(), temporary());
        let (own, other) = (Identity::open(&state, Keys::File).unwrap(), Identity::open(&other, Keys::File).unwrap());
        let signature = own.sign(b"message");
        assert_eq!(own.key().fingerprint(), own.fingerprint());
        assert!(own.key().0.len() <= PublicKey::MAX_BYTES && signature.0.len() <= Signature::MAX_BYTES);
        assert!(verify(&own.key(), b"message", &signature));
        assert!(!verify(&own.key(), b"another", &signature));
        assert!(!verify(&other.key(), b"message", &signature));
        assert!(!verify(&own.key(), b"message", &Signature(Vec::new())));
        assert!(!verify(&PublicKey(Vec::new()), b"message", &signature));
    }

    #[test]
    fn a_file_that_is_no_key_is_named_and_kept() {
        let (_parent, state) = temporary();
        state.replace(FILE, b"nonsense").unwrap();
        let error = Identity::open(&state, Keys::File).unwrap_err();
        assert!(
            matches!(&error, IdentityError::Malformed { kept: Kept::File(path), .. } if *path == state.file(FILE)),
            "{error}"
        );
        assert_eq!(std::fs::read(state.file(FILE)).unwrap(), b"nonsense");
    }
}
