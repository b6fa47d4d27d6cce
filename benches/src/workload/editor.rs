//! An editor's window, and what happens in it: nothing, typing, scrolling, another page.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::Scene;
use crate::font::Font;
use crate::paint::fill;
use crate::random::random;
use crate::text::{PLAIN, PROSE, code_line, coloured, file_name};

const PAPER: u32 = 0x1e_1e1e;
const SIDE_BAR: u32 = 0x25_2526;
const TITLE_BAR: u32 = 0x3c_3c3c;
const STATUS_BAR: u32 = 0x00_7acc;
const FAINT: u32 = 0x85_8585;
const THUMB: u32 = 0x4f_4f4f;
const CARET: u32 = 0xae_afad;

/// Pixels: the height of the title and of the status bar, the width of the scroll bar and of the caret, and the
/// space around text.
const BAR: u32 = 26;
const SCROLL_BAR: u32 = 14;
const CARET_WIDTH: u32 = 2;
const MARGIN: u32 = 6;

/// How many lines the scrolled file has.
const FILE_LINES: u32 = 4_000;

/// Draws an editor's window.
pub(super) struct Editor {
    code: Font,
    labels: Font,
    window: Rect,
}

impl Editor {
    /// An editor that fills `window`.
    pub(super) fn new(window: Rect) -> Self {
        Self { code: Font::monospace(14), labels: Font::proportional(14), window }
    }

    /// Paints all of it: the file that `seed` makes, from line `first_line`.
    pub(super) fn paint(&self, picture: &mut Framebuffer, seed: u64, first_line: u32) {
        let Rect { x, y, width, height } = self.window;
        let text = self.text_area();
        let side = Rect { x, width: text.x - x, ..text };
        let title = Rect::new(x, y, width, BAR.min(height));
        let status = Rect { y: text.bottom(), ..title };
        for (bar, colour) in [(title, TITLE_BAR), (side, SIDE_BAR), (status, STATUS_BAR)] {
            fill(picture, bar, colour);
        }
        let label = |picture: &mut _, bar: Rect, row: u32, text: &str| {
            let place = (bar.x + MARGIN, bar.y + 3 + row * self.labels.line_height());
            self.labels.draw(picture, bar, place, text, PLAIN);
        };
        label(picture, title, 0, "File   Edit   Selection   View   Go   Run   Terminal   Help");
        label(picture, status, 0, "main    0 errors, 2 warnings    UTF-8    Spaces: 4    Rust");
        for row in 0..side.height.div_ceil(self.labels.line_height()) {
            label(picture, side, row, &file_name(seed, row));
        }
        self.paint_text(picture, seed, first_line);
    }

    /// Paints the text with its line numbers, and the scroll bar.
    fn paint_text(&self, picture: &mut Framebuffer, seed: u64, first_line: u32) {
        let area = self.text_area();
        fill(picture, area, PAPER);
        let line_height = self.code.line_height();
        for row in 0..area.height.div_ceil(line_height) {
            let number = first_line + row;
            let y = area.y + row * line_height;
            self.code.draw(picture, area, (area.x + MARGIN, y), &format!("{:>5}", number + 1), FAINT);
            let mut pen = self.text_start();
            for (piece, colour) in coloured(&code_line(seed, number)) {
                pen = self.code.draw(picture, area, (pen, y), piece, colour);
            }
        }
        let travel = area.height - area.height / 10;
        let thumb = Rect {
            x: area.right() - SCROLL_BAR.min(area.width),
            y: area.y + travel * (first_line % FILE_LINES) / FILE_LINES,
            width: SCROLL_BAR,
            height: area.height / 10,
        };
        fill(picture, thumb, THUMB);
    }

    /// The place of text, line numbers and scroll bar.
    fn text_area(&self) -> Rect {
        let Rect { x, y, width, height } = self.window;
        let side = width / 6;
        Rect::new(x + side, y + BAR.min(height), width - side, height.saturating_sub(2 * BAR))
    }

    /// Where a line begins, after its number.
    fn text_start(&self) -> u32 {
        self.text_area().x + self.code.width("00000 ") + MARGIN
    }
}

/// An editor in which nothing happens.
pub(super) struct Still {
    editor: Editor,
    seed: u64,
}

impl Still {
    pub(super) fn new(size: Size, seed: u64) -> Self {
        Self { editor: Editor::new(size.rect()), seed }
    }
}

impl Scene for Still {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            self.editor.paint(picture, self.seed, 0);
        }
    }
}

/// Text that is typed into the empty lower half of a page.
pub(super) struct Typing {
    editor: Editor,
    seed: u64,
    /// The empty half.
    paper: Rect,
    /// Where the next character goes, in rows and columns of `paper`.
    row: u32,
    column: u32,
}

impl Typing {
    pub(super) fn new(size: Size, seed: u64) -> Self {
        let editor = Editor::new(size.rect());
        let text = editor.text_area();
        let x = editor.text_start();
        let line = editor.code.line_height();
        let y = text.y + text.height / line / 2 * line;
        let paper = Rect::new(x, y, text.right().saturating_sub(x + SCROLL_BAR), text.bottom() - y);
        Self { editor, seed, paper, row: 0, column: 0 }
    }

    fn press(&mut self, picture: &mut Framebuffer, key: char) {
        let (width, height) = (self.editor.code.width("m"), self.editor.code.line_height());
        let caret = |row: u32, column: u32, paper: Rect| {
            Rect::new(paper.x + column * width, paper.y + row * height, CARET_WIDTH, height)
        };
        let old = caret(self.row, self.column, self.paper);
        fill(picture, old, PAPER);
        // Lines end between words, where a dozen more characters might not fit.
        if key == ' ' && (self.column + 12) * width > self.paper.width {
            (self.row, self.column) = (self.row + 1, 0);
        } else {
            self.editor.code.draw(picture, self.paper, (old.x, old.y), &key.to_string(), PLAIN);
            self.column += 1;
        }
        if (self.row + 1) * height > self.paper.height {
            fill(picture, self.paper, PAPER);
            self.row = 0;
        }
        fill(picture, caret(self.row, self.column, self.paper), CARET);
    }
}

impl Scene for Typing {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let Some(typed) = step.checked_sub(1) else {
            self.editor.paint(picture, self.seed, 0);
            fill(picture, self.paper, PAPER);
            return;
        };
        let key = PROSE.as_bytes()[typed as usize % PROSE.len()];
        self.press(picture, key.into());
    }
}

/// Three lines further at each step, down the file and from its top again.
pub(super) struct Scroll {
    editor: Editor,
    seed: u64,
}

impl Scroll {
    pub(super) fn new(size: Size, seed: u64) -> Self {
        Self { editor: Editor::new(size.rect()), seed }
    }
}

impl Scene for Scroll {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            self.editor.paint(picture, self.seed, 0);
        } else {
            self.editor.paint_text(picture, self.seed, step * 3 % FILE_LINES);
        }
    }
}

/// Another file at each step, its side bar too.
pub(super) struct Pages {
    editor: Editor,
    seed: u64,
}

impl Pages {
    pub(super) fn new(size: Size, seed: u64) -> Self {
        Self { editor: Editor::new(size.rect()), seed }
    }
}

impl Scene for Pages {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        self.editor.paint(picture, random(self.seed, step.into()), step * 97 % FILE_LINES);
    }
}
