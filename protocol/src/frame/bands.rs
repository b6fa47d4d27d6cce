//! Cuts a region into the rectangles of each part: wide bands, so that each part codes well and decodes on its own.

use super::geometry::Rect;
use super::region::Region;

/// The most pixels that an encoder puts into a part: 136 rows at 1080p. Enough for the coder to find its repeats,
/// and small enough that a screen makes eight parts, which several threads can code and of which a lost packet delays
/// only one. (What a decoder accepts is more: `part::MAX_PIXELS`.)
pub(super) const PART_PIXELS: u64 = 256 * 1024;

/// The rectangles of each part, each part's sorted by their top. Every pixel of the region is in exactly one of them. A rectangle
/// is cut only into pieces of `least` rows, given its width, or more; but where a part can't hold two of them.
pub(super) fn cut(region: &Region, least: impl Fn(u32) -> u32) -> Vec<Vec<Rect>> {
    let mut rects = region.rects().to_vec();
    rects.sort_unstable_by_key(|rect| (rect.y, rect.x));
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut room = PART_PIXELS;
    for mut rect in rects {
        while !rect.is_empty() {
            let fitting = u32::try_from(room / u64::from(rect.width)).unwrap_or(u32::MAX).min(rect.height);
            let rows = whole_pieces(fitting, rect.height, least(rect.width));
            let rows = if rows == 0 && part.is_empty() { fitting } else { rows };
            if rows == 0 {
                parts.push(std::mem::take(&mut part));
                room = PART_PIXELS;
                continue;
            }
            let band = Rect { height: rows, ..rect };
            room -= band.pixels();
            part.push(band);
            rect = Rect { y: rect.y + rows, height: rect.height - rows, ..rect };
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    // A tall rectangle's last band may lie below the next rectangle's top.
    for part in &mut parts {
        part.sort_unstable_by_key(|rect| (rect.y, rect.x));
    }
    parts
}

/// How many rows of `height` to take where `fitting` fit, so that neither these nor what is left are fewer than `least`.
fn whole_pieces(fitting: u32, height: u32, least: u32) -> u32 {
    if fitting == height {
        return fitting;
    }
    let rows = fitting.min(height.saturating_sub(least));
    if rows < least { 0 } else { rows }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_cut(region: &Region) -> usize {
        let parts = cut(region, |_| 1);
        let mut left = region.clone();
        for part in &parts {
            let pixels: u64 = part.iter().map(Rect::pixels).sum();
            assert!((1..=PART_PIXELS).contains(&pixels));
            assert!(part.is_sorted_by_key(|rect| rect.y));
            part.iter().for_each(|rect| left.subtract(rect));
        }
        assert!(left.is_empty());
        let total: u64 = parts.iter().flatten().map(Rect::pixels).sum();
        assert_eq!(total, region.pixels());
        parts.len()
    }

    #[test]
    fn every_pixel_is_in_one_part() {
        assert_eq!(assert_cut(&Region::new()), 0);
        assert_eq!(assert_cut(&Rect::new(5, 5, 1, 1).into()), 1);
        assert_eq!(assert_cut(&Rect::new(0, 0, 1_920, 1_080).into()), 8);
        assert_eq!(assert_cut(&Rect::new(0, 0, 16_384, 100).into()), 7);
        let mut region = Region::new();
        (0..40).for_each(|n| region.add(Rect::new(n * 37, n * 23, 300, 77)));
        assert_cut(&region);
    }
    proptest! {
        #[test]
        fn pieces_are_high_enough(
            places in prop::collection::vec((0..3_000u32, 0..3_000u32, 16..4_096u32, 1..3_000u32), 1..9),
        ) {
            let least = |width: u32| 16.max(4_096 / width);
            let mut region = Region::new();
            places.iter().for_each(|(x, y, width, height)| region.add(Rect::new(*x, *y, *width, *height)));
            let low = region.rects().iter().filter(|rect| rect.height < least(rect.width)).count();
            let parts = cut(&region, least);
            prop_assert_eq!(parts.iter().flatten().filter(|rect| rect.height < least(rect.width)).count(), low);
            prop_assert_eq!(parts.iter().flatten().map(Rect::pixels).sum::<u64>(), region.pixels());
            prop_assert!(parts.iter().all(|part| part.iter().map(Rect::pixels).sum::<u64>() <= PART_PIXELS));
        }
    }
}
