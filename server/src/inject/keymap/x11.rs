//! Text on X11 without enigo: only what the keyboard layout has, plain or with Shift.

use crate::inject::InjectError;
use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT},
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// X's name of the left Shift key.
const SHIFT: u32 = 0xffe1;

/// Characters beyond Latin-1 are this plus their code point.
const UNICODE: u32 = 0x0100_0000;

/// Types text with the keys of the layout.
pub(in crate::inject) struct Typist {
    display: Option<String>,
}

impl Typist {
    pub(in crate::inject) fn new(display: Option<&str>) -> Self {
        Self { display: display.map(Into::into) }
    }

    /// Types all of `text`, or nothing of it.
    pub(in crate::inject) fn type_text(&mut self, text: &str) -> Result<(), InjectError> {
        let lost = |error: String| InjectError::Lost(error);
        let (connection, screen) = x11rb::connect(self.display.as_deref()).map_err(|error| lost(error.to_string()))?;
        let root = connection.setup().roots[screen].root;
        // Read anew each time: the user may have changed the layout.
        let layout = Layout::read(&connection).map_err(|error| lost(error.to_string()))?;
        let (shift, _) = layout.find(SHIFT).ok_or(InjectError::Untypable)?;
        let keys: Vec<_> =
            text.chars().map(|c| layout.find(keysym(c))).collect::<Option<_>>().ok_or(InjectError::Untypable)?;
        let fake = |event, code| connection.xtest_fake_input(event, code, 0, root, 0, 0, 0).map(drop);
        let click = |(code, level)| {
            if level == Level::Shifted {
                fake(KEY_PRESS_EVENT, shift)?;
            }
            fake(KEY_PRESS_EVENT, code)?;
            fake(KEY_RELEASE_EVENT, code)?;
            if level == Level::Shifted {
                fake(KEY_RELEASE_EVENT, shift)?;
            }
            Ok(())
        };
        keys.into_iter()
            .try_for_each(click)
            .map_err(|error: x11rb::errors::ConnectionError| lost(error.to_string()))?;
        let sync = connection.get_input_focus().map_err(|error| lost(error.to_string()))?;
        sync.reply().map_err(|error| lost(error.to_string()))?;
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Plain,
    Shifted,
}

/// The characters of the keys.
struct Layout {
    first: u8,
    width: usize,
    keysyms: Vec<u32>,
}

impl Layout {
    fn read(connection: &RustConnection) -> Result<Self, x11rb::errors::ReplyError> {
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let mapping = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        Ok(Self { first, width: usize::from(mapping.keysyms_per_keycode).max(1), keysyms: mapping.keysyms })
    }

    /// The key that makes `keysym`, and how.
    fn find(&self, keysym: u32) -> Option<(u8, Level)> {
        let on_level = |level: Level| {
            let column = usize::from(level == Level::Shifted);
            let row = self.keysyms.chunks(self.width).position(|row| row.get(column) == Some(&keysym))?;
            Some((self.first.checked_add(u8::try_from(row).ok()?)?, level))
        };
        on_level(Level::Plain).or_else(|| on_level(Level::Shifted))
    }
}

/// X's number of a character.
const fn keysym(c: char) -> u32 {
    match c as u32 {
        latin @ (0x20..=0x7e | 0xa0..=0xff) => latin,
        other => UNICODE + other,
    }
}
