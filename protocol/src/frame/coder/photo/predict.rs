//! What a byte of a channel is likely to be by its neighbours to the left and above, and how far it is from that.
//!
//! Neighbours count as differences from the one above, in bytes that wrap round as those of the channel do: so it does not
//! matter where that is.

use super::colour::CHANNELS;
use super::rows::{Lane, Row, Rows};

/// How a byte is predicted. W is the one to the left, WW the one before that; N, NW and NE are above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    /// The median of W, N and W + N − NW (LOCO-I; Weinberger, Seroussi and Sapiro, 2000): where edges are clean.
    Median = 0,
    /// (2 W + N + NE) ÷ 4: where there is some grain.
    Mean = 1,
    /// (2 W + WW + 2 N + NW + 2 NE) ÷ 8: where there is little but grain.
    WideMean = 2,
    /// W: for the first row of each rectangle.
    Left,
}

impl Predictor {
    /// Those that a part may choose from, by their numbers.
    pub(super) const ALL: [Self; 3] = [Self::Median, Self::Mean, Self::WideMean];

    /// What takes its place in row `y` of a rectangle.
    pub(super) const fn in_row(self, y: usize) -> Self {
        if y == 0 { Self::Left } else { self }
    }

    /// Sets the residuals of a row.
    pub(super) fn apply(self, lane: &mut Lane) {
        let Lane { above, here, residuals, .. } = lane;
        match self {
            Self::Median => each(above, here, residuals, median),
            Self::Mean => each(above, here, residuals, mean),
            Self::WideMean => each(above, here, residuals, wide_mean),
            Self::Left => each(above, here, residuals, left),
        }
    }

    /// Writes the rows from their residuals: those of all channels together, as a byte has to wait for the one before it.
    pub(super) fn undo(self, rows: &mut Rows) {
        match self {
            Self::Median => undo(rows, median),
            Self::Mean => undo(rows, mean),
            Self::WideMean => undo(rows, wide_mean),
            Self::Left => undo(rows, left),
        }
    }
}

/// The neighbours of a byte.
#[derive(Clone, Copy, Debug)]
struct Near {
    w: u8,
    ww: u8,
    n: u8,
    nw: u8,
    ne: u8,
}

impl Near {
    /// How far a neighbour is from N.
    #[inline(always)]
    fn away(self, neighbour: u8) -> i16 {
        neighbour.wrapping_sub(self.n).cast_signed().into()
    }

    /// What is so far from N.
    #[inline(always)]
    const fn at(self, away: i16) -> u8 {
        self.n.wrapping_add(away as u8)
    }
}

#[inline(always)]
fn median(near: Near) -> u8 {
    let w = near.away(near.w);
    near.at((w - near.away(near.nw)).clamp(w.min(0), w.max(0)))
}

#[inline(always)]
fn mean(near: Near) -> u8 {
    near.at((2 * near.away(near.w) + near.away(near.ne) + 2) >> 2)
}

#[inline(always)]
fn wide_mean(near: Near) -> u8 {
    let sum = 2 * (near.away(near.w) + near.away(near.ne)) + near.away(near.ww) + near.away(near.nw);
    near.at((sum + 4) >> 3)
}

#[inline(always)]
const fn left(near: Near) -> u8 {
    near.w
}

/// One loop for each predictor, so that each is made of vector instructions.
#[inline(always)]
fn each(above: &Row, here: &Row, residuals: &mut [u8], predict: impl Fn(Near) -> u8) {
    let width = residuals.len();
    let (ww, w, row) = (&here.beside(-2)[..width], &here.beside(-1)[..width], &here.beside(0)[..width]);
    let (nw, n, ne) = (&above.beside(-1)[..width], &above.beside(0)[..width], &above.beside(1)[..width]);
    for x in 0..width {
        let near = Near { w: w[x], ww: ww[x], n: n[x], nw: nw[x], ne: ne[x] };
        residuals[x] = row[x].wrapping_sub(predict(near));
    }
}

#[inline(always)]
fn undo(rows: &mut Rows, predict: impl Fn(Near) -> u8) {
    let width = rows.lanes[0].residuals.len();
    let mut before: [_; CHANNELS] = rows.lanes.each_ref().map(|lane| [lane.left(); 2]);
    let [first, second, third] =
        rows.lanes.each_mut().map(|Lane { above, here, residuals, .. }| (above, residuals, here.inner_mut()));
    let residuals = [&first.1[..width], &second.1[..width], &third.1[..width]];
    let [nw, n, ne] = [-1, 0, 1].map(|right| [&first.0, &second.0, &third.0].map(|row| &row.beside(right)[..width]));
    let here = [&mut first.2[..width], &mut second.2[..width], &mut third.2[..width]];
    for x in 0..width {
        for channel in 0..CHANNELS {
            let [ww, w] = before[channel];
            let near = Near { w, ww, n: n[channel][x], nw: nw[channel][x], ne: ne[channel][x] };
            let byte = predict(near).wrapping_add(residuals[channel][x]);
            here[channel][x] = byte;
            before[channel] = [w, byte];
        }
    }
}
