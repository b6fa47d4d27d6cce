//! Windows over windows: menus that open and close, and two windows that take turns in front.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::editor::Editor;
use super::sheet::Sheet;
use super::{Scene, bounce};
use crate::font::Font;
use crate::look::Look;
use crate::paint::{blit, fill};
use crate::random::below;
use crate::text::sentence;

/// Pixels: a menu's width, an item's height, and how far apart menus are.
const MENU: u32 = 280;
const ITEM: u32 = 24;
const APART: u32 = 60;

/// How many menus there are.
const MENUS: u32 = 6;

/// How far a window has gone, right and down, each time it comes to the front.
const MOVE: (u32, u32) = (37, 21);

/// An editor whose menus open and close, one after the other.
pub(super) struct Menus {
    editor: Editor,
    font: Font,
    look: Look,
    seed: u64,
}

impl Menus {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { editor: Editor::new(size.rect(), look), font: Font::proportional(14, look.edges), look, seed }
    }

    fn open(&self, picture: &mut Framebuffer, menu: u32) {
        let (colours, screen) = (self.look.colours(), picture.size().rect());
        let items = 8 + below(12, self.seed, menu.into());
        let frame = Rect::new(6 + menu * APART, 26, MENU, items * ITEM + 2);
        let within = |rect: Rect| rect.intersection(&screen).unwrap_or_default();
        fill(picture, within(frame), colours.line);
        let inside = Rect::new(frame.x + 1, frame.y + 1, frame.width - 2, frame.height - 2);
        fill(picture, within(inside), colours.panel);
        for item in 0..items {
            let place = within(Rect::new(inside.x, inside.y + item * ITEM, inside.width, ITEM));
            let text = sentence(self.seed, u64::from(menu) << 8 | u64::from(item), 1 + item % 3);
            self.font.draw(picture, place, (place.x + 28, place.y + 3), &text, colours.plain);
        }
    }
}

impl Scene for Menus {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        self.editor.paint(picture, self.seed, 0);
        if step % 2 == 1 {
            self.open(picture, step / 2 % MENUS);
        }
    }
}

/// An editor and a spreadsheet over a desktop, in turns in front. The editor has moved each time, and its caret too.
pub(super) struct AltTab {
    editor: Framebuffer,
    sheet: Framebuffer,
    look: Look,
    /// How often the editor has come to the front.
    turns: u32,
}

impl AltTab {
    /// At 1920 × 1080 the windows have 1280 × 810 pixels.
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        let window = Size::new(size.width * 2 / 3, size.height * 3 / 4);
        let (mut editor, mut sheet) = (Framebuffer::new(window), Framebuffer::new(window));
        Editor::new(window.rect(), look).paint(&mut editor, seed, 100);
        Sheet::new(window.rect(), look).paint(&mut sheet, seed, (0, 0));
        Self { editor, sheet, look, turns: 0 }
    }

    fn place(&self, screen: Size) -> (u32, u32) {
        let window = self.editor.size();
        let room = (screen.width - window.width, screen.height - window.height);
        (bounce(self.turns * MOVE.0, room.0), bounce(self.turns * MOVE.1, room.1))
    }
}

impl Scene for AltTab {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let (screen, in_front) = (picture.size(), step.is_multiple_of(2));
        if in_front && step > 0 {
            self.turns += 1;
        }
        fill(picture, screen.rect(), self.look.colours().thumb);
        let place = self.place(screen);
        let show_sheet = |picture: &mut _| blit(picture, (screen.width / 4, screen.height / 8), &self.sheet);
        if in_front {
            show_sheet(picture);
        }
        blit(picture, place, &self.editor);
        let caret = Rect::new(place.0 + 300 + self.turns * 8 % 160, place.1 + 60 + self.turns * 17 % 170, 2, 17);
        fill(picture, caret, self.look.colours().caret);
        if !in_front {
            show_sheet(picture);
        }
    }
}
