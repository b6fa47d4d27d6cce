//! Draws parts of the picture: copied, enlarged by a whole number, or made smaller by a weighted average.

use super::{
    layout::{Layout, Zoom},
    surface::Canvas,
};
use beside_protocol::frame::{FramebufferView, Rect};
use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x4,
};

/// Draws the picture. It keeps the buffers of the averaging.
pub(super) struct Renderer {
    resizer: Resizer,
    pixels: Vec<u32>,
}

impl Renderer {
    /// One with no buffers yet.
    pub(super) fn new() -> Self {
        Self { resizer: Resizer::new(), pixels: Vec::new() }
    }

    /// Draws what belongs into `rect`, a part of where the layout shows the picture.
    pub(super) fn draw(&mut self, picture: FramebufferView<'_>, layout: &Layout, rect: &Rect, canvas: &mut Canvas<'_>) {
        let shown = layout.shown();
        // Where the rectangle is in the shown part.
        let part = Rect { x: rect.x - shown.x, y: rect.y - shown.y, ..*rect };
        match layout.zoom() {
            Zoom::Exact(origin) => {
                let source = Rect { x: part.x + origin.x, y: part.y + origin.y, ..part };
                for y in 0..rect.height {
                    if let Some(row) = picture.row(&source, y) {
                        canvas.row(rect, y).copy_from_slice(row);
                    }
                }
            }
            Zoom::Larger(times) => enlarge(picture, times, &part, rect, canvas),
            Zoom::Smaller => self.average(picture, &shown, &part, rect, canvas),
        }
    }

    /// Every pixel of `part` becomes the average of the area under it, with its neighbours' fading in (Hamming's window:
    /// sharper than bilinear, and even where a plain box would take one pixel here and two there).
    fn average(
        &mut self,
        picture: FramebufferView<'_>,
        shown: &Rect,
        part: &Rect,
        rect: &Rect,
        canvas: &mut Canvas<'_>,
    ) {
        let size = picture.size();
        let across = f64::from(size.width) / f64::from(shown.width);
        let down = f64::from(size.height) / f64::from(shown.height);
        let (left, top) = (f64::from(part.x) * across, f64::from(part.y) * down);
        // The far edges may come out a rounding error beyond the picture.
        let width = (f64::from(part.width) * across).min(f64::from(size.width) - left);
        let height = (f64::from(part.height) * down).min(f64::from(size.height) - top);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Hamming))
            .crop(left, top, width, height)
            .use_alpha(false);
        self.pixels.resize(part.width as usize * part.height as usize, 0);
        let source =
            TypedImageRef::<U8x4>::from_buffer(size.width, size.height, bytemuck::cast_slice(picture.pixels()));
        let target = bytemuck::cast_slice_mut(&mut self.pixels);
        let target = TypedImage::<U8x4>::from_buffer(part.width, part.height, target);
        let (Ok(source), Ok(mut target)) = (source, target) else { return };
        if let Err(error) = self.resizer.resize_typed(&source, &mut target, &options) {
            tracing::warn!(%error, "a part of the picture could not be scaled");
            return;
        }
        for (y, row) in (0..rect.height).zip(self.pixels.chunks_exact(part.width as usize)) {
            canvas.row(rect, y).copy_from_slice(row);
        }
    }
}

