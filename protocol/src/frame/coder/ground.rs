//! Coding of flat pictures, row by row: what is as above, and runs of one colour.

use std::ops::Range;

use super::entropy::Bit;
use super::ink::{common, equal};
use super::models::{Number, Side, Tree};

/// How many colours are remembered: 2^3.
const RECENT: u32 = 3;

/// The rows of grounds as a writer has them: those that are as the one above are kept once.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pixels: Vec<u32>,
    /// Where each begins.
    starts: Vec<usize>,
    /// What begins from here on is of one row only, made to be changed.
    own: usize,
}

impl Rows {
    /// Forgets them all.
    pub(super) fn clear(&mut self) {
        self.pixels.clear();
        self.starts.clear();
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    /// Adds a row. Unless it is another than the last, that one is meant.
    pub(super) fn push(&mut self, row: &[u32], is_other: bool) {
        match self.starts.last() {
            Some(start) if !is_other => self.starts.push(*start),
            _ => {
                self.starts.push(self.pixels.len());
                self.pixels.extend_from_slice(row);
                self.own = self.pixels.len();
            }
        }
    }

    /// A row of `width` pixels.
    pub(super) fn row(&self, number: usize, width: usize) -> &[u32] {
        &self.pixels[self.starts[number]..][..width]
    }

    /// The same to be changed.
    pub(super) fn row_mut(&mut self, number: usize, width: usize) -> &mut [u32] {
        let start = self.starts[number];
        if start < self.own {
            self.starts[number] = self.pixels.len();
            self.pixels.extend_from_within(start..start + width);
        }
        &mut self.pixels[self.starts[number]..][..width]
    }

    fn is_as_above(&self, number: usize, width: usize) -> bool {
        self.starts[number] == self.starts[number - 1] || self.row(number, width) == self.row(number - 1, width)
    }
}

/// What has been learned of grounds so far.
#[derive(Debug)]
pub(super) struct Ground {
    row_as_above: Bit,
    /// Whether a stretch goes on to the row's end: one as above, one of a colour.
    to_end: [Bit; 2],
    length: [Number; 2],
    is_recent: Bit,
    place: Tree,
    /// The last colours, the newest first.
    recent: [u32; 1 << RECENT],
}

impl Ground {
    pub(super) fn new() -> Self {
        Self {
            row_as_above: Bit::new(),
            to_end: [Bit::new(); 2],
            length: [const { Number::new() }; 2],
            is_recent: Bit::new(),
            place: Tree::new(RECENT),
            recent: [0; 1 << RECENT],
        }
    }

    /// Writes rows of `width` pixels. Above the first one all is black.
    pub(super) fn write(&mut self, side: &mut impl Side, width: usize, rows: &Rows, numbers: Range<usize>) {
        let mut above = vec![0; width];
        let mut row = vec![0; width];
        for number in numbers.clone() {
            if side.bit(&mut self.row_as_above, number > numbers.start && rows.is_as_above(number, width)) {
                continue;
            }
            if number > numbers.start {
                above.copy_from_slice(rows.row(number - 1, width));
            }
            row.copy_from_slice(rows.row(number, width));
            self.code_row(side, &above, &mut row);
        }
    }

    /// Reads rows of `width` pixels.
    pub(super) fn read(&mut self, side: &mut impl Side, width: usize, pixels: &mut [u32]) {
        let black = vec![0; width];
        let mut above = black.as_slice();
        for row in pixels.chunks_exact_mut(width) {
            if side.bit(&mut self.row_as_above, false) {
                row.copy_from_slice(above);
            } else {
                self.code_row(side, above, row);
            }
            above = row;
        }
    }

    /// A row that is not as the one above.
    fn code_row(&mut self, side: &mut impl Side, above: &[u32], row: &mut [u32]) {
        let mut x = 0;
        while x < row.len() {
            x += self.code_above(side, &above[x..], &mut row[x..]);
            if x < row.len() {
                x += self.code_run(side, &mut row[x..]);
            }
        }
    }

    /// A stretch that is as above, perhaps an empty one.
    fn code_above<S: Side>(&mut self, side: &mut S, above: &[u32], row: &mut [u32]) -> usize {
        let same = if S::WRITES { common(row, above) } else { 0 };
        let length = self.code_length(side, 0, same, row.len());
        row[..length].copy_from_slice(&above[..length]);
        length
    }

    /// A stretch of one colour.
    fn code_run<S: Side>(&mut self, side: &mut S, row: &mut [u32]) -> usize {
        let colour = self.code_colour(side, row[0]);
        let equal = if S::WRITES { equal(row, row[0]) } else { 1 };
        let length = 1 + self.code_length(side, 1, equal - 1, row.len() - 1);
        row[..length].fill(colour);
        length
    }

    /// A length of at most `room`.
    fn code_length<S: Side>(&mut self, side: &mut S, kind: usize, length: usize, room: usize) -> usize {
        if side.bit(&mut self.to_end[kind], length == room) {
            return room;
        }
        (self.length[kind].code(side, length as u32) as usize).min(room)
    }

    fn code_colour<S: Side>(&mut self, side: &mut S, colour: u32) -> u32 {
        let place = self.recent.iter().position(|recent| *recent == colour);
        if side.bit(&mut self.is_recent, place.is_some()) {
            let place = self.place.code(side, place.unwrap_or_default() as u32) as usize;
            self.recent[..=place].rotate_right(1);
        } else {
            self.recent.rotate_right(1);
            self.recent[0] = side.plain(colour, 24);
        }
        self.recent[0]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::entropy::{Reader, Writer};
    use super::*;

    proptest! {
        #[test]
        fn grounds_come_back(width in 1..50usize, pixels in prop::collection::vec(0..3u32, 1..1_500)) {
            let mut pixels: Vec<u32> = pixels.iter().flat_map(|pixel| [pixel * 0x77_7777; 3]).collect();
            pixels.resize(pixels.len().div_ceil(width) * width, 7);
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes, u64::MAX);
            let mut rows = Rows::default();
            pixels.chunks_exact(width).for_each(|row| rows.push(row, true));
            Ground::new().write(&mut writer, width, &rows, 0..rows.count());
            writer.finish();
            let mut read = vec![0; pixels.len()];
            Ground::new().read(&mut Reader::new(&bytes, u64::MAX), width, &mut read);
            prop_assert_eq!(read, pixels);
        }

        #[test]
        fn any_bytes_give_some_ground(width in 1..50usize, rows in 0..20usize, bytes: Vec<u8>) {
            let mut pixels = vec![0; width * rows];
            Ground::new().read(&mut Reader::new(&bytes, 999), width, &mut pixels);
            prop_assert!(pixels.iter().all(|pixel| *pixel < 1 << 24));
        }
    }
}
