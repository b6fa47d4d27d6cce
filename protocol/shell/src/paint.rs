//! Controls painted in software: egui's output onto plain pixels, no GPU needed.

use beside_protocol::frame::{Rect, Size};
use egui_software_backend::{BufferMutRef, ColorFieldOrder, EguiSoftwareRender};
use std::{fmt, time::Duration};

/// A picture to paint onto: rows of 0x00RRGGBB, top first, without gaps.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// `width` × height pixels.
    pub pixels: &'a mut [u32],
    /// Pixels in a row.
    pub width: u32,
}

/// What painting found out.
#[derive(Clone, Debug)]
pub struct Painted {
    /// After how long egui wants to be painted again without any input (an animation, say); `None` for never.
    pub repaint_after: Option<Duration>,
    /// The cursor that suits what it is over.
    pub cursor: egui::CursorIcon,
    /// What a screen reader is to know of it, if egui's context has been told that there is one.
    pub tree: Option<egui::accesskit::TreeUpdate>,
}

/// Runs an egui interface and paints it. One for each window or part of a window.
pub struct Painter {
    context: egui::Context,
    renderer: EguiSoftwareRender,
    /// The area's pixels while they are painted: blue, green, red, unused.
    scratch: Vec<[u8; 4]>,
}

impl Default for Painter {
    fn default() -> Self {
        Self::new()
    }
}

impl Painter {
    /// A painter with egui's default fonts and style.
    pub fn new() -> Self {
        let context = egui::Context::default();
        context.options_mut(|options| options.zoom_with_keyboard = false);
        Self { context, renderer: EguiSoftwareRender::new(ColorFieldOrder::Bgra), scratch: Vec::new() }
    }

    /// The egui context, for fonts, style and memory.
    pub const fn context(&self) -> &egui::Context {
        &self.context
    }

    /// Runs `interface` with `input` and paints it over what is in `area` of `canvas`, in pixels. `scale` is pixels per
    /// point. Positions in `input` and in the interface are points from the area's top left corner; the input's
    /// `screen_rect` is set here. An area that is empty or not within the canvas is not painted.
    pub fn paint(
        &mut self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        scale: f32,
        input: egui::RawInput,
        interface: impl FnMut(&mut egui::Ui),
    ) -> Painted {
        let output = self.run(egui::vec2(area.width as f32, area.height as f32) / scale, scale, input, interface);
        let primitives = self.context.tessellate(output.shapes, output.pixels_per_point);
        if canvas.holds(area) {
            self.scratch.clear();
            self.scratch.extend(canvas.rows(area).flatten().map(|pixel| pixel.to_le_bytes()));
            let mut target = BufferMutRef::new(&mut self.scratch, area.width as usize, area.height as usize);
            self.renderer.render(&mut target, &primitives, &output.textures_delta, output.pixels_per_point);
            for (row, painted) in canvas.rows(area).zip(self.scratch.chunks_exact(area.width as usize)) {
                for (pixel, &[blue, green, red, _]) in row.iter_mut().zip(painted) {
                    *pixel = u32::from_le_bytes([blue, green, red, 0]);
                }
            }
        } else {
            self.keep_textures(&output.textures_delta);
        }
        let delay = output.viewport_output.get(&egui::ViewportId::ROOT).map(|viewport| viewport.repaint_delay);
        Painted {
            repaint_after: delay.filter(|&delay| delay < Duration::MAX),
            cursor: output.platform_output.cursor_icon,
            tree: output.platform_output.accesskit_update,
        }
    }

    /// Paints shapes on a clear ground of their own, to be laid over something later. `draw` says how much of `room` (in
    /// points) it has used, from the top left corner; the picture is as large as that, `scale` pixels a point, and its
    /// pixels are blue, green, red and alpha, premultiplied, row after row.
    pub fn paint_apart(
        &mut self,
        room: egui::Vec2,
        scale: f32,
        mut draw: impl FnMut(&egui::Painter) -> egui::Vec2,
    ) -> (Size, Vec<[u8; 4]>) {
        let mut used = egui::Vec2::ZERO;
        let output = self.run(room, scale, egui::RawInput::default(), |ui| used = draw(ui.painter()));
        let primitives = self.context.tessellate(output.shapes, output.pixels_per_point);
        // In range: a window is far smaller than what f32 counts exactly.
        let side = |points: f32| ((points * scale).ceil() as u32).max(1);
        let size = Size::new(side(used.x), side(used.y));
        let mut pixels = vec![[0; 4]; size.pixels() as usize];
        let mut target = BufferMutRef::new(&mut pixels, size.width as usize, size.height as usize);
        self.renderer.render(&mut target, &primitives, &output.textures_delta, output.pixels_per_point);
        (size, pixels)
    }

