//! The network: QUIC connections between two keys, and nothing else of QUIC or TLS outside this module.
//!
//! | file | has |
//! |---|---|
//! | `endpoint` | listening and dialling: the ways to a [`Link`] |
//! | `redial` | the way back to a peer whose link was lost |
//! | `link` | a connection as messages on channels |
//! | `moves` | a peer whose network changes meanwhile |
//! | `outgoing`, `incoming` | its two directions |
//! | `settings` | limits and timings, before approval and after it |
//! | `admission` | how many strangers may be at the door |
//! | `tls` | mutual authentication by pinned keys |
//! | `keys` | what lets peers notice a restart at once |

mod admission;
mod endpoint;
mod incoming;
mod keys;
mod link;
mod moves;
mod outgoing;
mod redial;
mod settings;
mod tls;

#[cfg(test)]
mod tests;

pub use endpoint::{DEFAULT_PORT, DIAL, Listener, NetError, dial};
pub use keys::{EndpointKeys, EndpointKeysError};
pub use link::{Link, LinkError, Refusal};
pub use redial::{RETRY, redial};

/// Which part a side has in a session. It has nothing to do with which side dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The user's machine.
    Host,
    /// The officer's machine.
    Officer,
}
