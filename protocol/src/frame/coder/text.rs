//! Coding of text and flat pictures: the ground, and the ink on it as symbols in lines.
//!
//! The idea is JBIG2's (ITU-T T.88): a page holds few different letters, so each is told once, and a line of text is a
//! list of numbers and gaps. Here letters have colours, stand on grounds of any colour, and come back exactly.

use super::dictionary::{self, Dictionary, Generation};
use super::entropy::{Reader, Writer};
use super::ink::{Apart, Piece};
use super::models::{Side, Unfit, allowed, bits_of};
use super::page::{Line, Page, Place, Reading, Writing};
use super::symbols::{CLEAR, Glyph, Shapes};
use crate::frame::{Rect, buffer::pieces};

/// A piece belongs to a line whose foot is at most so many rows above its own: descenders.
const DESCENT: i32 = 6;

/// How many lines a piece may join: the last ones.
const OPEN_LINES: usize = 3;

/// What a part has to do with the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frame) enum Binding {
    /// Nothing: it tells all its symbols, and they are forgotten after it.
    Free,
    /// It may name symbols that were told before, and those that it tells are kept.
    Bound,
}

/// Takes parts apart and writes them; keeps the symbols that it has told, and its memory.
#[derive(Debug, Default)]
pub(in crate::frame) struct TextWriter {
    apart: Apart,
    shapes: Shapes,
    /// The place of each shape in the dictionary.
    places: Vec<u32>,
    /// The colours that it has told.
    colours: Vec<u32>,
    generation: Generation,
}

/// What a part, or a whole update, has to do with symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// It begins a new generation: what was told before it is never named again.
    pub fresh: bool,
    /// It can be read only by who has all symbols, and all pictures of the film, that were told before it in its generation.
    pub bound: bool,
    /// It tells symbols that later updates may name, or a picture of a film that the next one needs.
    pub tells: bool,
    /// It carries a picture of a film: who can't read films can't use it.
    pub film: bool,
}

impl TextWriter {
    /// Begins a new generation of symbols.
    pub(in crate::frame) fn forget(&mut self) {
        self.truncate(0);
        self.colours.clear();
        self.generation = (self.generation + 1) % dictionary::GENERATIONS;
    }

    /// Whether the dictionary may be too small for the next part.
    pub(in crate::frame) fn is_full(&self) -> bool {
        self.shapes.len() > dictionary::MAX_SYMBOLS / 2 || self.shapes.area() > dictionary::MAX_PIXELS / 2
    }

    /// Appends a part's pixels to `bytes`, the rectangles' one after the other. When it fails, what was appended means
    /// nothing, and no symbol has been told.
    pub(super) fn write(
        &mut self,
        binding: Binding,
        rects: &[Rect],
        pixels: &[u32],
        bytes: &mut Vec<u8>,
    ) -> Result<Told, Unfit> {
        if binding == Binding::Free {
            self.truncate(0);
        }
        let (known, colours) = (self.places.len(), self.colours.len());
        let start = bytes.len();
        let mut written = self.try_write(binding, rects, pixels, bytes);
        if bytes.len() - start >= pixels.len() * 3 {
            written = Err(Unfit);
        }
        if written.is_err() {
            self.truncate(known);
            self.colours.truncate(colours);
        }
        written
    }

    fn truncate(&mut self, count: usize) {
        self.shapes.truncate(count);
        self.places.truncate(count);
    }

    fn try_write(
        &mut self,
        binding: Binding,
        rects: &[Rect],
        pixels: &[u32],
        bytes: &mut Vec<u8>,
    ) -> Result<Told, Unfit> {
        let known = self.places.len();
        let mut sheets = Vec::with_capacity(rects.len());
        self.apart.ground.clear();
        for (rect, pixels) in pieces(rects, pixels) {
            let width = rect.width as usize;
            let first = self.apart.ground.count();
            self.apart.take(width, pixels, corner(width, pixels));
            let lines = lines(&self.apart, &mut self.shapes, width, pixels);
            sheets.push((first..self.apart.ground.count(), lines));
        }
        if self.shapes.len() > dictionary::MAX_SYMBOLS || self.shapes.area() > dictionary::MAX_PIXELS {
            return Err(Unfit);
        }
        let mut writer = Writer::new(bytes, allowed(pixels.len()));
        let tie = match binding {
            Binding::Free => Tie::Free,
            Binding::Bound if known == 0 => Tie::First(self.generation),
            Binding::Bound => Tie::Later(self.generation, bits_of(known)),
        }
        .code(&mut writer);
        let used = sheets.iter().flat_map(|(_, lines)| lines);
        let mut words = Writing::new(&self.shapes, &self.places, used);
        let mut page =
            Page::new(&mut writer, words.distinct(), tie.place_bits(), tie.may_use(&self.colours), pixels.len())?;
        for (rect, (rows, lines)) in rects.iter().zip(&mut sheets) {
            page.ground().write(&mut writer, rect.width as usize, &self.apart.ground, rows.clone());
            writer.check(0)?;
            page.code_lines(&mut writer, lines, &mut words)?;
        }
        writer.finish();
        let told = Told { bound: binding == Binding::Bound, tells: self.shapes.len() > known, ..Told::default() };
        let new = words.into_new();
        let colours = page.into_told();
        if binding == Binding::Bound {
            dictionary::keep_colours(&mut self.colours, &colours);
        }
        self.places.resize(self.shapes.len(), 0);
        for (place, shape) in (known..).zip(new) {
            self.places[shape] = place as u32;
        }
        Ok(told)
    }
}

/// What a decoder does with the symbols that a part tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::frame) enum Turn {
    /// The part has come in its turn: they are kept.
    Now,
    /// It has come early, or late: they are not.
    Other,
}

