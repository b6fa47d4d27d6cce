//! Which key of the USB HID keyboard page a physical key is.
//!
//! A plain table of winit's names, the same on every system. Going by the platform's scan codes and a table for them
//! (the crate `keycode`) would need one path per system and tell less: that table lacks the HID page, so media keys
//! would pass for others. It serves as the second opinion in the tests.

use beside_protocol::wire::Key;
use winit::keyboard::{KeyCode, NativeKeyCode, PhysicalKey};

/// The key's usage; `None` for keys that the keyboard page does not have.
pub(super) fn usage(key: PhysicalKey) -> Option<Key> {
    match key {
        PhysicalKey::Code(code) => NAMED.iter().find(|(named, _)| *named == code).map(|(_, usage)| Key(*usage)),
        PhysicalKey::Unidentified(NativeKeyCode::Xkb(code)) => nameless(code).map(Key),
        PhysicalKey::Unidentified(_) => None,
    }
}

/// winit's names and the usages (HID Usage Tables 1.5, page 0x07), in the page's order.
const NAMED: &[(KeyCode, u16)] = &[
    (KeyCode::KeyA, 0x04),
    (KeyCode::KeyB, 0x05),
    (KeyCode::KeyC, 0x06),
    (KeyCode::KeyD, 0x07),
    (KeyCode::KeyE, 0x08),
    (KeyCode::KeyF, 0x09),
    (KeyCode::KeyG, 0x0a),
    (KeyCode::KeyH, 0x0b),
    (KeyCode::KeyI, 0x0c),
    (KeyCode::KeyJ, 0x0d),
    (KeyCode::KeyK, 0x0e),
    (KeyCode::KeyL, 0x0f),
    (KeyCode::KeyM, 0x10),
    (KeyCode::KeyN, 0x11),
    (KeyCode::KeyO, 0x12),
    (KeyCode::KeyP, 0x13),
    (KeyCode::KeyQ, 0x14),
    (KeyCode::KeyR, 0x15),
    (KeyCode::KeyS, 0x16),
    (KeyCode::KeyT, 0x17),
    (KeyCode::KeyU, 0x18),
    (KeyCode::KeyV, 0x19),
    (KeyCode::KeyW, 0x1a),
    (KeyCode::KeyX, 0x1b),
    (KeyCode::KeyY, 0x1c),
    (KeyCode::KeyZ, 0x1d),
    (KeyCode::Digit1, 0x1e),
    (KeyCode::Digit2, 0x1f),
    (KeyCode::Digit3, 0x20),
    (KeyCode::Digit4, 0x21),
    (KeyCode::Digit5, 0x22),
    (KeyCode::Digit6, 0x23),
    (KeyCode::Digit7, 0x24),
    (KeyCode::Digit8, 0x25),
    (KeyCode::Digit9, 0x26),
    (KeyCode::Digit0, 0x27),
    (KeyCode::Enter, 0x28),
    (KeyCode::Escape, 0x29),
    (KeyCode::Backspace, 0x2a),
    (KeyCode::Tab, 0x2b),
    (KeyCode::Space, 0x2c),
    (KeyCode::Minus, 0x2d),
    (KeyCode::Equal, 0x2e),
    (KeyCode::BracketLeft, 0x2f),
    (KeyCode::BracketRight, 0x30),
    (KeyCode::Backslash, 0x31),
    (KeyCode::Semicolon, 0x33),
    (KeyCode::Quote, 0x34),
    (KeyCode::Backquote, 0x35),
    (KeyCode::Comma, 0x36),
    (KeyCode::Period, 0x37),
    (KeyCode::Slash, 0x38),
    (KeyCode::CapsLock, 0x39),
    (KeyCode::F1, 0x3a),
    (KeyCode::F2, 0x3b),
    (KeyCode::F3, 0x3c),
    (KeyCode::F4, 0x3d),
    (KeyCode::F5, 0x3e),
    (KeyCode::F6, 0x3f),
    (KeyCode::F7, 0x40),
    (KeyCode::F8, 0x41),
    (KeyCode::F9, 0x42),
    (KeyCode::F10, 0x43),
    (KeyCode::F11, 0x44),
    (KeyCode::F12, 0x45),
    (KeyCode::PrintScreen, 0x46),
    (KeyCode::ScrollLock, 0x47),
    (KeyCode::Pause, 0x48),
    (KeyCode::Insert, 0x49),
    (KeyCode::Home, 0x4a),
    (KeyCode::PageUp, 0x4b),
    (KeyCode::Delete, 0x4c),
    (KeyCode::End, 0x4d),
    (KeyCode::PageDown, 0x4e),
    (KeyCode::ArrowRight, 0x4f),
    (KeyCode::ArrowLeft, 0x50),
    (KeyCode::ArrowDown, 0x51),
    (KeyCode::ArrowUp, 0x52),
    (KeyCode::NumLock, 0x53),
    (KeyCode::NumpadDivide, 0x54),
    (KeyCode::NumpadMultiply, 0x55),
    (KeyCode::NumpadSubtract, 0x56),
    (KeyCode::NumpadAdd, 0x57),
    (KeyCode::NumpadEnter, 0x58),
    (KeyCode::Numpad1, 0x59),
    (KeyCode::Numpad2, 0x5a),
    (KeyCode::Numpad3, 0x5b),
    (KeyCode::Numpad4, 0x5c),
    (KeyCode::Numpad5, 0x5d),
    (KeyCode::Numpad6, 0x5e),
    (KeyCode::Numpad7, 0x5f),
    (KeyCode::Numpad8, 0x60),
    (KeyCode::Numpad9, 0x61),
    (KeyCode::Numpad0, 0x62),
    (KeyCode::NumpadDecimal, 0x63),
    (KeyCode::IntlBackslash, 0x64),
    (KeyCode::ContextMenu, 0x65),
    (KeyCode::Power, 0x66),
    (KeyCode::NumpadEqual, 0x67),
    (KeyCode::F13, 0x68),
    (KeyCode::F14, 0x69),
    (KeyCode::F15, 0x6a),
    (KeyCode::F16, 0x6b),
    (KeyCode::F17, 0x6c),
    (KeyCode::F18, 0x6d),
    (KeyCode::F19, 0x6e),
    (KeyCode::F20, 0x6f),
    (KeyCode::F21, 0x70),
    (KeyCode::F22, 0x71),
    (KeyCode::F23, 0x72),
    (KeyCode::F24, 0x73),
    (KeyCode::Open, 0x74),
    (KeyCode::Help, 0x75),
    (KeyCode::Props, 0x76),
    (KeyCode::Select, 0x77),
    (KeyCode::Again, 0x79),
    (KeyCode::Undo, 0x7a),
    (KeyCode::Cut, 0x7b),
    (KeyCode::Copy, 0x7c),
    (KeyCode::Paste, 0x7d),
    (KeyCode::Find, 0x7e),
    (KeyCode::AudioVolumeMute, 0x7f),
    (KeyCode::AudioVolumeUp, 0x80),
    (KeyCode::AudioVolumeDown, 0x81),
    (KeyCode::NumpadComma, 0x85),
    (KeyCode::IntlRo, 0x87),
    (KeyCode::KanaMode, 0x88),
    (KeyCode::IntlYen, 0x89),
    (KeyCode::Convert, 0x8a),
    (KeyCode::NonConvert, 0x8b),
    (KeyCode::Lang1, 0x90),
    (KeyCode::Lang2, 0x91),
    (KeyCode::Lang3, 0x92),
    (KeyCode::Lang4, 0x93),
    (KeyCode::Lang5, 0x94),
    (KeyCode::NumpadParenLeft, 0xb6),
    (KeyCode::NumpadParenRight, 0xb7),
    (KeyCode::NumpadBackspace, 0xbb),
    (KeyCode::ControlLeft, 0xe0),
    (KeyCode::ShiftLeft, 0xe1),
    (KeyCode::AltLeft, 0xe2),
    (KeyCode::SuperLeft, 0xe3),
    (KeyCode::ControlRight, 0xe4),
    (KeyCode::ShiftRight, 0xe5),
    (KeyCode::AltRight, 0xe6),
    (KeyCode::SuperRight, 0xe7),
];

