//! The network: QUIC connections between two keys, and nothing else of QUIC or TLS outside this module.
//!
//! | file | has |
//! |---|---|
//! | `endpoint` | listening and dialling: the ways to a [`Link`] |
//! | `attempt` | how an attempt fails, and how UDP and TCP take turns |
//! | `tunnel` | QUIC's packets through TLS over TCP, where UDP is blocked |
//! | `redial` | the way back to a peer whose link was lost |
//! | `link` | a connection as messages on channels |
//! | `moves` | a peer whose network changes meanwhile |
//! | `outgoing`, `incoming` | its two directions |
//! | `congestion` | how much may be on its way at once |
//! | `copies` | second copies of small frames, where packets are lost |
//! | `settings` | limits and timings, before approval and after it |
//! | `admission` | how many strangers may be at the door |
//! | `tls` | mutual authentication by pinned keys |
//! | `keys` | what lets peers notice a restart at once |
//! | `emulator` | bad networks for tests, with the feature of that name |

mod admission;
mod attempt;
mod congestion;
mod copies;
#[cfg(feature = "emulator")]
pub mod emulator;
mod endpoint;
mod incoming;
mod keys;
mod link;
mod moves;
mod outgoing;
mod redial;
mod settings;
mod tls;
mod tunnel;

#[cfg(test)]
mod tests;

pub use endpoint::{DEFAULT_PORT, DIAL, Listener, NetError, dial};
pub use keys::{EndpointKeys, EndpointKeysError};
pub use link::{Link, LinkError, Refusal};
pub use redial::redial;

use std::fmt;

/// Which part a side has in a session. It has nothing to do with which side dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The user's machine.
    Host,
    /// The officer's machine.
    Officer,
}

/// What carries the packets of a link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP, as QUIC is meant to be: nothing waits for a lost packet but what was in it.
    #[default]
    Udp,
    /// TLS over TCP, because nothing answered over UDP: all waits for each lost packet.
    Tcp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}
