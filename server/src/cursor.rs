//! The cursor's shape, from how the platform has it to how officers get it.

use crate::capture::Cursor;
use beside_protocol::wire::CursorShape;

/// A captured cursor as it travels: colours no longer multiplied by alpha.
pub(crate) fn travelling(cursor: Cursor) -> CursorShape {
    let side = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    let mut rgba = cursor.rgba;
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for value in &mut pixel[..3] {
            *value = (u32::from(*value) * 255).checked_div(alpha).map_or(0, |value| value.min(255) as u8);
        }
    }
    CursorShape::Image {
        width: side(cursor.size.width),
        height: side(cursor.size.height),
        hot_x: side(cursor.hotspot.x),
        hot_y: side(cursor.hotspot.y),
        rgba,
    }
}
