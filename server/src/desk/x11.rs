//! The desk on X11: where a press came from, and windows that stay on top. `other.rs` has the same for other systems.

use crate::capture::QUESTION_CLASS;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use winit::{
    dpi::PhysicalSize,
    error::EventLoopError,
    event_loop::EventLoop,
    platform::x11::{EventLoopBuilderExtX11, WindowAttributesExtX11, WindowType},
    raw_window_handle::{HasWindowHandle, RawWindowHandle},
    window::{Window, WindowAttributes},
};
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xinput::{self, ConnectionExt as _, XIEventMask},
        xproto::{
            AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, EventMask, InputFocus,
            MapState, StackMode, Visibility, Window as XWindow,
        },
    },
    rust_connection::RustConnection,
};

/// The least time between two raises of a window: another topmost window can't make the screen flicker.
const RAISE_PAUSE: Duration = Duration::from_millis(500);

/// The property by which X servers mark the devices that XTEST speaks for (xserver-properties.h).
const XTEST_PROPERTY: &[u8] = b"XTEST Device";

/// XInput's "device" for all master devices: one event for each press, with the real device as its source.
const ALL_MASTERS: u16 = 1;

/// An event loop on X11, also where there is Wayland: the picture is taken from X11, so this is where to ask.
pub(super) fn event_loop<T: 'static>() -> Result<EventLoop<T>, EventLoopError> {
    EventLoop::with_user_event().with_x11().build()
}

/// A window that no window manager moves, hides or decorates.
pub(super) fn unmanaged(attributes: WindowAttributes) -> WindowAttributes {
    attributes.with_override_redirect(true).with_x11_window_type(vec![WindowType::Notification])
}

/// A window that a window manager treats as a question to the user, and that is hidden from officers by its class.
pub(super) fn dialog(attributes: WindowAttributes) -> WindowAttributes {
    attributes.with_x11_window_type(vec![WindowType::Dialog]).with_name(QUESTION_CLASS, QUESTION_CLASS)
}

/// The size of the whole desktop in pixels, for when winit knows no monitor (an X server without RandR's outputs).
pub(super) fn desktop() -> Option<PhysicalSize<u32>> {
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.get_geometry(connection.setup().roots[screen].root).ok()?.reply().ok()?;
    Some(PhysicalSize::new(root.width.into(), root.height.into()))
}

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// A button of the pointer.
    Button,
    /// A key.
    Key,
}

/// Tells presses by a person at this machine from those that a program made. Watches from when it is opened.
#[derive(Debug)]
pub(super) struct PressWatch {
    connection: RustConnection,
    root: XWindow,
    /// Where the pointer is, if a program has put it there.
    led_to: Option<(i16, i16)>,
    seen: Seen,
}

/// Presses that have happened and have not been asked for yet. Several may have happened before the first is asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    buttons: u32,
    keys: u32,
    /// Whether a program made one of them.
    injected: bool,
}

impl PressWatch {
    /// Starts to watch; an error says why this display can't tell.
    pub(super) fn open() -> Result<Self, String> {
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
            Ok(version) if version >= (2, 1) => Ok(Self { connection, root, led_to: None, seen: Seen::default() }),
            Ok((major, minor)) => Err(format!("the X server has XInput {major}.{minor}, older than 2.1")),
            Err(error) => Err(format!("the X server lacks XInput 2 ({error})")),
        }
    }

    /// Takes in what has been pressed so far.
    pub(super) fn drain(&mut self) {
        if self.take_in().is_err() {
            self.seen.injected = true;
        }
    }

    /// Whether the press that was just received is a person's: a device made such a press that was not asked for yet, no
    /// program made one since, and the pointer is not where a program has put it.
    pub(super) fn is_genuine(&mut self, pressed: Pressed) -> bool {
        self.drain();
        let (count, led) = match pressed {
            Pressed::Button => (&mut self.seen.buttons, self.led_to.is_some()),
            Pressed::Key => (&mut self.seen.keys, false),
        };
        let genuine = *count > 0 && !self.seen.injected && !led;
        if genuine {
            *count -= 1;
        } else {
            self.seen = Seen::default();
        }
        genuine
    }

    fn take_in(&mut self) -> Result<(), x11rb::errors::ReplyError> {
        // After this round trip all raw events of what has happened until now are here.
        self.connection.get_input_focus()?.reply()?;
        let mut mover = None;
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::XinputRawButtonPress(press) if !is_wheel(press.detail) => {
                    self.seen.buttons += 1;
                    self.seen.injected |= self.is_injector(press.sourceid)?;
                }
                Event::XinputRawKeyPress(press) => {
                    self.seen.keys += 1;
                    self.seen.injected |= self.is_injector(press.sourceid)?;
                }
                Event::XinputRawMotion(motion) => mover = Some(self.is_injector(motion.sourceid)?),
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

    /// Whether a device is XTEST's, or is not there any more so that nobody can tell.
    fn is_injector(&self, device: u16) -> Result<bool, x11rb::errors::ReplyError> {
        let property = self.connection.intern_atom(false, XTEST_PROPERTY)?.reply()?.atom;
        let value =
            self.connection.xinput_xi_get_property(device, false, property, AtomEnum::ANY.into(), 0, 1)?.reply();
        let name = self.connection.xinput_xi_query_device(device)?.reply();
        let (Ok(value), Ok(name)) = (value, name) else { return Ok(true) };
        let marked = value.items.as_data8().is_some_and(|data| data.iter().any(|&byte| byte != 0));
        let named = name.infos.iter().any(|info| info.name.windows(5).any(|part| part == b"XTEST"));
        Ok(marked || named || name.infos.is_empty())
    }
}

