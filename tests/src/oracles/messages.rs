//! Single messages: what is taken reads back the same and fits its channel.

use beside_protocol::wire::{
    Channel, CursorShape, FramePart, FromHost, FromOfficer, LIMIT_BEFORE_APPROVAL, Message, PointerMove, Stroke,
};
use std::fmt::Debug;

/// [`FromOfficer`]: what a peer sends before anybody has approved it, too; it always fits the limit for that.
pub fn from_officer(bytes: &[u8]) -> bool {
    message::<FromOfficer>(bytes, LIMIT_BEFORE_APPROVAL)
}

/// [`FromHost`].
pub fn from_host(bytes: &[u8]) -> bool {
    message::<FromHost>(bytes, Channel::Control.limit())
}

/// [`Stroke`].
pub fn stroke(bytes: &[u8]) -> bool {
    message::<Stroke>(bytes, Channel::Input.limit())
}

/// [`PointerMove`].
pub fn pointer(bytes: &[u8]) -> bool {
    message::<PointerMove>(bytes, Channel::Pointer.limit())
}

/// [`CursorShape`].
pub fn cursor(bytes: &[u8]) -> bool {
    message::<CursorShape>(bytes, Channel::Cursor.limit())
}

/// [`FramePart`]: nothing of a stream is lost between its header and its part.
pub fn frame_part(bytes: &[u8]) -> bool {
    let Ok(taken) = FramePart::decode(bytes) else { return false };
    assert_eq!(*FramePart::encode(taken.epoch, taken.part), *bytes);
    true
}

/// A message that is taken says the same after being written and read again, and fits its channel.
fn message<M: Message + PartialEq + Debug>(bytes: &[u8], limit: usize) -> bool {
    let Ok(taken) = M::decode(bytes) else { return false };
    let written = taken.encode();
    assert!(written.len() <= limit, "{} bytes are more than its channel allows", written.len());
    assert_eq!(M::decode(&written), Ok(taken));
    true
}
