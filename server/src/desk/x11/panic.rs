//! The panic key on X11: grabbed, so that it arrives here whatever program has the keyboard.

use super::listener::{ListenError, Listener};
use crate::desk::panic_key::{Modifier, PanicKey, PanicKeyCap};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xproto::{ConnectionExt as _, GrabMode, ModMask, Window},
    },
    rust_connection::RustConnection,
};

/// Keysyms (X11/keysymdef.h).
mod keysym {
    pub(super) const PAUSE: u32 = 0xff13;
    pub(super) const ESCAPE: u32 = 0xff1b;
    pub(super) const END: u32 = 0xff57;
    pub(super) const F1: u32 = 0xffbe;
    pub(super) const ALT_L: u32 = 0xffe9;
    pub(super) const SUPER_L: u32 = 0xffeb;
    pub(super) const NUM_LOCK: u32 = 0xff7f;
    pub(super) const SCROLL_LOCK: u32 = 0xff14;
}

/// The grab. It ends when this is dropped.
#[derive(Debug)]
pub(in crate::desk) struct PanicWatch {
    _listener: Listener,
}

impl PanicWatch {
    /// Grabs the key; `on_press` is called from another thread. An error says why the key does not work here.
    pub(in crate::desk) fn open(key: &PanicKey, mut on_press: impl FnMut() + Send + 'static) -> Result<Self, String> {
        let listener = Listener::open("panic key", |connection, root| {
            grab(connection, root, key)?;
            Ok(move |_: &RustConnection, event: Event| {
                if matches!(event, Event::KeyPress(_)) {
                    on_press();
                }
                Ok(())
            })
        });
        listener.map(|listener| Self { _listener: listener }).map_err(|error| error.to_string())
    }
}

/// The bits of the eight modifiers.
const ALL_MODIFIERS: u16 = 0xff;

/// Grabs the key with its modifiers, whichever of the locks are on.
fn grab(connection: &RustConnection, root: Window, key: &PanicKey) -> Result<(), ListenError> {
    let board = Keyboard::read(connection)?;
    let code = board.code(symbol(key.key())).ok_or("the keyboard has no such key")?;
    let mut held = 0;
    for modifier in key.modifiers() {
        held |= match modifier {
            Modifier::Control => u16::from(ModMask::CONTROL),
            Modifier::Shift => u16::from(ModMask::SHIFT),
            Modifier::Alt => board.mask(keysym::ALT_L).ok_or("the keyboard has no Alt")?,
            Modifier::Super => board.mask(keysym::SUPER_L).ok_or("the keyboard has no Super")?,
        };
    }
    let locks = [Some(u16::from(ModMask::LOCK)), board.mask(keysym::NUM_LOCK), board.mask(keysym::SCROLL_LOCK)];
    let locks = locks.into_iter().flatten().fold(0, |all, lock| all | lock);
    // Whatever else is held: an officer who keeps Shift down does not disable the key.
    for with in (0..=ALL_MODIFIERS).filter(|with| with & held == held) {
        let (pointer, keyboard) = (GrabMode::ASYNC, GrabMode::ASYNC);
        let asked = connection.grab_key(false, root, ModMask::from(with), code, pointer, keyboard)?;
        // With other modifiers than the locks it may be another program's key.
        if let (Err(_), true) = (asked.check(), with & !(held | locks) == 0) {
            return Err("another program has it".into());
        }
    }
    Ok(())
}

fn symbol(key: PanicKeyCap) -> u32 {
    match key {
        PanicKeyCap::Pause => keysym::PAUSE,
        PanicKeyCap::Escape => keysym::ESCAPE,
        PanicKeyCap::End => keysym::END,
        PanicKeyCap::Function(number) => keysym::F1 + u32::from(number) - 1,
        // The keysyms of Latin-1 are its numbers.
        PanicKeyCap::Sign(sign) => sign.into(),
    }
}

/// Which key is where.
struct Keyboard {
    first: u8,
    /// Of each keycode.
    symbols: Vec<Vec<u32>>,
    /// Of each of the eight modifiers, the keycodes that set it.
    modifiers: Vec<Vec<u8>>,
}

impl Keyboard {
    fn read(connection: &RustConnection) -> Result<Self, ListenError> {
        let (first, last) = (connection.setup().min_keycode, connection.setup().max_keycode);
        let map = connection.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let modifiers = connection.get_modifier_mapping()?.reply()?;
        let each = usize::from(modifiers.keycodes_per_modifier()).max(1);
        let width = usize::from(map.keysyms_per_keycode).max(1);
        Ok(Self {
            first,
            symbols: map.keysyms.chunks(width).map(<[u32]>::to_vec).collect(),
            modifiers: modifiers.keycodes.chunks(each).map(<[u8]>::to_vec).collect(),
        })
    }

    fn code(&self, symbol: u32) -> Option<u8> {
        let place = self.symbols.iter().position(|symbols| symbols.contains(&symbol))?;
        self.first.checked_add(u8::try_from(place).ok()?)
    }

    /// The bit of the modifier that a key with this symbol sets.
    fn mask(&self, symbol: u32) -> Option<u16> {
        let sets = |code: &u8| {
            let symbols = code.checked_sub(self.first).and_then(|place| self.symbols.get(usize::from(place)));
            symbols.is_some_and(|symbols| symbols.contains(&symbol))
        };
        let place = self.modifiers.iter().position(|codes| codes.iter().any(sets))?;
        Some(1 << place)
    }
}
