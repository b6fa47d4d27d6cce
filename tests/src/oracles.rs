//! What must hold for any bytes a peer may send. The fuzz targets call these, and the suite replays their corpus with them.

use beside_protocol::wire::{
    Channel, CursorShape, FramePart, FromHost, FromOfficer, LIMIT_BEFORE_APPROVAL, Message, PointerMove, Stroke,
};
use std::fmt::Debug;

/// Feeds bytes to one reader and panics when it breaks a promise; tells whether the reader took them for valid.
pub type Oracle = fn(&[u8]) -> bool;

/// Every oracle, under the name of its fuzz target and of its folder in the corpus.
pub const ALL: &[(&str, Oracle)] = &[
    ("cursor", cursor),
    ("frame_part", frame_part),
    ("from_host", from_host),
    ("from_officer", from_officer),
    ("pointer", pointer),
    ("stroke", stroke),
];

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
    assert_eq!([&FramePart::header(taken.epoch), taken.part].concat(), bytes);
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
