//! Finds what changed: hashes row segments of the captured patches, and boxes what differs.

use std::ops::Range;

use super::buffer::{Framebuffer, Patch, colour};
use super::change::CopyRect;
use super::geometry::{Rect, Size};
use super::hash::{SEGMENT, SegmentHasher};
use super::hashes::Hashes;
use super::region::Region;

/// Rows of a cell. Changes are gathered in cells of 64 × 16 pixels, about a line of text, each with its exact box.
const CELL_ROWS: u32 = 16;

/// The bytes of a whole segment.
const SEGMENT_BYTES: usize = SEGMENT as usize * 4;

/// Two boxes become one if that adds at most this many unchanged pixels. A rectangle more costs 6 to 8 bytes of
/// header and about as many to the coder, which loses its context; an unchanged pixel costs 0.05 bytes (0.4 bits).
const MERGE_SLACK: u64 = 256;

/// How exactly it is told what a scan has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// By boxes around it.
    Boxes,
    /// By one rectangle around all of it. That takes less time, and is enough where most of it is expected to have moved: what
    /// a move leaves is compared anyway.
    Bounds,
}

/// What a scan has changed.
pub(super) struct Changed {
    /// Where.
    pub(super) region: Region,
    /// How much that is, in pixels: with [`Detail::Bounds`] all of each segment in which something did.
    pub(super) pixels: u64,
    pub(super) detail: Detail,
}

impl Changed {
    /// What has changed is boxed so.
    pub(super) fn boxed(region: Region) -> Self {
        Self { pixels: region.pixels(), region, detail: Detail::Boxes }
    }
}

/// The hashes of the host's picture, and the boxes of what changed.
pub(super) struct Differ {
    hasher: SegmentHasher,
    hashes: Hashes,
    /// The hashes of what was captured of one row.
    fresh: Vec<u64>,
    /// The bytes of a row that is hashed anew.
    bytes: Vec<u8>,
    /// The box around what changed in each cell; empty between two scans.
    cells: Vec<Rect>,
    /// The cells whose box is not empty.
    touched: Vec<usize>,
    /// What has changed, where no boxes are wanted.
    bounds: Rect,
    pixels: u64,
    detail: Detail,
}

impl Differ {
    /// A differ for a black picture.
    pub(super) fn new(size: Size, hasher: SegmentHasher) -> Self {
        let columns = size.width.div_ceil(SEGMENT);
        let black = [0; SEGMENT_BYTES];
        let row: Vec<u64> =
            (0..columns).map(|column| hasher.hash(&black[..segment(column, 0, size).width as usize * 4])).collect();
        let cells = columns as usize * size.height.div_ceil(CELL_ROWS) as usize;
        Self {
            hasher,
            hashes: Hashes::of_rows(size, &row),
            fresh: row,
            bytes: Vec::new(),
            cells: vec![Rect::default(); cells],
            touched: Vec::new(),
            bounds: Rect::default(),
            pixels: 0,
            detail: Detail::Boxes,
        }
    }

