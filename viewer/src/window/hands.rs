//! What the officer does, as actions for the session: nothing without control, and whatever went down comes up again.

use super::{Session, layout::Place};
use beside_protocol::{
    frame::Point,
    wire::{Action, Button, Key, Press},
};
use std::collections::BTreeSet;

/// A notch of the wheel in the unit of [`Action::Wheel`].
const NOTCH: f64 = 120.0;

/// How many logical pixels of a touch pad's scrolling are worth one notch: three lines of text.
const PIXELS_PER_NOTCH: f64 = 60.0;

/// The officer's hands: the pointer's place, and the keys and buttons that are down.
#[derive(Debug, Default)]
pub(super) struct Hands {
    control: bool,
    at: Option<Point>,
    moved: bool,
    keys: BTreeSet<Key>,
    buttons: BTreeSet<Button>,
    wheel: (f64, f64),
}

impl Hands {
    /// Whether the officer may act; when that ends, everything held is released.
    pub(super) fn set_control(&mut self, control: bool, session: &dyn Session) {
        if !control {
            self.release_all(session);
        }
        self.control = control;
    }

    /// Whether the officer may act.
    pub(super) const fn control(&self) -> bool {
        self.control
    }

    /// The pointer is there now. Told to the session by [`flush`](Self::flush), since only the newest place counts.
    /// A place beside the picture counts while a button is down: a drag may leave the picture.
    pub(super) fn point(&mut self, place: Place) {
        let at = match place {
            Place::Inside(at) => at,
            Place::Outside(at) if !self.buttons.is_empty() => at,
            Place::Outside(_) => return,
        };
        self.moved |= self.at != Some(at);
        self.at = Some(at);
    }

    /// Tells the session where the pointer is, where it has moved; a move before control is told when it begins.
    pub(super) fn flush(&mut self, session: &dyn Session) {
        if self.control && std::mem::take(&mut self.moved) {
            session.act(self.at, Action::Move);
        }
    }

    /// A key went down or up. A second "down" is the officer's own key repeat: the user's system repeats by itself.
    pub(super) fn key(&mut self, key: Key, press: Press, session: &dyn Session) {
        let news = match press {
            Press::Down => self.control && self.keys.insert(key),
            Press::Up => self.keys.remove(&key),
        };
        if news {
            self.act(Action::Key(key, press), session);
        }
    }

    /// A button went down or up. It goes down over the picture only.
    pub(super) fn button(&mut self, button: Button, press: Press, over_picture: bool, session: &dyn Session) {
        let news = match press {
            Press::Down => self.control && over_picture && self.buttons.insert(button),
            Press::Up => self.buttons.remove(&button),
        };
        if news {
            self.act(Action::Button(button, press), session);
        }
    }

    /// The wheel turned by so many notches; right and up positive, as winit has it for what moves the content.
    pub(super) fn turn(&mut self, x: f64, y: f64, session: &dyn Session) {
        if !self.control {
            return;
        }
        // What the officer's content would move right or down by scrolls left or up.
        self.wheel.0 -= x * NOTCH;
        self.wheel.1 -= y * NOTCH;
        let (x, y) = (whole(&mut self.wheel.0), whole(&mut self.wheel.1));
        if (x, y) != (0, 0) {
            self.act(Action::Wheel { x, y }, session);
        }
    }

    /// A touch pad scrolled by so many logical pixels.
    pub(super) fn glide(&mut self, x: f64, y: f64, session: &dyn Session) {
        self.turn(x / PIXELS_PER_NOTCH, y / PIXELS_PER_NOTCH, session);
    }

    /// Text came from elsewhere than a key.
    pub(super) fn text(&mut self, text: &str, session: &dyn Session) {
        if !self.control {
            return;
        }
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        for piece in pieces(&text, Action::MAX_TEXT) {
            self.act(Action::Text(piece.to_owned()), session);
        }
    }

    /// Releases everything held, buttons first, so that a drag ends before its modifier does.
    pub(super) fn release_all(&mut self, session: &dyn Session) {
        for button in std::mem::take(&mut self.buttons) {
            session.act(self.at, Action::Button(button, Press::Up));
        }
        for key in std::mem::take(&mut self.keys) {
            session.act(self.at, Action::Key(key, Press::Up));
        }
        self.wheel = (0.0, 0.0);
    }

    /// An action carries the pointer's place, so a move before it need not be told on its own.
    fn act(&mut self, action: Action, session: &dyn Session) {
        self.moved = false;
        session.act(self.at, action);
    }
}

/// Takes the whole units out of what has added up.
fn whole(sum: &mut f64) -> i16 {
    // The cast saturates; a wheel that turned further than that in one event is not to be believed.
    let units = sum.trunc() as i16;
    *sum = sum.fract();
    units
}

