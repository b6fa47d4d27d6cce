//! Signed statements as one line of text: a label and base 64, of which there is one form only.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};

/// Why a text is not the token that it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is something else.
    #[error("this is no {0}")]
    Other(&'static str),
    /// It begins as one, but is longer than any.
    #[error("this {0} is longer than any may be")]
    TooLong(&'static str),
    /// It begins as one, but can't be read.
    #[error("this {0} is damaged: it can't be read")]
    Malformed(&'static str),
}

/// What is written as a token.
pub(super) trait Token: Serialize + DeserializeOwned {
    /// What it is, in words.
    const NAME: &'static str;
    /// What its text begins with.
    const PREFIX: &'static str;
    /// The most bytes that are read, before they are written in base 64.
    const MAX_BYTES: usize;

    /// Whether all values are within their limits.
    fn is_valid(&self) -> bool;

    /// Its text, of one line without an end.
    fn to_token(&self) -> String {
        // Serialising to memory fails only for types that postcard can't hold; ours are plain.
        let bytes = postcard::to_stdvec(self).unwrap_or_default();
        Self::PREFIX.to_owned() + &BASE64URL_NOPAD.encode(&bytes)
    }

    /// What a text is; white space around it does not matter. Nothing is known of signatures in it.
    fn of_token(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let body = text.strip_prefix(Self::PREFIX).ok_or(TokenError::Other(Self::NAME))?;
        if body.len() > Self::MAX_BYTES.div_ceil(3) * 4 {
            return Err(TokenError::TooLong(Self::NAME));
        }
        let malformed = TokenError::Malformed(Self::NAME);
        let bytes = BASE64URL_NOPAD.decode(body.as_bytes()).map_err(|_| malformed)?;
        let token: Self = postcard::from_bytes(&bytes).map_err(|_| malformed)?;
        // Of what can be written in several ways only one is taken, and nothing may follow.
        if token.is_valid() && token.to_token() == text { Ok(token) } else { Err(malformed) }
    }
}
