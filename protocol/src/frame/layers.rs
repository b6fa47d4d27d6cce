//! The viewer's pixels: the reference, and what is shown, which is the reference under what came early.

use std::ops::Range;

use zeroize::Zeroize;

use super::buffer::{Framebuffer, FramebufferView, rows};
use super::canvas::Canvas;
use super::change::CopyRect;
use super::geometry::{Rect, Size};
use super::ranks::{Rank, Ranks};

/// The reference, the rank of each of its pixels, and what is shown over it. Rectangles have been checked against the size;
/// pixels are those of the rectangle, row by row.
pub(super) struct Layers {
    size: Size,
    /// With the shelves, which are never shown.
    reference: Canvas,
    ranks: Ranks,
    /// What is shown while something early is; otherwise that is the reference itself, and nothing is written twice.
    early: Option<Early>,
    /// The memory for that, once it has been needed.
    spare: Option<Early>,
}

/// A picture of its own, wiped when it is dropped.
struct Early {
    shown: Framebuffer,
    /// The rank of each shown pixel that is newer than the reference; 0 where the reference is shown.
    ranks: Vec<Rank>,
}

impl Layers {
    /// Black pictures of a valid size.
    pub(super) fn new(size: Size) -> Self {
        Self { size, reference: Canvas::new(size), ranks: Ranks::new(size), early: None, spare: None }
    }

    /// The pixels of the reference that are on the screen.
    pub(super) fn reference(&self) -> &[u32] {
        self.reference.screen()
    }

    /// The size of the screen.
    pub(super) const fn size(&self) -> Size {
        self.size
    }

    /// The size of all that copies may read and write.
    pub(super) const fn whole(&self) -> Size {
        self.reference.all().size()
    }

    pub(super) fn shown(&self) -> FramebufferView<'_> {
        match &self.early {
            None => FramebufferView::new(self.size, self.reference.screen()),
            Some(early) => early.shown.view(),
        }
    }

    /// Shows pixels that are ahead of the reference, where nothing newer is shown; whether there was such a place.
    pub(super) fn show_early(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) -> bool {
        let early = self.early.get_or_insert_with(|| Early::begin(self.spare.take(), self.size, &self.reference));
        let mut painted = false;
        for (span, row) in rows(self.size, rect).zip(pixels.chunks_exact(rect.width as usize)) {
            painted |= early.show(span, row, rank, rank);
        }
        painted
    }

    /// Writes pixels whose turn it is into the reference; whatever newer came early stays shown.
    pub(super) fn write(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) {
        for (span, row) in rows(self.size, rect).zip(pixels.chunks_exact(rect.width as usize)) {
            self.reference.screen_mut()[span.clone()].copy_from_slice(row);
            if let Some(early) = &mut self.early {
                early.show(span, row, rank, 0);
            }
        }
        self.ranks.note(rank, rect);
    }

    /// The same for pixels that came early, if all of them are still shown: then they need not be decoded again.
    pub(super) fn keep_early(&mut self, rank: Rank, rect: &Rect) -> bool {
        let Some(early) = &mut self.early else { return false };
        let kept = rows(self.size, rect).all(|span| early.ranks[span].iter().all(|early| *early == rank));
        if kept {
            self.reference.copy_from(&early.shown, rect);
            rows(self.size, rect).for_each(|span| early.ranks[span].fill(0));
            self.ranks.note(rank, rect);
        }
        kept
    }

    /// Writes pixels that came late where the reference has nothing newer; whether there was such a place.
    pub(super) fn write_late(&mut self, rank: Rank, rect: &Rect, pixels: &[u32]) -> bool {
        let (reference, ranks) = (self.reference.screen_mut(), self.ranks.all());
        let mut painted = false;
        for (span, row) in rows(self.size, rect).zip(pixels.chunks_exact(rect.width as usize)) {
            for (at, pixel) in span.zip(row) {
                if ranks[at] <= rank {
                    (ranks[at], reference[at]) = (rank, *pixel);
                    painted |= self.early.as_mut().is_none_or(|early| early.show(at..at + 1, &[*pixel], 0, 0));
                }
            }
        }
        painted
    }

    /// Copies within the reference; returns what of it is on the screen. What came early is newer than any copy whose
    /// turn it is, and stays shown.
    pub(super) fn copy(&mut self, rank: Rank, copy: &CopyRect) -> Option<Rect> {
        self.reference.copy_rect(copy);
        let seen = copy.to.intersection(&self.size.rect())?;
        if let Some(early) = &mut self.early {
            for span in rows(self.size, &seen) {
                early.show(span.clone(), &self.reference.screen()[span], 0, 0);
            }
        }
        self.ranks.note(rank, &seen);
        Some(seen)
    }

    /// To be called when nothing waits any more: all that came early is in the reference.
    pub(super) fn settle(&mut self) {
        self.spare = self.early.take().or_else(|| self.spare.take());
    }
}

impl Early {
    /// The reference with nothing over it yet. Where `spare` is from, nothing was left over it either.
    fn begin(spare: Option<Self>, size: Size, reference: &Canvas) -> Self {
        let new = || Self { shown: Framebuffer::new(size), ranks: vec![0; size.pixels() as usize] };
        let mut early = spare.unwrap_or_else(new);
        early.shown.pixels_mut().copy_from_slice(reference.screen());
        early
    }

    /// Shows pixels, which have the rank `becomes` from then on, where none is shown that is newer than `rank`; whether there was
    /// such a place.
    fn show(&mut self, span: Range<usize>, pixels: &[u32], rank: Rank, becomes: Rank) -> bool {
        let mut painted = false;
        let places = self.shown.pixels_mut()[span.clone()].iter_mut().zip(&mut self.ranks[span]);
        for ((shown, early), pixel) in places.zip(pixels) {
            if *early <= rank {
                (*shown, *early) = (*pixel, becomes);
                painted = true;
            }
        }
        painted
    }
}

impl Drop for Early {
    fn drop(&mut self) {
        self.shown.pixels_mut().zeroize();
    }
}
