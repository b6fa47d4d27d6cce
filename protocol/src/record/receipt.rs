//! The receipt of a session: what was asked for, granted and done, in canonical bytes that both sides sign.
//!
//! It grows in three statements, each naming the digest of the one before it. The officer signs the [`Offer`] before the
//! user is asked, the host signs the [`Answer`] when a session is granted, and both sign the [`Closing`] if they can still
//! talk then. Each is bound to the session's first connection, whose name only its two ends can derive.

use super::{certificate::Certificate, digest::Digest, entry::Actor, time::Time};
use crate::wire::{End, Fingerprint, Permissions, Proof, Request, breaks_line};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most facts of a closing; how many more there were is counted.
pub const MAX_FACTS: usize = 200;

/// What a receipt's file begins with.
const MAGIC: &[u8] = b"beside receipt 1\n";

/// The longest receipt that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A public key, as DER `SubjectPublicKeyInfo`. It may be anything up to 128 bytes until a signature has been verified by it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey(pub Vec<u8>);

impl PublicKey {
    /// The longest, in bytes; those of P-256 have 91.
    pub const MAX_BYTES: usize = 128;

    /// By which it is known.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(Digest::of(&self.0).0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// A signature: ECDSA on P-256 with SHA-256, in DER. An empty one is what a signer has that could not sign; it is of nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature(pub Vec<u8>);

impl Signature {
    /// The longest, in bytes.
    pub const MAX_BYTES: usize = 80;
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({} bytes)", self.0.len())
    }
}

/// Whether a signature is that of a message by a key.
pub type Verify = fn(&PublicKey, &[u8], &Signature) -> bool;

/// What signs for this machine, and tells whether others have signed. Handed in: nothing here has a private key.
pub trait Notary: fmt::Debug + Send + Sync {
    /// This machine's public key.
    fn key(&self) -> PublicKey;
    /// Its signature of a message.
    fn sign(&self, message: &[u8]) -> Signature;
    /// What tells whether a key has signed a message.
    fn verify(&self) -> Verify;
}

/// What can be signed.
pub trait Statement: Serialize {
    /// What its bytes begin with, so that a signature of it can't be taken for one of anything else.
    const LABEL: &'static str;

    /// The bytes that are signed: postcard of the label and the statement.
    fn bytes(&self) -> Vec<u8> {
        // Serialising to memory fails only for types that postcard can't hold; ours are plain.
        postcard::to_stdvec(&(Self::LABEL, self)).unwrap_or_default()
    }

    /// By which the next statement names it.
    fn digest(&self) -> Digest {
        Digest::of(&self.bytes())
    }
}

/// What the officer asks for, bound to the connection over which they ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The officer's key.
    pub officer: PublicKey,
    /// The host's.
    pub host: Fingerprint,
    /// The name of the connection ([`Keying::name`](crate::session::Keying::name)).
    pub connection: Digest,
    /// What is asked for, and why.
    pub request: Request,
    /// Who an organisation says that the officer is, if one does. What the host makes of it, the answer says.
    pub certificate: Option<Box<Certificate>>,
    /// The head of the officer's log by then, if there is one.
    pub head: Option<Digest>,
}

impl Statement for Offer {
    const LABEL: &'static str = "beside receipt 1: offer";
}

/// What the officer sends so that the host can put an [`Offer`] together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The officer's key.
    pub key: PublicKey,
    /// Who an organisation says that the officer is.
    pub certificate: Option<Box<Certificate>>,
    /// The head of the officer's log.
    pub head: Option<Digest>,
    /// The officer's signature of the offer.
    pub signature: Signature,
}

impl Seal {
    /// Whether all lengths are within their limits.
    pub fn is_valid(&self) -> bool {
        self.key.0.len() <= PublicKey::MAX_BYTES
            && self.signature.0.len() <= Signature::MAX_BYTES
            && self.certificate.as_ref().is_none_or(|certificate| certificate.is_valid())
    }
}

/// What the host has granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The offer.
    pub offer: Digest,
    /// The host's key.
    pub host: PublicKey,
    /// The session's number.
    pub session: u64,
    /// What may be done.
    pub permissions: Permissions,
    /// For how many seconds.
    pub seconds: u32,
    /// How the host knew who the officer is.
    pub proof: Proof,
    /// Who granted it.
    pub by: Actor,
    /// When, by the host's clock: that of the line in its log.
    pub time: Time,
    /// The head of the host's log since then.
    pub head: Digest,
}

impl Statement for Answer {
    const LABEL: &'static str = "beside receipt 1: answer";
}

/// An answer and the host's signature of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The answer.
    pub answer: Answer,
    /// The host's signature of it.
    pub signature: Signature,
}

impl Opening {
    /// Whether all lengths are within their limits.
    pub fn is_valid(&self) -> bool {
        self.answer.host.0.len() <= PublicKey::MAX_BYTES
            && self.signature.0.len() <= Signature::MAX_BYTES
            && self.answer.proof.is_valid()
    }
}

/// Something that happened in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// When, by the clock of who composed the closing.
    pub time: Time,
    /// What.
    pub what: Happened,
}

/// What may happen in a session. Later versions add at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happened {
    /// What may be done was from then on this.
    Permissions(Permissions),
    /// The connection was lost.
    Suspended,
    /// The session went on over the connection of that name.
    Resumed(Digest),
    /// The user allowed more for a while.
    Allowed {
        /// What.
        permissions: Permissions,
        /// For how many seconds.
        seconds: u32,
    },
    /// The user was asked whether it may go on, and said yes.
    Confirmed,
}

