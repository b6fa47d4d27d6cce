//! What is kept of a rectangle's rows while it is coded: two rows of each channel, residuals and their contexts.

use super::colour::{self, CHANNELS};
use super::context::{self, Contexts};

/// How many bytes are before the first of a row, and after its last.
const MARGIN: usize = 2;

/// A row of bytes with a margin on either side.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
}

impl Row {
    /// Makes it a row of zeros.
    fn clear(&mut self, width: usize) {
        self.bytes.clear();
        self.bytes.resize(MARGIN + width + MARGIN, 0);
    }

    /// The row itself.
    pub(super) fn inner(&self) -> &[u8] {
        self.beside(0)
    }

    /// The same, to be written.
    pub(super) fn inner_mut(&mut self) -> &mut [u8] {
        let end = self.bytes.len() - MARGIN;
        &mut self.bytes[MARGIN..end]
    }

    /// For each byte of the row the one that is so far to its right; to its left if negative.
    pub(super) fn beside(&self, right: isize) -> &[u8] {
        let start = MARGIN.wrapping_add_signed(right);
        &self.bytes[start..start + self.bytes.len() - 2 * MARGIN]
    }

    /// Fills the margins: to the left with `left`, to the right with what the row ends with.
    fn close(&mut self, left: u8) {
        let end = self.bytes.len() - MARGIN;
        let right = self.bytes[end - 1];
        self.bytes[..MARGIN].fill(left);
        self.bytes[end..].fill(right);
    }
}

/// A row of a channel and the one above it.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The row above; zeros above the first. To its left is what the row above it begins with.
    pub(super) above: Row,
    /// The row.
    pub(super) here: Row,
    /// How far each byte of it is from its prediction.
    pub(super) residuals: Vec<u8>,
    /// The context of each residual.
    pub(super) contexts: Vec<u8>,
    /// How large the residuals of the row above are.
    sizes: Row,
}

impl Lane {
    /// What is to the left of the row: the first byte of the one above.
    pub(super) fn left(&self) -> u8 {
        self.above.inner()[0]
    }

    /// Notes how large the residuals are, for the contexts of the next row.
    pub(super) fn note_sizes(&mut self) {
        context::sizes(&self.residuals, self.sizes.inner_mut());
        self.sizes.close(self.sizes.inner()[0]);
    }

    /// How far the row is from its prediction: the sum of the sizes noted.
    pub(super) fn distance(&self) -> u64 {
        self.sizes.inner().iter().map(|size| u64::from(*size)).sum()
    }
}

/// The rows of all channels.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) lanes: [Lane; CHANNELS],
}

impl Rows {
    /// Begins a rectangle.
    pub(super) fn begin(&mut self, width: usize) {
        for lane in &mut self.lanes {
            [&mut lane.above, &mut lane.here, &mut lane.sizes].into_iter().for_each(|row| row.clear(width));
            [&mut lane.residuals, &mut lane.contexts].into_iter().for_each(|row| row.resize(width, 0));
        }
    }

    /// Goes on to the next row.
    pub(super) fn turn(&mut self) {
        self.lanes.iter_mut().for_each(|lane| std::mem::swap(&mut lane.above, &mut lane.here));
    }

    /// The same, and sets the contexts in it.
    pub(super) fn step(&mut self, contexts: &Contexts) {
        self.turn();
        for lane in &mut self.lanes {
            contexts.of_row(&lane.sizes, &mut lane.contexts);
        }
    }

    /// Takes a row of pixels.
    pub(super) fn take(&mut self, pixels: &[u32]) {
        colour::split(pixels, self.lanes.each_mut().map(|lane| lane.here.inner_mut()));
        self.close();
    }

    /// Gives the row as pixels.
    pub(super) fn give(&mut self, pixels: &mut [u32]) {
        self.close();
        colour::join(self.lanes.each_ref().map(|lane| lane.here.inner()), pixels);
    }

    fn close(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.here.close(lane.left()));
    }
}
