//! A film in a window: a picture that pans, with grain that is new in every frame.

use beside_protocol::frame::{Framebuffer, Rect, Size};

use super::editor::Editor;
use super::{Scene, bounce};
use crate::look::Look;
use crate::paint::grain;
use crate::photo::photo;
use crate::random::random;

/// Pixels that the picture pans at each step, to one end and back.
const PAN: u32 = 3;

/// How far grain moves a channel.
const GRAIN: u8 = 5;

/// An editor with a film in its middle.
pub(super) struct Video {
    /// Wider than what is seen of it.
    film: Framebuffer,
    place: Rect,
    seed: u64,
    look: Look,
}

impl Video {
    pub(super) fn new(size: Size, seed: u64, look: Look) -> Self {
        let place = film(size);
        let film = Size::new(place.width + place.width / 4, place.height);
        Self { film: photo(film, seed), place, seed, look }
    }
}

/// Where the film is on a screen of `size`: at 1920 × 1080 it has 960 × 540 pixels.
pub fn film(size: Size) -> Rect {
    Rect::new(size.width / 4, size.height / 4, size.width.div_ceil(2), size.height.div_ceil(2))
}

impl Scene for Video {
    fn draw(&mut self, picture: &mut Framebuffer, step: u32) {
        if step == 0 {
            Editor::new(picture.size().rect(), self.look).paint(picture, self.seed, 0);
        }
        let seed = random(self.seed, step.into());
        let pan = bounce(step * PAN, self.film.size().width - self.place.width);
        let cut = Rect { x: pan, y: 0, ..self.place };
        for y in 0..cut.height {
            let (Some(from), Some(to)) = (self.film.row(&cut, y), picture.row_mut(&self.place, y)) else { continue };
            for (x, (to, from)) in (0..).zip(to.iter_mut().zip(from)) {
                *to = grain(*from, random(seed, u64::from(y) << 32 | x), GRAIN);
            }
        }
    }
}
