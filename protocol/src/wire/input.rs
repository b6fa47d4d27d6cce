//! What the officer does with keyboard and pointer.

use super::codec::Message;
use crate::frame::{MAX_SIDE, Point};
use serde::{Deserialize, Serialize};

/// A physical key, by its usage on the USB HID keyboard page (0x07): the same number on every system and layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub u16);

impl Key {
    /// Usages from "A" to "Right GUI" (HID Usage Tables 1.5, page 0x07); nothing else is a key.
    pub const fn is_valid(self) -> bool {
        matches!(self.0, 0x04..=0xa4 | 0xb0..=0xdd | 0xe0..=0xe7)
    }
}

/// A button of the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Button {
    /// The main one.
    Left,
    /// The wheel's.
    Middle,
    /// The one for menus.
    Right,
    /// The side button for going back.
    Back,
    /// The side button for going forward.
    Forward,
}

/// Which way a key or button went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Press {
    /// It went down.
    Down,
    /// It came up.
    Up,
}

/// One thing done with keyboard or pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A key by its place on the keyboard.
    Key(Key, Press),
    /// A button of the pointer.
    Button(Button, Press),
    /// The wheel, in 1/120 of a notch, right and down positive.
    Wheel {
        /// Sideways.
        x: i16,
        /// Up and down.
        y: i16,
    },
    /// Text that no key of the officer's keyboard has (from an input method, say).
    Text(String),
    /// The pointer moved; nothing else.
    Move,
}

impl Action {
    /// The longest text in one message, in bytes.
    pub const MAX_TEXT: usize = 512;

    fn is_valid(&self) -> bool {
        match self {
            Self::Key(key, _) => key.is_valid(),
            Self::Text(text) => {
                !text.is_empty() && text.len() <= Self::MAX_TEXT && !text.contains(|c: char| c.is_control())
            }
            Self::Button(..) | Self::Wheel { .. } | Self::Move => true,
        }
    }
}

/// An action on the ordered input stream, with where the pointer was at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stroke {
    /// Counts strokes and pointer moves of the session together, so that an older move can't undo a newer click's place.
    pub sequence: u32,
    /// The pointer's place in the picture; `None` while it has not been over it.
    pub at: Option<Point>,
    /// What was done.
    pub action: Action,
}

impl Message for Stroke {
    fn is_valid(&self) -> bool {
        self.at.is_none_or(in_picture) && self.action.is_valid()
    }
}

/// A move of the pointer, as a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointerMove {
    /// See [`Stroke::sequence`].
    pub sequence: u32,
    /// The pointer's place in the picture.
    pub at: Point,
}

impl Message for PointerMove {
    fn is_valid(&self) -> bool {
        in_picture(self.at)
    }
}

fn in_picture(at: Point) -> bool {
    at.x < MAX_SIDE && at.y < MAX_SIDE
}

#[cfg(test)]
mod tests {
    use super::super::codec::Invalid;
    use super::*;

    #[test]
    fn strokes_read_back_and_are_checked() {
        let stroke = |action| Stroke { sequence: 7, at: Some(Point { x: 3, y: 4 }), action };
        let good = stroke(Action::Text("é".into()));
        assert_eq!(Stroke::decode(&good.encode()), Ok(good));
        for bad in [
            stroke(Action::Key(Key(0), Press::Down)),
            stroke(Action::Text(String::new())),
            stroke(Action::Text("a\u{1b}[0m".into())),
            stroke(Action::Text("x".repeat(Action::MAX_TEXT + 1))),
        ] {
            assert_eq!(Stroke::decode(&bad.encode()), Err(Invalid::OutOfRange));
        }
    }

    #[test]
    fn leftover_bytes_are_an_error() {
        let mut bytes = PointerMove { sequence: 1, at: Point::default() }.encode();
        bytes.push(0);
        assert_eq!(PointerMove::decode(&bytes), Err(Invalid::Malformed));
    }
}
