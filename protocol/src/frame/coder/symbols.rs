//! Pieces of ink that come again and again, such as letters: each is told once and then named.

use super::entropy::Bit;
use super::ink::{Piece, Run};
use super::models::{Number, Side, Unfit};
pub(super) use super::palette::CLEAR;
use super::palette::Palette;

/// The widest and highest symbol: as large as a picture.
const MAX_SIDE: u32 = 1 << 14;

/// A piece of ink.
#[derive(Clone, Debug, Default)]
pub(super) struct Glyph {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row after row; [`CLEAR`] where the ground shines through.
    pub(super) pixels: Vec<u32>,
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
        for run in runs {
            let from = &pixels[run.y as usize * width + run.start as usize..][..(run.end - run.start) as usize];
            let to = start + (run.y - piece.top) as usize * across + (run.start - piece.left) as usize;
            self.pixels[to..][..from.len()].copy_from_slice(from);
        }
        let hash = hash(across, &self.pixels[start..]);
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

fn hash(width: usize, pixels: &[u32]) -> u64 {
    let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
    let (chunks, rest) = pixels.as_chunks::<8>();
    // Four lanes: the processor multiplies for all at once.
    let mut lanes = [width as u64; 4];
    for chunk in chunks {
        for (lane, [a, b]) in lanes.iter_mut().zip(chunk.as_chunks::<2>().0) {
            *lane = mix(*lane, pair(*a, *b));
        }
    }
    let hash = rest.iter().fold(0, |hash, pixel| mix(hash, u64::from(*pixel)));
    lanes.into_iter().fold(hash, mix)
}

const fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// How many pairs of neighbours have their last colour remembered: 2^12.
const PAIRS: u32 = 12;

/// What has been learned of symbols' pixels so far.
#[derive(Debug)]
pub(super) struct Pixels {
    width: Number,
    height: Number,
    /// By which of the pixels left, above left, above and above right are clear.
    is_clear: [Bit; 16],
    /// The colour that came last between the same neighbours, and how sure it is.
    guesses: Vec<(u32, u8)>,
    is_guess: [Bit; 4],
    palette: Palette,
}

impl Pixels {
    /// Begins with colours that were told before.
    pub(super) fn new(colours: &[u32]) -> Self {
        Self {
            width: Number::new(),
            height: Number::new(),
            is_clear: [Bit::new(); 16],
            guesses: vec![(CLEAR, 0); 1 << PAIRS],
            is_guess: [Bit::new(); 4],
            palette: Palette::new(colours),
        }
    }

    /// The colours that the part has told.
    pub(super) fn into_told(self) -> Vec<u32> {
        self.palette.into_told()
    }

    /// Writes or reads a symbol.
    pub(super) fn code<S: Side>(&mut self, side: &mut S, glyph: &mut Glyph) -> Result<(), Unfit> {
        let width = 1 + self.width.code(side, glyph.width.wrapping_sub(1) as u32 % MAX_SIDE) as usize;
        let height = 1 + self.height.code(side, glyph.height.wrapping_sub(1) as u32 % MAX_SIDE) as usize;
        // Each pixel takes one decision at least, so there is no room for more than are allowed.
        side.check(width.saturating_mul(height) as u64)?;
        (glyph.width, glyph.height) = (width, height);
        glyph.pixels.resize(width * height, CLEAR);
        let clear = vec![CLEAR; width];
        let mut above = clear.as_slice();
        for row in glyph.pixels.chunks_exact_mut(width) {
            let (mut left, mut above_left) = (CLEAR, CLEAR);
            for x in 0..width {
                let above_right = above.get(x + 1).copied().unwrap_or(CLEAR);
                left = self.code_pixel(side, row[x], [left, above_left, above[x], above_right]);
                row[x] = left;
                above_left = above[x];
            }
            above = row;
            self.palette.check()?;
        }
        Ok(())
    }

    fn code_pixel<S: Side>(&mut self, side: &mut S, pixel: u32, near: [u32; 4]) -> u32 {
        let clear = near.iter().fold(0, |bits, near| bits << 1 | usize::from(*near == CLEAR));
        if side.bit(&mut self.is_clear[clear], pixel == CLEAR) {
            return CLEAR;
        }
        let [left, _, above, _] = near;
        let (guess, sure) = &mut self.guesses[pair(left, above)];
        if side.bit(&mut self.is_guess[usize::from(*sure)], pixel == *guess) {
            *sure = (*sure + 1).min(3);
            return *guess;
        }
        *guess = self.palette.code(side, pixel, left, above);
        *sure = 0;
        *guess
    }
}

/// Where the guess between two neighbours is.
const fn pair(left: u32, above: u32) -> usize {
    (left.wrapping_mul(0x9e37_79b1).wrapping_add(above.wrapping_mul(0x85eb_ca6b)) >> (u32::BITS - PAIRS)) as usize
}
