//! An editor of source code that fills a window, and what is done in it: nothing, scrolling, another page.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::Scene;
use crate::font::Font;
use crate::look::{Colours, Look};
use crate::paint::fill;
use crate::random::random;
use crate::text::{code_line, coloured, file_name};

/// Pixels: the height of the title and of the status bar, the width of the scroll bar, and the space around text.
const BAR: u32 = 26;
pub(super) const SCROLL_BAR: u32 = 14;
const MARGIN: u32 = 6;

/// How many lines the scrolled file has.
const FILE_LINES: u32 = 4_000;

/// Draws an editor's window.
pub(super) struct Editor {
    pub(super) code: Font,
    labels: Font,
    window: Rect,
    /// How wide the side bar is.
    side: u32,
    pub(super) colours: &'static Colours,
}

impl Editor {
    /// An editor that fills `window`.
    pub(super) fn new(window: Rect, look: Look) -> Self {
        Self {
            code: Font::monospace(14, look.edges),
            labels: Font::proportional(14, look.edges),
            window,
            side: window.width / 6,
            colours: look.colours(),
        }
    }

    /// Makes the window larger or smaller; the side bar stays as wide.
    pub(super) const fn resize(&mut self, window: Rect) {
        self.window = window;
    }

    /// Paints all of it: the file that `seed` makes, from line `first_line`.
    pub(super) fn paint(&self, picture: &mut Framebuffer, seed: u64, first_line: u32) {
        let Rect { x, y, width, height } = self.window;
        let text = self.text_area();
        let side = Rect { x, width: text.x - x, ..text };
        let title = Rect::new(x, y, width, BAR.min(height));
        let status = Rect { y: text.bottom(), ..title };
        for (bar, colour) in [(title, self.colours.bar), (side, self.colours.panel), (status, self.colours.accent)] {
            fill(picture, bar, colour);
        }
        let label = |picture: &mut _, bar: Rect, row: u32, text: &str, colour: u32| {
            let place = (bar.x + MARGIN, bar.y + 3 + row * self.labels.line_height());
            self.labels.draw(picture, bar, place, text, colour);
        };
        let plain = self.colours.plain;
        label(picture, title, 0, "File   Edit   Selection   View   Go   Run   Terminal   Help", plain);
        let state = "main    0 errors, 2 warnings    UTF-8    Spaces: 4    Rust";
        label(picture, status, 0, state, self.colours.on_accent);
        for row in 0..side.height.div_ceil(self.labels.line_height()) {
            label(picture, side, row, &file_name(seed, row), plain);
        }
        self.paint_text(picture, seed, first_line);
    }

    /// Paints the text with its line numbers, and the scroll bar.
    pub(super) fn paint_text(&self, picture: &mut Framebuffer, seed: u64, first_line: u32) {
        let area = self.text_area();
        fill(picture, area, self.colours.paper);
        let line_height = self.code.line_height();
        for row in 0..area.height.div_ceil(line_height) {
            let number = first_line + row;
            let y = area.y + row * line_height;
            self.code.draw(picture, area, (area.x + MARGIN, y), &format!("{:>5}", number + 1), self.colours.faint);
            let mut pen = self.text_start();
            for (piece, word) in coloured(&code_line(seed, number)) {
                pen = self.code.draw(picture, area, (pen, y), piece, self.colours.of(word));
            }
        }
        let travel = area.height - area.height / 10;
        let thumb = Rect {
            x: area.right() - SCROLL_BAR.min(area.width),
            y: area.y + travel * (first_line % FILE_LINES) / FILE_LINES,
            width: SCROLL_BAR,
            height: area.height / 10,
        };
        fill(picture, thumb, self.colours.thumb);
    }

    /// The place of text, line numbers and scroll bar.
    pub(super) fn text_area(&self) -> Rect {
        let Rect { x, y, width, height } = self.window;
        let side = self.side.min(width);
        Rect::new(x + side, y + BAR.min(height), width - side, height.saturating_sub(2 * BAR))
    }

    /// Where a line begins, after its number.
    pub(super) fn text_start(&self) -> u32 {
        self.text_area().x + self.code.width("00000 ") + MARGIN
    }
}

/// An editor in which nothing happens.
pub(super) struct Still {
    editor: Editor,
    seed: u64,
}

impl Still {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { editor: Editor::new(size.rect(), look), seed }
    }
}

impl Scene for Still {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            self.editor.paint(picture, self.seed, 0);
        }
    }
}

/// Three lines further at each step, down the file and from its top again.
pub(super) struct Scroll {
    editor: Editor,
    seed: u64,
}

impl Scroll {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { editor: Editor::new(size.rect(), look), seed }
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
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { editor: Editor::new(size.rect(), look), seed }
    }
}

impl Scene for Pages {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        self.editor.paint(picture, random(self.seed, step.into()), step * 97 % FILE_LINES);
    }
}
