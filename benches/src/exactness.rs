//! How true to the host's screen a viewer's picture is.

use beside_protocol::frame::{FramebufferView, Rect};

use crate::compare::Screen;

/// What a viewer showed after each update, compared with what was captured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exactness {
    /// How many updates left it not exact.
    pub inexact: u32,
    /// The most of them without an exact one between: how many updates it took to become exact.
    pub longest: u32,
    /// The worst of them, as the peak signal-to-noise ratio in decibels; infinite when all were exact.
    pub worst: f64,
    /// How many were not exact outside the place that [may be so](crate::Settings::moving).
    pub outside: u32,
    run: u32,
}

impl Exactness {
    /// Before the first update.
    pub(crate) const fn new() -> Self {
        Self { inexact: 0, longest: 0, worst: f64::INFINITY, outside: 0, run: 0 }
    }

    /// Whether every update left the viewer with exactly what was captured.
    pub const fn is_exact(&self) -> bool {
        self.inexact == 0
    }

    /// Takes what is shown after another update. A viewer that waits for something is not exact.
    pub(crate) fn update(
        &mut self,
        captured: &Screen<'_>,
        shown: FramebufferView<'_>,
        waits: bool,
        moving: Option<Rect>,
    ) {
        let differences = differences(captured, shown);
        if differences.squares == 0 && !waits {
            self.run = 0;
            return;
        }
        (self.inexact, self.run) = (self.inexact + 1, self.run + 1);
        self.longest = self.longest.max(self.run);
        let bytes = captured.size().pixels() as f64 * 3.0;
        self.worst = self.worst.min(10.0 * (255.0 * 255.0 * bytes / differences.squares as f64).log10());
        let within = moving.zip(differences.bounds).is_some_and(|(moving, bounds)| moving.contains(&bounds));
        self.outside += u32::from(!within);
    }
}

/// How two pictures differ.
struct Differences {
    /// The sum of the squares of all channels' differences.
    squares: u64,
    bounds: Option<Rect>,
}

fn differences(captured: &Screen<'_>, shown: FramebufferView<'_>) -> Differences {
    let (mut all, screen) = (Differences { squares: 0, bounds: None }, captured.size().rect());
    for (y, captured) in (0..).zip(captured.rows(screen)) {
        let shown = shown.row(&screen, y).unwrap_or_default();
        for ((x, captured), shown) in (0..).zip(captured).zip(shown) {
            let squares = square(*captured, *shown);
            if squares > 0 {
                let place = Rect::new(x, y, 1, 1);
                all.squares += squares;
                all.bounds = Some(all.bounds.map_or(place, |bounds| bounds.union(&place)));
            }
        }
    }
    all
}

fn square([blue, green, red, _]: [u8; 4], shown: u32) -> u64 {
    let shown = shown.to_le_bytes();
    let channels = [(blue, shown[0]), (green, shown[1]), (red, shown[2])];
    channels.iter().map(|(one, other)| u64::from(one.abs_diff(*other)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use beside_protocol::frame::Size;

    use super::*;
    use beside_protocol::frame::Framebuffer;

    #[test]
    fn differences_are_counted_until_they_are_gone() {
        let size = Size::new(10, 10);
        let (bytes, mut shown) = (vec![0; 400], Framebuffer::new(size));
        let captured = Screen::new(size, &bytes).unwrap();
        let mut exactness = Exactness::new();
        let moving = Some(Rect::new(0, 0, 5, 5));
        exactness.update(&captured, shown.view(), false, moving);
        assert!(exactness.is_exact() && exactness.worst.is_infinite());
        shown.pixels_mut()[44] = 0xff;
        exactness.update(&captured, shown.view(), false, moving);
        exactness.update(&captured, shown.view(), false, moving);
        assert_eq!((exactness.inexact, exactness.longest, exactness.outside), (2, 2, 0));
        assert!((exactness.worst - 10.0 * 300f64.log10()).abs() < 1e-9);
        shown.pixels_mut()[44] = 0;
        exactness.update(&captured, shown.view(), false, moving);
        shown.pixels_mut()[45] = 1;
        exactness.update(&captured, shown.view(), false, moving);
        exactness.update(&captured, Framebuffer::new(size).view(), true, moving);
        assert_eq!((exactness.inexact, exactness.longest, exactness.outside), (4, 2, 2));
    }
}
