//! Whether pixels come again as they were: then a dictionary coder may need fewer bytes than one of photographs.

use crate::frame::Rect;
use crate::frame::buffer::pieces;

/// Of so many rows one is looked at.
const LOOK_EACH: usize = 8;

/// So many pixels side by side are looked for.
const TOGETHER: usize = 3;

/// One in so many must have come before. Photographs have up to 0.3 of them, where they are smooth; with 256 colours, dithered,
/// 0.35 or more, with patterns 0.7.
const ONE_IN: usize = 4;

/// The bits of a place in the table of those that came last.
const PLACE_BITS: u32 = 12;

/// Whether many groups of pixels have come before. Looks at some rows only.
pub(super) fn are_many(rects: &[Rect], pixels: &[u32]) -> bool {
    let mut places = vec![0; 1 << PLACE_BITS];
    let (mut again, mut seen) = (0, 0);
    for (rect, pixels) in pieces(rects, pixels) {
        for row in pixels.chunks_exact(rect.width as usize).step_by(LOOK_EACH) {
            for group in row.array_windows() {
                let mark = mark(group);
                let place = &mut places[(mark >> (u32::BITS - PLACE_BITS)) as usize];
                again += usize::from(*place == mark);
                *place = mark;
                seen += 1;
            }
        }
    }
    again * ONE_IN >= seen
}

/// A hash (multiplicative; Knuth): its upper bits depend on all pixels.
fn mark(group: &[u32; TOGETHER]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    (group.iter().fold(0, |hash: u64, pixel| (hash ^ u64::from(*pixel)).wrapping_mul(FACTOR)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something like noise.
    fn noise(n: u32) -> u32 {
        let n = n.wrapping_mul(0x9e37_79b9) ^ n >> 7;
        (n ^ n >> 15).wrapping_mul(0x85eb_ca6b) >> 8
    }

    #[test]
    fn patterns_repeat_and_noise_does_not() {
        let (width, height) = (300, 100);
        let rects = [Rect::new(5, 5, width, height)];
        let picture = |pixel: fn(u32, u32) -> u32| -> Vec<u32> {
            (0..height).flat_map(|y| (0..width).map(move |x| pixel(x, y))).collect()
        };
        assert!(are_many(&rects, &picture(|x, y| noise(x % 8 + y % 8 * 8))));
        assert!(are_many(&rects, &picture(|x, y| noise(x % 90 + y * 90 % 900))));
        assert!(are_many(&rects, &picture(|x, y| x / 3 + y / 5)));
        assert!(!are_many(&rects, &picture(|x, y| noise(x + y * 300))));
        assert!(!are_many(&rects, &picture(|x, y| x * 0x1_0101 / 3 + (noise(x + y * 300) & 0x03_0303))));
    }
}
