//! Windows: who made the press that this thread is being told of.

use super::Pressed;
use std::{ffi::c_int, time::Instant};

/// Tells presses by a person from those that a program made: Windows marks what came through `SendInput`.
#[derive(Debug)]
pub(in crate::desk) struct PressWatch;

impl PressWatch {
    /// Starts to watch.
    pub(in crate::desk) const fn open() -> Result<Self, String> {
        Ok(Self)
    }

    /// Nothing to take in: the message that is being handled tells its own source.
    pub(in crate::desk) const fn drain(&mut self, _now: Instant) {}

    /// Whether the press that was just received is surely a person's. To be called while winit hands out its event. For
    /// keys Windows can't be asked: winit tells of them with a later message, which has no source. Only the mouse answers.
    pub(in crate::desk) fn is_genuine(&mut self, pressed: Pressed, _now: Instant) -> bool {
        if pressed == Pressed::Key {
            return false;
        }
        let mut source = InputMessageSource { device_type: 0, origin: 0 };
        // SAFETY: the pointer is to a structure of the layout that the function fills, and lives through the call.
        let known = unsafe { GetCurrentInputMessageSource(&raw mut source) } != 0;
        known && source.origin == HARDWARE
    }
}

/// `IMO_HARDWARE`: a device. What a program made is `IMO_INJECTED` (2); what is not known is 0.
const HARDWARE: c_int = 1;

/// `INPUT_MESSAGE_SOURCE` of `winuser.h`.
#[repr(C)]
struct InputMessageSource {
    device_type: c_int,
    origin: c_int,
}

#[link(name = "user32")]
unsafe extern "system" {
    /// The source of the message that this thread took from its queue last (Windows 8 and later).
    fn GetCurrentInputMessageSource(source: *mut InputMessageSource) -> c_int;
}