    /// Writes the patches, in order, into the picture. Returns what that changed, told so exactly.
    pub(super) fn scan(&mut self, picture: &mut Framebuffer, patches: &[Patch<'_>], detail: Detail) -> Changed {
        let screen = picture.size().rect();
        self.hashes.begin();
        (self.detail, self.bounds, self.pixels) = (detail, Rect::default(), 0);
        for patch in patches {
            let Some(seen) = patch.rect().intersection(&screen) else { continue };
            for y in seen.y..seen.bottom() {
                let row = patch.row(y - patch.rect().y);
                let from = (seen.x - patch.rect().x) as usize * 4;
                let line = Rect::new(seen.x, y, seen.width, 1);
                self.scan_line(picture, line, &row[from..from + seen.width as usize * 4]);
            }
        }
        match std::mem::replace(&mut self.detail, Detail::Boxes) {
            Detail::Boxes => Changed::boxed(self.take_boxes()),
            Detail::Bounds => Changed { region: self.bounds.into(), pixels: self.pixels, detail },
        }
    }

    /// The hashes of the picture that was scanned last, and of the one before with all that was copied in it since.
    pub(super) const fn hashes(&self) -> &Hashes {
        &self.hashes
    }

    /// Takes note of a copy within the old picture, which has run: `old` is what came of it.
    pub(super) fn copied(&mut self, old: &Framebuffer, copy: &CopyRect, size: Size) {
        let Some(to) = copy.to.intersection(&size.rect()) else { return };
        let touched = to.x / SEGMENT..to.right().div_ceil(SEGMENT);
        let mut whole = touched.start..touched.start;
        if copy.from.x == copy.to.x && copy.source().fits(size) {
            whole = Hashes::columns_within(&to);
            self.hashes.copy_rows(&whole, to.y..to.bottom(), copy.down());
        }
        for y in to.y..to.bottom() {
            self.hash_old(old, y, touched.start..whole.start, size);
            self.hash_old(old, y, whole.end..touched.end, size);
        }
    }

    /// Takes the hashes of segments of a row of the old picture.
    fn hash_old(&mut self, old: &Framebuffer, y: u32, columns: Range<u32>, size: Size) {
        let (x, right) = (columns.start * SEGMENT, (columns.end * SEGMENT).min(size.width));
        let Some(pixels) = old.row(&Rect::new(x, y, right.saturating_sub(x), 1), 0) else { return };
        self.bytes.clear();
        self.bytes.extend(pixels.iter().flat_map(|pixel| pixel.to_le_bytes()));
        // A narrow segment counts as one whose further pixels are black.
        self.bytes.resize(columns.len() * SEGMENT_BYTES, 0);
        self.hasher.hash_run(&self.bytes, self.hashes.old_run_mut(y, columns));
    }

    /// Compares two pictures within `area`, the ones that the hashes are of. Returns boxes around what differs.
    pub(super) fn compare(&mut self, old: &Framebuffer, new: &Framebuffer, area: &Region) -> Region {
        for rect in area.rects() {
            for y in rect.y..rect.bottom() {
                let mut x = rect.x;
                while x < rect.right() {
                    let end = (x / SEGMENT * SEGMENT + SEGMENT).min(rect.right());
                    if !self.hashes.are_same(y, x / SEGMENT) {
                        self.compare_piece(old, new, &Rect::new(x, y, end - x, 1));
                    }
                    x = end;
                }
            }
        }
        self.take_boxes()
    }

    /// Compares a piece of a segment by its pixels.
    fn compare_piece(&mut self, old: &Framebuffer, new: &Framebuffer, piece: &Rect) {
        let (Some(old), Some(new)) = (old.row(piece, 0), new.row(piece, 0)) else { return };
        if let Some((first, last)) = differing(old, new) {
            self.mark(Rect { x: piece.x + first, width: last - first + 1, ..*piece });
        }
    }

    /// The boxes of all touched cells, merged.
    fn take_boxes(&mut self) -> Region {
        self.touched.sort_unstable();
        let cells = &mut self.cells;
        let boxes = self.touched.drain(..).map(|cell| std::mem::take(&mut cells[cell])).collect();
        Region::cover(boxes, MERGE_SLACK)
    }

    /// Compares a row of what was captured: whole segments in one go, and the pieces of segments at both ends.
    fn scan_line(&mut self, picture: &mut Framebuffer, line: Rect, bgrx: &[u8]) {
        let start = line.x.next_multiple_of(SEGMENT).min(line.right());
        let end = (line.right() / SEGMENT * SEGMENT).max(start);
        let part = |from: u32, to: u32| {
            let bytes = (from - line.x) as usize * 4..(to - line.x) as usize * 4;
            (Rect::new(from, line.y, to - from, 1), &bgrx[bytes])
        };
        for (piece, bgrx) in [part(line.x, start), part(end, line.right())] {
            if !piece.is_empty() {
                self.scan_piece(picture, piece, bgrx);
            }
        }
        let (run, bgrx) = part(start, end);
        self.scan_run(picture, run, bgrx);
    }

    /// Compares whole segments side by side.
    fn scan_run(&mut self, picture: &mut Framebuffer, run: Rect, bgrx: &[u8]) {
        let column = run.x / SEGMENT;
        let count = (run.width / SEGMENT) as usize;
        self.hasher.hash_run(bgrx, &mut self.fresh[..count]);
        if self.fresh[..count] == *self.hashes.run(run.y, column, count) {
            return;
        }
        let row = picture.row_mut(&run, 0).unwrap_or_default();
        let segments = row.as_chunks_mut().0.iter_mut().zip(bgrx.as_chunks().0);
        for (n, (old, new)) in segments.enumerate() {
            let hash = &mut self.hashes.run_mut(run.y, column, count)[n];
            if self.fresh[n] != *hash {
                *hash = self.fresh[n];
                self.take_over_segment(Rect::new(run.x + n as u32 * SEGMENT, run.y, SEGMENT, 1), old, new);
            }
        }
    }

    /// Writes a whole segment that has changed into the picture and marks it. Where no box is wanted, or that of its cell
    /// reaches from side to side already, nobody has to know which pixels changed.
    fn take_over_segment(&mut self, segment: Rect, old: &mut [u32; SEGMENT as usize], new: &[u8; SEGMENT_BYTES]) {
        if self.detail == Detail::Bounds || self.cells[self.cell(&segment)].width == SEGMENT {
            for (old, new) in old.iter_mut().zip(new.as_chunks().0) {
                *old = colour(*new);
            }
            self.mark(segment);
        } else if let Some((first, last)) = replace(old, new) {
            self.mark(Rect { x: segment.x + first, width: last - first + 1, ..segment });
        }
    }

    /// Compares a piece of a segment, or a narrow segment at the end of a row.
    fn scan_piece(&mut self, picture: &mut Framebuffer, piece: Rect, bgrx: &[u8]) {
        let column = piece.x / SEGMENT;
        let whole = segment(column, piece.y, picture.size());
        let hash = (piece == whole).then(|| self.hasher.hash(bgrx));
        if hash != Some(self.hashes.run(piece.y, column, 1)[0]) && self.take_over(picture, piece, bgrx) {
            let hash = hash.unwrap_or_else(|| self.hash_of(picture, &whole));
            self.hashes.run_mut(piece.y, column, 1)[0] = hash;
        }
    }

    /// Writes a piece of a row into the picture and marks what that changed. Returns whether it changed anything.
    fn take_over(&mut self, picture: &mut Framebuffer, piece: Rect, bgrx: &[u8]) -> bool {
        let Some((first, last)) = picture.row_mut(&piece, 0).and_then(|old| replace(old, bgrx)) else { return false };
        self.mark(Rect::new(piece.x + first, piece.y, last - first + 1, 1));
        true
    }

    /// The hash of a segment of which a patch held only a piece.
    fn hash_of(&self, picture: &Framebuffer, whole: &Rect) -> u64 {
        let mut bytes = [0; SEGMENT_BYTES];
        let pixels = picture.row(whole, 0).unwrap_or_default();
        for (bytes, pixel) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
            *bytes = pixel.to_le_bytes();
        }
        self.hasher.hash(&bytes[..pixels.len() * 4])
    }

