//! The network: QUIC connections between two keys, and nothing else of QUIC or TLS outside this module.
//!
//! | file | has |
//! |---|---|
//! | `endpoint` | listening and dialling: the ways to a [`Link`] |
//! | `link` | a connection as messages on channels |
//! | `outgoing`, `incoming` | its two directions |
//! | `congestion` | how much may be on its way at once |
//! | `settings` | limits and timings, before approval and after it |
//! | `admission` | how many strangers may be at the door |
//! | `tls` | mutual authentication by pinned keys |
//! | `keys` | what lets peers notice a restart at once |
//! | `emulator` | bad networks for tests, with the feature of that name |

mod admission;
mod congestion;
#[cfg(feature = "emulator")]
pub mod emulator;
mod endpoint;
mod incoming;
mod keys;
mod link;
mod outgoing;
mod settings;
mod tls;

#[cfg(test)]
mod tests;

pub use endpoint::{DEFAULT_PORT, DIAL, Listener, NetError, RETRY, dial, redial};
pub use keys::{EndpointKeys, EndpointKeysError};
pub use link::{Link, LinkError, Refusal};

/// Which part a side has in a session. It has nothing to do with which side dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The user's machine.
    Host,
    /// The officer's machine.
    Officer,
}
