//! enigo: text on X11, and everything on systems without a backend of our own.

use super::InjectError;
use enigo::{Enigo, Keyboard, Settings};

/// Types text with enigo. Connects when it is first needed: few sessions need it.
#[derive(Default)]
pub(super) struct Typist {
    settings: Settings,
    enigo: Option<Enigo>,
}

impl Typist {
    /// A typist on the X11 `display`, or on the one that the environment names.
    #[cfg(target_os = "linux")]
    pub(super) fn new(display: Option<&str>) -> Self {
        Self {
            settings: Settings { x11_display: display.map(Into::into), linux_delay: 0, ..Settings::default() },
            enigo: None,
        }
    }

    /// Types `text`; returns when it has arrived.
    pub(super) fn type_text(&mut self, text: &str) -> Result<(), InjectError> {
        self.enigo()?.text(text).map_err(|_| InjectError::Untypable)
    }

    fn enigo(&mut self) -> Result<&mut Enigo, InjectError> {
        if self.enigo.is_none() {
            let opened = Enigo::new(&self.settings).map_err(|error| InjectError::Unavailable(error.to_string()))?;
            self.enigo = Some(opened);
        }
        self.enigo.as_mut().ok_or(InjectError::Untypable)
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) use everything::Portable;

#[cfg(not(target_os = "linux"))]
mod everything {
    //! Keys by place, buttons, wheel and pointer.

    use super::super::{Inject, InjectError};
    use super::Typist;
    use beside_protocol::{
        session::Injection,
        wire::{Action, Button, Key, Press},
    };
    use enigo::{Axis, Coordinate, Direction, InputError, Keyboard, Mouse};
    use keycode::KeyMap;

    /// Parts of a wheel's notch that [`Action::Wheel`] counts.
    const NOTCH: i32 = 120;

    /// The USB usage page of keyboards.
    const KEYBOARD_PAGE: u16 = 0x07;

    /// The backend for Windows and macOS.
    pub(in crate::inject) struct Portable {
        enigo: Typist,
        /// What is left of a notch, sideways and upright.
        rest: [i32; 2],
    }

    impl Portable {
        /// Gets hold of the desktop's input.
        pub(in crate::inject) fn open() -> Result<Self, InjectError> {
            let mut typist = Typist::default();
            typist.enigo()?;
            Ok(Self { enigo: typist, rest: [0; 2] })
        }

        fn wheel(&mut self, axis: Axis, parts: i16) -> Result<(), InjectError> {
            let rest = &mut self.rest[usize::from(axis == Axis::Vertical)];
            *rest += i32::from(parts);
            let notches = *rest / NOTCH;
            *rest %= NOTCH;
            if notches == 0 { Ok(()) } else { self.enigo.enigo()?.scroll(notches, axis).map_err(lost) }
        }
    }

    impl Inject for Portable {
        fn inject(&mut self, injection: &Injection) -> Result<(), InjectError> {
            if let Some(at) = injection.at() {
                let coordinate = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
                let (x, y) = (coordinate(at.x), coordinate(at.y));
                self.enigo.enigo()?.move_mouse(x, y, Coordinate::Abs).map_err(lost)?;
            }
            match injection.action() {
                Action::Move => Ok(()),
                Action::Key(key, press) => self.enigo.enigo()?.raw(scancode(*key)?, direction(*press)).map_err(lost),
                Action::Button(button, press) => {
                    self.enigo.enigo()?.button(named(*button), direction(*press)).map_err(lost)
                }
                Action::Wheel { x, y } => {
                    self.wheel(Axis::Horizontal, *x)?;
                    self.wheel(Axis::Vertical, *y)
                }
                Action::Text(text) => self.enigo.type_text(text),
            }
        }

        fn finish(&mut self) -> Result<(), InjectError> {
            // The systems' calls return when the input is in their queue, which outlives this process.
            Ok(())
        }
    }

    /// The system's number of a key by its place.
    fn scancode(key: Key) -> Result<u16, InjectError> {
        let map = KeyMap::from_usb_code(KEYBOARD_PAGE, key.0).map_err(|()| InjectError::NoSuchKey(key))?;
        let (code, none) = if cfg!(target_os = "macos") { (map.mac, 0xffff) } else { (map.win, 0) };
        if code == none { Err(InjectError::NoSuchKey(key)) } else { Ok(code) }
    }

    const fn direction(press: Press) -> Direction {
        match press {
            Press::Down => Direction::Press,
            Press::Up => Direction::Release,
        }
    }

    const fn named(button: Button) -> enigo::Button {
        match button {
            Button::Left => enigo::Button::Left,
            Button::Middle => enigo::Button::Middle,
            Button::Right => enigo::Button::Right,
            Button::Back => enigo::Button::Back,
            Button::Forward => enigo::Button::Forward,
        }
    }

    fn lost(error: InputError) -> InjectError {
        InjectError::Lost(error.to_string())
    }
}
