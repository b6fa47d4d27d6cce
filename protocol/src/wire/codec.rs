//! How a message becomes bytes: postcard, whole messages only; and the length prefix of streams that carry several.

use serde::{Serialize, de::DeserializeOwned};

/// Bytes of the length prefix (little endian) before each message on a stream that carries several.
pub const FRAMING: usize = 4;

/// Bytes that are no message of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Longer than the channel allows.
    #[error("a message is longer than its channel allows")]
    TooLong,
    /// Not the encoding of such a message, or with bytes left over.
    #[error("a message could not be read")]
    Malformed,
    /// A value in it is beyond what is allowed.
    #[error("a message holds a value out of range")]
    OutOfRange,
}

/// A message of the wire. Decoding allocates no more than the bytes given, and checks every value.
pub trait Message: Serialize + DeserializeOwned {
    /// Whether all values are within their limits.
    fn is_valid(&self) -> bool;

    /// Its bytes, without a length prefix.
    fn encode(&self) -> Vec<u8> {
        // Serialising to memory fails only for types that postcard can't hold; ours are plain.
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// The message that `bytes` are, all of them.
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let (message, rest) = postcard::take_from_bytes::<Self>(bytes).map_err(|_| Invalid::Malformed)?;
        match (rest.is_empty(), message.is_valid()) {
            (false, _) => Err(Invalid::Malformed),
            (true, false) => Err(Invalid::OutOfRange),
            (true, true) => Ok(message),
        }
    }
}

/// The length that a prefix announces, if the channel's `limit` allows it.
pub fn length(prefix: [u8; FRAMING], limit: usize) -> Result<usize, Invalid> {
    let length = u32::from_le_bytes(prefix) as usize;
    if length <= limit { Ok(length) } else { Err(Invalid::TooLong) }
}