    /// The cell that a piece of a segment is in.
    const fn cell(&self, piece: &Rect) -> usize {
        (piece.y / CELL_ROWS * self.hashes.columns() + piece.x / SEGMENT) as usize
    }

    /// Grows the box of the cell that `changed` is in.
    fn mark(&mut self, changed: Rect) {
        if self.detail == Detail::Bounds {
            self.pixels += changed.pixels();
            self.bounds = self.bounds.union(&changed);
            return;
        }
        let cell = self.cell(&changed);
        if self.cells[cell].is_empty() {
            self.touched.push(cell);
        }
        self.cells[cell] = self.cells[cell].union(&changed);
    }
}

/// The pixels of a segment.
fn segment(column: u32, y: u32, size: Size) -> Rect {
    let x = column * SEGMENT;
    Rect::new(x, y, SEGMENT.min(size.width - x), 1)
}

/// The first and the last pixel that differ, if any do.
fn differing(old: &[u32], new: &[u32]) -> Option<(u32, u32)> {
    if old == new {
        return None;
    }
    let mut pairs = old.iter().zip(new);
    let first = pairs.position(|(old, new)| old != new)?;
    let last = pairs.rposition(|(old, new)| old != new).map_or(first, |after| first + 1 + after);
    Some((first as u32, last as u32))
}

