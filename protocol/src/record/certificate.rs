//! The certificate of an officer: an organisation's signed word on whose a key is, and for how long.

use super::{
    receipt::{Notary, PublicKey, Signature, Statement, Verify},
    time::Time,
    token::{Token, TokenError},
};
use crate::wire::{Fingerprint, breaks_line};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What an organisation says of an officer. Names are as it writes them: who reads them has to make sure that they deceive nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// What the organisation calls itself.
    pub organisation: String,
    /// The officer's name.
    pub officer: String,
    /// The officer's key.
    pub key: Fingerprint,
    /// From when it holds, in seconds since 1970 (UTC).
    pub from: u64,
    /// Until when it holds, that moment not included.
    pub until: u64,
}

impl Claim {
    /// The longest name, in bytes.
    pub const MAX_NAME: usize = 240;

    /// Whether the values are within their limits: both names are lines, and there is a time at which it holds.
    pub fn is_valid(&self) -> bool {
        let is_name = |name: &str| !name.is_empty() && name.len() <= Self::MAX_NAME && !name.contains(breaks_line);
        is_name(&self.organisation) && is_name(&self.officer) && self.from < self.until
    }
}

impl Statement for Claim {
    const LABEL: &'static str = "beside certificate 1";
}

/// A claim and who has signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is said.
    pub claim: Claim,
    /// The key of the organisation that says so.
    pub organisation: PublicKey,
    /// Its signature of the claim.
    pub signature: Signature,
}

/// Why a certificate proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CertificateFault {
    /// The signature is not the organisation's: it was altered, or somebody else has made it.
    Forged,
    /// It is another officer's.
    Foreign,
    /// It is of an organisation that this machine does not allow.
    Unknown,
    /// It does not hold yet.
    Early,
    /// It does not hold any more.
    Expired,
    /// The name in it can't be shown: it may be taken for somebody else's, or is none.
    Name,
}

impl CertificateFault {
    /// A sentence for the officer.
    pub(crate) const fn to_officer(self) -> &'static str {
        match self {
            Self::Forged => {
                "your certificate is not good: it was altered, or not made by the organisation that it names; ask for another"
            }
            Self::Foreign => {
                "your certificate is for another key than yours; have one made for what `beside-viewer identity` prints"
            }
            Self::Unknown => {
                "the user's machine does not allow the organisation that vouches for you; have `beside-server allow-organisation` run there, or ask the user for a code and use `--code -`"
            }
            Self::Early => {
                "your certificate does not hold yet; wait, or see whether the clocks of both machines are right"
            }
            Self::Expired => "your certificate has expired; ask your organisation for another",
            Self::Name => {
                "the name in your certificate may be taken for that of somebody whom the user's machine knows; ask for a certificate with another name, or to be enrolled there"
            }
        }
    }
}

impl Certificate {
    /// What an organisation says, signed.
    pub fn new(claim: Claim, organisation: &dyn Notary) -> Self {
        let signature = organisation.sign(&claim.bytes());
        Self { claim, organisation: organisation.key(), signature }
    }

    /// By which the organisation is known.
    pub fn issuer(&self) -> Fingerprint {
        self.organisation.fingerprint()
    }

    /// Whether all lengths are within their limits.
    pub fn is_valid(&self) -> bool {
        self.claim.is_valid()
            && self.organisation.0.len() <= PublicKey::MAX_BYTES
            && self.signature.0.len() <= Signature::MAX_BYTES
    }

    /// Whether the signature is the organisation's.
    pub fn is_signed(&self, verify: Verify) -> bool {
        verify(&self.organisation, &self.claim.bytes(), &self.signature)
    }

    /// Checks the signature, and that it holds at `now`. Whose certificate it is and whether the organisation is to be believed is
    /// for who asks.
    pub fn check(&self, now: Time, verify: Verify) -> Result<(), CertificateFault> {
        let seconds = now.millis() / 1000;
        if !self.is_valid() || !self.is_signed(verify) {
            Err(CertificateFault::Forged)
        } else if seconds < self.claim.from {
            Err(CertificateFault::Early)
        } else if seconds >= self.claim.until {
            Err(CertificateFault::Expired)
        } else {
            Ok(())
        }
    }
}

impl Token for Certificate {
    const NAME: &'static str = "certificate";
    const PREFIX: &'static str = "beside-certificate-1.";
    const MAX_BYTES: usize = 1024;

    fn is_valid(&self) -> bool {
        self.is_valid()
    }
}

impl fmt::Display for Certificate {
    /// Its token: one line, to be handed on as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_token())
    }
}

impl FromStr for Certificate {
    type Err = TokenError;

    /// The certificate of a token. Nothing is known of its signature yet: [`check`](Self::check).
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::of_token(text)
    }
}
