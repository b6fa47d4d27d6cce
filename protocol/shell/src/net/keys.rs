//! Two keys that outlive the process, so that peers of one that was killed learn of it at once.
//!
//! A restarted program answers packets of connections that it no longer knows with a stateless reset; the peer believes
//! it only if it was made with the key that the dead program had.

use crate::state::{StateDir, StateError};
use aws_lc_rs::{hmac, rand};
use quinn::EndpointConfig;
use quinn_proto::HashedConnectionIdGenerator;
use std::{fmt, path::PathBuf, sync::Arc};

const FILE: &str = "endpoint.key";
const RESET: usize = 32;
const CONNECTION_ID: usize = 8;

/// The keys of a listening socket's stateless resets and connection ids.
#[derive(Clone)]
pub struct EndpointKeys {
    reset: [u8; RESET],
    connection_id: [u8; CONNECTION_ID],
}

/// Why there are no such keys.
#[derive(Debug, thiserror::Error)]
pub enum EndpointKeysError {
    /// The file can't be read or made, or others may read it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file holds something else.
    #[error("{} is damaged; remove it, it is made anew", .0.display())]
    Malformed(PathBuf),
}

impl EndpointKeys {
    /// Reads the keys of this machine, or makes them when there are none yet.
    pub fn open(state: &StateDir) -> Result<Self, EndpointKeysError> {
        let mut fresh = vec![0; RESET + CONNECTION_ID];
        // A machine without randomness can't make a TLS handshake either; the error is then that of the key's length.
        let fresh = rand::fill(&mut fresh).map_or_else(|_| Vec::new(), |()| fresh);
        let bytes = state.secret(FILE, || fresh)?;
        let keys = bytes
            .split_first_chunk()
            .and_then(|(&reset, rest)| Some(Self { reset, connection_id: rest.try_into().ok()? }));
        keys.ok_or_else(|| EndpointKeysError::Malformed(state.file(FILE)))
    }

    /// The configuration of a socket that uses them.
    pub(super) fn config(&self) -> EndpointConfig {
        let mut config = EndpointConfig::new(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &self.reset)));
        let key = u64::from_le_bytes(self.connection_id);
        config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(key)));
        config
    }
}

impl fmt::Debug for EndpointKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointKeys").finish_non_exhaustive()
    }
}
