//! Takes a picture of text apart: the ground, which is flat, and the ink on it, in connected pieces such as letters.
//!
//! Any picture can be taken apart like that; only one with text or icons on flat grounds becomes smaller by it.

use std::ops::Range;

use super::cuts::Cuts;
use super::ground::Rows;

/// So many equal pixels in a row are ground, whatever is around them: more than a letter's stem.
const GROUND_RUN: usize = 8;

/// So many pixels are compared at a time: a bit for each.
const BLOCK: usize = 64;

/// A piece whose box is larger than so many times its ink, and this, is taken for ground: a frame around other things.
const SPARSE: (usize, usize) = (4, 16);

/// Pixels of ink beside each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) y: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Run {
    /// What of it is in these columns.
    fn within(&self, left: u32, right: u32) -> Option<Self> {
        let (start, end) = (self.start.max(left), self.end.min(right));
        (start < end).then_some(Self { y: self.y, start, end })
    }
}

/// A piece of ink that hangs together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Piece {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    ink: u32,
    /// How many runs it has, and later the end of its runs among all, which are sorted by piece.
    runs: u32,
}

impl Piece {
    pub(super) const fn area(&self) -> usize {
        (self.right - self.left) as usize * (self.bottom - self.top) as usize
    }

    /// One without runs, which is to get this one first.
    fn beginning(run: &Run) -> Self {
        Self { left: run.start, top: run.y, ..Self::default() }
    }

    fn add(&mut self, run: &Run) {
        self.left = self.left.min(run.start);
        self.right = self.right.max(run.end);
        self.bottom = run.y + 1;
        self.ink += run.end - run.start;
        self.runs += 1;
    }

    /// Takes the runs of a later piece.
    fn join(&mut self, later: &Self) {
        self.left = self.left.min(later.left);
        self.right = self.right.max(later.right);
        self.bottom = self.bottom.max(later.bottom);
        self.ink += later.ink;
        self.runs += later.runs;
    }
}

/// A picture taken apart; keeps its memory for the next.
#[derive(Debug, Default)]
pub(super) struct Apart {
    /// The pictures without the ink: under it the ground to its left goes on.
    pub(super) ground: Rows,
    /// The ground of the row that was taken last.
    row: Vec<u32>,
    runs: Vec<Run>,
    pieces: Vec<Piece>,
    /// An earlier piece that a piece was joined to, by piece; itself for those that were not.
    same: Vec<u32>,
    /// The piece of each run.
    piece_of: Vec<u32>,
    /// The runs by piece.
    sorted: Vec<Run>,
    /// Pieces and runs before glued letters are cut apart.
    glued: (Vec<Piece>, Vec<Run>),
    cuts: Cuts,
}

impl Apart {
    /// Takes apart rows of `width` pixels; `outside` is the ground above them. Their ground is added to that of others.
    pub(super) fn take(&mut self, width: usize, pixels: &[u32], outside: u32) {
        let first = self.ground.count();
        self.runs.clear();
        self.row.clear();
        self.row.resize(width, outside);
        for (y, row) in pixels.chunks_exact(width).enumerate() {
            // Most rows between lines are as the one above: comparing them in one go is several times faster.
            let is_other = row != self.row && take_row(y as u32, row, &mut self.row, &mut self.runs);
            self.ground.push(&self.row, is_other || y == 0);
        }
        self.connect();
        self.gather();
        self.fold_sparse(first, width, pixels);
        self.cut(first, width, pixels);
    }

