//! Who a peer is: the fingerprint of its public key.

use super::words;
use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// SHA-256 of a peer's public key (its DER `SubjectPublicKeyInfo`): the KEY of the command line.
///
/// Written as 52 lower-case base-32 letters and digits (RFC 4648, without padding).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The first 16 letters in groups of four: enough to tell keys apart on a screen, not to trust one.
    pub fn short(&self) -> String {
        let token = self.to_string();
        [&token[..4], &token[4..8], &token[8..12], &token[12..16]].join(" ")
    }

    /// Its first 66 bits as six words of the English list of BIP-39: for two people to compare by voice.
    pub fn words(&self) -> String {
        words::phrase(&self.0, 6)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE32_NOPAD.encode(&self.0).to_ascii_lowercase())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no KEY: a key is the 52 letters and digits that `identity` prints on the other machine")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(token: &str) -> Result<Self, InvalidFingerprint> {
        let bytes = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).map_err(|_| InvalidFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| InvalidFingerprint)
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_of_the_first_bits() {
        let mut key = Fingerprint([0xa5; 32]);
        assert_eq!(key.words(), "pizza coffee harvest ensure fog spot");
        let words = key.words();
        key.0[9..].fill(0);
        assert_eq!(key.words(), words);
        key.0[0] ^= 0x80;
        assert_ne!(key.words(), words);
    }

    #[test]
    fn tokens_read_back() {
        let key = Fingerprint([0xa5; 32]);
        let token = key.to_string();
        assert_eq!(token.len(), 52);
        assert_eq!(token.parse(), Ok(key));
        assert_eq!(token.to_uppercase().parse(), Ok(key));
        assert_eq!(token[1..].parse::<Fingerprint>(), Err(InvalidFingerprint));
        assert_eq!("".parse::<Fingerprint>(), Err(InvalidFingerprint));
    }
}
