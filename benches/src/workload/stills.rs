//! Pictures that fill the screen: slides shown forth and back, and photographs.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::Scene;
use crate::font::Font;
use crate::look::Look;
use crate::paint::{blit, fill};
use crate::photo::photo;
use crate::random::{below, random};
use crate::text::sentence;

/// Slides: forth, back, forth again, and on.
pub(super) struct Slides {
    title: Font,
    text: Font,
    look: Look,
    seed: u64,
}

impl Slides {
    pub(super) fn new(seed: u64, look: Look) -> Self {
        Self { title: Font::proportional(54, look.edges), text: Font::proportional(32, look.edges), look, seed }
    }

    fn paint(&self, picture: &mut Framebuffer, slide: u32) {
        let (colours, screen, seed) = (self.look.colours(), picture.size().rect(), random(self.seed, slide.into()));
        fill(picture, screen, colours.paper);
        let band = Rect { height: screen.height / 8, ..screen };
        fill(picture, band, colours.accent);
        let (left, line) = (screen.width / 16, screen.height / 12);
        self.title.draw(picture, band, (left, band.height / 4), &sentence(seed, 0, 5), colours.on_accent);
        for point in 0..6 {
            let place = (left, band.height + line * (point + 1));
            self.text.draw(picture, screen, place, &format!("-  {}", sentence(seed, point.into(), 6)), colours.plain);
        }
        let half = (screen.width * 9 / 16, screen.height / 4);
        if slide.is_multiple_of(2) {
            blit(picture, half, &photo(Size::new(screen.width * 3 / 8, screen.height / 2), seed));
        } else {
            for bar in 0..8 {
                let height = below(screen.height / 2, seed, bar.into());
                let width = screen.width / 24;
                let place = Rect::new(half.0 + bar * width, screen.height * 3 / 4 - height, width * 3 / 4, height);
                fill(picture, place, random(7, bar.into()) as u32 & 0x7f_7f7f | 0x30_3030);
            }
        }
    }
}

impl Scene for Slides {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        // 0, 1, 0, 1, 2, 1, 2, 3, 2, …
        let slide = step / 3 + [0, 1, 0][step as usize % 3];
        self.paint(picture, slide);
    }
}

/// Another photograph at each step.
pub(super) struct Photos {
    seed: u64,
}

impl Photos {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }
}

impl Scene for Photos {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        blit(picture, (0, 0), &photo(picture.size(), random(self.seed, step.into())));
    }
}
