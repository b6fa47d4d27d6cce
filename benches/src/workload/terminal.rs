//! A terminal that a program floods: at each step some lines more than before.

use beside_protocol::frame::{Framebuffer, Rect};

use super::Scene;
use crate::font::Font;
use crate::look::{Colours, Look, Word};
use crate::paint::fill;
use crate::random::below;
use crate::text::{sentence, word};

/// Pixels: the title's height and the space around text.
const TITLE: u32 = 24;
const MARGIN: u32 = 4;

/// The most lines that come between two pictures.
const MOST_LINES: u32 = 40;

/// A terminal that fills the screen.
pub(super) struct Flood {
    font: Font,
    colours: &'static Colours,
    seed: u64,
    /// The number of the line at the top.
    first: u32,
}

impl Flood {
    pub(super) fn new(look: Look, seed: u64) -> Self {
        Self { font: Font::monospace(15, look.edges), colours: look.colours(), seed, first: 0 }
    }

    /// What a build or a log writes: pieces and their kinds.
    fn line(&self, number: u32) -> Vec<(String, Word)> {
        let place = u64::from(number) << 8;
        let pick = |limit, n| below(limit, self.seed, place + n);
        let name = |n| word(self.seed, place + n);
        let time = format!("[{:>9}.{:03}] ", number / 7 + 100, pick(1_000, 1));
        match pick(6, 0) {
            0 => vec![(
                format!("   Compiling {}-{} v{}.{}.{}", name(2), name(3), pick(3, 4), pick(30, 5), pick(9, 6)),
                Word::Comment,
            )],
            1 => vec![
                ("warning".into(), Word::Type),
                (format!(": unused {}: `{}_{}`", name(2), name(3), name(4)), Word::Plain),
            ],
            2 => {
                vec![(format!("  --> src/{}/{}.rs:{}:{}", name(2), name(3), pick(900, 4), pick(80, 5)), Word::Keyword)]
            }
            _ => vec![
                (time, Word::Number),
                (format!("{}: ", name(2)), Word::Keyword),
                (sentence(self.seed, place + 3, 3 + pick(12, 4)), Word::Plain),
            ],
        }
    }
}

impl Scene for Flood {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        let screen = picture.size().rect();
        let title = Rect { height: TITLE.min(screen.height), ..screen };
        if step == 0 {
            fill(picture, title, self.colours.bar);
            self.font.draw(picture, title, (MARGIN, MARGIN), "user@desk: ~/project - make", self.colours.plain);
        } else {
            self.first += 1 + below(MOST_LINES, self.seed, step.into());
        }
        let area = Rect { y: title.height, height: screen.height - title.height, ..screen };
        fill(picture, area, self.colours.paper);
        for row in 0..area.height / self.font.line_height() {
            let mut pen = MARGIN;
            for (piece, kind) in self.line(self.first + row) {
                let place = (pen, area.y + row * self.font.line_height());
                pen = self.font.draw(picture, area, place, &piece, self.colours.of(kind));
            }
        }
    }
}
