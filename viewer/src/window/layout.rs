//! Where the picture is in the window, and which pixel of the one belongs to which of the other. Whole numbers only.

use super::Scale;
use beside_protocol::frame::{Point, Rect, Size};

/// The picture's place in a part of the window; window coordinates are physical pixels from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    picture: Size,
    shown: Rect,
    zoom: Zoom,
}

/// How pixels of the picture become pixels of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zoom {
    /// Each becomes one; the window shows the picture from this pixel on.
    Exact(Point),
    /// Each becomes a square with sides of so many.
    Larger(u32),
    /// Each pixel of the window is the average of those under it.
    Smaller,
}

/// A place in the window, as seen by the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On this pixel.
    Inside(Point),
    /// Beside the picture; this is the nearest pixel.
    Outside(Point),
}

impl Layout {
    /// Puts `picture` in the middle of an area of this size. `origin` is the first pixel seen where the picture is
    /// larger than the area in [`Scale::OneToOne`]; it is corrected so that no space is wasted.
    pub(super) fn new(area: Size, picture: Size, scale: Scale, origin: Point) -> Self {
        let fits = picture.width <= area.width && picture.height <= area.height;
        let (size, zoom) = match scale {
            Scale::Fit if fits => {
                let times = (area.width / picture.width).min(area.height / picture.height);
                let zoom = if times == 1 { Zoom::Exact(Point::default()) } else { Zoom::Larger(times) };
                (Size::new(picture.width * times, picture.height * times), zoom)
            }
            Scale::Fit => (fit_down(area, picture), Zoom::Smaller),
            Scale::OneToOne => {
                let size = Size::new(picture.width.min(area.width), picture.height.min(area.height));
                let x = origin.x.min(picture.width - size.width);
                let y = origin.y.min(picture.height - size.height);
                (size, Zoom::Exact(Point { x, y }))
            }
        };
        let (x, y) = ((area.width - size.width) / 2, (area.height - size.height) / 2);
        Self { picture, shown: Rect::new(x, y, size.width, size.height), zoom }
    }

    /// The picture's size.
    pub(super) const fn picture(&self) -> Size {
        self.picture
    }

    /// The part of the window that shows the picture.
    pub(super) const fn shown(&self) -> Rect {
        self.shown
    }

    /// How the picture is shown there.
    pub(super) const fn zoom(&self) -> Zoom {
        self.zoom
    }

    /// Which pixel of the picture the middle of this pixel of the window shows.
    pub(super) fn place(&self, x: i64, y: i64) -> Place {
        let right = i64::from(self.shown.right()) - 1;
        let bottom = i64::from(self.shown.bottom()) - 1;
        let (near_x, near_y) = (x.min(right).max(self.shown.x.into()), y.min(bottom).max(self.shown.y.into()));
        let along = |at: i64, start: u32, shown: u32, picture: u32, origin: u32| {
            let at = u32::try_from(at).unwrap_or(0) - start;
            match self.zoom {
                Zoom::Exact(_) => origin + at,
                Zoom::Larger(times) => at / times,
                Zoom::Smaller => scaled(2 * u64::from(at) + 1, picture, 2 * u64::from(shown)),
            }
        };
        let origin = self.origin();
        let at = Point {
            x: along(near_x, self.shown.x, self.shown.width, self.picture.width, origin.x),
            y: along(near_y, self.shown.y, self.shown.height, self.picture.height, origin.y),
        };
        if (x, y) == (near_x, near_y) { Place::Inside(at) } else { Place::Outside(at) }
    }

    /// The part of the window that changes with this part of the picture; `None` where it is out of sight.
    pub(super) fn window_part(&self, rect: &Rect) -> Option<Rect> {
        let rect = rect.intersection(&self.picture.rect())?;
        let shown = &self.shown;
        match self.zoom {
            Zoom::Exact(origin) => {
                let seen = rect.intersection(&Rect::new(origin.x, origin.y, shown.width, shown.height))?;
                Some(Rect { x: seen.x - origin.x + shown.x, y: seen.y - origin.y + shown.y, ..seen })
            }
            Zoom::Larger(times) => Some(Rect {
                x: rect.x * times + shown.x,
                y: rect.y * times + shown.y,
                width: rect.width * times,
                height: rect.height * times,
            }),
            Zoom::Smaller => {
                // An average reaches one pixel of the window beyond its own.
                let first =
                    |at: u32, shown: u32, picture: u32| scaled(at.into(), shown, picture.into()).saturating_sub(1);
                let past = |at: u32, shown: u32, picture: u32| {
                    scaled_up(at.into(), shown, picture.into()).saturating_add(1).min(shown)
                };
                let picture = self.picture;
                let (x, y) = (first(rect.x, shown.width, picture.width), first(rect.y, shown.height, picture.height));
                let right = past(rect.right(), shown.width, picture.width);
                let bottom = past(rect.bottom(), shown.height, picture.height);
                Some(Rect::new(shown.x + x, shown.y + y, right - x, bottom - y))
            }
        }
    }

