//! The list of a team: an organisation's signed word on which keys are revoked, and which take another's place.

use super::{
    receipt::{Notary, PublicKey, Signature, Statement, Verify},
    token::{Token, TokenError},
};
use crate::wire::Fingerprint;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// The most changes of a list.
pub const MAX_CHANGES: usize = 10_000;

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It is nobody's any more.
    Revoked(Fingerprint),
    /// Another takes its place; this one is nobody's any more.
    Rotated {
        /// The key that was.
        old: Fingerprint,
        /// The key that is.
        new: Fingerprint,
    },
}

impl Change {
    /// The key that is nobody's any more.
    pub const fn gone(&self) -> Fingerprint {
        match self {
            Self::Revoked(key) | Self::Rotated { old: key, .. } => *key,
        }
    }
}

/// All that has become of a team's keys, in the order in which it did: each list has all of those before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Which list it is, from 1: it grows.
    pub serial: u64,
    /// What has become of keys.
    pub changes: Vec<Change>,
}

impl Statement for Changes {
    const LABEL: &'static str = "beside team list 1";
}

/// A list and who has signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamList {
    /// What it says.
    pub content: Changes,
    /// The key of the organisation that says so.
    pub organisation: PublicKey,
    /// Its signature of the content.
    pub signature: Signature,
}

/// Why a list can't take the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// It is older, or another of the same number.
    #[error("it is list number {serial}, and number {known} is known already: an older list is never taken again")]
    Older {
        /// Its number.
        serial: u64,
        /// That of the other one.
        known: u64,
    },
    /// It lacks what the other has: what was revoked stays revoked.
    #[error("it leaves out changes of list number {known}, and what was revoked stays revoked")]
    Shortened {
        /// The number of the other one.
        known: u64,
    },
}

impl TeamList {
    /// What an organisation says, signed.
    pub fn new(content: Changes, organisation: &dyn Notary) -> Self {
        let signature = organisation.sign(&content.bytes());
        Self { content, organisation: organisation.key(), signature }
    }

    /// By which the organisation is known.
    pub fn issuer(&self) -> Fingerprint {
        self.organisation.fingerprint()
    }

    /// Whether the signature is the organisation's. Whether that is to be believed is for who asks.
    pub fn is_signed(&self, verify: Verify) -> bool {
        verify(&self.organisation, &self.content.bytes(), &self.signature)
    }

    /// What it says beyond a list of the same organisation, in whose place it may be put.
    pub fn beyond<'a>(&'a self, known: Option<&Self>) -> Result<&'a [Change], Stale> {
        let Some(Changes { serial: known, changes }) = known.map(|list| &list.content) else {
            return Ok(&self.content.changes);
        };
        let (serial, known) = (self.content.serial, *known);
        if serial <= known {
            return Err(Stale::Older { serial, known });
        }
        self.content.changes.strip_prefix(changes.as_slice()).ok_or(Stale::Shortened { known })
    }

    /// The keys that are nobody's any more.
    pub fn revoked(&self) -> BTreeSet<Fingerprint> {
        self.content.changes.iter().map(Change::gone).collect()
    }

    /// For each key that another has taken the place of, the one that has it now.
    pub fn successors(&self) -> BTreeMap<Fingerprint, Fingerprint> {
        let mut newest = BTreeMap::new();
        for change in self.content.changes.iter().rev() {
            if let Change::Rotated { old, new } = change {
                newest.insert(*old, newest.get(new).copied().unwrap_or(*new));
            }
        }
        newest
    }

    fn is_valid(&self) -> bool {
        let Changes { serial, changes } = &self.content;
        let moves = |change: &Change| !matches!(change, Change::Rotated { old, new } if old == new);
        *serial > 0
            && changes.len() <= MAX_CHANGES
            && changes.iter().all(moves)
            && self.organisation.0.len() <= PublicKey::MAX_BYTES
            && self.signature.0.len() <= Signature::MAX_BYTES
    }
}

impl Token for TeamList {
    const NAME: &'static str = "list of a team";
    const PREFIX: &'static str = "beside-team-1.";
    /// A fingerprint takes 53 bytes.
    const MAX_BYTES: usize = 512 + MAX_CHANGES * 107;

    fn is_valid(&self) -> bool {
        self.is_valid()
    }
}

impl fmt::Display for TeamList {
    /// Its token: one line, to be handed on as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_token())
    }
}

impl FromStr for TeamList {
    type Err = TokenError;

    /// The list of a token. Nothing is known of its signature yet: [`is_signed`](Self::is_signed).
    fn from_str(text: &str) -> Result<Self, TokenError> {
        Self::of_token(text)
    }
}
