//! What changed: blocks of 64 × 64, each cut down to its changed rows and, eight pixels at a time, columns; neighbours
//! of one height become one.

use beside_protocol::frame::Rect;

use crate::compare::{Screen, blocks::BLOCK};

/// Columns are cut off this many pixels at a time.
const STEP: u32 = 8;

/// Rectangles around all that differs.
pub(super) fn rects(old: &Screen<'_>, new: &Screen<'_>) -> Vec<Rect> {
    let screen = new.size().rect();
    let mut rects: Vec<Rect> = Vec::new();
    for y in (0..screen.height).step_by(BLOCK as usize) {
        let mut band: Vec<Rect> = Vec::new();
        for x in (0..screen.width).step_by(BLOCK as usize) {
            let block = Rect::new(x, y, BLOCK, BLOCK).intersection(&screen);
            let Some(found) = block.and_then(|block| cut(old, new, block)) else { continue };
            match band.last_mut() {
                Some(last) if (last.right(), last.y, last.height) == (found.x, found.y, found.height) => {
                    last.width += found.width;
                }
                _ => band.push(found),
            }
        }
        for found in band {
            let above = rects
                .iter_mut()
                .find(|above| (above.x, above.width, above.bottom()) == (found.x, found.width, found.y));
            match above {
                Some(above) => above.height += found.height,
                None => rects.push(found),
            }
        }
    }
    rects
}

/// The changed part of a block.
fn cut(old: &Screen<'_>, new: &Screen<'_>, block: Rect) -> Option<Rect> {
    let same = |part: &Rect, y: u32| old.row(part, y) == new.row(part, y);
    let top = (0..block.height).find(|y| !same(&block, *y))?;
    let bottom = (top..block.height).rev().find(|y| !same(&block, *y))?;
    let part = Rect { y: block.y + top, height: bottom + 1 - top, ..block };
    let differs = |x: u32| {
        let strip = Rect::new(x, part.y, STEP, part.height).intersection(&part)?;
        (0..strip.height).any(|y| !same(&strip, y)).then_some(strip)
    };
    let strips = || (part.x..part.right()).step_by(STEP as usize);
    let (left, right) = (strips().find_map(differs)?, strips().rev().find_map(differs)?);
    Some(left.union(&right))
}
