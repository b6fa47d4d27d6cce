//! Where an offset pays: the rectangle in which it explains most of what changed and spoils least of what did not.

use super::super::buffer::Framebuffer;
use super::super::change::CopyRect;
use super::super::geometry::Rect;
use super::super::hash::SEGMENT;
use super::super::hashes::Hashes;
use super::super::region::Region;
use super::Offset;

/// Pixels that are compared at once; they count when all are alike, since single ones are alike by chance. In areas
/// narrower than so many pieces each pixel counts for itself.
const PIECE: usize = 16;
const FEW: u32 = 8;

/// The most columns and rows of cells, which bound the time of the search. In large areas one row stands for several.
const COLUMNS: u32 = 32;
const ROWS: u32 = 128;

/// Areas so wide are searched a segment at a time for what moved up or down, as hashes tell which ones are alike.
const WIDE: u32 = 8 * SEGMENT;

/// How many rows tell whether a search is worth it.
const GLANCE_ROWS: u32 = 12;
const GLANCES: u32 = 48;

/// A copy that pays.
pub(super) struct Found {
    pub(super) copy: CopyRect,
    pub(super) offset: Offset,
    /// About how many pixels it gets right.
    pub(super) gain: i32,
}

impl Found {
    /// To find the best. What is on the screen is better than the same on a shelf: then it is known not to be lost.
    pub(super) const fn worth(&self) -> (i32, bool) {
        (self.gain, self.offset.sheet == 0)
    }
}

/// The rectangle within `area` for which a copy by `offset` gains most. `old` is the screen with its shelves; `hashes` are those
/// of both screens.
pub(super) fn best(
    old: &Framebuffer,
    new: &Framebuffer,
    area: &Rect,
    offset: Offset,
    hashes: &Hashes,
) -> Option<Found> {
    let area = offset.reach(area, new.size())?;
    let view = View { old, new, offset, area };
    let by_hashes = offset.right == 0 && offset.sheet == 0 && area.width >= WIDE;
    let grid = if by_hashes { Grid::of_segments(&view, hashes) } else { Grid::of(&view) };
    let (gain, rough) = grid.best()?;
    let rect = view.refine(&rough, grid.cell_width, grid.step);
    (!rect.is_empty()).then(|| Found { copy: offset.copy(rect, new.size()), offset, gain })
}

/// About how many pixels of `area` a copy by `offset` would get right, by a look at a few rows.
pub(super) fn glance(old: &Framebuffer, new: &Framebuffer, area: &Rect, offset: Offset) -> i32 {
    glance_rows(old, new, area, offset, area.height.div_ceil(GLANCE_ROWS))
}

/// The same for all of a region.
pub(super) fn glance_at(old: &Framebuffer, new: &Framebuffer, region: &Region, offset: Offset) -> i32 {
    let rows: u32 = region.rects().iter().map(|rect| rect.height).sum();
    let step = rows.div_ceil(GLANCES);
    region.rects().iter().map(|rect| glance_rows(old, new, rect, offset, step.min(rect.height))).sum()
}

/// The same by a look at one in so many rows.
fn glance_rows(old: &Framebuffer, new: &Framebuffer, area: &Rect, offset: Offset, step: u32) -> i32 {
    let Some(area) = offset.reach(area, new.size()) else { return 0 };
    let view = View { old, new, offset, area };
    let rows = (area.y + step.min(area.height) / 2..area.bottom()).step_by(step as usize);
    let right = |gains: &mut dyn Iterator<Item = i32>| gains.map(|gain| gain.max(0)).sum::<i32>();
    let gain = |y| {
        let row = view.row(y, area.x, area.right());
        if is_narrow(&area) { right(&mut row.gains()) } else { right(&mut row.piece_gains()) }
    };
    rows.map(gain).sum::<i32>() * step as i32
}

/// Whether each pixel of an area counts for itself.
const fn is_narrow(area: &Rect) -> bool {
    area.width < FEW * PIECE as u32
}

/// What is compared: the new picture with the same place of the old one, and with where an offset says it comes from.
struct View<'a> {
    old: &'a Framebuffer,
    new: &'a Framebuffer,
    offset: Offset,
    /// Where all are within the picture.
    area: Rect,
}

/// A piece of a row of what is compared.
struct Row<'a> {
    new: &'a [u32],
    old: &'a [u32],
    source: &'a [u32],
}

