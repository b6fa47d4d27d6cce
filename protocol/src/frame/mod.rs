//! The picture: geometry, buffers, finding what changed, coding it, and decoding it on the other side.
//!
//! One side is the [`Encoder`]: it compares captured patches with the host's picture *F* (by hashes, with the best
//! instructions that the processor has: [`HashKind`]) and turns what changed into the next numbered update, cut into
//! parts that are coded and decoded on their own. The other side is the
//! [`Picture`]: it takes parts in any order and keeps the reference exact and the shown picture as new as can be.
//! The bytes of a part are described in [`Header`].

mod bands;
mod buffer;
mod canvas;
mod change;
mod coder;
mod diff;
mod digest;
mod encoder;
mod error;
#[cfg(test)]
mod film_tests;
mod geometry;
mod hash;
mod hashes;
mod layers;
mod letters;
mod mask;
mod motion;
mod moves;
mod part;
mod photos;
mod picture;
mod ranks;
mod region;
mod rough;
#[cfg(test)]
mod tests;
mod varint;

pub(crate) use canvas::whole as canvas_size;

pub use buffer::{COLOUR, Framebuffer, FramebufferView, Patch};
pub use change::{Change, CopyRect};
pub use coder::{Coder, Told, film::Films};
pub use digest::digest;
pub use encoder::{Encoder, Part, PartJob, Repaint, Update};
pub use error::{DecodeError, InvalidSize};
pub use geometry::{MAX_PIXELS, MAX_SIDE, Point, Rect, Size};
pub use hash::HashKind;
pub use mask::hatch;
pub use part::{Header, Kind, MAX_NUMBER, MAX_PART_BYTES};
pub use picture::{MAX_PENDING_BYTES, Picture, Taken, WINDOW};
pub use region::Region;
pub use rough::{Fidelity, Quality};
