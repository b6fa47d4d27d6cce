//! Where a press came from: a person's device, or a program by XTEST.

use super::{ALL_MASTERS, devices::is_injector};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xinput::{self, ConnectionExt as _, XIEventMask},
        xproto::{ConnectionExt as _, Window as XWindow},
    },
    rust_connection::RustConnection,
};

/// How long a press may be on its way from the X server to the window's thread.
const UNDER_WAY: Duration = Duration::from_millis(500);

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Pressed {
    /// A button of the pointer.
    Button,
    /// A key.
    Key,
}

/// Tells presses by a person at this machine from those that a program made. Watches from when it is opened.
#[derive(Debug)]
pub(in crate::desk) struct PressWatch {
    connection: RustConnection,
    root: XWindow,
    /// Where the pointer is, if a program has put it there.
    led_to: Option<(i16, i16)>,
    /// In their order.
    seen: VecDeque<Seen>,
}

/// A press that has happened and was not asked for yet. Several may have happened before the first is asked for.
#[derive(Clone, Copy, Debug)]
struct Seen {
    pressed: Pressed,
    /// Whether a program made it, or had put the pointer where it was made.
    injected: bool,
    /// When it was taken in.
    at: Instant,
}

impl PressWatch {
    /// Starts to watch; an error says why this display can't tell.
    pub(in crate::desk) fn open() -> Result<Self, String> {
        let (connection, screen) = x11rb::connect(None).map_err(|error| error.to_string())?;
        let root = connection.setup().roots[screen].root;
        let select = || -> Result<(u16, u16), x11rb::errors::ReplyError> {
            let version = connection.xinput_xi_query_version(2, 2)?.reply()?;
            let mask = XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_BUTTON_PRESS | XIEventMask::RAW_MOTION;
            let masks = [xinput::EventMask { deviceid: ALL_MASTERS, mask: vec![mask] }];
            connection.xinput_xi_select_events(root, &masks)?.check()?;
            Ok((version.major_version, version.minor_version))
        };
        // Before 2.1 a grab by another program hides raw events.
        match select() {
            Ok(version) if version >= (2, 1) => Ok(Self { connection, root, led_to: None, seen: VecDeque::new() }),
            Ok((major, minor)) => Err(format!("the X server has XInput {major}.{minor}, older than 2.1")),
            Err(error) => Err(format!("the X server lacks XInput 2 ({error})")),
        }
    }

    /// Takes in what has been pressed so far, and drops what no window can still have to be told of.
    pub(in crate::desk) fn drain(&mut self, now: Instant) {
        self.seen.retain(|seen| now.saturating_duration_since(seen.at) < UNDER_WAY);
        if self.take_in(now).is_err() {
            self.seen.push_back(Seen { pressed: Pressed::Button, injected: true, at: now });
        }
    }

    /// Whether the press that was just received is a person's: a device made such a press that was not asked for yet, none
    /// that a program made may be meant, and the pointer is not where a program has put it.
    pub(in crate::desk) fn is_genuine(&mut self, pressed: Pressed, now: Instant) -> bool {
        self.drain(now);
        let led = pressed == Pressed::Button && self.led_to.is_some();
        let alone = self.seen.iter().all(|seen| !seen.injected);
        let first = self.seen.iter().position(|seen| seen.pressed == pressed);
        // Each is asked about once, in its order: what a program made is not forgotten before that.
        let made = first.and_then(|first| self.seen.remove(first)).is_some();
        made && alone && !led
    }

    fn take_in(&mut self, now: Instant) -> Result<(), x11rb::errors::ReplyError> {
        // After this round trip all raw events of what has happened until now are here.
        self.connection.get_input_focus()?.reply()?;
        let (mut mover, mut led) = (None, self.led_to.is_some());
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::XinputRawButtonPress(press) if !is_wheel(press.detail) => {
                    // It counts where the pointer was led to then, wherever it is by now.
                    let injected = led || is_injector(&self.connection, press.sourceid)?;
                    self.seen.push_back(Seen { pressed: Pressed::Button, injected, at: now });
                }
                Event::XinputRawKeyPress(press) => {
                    let injected = is_injector(&self.connection, press.sourceid)?;
                    self.seen.push_back(Seen { pressed: Pressed::Key, injected, at: now });
                }
                Event::XinputRawMotion(motion) => {
                    led = is_injector(&self.connection, motion.sourceid)?;
                    mover = Some(led);
                }
                _ => {}
            }
        }
        let pointer = self.connection.query_pointer(self.root)?.reply()?;
        let place = (pointer.root_x, pointer.root_y);
        self.led_to = match mover {
            Some(true) => Some(place),
            Some(false) => None,
            // Some devices move the pointer without raw events.
            None => self.led_to.filter(|&led_to| led_to == place),
        };
        Ok(())
    }
}

/// Buttons 4 to 7 are the wheel.
const fn is_wheel(button: u32) -> bool {
    matches!(button, 4..=7)
}
