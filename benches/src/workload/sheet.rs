//! A spreadsheet that fills a window: other pages of it, and scrolling sideways.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::Scene;
use crate::font::Font;
use crate::look::{Colours, Look};
use crate::paint::fill;
use crate::random::{below, random};
use crate::text::word;

/// Pixels: tool bars, the headers of rows and columns, a row, and the space around text.
const TOOLS: u32 = 90;
const HEADER_WIDTH: u32 = 48;
const ROW: u32 = 20;
const MARGIN: u32 = 4;

/// How many columns go by before scrolling turns.
const COLUMNS: u32 = 60;

/// Draws a spreadsheet's window.
pub(super) struct Sheet {
    font: Font,
    window: Rect,
    colours: &'static Colours,
}

impl Sheet {
    /// A spreadsheet that fills `window`.
    pub(super) fn new(window: Rect, look: Look) -> Self {
        Self { font: Font::proportional(14, look.edges), window, colours: look.colours() }
    }

    /// Paints all of it: the cells that `seed` makes, from column and row `first`.
    pub(super) fn paint(&self, picture: &mut Framebuffer, seed: u64, first: (u32, u32)) {
        let tools = Rect { height: TOOLS.min(self.window.height), ..self.window };
        fill(picture, tools, self.colours.panel);
        let menu = "File   Edit   View   Insert   Format   Sheet   Data   Tools   Window   Help";
        let formula = format!("{}{}        =SUM({0}2:{0}{})", letters(first.0), first.1 + 1, first.1);
        for (row, text) in [(0, menu), (2, formula.as_str())] {
            let place = (tools.x + 2 * MARGIN, tools.y + MARGIN + row * 28);
            self.font.draw(picture, tools, place, text, self.colours.plain);
        }
        for tool in 0..24 {
            let button = Rect::new(tools.x + 10 + tool * 30, tools.y + 32, 20, 20);
            let inside = button.intersection(&tools).unwrap_or_default();
            fill(picture, inside, random(3, tool.into()) as u32 & 0x7f_7f7f | 0x20_2020);
        }
        self.paint_cells(picture, seed, first);
    }

    /// Paints headers and cells.
    fn paint_cells(&self, picture: &mut Framebuffer, seed: u64, (first_column, first_row): (u32, u32)) {
        let top = TOOLS.min(self.window.height);
        let area = Rect { y: self.window.y + top, height: self.window.height - top, ..self.window };
        fill(picture, area, self.colours.paper);
        let rows = area.height.div_ceil(ROW);
        let within = |rect: Rect| rect.intersection(&area).unwrap_or_default();
        for row in 1..rows {
            let header = within(Rect::new(area.x, area.y + row * ROW, HEADER_WIDTH, ROW));
            fill(picture, header, self.colours.panel);
            fill(picture, Rect { height: 1, ..header }, self.colours.line);
            fill(picture, within(Rect { y: header.y, height: 1, ..area }), self.colours.line);
            self.right(picture, header, &(first_row + row).to_string(), self.colours.faint);
        }
        let (mut x, mut column) = (area.x + HEADER_WIDTH, first_column);
        while x < area.right() {
            let width = width(seed, column);
            let place = |row: u32| within(Rect::new(x, area.y + row * ROW, width, ROW));
            fill(picture, place(0), self.colours.panel);
            self.font.draw(picture, place(0), (x + width / 2, area.y + 2), &letters(column), self.colours.faint);
            fill(picture, within(Rect { x, width: 1, ..area }), self.colours.line);
            for row in 1..rows {
                self.cell(picture, place(row), seed, (column, first_row + row));
            }
            (x, column) = (x + width, column + 1);
        }
    }

    /// Words in every fifth column, numbers in the others, some cells empty.
    fn cell(&self, picture: &mut Framebuffer, place: Rect, seed: u64, (column, row): (u32, u32)) {
        let cell = u64::from(column) << 32 | u64::from(row) << 8;
        let inside = Rect::new(place.x + 1, place.y + 1, place.width.saturating_sub(1), place.height.saturating_sub(1));
        match below(8, seed, cell) {
            0 => {}
            _ if column % 5 == 0 => {
                let text = format!("{} {}", word(seed, cell + 1), word(seed, cell + 2));
                self.font.draw(picture, inside, (inside.x + MARGIN, inside.y), &text, self.colours.plain);
            }
            _ => {
                let cents = below(9_999_999, seed, cell + 3);
                self.right(picture, inside, &format!("{}.{:02}", cents / 100, cents % 100), self.colours.plain);
            }
        }
    }

    /// Text that ends at the right.
    fn right(&self, picture: &mut Framebuffer, place: Rect, text: &str, colour: u32) {
        let x = place.right().saturating_sub(self.font.width(text) + MARGIN).max(place.x);
        self.font.draw(picture, place, (x, place.y + 1), text, colour);
    }
}

/// How wide a column is, in pixels.
fn width(seed: u64, column: u32) -> u32 {
    if column.is_multiple_of(5) { 150 } else { 70 + below(4, seed, u64::from(column) << 40) * 12 }
}

/// A column's name.
fn letters(column: u32) -> String {
    let letter = |n: u32| char::from(b'A' + (n % 26) as u8);
    match column.checked_sub(26) {
        None => letter(column).to_string(),
        Some(rest) => format!("{}{}", letter(rest / 26), letter(rest)),
    }
}

/// Another sheet at each step.
pub(super) struct Pages {
    sheet: Sheet,
    seed: u64,
}

impl Pages {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { sheet: Sheet::new(size.rect(), look), seed }
    }
}

impl Scene for Pages {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        self.sheet.paint(picture, random(self.seed, step.into()), (step % 9, step * 37));
    }
}

/// A column further at each step, to one end and back.
pub(super) struct Sideways {
    sheet: Sheet,
    seed: u64,
}

impl Sideways {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        Self { sheet: Sheet::new(size.rect(), look), seed }
    }
}

impl Scene for Sideways {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            self.sheet.paint(picture, self.seed, (0, 0));
        } else {
            self.sheet.paint_cells(picture, self.seed, (super::bounce(step, COLUMNS), 0));
        }
    }
}