/// Cuts a text into pieces of at most `limit` bytes, between characters.
fn pieces(mut text: &str, limit: usize) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = text.split_at(text.floor_char_boundary(limit));
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::frame::FramebufferView;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Told(Mutex<Vec<(Option<Point>, Action)>>);

    impl Told {
        fn take(&self) -> Vec<(Option<Point>, Action)> {
            std::mem::take(&mut self.0.lock().unwrap())
        }

        fn actions(&self) -> Vec<Action> {
            self.take().into_iter().map(|(_, action)| action).collect()
        }
    }

    impl Session for Told {
        fn act(&self, at: Option<Point>, action: Action) {
            self.0.lock().unwrap().push((at, action));
        }

        fn with_picture(&self, _look: &mut dyn FnMut(FramebufferView<'_>)) {}

        fn presented(&self, _: std::time::Duration) {}

        fn ask_control(&self) {}

        fn yield_control(&self) {}

        fn leave(&self) {}
    }

    fn hands(told: &Told) -> Hands {
        let mut hands = Hands::default();
        hands.set_control(true, told);
        hands
    }

    const A: Key = Key(0x04);
    const HERE: Point = Point { x: 3, y: 4 };
    const THERE: Point = Point { x: 9, y: 9 };

    #[test]
    fn nothing_without_control() {
        let (told, mut hands) = (Told::default(), Hands::default());
        hands.point(Place::Inside(HERE));
        hands.flush(&told);
        hands.key(A, Press::Down, &told);
        hands.key(A, Press::Up, &told);
        hands.button(Button::Left, Press::Down, true, &told);
        hands.turn(0.0, 1.0, &told);
        hands.text("é", &told);
        assert_eq!(told.take(), []);
        hands.set_control(true, &told);
        hands.flush(&told);
        assert_eq!(told.take(), [(Some(HERE), Action::Move)]);
    }

    #[test]
    fn repeats_are_dropped_and_what_is_held_is_released_once() {
        let (told, mut hands) = (Told::default(), Hands::default());
        hands.set_control(true, &told);
        hands.key(A, Press::Down, &told);
        hands.key(A, Press::Down, &told);
        hands.button(Button::Left, Press::Down, true, &told);
        assert_eq!(told.actions(), [Action::Key(A, Press::Down), Action::Button(Button::Left, Press::Down)]);
        hands.set_control(false, &told);
        assert_eq!(told.actions(), [Action::Button(Button::Left, Press::Up), Action::Key(A, Press::Up)]);
        hands.set_control(true, &told);
        hands.key(A, Press::Up, &told);
        assert_eq!(told.actions(), []);
    }

    #[test]
    fn moves_are_merged_and_carried_by_actions() {
        let told = Told::default();
        let mut hands = hands(&told);
        hands.point(Place::Inside(HERE));
        hands.point(Place::Inside(THERE));
        hands.flush(&told);
        hands.flush(&told);
        assert_eq!(told.take(), [(Some(THERE), Action::Move)]);
        hands.point(Place::Inside(HERE));
        hands.key(A, Press::Down, &told);
        hands.flush(&told);
        assert_eq!(told.take(), [(Some(HERE), Action::Key(A, Press::Down))]);
    }

    #[test]
    fn beside_the_picture_only_drags_count() {
        let told = Told::default();
        let mut hands = hands(&told);
        hands.point(Place::Outside(HERE));
        hands.button(Button::Left, Press::Down, false, &told);
        hands.flush(&told);
        assert_eq!(told.take(), []);
        hands.point(Place::Inside(HERE));
        hands.button(Button::Left, Press::Down, true, &told);
        hands.point(Place::Outside(THERE));
        hands.flush(&told);
        assert_eq!(told.take()[1], (Some(THERE), Action::Move));
    }

    #[test]
    fn small_turns_of_the_wheel_add_up() {
        let told = Told::default();
        let mut hands = hands(&told);
        hands.turn(0.0, 1.0, &told);
        hands.turn(1.0, -1.0, &told);
        assert_eq!(told.actions(), [Action::Wheel { x: 0, y: -120 }, Action::Wheel { x: -120, y: 120 }]);
        for _ in 0..10 {
            hands.glide(0.0, 0.1, &told);
        }
        let sum: i16 = told.actions().iter().map(|a| if let Action::Wheel { y, .. } = a { *y } else { 0 }).sum();
        assert!((-2..=-1).contains(&sum), "{sum}");
    }

    #[test]
    fn text_is_cut_between_characters_and_cleaned() {
        let told = Told::default();
        let mut hands = hands(&told);
        hands.text(&format!("\n{}", "€".repeat(200)), &told);
        let texts: Vec<_> =
            told.actions().into_iter().map(|a| if let Action::Text(text) = a { text } else { String::new() }).collect();
        assert_eq!(texts.iter().map(String::len).collect::<Vec<_>>(), [510, 90]);
        assert_eq!(texts.concat(), "€".repeat(200));
    }
}
