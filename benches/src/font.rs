//! Text as programs draw it: anti-aliased glyphs of the fonts that the product's windows carry.

use beside_protocol::frame::{Framebuffer, Rect};
use epaint::text::{FontDefinitions, FontFamily, FontId, Fonts, TextOptions};
use epaint::{Color32, ColorImage};

use crate::look::Edges;
use crate::paint::blend;

/// The characters that can be drawn: printable ASCII.
const FIRST: char = ' ';
const LAST: char = '~';

/// Subpixel edges are drawn this much larger and then made smaller: three stripes make a pixel.
const STRIPES: usize = 3;

/// What a stripe takes of itself and of the two on either side, in 256ths, so that colours do not fringe as much: the
/// default of FreeType (its documentation, "LCD filtering").
const FILTER: [u32; 5] = [8, 77, 86, 77, 8];

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
    /// How much of each pixel's blue, green and red is ink, 0 to 255, row after row.
    ink: Vec<[u8; 3]>,
    /// How far the pen moves, in pixels.
    advance: u32,
}

impl Font {
    /// The face of source code, `size` pixels high.
    pub(crate) fn monospace(size: u32, edges: Edges) -> Self {
        Self::new(FontFamily::Monospace, size, edges)
    }

    /// The face of menus and lists, `size` pixels high.
    pub(crate) fn proportional(size: u32, edges: Edges) -> Self {
        Self::new(FontFamily::Proportional, size, edges)
    }

