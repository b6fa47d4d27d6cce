//! Two frames compared in blocks of 64 × 64, as servers do that know nothing of what changed.
//!
//! Changed blocks become rectangles the way of IronRDP's server (`ironrdp-graphics`, module `diff`, as documented): from a
//! block as far right as all are changed, then as far down as the whole width is.

use beside_protocol::frame::Rect;

use super::Screen;

/// The side of a block, in pixels: what servers that compare two frames use.
pub(super) const BLOCK: u32 = 64;

/// How many blocks of two screens of one size differ. A block is compared row by row until one differs.
pub fn changed_blocks(old: &Screen<'_>, new: &Screen<'_>) -> usize {
    changes(old, new).iter().flatten().filter(|changed| **changed).count()
}

/// Rectangles of whole blocks around all that differs between two screens of one size.
pub fn changed_rects(old: &Screen<'_>, new: &Screen<'_>) -> Vec<Rect> {
    let mut changes = changes(old, new);
    let mut rects = Vec::new();
    for row in 0..changes.len() {
        for column in 0..changes[row].len() {
            let wide = changes[row][column..].iter().take_while(|changed| **changed).count();
            if wide == 0 {
                continue;
            }
            let columns = column..column + wide;
            let high =
                changes[row..].iter().take_while(|row| row[columns.clone()].iter().all(|changed| *changed)).count();
            changes[row..row + high].iter_mut().for_each(|row| row[columns.clone()].fill(false));
            let [x, y, width, height] = [column, row, wide, high].map(|blocks| blocks as u32 * BLOCK);
            rects.extend(Rect::new(x, y, width, height).intersection(&new.size().rect()));
        }
    }
    rects
}

/// Which blocks differ, row after row.
fn changes(old: &Screen<'_>, new: &Screen<'_>) -> Vec<Vec<bool>> {
    let (screen, block) = (new.size().rect(), BLOCK as usize);
    let differs = |x: u32, y: u32| {
        let Some(place) = Rect::new(x, y, BLOCK, BLOCK).intersection(&screen) else { return false };
        (0..place.height).any(|y| old.row(&place, y) != new.row(&place, y))
    };
    let columns = || (0..screen.width).step_by(block);
    (0..screen.height).step_by(block).map(|y| columns().map(|x| differs(x, y)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use beside_protocol::frame::Size;

    use super::*;

    const SIZE: Size = Size::new(200, 150);

    fn changed(places: &[(usize, usize)]) -> (usize, Vec<Rect>) {
        let old = vec![0; SIZE.pixels() as usize * 4];
        let mut new = old.clone();
        for (x, y) in places {
            new[(y * SIZE.width as usize + x) * 4] = 1;
        }
        let (old, new) = (Screen::new(SIZE, &old).unwrap(), Screen::new(SIZE, &new).unwrap());
        (changed_blocks(&old, &new), changed_rects(&old, &new))
    }

    #[test]
    fn blocks_are_counted_once() {
        assert_eq!(changed(&[]), (0, vec![]));
        assert_eq!(changed(&[(0, 0), (63, 63)]), (1, vec![Rect::new(0, 0, 64, 64)]));
        assert_eq!(changed(&[(199, 149)]), (1, vec![Rect::new(192, 128, 8, 22)]));
    }

    #[test]
    fn rectangles_go_right_then_down() {
        let (count, rects) = changed(&[(70, 0), (130, 0), (70, 70), (130, 70), (0, 130), (70, 130)]);
        assert_eq!(count, 6);
        assert_eq!(rects, [Rect::new(64, 0, 128, 128), Rect::new(0, 128, 128, 22)]);
    }
}