    /// The same, panned by so many pixels as far as there is more to see.
    #[must_use]
    pub(super) fn panned(mut self, x: i32, y: i32) -> Self {
        if let Zoom::Exact(origin) = &mut self.zoom {
            origin.x = origin.x.saturating_add_signed(x).min(self.picture.width - self.shown.width);
            origin.y = origin.y.saturating_add_signed(y).min(self.picture.height - self.shown.height);
        }
        self
    }

    /// The first pixel of the picture that is seen.
    pub(super) const fn origin(&self) -> Point {
        match self.zoom {
            Zoom::Exact(origin) => origin,
            Zoom::Larger(_) | Zoom::Smaller => Point { x: 0, y: 0 },
        }
    }
}

/// The largest size of the picture's shape within the area; at least one pixel each way.
fn fit_down(area: Size, picture: Size) -> Size {
    let wide = u64::from(picture.width) * u64::from(area.height) >= u64::from(area.width) * u64::from(picture.height);
    if wide {
        let height = rounded(picture.height, area.width, picture.width).clamp(1, area.height);
        Size::new(area.width, height)
    } else {
        let width = rounded(picture.width, area.height, picture.height).clamp(1, area.width);
        Size::new(width, area.height)
    }
}

/// `value × to / from`, rounded to the nearest.
fn rounded(value: u32, to: u32, from: u32) -> u32 {
    scaled(2 * u64::from(value) * u64::from(to) + u64::from(from), 1, 2 * u64::from(from))
}

/// `value × to / from`, rounded down.
fn scaled(value: u64, to: u32, from: u64) -> u32 {
    u32::try_from(value * u64::from(to) / from).unwrap_or(u32::MAX)
}

/// `value × to / from`, rounded up.
fn scaled_up(value: u64, to: u32, from: u64) -> u32 {
    u32::try_from((value * u64::from(to)).div_ceil(from)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(area: (u32, u32), picture: (u32, u32), scale: Scale) -> Layout {
        Layout::new(Size::new(area.0, area.1), Size::new(picture.0, picture.1), scale, Point::default())
    }

    #[test]
    fn an_exact_fit_covers_the_window() {
        for scale in [Scale::Fit, Scale::OneToOne] {
            let layout = layout((1920, 1080), (1920, 1080), scale);
            assert_eq!(layout.shown(), Rect::new(0, 0, 1920, 1080));
            assert_eq!(layout.zoom(), Zoom::Exact(Point::default()));
            assert_eq!(layout.place(1919, 0), Place::Inside(Point { x: 1919, y: 0 }));
            assert_eq!(layout.place(1920, -5), Place::Outside(Point { x: 1919, y: 0 }));
        }
    }

    #[test]
    fn fitting_keeps_the_shape() {
        assert_eq!(layout((1000, 1000), (1920, 1080), Scale::Fit).shown(), Rect::new(0, 218, 1000, 563));
        assert_eq!(layout((1000, 1000), (300, 200), Scale::Fit).shown(), Rect::new(50, 200, 900, 600));
        assert_eq!(layout((3, 3), (16_384, 1), Scale::Fit).shown(), Rect::new(0, 1, 3, 1));
    }

    #[test]
    fn panning_stops_at_the_edges() {
        let layout = layout((100, 100), (150, 80), Scale::OneToOne).panned(-9, 9);
        assert_eq!((layout.origin(), layout.shown()), (Point::default(), Rect::new(0, 10, 100, 80)));
        let layout = layout.panned(999, 0);
        assert_eq!(layout.origin(), Point { x: 50, y: 0 });
        assert_eq!(layout.place(0, 10), Place::Inside(Point { x: 50, y: 0 }));
        assert_eq!(layout.window_part(&Rect::new(0, 0, 50, 80)), None);
        assert_eq!(layout.window_part(&Rect::new(40, 5, 20, 5)), Some(Rect::new(0, 15, 10, 5)));
    }

    proptest! {
        /// The pixel under the pointer is one that the pixel of the window is drawn from: damage there comes back to it.
        #[test]
        fn pointer_and_damage_agree(
            area in (1u32..200, 1u32..200), picture in (1u32..400, 1u32..400), x in 0i64..200, y in 0i64..200,
            one_to_one in any::<bool>(), pan in (-300i32..300, -300i32..300),
        ) {
            let scale = if one_to_one { Scale::OneToOne } else { Scale::Fit };
            let layout = layout(area, picture, scale).panned(pan.0, pan.1);
            prop_assert!(layout.shown().fits(Size::new(area.0, area.1)));
            match layout.place(x, y) {
                Place::Inside(at) => {
                    let back = layout.window_part(&Rect::new(at.x, at.y, 1, 1));
                    let pixel = Rect::new(u32::try_from(x)?, u32::try_from(y)?, 1, 1);
                    prop_assert!(back.is_some_and(|back| back.contains(&pixel) && layout.shown().contains(&back)));
                }
                Place::Outside(at) => prop_assert!(Rect::new(at.x, at.y, 1, 1).fits(layout.picture())),
            }
        }

        /// All of the picture covers all of its place.
        #[test]
        fn a_full_update_is_a_full_repaint(area in (1u32..300, 1u32..300), picture in (1u32..500, 1u32..500)) {
            let layout = layout(area, picture, Scale::Fit);
            prop_assert_eq!(layout.window_part(&layout.picture().rect()), Some(layout.shown()));
        }
    }
}
