//! A web page with pictures that is scrolled under a header that stays.

use beside_protocol::frame::{Framebuffer, Point, Rect, Size};

use super::{Scene, bounce};
use crate::font::Font;
use crate::look::Look;
use crate::paint::{blit, fill, show};
use crate::photo::photo;
use crate::random::{below, random};
use crate::text::sentence;

/// Pixels: the browser's bars, the page's own header, the column of text, and a picture's height.
const BARS: u32 = 72;
const HEADER: u32 = 56;
const COLUMN: u32 = 860;
const PICTURE: u32 = 320;

/// How many screens high the page is.
const SCREENS: u32 = 4;

/// The shortest and the longest step of a wheel with easing.
const STEP: std::ops::RangeInclusive<u32> = 12..=90;

/// The browser and the page.
pub(super) struct Web {
    /// All of the page, without its header.
    page: Framebuffer,
    look: Look,
    seed: u64,
    way: u32,
}

impl Web {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        let mut page = Framebuffer::new(Size::new(size.width, size.height * SCREENS));
        write(&mut page, seed, look);
        Self { page, look, seed, way: 0 }
    }
}

impl Scene for Web {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let screen = picture.size().rect();
        let top = (BARS + HEADER).min(screen.height);
        let view = Rect { y: top, height: screen.height - top, ..screen };
        if step == 0 {
            bars(picture, self.look);
        } else {
            self.way += STEP.start() + below(STEP.end() - STEP.start(), self.seed, step.into());
        }
        let y = bounce(self.way, self.page.size().height - view.height);
        show(picture, view, &self.page, Point { x: 0, y });
    }
}

/// What stays: the browser's bars and the page's header.
fn bars(picture: &mut Framebuffer, look: Look) {
    let (colours, font) = (look.colours(), Font::proportional(14, look.edges));
    let screen = picture.size().rect();
    let within = |y: u32, height: u32| Rect { y, height, ..screen }.intersection(&screen).unwrap_or_default();
    let (tabs, address, header) = (within(0, BARS / 2), within(BARS / 2, BARS / 2), within(BARS, HEADER));
    for (bar, colour, ink, text) in [
        (tabs, colours.bar, colours.plain, "The printer on the second floor  x      Inbox (4)  x      +"),
        (address, colours.panel, colours.plain, "<   >      https://intranet.example/help/printers"),
        (header, colours.accent, colours.on_accent, "Help pages      Printers      Network      Accounts      Search"),
    ] {
        fill(picture, bar, colour);
        font.draw(picture, bar, (bar.x + 20, bar.y + bar.height / 2 - bar.height.min(16) / 2), text, ink);
    }
}

/// Headings, paragraphs and pictures in a column, links beside it.
fn write(page: &mut Framebuffer, seed: u64, look: Look) {
    let colours = look.colours();
    let (heading, text) = (Font::proportional(26, look.edges), Font::proportional(16, look.edges));
    let all = page.size().rect();
    fill(page, all, colours.paper);
    let width = COLUMN.min(all.width);
    let column = Rect { x: (all.width - width) / 2, width, ..all };
    let (mut y, mut part) = (24, 0);
    while y < all.height {
        heading.draw(page, column, (column.x, y), &sentence(seed, part << 16, 5), colours.accent);
        y += heading.line_height() + 8;
        for paragraph in 1..4 {
            let words = sentence(seed, part << 16 | paragraph, 50 + below(60, seed, part << 8 | paragraph));
            y = wrapped(page, column, y, &text, &words, colours.plain) + 14;
        }
        if below(2, seed, part) == 0 {
            blit(page, (column.x, y), &photo(Size::new(column.width, PICTURE), random(seed, part)));
            y += PICTURE + 24;
        }
        let aside = Rect { width: column.x.saturating_sub(40), x: 20, ..all };
        text.draw(page, aside, (20, y), &sentence(seed, part << 16 | 9, 3), colours.accent);
        part += 1;
    }
}

/// Writes lines of whole words; returns where the next line would be.
fn wrapped(page: &mut Framebuffer, column: Rect, mut y: u32, font: &Font, words: &str, colour: u32) -> u32 {
    let (space, mut pen) = (font.width(" "), column.x);
    for word in words.split(' ') {
        if pen + font.width(word) > column.right() {
            (pen, y) = (column.x, y + font.line_height());
        }
        pen = font.draw(page, column, (pen, y), word, colour) + space;
    }
    y + font.line_height()
}
