//! Text as programs draw it: anti-aliased glyphs of the fonts that the product's windows carry.

use beside_protocol::frame::{Framebuffer, Rect};
use epaint::text::{FontDefinitions, FontFamily, FontId, Fonts, TextOptions};
use epaint::{Color32, ColorImage};

use crate::paint::blend;

/// The characters that can be drawn: printable ASCII.
const FIRST: char = ' ';
const LAST: char = '~';

/// A typeface at one size; glyphs stand on whole pixels, as hinted text does.
#[derive(Debug)]
pub(crate) struct Font {
    glyphs: Vec<Glyph>,
    line_height: u32,
}

/// The picture of a character.
#[derive(Debug)]
struct Glyph {
    /// From the pen and the line's top to the picture's left upper corner, in pixels.
    left: i32,
    top: i32,
    width: usize,
    /// How much of each pixel is ink, 0 to 255, row after row.
    ink: Vec<u8>,
    /// How far the pen moves, in pixels.
    advance: u32,
}

impl Font {
    /// The face of source code, `size` pixels high.
    pub(crate) fn monospace(size: u32) -> Self {
        Self::new(FontFamily::Monospace, size)
    }

    /// The face of menus and lists, `size` pixels high.
    pub(crate) fn proportional(size: u32) -> Self {
        Self::new(FontFamily::Proportional, size)
    }

    fn new(family: FontFamily, size: u32) -> Self {
        let mut fonts = Fonts::new(TextOptions::default(), FontDefinitions::default());
        let id = FontId::new(size as f32, family);
        let mut view = fonts.with_pixels_per_point(1.0);
        let line_height = view.row_height(&id).ceil() as u32;
        let placed: Vec<epaint::text::Glyph> = (FIRST..=LAST)
            .filter_map(|character| {
                let galley = view.layout_no_wrap(character.into(), id.clone(), Color32::WHITE);
                galley.rows.first()?.row.glyphs.first().copied()
            })
            .collect();
        let atlas = view.image();
        Self { glyphs: placed.iter().map(|glyph| Glyph::new(glyph, &atlas)).collect(), line_height }
    }

    /// Pixels from one line's top to the next one's.
    pub(crate) const fn line_height(&self) -> u32 {
        self.line_height
    }

    /// How many pixels wide `text` is.
    pub(crate) fn width(&self, text: &str) -> u32 {
        text.chars().filter_map(|character| self.glyph(character)).map(|glyph| glyph.advance).sum()
    }

    /// Draws `text` in `colour` with the line's left upper corner at `x`, `y`; only what lies within `clip` is
    /// painted. Returns where the next character would begin.
    pub(crate) fn draw(
        &self,
        picture: &mut Framebuffer,
        clip: Rect,
        (x, y): (u32, u32),
        text: &str,
        colour: u32,
    ) -> u32 {
        let mut pen = x;
        for glyph in text.chars().filter_map(|character| self.glyph(character)) {
            glyph.draw(picture, clip, (pen, y), colour);
            pen += glyph.advance;
        }
        pen
    }

    fn glyph(&self, character: char) -> Option<&Glyph> {
        self.glyphs.get((character as usize).checked_sub(FIRST as usize)?)
    }
}

impl Glyph {
    /// The picture of a laid out glyph, cut from the atlas.
    fn new(glyph: &epaint::text::Glyph, atlas: &ColorImage) -> Self {
        let (min, max) = (glyph.uv_rect.min.map(usize::from), glyph.uv_rect.max.map(usize::from));
        let rows = (min[1]..max[1]).map(|y| &atlas.pixels[y * atlas.width()..][min[0]..max[0]]);
        let corner = glyph.pos + glyph.uv_rect.offset;
        Self {
            left: corner.x.round() as i32,
            top: corner.y.round() as i32,
            width: max[0] - min[0],
            ink: rows.flatten().map(Color32::a).collect(),
            advance: glyph.advance_width.round() as u32,
        }
    }

    fn draw(&self, picture: &mut Framebuffer, clip: Rect, (x, y): (u32, u32), colour: u32) {
        for (row, ink) in (0..).zip(self.ink.chunks_exact(self.width.max(1))) {
            for (column, ink) in (0..).zip(ink) {
                let at = x.checked_add_signed(self.left + column).zip(y.checked_add_signed(self.top + row));
                let Some(at) = at.map(|(x, y)| Rect::new(x, y, 1, 1)).filter(|at| clip.contains(at)) else { continue };
                if let Some([pixel]) = picture.row_mut(&at, 0) {
                    *pixel = blend(*pixel, colour, *ink);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use beside_protocol::frame::Size;

    use super::*;

    fn inked(font: &Font, clip: Rect, text: &str) -> Vec<(u32, u32)> {
        let mut picture = Framebuffer::new(Size::new(100, 40));
        font.draw(&mut picture, clip, (10, 5), text, 0xff_ffff);
        let places = (0..40).flat_map(|y| (0..100).map(move |x| (x, y)));
        places.zip(picture.pixels()).filter(|(_, pixel)| **pixel != 0).map(|(place, _)| place).collect()
    }

    #[test]
    fn text_stands_in_its_line_and_its_clip() {
        for font in [Font::monospace(14), Font::proportional(14)] {
            let all = inked(&font, Size::new(100, 40).rect(), "Mg ");
            let line = Rect::new(9, 5, font.width("Mg") + 2, font.line_height());
            assert!(all.len() > 40 && all.iter().all(|(x, y)| line.contains(&Rect::new(*x, *y, 1, 1))), "{all:?}");
            let clip = Rect::new(12, 10, 4, 4);
            let kept: Vec<_> = all.into_iter().filter(|(x, y)| clip.contains(&Rect::new(*x, *y, 1, 1))).collect();
            assert_eq!(inked(&font, clip, "Mg "), kept);
        }
    }

    #[test]
    fn a_monospaced_face_has_one_width() {
        let font = Font::monospace(15);
        assert!((FIRST..=LAST).all(|character| font.width(&character.to_string()) == font.width("m")));
        assert_eq!(font.width("\n"), 0);
    }
}
