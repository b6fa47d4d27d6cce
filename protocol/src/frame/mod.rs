//! The picture: geometry, buffers, finding what changed, coding it, and decoding it on the other side.

mod buffer;
mod geometry;

pub use buffer::{Framebuffer, Patch};
pub use geometry::{MAX_SIDE, Point, Rect, Size};
