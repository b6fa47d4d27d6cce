//! Coding of text and flat pictures: the ground, and the ink on it as symbols in lines.
//!
//! The idea is JBIG2's (ITU-T T.88): a page holds few different letters, so each is told once, and a line of text is a
//! list of numbers and gaps. Here letters have colours, stand on grounds of any colour, and come back exactly.

use super::entropy::{Bit, Reader, Writer};
use super::ground::Ground;
use super::ink::{Apart, Piece};
use super::models::{Budget, Number, Side, Tree, Unfit};
use super::palette::{Numbers, Palette};
use super::symbols::{CLEAR, Pixels, Shapes, Symbol};
use crate::frame::Rect;

/// What a symbol in a line costs to decode, in units of the budget, and how many of its pixels cost one more.
const PLACE: usize = 40;
const PIXELS: usize = 4;

/// A piece belongs to a line whose foot is at most so many rows above its own: descenders.
const DESCENT: u32 = 6;

/// How many lines a piece may join: the last ones.
const OPEN_LINES: usize = 3;

/// The most symbols of a part: as many as a tree of choices can hold at little cost.
const MAX_DEPTH: u32 = 14;

/// A symbol in a line: which, and where in its rectangle.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    symbol: usize,
    left: i32,
    bottom: i32,
}

/// Symbols side by side, standing on about the same row.
#[derive(Debug, Default)]
struct Line {
    foot: i32,
    places: Vec<Place>,
}

/// Takes parts apart and writes them; keeps its memory for the next.
#[derive(Debug, Default)]
pub(super) struct TextWriter {
    apart: Apart,
    shapes: Shapes,
}

impl TextWriter {
    /// Appends a part's pixels to `bytes`, the rectangles' one after the other. When that fails, what was appended means
    /// nothing.
    pub(super) fn write(&mut self, rects: &[Rect], pixels: &[u32], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        self.shapes.clear();
        let mut sheets = Vec::with_capacity(rects.len());
        let mut rest = pixels;
        for rect in rects {
            let (these, others) = rest.split_at(rect.pixels() as usize);
            rest = others;
            let width = rect.width as usize;
            self.apart.take(width, these, corner(width, these));
            let lines = lines(&self.apart, &mut self.shapes, width, these);
            sheets.push((std::mem::take(&mut self.apart.ground), lines));
        }
        let inks = self.shapes.pixels().iter().copied().filter(|pixel| *pixel != CLEAR);
        let (mut palette, numbers) = Palette::of(inks).ok_or(Unfit)?;
        let mut symbols = self.in_order_of_use(&mut sheets, &numbers);
        let mut writer = Writer::new(bytes);
        palette.code(&mut writer);
        let mut page = Page::new(&mut writer, symbols.len(), &palette, pixels.len())?;
        for (rect, (ground, lines)) in rects.iter().zip(&mut sheets) {
            page.ground.code(&mut writer, rect.width as usize, ground, &mut page.budget)?;
            page.code_lines(&mut writer, lines, &mut symbols)?;
        }
        writer.finish();
        Ok(())
    }

    /// The symbols in the order in which they first come, by which the places name them from then on.
    fn in_order_of_use(&self, sheets: &mut [(Vec<u32>, Vec<Line>)], numbers: &Numbers) -> Vec<Symbol> {
        let mut symbols = Vec::with_capacity(self.shapes.len());
        let mut given = vec![None; self.shapes.len()];
        let lines = sheets.iter_mut().flat_map(|(_, lines)| lines);
        for place in lines.flat_map(|line| &mut line.places) {
            let shape = place.symbol;
            place.symbol = *given[shape].get_or_insert(symbols.len());
            if place.symbol == symbols.len() {
                let (width, pixels) = self.shapes.get(shape);
                let cell = |pixel: &u32| if *pixel == CLEAR { 0 } else { numbers.of(*pixel) };
                let cells: Vec<_> = pixels.iter().map(cell).collect();
                symbols.push(Symbol { width, height: cells.len() / width, cells });
            }
        }
        symbols
    }
}

/// The pixels of `rects`, one after the other, from what a [`TextWriter`] has written.
pub(super) fn read(rects: &[Rect], data: &[u8], pixels: &mut [u32]) -> Result<(), Unfit> {
    let mut reader = Reader::new(data);
    let mut palette = Palette::default();
    palette.code(&mut reader);
    let mut page = Page::new(&mut reader, 0, &palette, pixels.len())?;
    let mut symbols = Vec::new();
    let mut lines = Vec::new();
    let mut rest = pixels;
    for rect in rects {
        let (these, others) = rest.split_at_mut(rect.pixels() as usize);
        rest = others;
        page.ground.code(&mut reader, rect.width as usize, these, &mut page.budget)?;
        lines.clear();
        page.code_lines(&mut reader, &mut lines, &mut symbols)?;
        for place in lines.iter().flat_map(|line| &line.places) {
            paint(these, rect, place, &symbols[place.symbol], &palette)?;
        }
    }
    Ok(())
}

