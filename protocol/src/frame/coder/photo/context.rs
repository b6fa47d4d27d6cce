//! The contexts of residuals: how large those above one are tells how large it may be.

use super::rows::Row;

/// The most contexts.
pub(super) const MOST: usize = 6;

/// What a residual counts for at most: six of them fit a byte.
const LARGEST: u8 = 31;

/// The contexts of a part: each but the first begins where the sum of the sizes above is as large as this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contexts([u8; MOST - 1]);

/// No sum is as large.
const NEVER: u8 = u8::MAX;

impl Contexts {
    /// Those with a number that a part tells. Each takes some 30 bytes to tell its codes, which must be gained.
    pub(super) const fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self([NEVER; MOST - 1])),
            1 => Some(Self([6, 24, NEVER, NEVER, NEVER])),
            2 => Some(Self([3, 8, 16, 30, 60])),
            _ => None,
        }
    }

    /// The number for so many pixels.
    pub(super) const fn number_for(pixels: usize) -> u8 {
        match pixels {
            0..4_096 => 0,
            4_096..32_768 => 1,
            _ => 2,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        1 + self.0.iter().filter(|start| **start != NEVER).count()
    }

    /// Writes the context of each residual of a row, by the sizes of those above.
    pub(super) fn of_row(&self, above: &Row, contexts: &mut [u8]) {
        let width = contexts.len();
        // Each for itself: with an array of them the compiler forgets how long they are, and checks.
        let beside = |right| &above.beside(right)[..width];
        let (nww, nw, n, ne, nee) = (beside(-2), beside(-1), beside(0), beside(1), beside(2));
        let [a, b, c, d, e] = self.0;
        for x in 0..width {
            let sum = nww[x] + nw[x] + 2 * n[x] + ne[x] + nee[x];
            let reaches = |start: u8| u8::from(sum >= start);
            contexts[x] = reaches(a) + reaches(b) + reaches(c) + reaches(d) + reaches(e);
        }
    }
}

/// Writes how far each residual is from zero.
pub(super) fn sizes(residuals: &[u8], sizes: &mut [u8]) {
    for (size, residual) in sizes.iter_mut().zip(residuals) {
        *size = residual.cast_signed().unsigned_abs().min(LARGEST);
    }
}
