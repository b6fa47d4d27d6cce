//! What can be wrong with a picture's size or with a part that a peer sent.

use super::geometry::Size;

/// A picture cannot have this size: it is empty, or beyond [`MAX_SIDE`](super::MAX_SIDE) or
/// [`MAX_PIXELS`](super::MAX_PIXELS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture of {}x{} pixels is empty or too large", .0.width, .0.height)]
pub struct InvalidSize(pub Size);

/// A part that breaks the format or a limit. The sender is faulty or hostile: end the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than [`MAX_PART_BYTES`](super::MAX_PART_BYTES).
    #[error("a part of {0} bytes is longer than allowed")]
    TooLong(usize),
    /// The bytes end in the middle of something.
    #[error("the part ends too early")]
    Truncated,
    /// A number has more bits than it may have.
    #[error("a number in the part is too large")]
    Number,
    /// The first byte names no kind of part.
    #[error("unknown kind of part {0}")]
    Kind(u8),
    /// Not (index < count ≤ limit), or not the count that another part of the same update told.
    #[error("part {index} of {count} cannot be")]
    Index {
        /// The part's place, from 0.
        index: u32,
        /// How many parts it claims there are.
        count: u32,
    },
    /// An operation that this version does not know.
    #[error("unknown operation {0}")]
    Operation(u8),
    /// An operation that may not stand where it does.
    #[error("operation {0} is not allowed at this place of a part")]
    Misplaced(u8),
    /// Rectangles are missing, too many, or leave the picture.
    #[error("a rectangle of the part does not fit the picture")]
    Rect,
    /// More pixels than one part may hold.
    #[error("a part holds more pixels than allowed")]
    Pixels,
    /// The pixel data is not exactly what its rectangles need.
    #[error("the pixel data of a part is broken")]
    Data,
    /// Pixels of a film, which this build can't read: it lacks the feature `h264`.
    #[error("the part is of a film, and this build has no video decoder")]
    Film,
    /// Further ahead of the reference than [`WINDOW`](super::WINDOW).
    #[error("update {number} is too far ahead of {reference}")]
    Ahead {
        /// The number received.
        number: u64,
        /// The last update applied.
        reference: u64,
    },
    /// A repaint from before this picture's first update.
    #[error("repaint after {number} is older than the picture, which began at {joined}")]
    BeforeJoin {
        /// The number received.
        number: u64,
        /// The update after which the picture began.
        joined: u64,
    },
    /// More bytes wait for a missing part than [`MAX_PENDING_BYTES`](super::MAX_PENDING_BYTES).
    #[error("too much waits for update {0}")]
    Pending(u64),
}
