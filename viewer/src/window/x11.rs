//! What winit leaves to a window manager or gets wrong on X11.

use winit::{
    event_loop::ActiveEventLoop,
    raw_window_handle::{HasDisplayHandle, HasWindowHandle, RawDisplayHandle, RawWindowHandle},
    window::Window,
};
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        xinput::{ConnectionExt as _, Device, DeviceClassData, DeviceType},
        xproto::{self, AtomEnum, ConnectionExt as _, InputFocus},
    },
    rust_connection::RustConnection,
};

/// An X11 display.
pub(super) struct Display {
    connection: RustConnection,
    bare: bool,
    wheel_comes_twice: bool,
}

impl Display {
    /// A connection of our own to the display of the event loop; `None` when that is not X11.
    pub(super) fn connect(event_loop: &ActiveEventLoop) -> Option<Self> {
        let handle = event_loop.display_handle().ok()?.as_raw();
        if !matches!(handle, RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)) {
            return None;
        }
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let bare = is_bare(&connection, root).unwrap_or_default();
        let wheel_comes_twice = wheel_comes_twice(&connection).unwrap_or_default();
        tracing::debug!(bare, wheel_comes_twice, "the display");
        Some(Self { connection, bare, wheel_comes_twice })
    }

    /// Whether there is no window manager: nobody gives the window the keyboard or makes it cover the screen.
    pub(super) const fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether winit tells each turn of the wheel twice. It takes both ends of a press of the buttons 4 to 7 for a turn
    /// (up to 0.30.13), where the pointer has no axes for the wheel: on virtual displays.
    pub(super) const fn wheel_comes_twice(&self) -> bool {
        self.wheel_comes_twice
    }

    /// Gives the window the keyboard. It must be on the screen.
    pub(super) fn focus(&self, window: &Window) {
        let id = match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
            Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
            _ => None,
        };
        let Some(id) = id else { return };
        let request = self.connection.set_input_focus(InputFocus::PARENT, id, x11rb::CURRENT_TIME);
        if !request.is_ok_and(|request| request.check().is_ok()) {
            tracing::debug!("the window did not get the keyboard");
        }
    }
}

/// A window manager names a window of its own on the root window (EWMH).
fn is_bare(connection: &RustConnection, root: xproto::Window) -> Result<bool, ReplyError> {
    let atom = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK")?.reply()?.atom;
    let property = connection.get_property(false, root, atom, AtomEnum::WINDOW, 0, 1)?.reply()?;
    let manager = property.value32().and_then(|mut windows| windows.next());
    // The name of one that has died may have been left behind.
    let alive = |window| connection.get_window_attributes(window).is_ok_and(|cookie| cookie.reply().is_ok());
    Ok(!manager.is_some_and(alive))
}

/// Whether no pointer has an axis for a wheel.
fn wheel_comes_twice(connection: &RustConnection) -> Result<bool, ReplyError> {
    connection.xinput_xi_query_version(2, 2)?.reply()?;
    let devices = connection.xinput_xi_query_device(Device::ALL)?.reply()?.infos;
    let scrolls = |class: &DeviceClassData| matches!(class, DeviceClassData::Scroll(_));
    Ok(!devices
        .iter()
        .any(|device| device.type_ == DeviceType::SLAVE_POINTER && device.classes.iter().any(|c| scrolls(&c.data))))
}
