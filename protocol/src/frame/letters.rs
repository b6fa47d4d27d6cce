//! Grows what is to be sent to whole letters: halves of them hardly come again, and are told in full each time.

use super::buffer::Framebuffer;
use super::geometry::Rect;
use super::region::Region;

/// How far a letter may reach over an edge: a line of large text, and a wide letter in it.
const REACH_ROWS: u32 = 24;
const REACH_COLUMNS: u32 = 12;

/// Rows that are added, for one that was there: what appears row by row, while something scrolls smoothly, is cut
/// elsewhere each time.
const MOST_GROWTH: u32 = 2;

/// At least one of so many pixels of a row of text is as the one before it.
const SAME_OF: u32 = 8;

/// Narrower changes are letters already.
const LEAST_WIDTH: u32 = 16;

/// `region`, with the edges of its rectangles moved out to where no ink crosses them: to the next row or column of one
/// colour, if there is one near.
pub(super) fn whole(picture: &Framebuffer, region: Region) -> Region {
    let grown: Vec<Rect> = region.rects().iter().map(|rect| whole_rect(picture, rect)).collect();
    if grown == region.rects() { region } else { Region::cover(grown, 0) }
}

fn whole_rect(picture: &Framebuffer, rect: &Rect) -> Rect {
    if rect.width < LEAST_WIDTH {
        return *rect;
    }
    let size = picture.size();
    let row = |y| Line { picture, rect: Rect { y, height: 1, ..*rect } };
    let up = growth(REACH_ROWS, rect.y, |n| row(rect.y - n));
    let down = growth(REACH_ROWS, size.height - rect.bottom(), |n| row(rect.bottom() - 1 + n));
    let (up, down) = if up + down <= rect.height * MOST_GROWTH { (up, down) } else { (0, 0) };
    let rows = Rect { y: rect.y - up, height: up + rect.height + down, ..*rect };
    let column = |x| Line { picture, rect: Rect { x, width: 1, ..rows } };
    let left = growth(REACH_COLUMNS, rect.x, |n| column(rect.x - n));
    let right = growth(REACH_COLUMNS, size.width - rect.right(), |n| column(rect.right() - 1 + n));
    Rect { x: rect.x - left, width: left + rect.width + right, ..rows }
}

/// How many lines to add, of `reach` at most and `room` on the screen, so that the next one has no ink. The one with the
/// number 0 is at the edge within.
fn growth<'a>(reach: u32, room: u32, line: impl Fn(u32) -> Line<'a>) -> u32 {
    if !line(0).has_ground() {
        return 0;
    }
    (0..=reach).find(|n| *n > room || line(*n).is_flat()).unwrap_or(0).saturating_sub(1)
}

/// A row or a column of a picture, or a part of one.
struct Line<'a> {
    picture: &'a Framebuffer,
    rect: Rect,
}

impl<'a> Line<'a> {
    fn pixels(&self) -> impl Iterator<Item = u32> + Clone + use<'a> {
        let Self { picture, rect } = *self;
        (0..rect.height).filter_map(move |y| picture.row(&rect, y)).flatten().copied()
    }

    /// Whether all pixels have one colour.
    fn is_flat(&self) -> bool {
        let mut pixels = self.pixels();
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    }

    /// Whether some pixels are as the one before: in photos hardly any are.
    fn has_ground(&self) -> bool {
        let (mut same, mut all) = (0, 0);
        for (before, pixel) in self.pixels().zip(self.pixels().skip(1)) {
            all += 1;
            same += u32::from(before == pixel);
        }
        same * SAME_OF >= all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::geometry::Size;
    use super::*;

    const SIZE: Size = Size::new(300, 200);

    /// Lines of letters 7 wide and 10 high, each with a row and a column of space after it.
    fn text() -> Framebuffer {
        let mut picture = Framebuffer::new(SIZE);
        for y in 0..SIZE.height {
            let row = picture.row_mut(&SIZE.rect(), y).unwrap();
            for (x, pixel) in (0..).zip(row) {
                let is_ink = x % 8 < 7 && y % 11 < 10;
                *pixel = if is_ink { 0x10_1010 * (1 + (x / 3 + y / 3) % 3) } else { 0xff_ffff };
            }
        }
        picture
    }

    fn grown(rect: Rect) -> Vec<Rect> {
        whole(&text(), rect.into()).rects().to_vec()
    }

    #[test]
    fn halves_become_whole() {
        assert_eq!(grown(Rect::new(83, 27, 40, 9)), [Rect::new(80, 22, 47, 21)]);
        assert_eq!(grown(Rect::new(80, 22, 47, 21)), [Rect::new(80, 22, 47, 21)], "nothing to grow");
        assert_eq!(grown(Rect::new(80, 21, 48, 23)), [Rect::new(80, 21, 48, 23)], "space around");
    }

    #[test]
    fn what_touches_the_screens_edge_or_has_no_space_near_stays() {
        assert_eq!(grown(Rect::new(4, 0, 294, 4)), [Rect::new(0, 0, 300, 10)]);
        let mut picture = text();
        picture.pixels_mut().iter_mut().zip(0u32..).for_each(|(pixel, n)| *pixel = n.wrapping_mul(0x9e37_79b9) >> 8);
        let rect: Region = Rect::new(83, 27, 40, 9).into();
        assert_eq!(whole(&picture, rect.clone()), rect);
    }

    #[test]
    fn a_letter_stays_alone() {
        assert_eq!(grown(Rect::new(82, 24, 5, 8)), [Rect::new(82, 24, 5, 8)]);
    }

    #[test]
    fn a_row_is_not_made_a_line() {
        assert_eq!(grown(Rect::new(80, 26, 47, 2)), [Rect::new(80, 26, 47, 2)]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(places in prop::collection::vec((0..300u32, 0..200u32, 1..90u32, 1..60u32), 1..20)) {
            let mut region = Region::new();
            for (x, y, width, height) in places {
                region.add(Rect::new(x, y, width.min(SIZE.width - x), height.min(SIZE.height - y)));
            }
            let mut left = region.clone();
            let grown = whole(&text(), region);
            left.subtract_region(&grown);
            prop_assert!(left.is_empty());
            prop_assert!(grown.rects().iter().all(|rect| SIZE.rect().contains(rect)));
        }
    }
}
