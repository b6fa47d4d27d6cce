//! What is hidden of the screen: its pixels are cut away before anything is compared, and a hatch takes their place.

use std::borrow::Cow;

use super::buffer::Patch;
use super::geometry::{Rect, Size};
use super::region::Region;

/// After so many pixels the hatch repeats, across and down.
const PERIOD: u32 = 32;

/// The side of the squares that its lines are made of: as smooth lines they would take three times the bytes.
const SQUARE: u32 = 8;

/// What colours it has: greys that nobody takes for a picture.
const DARK: u32 = 0x0070_7070;
const LIGHT: u32 = 0x0090_9090;

/// The colour that viewers see at a place of the screen that is hidden. It depends on the place alone, so that nothing
/// moves when what is hidden does.
pub const fn hatch(x: u32, y: u32) -> u32 {
    if (x / SQUARE + y / SQUARE).is_multiple_of(PERIOD / SQUARE) { LIGHT } else { DARK }
}

/// What of the screen is hidden now.
#[derive(Debug)]
pub(super) struct Mask {
    size: Size,
    hidden: Region,
    /// The first rows of a screen full of hatch, as BGRX bytes; none before anything is hidden.
    rows: Vec<u8>,
    /// Whether something may be hidden that was not at the last update.
    due: bool,
}

impl Mask {
    /// Nothing of a screen of a valid size.
    pub(super) const fn new(size: Size) -> Self {
        Self { size, hidden: Region::new(), rows: Vec::new(), due: false }
    }

    /// Hides these pixels and no others.
    pub(super) fn set(&mut self, hidden: &Region) {
        if self.hidden == *hidden {
            return;
        }
        if self.rows.is_empty() {
            let places = (0..PERIOD).flat_map(|y| (0..self.size.width).map(move |x| (x, y)));
            self.rows = places.flat_map(|(x, y)| hatch(x, y).to_le_bytes()).collect();
        }
        self.hidden.clone_from(hidden);
        self.due = true;
    }