/// What became of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The answer.
    pub answer: Digest,
    /// What happened, in order.
    pub facts: Vec<Fact>,
    /// How many more facts there were.
    pub omitted: u32,
    /// Why it ended.
    pub end: End,
    /// When.
    pub time: Time,
    /// The head of the log of who composed it, since then.
    pub head: Option<Digest>,
}

impl Closing {
    /// Whether all lengths are within their limits.
    pub fn is_valid(&self) -> bool {
        self.facts.len() <= MAX_FACTS
    }
}

impl Statement for Closing {
    const LABEL: &'static str = "beside receipt 1: closing";
}

/// Who has signed a closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The closing.
    pub closing: Closing,
    /// The host's signature of it.
    pub host: Option<Signature>,
    /// The officer's.
    pub officer: Option<Signature>,
}

/// The receipt of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was asked for.
    pub offer: Offer,
    /// The officer's signature of it.
    pub signature: Signature,
    /// What was granted, with the host's signature.
    pub opening: Opening,
    /// What became of it; nothing while the session lasts, and where the program that kept this died.
    pub closed: Option<Closed>,
}

/// Which signatures a good receipt has besides those of its opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// None: it does not say how the session ended.
    Opening,
    /// The end is signed by the host alone.
    Host,
    /// The end is signed by the officer alone.
    Officer,
    /// Both have signed the end.
    Both,
}

impl fmt::Display for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opening => "the opening is signed by both, the end by nobody: the session was cut off, or is on",
            Self::Host => "the opening is signed by both, the end by the user's machine only",
            Self::Officer => "the opening is signed by both, the end by the officer's machine only",
            Self::Both => "all is signed by both",
        })
    }
}

/// Why a receipt is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is something else.
    #[error("this is no receipt of a session")]
    NoReceipt,
    /// It begins as one, but can't be read.
    #[error("the receipt is damaged: it can't be read")]
    Malformed,
    /// A part of it is not what another part names.
    #[error("the receipt's {0} does not belong to the rest of it")]
    Foreign(&'static str),
    /// A signature is not that of the key.
    #[error("the signature of the {0} is not good: what it says was altered, or somebody else has signed it")]
    Signature(&'static str),
}

impl Receipt {
    /// The bytes of its file.
    pub fn encode(&self) -> Vec<u8> {
        // As for statements.
        [MAGIC, &postcard::to_stdvec(self).unwrap_or_default()].concat()
    }

    /// The receipt that these bytes are. Nothing is known of its signatures yet: [`check`](Self::check).
    pub fn decode(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let body = bytes.strip_prefix(MAGIC).ok_or(ReceiptError::NoReceipt)?;
        if body.len() > MAX_BYTES {
            return Err(ReceiptError::Malformed);
        }
        let (receipt, rest) = postcard::take_from_bytes::<Self>(body).map_err(|_| ReceiptError::Malformed)?;
        // One receipt has one form: no other bytes are taken for it.
        if rest.is_empty() && receipt.encode() == bytes && receipt.is_valid() {
            Ok(receipt)
        } else {
            Err(ReceiptError::Malformed)
        }
    }

    /// Checks all signatures and whose they are, with nothing but the receipt itself. Whether the keys are those of whom
    /// one thinks is for the reader, who may know them.
    pub fn check(&self, verify: Verify) -> Result<Signatures, ReceiptError> {
        self.check_opening(verify)?;
        let Some(Closed { closing, host, officer }) = &self.closed else { return Ok(Signatures::Opening) };
        if closing.answer != self.opening.answer.digest() {
            return Err(ReceiptError::Foreign("end"));
        }
        let message = closing.bytes();
        let signed = |key: &PublicKey, signature: &Option<Signature>, what| match signature {
            None => Ok(false),
            Some(signature) if verify(key, &message, signature) => Ok(true),
            Some(_) => Err(ReceiptError::Signature(what)),
        };
        let host = signed(&self.opening.answer.host, host, "end by the user's machine")?;
        let officer = signed(&self.offer.officer, officer, "end by the officer's machine")?;
        Ok(match (host, officer) {
            (true, true) => Signatures::Both,
            (true, false) => Signatures::Host,
            (false, true) => Signatures::Officer,
            (false, false) => return Err(ReceiptError::Signature("end")),
        })
    }

    /// The same for what both sides have signed at the beginning.
    fn check_opening(&self, verify: Verify) -> Result<(), ReceiptError> {
        let Opening { answer, signature } = &self.opening;
        if !verify(&self.offer.officer, &self.offer.bytes(), &self.signature) {
            return Err(ReceiptError::Signature("offer"));
        }
        if answer.offer != self.offer.digest() || answer.host.fingerprint() != self.offer.host {
            return Err(ReceiptError::Foreign("answer"));
        }
        if !verify(&answer.host, &answer.bytes(), signature) {
            return Err(ReceiptError::Signature("answer"));
        }
        Ok(())
    }

    fn is_valid(&self) -> bool {
        let offer = &self.offer;
        offer.officer.0.len() <= PublicKey::MAX_BYTES
            && !offer.request.reason.contains(breaks_line)
            && offer.certificate.as_ref().is_none_or(|certificate| certificate.is_valid())
            && offer.request.ticket.as_deref().is_none_or(Request::is_ticket)
            && self.opening.is_valid()
            && self.closed.as_ref().is_none_or(|closed| closed.closing.is_valid())
    }
}
