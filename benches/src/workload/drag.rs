//! A window that is dragged: it moves as one, and uncovers a wallpaper that was seen before.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::editor::Editor;
use super::{Scene, bounce};
use crate::paint::blit;
use crate::photo::photo;
use crate::random::below;

/// The window of text, its path and what lies under it.
pub(super) struct Drag {
    wallpaper: Framebuffer,
    window: Framebuffer,
    seed: u64,
    /// How far the window has gone right and down, without the turns at the edges.
    way: (u32, u32),
}

impl Drag {
    /// At 1920 × 1080 the window has 800 × 600 pixels.
    pub(super) fn new(size: Size, seed: u64) -> Self {
        let mut window = Framebuffer::new(Size::new(size.width * 5 / 12, size.height * 5 / 9));
        Editor::new(window.size().rect()).paint(&mut window, seed, 0);
        Self { wallpaper: photo(size, seed), window, seed, way: (size.width / 9, size.height / 9) }
    }

    fn place(&self) -> (u32, u32) {
        let (screen, window) = (self.wallpaper.size(), self.window.size());
        (bounce(self.way.0, screen.width - window.width), bounce(self.way.1, screen.height - window.height))
    }
}

impl Scene for Drag {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let (x, y) = self.place();
        let covered = if step == 0 { picture.size().rect() } else { Rect { x, y, ..self.window.size().rect() } };
        picture.copy_from(&self.wallpaper, &covered);
        // A hand: 8 to 15 pixels right and 3 to 8 down.
        self.way.0 += 8 + below(8, self.seed, step.into());
        self.way.1 += 3 + below(6, self.seed, u64::from(step) << 32);
        blit(picture, self.place(), &self.window);
    }
}
