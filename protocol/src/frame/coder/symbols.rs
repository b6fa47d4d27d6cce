//! Pieces of ink that come again and again, such as letters: each is told once and then named.

use super::entropy::Bit;
use super::ink::{Piece, Run};
use super::models::{Number, Side, Tree, Unfit, bits_of};
use super::palette::{Index, Palette};

/// The widest and highest symbol: as large as a picture.
const MAX_SIDE: u32 = 1 << 14;

/// A piece of ink: numbers of a palette's colours, row after row, clear where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) cells: Vec<Index>,
}

/// A symbol with its colours.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row after row; [`CLEAR`] where the ground shines through.
    pub(super) pixels: Box<[u32]>,
}

impl Glyph {
    /// A symbol in the colours of a palette; a number without a colour is clear.
    pub(super) fn of(symbol: &Symbol, palette: &Palette) -> Self {
        let pixels = symbol.cells.iter().map(|cell| palette.colour(*cell).unwrap_or(CLEAR)).collect();
        Self { width: symbol.width, height: symbol.height, pixels }
    }
}

/// The pixels of symbols as they were captured, to be found again.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The pixels of all, one after the other.
    pixels: Vec<u32>,
    shapes: Vec<Shape>,
    /// The shape that begins a chain of those with one hash, by the hash's low bits.
    first: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    width: usize,
    start: usize,
    area: usize,
    bucket: usize,
    /// The next in the chain.
    next: u32,
}

/// A pixel of a symbol through which the ground shines: no colour.
pub(super) const CLEAR: u32 = u32::MAX;

const BUCKETS: usize = 1 << 12;
const NONE: u32 = u32::MAX;

impl Default for Shapes {
    fn default() -> Self {
        Self { pixels: Vec::new(), shapes: Vec::new(), first: vec![NONE; BUCKETS] }
    }
}

