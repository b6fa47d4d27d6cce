//! How the host calls an officer towards its user.

use super::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whom a question or a session is about, from the host's own records, or from an organisation that they allow; never anything
/// that the officer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    /// Somebody who has this name there; of whom an organisation vouches for, the organisation's name follows.
    Named(String),
    /// Somebody who has none, and is known by the key alone.
    Unknown(Fingerprint),
}

impl From<&str> for Who {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl fmt::Display for Who {
    /// In English, for logs and terminals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Unknown(key) => write!(f, "Someone whose key is {}", key.words()),
        }
    }
}