    /// The pieces and the runs of each.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (&Piece, &[Run])> {
        let starts = std::iter::once(0).chain(self.pieces.iter().map(|piece| piece.runs));
        self.pieces.iter().zip(starts).map(|(piece, start)| (piece, &self.sorted[start as usize..piece.runs as usize]))
    }

    /// Joins runs that touch, at a corner or along an edge, to pieces.
    fn connect(&mut self) {
        self.pieces.clear();
        self.same.clear();
        self.piece_of.clear();
        // The runs of the row above that may touch, and where this row begins.
        let (mut above, mut row) = (0, 0);
        for at in 0..self.runs.len() {
            let run = self.runs[at];
            if run.y != self.runs[row].y {
                above = if run.y == self.runs[row].y + 1 { row } else { at };
                row = at;
            }
            while above < row && self.runs[above].end < run.start {
                above += 1;
            }
            let mut piece = None;
            for over in above..row {
                if self.runs[over].start > run.end {
                    break;
                }
                let other = self.first(self.piece_of[over]);
                piece = Some(piece.map_or(other, |piece| self.join(piece, other)));
            }
            let piece = piece.unwrap_or(self.pieces.len() as u32);
            if piece as usize == self.pieces.len() {
                self.same.push(piece);
                self.pieces.push(Piece::beginning(&run));
            }
            self.piece_of.push(piece);
            self.pieces[piece as usize].add(&run);
        }
    }

    /// The first of the pieces that are the same as this one.
    fn first(&mut self, mut piece: u32) -> u32 {
        while self.same[piece as usize] != piece {
            self.same[piece as usize] = self.same[self.same[piece as usize] as usize];
            piece = self.same[piece as usize];
        }
        piece
    }

    /// Makes two pieces one, the earlier of them.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (first, second) = (a.min(b), a.max(b));
        if first != second {
            self.same[second as usize] = first;
            let other = self.pieces[second as usize];
            self.pieces[first as usize].join(&other);
        }
        first
    }

    /// Sorts the runs by piece, and leaves out the pieces that were joined to others.
    fn gather(&mut self) {
        let mut kept = 0;
        let mut start = 0;
        for at in 0..self.pieces.len() {
            let same = self.same[at] as usize;
            if same == at {
                let mut piece = self.pieces[at];
                // From how many it has to where they begin.
                start += std::mem::replace(&mut piece.runs, start);
                self.pieces[kept] = piece;
                self.same[at] = kept as u32;
                kept += 1;
            } else {
                // It is an earlier one, whose new number is known.
                self.same[at] = self.same[same];
            }
        }
        self.pieces.truncate(kept);
        self.sorted.clear();
        self.sorted.resize(self.runs.len(), Run { y: 0, start: 0, end: 0 });
        for (run, piece) in self.runs.iter().zip(&self.piece_of) {
            let end = &mut self.pieces[self.same[*piece as usize] as usize].runs;
            self.sorted[*end as usize] = *run;
            *end += 1;
        }
    }

    /// Gives the ink of sparse pieces back to the ground.
    fn fold_sparse(&mut self, first: usize, width: usize, pixels: &[u32]) {
        let mut start = 0;
        let (mut pieces, mut sorted) = (std::mem::take(&mut self.pieces), std::mem::take(&mut self.sorted));
        let mut kept = 0;
        pieces.retain_mut(|piece| {
            let runs = start..piece.runs as usize;
            start = runs.end;
            let sparse = piece.area() > SPARSE.0 * piece.ink as usize + SPARSE.1;
            if sparse {
                for run in &sorted[runs] {
                    let (y, span) = (run.y as usize, run.start as usize..run.end as usize);
                    let row = self.ground.row_mut(first + y, width);
                    row[span.clone()].copy_from_slice(&pixels[y * width..][span]);
                }
            } else {
                let count = runs.len();
                sorted.copy_within(runs, kept);
                kept += count;
                piece.runs = kept as u32;
            }
            !sparse
        });
        sorted.truncate(kept);
        (self.pieces, self.sorted) = (pieces, sorted);
    }

    /// Cuts glued letters apart.
    fn cut(&mut self, first: usize, width: usize, pixels: &[u32]) {
        let (pieces, sorted) = &mut self.glued;
        std::mem::swap(pieces, &mut self.pieces);
        std::mem::swap(sorted, &mut self.sorted);
        self.pieces.clear();
        self.sorted.clear();
        let mut start = 0;
        for piece in pieces {
            let runs = &sorted[start..piece.runs as usize];
            start = piece.runs as usize;
            let Some(run) = runs.first() else { continue };
            let ground = self.ground.row(first + run.y as usize, width)[run.start as usize];
            let mut left = piece.left;
            for right in self.cuts.find(piece, runs, width, pixels, ground) {
                let from = self.sorted.len();
                self.sorted.extend(runs.iter().filter_map(|run| run.within(left, *right)));
                let letter = &self.sorted[from..];
                let Some(mut piece) = letter.first().map(Piece::beginning) else { continue };
                letter.iter().for_each(|run| piece.add(run));
                piece.runs = self.sorted.len() as u32;
                self.pieces.push(piece);
                left = *right;
            }
        }
    }
}

