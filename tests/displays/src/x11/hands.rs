//! Pointer and keyboard, by XTEST. Everything has been done when a call returns.

use super::{Screen, place};
use beside_protocol::frame::Point;
use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, GrabMode, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MOTION_NOTIFY_EVENT, ModMask,
        },
        xtest::ConnectionExt as _,
    },
};

/// X keycodes: the kernel's codes plus 8.
#[expect(missing_docs, reason = "keys are named as on a keyboard")]
pub mod keycode {
    pub const ESCAPE: u8 = 9;
    pub const BACKSPACE: u8 = 22;
    pub const TAB: u8 = 23;
    pub const ENTER: u8 = 36;
    pub const CONTROL: u8 = 37;
    pub const A: u8 = 38;
    pub const SHIFT: u8 = 50;
    pub const ALT: u8 = 64;
    pub const SPACE: u8 = 65;
    pub const CAPS_LOCK: u8 = 66;
    pub const NUM_LOCK: u8 = 77;
    pub const HOME: u8 = 110;
    pub const END: u8 = 115;
    pub const INSERT: u8 = 118;
    pub const PAUSE: u8 = 127;
}

/// What is held down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Keycodes, the lowest first.
    pub keys: Vec<u8>,
    /// Numbers of the pointer's buttons, from 1 to 5.
    pub buttons: Vec<u8>,
}

impl Screen {
    /// Moves the pointer.
    pub fn point(&self, x: u32, y: u32) {
        self.fake(MOTION_NOTIFY_EVENT, 0, place(x), place(y));
    }

    /// Presses or releases a button of the pointer.
    pub fn button(&self, number: u8, down: bool) {
        self.fake(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, number, 0, 0);
    }

    /// Moves the pointer and clicks with the main button.
    pub fn click(&self, at: Point) {
        self.point(at.x, at.y);
        self.click_here();
    }

    /// Clicks with the main button where the pointer is.
    pub fn click_here(&self) {
        self.button(1, true);
        self.button(1, false);
    }

    /// Presses or releases a key.
    pub fn key(&self, keycode: u8, down: bool) {
        self.fake(if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, keycode, 0, 0);
    }

    /// Presses and releases a key.
    pub fn strike(&self, keycode: u8) {
        self.key(keycode, true);
        self.key(keycode, false);
    }

    /// Types a text of letters, digits and signs that the keyboard has, key by key; a line feed is Enter.
    pub fn type_text(&self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.strike(keycode::ENTER),
                '\t' => self.strike(keycode::TAB),
                _ => self.type_sign(c),
            }
        }
    }

    /// Takes a key, with any modifiers, as a program does that wants it for itself; false if another has it.
    pub fn grab(&self, keycode: u8) -> bool {
        let (pointer, keyboard) = (GrabMode::ASYNC, GrabMode::ASYNC);
        let asked = self.connection.grab_key(false, self.root, ModMask::ANY, keycode, pointer, keyboard);
        asked.unwrap().check().is_ok()
    }

    /// What is held down now, by whomever.
    pub fn held(&self) -> Held {
        let keys = self.connection.query_keymap().unwrap().reply().unwrap().keys;
        let mask = u16::from(self.connection.query_pointer(self.root).unwrap().reply().unwrap().mask);
        Held {
            keys: (0..=255).filter(|code: &u8| keys[usize::from(code / 8)] & (1 << (code % 8)) != 0).collect(),
            // Button1Mask is bit 8, and so on.
            buttons: (1..=5).filter(|number| mask & (0x80 << number) != 0).collect(),
        }
    }

    fn type_sign(&self, sign: char) {
        let (low, high) = (self.connection.setup().min_keycode, self.connection.setup().max_keycode);
        let map = self.connection.get_keyboard_mapping(low, high - low + 1).unwrap().reply().unwrap();
        let mut keys = map.keysyms.chunks_exact(map.keysyms_per_keycode.into()).zip(low..=high);
        // The symbols of Latin-1 are its numbers; a key's first is its own, its second with Shift.
        let found = keys.find_map(|(symbols, code)| {
            symbols.iter().take(2).position(|&symbol| symbol == u32::from(sign)).map(|level| (code, level == 1))
        });
        let (code, shifted) = found.unwrap_or_else(|| panic!("the keyboard has no key for {sign:?}"));
        if shifted {
            self.key(keycode::SHIFT, true);
        }
        self.strike(code);
        if shifted {
            self.key(keycode::SHIFT, false);
        }
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.connection
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)
            .unwrap()
            .check()
            .unwrap();
    }
}
