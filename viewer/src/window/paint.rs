//! Words and shapes over the picture, in layers of their own.

use super::surface::Canvas;
use beside_protocol::frame::Rect;
use beside_shell::paint::Painter;
use egui::Vec2;

/// Something painted, to be laid over a part of the window.
pub(super) struct Layer {
    /// Where it is in the window.
    pub(super) rect: Rect,
    /// Blue, green, red and alpha, premultiplied; row after row.
    pixels: Vec<[u8; 4]>,
}

impl Layer {
    /// Paints one in logical pixels, `factor` physical ones each. `draw` tells how much of `room` it has used, from the
    /// top left corner; the layer is as large as that, and still to be moved to its place.
    pub(super) fn paint(
        painter: &mut Painter,
        room: Vec2,
        factor: f32,
        draw: impl FnMut(&egui::Painter) -> Vec2,
    ) -> Self {
        let (size, pixels) = painter.paint_apart(room, factor, draw);
        Self { rect: size.rect(), pixels }
    }

    /// Lays over the canvas what is in `part` of the window.
    pub(super) fn blend(&self, part: &Rect, canvas: &mut Canvas<'_>) {
        let Some(part) = self.rect.intersection(part) else { return };
        let left = (part.x - self.rect.x) as usize;
        for y in 0..part.height {
            let start = (part.y - self.rect.y + y) as usize * self.rect.width as usize + left;
            for (under, over) in canvas.row(&part, y).iter_mut().zip(&self.pixels[start..]) {
                *under = blend(*over, *under);
            }
        }
    }
}

/// One pixel over another.
fn blend(over: [u8; 4], under: u32) -> u32 {
    let [blue, green, red, alpha] = over.map(u32::from);
    let [under_blue, under_green, under_red, _] = under.to_le_bytes().map(u32::from);
    let mix = |over: u32, under: u32| (over + (under * (255 - alpha) + 127) / 255).min(255);
    mix(red, under_red) << 16 | mix(green, under_green) << 8 | mix(blue, under_blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::frame::Size;
    use egui::{Color32, CornerRadius, pos2, vec2};

    #[test]
    fn layers_are_as_large_as_what_was_drawn_and_clear_elsewhere() {
        let mut layer = Layer::paint(&mut Painter::new(), vec2(100.0, 50.0), 2.0, |painter| {
            let square = egui::Rect::from_min_max(pos2(4.0, 4.0), pos2(10.0, 10.0));
            painter.rect_filled(square, CornerRadius::ZERO, Color32::from_rgb(1, 2, 3));
            vec2(12.0, 11.0)
        });
        assert_eq!(layer.rect, Rect::new(0, 0, 24, 22));
        layer.rect = Rect::new(1, 1, 24, 22);
        let size = Size::new(30, 30);
        let mut pixels = vec![0x00c0_ffee; 900];
        layer.blend(&size.rect(), &mut Canvas::new(size, &mut pixels));
        assert_eq!(pixels[15 * 30 + 15], 0x0001_0203);
        assert_eq!((pixels[2 * 30 + 2], pixels[0]), (0x00c0_ffee, 0x00c0_ffee));
    }

    #[test]
    fn half_of_white_over_black_is_grey() {
        assert_eq!(blend([128, 128, 128, 128], 0), 0x0080_8080);
        assert_eq!(blend([0, 0, 0, 0], 0x0012_3456), 0x0012_3456);
        assert_eq!(blend([255; 4], 0x0012_3456), 0x00ff_ffff);
    }
}
