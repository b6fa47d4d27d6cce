//! The hashes of the segments of the new picture and of the old one: by them it is known where the two differ and what moved up or
//! down, without reading a pixel.

use std::ops::Range;

use super::geometry::{Rect, Size};
use super::hash::SEGMENT;

/// A hash for each segment of both pictures.
pub(super) struct Hashes {
    /// Segments in a row.
    columns: u32,
    /// Row after row.
    new: Vec<u64>,
    old: Vec<u64>,
    /// The rows in which the two may differ.
    changed: Range<u32>,
}

impl Hashes {
    /// The hashes of two pictures whose rows all have these.
    pub(super) fn of_rows(size: Size, row: &[u64]) -> Self {
        let all = row.repeat(size.height as usize);
        Self { columns: row.len() as u32, new: all.clone(), old: all, changed: 0..0 }
    }

    /// Segments in a row.
    pub(super) const fn columns(&self) -> u32 {
        self.columns
    }

    /// From now on the new picture is the old one.
    pub(super) fn begin(&mut self) {
        let rows = self.at(self.changed.start, 0)..self.at(self.changed.end, 0);
        self.old[rows.clone()].copy_from_slice(&self.new[rows]);
        self.changed = 0..0;
    }

    /// So many hashes of row `y` of the new picture, from a column on.
    pub(super) fn run(&self, y: u32, column: u32, count: usize) -> &[u64] {
        &self.new[self.at(y, column)..][..count]
    }

    /// The same, to be written.
    pub(super) fn run_mut(&mut self, y: u32, column: u32, count: usize) -> &mut [u64] {
        self.touch(y..y + 1);
        let at = self.at(y, column);
        &mut self.new[at..][..count]
    }

    /// The hashes of these segments in row `y` of the old picture, to be written.
    pub(super) fn old_run_mut(&mut self, y: u32, columns: Range<u32>) -> &mut [u64] {
        self.touch(y..y + 1);
        let at = self.at(y, columns.start);
        &mut self.old[at..][..columns.len()]
    }

    /// Copies these columns of a rectangle of the old picture from so many rows further down.
    pub(super) fn copy_rows(&mut self, columns: &Range<u32>, rows: Range<u32>, down: i32) {
        self.touch(rows.clone());
        let mut copy_row = |y: u32| {
            let from = self.at(y.wrapping_add_signed(down), columns.start);
            let to = self.at(y, columns.start);
            self.old.copy_within(from..from + columns.len(), to);
        };
        // No row is written before it has been read.
        if down < 0 { rows.rev().for_each(&mut copy_row) } else { rows.for_each(&mut copy_row) }
    }

    /// Whether both pictures show the same in a segment.
    pub(super) fn are_same(&self, y: u32, column: u32) -> bool {
        let at = self.at(y, column);
        self.new[at] == self.old[at]
    }

    /// Whether the new picture shows in a segment what the old one shows so many rows further down.
    pub(super) fn moved(&self, y: u32, column: u32, down: i32) -> bool {
        self.new[self.at(y, column)] == self.old[self.at(y.wrapping_add_signed(down), column)]
    }

    /// The columns of segments that lie wholly within a rectangle from side to side. The last one of a row, which may be narrow,
    /// is not among them unless it is whole.
    pub(super) const fn columns_within(rect: &Rect) -> Range<u32> {
        let (first, end) = (rect.x.div_ceil(SEGMENT), (rect.x + rect.width) / SEGMENT);
        first..if end > first { end } else { first }
    }

    fn touch(&mut self, rows: Range<u32>) {
        let Range { start, end } = &self.changed;
        self.changed = if start == end { rows } else { rows.start.min(*start)..rows.end.max(*end) };
    }

    const fn at(&self, y: u32, column: u32) -> usize {
        (y * self.columns + column) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_picture_is_the_new_one_when_a_scan_begins() {
        let mut hashes = Hashes::of_rows(Size::new(130, 6), &[1, 2, 3]);
        hashes.run_mut(4, 1, 1)[0] = 9;
        assert!(!hashes.are_same(4, 1) && hashes.are_same(4, 0));
        hashes.begin();
        assert!(hashes.are_same(4, 1));
        hashes.run_mut(2, 1, 1)[0] = 9;
        hashes.run_mut(4, 1, 1)[0] = 2;
        assert!(hashes.moved(2, 1, 2) && !hashes.moved(2, 1, 1) && hashes.moved(4, 1, -1));
        hashes.begin();
        assert!(hashes.are_same(2, 1) && hashes.are_same(4, 1) && !hashes.moved(2, 1, 2));
        assert_eq!(hashes.run(2, 0, 3), [1, 9, 3]);
    }

    #[test]
    fn copies_may_overlap_themselves() {
        for (down, expected) in [(2, [2, 3, 4, 5, 4, 5]), (-2, [0, 1, 0, 1, 2, 3])] {
            let mut hashes = Hashes::of_rows(Size::new(64, 6), &[0]);
            (0..6).for_each(|y| hashes.old_run_mut(y, 0..1)[0] = y.into());
            let rows = if down > 0 { 0..4 } else { 2..6 };
            hashes.copy_rows(&(0..1), rows, down);
            assert_eq!(hashes.old, expected);
        }
    }

    #[test]
    fn only_whole_segments_are_within() {
        assert_eq!(Hashes::columns_within(&Rect::new(0, 0, 128, 1)), 0..2);
        assert_eq!(Hashes::columns_within(&Rect::new(1, 0, 128, 1)), 1..2);
        assert!(Hashes::columns_within(&Rect::new(1, 0, 120, 1)).is_empty());
        assert!(Hashes::columns_within(&Rect::new(70, 0, 20, 1)).is_empty());
    }
}