    /// What is left of captured patches, and the hatch where something is newly hidden.
    pub(super) fn cut<'a>(&'a self, patches: &'a [Patch<'a>]) -> Cow<'a, [Patch<'a>]> {
        if self.hidden.is_empty() {
            return Cow::Borrowed(patches);
        }
        let left =
            |patch: &'a Patch<'a>| self.hidden.outside(&patch.rect()).into_iter().filter_map(|at| patch.part(&at));
        let mut seen: Vec<_> = patches.iter().flat_map(left).collect();
        if self.due {
            seen.extend(self.hidden.rects().iter().flat_map(|rect| self.hatched(rect)));
        }
        Cow::Owned(seen)
    }

    /// What was newly hidden has been filled.
    pub(super) const fn filled(&mut self) {
        self.due = false;
    }

    /// The hatch of a rectangle: patches of at most so many rows as there are before it repeats.
    fn hatched(&self, rect: &Rect) -> impl Iterator<Item = Patch<'_>> {
        let seen = rect.intersection(&self.size.rect()).unwrap_or_default();
        let bands = seen.y / PERIOD..seen.bottom().div_ceil(PERIOD);
        bands.filter_map(move |band| {
            let part = Rect { y: band * PERIOD, height: PERIOD, ..seen }.intersection(&seen)?;
            let whole = Rect::new(0, band * PERIOD, self.size.width, PERIOD);
            Patch::new(whole, self.size.width as usize * 4, &self.rows)?.part(&part)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::coder::Coder;
    use super::super::encoder::Encoder;
    use super::super::picture::Picture;
    use super::super::rough::Fidelity;
    use super::*;
    use proptest::prelude::*;

    const SIZE: Size = Size::new(260, 150);

    /// Colours that only the screen has: neither black nor a grey of the hatch.
    fn colour(seed: u32, x: u32, y: u32) -> u32 {
        (seed.wrapping_mul(0x9e37_79b1) ^ (x / 3).wrapping_mul(0x85eb_ca6b) ^ (y / 2).wrapping_mul(0xc2b2_ae35))
            & 0x00ff_ff7f
            | 0x0100
    }

    /// The screen: what a window shows, and what is around it.
    struct Screen {
        pixels: Vec<u8>,
    }

    impl Screen {
        fn paint(&mut self, rect: &Rect, seed: u32) {
            for (x, y) in (rect.y..rect.bottom()).flat_map(|y| (rect.x..rect.right()).map(move |x| (x, y))) {
                let at = (y * SIZE.width + x) as usize * 4;
                let pixel = colour(seed, x - rect.x, y - rect.y);
                self.pixels[at..at + 4].copy_from_slice(&pixel.to_le_bytes());
            }
        }

        fn pixel(&self, x: u32, y: u32) -> u32 {
            u32::from_le_bytes(self.pixels.as_chunks().0[(y * SIZE.width + x) as usize])
        }

        fn patch(&self, rect: &Rect) -> Patch<'_> {
            Patch::new(SIZE.rect(), SIZE.width as usize * 4, &self.pixels).unwrap().part(rect).unwrap()
        }
    }

    fn any_rect() -> impl Strategy<Value = Rect> {
        (0..SIZE.width, 0..SIZE.height, 1..150u32, 1..100u32)
            .prop_map(|(x, y, width, height)| Rect::new(x, y, width, height).intersection(&SIZE.rect()).unwrap())
    }

    /// What is painted, and what is hidden from then on.
    fn any_step() -> impl Strategy<Value = (Rect, u32, Vec<Rect>)> {
        (any_rect(), 0..4u32, prop::collection::vec(any_rect(), 0..4))
    }

    fn region(rects: &[Rect]) -> Region {
        let mut region = Region::new();
        rects.iter().for_each(|rect| region.add(*rect));
        region
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_hidden_is_ever_seen_and_what_is_not_is_exact(
            steps in prop::collection::vec(any_step(), 1..12),
            fidelity in prop::sample::select(vec![Fidelity::Exact, Fidelity::Rough]),
        ) {
            let mut screen = Screen { pixels: vec![0; SIZE.pixels() as usize * 4] };
            let (mut encoder, mut coder) = (Encoder::new(SIZE, [7; 16]).unwrap(), Coder::new());
            encoder.set_fidelity(fidelity);
            let mut viewer = Picture::new(SIZE, 0).unwrap();
            let mut before = Region::new();
            for (painted, seed, hidden) in steps {
                screen.paint(&painted, seed);
                let hidden = region(&hidden);
                // What was painted, and what is hidden no longer.
                let mut fetched = before.clone();
                fetched.subtract_region(&hidden);
                fetched.add(painted);
                let patches: Vec<_> = fetched.rects().iter().map(|rect| screen.patch(rect)).collect();
                encoder.hide(&hidden);
                let mut parts: Vec<_> = encoder.update(&patches).into_iter().flat_map(|update| update.jobs).collect();
                encoder.settle();
                encoder.settle();
                while let Some(update) = encoder.refine(Default::default()) {
                    parts.extend(update.jobs);
                }
                for part in parts {
                    viewer.part(&part.run(&mut coder).bytes).unwrap();
                }
                let shown = viewer.shown();
                for (x, y) in (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y))) {
                    let is_hidden = !hidden.outside(&Rect::new(x, y, 1, 1)).iter().any(|rect| !rect.is_empty());
                    let wanted = if is_hidden { hatch(x, y) } else { screen.pixel(x, y) };
                    prop_assert_eq!(shown.pixels()[(y * SIZE.width + x) as usize], wanted, "{} {}", x, y);
                }
                before = hidden;
            }
        }
    }

    #[test]
    fn what_is_hidden_is_cheap_and_costs_once() {
        let size = Size::new(1920, 1080);
        let mut encoder = Encoder::new(size, [7; 16]).unwrap();
        encoder.hide(&size.rect().into());
        let bytes = |jobs: Vec<super::super::PartJob>| {
            jobs.into_iter().map(|job| job.run(&mut Coder::new()).bytes.len()).sum::<usize>()
        };
        let hatched = bytes(encoder.update(&[]).unwrap().jobs);
        assert!(hatched < 10_000, "{hatched} bytes");
        let noise: Vec<u8> = (0..size.pixels() as u32 * 4).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 24) as u8).collect();
        let patch = Patch::new(size.rect(), 1920 * 4, &noise).unwrap();
        assert!(encoder.update(&[patch]).is_none());
        encoder.hide(&Region::from(Rect::new(0, 0, 1920, 1079)));
        let update = encoder.update(&[patch]).unwrap();
        assert_eq!(update.change.literals.rects(), [Rect::new(0, 1079, 1920, 1)]);
    }
}