    fn new(family: FontFamily, size: u32, edges: Edges) -> Self {
        let mut fonts = Fonts::new(TextOptions::default(), FontDefinitions::default());
        let (placed, line_height) = laid_out(&mut fonts, FontId::new(size as f32, family.clone()));
        let glyphs = match edges {
            Edges::Grey => {
                let atlas = fonts.with_pixels_per_point(1.0).image();
                placed.iter().map(|glyph| Glyph::grey(glyph, &atlas)).collect()
            }
            Edges::Subpixel => {
                let (large, _) = laid_out(&mut fonts, FontId::new(size as f32 * STRIPES as f32, family));
                let atlas = fonts.with_pixels_per_point(1.0).image();
                placed.iter().zip(&large).map(|(glyph, large)| Glyph::striped(glyph, large, &atlas)).collect()
            }
        };
        Self { glyphs, line_height }
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
    /// A laid out glyph, cut from the atlas.
    fn grey(glyph: &epaint::text::Glyph, atlas: &ColorImage) -> Self {
        let stamp = Stamp::new(glyph, atlas);
        Self {
            left: stamp.left,
            top: stamp.top,
            width: stamp.width,
            ink: stamp.ink.iter().map(|ink| [*ink; 3]).collect(),
            advance: glyph.advance_width.round() as u32,
        }
    }

    /// A laid out glyph with the ink of `large`, which is three times its size.
    fn striped(glyph: &epaint::text::Glyph, large: &epaint::text::Glyph, atlas: &ColorImage) -> Self {
        let stamp = Stamp::new(large, atlas);
        let stripes = STRIPES as i32;
        // One pixel more on either side, for what the filter spreads.
        let (left, top) = (stamp.left.div_euclid(stripes) - 1, stamp.top.div_euclid(stripes));
        let rows = stamp.ink.len().checked_div(stamp.width).unwrap_or(0) as i32;
        let ceil = |stripe: i32| -(-stripe).div_euclid(stripes);
        let width = ceil(stamp.left + stamp.width as i32) + 1 - left;
        let height = ceil(stamp.top + rows) - top;
        // Three rows of a stripe, of 255 each.
        let column = |x: i32, y: i32| (0..stripes).map(|row| stamp.at(x, y * stripes + row)).sum::<u32>();
        let channel = |x: i32, y: i32| {
            let taps = (-2..).zip(FILTER).map(|(tap, share)| column(x + tap, y) * share);
            (taps.sum::<u32>() / (256 * STRIPES as u32)).min(255) as u8
        };
        let pixel = |x: i32, y: i32| [2, 1, 0].map(|stripe| channel(x * stripes + stripe, y));
        let places = (top..top + height).flat_map(|y| (left..left + width).map(move |x| (x, y)));
        Self {
            left,
            top,
            width: width as usize,
            ink: places.map(|(x, y)| pixel(x, y)).collect(),
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

/// Lays the characters out one by one, and tells the height of a line.
fn laid_out(fonts: &mut Fonts, id: FontId) -> (Vec<epaint::text::Glyph>, u32) {
    let mut view = fonts.with_pixels_per_point(1.0);
    let line_height = view.row_height(&id).ceil() as u32;
    let glyph = |character: char| {
        let galley = view.layout_no_wrap(character.into(), id.clone(), Color32::WHITE);
        galley.rows.first()?.row.glyphs.first().copied()
    };
    ((FIRST..=LAST).filter_map(glyph).collect(), line_height)
}

/// A glyph as the atlas has it.
struct Stamp {
    left: i32,
    top: i32,
    width: usize,
    ink: Vec<u8>,
}

impl Stamp {
    fn new(glyph: &epaint::text::Glyph, atlas: &ColorImage) -> Self {
        let (min, max) = (glyph.uv_rect.min.map(usize::from), glyph.uv_rect.max.map(usize::from));
        let rows = (min[1]..max[1]).map(|y| &atlas.pixels[y * atlas.width()..][min[0]..max[0]]);
        let corner = glyph.pos + glyph.uv_rect.offset;
        Self {
            left: corner.x.round() as i32,
            top: corner.y.round() as i32,
            width: max[0] - min[0],
            ink: rows.flatten().map(Color32::a).collect(),
        }
    }

    /// The ink at a place counted from the pen and the line's top; none outside.
    fn at(&self, x: i32, y: i32) -> u32 {
        let (x, y) = (usize::try_from(x - self.left), usize::try_from(y - self.top));
        let (Ok(x), Ok(y)) = (x, y) else { return 0 };
        let place = (x < self.width).then_some(y * self.width + x);
        place.and_then(|place| self.ink.get(place)).copied().map_or(0, u32::from)
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
        let edges = [Edges::Grey, Edges::Subpixel];
        for font in edges.into_iter().flat_map(|edges| [Font::monospace(14, edges), Font::proportional(14, edges)]) {
            let all = inked(&font, Size::new(100, 40).rect(), "Mg ");
            let line = Rect::new(8, 5, font.width("Mg") + 4, font.line_height());
            assert!(all.len() > 40 && all.iter().all(|(x, y)| line.contains(&Rect::new(*x, *y, 1, 1))), "{all:?}");
            let clip = Rect::new(12, 10, 4, 4);
            let kept: Vec<_> = all.into_iter().filter(|(x, y)| clip.contains(&Rect::new(*x, *y, 1, 1))).collect();
            assert_eq!(inked(&font, clip, "Mg "), kept);
        }
    }

    #[test]
    fn stripes_have_colours_and_the_same_weight() {
        let ink = |edges| {
            let font = Font::monospace(16, edges);
            let mut picture = Framebuffer::new(Size::new(400, 30));
            font.draw(&mut picture, Size::new(400, 30).rect(), (5, 5), "The quick brown fox jumps", 0xff_ffff);
            picture
        };
        let weight = |picture: &Framebuffer| {
            let bytes = picture.pixels().iter().flat_map(|pixel| pixel.to_le_bytes());
            bytes.map(u64::from).sum::<u64>()
        };
        let is_grey = |pixel: &u32| [8, 16].iter().all(|shift| pixel >> shift & 0xff == pixel & 0xff);
        let (grey, striped) = (ink(Edges::Grey), ink(Edges::Subpixel));
        assert!(grey.pixels().iter().all(is_grey) && !striped.pixels().iter().all(is_grey));
        let (grey, striped) = (weight(&grey), weight(&striped));
        assert!(grey.abs_diff(striped) * 5 < grey, "{grey} {striped}");
    }

    #[test]
    fn a_monospaced_face_has_one_width() {
        let font = Font::monospace(15, Edges::Grey);
        assert!((FIRST..=LAST).all(|character| font.width(&character.to_string()) == font.width("m")));
        assert_eq!(font.width("\n"), 0);
    }
}