/// Paints a symbol on the ground.
fn paint(pixels: &mut [u32], rect: &Rect, place: &Place, symbol: &Symbol, palette: &Palette) -> Result<(), Unfit> {
    let top = usize::try_from(place.bottom).ok().and_then(|bottom| bottom.checked_sub(symbol.height)).ok_or(Unfit)?;
    let left = usize::try_from(place.left).map_err(|_| Unfit)?;
    let width = rect.width as usize;
    if left + symbol.width > width || top + symbol.height > rect.height as usize {
        return Err(Unfit);
    }
    let rows = pixels.chunks_exact_mut(width).skip(top);
    for (row, cells) in rows.zip(symbol.cells.chunks_exact(symbol.width)) {
        for (pixel, cell) in row[left..].iter_mut().zip(cells) {
            *pixel = palette.colour(*cell).unwrap_or(*pixel);
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
    pieces.sort_unstable_by_key(|(piece, _)| (piece.bottom, piece.left));
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
    (piece.top as i32) < line.foot && (piece.bottom as i32) <= line.foot + DESCENT as i32
}

/// What has been learned of a part so far.
struct Page {
    ground: Ground,
    pixels: Pixels,
    budget: Budget,
    /// How far above the foot of its line each symbol stood when it last came: one entry for each known symbol.
    lifts: Vec<i32>,
    which: Tree,
    more_lines: Bit,
    more_places: Bit,
    is_new: [Bit; 2],
    foot: Number,
    /// For new symbols and for known ones.
    gap: [Number; 2],
    lift: [Number; 2],
}

impl Page {
    /// The start of a part with so many symbols, which a reader learns here.
    fn new<S: Side>(side: &mut S, symbols: usize, palette: &Palette, pixels: usize) -> Result<Self, Unfit> {
        let depth = side.plain(usize::BITS - symbols.leading_zeros(), 4);
        if depth > MAX_DEPTH || (S::WRITES && symbols >> MAX_DEPTH != 0) {
            return Err(Unfit);
        }
        Ok(Self {
            ground: Ground::new(),
            pixels: Pixels::new(palette.numbers()),
            budget: Budget::of(pixels),
            lifts: Vec::new(),
            which: Tree::new(depth),
            more_lines: Bit::new(),
            more_places: Bit::new(),
            is_new: [Bit::new(); 2],
            foot: Number::new(),
            gap: [const { Number::new() }; 2],
            lift: [const { Number::new() }; 2],
        })
    }

    /// Writes the lines of a rectangle, or reads them into empty ones; and the symbols that are new in them.
    fn code_lines<S: Side>(
        &mut self,
        side: &mut S,
        lines: &mut Vec<Line>,
        symbols: &mut Vec<Symbol>,
    ) -> Result<(), Unfit> {
        let (mut at, mut foot) = (0, 0);
        while side.bit(&mut self.more_lines, at < lines.len()) {
            if !S::WRITES {
                lines.push(Line::default());
            }
            let line = &mut lines[at];
            line.foot = self.foot.code_near(side, foot, line.foot);
            self.code_line(side, line, symbols)?;
            foot = line.foot;
            at += 1;
        }
        Ok(())
    }

    /// A line has at least one symbol.
    fn code_line<S: Side>(&mut self, side: &mut S, line: &mut Line, symbols: &mut Vec<Symbol>) -> Result<(), Unfit> {
        let (mut at, mut pen, mut was_new) = (0, 0, false);
        loop {
            if !S::WRITES {
                line.places.push(Place::default());
            }
            let place = &mut line.places[at];
            let known = self.lifts.len();
            let is_new = side.bit(&mut self.is_new[usize::from(was_new)], place.symbol == known);
            place.symbol = self.code_symbol(side, is_new, place.symbol, symbols)?;
            let kind = usize::from(is_new);
            let lift = &mut self.lifts[place.symbol];
            *lift = self.lift[kind].code_near(side, *lift, line.foot.wrapping_sub(place.bottom));
            place.bottom = line.foot.wrapping_sub(*lift);
            place.left = self.gap[kind].code_near(side, pen, place.left);
            pen = place.left.wrapping_add(symbols[place.symbol].width as i32);
            (at, was_new) = (at + 1, is_new);
            if !side.bit(&mut self.more_places, at < line.places.len()) {
                return Ok(());
            }
        }
    }

    /// Which symbol, and its pixels if it is new.
    fn code_symbol<S: Side>(
        &mut self,
        side: &mut S,
        is_new: bool,
        symbol: usize,
        symbols: &mut Vec<Symbol>,
    ) -> Result<usize, Unfit> {
        let known = self.lifts.len();
        let symbol = if is_new {
            if !S::WRITES {
                symbols.push(Symbol::default());
            }
            self.lifts.push(0);
            self.pixels.code(side, &mut symbols[known], &mut self.budget)?;
            known
        } else {
            self.which.code(side, symbol as u32) as usize
        };
        let cells = symbols[..self.lifts.len()].get(symbol).ok_or(Unfit)?.cells.len();
        self.budget.spend(PLACE + cells / PIXELS)?;
        Ok(symbol)
    }
}
