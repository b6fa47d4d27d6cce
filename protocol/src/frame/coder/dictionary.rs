//! The symbols that a viewer has been told, in the order in which they came: later parts name them by their place. And
//! their colours, which later parts begin with.
//!
//! The host has the same lists. They only ever grow, until the host starts a new generation of them: so a place means the
//! same symbol for as long as its generation lasts, and a part that came early can be shown if all its places are filled.

use super::symbols::Glyph;

/// The most symbols of a generation, and the most pixels of all of them: 16 MB.
pub(super) const MAX_SYMBOLS: usize = 1 << 14;
pub(super) const MAX_PIXELS: usize = 1 << 22;

/// So many colours of a generation are kept: the first ones.
pub(super) const MAX_COLOURS: usize = (1 << COLOUR_BITS) - 1;
pub(super) const COLOUR_BITS: u32 = 14;

/// Which list of symbols is meant, of the last [`GENERATIONS`].
pub(super) type Generation = u8;

/// How many generations are told apart: more than can be on their way at once.
pub(super) const GENERATIONS: Generation = 16;

/// A viewer's symbols.
#[derive(Debug, Default)]
pub(in crate::frame) struct Dictionary {
    generation: Generation,
    glyphs: Vec<Glyph>,
    pixels: usize,
    colours: Vec<u32>,
}

impl Dictionary {
    pub(super) const fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn glyphs(&self) -> &[Glyph] {
        &self.glyphs
    }

    pub(super) fn colours(&self) -> &[u32] {
        &self.colours
    }

    /// Begins a generation.
    pub(super) fn begin(&mut self, generation: Generation) {
        *self = Self { generation, ..Self::default() };
    }

    /// Adds symbols and their colours; whether there was room for the symbols.
    pub(super) fn add(&mut self, glyphs: Vec<Glyph>, colours: Vec<u32>) -> bool {
        keep_colours(&mut self.colours, &colours);
        self.pixels += glyphs.iter().map(|glyph| glyph.pixels.len()).sum::<usize>();
        self.glyphs.extend(glyphs);
        self.glyphs.len() <= MAX_SYMBOLS && self.pixels <= MAX_PIXELS
    }
}

/// Adds colours to those that are kept, as long as there is room.
pub(super) fn keep_colours(kept: &mut Vec<u32>, colours: &[u32]) {
    let room = MAX_COLOURS - kept.len();
    kept.extend(colours.iter().take(room));
}
