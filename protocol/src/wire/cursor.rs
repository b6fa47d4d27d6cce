//! The shape of the host's cursor: the viewer makes it its own window's cursor.

use super::codec::Message;
use serde::{Deserialize, Serialize};

/// A cursor: at most 256 × 256 pixels of straight (not premultiplied) RGBA, row after row; or a hidden one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CursorShape {
    /// No cursor is shown.
    Hidden,
    /// A picture.
    Image {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
        /// The pointing pixel, from the left.
        hot_x: u16,
        /// The pointing pixel, from the top.
        hot_y: u16,
        /// `width × height × 4` bytes.
        rgba: Vec<u8>,
    },
}

impl CursorShape {
    /// The most pixels a side may have: more than any desktop's accessibility cursor.
    pub const MAX_SIDE: u16 = 256;
    /// The longest message, in bytes.
    pub const MAX_BYTES: usize = Self::MAX_SIDE as usize * Self::MAX_SIDE as usize * 4 + 32;
}

impl Message for CursorShape {
    fn is_valid(&self) -> bool {
        match self {
            Self::Hidden => true,
            Self::Image { width, height, hot_x, hot_y, rgba } => {
                (1..=Self::MAX_SIDE).contains(width)
                    && (1..=Self::MAX_SIDE).contains(height)
                    && hot_x < width
                    && hot_y < height
                    && rgba.len() == usize::from(*width) * usize::from(*height) * 4
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::Invalid;
    use super::*;

    #[test]
    fn sizes_and_hot_spots_are_checked() {
        let image =
            |width, height, hot_x, bytes| CursorShape::Image { width, height, hot_x, hot_y: 0, rgba: vec![9; bytes] };
        let good = image(2, 3, 1, 24);
        assert_eq!(CursorShape::decode(&good.encode()), Ok(good));
        for bad in [image(0, 3, 0, 0), image(2, 3, 2, 24), image(2, 3, 1, 23), image(257, 1, 0, 1028)] {
            assert_eq!(CursorShape::decode(&bad.encode()), Err(Invalid::OutOfRange));
        }
    }
}