/// The pixels of `rects`, one after the other, from what a [`TextWriter`] has written.
pub(super) fn read(
    rects: &[Rect],
    data: &[u8],
    pixels: &mut [u32],
    dictionary: &mut Dictionary,
    turn: Turn,
) -> Result<(), Unfit> {
    let mut reader = Reader::new(data, allowed(pixels.len()));
    let tie = Tie::Free.code(&mut reader);
    let (known, colours): (&[_], &[_]) = match (tie, turn) {
        (Tie::First(generation), Turn::Now) => {
            dictionary.begin(generation);
            (&[], &[])
        }
        (Tie::Later(generation, bits), _) => {
            let in_step = turn == Turn::Other || bits == bits_of(dictionary.glyphs().len());
            if generation != dictionary.generation() || !in_step {
                return Err(Unfit);
            }
            (dictionary.glyphs(), dictionary.colours())
        }
        (Tie::Free, _) | (Tie::First(_), Turn::Other) => (&[], &[]),
    };
    let mut page = Page::new(&mut reader, 0, tie.place_bits(), tie.may_use(colours), pixels.len())?;
    let mut words = Reading::new(known);
    let mut lines = Vec::new();
    let mut rest = pixels;
    for rect in rects {
        let (these, others) = rest.split_at_mut(rect.pixels() as usize);
        rest = others;
        page.ground().read(&mut reader, rect.width as usize, these);
        reader.check(0)?;
        lines.clear();
        page.code_lines(&mut reader, &mut lines, &mut words)?;
        for place in lines.iter().flat_map(|line| &line.places) {
            paint(these, rect, place, words.glyph(place.symbol).ok_or(Unfit)?)?;
        }
    }
    let (new, colours) = (words.into_new(), page.into_told());
    if tie != Tie::Free && turn == Turn::Now && !dictionary.add(new, colours) {
        return Err(Unfit);
    }
    Ok(())
}

/// How a part is tied to the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tie {
    /// Not at all.
    Free,
    /// It begins a generation: before it there are no symbols.
    First(Generation),
    /// It may name symbols of the generation, whose places take so many bits.
    Later(Generation, u32),
}

impl Tie {
    /// Writes it, or reads another.
    fn code<S: Side>(self, side: &mut S) -> Self {
        let (generation, bits) = match self {
            Self::Free => (0, 0),
            Self::First(generation) => (generation, 0),
            Self::Later(generation, bits) => (generation, bits),
        };
        if side.plain(u32::from(self != Self::Free), 1) == 0 {
            return Self::Free;
        }
        let is_later = side.plain(u32::from(matches!(self, Self::Later(..))), 1) == 1;
        let generation = side.plain(generation.into(), dictionary::GENERATIONS.ilog2()) as Generation;
        if is_later { Self::Later(generation, side.plain(bits, 4)) } else { Self::First(generation) }
    }

    /// The colours that were told before, if it may use them.
    fn may_use(self, colours: &[u32]) -> Option<&[u32]> {
        matches!(self, Self::Later(..)).then_some(colours)
    }

    /// The bits of a place in the dictionary.
    const fn place_bits(self) -> u32 {
        match self {
            Self::Free | Self::First(_) => 0,
            Self::Later(_, bits) => bits,
        }
    }
}

/// Paints a symbol on the ground.
fn paint(pixels: &mut [u32], rect: &Rect, place: &Place, glyph: &Glyph) -> Result<(), Unfit> {
    let top = usize::try_from(place.bottom).ok().and_then(|bottom| bottom.checked_sub(glyph.height)).ok_or(Unfit)?;
    let left = usize::try_from(place.left).map_err(|_| Unfit)?;
    let width = rect.width as usize;
    if left + glyph.width > width || top + glyph.height > rect.height as usize {
        return Err(Unfit);
    }
    let rows = pixels.chunks_exact_mut(width).skip(top);
    for (row, inks) in rows.zip(glyph.pixels.chunks_exact(glyph.width)) {
        for (pixel, ink) in row[left..].iter_mut().zip(inks) {
            *pixel = if *ink == CLEAR { *pixel } else { *ink };
        }
    }
    Ok(())
}

/// The ground that is likely above a rectangle: what most of its corners show.
fn corner(width: usize, pixels: &[u32]) -> u32 {
    let last = pixels.len() - 1;
    let [a, b, c, d] = [0, width - 1, last + 1 - width, last].map(|at| pixels[at]);
    if a == b || a == c || a == d {
        a
    } else if b == c || b == d {
        b
    } else {
        c
    }
}

/// The lines of a picture that was taken apart, from the top; the places name shapes.
fn lines(apart: &Apart, shapes: &mut Shapes, width: usize, pixels: &[u32]) -> Vec<Line> {
    let mut pieces: Vec<_> = apart.pieces().collect();
    pieces.sort_unstable_by_key(|(piece, _)| u64::from(piece.bottom) << 32 | u64::from(piece.left));
    let mut lines: Vec<Line> = Vec::new();
    for (piece, runs) in pieces {
        let symbol = shapes.number(piece, runs, width, pixels);
        let place = Place { symbol, left: piece.left as i32, bottom: piece.bottom as i32 };
        let open = lines.len().saturating_sub(OPEN_LINES);
        match lines[open..].iter_mut().rfind(|line| belongs(piece, line)) {
            Some(line) => line.places.push(place),
            None => lines.push(Line { foot: place.bottom, places: vec![place] }),
        }
    }
    lines.iter_mut().for_each(|line| line.places.sort_unstable_by_key(|place| place.left));
    lines
}

const fn belongs(piece: &Piece, line: &Line) -> bool {
    (piece.top as i32) < line.foot && piece.bottom as i32 <= line.foot + DESCENT
}