/// Buttons 4 to 7 are the wheel.
const fn is_wheel(button: u32) -> bool {
    matches!(button, 4..=7)
}

/// Keeps a window above all others while it lives, and tells when somebody takes it off the screen.
/// To be dropped before the window.
#[derive(Debug)]
pub(super) struct OnTop {
    over: Arc<AtomicBool>,
}

/// Who gets the keyboard when a window appears and no window manager sees to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    /// The window.
    Take,
    /// Whoever has it.
    Leave,
}

impl OnTop {
    /// Begins with a window that is not shown yet. `on_lost` is called from another thread.
    pub(super) fn keep(window: &Window, focus: Focus, on_lost: impl FnOnce() + Send + 'static) -> Result<Self, String> {
        let id = match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).map_err(|error| error.to_string())?,
            Ok(RawWindowHandle::Xcb(handle)) => handle.window.get(),
            Ok(_) => return Err("it is no X11 window".into()),
            Err(error) => return Err(error.to_string()),
        };
        let (connection, screen) = x11rb::connect(None).map_err(|error| error.to_string())?;
        let keeper =
            Keeper { root: connection.setup().roots[screen].root, connection, window: id, focus, raised: None };
        keeper.watch().map_err(|error| error.to_string())?;
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let body = move || {
            keeper.run();
            if !is_over.load(Ordering::Acquire) {
                on_lost();
            }
        };
        thread::Builder::new().name("on top".into()).spawn(body).map_err(|error| error.to_string())?;
        Ok(Self { over })
    }
}

impl Drop for OnTop {
    fn drop(&mut self) {
        // The thread ends when the window does.
        self.over.store(true, Ordering::Release);
    }
}

/// The thread of [`OnTop`], with its own connection.
struct Keeper {
    connection: RustConnection,
    root: XWindow,
    window: XWindow,
    focus: Focus,
    raised: Option<Instant>,
}

impl Keeper {
    fn watch(&self) -> Result<(), x11rb::errors::ReplyError> {
        let mask = EventMask::VISIBILITY_CHANGE | EventMask::STRUCTURE_NOTIFY;
        let attributes = ChangeWindowAttributesAux::new().event_mask(mask);
        self.connection.change_window_attributes(self.window, &attributes)?.check()
    }

    /// Returns when the window is off the screen, or the X server is gone.
    fn run(mut self) {
        loop {
            let went_on = match self.connection.wait_for_event() {
                Ok(Event::VisibilityNotify(event)) if event.state != Visibility::UNOBSCURED => self.raise(),
                Ok(Event::MapNotify(_)) => self.raise().and_then(|()| self.take_focus()),
                Ok(Event::UnmapNotify(event)) if event.window == self.window => return,
                Ok(Event::DestroyNotify(event)) if event.window == self.window => return,
                Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = went_on {
                tracing::debug!(%error, "no more events of a window");
                return;
            }
        }
    }

    fn raise(&mut self) -> Result<(), x11rb::errors::ReplyError> {
        if let Some(raised) = self.raised {
            thread::sleep(RAISE_PAUSE.saturating_sub(raised.elapsed()));
        }
        self.raised = Some(Instant::now());
        self.connection.configure_window(self.window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE))?;
        Ok(self.connection.flush()?)
    }

    /// Gives the window the keyboard, if it wants it and no window manager does that.
    fn take_focus(&self) -> Result<(), x11rb::errors::ReplyError> {
        if self.focus == Focus::Leave || self.has_window_manager()? {
            return Ok(());
        }
        let viewable = self.connection.get_window_attributes(self.window)?.reply()?.map_state == MapState::VIEWABLE;
        if viewable {
            self.connection.set_input_focus(InputFocus::POINTER_ROOT, self.window, x11rb::CURRENT_TIME)?;
            self.connection.flush()?;
        }
        Ok(())
    }

    /// Window managers name a window of theirs on the root (EWMH).
    fn has_window_manager(&self) -> Result<bool, x11rb::errors::ReplyError> {
        let property = self.connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK")?.reply()?.atom;
        let value = self.connection.get_property(false, self.root, property, AtomEnum::WINDOW, 0, 1)?.reply()?;
        Ok(value.value32().is_some_and(|mut windows| windows.next().is_some()))
    }
}
