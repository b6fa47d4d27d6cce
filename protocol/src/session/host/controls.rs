//! Keyboard and pointer of one session: what is held, and which of the pointer's places is the newest.

use super::reach::Reach;
use crate::{
    frame::{Point, Rect},
    session::{Held, Injection},
    wire::{Action, PointerMove, Press, Stroke},
};

/// The input state of one session. Only a live session with the control permission and the token calls it.
#[derive(Debug, Default)]
pub(super) struct Controls {
    held: Held,
    newest: Option<u32>,
}

impl Controls {
    /// What a stroke does on the desktop, where the picture is at `area`. Releases of what is not held do nothing, so
    /// that an officer can't lift the user's own keys; nor does what goes beyond `reach`.
    pub(super) fn stroke(&mut self, area: Rect, reach: &Reach, stroke: Stroke) -> Option<Injection> {
        self.newest = self.newest.max(Some(stroke.sequence));
        let lifts = matches!(stroke.action, Action::Key(_, Press::Up) | Action::Button(_, Press::Up));
        if lifts && !self.held.holds(&stroke.action) {
            return None;
        }
        let at = stroke.at.map(|at| inside(area, at));
        if !reach.admits(at, &stroke.action) {
            return None;
        }
        self.held.note(&stroke.action);
        Some(Injection::new(at.map(|at| place(area, at)), stroke.action))
    }

    /// Where a pointer move puts the pointer, unless something newer has been seen.
    pub(super) fn pointer(&mut self, area: Rect, moved: PointerMove) -> Option<Injection> {
        if self.newest >= Some(moved.sequence) {
            return None;
        }
        self.newest = Some(moved.sequence);
        Some(Injection::new(Some(place(area, inside(area, moved.at))), Action::Move))
    }

    /// Whether a key or button is down because of this session.
    pub(super) fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets go of everything.
    pub(super) fn release_all(&mut self) -> Vec<Injection> {
        self.held.release_all()
    }
}

/// The place in the picture that is nearest to one that may be outside.
fn inside(area: Rect, at: Point) -> Point {
    Point { x: at.x.min(area.width.saturating_sub(1)), y: at.y.min(area.height.saturating_sub(1)) }
}

/// A place in the picture as one on the desktop.
const fn place(area: Rect, at: Point) -> Point {
    Point { x: area.x + at.x, y: area.y + at.y }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Button, Key};

    const AREA: Rect = Rect::new(100, 50, 640, 480);

    fn stroke(sequence: u32, action: Action) -> Stroke {
        Stroke { sequence, at: Some(Point { x: 9_999, y: 3 }), action }
    }

    #[test]
    fn places_stay_inside_the_shared_display() {
        let injection = Controls::default().stroke(AREA, &Reach::default(), stroke(1, Action::Move)).unwrap();
        assert_eq!(injection.at(), Some(Point { x: 739, y: 53 }));
    }

    #[test]
    fn an_older_move_does_not_undo_a_newer_click() {
        let mut controls = Controls::default();
        controls.stroke(AREA, &Reach::default(), stroke(5, Action::Button(Button::Left, Press::Down))).unwrap();
        assert_eq!(controls.pointer(AREA, PointerMove { sequence: 4, at: Point::default() }), None);
        assert!(controls.pointer(AREA, PointerMove { sequence: 6, at: Point::default() }).is_some());
    }

    #[test]
    fn the_users_own_keys_are_not_lifted() {
        let mut controls = Controls::default();
        assert_eq!(controls.stroke(AREA, &Reach::default(), stroke(1, Action::Key(Key(4), Press::Up))), None);
    }
}
