//! Finds where letters are glued together by their soft edges: a word is one piece of ink then, and hardly comes again.

use super::ink::{Piece, Run};
use crate::frame::buffer::distance;

/// Narrower pieces are one letter, and higher ones are none.
const GLUED_WIDTH: u32 = 8;
const GLUED_HEIGHT: u32 = 64;

/// A letter has at least so many columns.
const LEAST: usize = 2;

/// Soft edges have less than one in so many parts of the contrast that the piece has where it is strongest.
const SOFT: u32 = 2;

/// Looks at pieces; keeps its memory for the next.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// How far a piece's pixels are from the ground; with an empty row above and below, and an empty column on the right.
    contrast: Vec<u32>,
    /// How strongly each column holds to the next one: the least contrast on the best way from one to the other.
    links: Vec<u32>,
    ends: Vec<u32>,
}

impl Cuts {
    /// The columns at which the letters of a piece end, which stands in `width` columns of pixels on a ground of one
    /// colour. The last one is the piece's own end.
    pub(super) fn find(&mut self, piece: &Piece, runs: &[Run], width: usize, pixels: &[u32], ground: u32) -> &[u32] {
        self.ends.clear();
        if piece.right - piece.left > GLUED_WIDTH && piece.bottom - piece.top <= GLUED_HEIGHT {
            let strongest = self.look(piece, runs, width, pixels, ground);
            self.link((piece.right - piece.left) as usize);
            self.choose(piece.left, strongest);
        }
        self.ends.push(piece.right);
        &self.ends
    }

    /// Takes a piece's contrast; returns the strongest.
    fn look(&mut self, piece: &Piece, runs: &[Run], width: usize, pixels: &[u32], ground: u32) -> u32 {
        let (columns, rows) = ((piece.right - piece.left) as usize, (piece.bottom - piece.top) as usize);
        self.contrast.clear();
        self.contrast.resize((columns + 1) * (rows + 2), 0);
        let mut strongest = 0;
        for run in runs {
            let from = &pixels[run.y as usize * width..][run.start as usize..run.end as usize];
            let to = (run.y - piece.top + 1) as usize * (columns + 1) + (run.start - piece.left) as usize;
            for (contrast, pixel) in self.contrast[to..].iter_mut().zip(from) {
                *contrast = distance(*pixel, ground);
                strongest = strongest.max(*contrast);
            }
        }
        strongest
    }

    /// Finds how strongly the columns hold together. Ways lead to the right, straight or to a corner.
    fn link(&mut self, columns: usize) {
        self.links.clear();
        self.links.resize(columns, 0);
        let row = columns + 1;
        let middle = self.contrast.len() - 2 * row;
        let (above, below) = (&self.contrast[..middle], &self.contrast[2 * row..]);
        let here = &self.contrast[row..][..middle];
        let rows = here.chunks_exact(row).zip(above.chunks_exact(row).zip(below.chunks_exact(row)));
        for (here, (above, below)) in rows {
            let next = here[1..].iter().zip(above[1..].iter().zip(&below[1..]));
            for ((link, here), (next, (above, below))) in self.links.iter_mut().zip(here).zip(next) {
                *link = (*link).max((*here).min(*next.max(above).max(below)));
            }
        }
    }

    /// Cuts where the columns hold together least, once in each soft stretch.
    fn choose(&mut self, left: u32, strongest: u32) {
        let is_soft = |link: &u32| link * SOFT < strongest;
        let columns = self.links.len();
        let (mut start, mut at) = (0, 0);
        while let Some(hard) = self.links[at..].iter().position(is_soft) {
            let first = at + hard;
            at = self.links[first..].iter().position(|link| !is_soft(link)).map_or(columns, |soft| first + soft);
            let weakest = (first..at).min_by_key(|column| self.links[*column]).unwrap_or(first);
            let end = weakest + 1;
            if end >= start + LEAST && end + LEAST <= columns {
                self.ends.push(left + end as u32);
                start = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ink::Apart;

    const WHITE: u32 = 0xff_ffff;

    /// Where letters end in rows of pixels: from a space for the ground over soft to full ink.
    fn letters(rows: &[&str]) -> Vec<(u32, u32)> {
        let shade = |character| match character {
            ' ' => WHITE,
            '.' => 0xc0_c0c0,
            'o' => 0x60_6060,
            _ => 0,
        };
        let width = rows[0].len() + 2;
        let pixels: Vec<u32> =
            rows.iter().flat_map(|row| format!(" {row} ").chars().map(shade).collect::<Vec<_>>()).collect();
        let mut apart = Apart::default();
        apart.take(width, &pixels, WHITE);
        let mut found: Vec<_> = apart.pieces().map(|(piece, _)| (piece.left - 1, piece.right - 1)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn soft_edges_do_not_glue() {
        let found = letters(&[".#o..##..#.", "##..#  #.##", ".#..#  #.#.", ".#o..##..##"]);
        assert_eq!(found, [(0, 3), (3, 8), (8, 11)]);
    }

    #[test]
    fn strokes_hold_together_whatever_their_direction() {
        let stroke = letters(&["##        ", "  ##      ", "    #     ", "     ##   ", "       ###"]);
        assert_eq!(stroke, [(0, 10)]);
        assert_eq!(letters(&["o#o#o#o#o#o", "##...##...#", "#.   ##   #"]), [(0, 11)]);
    }

    #[test]
    fn what_is_narrow_stays_whole() {
        assert_eq!(letters(&["##..##", "##..##"]), [(0, 6)]);
        assert_eq!(letters(&["#.#######.#"]), [(0, 11)], "a single column is no letter");
    }
}