/// Every pixel becomes a square.
fn enlarge(picture: FramebufferView<'_>, times: u32, part: &Rect, rect: &Rect, canvas: &mut Canvas<'_>) {
    let all = picture.size().rect();
    let mut line = vec![0; rect.width as usize];
    let mut drawn = None;
    for y in 0..rect.height {
        let source_y = (part.y + y) / times;
        if drawn != Some(source_y) {
            let Some(row) = picture.row(&all, source_y) else { continue };
            for (x, pixel) in (part.x..).zip(&mut line) {
                *pixel = row[(x / times) as usize];
            }
            drawn = Some(source_y);
        }
        canvas.row(rect, y).copy_from_slice(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Scale;
    use beside_protocol::frame::{Framebuffer, Point, Size};

    /// A picture with no two neighbours alike.
    fn picture(size: Size) -> Framebuffer {
        let mut picture = Framebuffer::new(size);
        for (i, pixel) in (0u32..).zip(picture.pixels_mut()) {
            *pixel = i.wrapping_mul(0x9e37_79b1) >> 8;
        }
        picture
    }

    fn draw(picture: FramebufferView<'_>, layout: &Layout, area: Size, rects: &[Rect]) -> Vec<u32> {
        let mut pixels = vec![0; area.width as usize * area.height as usize];
        let mut renderer = Renderer::new();
        for rect in rects {
            renderer.draw(picture, layout, rect, &mut Canvas::new(area, &mut pixels));
        }
        pixels
    }

    #[test]
    fn enlarged_pixels_are_squares() {
        let (picture, area) = (picture(Size::new(5, 4)), Size::new(17, 13));
        let layout = Layout::new(area, picture.size(), Scale::Fit, Point::default());
        assert_eq!(layout.shown(), Rect::new(1, 0, 15, 12));
        let pixels = draw(picture.view(), &layout, area, &[layout.shown()]);
        for (x, y) in [(1, 0), (3, 2), (4, 3), (15, 11)] {
            let expected = picture.pixels()[(y / 3) * 5 + (x - 1) / 3];
            assert_eq!(pixels[y * 17 + x], expected);
        }
        assert_eq!(pixels[0], 0);
    }

    #[test]
    fn flat_areas_stay_what_they_are() {
        let (mut picture, area) = (picture(Size::new(400, 300)), Size::new(240, 170));
        let flat = Rect::new(100, 100, 200, 100);
        (0..flat.height).for_each(|y| picture.row_mut(&flat, y).unwrap().fill(0x0012_abfe));
        let layout = Layout::new(area, picture.size(), Scale::Fit, Point::default());
        let pixels = draw(picture.view(), &layout, area, &[layout.shown()]);
        let inner = layout.window_part(&Rect::new(110, 110, 180, 80)).unwrap();
        for y in inner.y..inner.bottom() {
            for x in inner.x..inner.right() {
                assert_eq!(pixels[(y * area.width + x) as usize], 0x0012_abfe);
            }
        }
    }

    #[test]
    fn a_change_is_seen_within_its_damage_only() {
        let (mut picture, area) = (picture(Size::new(191, 107)), Size::new(120, 90));
        let layout = Layout::new(area, picture.size(), Scale::Fit, Point::default());
        let before = draw(picture.view(), &layout, area, &[layout.shown()]);
        let changed = Rect::new(60, 33, 1, 5);
        (0..changed.height).for_each(|y| picture.row_mut(&changed, y).unwrap()[0] ^= 0x00ff_ffff);
        let after = draw(picture.view(), &layout, area, &[layout.shown()]);
        let damage = layout.window_part(&changed).unwrap();
        for (i, (before, after)) in (0u32..).zip(before.iter().zip(&after)) {
            let pixel = Rect::new(i % area.width, i / area.width, 1, 1);
            assert!(before == after || damage.contains(&pixel), "{pixel:?}");
        }
        assert_ne!(before, after);
    }

    #[test]
    fn parts_look_as_the_whole_does() {
        let (picture, area) = (picture(Size::new(191, 107)), Size::new(120, 90));
        let layout = Layout::new(area, picture.size(), Scale::Fit, Point::default());
        let whole = draw(picture.view(), &layout, area, &[layout.shown()]);
        let shown = layout.shown();
        let mut parts = Vec::new();
        for (y, height) in [(0, 13), (13, 1), (14, shown.height - 14)] {
            for (x, width) in [(0, 1), (1, 50), (51, shown.width - 51)] {
                parts.push(Rect::new(shown.x + x, shown.y + y, width, height));
            }
        }
        let pieced = draw(picture.view(), &layout, area, &parts);
        let far = |a: u32, b: u32| a.to_le_bytes().iter().zip(b.to_le_bytes()).any(|(a, b)| a.abs_diff(b) > 1);
        assert!(!whole.iter().zip(&pieced).any(|(a, b)| far(*a, *b)));
    }
}
