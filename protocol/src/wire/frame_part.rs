//! A part of a picture update as it travels: which picture it belongs to, then the part itself.

use super::codec::Invalid;
use std::sync::Arc;

/// The longest epoch, in bytes: seven bits each.
const EPOCH_BYTES: usize = 5;

/// The bytes of one frame stream: the view's epoch (varint), then the part of `frame::Picture`.
///
/// The epoch changes whenever the host starts a new picture (another size, another display), so that a late part of the
/// old one can't be taken for one of the new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramePart<'a> {
    /// Which picture it belongs to; see `FromHost::View`.
    pub epoch: u32,
    /// The coded part.
    pub part: &'a [u8],
}

impl<'a> FramePart<'a> {
    /// The longest, in bytes.
    pub const MAX_BYTES: usize = 4 * 1024 * 1024;

    /// The longest part that overtakes longer ones: a line of new text is shorter, and on a link of 2 Mbit/s it takes 16 ms.
    pub const SMALL_BYTES: usize = 4 * 1024;

    /// Whether a part of that length overtakes longer ones.
    pub const fn is_small(length: usize) -> bool {
        length <= Self::SMALL_BYTES
    }

    /// The bytes of a stream, made once for all officers who get it.
    pub fn encode(epoch: u32, part: &[u8]) -> Arc<[u8]> {
        let mut head = [0; EPOCH_BYTES];
        // A u32 never takes more.
        let head = postcard::to_slice(&epoch, &mut head).map_or(&[][..], |head| head);
        [head, part].concat().into()
    }

    /// Takes the bytes of a stream apart.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let (epoch, part) = postcard::take_from_bytes(bytes).map_err(|_| Invalid::Malformed)?;
        let head = &bytes[..bytes.len() - part.len()];
        // There is one way to write a number: the shortest.
        if head.len() > 1 && head.last() == Some(&0) {
            return Err(Invalid::Malformed);
        }
        Ok(Self { epoch, part })
    }
}
