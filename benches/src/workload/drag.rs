//! A window over a wallpaper that was seen before it came: dragged, and made larger and smaller.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::editor::Editor;
use super::{Scene, bounce};
use crate::look::Look;
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
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        let mut window = Framebuffer::new(Size::new(size.width * 5 / 12, size.height * 5 / 9));
        Editor::new(window.size().rect(), look).paint(&mut window, seed, 0);
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
        if step == 0 {
            return;
        }
        // A hand: 8 to 15 pixels right and 3 to 8 down.
        self.way.0 += 8 + below(8, self.seed, step.into());
        self.way.1 += 3 + below(6, self.seed, u64::from(step) << 32);
        blit(picture, self.place(), &self.window);
    }
}

/// The same wallpaper under an editor whose right lower corner is pulled.
pub(super) struct Resize {
    wallpaper: Framebuffer,
    editor: Editor,
    seed: u64,
    /// How much wider and higher than the smallest window, without the turns.
    way: (u32, u32),
}

impl Resize {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        let editor = Editor::new(Self::smallest(size), look);
        Self { wallpaper: photo(size, seed), editor, seed, way: (0, 0) }
    }

    fn smallest(screen: Size) -> Rect {
        Rect::new(screen.width / 10, screen.height / 10, screen.width * 2 / 5, screen.height * 2 / 5)
    }
}

impl Scene for Resize {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let screen = picture.size();
        picture.copy_from(&self.wallpaper, &screen.rect());
        if step == 0 {
            return;
        }
        self.way.0 += 5 + below(9, self.seed, step.into());
        self.way.1 += 2 + below(7, self.seed, u64::from(step) << 32);
        let smallest = Self::smallest(screen);
        let width = smallest.width + bounce(self.way.0, screen.width * 2 / 5);
        let height = smallest.height + bounce(self.way.1, screen.height * 2 / 5);
        self.editor.resize(Rect { width, height, ..smallest });
        self.editor.paint(picture, self.seed, 0);
    }
}