impl Shapes {
    /// Forgets all but the first ones.
    pub(super) fn truncate(&mut self, count: usize) {
        // The newest begins its chain.
        for shape in self.shapes.drain(count..).rev() {
            self.first[shape.bucket] = shape.next;
            self.pixels.truncate(shape.start);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// The pixels of all shapes from this one on.
    pub(super) fn pixels_from(&self, number: usize) -> &[u32] {
        self.shapes.get(number).map_or(&[], |shape| &self.pixels[shape.start..])
    }

    /// How many pixels all shapes have.
    pub(super) fn area(&self) -> usize {
        self.pixels.len()
    }

    /// The width of a shape, and its pixels.
    pub(super) fn get(&self, number: usize) -> (usize, &[u32]) {
        let shape = self.shapes[number];
        (shape.width, &self.pixels[shape.start..][..shape.area])
    }

    /// The number of a piece's shape.
    pub(super) fn number(&mut self, piece: &Piece, runs: &[Run], width: usize, pixels: &[u32]) -> usize {
        let start = self.pixels.len();
        self.pixels.resize(start + piece.area(), CLEAR);
        let across = (piece.right - piece.left) as usize;
        let mut hash = u64::from(piece.right - piece.left) << 32 | u64::from(piece.bottom - piece.top);
        for run in runs {
            let from = &pixels[run.y as usize * width + run.start as usize..][..(run.end - run.start) as usize];
            let to = start + (run.y - piece.top) as usize * across + (run.start - piece.left) as usize;
            self.pixels[to..][..from.len()].copy_from_slice(from);
            hash = mix(hash, (to - start) as u64);
            hash = from.iter().fold(hash, |hash, pixel| mix(hash, u64::from(*pixel)));
        }
        let bucket = (hash >> 32) as usize % BUCKETS;
        let mut at = self.first[bucket];
        while at != NONE {
            let (width, known) = self.get(at as usize);
            if width == across && *known == self.pixels[start..] {
                self.pixels.truncate(start);
                return at as usize;
            }
            at = self.shapes[at as usize].next;
        }
        let number = self.shapes.len();
        let next = std::mem::replace(&mut self.first[bucket], number as u32);
        self.shapes.push(Shape { width: across, start, area: piece.area(), bucket, next });
        number
    }
}

const fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The contexts that a colour's upper bits are told apart by: how light the pixels to the left and above are.
const LIGHT: usize = 9;
const COARSE: u32 = 3;

/// How many pairs of neighbours have their last colour remembered.
const PAIRS: usize = 1 << 12;

/// What has been learned of symbols' pixels so far.
#[derive(Debug)]
pub(super) struct Pixels {
    width: Number,
    height: Number,
    /// By which of the pixels left, above left, above and above right are clear.
    is_clear: [Bit; 16],
    /// The colour that came last between the same neighbours, and how sure it is.
    guesses: Vec<(Index, u8)>,
    is_guess: [Bit; 4],
    coarse: Vec<Tree>,
    fine: Tree,
    depth: u32,
}

impl Pixels {
    /// For colours of a palette with so many numbers.
    pub(super) fn new(numbers: u32) -> Self {
        let depth = bits_of(numbers as usize).max(COARSE);
        Self {
            width: Number::new(),
            height: Number::new(),
            is_clear: [Bit::new(); 16],
            guesses: vec![(0, 0); PAIRS],
            is_guess: [Bit::new(); 4],
            coarse: vec![Tree::new(COARSE); LIGHT * LIGHT],
            fine: Tree::new(depth),
            depth,
        }
    }

    /// Writes or reads a symbol.
    pub(super) fn code<S: Side>(&mut self, side: &mut S, symbol: &mut Symbol) -> Result<(), Unfit> {
        let width = 1 + self.width.code(side, symbol.width.wrapping_sub(1) as u32 % MAX_SIDE) as usize;
        let height = 1 + self.height.code(side, symbol.height.wrapping_sub(1) as u32 % MAX_SIDE) as usize;
        // Each pixel takes one decision at least, so there is no room for more than are allowed.
        side.check(width.saturating_mul(height) as u64)?;
        (symbol.width, symbol.height) = (width, height);
        symbol.cells.resize(width * height, 0);
        for y in 0..height {
            for x in 0..width {
                let at = y * width + x;
                let left = if x > 0 { symbol.cells[at - 1] } else { 0 };
                let (above_left, above, above_right) = if y > 0 {
                    let up = at - width;
                    (
                        if x > 0 { symbol.cells[up - 1] } else { 0 },
                        symbol.cells[up],
                        if x + 1 < width { symbol.cells[up + 1] } else { 0 },
                    )
                } else {
                    (0, 0, 0)
                };
                symbol.cells[at] = self.code_cell(side, symbol.cells[at], [left, above_left, above, above_right]);
            }
        }
        Ok(())
    }

    fn code_cell<S: Side>(&mut self, side: &mut S, cell: Index, near: [Index; 4]) -> Index {
        let clear = near.iter().fold(0, |bits, near| bits << 1 | usize::from(*near == 0));
        if side.bit(&mut self.is_clear[clear], cell == 0) {
            return 0;
        }
        let [left, _, above, _] = near;
        let pair = (usize::from(left) * 61 + usize::from(above) * 1_021) % PAIRS;
        let (guess, sure) = self.guesses[pair];
        if side.bit(&mut self.is_guess[usize::from(sure)], cell == guess) {
            self.guesses[pair].1 = (sure + 1).min(3);
            return guess;
        }
        let cell = self.code_colour(side, cell, self.light(left) * LIGHT + self.light(above));
        self.guesses[pair] = (cell, 0);
        cell
    }

    fn code_colour<S: Side>(&mut self, side: &mut S, cell: Index, context: usize) -> Index {
        let below = self.depth - COARSE;
        let upper = self.coarse[context].code(side, u32::from(cell) >> below);
        let lower = self.fine.code_below(side, upper, COARSE, u32::from(cell) & ((1 << below) - 1));
        (upper << below | lower) as Index
    }

    /// How light a colour is, from its number: they are sorted. 0 for clear.
    fn light(&self, cell: Index) -> usize {
        if cell == 0 { 0 } else { 1 + (usize::from(cell) >> (self.depth - COARSE)).min(LIGHT - 2) }
    }
}
