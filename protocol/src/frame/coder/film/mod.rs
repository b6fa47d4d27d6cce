//! A film: a rectangle that changes again and again, as an H.264 stream (ITU-T H.264, constrained baseline).
//!
//! The encoder is OpenH264 by Cisco. A viewer reads what a hostile host may have made, so its decoder is one in safe Rust,
//! and the way to it is narrow: the parameter sets are made from the part's rectangle and never sent, and a picture is one
//! slice whose header is exactly as the encoder writes it.

#[cfg(not(feature = "h264"))]
mod absent;
#[cfg(feature = "h264")]
mod colours;
#[cfg(feature = "h264")]
mod header;
#[cfg(feature = "h264")]
mod reader;
#[cfg(test)]
#[cfg(feature = "h264")]
mod tests;
#[cfg(feature = "h264")]
mod writer;

use serde::{Deserialize, Serialize};

#[cfg(not(feature = "h264"))]
pub(in crate::frame) use self::absent::{FilmReader, FilmWriter};
#[cfg(feature = "h264")]
pub(in crate::frame) use self::{reader::FilmReader, writer::FilmWriter};
use crate::frame::geometry::Rect;

/// The smallest sides of a film. Less is as well sent as a photo.
const MIN_SIDES: (u32, u32) = (128, 96);

/// The longest sides that OpenH264 takes, in either order.
const MAX_SIDES: (u32, u32) = (3_840, 2_160);

/// The most pixels of a film: all of a 1080p screen. It is one part, so this is more than other parts may have.
pub(in crate::frame) const MAX_PIXELS: u64 = 1 << 21;

/// A picture has at most one byte for so many pixels: what takes the most time to read are its bits, and a film of a quarter of the
/// screen stays below 6 Mbit/s. Key pictures of busy films reach it and are made coarser; others have far less.
#[cfg(feature = "h264")]
const PIXELS_PER_BYTE: u64 = 24;

/// Whether films can be read: by a viewer, by all of them, or by this build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Films {
    /// No: what moves comes as photos.
    #[default]
    Unreadable,
    /// Yes.
    Readable,
}

impl Films {
    /// What this build can read, and write: films if it has the feature `h264`.
    pub const BUILD: Self = if cfg!(feature = "h264") { Self::Readable } else { Self::Unreadable };
}

/// Whether a film can have this rectangle: its sides are even, and within the limits.
pub(in crate::frame) fn fits(rect: &Rect) -> bool {
    let (long, short) = (rect.width.max(rect.height), rect.width.min(rect.height));
    rect.width.is_multiple_of(2)
        && rect.height.is_multiple_of(2)
        && (rect.width >= MIN_SIDES.0 && rect.height >= MIN_SIDES.1)
        && (long <= MAX_SIDES.0 && short <= MAX_SIDES.1)
        && rect.pixels() <= MAX_PIXELS
}