    /// Runs `interface` unpainted on a surface of `size` points and returns what it returns: to find out how much room
    /// it takes. Takes the painter, which would lack the textures afterwards.
    pub fn measure<R>(self, size: egui::Vec2, scale: f32, mut interface: impl FnMut(&mut egui::Ui) -> R) -> Option<R> {
        let mut result = None;
        // Twice: sizes settle in the second pass.
        for _ in 0..2 {
            self.run(size, scale, egui::RawInput::default(), |ui| result = Some(interface(ui)));
        }
        result
    }

    fn run(
        &self,
        size: egui::Vec2,
        scale: f32,
        mut input: egui::RawInput,
        interface: impl FnMut(&mut egui::Ui),
    ) -> egui::FullOutput {
        input.screen_rect = Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size));
        input.viewports.entry(input.viewport_id).or_default().native_pixels_per_point = Some(scale);
        self.context.run_ui(input, interface)
    }

    /// Textures come once; they must not be lost when nothing can be painted.
    fn keep_textures(&mut self, textures: &egui::TexturesDelta) {
        self.renderer.render_to_canvas(1, 1, &[], textures, 1.0);
    }
}

impl fmt::Debug for Painter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Painter").finish_non_exhaustive()
    }
}

impl Canvas<'_> {
    fn holds(&self, area: Rect) -> bool {
        let end = area.bottom() as usize * self.width as usize;
        !area.is_empty() && area.right() <= self.width && end <= self.pixels.len()
    }

    /// The parts of the rows that `area`, which is within, covers.
    fn rows(&mut self, area: Rect) -> impl Iterator<Item = &mut [u32]> {
        let columns = area.x as usize..area.right() as usize;
        self.pixels
            .chunks_mut(self.width as usize)
            .skip(area.y as usize)
            .take(area.height as usize)
            .map(move |row| &mut row[columns.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKY: u32 = 0x0010_2030;

    fn fill(ui: &mut egui::Ui) {
        ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, egui::Color32::from_rgb(200, 100, 50));
    }

    #[test]
    fn only_the_area_is_painted() {
        let mut pixels = vec![SKY; 40 * 30];
        let area = Rect::new(8, 4, 20, 10);
        let mut canvas = Canvas { pixels: &mut pixels, width: 40 };
        Painter::new().paint(&mut canvas, area, 2.0, egui::RawInput::default(), fill);
        for (i, &pixel) in pixels.iter().enumerate() {
            let (x, y) = (i as u32 % 40, i as u32 / 40);
            let inside = (8..28).contains(&x) && (4..14).contains(&y);
            assert_eq!(pixel, if inside { 0x00c8_6432 } else { SKY }, "{x},{y}");
        }
    }

    #[test]
    fn what_is_there_shines_through() {
        let mut pixels = vec![0x00ff_ffff; 16];
        let mut canvas = Canvas { pixels: &mut pixels, width: 4 };
        Painter::new().paint(&mut canvas, Rect::new(0, 0, 4, 4), 1.0, egui::RawInput::default(), |ui| {
            ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, egui::Color32::from_black_alpha(128));
        });
        assert!(pixels.iter().all(|&pixel| (0x7d..=0x81).contains(&(pixel & 0xff))), "{:x}", pixels[5]);
    }

    #[test]
    fn an_area_beyond_the_canvas_is_left_alone() {
        let mut pixels = vec![SKY; 16];
        let mut painter = Painter::new();
        for area in [Rect::new(1, 0, 4, 4), Rect::new(0, 1, 4, 4), Rect::new(0, 0, 0, 4)] {
            painter.paint(&mut Canvas { pixels: &mut pixels, width: 4 }, area, 1.0, egui::RawInput::default(), fill);
        }
        assert!(pixels.iter().all(|&pixel| pixel == SKY));
        let label = |ui: &mut egui::Ui| drop(ui.label("still has its font"));
        let mut wide = vec![0; 200 * 40];
        let whole = Rect::new(0, 0, 200, 40);
        painter.paint(&mut Canvas { pixels: &mut wide, width: 200 }, whole, 1.0, egui::RawInput::default(), label);
        assert!(wide.iter().any(|&pixel| pixel != 0));
    }

    #[test]
    fn a_still_interface_wants_no_repaint() {
        let mut pixels = vec![SKY; 64 * 64];
        let mut painter = Painter::new();
        let mut paint = || {
            let mut canvas = Canvas { pixels: &mut pixels, width: 64 };
            painter.paint(&mut canvas, Rect::new(0, 0, 64, 64), 1.0, egui::RawInput::default(), fill).repaint_after
        };
        paint();
        paint();
        assert_eq!(paint(), None);
    }
}
