//! Every message that crosses the wire, with its limits. `docs/protocol.md` has the same as byte tables.
//!
//! | channel | carried by | from | messages |
//! |---|---|---|---|
//! | [`Channel::Control`] | one bidirectional stream | both | [`FromOfficer`], [`FromHost`] |
//! | [`Channel::Input`] | one unidirectional stream | officer | [`Stroke`] |
//! | [`Channel::Pointer`] | datagrams, newest wins | officer | [`PointerMove`] |
//! | [`Channel::Cursor`] | one unidirectional stream | host | [`CursorShape`] |
//! | [`Channel::Frame`] | one unidirectional stream per part | host | [`FramePart`] |

mod activity;
mod codec;
mod control;
mod cursor;
mod fingerprint;
mod frame_part;
mod input;
mod permissions;
mod restart;
mod step_up;
mod who;
pub(crate) mod words;

pub(crate) use control::breaks_line;

pub use activity::{Hands, PauseReason};
pub use codec::{FRAMING, Invalid, Message, length};
pub use control::{CodeFault, End, FromHost, FromOfficer, PolicyReason, Proof, Question, Request};
pub use cursor::CursorShape;
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use frame_part::FramePart;
pub use input::{Action, Button, Key, PointerMove, Press, Stroke};
pub use permissions::{InvalidPermission, Permission, Permissions};
pub use restart::Return;
pub use step_up::{Holder, More, Purpose, Refusal, StepUp};
pub use who::Who;
pub use words::CheckWords;

/// The TLS application protocol: a peer that does not offer it is not Beside.
pub const ALPN: &[u8] = b"beside/1";

/// The versions of the messages that this build speaks; `Hello` carries both, the host chooses the highest common one.
pub const VERSIONS: std::ops::RangeInclusive<u16> = 1..=1;

/// Where a message travels. The order of importance is the order of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// Requests, answers, permissions, heartbeats, the end.
    Control,
    /// Keys, buttons, wheel and text, in order.
    Input,
    /// Pointer moves: only the newest counts.
    Pointer,
    /// Shapes of the host's cursor.
    Cursor,
    /// Parts of picture updates.
    Frame,
}

impl Channel {
    /// The longest message on it, in bytes, once the session is live.
    pub const fn limit(self) -> usize {
        match self {
            Self::Control => 16 * 1024,
            Self::Input => 1024,
            Self::Pointer => 64,
            Self::Cursor => CursorShape::MAX_BYTES,
            Self::Frame => FramePart::MAX_BYTES,
        }
    }
}

/// The longest control message that is read from a peer whom nobody has approved yet, in bytes.
pub const LIMIT_BEFORE_APPROVAL: usize = 2 * 1024;