/// Writes BGRX pixels over as many others, a segment at most; the first and the last that differed, if any did.
fn replace(old: &mut [u32], bgrx: &[u8]) -> Option<(u32, u32)> {
    let mut changes = [0; SEGMENT as usize];
    for ((old, new), change) in old.iter_mut().zip(bgrx.as_chunks::<4>().0).zip(&mut changes) {
        let new = colour(*new);
        *change = *old ^ new;
        *old = new;
    }
    let changed = |group: &[u32; 8]| group.iter().fold(0, |all, change| all | change) != 0;
    let (groups, _) = changes.as_chunks();
    let (first, last) = (groups.iter().position(changed)?, groups.iter().rposition(changed)?);
    let first_in = groups[first].iter().position(|change| *change != 0)?;
    let last_in = groups[last].iter().rposition(|change| *change != 0)?;
    Some(((first * 8 + first_in) as u32, (last * 8 + last_in) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(200, 60);

    fn differ_of(key: u8) -> Differ {
        Differ::new(SIZE, SegmentHasher::new([key; 16]))
    }

    fn scan_one(differ: &mut Differ, picture: &mut Framebuffer, rect: Rect, pixel: u32) -> Vec<Rect> {
        let bytes = pixel.to_le_bytes().repeat(rect.pixels() as usize);
        let patch = Patch::new(rect, rect.width as usize * 4, &bytes).unwrap();
        differ.scan(picture, &[patch], Detail::Boxes).region.rects().to_vec()
    }

    #[test]
    fn boxes_are_exact() {
        let (mut differ, mut picture) = (differ_of(1), Framebuffer::new(SIZE));
        for rect in [Rect::new(0, 0, 1, 1), Rect::new(50, 10, 100, 30), Rect::new(199, 59, 1, 1)] {
            assert_eq!(scan_one(&mut differ, &mut picture, rect, 0xff00_0080 + rect.x), [rect]);
            assert_eq!(scan_one(&mut differ, &mut picture, rect, 0x0000_0080 + rect.x), []);
        }
    }

    #[test]
    fn only_what_changed_inside_a_patch_counts() {
        let (mut differ, mut picture) = (differ_of(1), Framebuffer::new(SIZE));
        scan_one(&mut differ, &mut picture, Rect::new(60, 14, 10, 4), 7);
        picture.row_mut(&SIZE.rect(), 15).unwrap()[65] = 0;
        let full: Vec<u8> = picture.pixels().iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let mut twin = Framebuffer::new(SIZE);
        let patch = Patch::new(SIZE.rect(), 800, &full).unwrap();
        let region = differ_of(2).scan(&mut twin, &[patch], Detail::Boxes).region;
        assert_eq!(region.rects(), [Rect::new(60, 14, 10, 4)]);
        assert_eq!(twin, picture);
    }

    #[test]
    fn a_piece_of_a_segment_renews_its_hash() {
        let (mut differ, mut picture) = (differ_of(1), Framebuffer::new(SIZE));
        for rect in [Rect::new(3, 5, 2, 2), Rect::new(193, 20, 1, 1), Rect::new(63, 30, 2, 1)] {
            assert_eq!(scan_one(&mut differ, &mut picture, rect, 7), [rect]);
            assert_eq!(scan_one(&mut differ, &mut picture, SIZE.rect(), 0), [rect]);
        }
        assert_eq!(picture, Framebuffer::new(SIZE));
    }

    #[test]
    fn far_changes_stay_apart() {
        let (mut differ, mut picture) = (differ_of(1), Framebuffer::new(SIZE));
        let bytes = 7u32.to_le_bytes().repeat(4);
        let patch = |x, y| Patch::new(Rect::new(x, y, 2, 2), 8, &bytes).unwrap();
        assert_eq!(differ.scan(&mut picture, &[patch(0, 0), patch(198, 58)], Detail::Boxes).region.rects().len(), 2);
    }

    #[test]
    fn what_leaves_the_screen_is_ignored() {
        let (mut differ, mut picture) = (differ_of(1), Framebuffer::new(SIZE));
        let changed = scan_one(&mut differ, &mut picture, Rect::new(190, 50, 30, 30), 9);
        assert_eq!(changed, [Rect::new(190, 50, 10, 10)]);
        assert_eq!(scan_one(&mut differ, &mut picture, Rect::new(200, 0, 5, 5), 9), []);
    }
}
