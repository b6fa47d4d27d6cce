//! The officer's own pointer takes the shape of the user's cursor while it is over the picture.

use beside_protocol::wire::CursorShape;
use std::rc::Rc;
use winit::{
    event_loop::ActiveEventLoop,
    window::{Cursor, CursorIcon, CustomCursor, Window},
};

/// The pointer's shape in this window.
pub(super) struct Pointer {
    window: Rc<Window>,
    /// Whether transparent pixels must come premultiplied: X11 wants them so, and winit hands them on as they are.
    premultiplied: bool,
    shape: Shape,
    over_picture: bool,
}

/// What the user's cursor looks like.
enum Shape {
    /// Not known yet, or not showable here.
    Arrow,
    /// Hidden.
    Hidden,
    /// A picture.
    Image(CustomCursor),
}

impl Pointer {
    /// An arrow in this window.
    pub(super) const fn new(window: Rc<Window>, premultiplied: bool) -> Self {
        Self { window, premultiplied, shape: Shape::Arrow, over_picture: false }
    }

    /// The user's cursor looks so now.
    pub(super) fn set_shape(&mut self, shape: &CursorShape, event_loop: &ActiveEventLoop) {
        self.shape = match shape {
            CursorShape::Hidden => Shape::Hidden,
            CursorShape::Image { width, height, hot_x, hot_y, rgba } => {
                let mut rgba = rgba.clone();
                if self.premultiplied {
                    premultiply(&mut rgba);
                }
                match CustomCursor::from_rgba(rgba, *width, *height, *hot_x, *hot_y) {
                    Ok(source) => Shape::Image(event_loop.create_custom_cursor(source)),
                    Err(error) => {
                        tracing::warn!(%error, "the user's cursor can't be shown");
                        Shape::Arrow
                    }
                }
            }
        };
        self.apply();
    }

    /// Whether it is over the picture, and may act there.
    pub(super) fn set_place(&mut self, over_picture: bool) {
        if std::mem::replace(&mut self.over_picture, over_picture) != over_picture {
            self.apply();
        }
    }

    /// Whether it is over the picture, and may act there.
    pub(super) const fn is_over_picture(&self) -> bool {
        self.over_picture
    }

    fn apply(&self) {
        let shape = if self.over_picture { &self.shape } else { &Shape::Arrow };
        self.window.set_cursor_visible(!matches!(shape, Shape::Hidden));
        match shape {
            Shape::Arrow => self.window.set_cursor(CursorIcon::Default),
            Shape::Hidden => {}
            Shape::Image(image) => self.window.set_cursor(Cursor::Custom(image.clone())),
        }
    }
}

/// Multiplies the colours by the alpha.
fn premultiply(rgba: &mut [u8]) {
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = u16::from(pixel[3]);
        for colour in &mut pixel[..3] {
            // At most 255: both factors are.
            *colour = ((u16::from(*colour) * alpha + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_pixels_are_premultiplied() {
        let mut rgba = [255, 128, 0, 255, 255, 128, 0, 128, 255, 255, 255, 0];
        premultiply(&mut rgba);
        assert_eq!(rgba, [255, 128, 0, 255, 128, 64, 0, 128, 0, 0, 0, 0]);
    }
}
