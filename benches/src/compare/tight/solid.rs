//! One-coloured parts of a rectangle: found in blocks of 16 × 16, grown by blocks and then by pixels.

use beside_protocol::frame::Rect;

use crate::compare::Screen;

/// The side of a block, in pixels.
const BLOCK: u32 = 16;

/// A smaller part is not worth a rectangle of its own.
const FEWEST_PIXELS: u64 = 2_048;

/// What a rectangle consists of.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Of one colour each.
    pub(super) solid: Vec<Rect>,
    /// All the rest.
    pub(super) mixed: Vec<Rect>,
}

/// Cuts `rect` into parts that are disjoint and cover it.
pub(super) fn split(screen: &Screen<'_>, rect: Rect) -> Parts {
    let mut parts = Parts::default();
    let mut open = vec![rect];
    while let Some(rect) = open.pop() {
        let Some(solid) = find(screen, rect) else {
            parts.mixed.push(rect);
            continue;
        };
        parts.solid.push(solid);
        // Above there was none; beside it and below there may be more.
        let sides = |x: u32, right: u32| Rect::new(x, solid.y, right - x, solid.height);
        let below = Rect { y: solid.bottom(), height: rect.bottom() - solid.bottom(), ..rect };
        let above = Rect { height: solid.y - rect.y, ..rect };
        parts.mixed.extend(Some(above).filter(|part| !part.is_empty()));
        let rest = [below, sides(solid.right(), rect.right()), sides(rect.x, solid.x)];
        open.extend(rest.into_iter().filter(|part| !part.is_empty()));
    }
    parts
}

/// The first part of one colour that is large enough, in rows of blocks.
fn find(screen: &Screen<'_>, rect: Rect) -> Option<Rect> {
    let blocks = |y: u32| (rect.x..rect.right()).step_by(BLOCK as usize).map(move |x| (x, y));
    let places = (rect.y..rect.bottom()).step_by(BLOCK as usize).flat_map(blocks);
    places
        .filter_map(|(x, y)| Rect::new(x, y, BLOCK, BLOCK).intersection(&rect))
        .filter_map(|block| {
            let colour = screen.row(&block, 0)[0];
            is_solid(screen, &block, colour).then(|| grow_by_blocks(screen, &rect, block, colour))
        })
        .find(|(solid, _)| solid.pixels() >= FEWEST_PIXELS)
        .map(|(solid, colour)| grow_by_pixels(screen, &rect, solid, colour))
}

fn is_solid(screen: &Screen<'_>, part: &Rect, colour: [u8; 4]) -> bool {
    screen.rows(*part).all(|row| row.iter().all(|pixel| pixel[..3] == colour[..3]))
}

/// The largest of the areas that begin with `block`: for each number of rows, as wide as all of them are.
fn grow_by_blocks(screen: &Screen<'_>, rect: &Rect, block: Rect, colour: [u8; 4]) -> (Rect, [u8; 4]) {
    let (mut best, mut right) = (block, rect.right());
    for y in (block.y..rect.bottom()).step_by(BLOCK as usize) {
        let row = (block.x..right).step_by(BLOCK as usize);
        let mut solid = row.map_while(|x| {
            let next = Rect::new(x, y, BLOCK, BLOCK).intersection(rect)?;
            is_solid(screen, &next, colour).then_some(next)
        });
        let Some(first) = solid.next() else { break };
        let last = solid.last().unwrap_or(first);
        right = last.right();
        let area = Rect::new(block.x, block.y, right - block.x, last.bottom() - block.y);
        if area.pixels() > best.pixels() {
            best = area;
        }
    }
    (best, colour)
}

/// As far as rows and columns of one pixel go on: up, down, left, right.
fn grow_by_pixels(screen: &Screen<'_>, rect: &Rect, mut solid: Rect, colour: [u8; 4]) -> Rect {
    while solid.y > rect.y && is_solid(screen, &Rect { y: solid.y - 1, height: 1, ..solid }, colour) {
        (solid.y, solid.height) = (solid.y - 1, solid.height + 1);
    }
    while solid.bottom() < rect.bottom() && is_solid(screen, &Rect { y: solid.bottom(), height: 1, ..solid }, colour) {
        solid.height += 1;
    }
    while solid.x > rect.x && is_solid(screen, &Rect { x: solid.x - 1, width: 1, ..solid }, colour) {
        (solid.x, solid.width) = (solid.x - 1, solid.width + 1);
    }
    while solid.right() < rect.right() && is_solid(screen, &Rect { x: solid.right(), width: 1, ..solid }, colour) {
        solid.width += 1;
    }
    solid
}
