//! Where input does not get: what is hidden from officers is out of their hands' reach too.

use super::{Display, Host, log::Again};
use crate::{
    frame::{Point, Region},
    wire::{Action, Press},
};

/// Where the user's keyboard is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// In a window that officers may see, or in none.
    #[default]
    Shown,
    /// In one that is hidden.
    Hidden,
}

/// What of a picture is hidden.
#[derive(Debug, Default)]
pub(super) struct Reach {
    hidden: Region,
    focus: Focus,
    /// How many windows and places make that.
    pub(super) count: u32,
}

impl Reach {
    /// Whether no key gets through.
    pub(super) fn shuts_keyboard(&self) -> bool {
        self.focus == Focus::Hidden
    }

    /// Whether something may be done, at this place of the picture or wherever the pointer is. What is held may be released
    /// anywhere, and the pointer may move anywhere.
    pub(super) fn admits(&self, at: Option<Point>, action: &Action) -> bool {
        match action {
            Action::Key(_, Press::Down) | Action::Text(_) => self.focus == Focus::Shown,
            Action::Button(_, Press::Down) | Action::Wheel { .. } => match at {
                Some(at) => !self.hidden.holds(at),
                None => self.hidden.is_empty(),
            },
            Action::Key(_, Press::Up) | Action::Button(_, Press::Up) | Action::Move => true,
        }
    }
}

impl Host {
    /// From now on this is hidden of a display, relative to its picture, and the user's keyboard is there: no key, press or
    /// scroll of an officer gets to what is hidden. To be told before the picture of which it holds. `count` windows and places
    /// make it, which the log says.
    pub fn hidden(&mut self, display: Display, hidden: Region, focus: Focus, count: u32) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        log.reach = Reach { hidden, focus, count };
        for id in log.followers() {
            self.count_hidden(id, count);
        }
    }

    /// More is to be hidden than before: every picture begins anew, with what is captured from now on. To be called before the
    /// answer to whom it is hidden from.
    pub fn show_anew(&mut self) {
        let displays: Vec<_> = self.logs.keys().copied().collect();
        displays.into_iter().for_each(|display| self.attend(display, Again::Yes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::Rect,
        wire::{Button, Key},
    };

    #[test]
    fn nothing_begins_at_a_hidden_place() {
        let reach = Reach { hidden: Rect::new(10, 10, 5, 5).into(), focus: Focus::Shown, count: 1 };
        let (inside, outside) = (Some(Point { x: 14, y: 10 }), Some(Point { x: 15, y: 10 }));
        for action in [Action::Button(Button::Left, Press::Down), Action::Wheel { x: 0, y: 120 }] {
            assert!(!reach.admits(inside, &action) && reach.admits(outside, &action));
            assert!(!reach.admits(None, &action), "the pointer may be there");
            assert!(Reach::default().admits(None, &action));
        }
        for action in [Action::Button(Button::Left, Press::Up), Action::Move, Action::Text("a".into())] {
            assert!(reach.admits(inside, &action));
        }
    }

    #[test]
    fn nothing_is_typed_into_a_hidden_window() {
        let reach = Reach { hidden: Region::new(), focus: Focus::Hidden, count: 1 };
        assert!(!reach.admits(None, &Action::Text("a".into())));
        assert!(!reach.admits(None, &Action::Key(Key(4), Press::Down)));
        assert!(reach.admits(None, &Action::Key(Key(4), Press::Up)));
    }
}