/// Finds the ink of a row. `ground` is that of the row above and becomes this one's; returns whether it changed.
///
/// Blocks of 64 pixels are compared as bits: text has few pixels in a row alike, and a branch for each costs more.
fn take_row(y: u32, row: &[u32], ground: &mut [u32], runs: &mut Vec<Run>) -> bool {
    let mut is_other = false;
    let mut colour = ground[0];
    for start in (0..row.len()).step_by(BLOCK) {
        let end = row.len().min(start + BLOCK);
        if row[start..end] == ground[start..end] {
            continue;
        }
        let other = differing(&row[start..end], &ground[start..end]);
        let flat = if may_be_flat(other) { other & flat(row, start) } else { 0 };
        for span in spans(flat) {
            let span = start + span.start..start + span.end;
            ground[span.clone()].copy_from_slice(&row[span]);
            is_other = true;
        }
        for span in spans(other & !flat) {
            let span = start + span.start..start + span.end;
            let goes_on = runs.last().is_some_and(|run| run.y == y && run.end == span.start as u32);
            if span.start > 0 && !goes_on {
                colour = row[span.start - 1];
            }
            // Hardly ever is there ground in such a span, or another colour under it.
            let under = &mut ground[span.clone()];
            let pixels = &row[span.clone()];
            let (mut has_ground, mut is_new) = (false, false);
            for (pixel, under) in pixels.iter().zip(&*under) {
                has_ground |= *pixel == colour;
                is_new |= *under != colour;
            }
            if is_new {
                under.fill(colour);
                is_other = true;
            }
            match runs.last_mut() {
                _ if has_ground => add_ink(runs, y, span.start, pixels, colour),
                Some(run) if goes_on => run.end = span.end as u32,
                _ => runs.push(Run { y, start: span.start as u32, end: span.end as u32 }),
            }
        }
    }
    is_other
}

/// Adds the runs of a stretch that begins at `x`: what is not of the ground's colour.
fn add_ink(runs: &mut Vec<Run>, y: u32, x: usize, pixels: &[u32], colour: u32) {
    let mut at = 0;
    for ink in pixels.split(|pixel| *pixel == colour) {
        let (start, end) = ((x + at) as u32, (x + at + ink.len()) as u32);
        match runs.last_mut() {
            Some(run) if run.y == y && run.end == start => run.end = end,
            _ if ink.is_empty() => {}
            _ => runs.push(Run { y, start, end }),
        }
        at += ink.len() + 1;
    }
}

/// Whether eight pixels in a row differ from those above, perhaps with the next block's: else none of a run needs a look.
const fn may_be_flat(other: u64) -> bool {
    let two = other & other >> 1;
    let four = two & two >> 2;
    (four & four >> 4 | other & (1 | 1 << (BLOCK - 1))) != 0
}

/// Which pixels of the block at `start` are in a run of [`GROUND_RUN`] equal ones.
fn flat(row: &[u32], start: usize) -> u64 {
    // A run reaches into the block from outside.
    let from = start.saturating_sub(GROUND_RUN);
    let to = row.len().min(start + BLOCK + GROUND_RUN + 1);
    let (here, next) = (&row[from..to - 1], &row[from + 1..to]);
    let first = here.len().min(BLOCK);
    let low: u128 = differing(&here[..first], &next[..first]).into();
    let high: u128 = differing(&here[first..], &next[first..]).into();
    // Pairs of equal pixels; where seven follow each other; and the pixels of those.
    let pairs = !(low | high << BLOCK) & ((1 << here.len()) - 1);
    let two = pairs & pairs >> 1;
    let starts = two & two >> 2 & two >> 4 & pairs >> 6;
    let two = starts | starts << 1;
    let four = two | two << 2;
    ((four | four << 4) >> (start - from)) as u64
}

/// Which pixels differ, of 64 at most.
fn differing(a: &[u32], b: &[u32]) -> u64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    // Sixteen at once, which the compiler compares with few instructions.
    let bits = |a: &[u32; 16], b: &[u32; 16]| {
        let bits: [u32; 16] = std::array::from_fn(|n| if a[n] == b[n] { 0 } else { 1 << n });
        u64::from(bits.iter().fold(0, |all, bit| all | bit))
    };
    let whole = a.iter().zip(b).zip(0..).fold(0, |all, ((a, b), n)| all | bits(a, b) << (16 * n));
    let rest = a_rest.iter().zip(b_rest).zip(16 * a.len()..);
    rest.fold(whole, |all, ((a, b), n)| all | u64::from(a != b) << n)
}

