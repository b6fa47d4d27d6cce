//! The symbols that a viewer has been told, in the order in which they came: later parts name them by their place.
//!
//! The host has the same list. It only ever grows, until the host starts a new generation of it: so a place means the
//! same symbol for as long as its generation lasts, and a part that came early can be shown if all its places are filled.

use super::symbols::Glyph;

/// The most symbols of a generation, and the most pixels of all of them: 16 MB.
pub(super) const MAX_SYMBOLS: usize = 1 << 14;
pub(super) const MAX_PIXELS: usize = 1 << 22;

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
}

impl Dictionary {
    pub(super) const fn generation(&self) -> Generation {
        self.generation
    }

    pub(super) fn glyphs(&self) -> &[Glyph] {
        &self.glyphs
    }

    /// Begins a generation.
    pub(super) fn begin(&mut self, generation: Generation) {
        *self = Self { generation, ..Self::default() };
    }

    /// Adds symbols; whether there was room for them.
    pub(super) fn add(&mut self, glyphs: Vec<Glyph>) -> bool {
        self.pixels += glyphs.iter().map(|glyph| glyph.pixels.len()).sum::<usize>();
        self.glyphs.extend(glyphs);
        self.glyphs.len() <= MAX_SYMBOLS && self.pixels <= MAX_PIXELS
    }
}