impl Row<'_> {
    /// What copying wins, pixel by pixel.
    fn gains(&self) -> impl Iterator<Item = i32> {
        let places = self.new.iter().zip(self.source).zip(self.old);
        places.map(|((new, source), old)| gain(new == source, new == old))
    }

    /// The same in pieces of [`PIECE`] pixels, the last one perhaps shorter, each of which is right or wrong as a whole. A
    /// plain one that gets right wins next to nothing: as a literal it is next to free.
    fn piece_gains(&self) -> impl Iterator<Item = i32> {
        let [(new, new_end), (source, source_end), (old, old_end)] =
            [self.new, self.source, self.old].map(<[u32]>::as_chunks::<PIECE>);
        let pieces = new.iter().zip(source).zip(old);
        let gains = pieces.map(|((new, source), old)| piece_gain(new, source, old));
        let end = (!new_end.is_empty()).then(|| piece_gain(new_end, source_end, old_end));
        gains.chain(end)
    }
}

/// What copying a piece wins.
#[inline(always)]
fn piece_gain(new: &[u32], source: &[u32], old: &[u32]) -> i32 {
    // Memory is slow: the old picture is read only if need be.
    if !alike(new, source) {
        return -(new.len() as i32);
    }
    if alike(new, old) { 0 } else { piece_worth(new) }
}

/// What it is worth to get a piece right.
#[inline(always)]
fn piece_worth(piece: &[u32]) -> i32 {
    let is_plain = piece.iter().fold(0, |odd, pixel| odd | (pixel ^ piece[0])) == 0;
    if is_plain { 1 } else { piece.len() as i32 }
}

/// What it is worth to get all of these pixels right.
fn worth(pixels: &[u32]) -> i32 {
    pixels.as_chunks::<PIECE>().0.iter().map(|piece| piece_worth(piece)).sum()
}

/// Whether all pixels are the same, without a branch for each: vector instructions do for few pixels.
#[inline(always)]
fn alike(a: &[u32], b: &[u32]) -> bool {
    a.iter().zip(b).fold(0, |odd, (a, b)| odd | (a ^ b)) == 0
}

/// 1 for what changed and gets right, −1 for what gets wrong. What was wrong already counts as well: a rectangle is to
/// hold what moved with it, and not what is alike by chance between things that did not.
const fn gain(gets_right: bool, was_right: bool) -> i32 {
    (gets_right && !was_right) as i32 - !gets_right as i32
}

impl View<'_> {
    /// Row `y` of the picture, from column `left` to `right`.
    fn row(&self, y: u32, left: u32, right: u32) -> Row<'_> {
        let place = Rect::new(left, y, right - left, 1);
        let source = self.offset.copy(place, self.new.size()).source();
        let pixels = |picture| Framebuffer::row(picture, &place, 0).unwrap_or_default();
        Row { new: pixels(self.new), old: pixels(self.old), source: self.old.row(&source, 0).unwrap_or_default() }
    }

    /// Moves the edges of a rectangle that is right but for so many columns and rows to where they belong.
    fn refine(&self, rough: &Rect, columns: u32, rows: u32) -> Rect {
        let row_gains = |from: u32, to: u32| -> Vec<i32> {
            (from..to).map(|y| self.row(y, rough.x, rough.right()).gains().sum()).collect()
        };
        let from = rough.y.saturating_sub(rows).max(self.area.y);
        let top = from + useless(row_gains(from, (rough.y + rows).min(rough.bottom())).iter());
        let to = (rough.bottom() + rows).min(self.area.bottom());
        let bottom = to - useless(row_gains((rough.bottom() - rows.min(rough.height)).max(top), to).iter().rev());

        let column_gains = |from: u32, to: u32| {
            let mut gains = vec![0; (to - from) as usize];
            for y in (top..bottom).step_by(rows as usize) {
                gains.iter_mut().zip(self.row(y, from, to).gains()).for_each(|(sum, gain)| *sum += gain);
            }
            gains
        };
        let from = rough.x.saturating_sub(columns).max(self.area.x);
        let left = from + useless(column_gains(from, (rough.x + columns).min(rough.right())).iter());
        let to = (rough.right() + columns).min(self.area.right());
        let right = to - useless(column_gains((rough.right() - columns.min(rough.width)).max(left), to).iter().rev());
        Rect::new(left, top, right.saturating_sub(left), bottom.saturating_sub(top))
    }
}

/// How many lines to leave out of those around an edge, whose gains come outermost first.
fn useless<'a>(gains: impl DoubleEndedIterator<Item = &'a i32> + ExactSizeIterator) -> u32 {
    let mut best = (0, gains.len());
    let mut sum = 0;
    for (kept, gain) in gains.enumerate().rev() {
        sum += gain;
        if sum > best.0 {
            best = (sum, kept);
        }
    }
    best.1 as u32
}