/// Keys that winit has no name for, by their number in Linux' `input-event-codes.h`.
const fn nameless(code: u32) -> Option<u16> {
    Some(match code {
        95 => 0x85,  // KEY_KPJPCOMMA
        116 => 0x66, // KEY_POWER
        118 => 0xd7, // KEY_KPPLUSMINUS
        129 => 0x79, // KEY_AGAIN
        130 => 0x76, // KEY_PROPS
        131 => 0x7a, // KEY_UNDO
        133 => 0x7c, // KEY_COPY
        134 => 0x74, // KEY_OPEN
        135 => 0x7d, // KEY_PASTE
        136 => 0x7e, // KEY_FIND
        137 => 0x7b, // KEY_CUT
        138 => 0x75, // KEY_HELP
        179 => 0xb6, // KEY_KPLEFTPAREN
        180 => 0xb7, // KEY_KPRIGHTPAREN
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use keycode::{KeyMap, KeyMapping};
    use std::collections::BTreeMap;
    use winit::platform::scancode::PhysicalKeyExtScancode;

    /// X11's keycodes end at 255, and lie 8 above Linux' codes.
    const CODES: std::ops::Range<u16> = 1..248;

    #[test]
    fn the_table_agrees_with_chromiums() {
        let mut compared = 0;
        for code in CODES {
            let key = PhysicalKey::from_scancode(code.into());
            let (Some(ours), Ok(theirs)) = (usage(key), KeyMap::from_key_mapping(KeyMapping::Evdev(code))) else {
                continue;
            };
            assert_eq!(ours.0, theirs.usb, "{key:?}");
            compared += 1;
        }
        assert!(compared > 110, "only {compared} keys compared");
    }

    #[test]
    fn no_two_keys_are_the_same() {
        let mut seen = BTreeMap::new();
        for code in CODES {
            let Some(key) = usage(PhysicalKey::from_scancode(code.into())) else { continue };
            assert!(key.is_valid());
            if let Some(other) = seen.insert(key, code) {
                // The keypad's comma has two codes: one for Brazil, one for Japan.
                assert_eq!((other, code), (95, 121));
            }
        }
        assert!(seen.len() > 125, "only {} keys", seen.len());
    }

    #[test]
    fn media_keys_are_none_of_ours() {
        assert_eq!(usage(PhysicalKey::Code(KeyCode::MediaPlayPause)), None);
        assert_eq!(usage(PhysicalKey::Code(KeyCode::BrowserBack)), None);
        assert_eq!(usage(PhysicalKey::Unidentified(NativeKeyCode::Unidentified)), None);
    }
}
