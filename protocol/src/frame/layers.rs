//! The viewer's pixels: the reference, and what is shown, which is the reference under what came early.

use std::ops::Range;

use super::buffer::Framebuffer;
use super::canvas::Canvas;
use super::change::CopyRect;
use super::geometry::{Rect, Size};

/// Where pixels stand in the log: the higher one is newer. 0 stands for no pixels at all.
pub(super) type Rank = u32;

/// Both pictures, and the rank of every pixel. Rectangles have been checked against the size; pixels are those of the
/// rectangle, row by row.
pub(super) struct Layers {
    /// With the shelves, which are never shown.
    reference: Canvas,
    shown: Framebuffer,
    /// The rank of each pixel of the reference that is on the screen.
    ranks: Vec<Rank>,
    /// The rank of each shown pixel that is newer than the reference; 0 where the reference is shown.
    early: Vec<Rank>,
    /// Whether there may be such pixels at all.
    overlaid: bool,
}

impl Layers {
    /// Black pictures of a valid size.
    pub(super) fn new(size: Size) -> Self {
        let ranks = vec![0; size.pixels() as usize];
        Self {
            reference: Canvas::new(size),
            shown: Framebuffer::new(size),
            early: ranks.clone(),
            ranks,
            overlaid: false,
        }
    }

    /// The pixels of the reference that are on the screen.
    pub(super) fn reference(&self) -> &[u32] {
        self.reference.screen()
    }

    /// The size of all that copies may read and write.
    pub(super) const fn whole(&self) -> Size {
        self.reference.all().size()
    }

    pub(super) const fn shown(&self) -> &Framebuffer {
        &self.shown
    }

    /// Shows pixels that are ahead of the reference, where nothing newer is shown; whether there was such a place.
    pub(super) fn show_early(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) -> bool {
        self.overlaid = true;
        let mut painted = false;
        for (span, row) in self.rows(rect).zip(pixels.chunks_exact(rect.width as usize)) {
            let shown = &mut self.shown.pixels_mut()[span.clone()];
            for ((shown, early), pixel) in shown.iter_mut().zip(&mut self.early[span]).zip(row) {
                if *early <= rank {
                    (*shown, *early) = (*pixel, rank);
                    painted = true;
                }
            }
        }
        painted
    }

    /// Writes pixels whose turn it is into the reference; whatever newer came early stays shown.
    pub(super) fn write(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) {
        for (span, row) in self.rows(rect).zip(pixels.chunks_exact(rect.width as usize)) {
            self.reference.screen_mut()[span.clone()].copy_from_slice(row);
            self.ranks[span.clone()].fill(rank);
            self.show_reference(span, rank);
        }
    }

    /// The same for pixels that came early, if all of them are still shown: then they need not be decoded again.
    pub(super) fn keep_early(&mut self, rank: Rank, rect: &Rect) -> bool {
        let kept = self.overlaid && self.rows(rect).all(|span| self.early[span].iter().all(|early| *early == rank));
        if kept {
            self.reference.copy_from(&self.shown, rect);
            for span in self.rows(rect) {
                self.ranks[span.clone()].fill(rank);
                self.early[span].fill(0);
            }
        }
        kept
    }

    /// Writes pixels that came late where the reference has nothing newer; whether there was such a place.
    pub(super) fn write_late(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) -> bool {
        let mut painted = false;
        for (span, row) in self.rows(rect).zip(pixels.chunks_exact(rect.width as usize)) {
            for (at, pixel) in span.zip(row) {
                if self.ranks[at] <= rank {
                    self.ranks[at] = rank;
                    self.reference.screen_mut()[at] = *pixel;
                    if self.early[at] == 0 {
                        self.shown.pixels_mut()[at] = *pixel;
                        painted = true;
                    }
                }
            }
        }
        painted
    }

    /// Copies within the reference; returns what of it is on the screen. What came early is newer than any copy whose
    /// turn it is, and stays shown.
    pub(super) fn copy(&mut self, rank: Rank, copy: &CopyRect) -> Option<Rect> {
        self.reference.copy_rect(copy);
        let seen = copy.to.intersection(&self.shown.size().rect())?;
        for span in self.rows(&seen) {
            self.ranks[span.clone()].fill(rank);
            self.show_reference(span, 0);
        }
        Some(seen)
    }

    /// To be called when nothing waits any more: all that came early is in the reference.
    pub(super) const fn settle(&mut self) {
        self.overlaid = false;
    }

    /// Shows a piece of the reference where nothing early is shown but what has at most this rank.
    fn show_reference(&mut self, span: Range<usize>, rank: Rank) {
        let (shown, reference) = (&mut self.shown.pixels_mut()[span.clone()], &self.reference.screen()[span.clone()]);
        if !self.overlaid {
            return shown.copy_from_slice(reference);
        }
        for ((shown, early), pixel) in shown.iter_mut().zip(&mut self.early[span]).zip(reference) {
            if *early <= rank {
                (*shown, *early) = (*pixel, 0);
            }
        }
    }

    /// Where the rows of `rect` are.
    fn rows(&self, rect: &Rect) -> impl Iterator<Item = Range<usize>> + use<> {
        let (rect, width) = (*rect, self.shown.size().width as usize);
        (rect.y..rect.bottom()).map(move |y| {
            let start = y as usize * width + rect.x as usize;
            start..start + rect.width as usize
        })
    }
}