/// The gains of cells, each of one row that stands for `step` rows.
struct Grid {
    area: Rect,
    cell_width: u32,
    step: u32,
    rows: usize,
    /// Column after column.
    gains: Vec<i32>,
}

impl Grid {
    fn of(view: &View<'_>) -> Self {
        let area = view.area;
        let unit = if is_narrow(&area) { 1 } else { PIECE as u32 };
        let cell_width = area.width.div_ceil(COLUMNS).next_multiple_of(unit);
        let step = area.height.div_ceil(ROWS);
        let (rows, columns) = (area.height.div_ceil(step) as usize, area.width.div_ceil(cell_width) as usize);
        let mut grid = Self { area, cell_width, step, rows, gains: vec![0; rows * columns] };
        for (row, y) in (area.y..area.bottom()).step_by(step as usize).enumerate() {
            let line = view.row(y, area.x, area.right());
            if unit == 1 {
                grid.add_row(row, line.gains(), cell_width);
            } else {
                grid.add_row(row, line.piece_gains(), cell_width / unit);
            }
        }
        grid
    }

    /// The same for a move up or down of a wide area, by the hashes of its whole segments: of the pixels only those that the move
    /// gets right are read, and only where they are now.
    fn of_segments(view: &View<'_>, hashes: &Hashes) -> Self {
        let segments = Hashes::columns_within(&view.area);
        let (x, width) = (segments.start * SEGMENT, (segments.end - segments.start) * SEGMENT);
        let area = Rect { x, width, ..view.area };
        let cell_width = width.div_ceil(COLUMNS).next_multiple_of(SEGMENT);
        let step = area.height.div_ceil(ROWS);
        let (rows, columns) = (area.height.div_ceil(step) as usize, width.div_ceil(cell_width) as usize);
        let mut grid = Self { area, cell_width, step, rows, gains: vec![0; rows * columns] };
        for (row, y) in (area.y..area.bottom()).step_by(step as usize).enumerate() {
            let gains = segments.clone().map(|column| {
                if !hashes.moved(y, column, view.offset.down) {
                    return -(SEGMENT as i32);
                }
                let place = Rect::new(column * SEGMENT, y, SEGMENT, 1);
                if hashes.are_same(y, column) { 0 } else { worth(view.new.row(&place, 0).unwrap_or_default()) }
            });
            grid.add_row(row, gains, cell_width / SEGMENT);
        }
        grid
    }

    /// Adds the gains along a row, of which each cell has so many.
    fn add_row(&mut self, row: usize, gains: impl Iterator<Item = i32>, each: u32) {
        for (at, gain) in gains.enumerate() {
            self.gains[at / each as usize * self.rows + row] += gain * self.step as i32;
        }
    }

    /// The cells that gain most together: the largest sum of any run of rows, for any run of columns.
    fn best(&self) -> Option<(i32, Rect)> {
        let columns = self.gains.len() / self.rows;
        let mut best = None;
        let mut most = 0;
        for left in 0..columns {
            let mut sums = vec![0; self.rows];
            for right in left..columns {
                let column = &self.gains[right * self.rows..][..self.rows];
                sums.iter_mut().zip(column).for_each(|(sum, gain)| *sum += gain);
                if sums.iter().map(|sum| *sum.max(&0)).sum::<i32>() <= most {
                    continue;
                }
                let (gain, rows) = best_run(&sums);
                if gain > most {
                    most = gain;
                    best = Some((left..right + 1, rows));
                }
            }
        }
        let (columns, rows) = best?;
        let cells = |start: u32, unit: u32, run: std::ops::Range<usize>, end: u32| {
            let from = start + run.start as u32 * unit;
            (from, (start + run.end as u32 * unit).min(end) - from)
        };
        let (x, width) = cells(self.area.x, self.cell_width, columns, self.area.right());
        let (y, height) = cells(self.area.y, self.step, rows, self.area.bottom());
        Some((most, Rect::new(x, y, width, height)))
    }
}

/// The run with the largest sum, and that sum (Kadane's algorithm).
fn best_run(gains: &[i32]) -> (i32, std::ops::Range<usize>) {
    let (mut best, mut run) = ((0, 0..0), (0, 0));
    for (at, gain) in gains.iter().enumerate() {
        if run.0 <= 0 {
            run = (0, at);
        }
        run.0 += gain;
        if run.0 > best.0 {
            best = (run.0, run.1..at + 1);
        }
    }
    best
}
