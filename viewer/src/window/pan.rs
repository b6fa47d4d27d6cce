//! Panning a picture that is larger than the window: it moves on while the pointer is near an edge.

use beside_protocol::frame::Size;
use std::time::{Duration, Instant};
use winit::dpi::PhysicalPosition;

/// How near to an edge the pointer must be, in physical pixels.
const MARGIN: f64 = 32.0;

/// The most pixels in a step, at the very edge.
const STRIDE: f64 = 48.0;

/// The time from one step to the next.
const STEP: Duration = Duration::from_millis(16);

/// A movement of the picture under the window.
#[derive(Debug, Default)]
pub(super) struct Pan {
    speed: (i32, i32),
    due: Option<Instant>,
}

impl Pan {
    /// Moves by so many pixels in each step from now on.
    pub(super) fn set_speed(&mut self, speed: (i32, i32), now: Instant) {
        self.speed = speed;
        self.due = if speed == (0, 0) { None } else { self.due.or(Some(now)) };
    }

    /// Stands still.
    pub(super) const fn stop(&mut self) {
        self.speed = (0, 0);
        self.due = None;
    }

    /// When the next step is due.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The step, when it is due.
    pub(super) fn step(&mut self, now: Instant) -> Option<(i32, i32)> {
        self.due = Some(self.due.filter(|due| *due <= now)? + STEP).map(|due| due.max(now));
        Some(self.speed)
    }
}

/// How fast to pan for a pointer there: faster the nearer to the edge.
pub(super) fn speed(at: PhysicalPosition<f64>, area: Size) -> (i32, i32) {
    let along = |at: f64, side: u32| {
        let far = f64::from(side) - 1.0 - at;
        // In range: both are within the stride.
        let toward = |distance: f64| ((MARGIN - distance).clamp(0.0, MARGIN) / MARGIN * STRIDE).ceil() as i32;
        toward(far) - toward(at)
    };
    (along(at.x, area.width), along(at.y, area.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_edges_pan() {
        let area = Size::new(400, 300);
        assert_eq!(speed(PhysicalPosition::new(200.0, 150.0), area), (0, 0));
        assert_eq!(speed(PhysicalPosition::new(0.0, 299.0), area), (-48, 48));
        assert_eq!(speed(PhysicalPosition::new(383.0, 150.0), area), (24, 0));
    }

    #[test]
    fn steps_come_when_due() {
        let now = Instant::now();
        let mut pan = Pan::default();
        assert_eq!((pan.due(), pan.step(now)), (None, None));
        pan.set_speed((3, 0), now);
        assert_eq!(pan.step(now), Some((3, 0)));
        assert_eq!(pan.step(now), None);
        assert_eq!(pan.step(now + STEP), Some((3, 0)));
        pan.set_speed((0, 0), now);
        assert_eq!(pan.due(), None);
    }
}
