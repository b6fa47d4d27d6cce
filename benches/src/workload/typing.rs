//! Text that is typed into the empty lower half of an editor's page, and a caret that blinks there.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::Scene;
use super::editor::{Editor, SCROLL_BAR};
use crate::font::Font;
use crate::look::Look;
use crate::paint::fill;
use crate::text::PROSE;

/// Pixels.
const CARET_WIDTH: u32 = 2;

/// Lines end between words, where a word of this many letters might not fit.
const LONGEST_WORD: u32 = 12;

/// What the text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// As source code is.
    Mono,
    /// As letters are.
    Proportional,
}

/// A page and the place of the next character.
struct Page {
    editor: Editor,
    font: Font,
    seed: u64,
    /// The empty half.
    paper: Rect,
    row: u32,
    /// Pixels from the left of the paper.
    pen: u32,
}

impl Page {
    fn new(size: Size, seed: u64, look: Look, face: Face) -> Self {
        let editor = Editor::new(size.rect(), look);
        let font = match face {
            Face::Mono => Font::monospace(14, look.edges),
            Face::Proportional => Font::proportional(16, look.edges),
        };
        let text = editor.text_area();
        let x = editor.text_start();
        let line = editor.code.line_height();
        let y = text.y + text.height / line / 2 * line;
        let paper = Rect::new(x, y, text.right().saturating_sub(x + SCROLL_BAR), text.bottom() - y);
        Self { editor, font, seed, paper, row: 0, pen: 0 }
    }

    fn begin(&self, picture: &mut Framebuffer) {
        self.editor.paint(picture, self.seed, 0);
        fill(picture, self.paper, self.editor.colours.paper);
    }

    /// The line that is written, as wide as the paper.
    fn line(&self) -> Rect {
        let height = self.font.line_height();
        Rect { y: self.paper.y + self.row * height, height, ..self.paper }
    }

    fn caret(&self) -> Rect {
        let line = self.line();
        Rect { x: line.x + self.pen, width: CARET_WIDTH, ..line }
    }

    /// Writes a character; returns what was painted.
    fn press(&mut self, picture: &mut Framebuffer, key: char) -> Rect {
        let colours = self.editor.colours;
        let (old, before) = (self.caret(), self.line());
        fill(picture, old, colours.paper);
        if key == ' ' && self.pen + LONGEST_WORD * self.font.width("n") > self.paper.width {
            (self.row, self.pen) = (self.row + 1, 0);
        } else {
            self.pen =
                self.font.draw(picture, self.paper, (old.x, old.y), &key.to_string(), colours.plain) - self.paper.x;
        }
        let mut painted = before.union(&self.line());
        if self.line().bottom() > self.paper.bottom() {
            fill(picture, self.paper, colours.paper);
            self.row = 0;
            painted = self.paper;
        }
        fill(picture, self.caret(), colours.caret);
        painted
    }
}

/// A key at each step.
pub(super) struct Typing {
    page: Page,
    painted: Option<Rect>,
}

impl Typing {
    pub(super) fn new(size: Size, seed: u64, look: Look, face: Face) -> Self {
        Self { page: Page::new(size, seed, look, face), painted: None }
    }
}

impl Scene for Typing {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let Some(typed) = step.checked_sub(1) else { return self.page.begin(picture) };
        let key = PROSE.as_bytes()[typed as usize % PROSE.len()];
        self.painted = Some(self.page.press(picture, key.into()));
    }

    fn painted(&self) -> Option<Rect> {
        self.painted
    }
}

/// A caret after the first words, on and off.
pub(super) struct Blink {
    page: Page,
    painted: Option<Rect>,
}

impl Blink {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { page: Page::new(size, seed, look, Face::Mono), painted: None }
    }
}

impl Scene for Blink {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            self.page.begin(picture);
            for key in PROSE.chars().take(40) {
                self.page.press(picture, key);
            }
        }
        // At first all of the page.
        self.painted = (step > 0).then(|| self.page.caret());
        let colours = self.page.editor.colours;
        fill(picture, self.page.caret(), if step.is_multiple_of(2) { colours.caret } else { colours.paper });
    }

    fn painted(&self) -> Option<Rect> {
        self.painted
    }
}
