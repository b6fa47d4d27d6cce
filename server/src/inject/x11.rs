//! X11: keys by place, buttons, wheel and pointer through XTEST; no round trip for an event.

use super::{Inject, InjectError};
use beside_protocol::{
    frame::Point,
    session::Injection,
    wire::{Action, Button, Key, Press},
};
use keycode::KeyMap;
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MOTION_NOTIFY_EVENT, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// Parts of a wheel's notch that [`Action::Wheel`] counts.
const NOTCH: i32 = 120;

/// The USB usage page of keyboards.
const KEYBOARD_PAGE: u16 = 0x07;

/// The XTEST backend.
pub(super) struct XTest {
    connection: RustConnection,
    root: Window,
    sideways: Wheel,
    upright: Wheel,
    typist: typing::Typist,
}

impl XTest {
    /// Connects to `display`, or to the one that the environment names.
    pub(super) fn open(display: Option<&str>) -> Result<Self, InjectError> {
        let unavailable = |error: String| InjectError::Unavailable(error);
        let (connection, screen) =
            x11rb::connect(display).map_err(|error| unavailable(format!("no connection to the X server ({error})")))?;
        let root = connection.setup().roots[screen].root;
        connection
            .xtest_get_version(2, 2)
            .map_err(|error| unavailable(error.to_string()))?
            .reply()
            .map_err(|error| unavailable(format!("the X server lacks XTEST ({error})")))?;
        Ok(Self {
            connection,
            root,
            sideways: Wheel::new(6, 7),
            upright: Wheel::new(4, 5),
            typist: typing::Typist::new(display),
        })
    }

    fn move_to(&self, at: Point) -> Result<(), InjectError> {
        let coordinate = |value: u32| i16::try_from(value).unwrap_or(i16::MAX);
        // Detail 0: absolute. The only event for which the root window matters.
        let (x, y) = (coordinate(at.x), coordinate(at.y));
        self.connection.xtest_fake_input(MOTION_NOTIFY_EVENT, 0, 0, self.root, x, y, 0).map_err(lost)?;
        Ok(())
    }

    fn key(&self, code: u8, press: Press) -> Result<(), InjectError> {
        self.fake(if press == Press::Down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, code)
    }

    fn button(&self, number: u8, press: Press) -> Result<(), InjectError> {
        self.fake(if press == Press::Down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, number)
    }

    fn fake(&self, event: u8, detail: u8) -> Result<(), InjectError> {
        self.connection.xtest_fake_input(event, detail, 0, self.root, 0, 0, 0).map_err(lost)?;
        Ok(())
    }

    fn click(&self, number: u8) -> Result<(), InjectError> {
        self.button(number, Press::Down)?;
        self.button(number, Press::Up)
    }

    /// Sends what was made, and reads what the server has said meanwhile: errors to earlier requests.
    fn flush(&self) -> Result<(), InjectError> {
        self.connection.flush().map_err(lost)?;
        while let Some(event) = self.connection.poll_for_event().map_err(lost)? {
            if let Event::Error(error) = event {
                return Err(InjectError::Lost(format!(
                    "the X server refused an XTEST request ({:?})",
                    error.error_kind
                )));
            }
        }
        Ok(())
    }
}

impl Inject for XTest {
    fn inject(&mut self, injection: &Injection) -> Result<(), InjectError> {
        if let Some(at) = injection.at() {
            self.move_to(at)?;
        }
        match injection.action() {
            Action::Move => {}
            Action::Key(key, press) => self.key(keycode(*key)?, *press)?,
            Action::Button(button, press) => self.button(button_number(*button), *press)?,
            Action::Wheel { x, y } => {
                let clicks: Vec<u8> = self.sideways.turn(*x).chain(self.upright.turn(*y)).collect();
                clicks.into_iter().try_for_each(|number| self.click(number))?;
            }
            Action::Text(text) => {
                // Typing goes over a connection of its own: what came before has to be there first.
                self.finish()?;
                self.typist.type_text(text)?;
            }
        }
        self.flush()
    }

    fn finish(&mut self) -> Result<(), InjectError> {
        self.connection.get_input_focus().map_err(lost)?.reply().map_err(lost)?;
        self.flush()
    }
}

/// The keycode of a key by its place. X servers on Linux number keys as the kernel does, plus 8.
fn keycode(key: Key) -> Result<u8, InjectError> {
    let code = KeyMap::from_usb_code(KEYBOARD_PAGE, key.0).map_or(0, |map| map.xkb);
    match u8::try_from(code) {
        Ok(code) if code >= 8 => Ok(code),
        _ => Err(InjectError::NoSuchKey(key)),
    }
}

/// X's numbers of the buttons; 4 to 7 are the wheel.
const fn button_number(button: Button) -> u8 {
    match button {
        Button::Left => 1,
        Button::Middle => 2,
        Button::Right => 3,
        Button::Back => 8,
        Button::Forward => 9,
    }
}

/// One axis of the wheel, whose notches are clicks of buttons.
struct Wheel {
    back: u8,
    forth: u8,
    /// What is left of a notch, with its sign.
    rest: i32,
}

impl Wheel {
    const fn new(back: u8, forth: u8) -> Self {
        Self { back, forth, rest: 0 }
    }

    /// The button clicks that turning by `parts` of a notch makes.
    fn turn(&mut self, parts: i16) -> impl Iterator<Item = u8> + use<> {
        self.rest += i32::from(parts);
        let notches = self.rest / NOTCH;
        self.rest %= NOTCH;
        let button = if notches < 0 { self.back } else { self.forth };
        std::iter::repeat_n(button, notches.unsigned_abs() as usize)
    }
}

fn lost(error: impl std::fmt::Display) -> InjectError {
    InjectError::Lost(error.to_string())
}

#[cfg(feature = "enigo")]
mod typing {
    //! Text through enigo, which lends a spare keycode to characters that the layout lacks.

    pub(super) use super::super::enigo::Typist;
}

#[cfg(not(feature = "enigo"))]
#[path = "keymap/x11.rs"]
mod typing;