/// The stretches of ones, from the lowest.
fn spans(mut bits: u64) -> impl Iterator<Item = Range<usize>> {
    std::iter::from_fn(move || {
        let start = bits.trailing_zeros();
        let end = start + bits.checked_shr(start)?.trailing_ones();
        // The carry clears the lowest stretch.
        bits &= bits.wrapping_add(1 << start);
        Some(start as usize..end as usize)
    })
}

/// How many pixels at the start are the same in both.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    // Sixteen at once, as below.
    let whole = a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0);
    let same = |(a, b): &(&[u32; 16], &[u32; 16])| a.iter().zip(*b).fold(0, |odd, (a, b)| odd | (a ^ b)) == 0;
    let start = 16 * whole.take_while(same).count();
    start + a[start..].iter().zip(&b[start..]).take_while(|(a, b)| a == b).count()
}

/// How many pixels at the start have this colour.
pub(super) fn equal(pixels: &[u32], colour: u32) -> usize {
    // Most runs are short.
    let short = pixels.iter().take(4).take_while(|pixel| **pixel == colour).count();
    if short < 4 {
        return short;
    }
    // Sixteen at once, which the compiler compares with few instructions.
    let (chunks, _) = pixels.as_chunks::<16>();
    let whole =
        chunks.iter().take_while(|chunk| chunk.iter().fold(0, |odd, pixel| odd | (pixel ^ colour)) == 0).count();
    let rest = &pixels[whole * 16..];
    whole * 16 + rest.iter().position(|pixel| *pixel != colour).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apart(width: usize, pixels: &[u32]) -> Apart {
        let mut apart = Apart::default();
        apart.take(width, pixels, 0);
        apart
    }

    proptest! {
        #[test]
        fn ink_on_the_ground_is_the_picture(
            width in 1..40usize, flat in 0..9u32, pixels in prop::collection::vec(0..4u32, 1..2_000),
        ) {
            let height = pixels.len().div_ceil(width);
            let mut pixels: Vec<u32> = pixels.iter().map(|pixel| if pixel * 3 < flat { 0 } else { *pixel }).collect();
            pixels.resize(width * height, 1);
            let apart = apart(width, &pixels);
            let mut painted: Vec<u32> = (0..height).flat_map(|y| apart.ground.row(y, width).to_vec()).collect();
            for (piece, runs) in apart.pieces() {
                prop_assert!(runs.iter().any(|run| run.y == piece.top) && !runs.is_empty());
                for run in runs {
                    prop_assert!((piece.left..piece.right).contains(&run.start) && run.end <= piece.right);
                    prop_assert!((piece.top..piece.bottom).contains(&run.y));
                    let span = run.y as usize * width + run.start as usize..run.y as usize * width + run.end as usize;
                    painted[span.clone()].copy_from_slice(&pixels[span]);
                }
            }
            prop_assert_eq!(painted, pixels);
        }
    }

    #[test]
    fn letters_come_apart() {
        let rows = ["..x...x....", "..xx..xx...", "...x..x....", "...........", "...x......."];
        let pixels: Vec<u32> = rows.iter().flat_map(|row| row.bytes().map(|c| u32::from(c == b'x'))).collect();
        let apart = apart(11, &pixels);
        let boxes: Vec<_> = apart.pieces().map(|(p, runs)| (p.left, p.top, p.right, p.bottom, runs.len())).collect();
        assert_eq!(boxes, [(2, 0, 4, 3, 3), (6, 0, 8, 3, 3), (3, 4, 4, 5, 1)]);
        assert!((0..5).all(|y| apart.ground.row(y, 11) == [0; 11]));
    }

    #[test]
    fn equal_pixels_are_counted() {
        for length in 0..70 {
            let mut pixels = vec![7; length];
            pixels.extend([8, 7, 7]);
            assert_eq!(equal(&pixels, 7), length);
            assert_eq!(equal(&pixels[..length], 7), length);
        }
    }
}
