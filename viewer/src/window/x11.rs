//! X11 displays without a window manager: nobody else gives the window the keyboard or makes it cover the screen.

use winit::{
    event_loop::ActiveEventLoop,
    raw_window_handle::{HasDisplayHandle, HasWindowHandle, RawDisplayHandle, RawWindowHandle},
    window::Window,
};
use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ConnectionExt, InputFocus},
    rust_connection::RustConnection,
};

/// A display that no window manager looks after.
pub(super) struct BareDisplay {
    connection: RustConnection,
}

impl BareDisplay {
    /// Connects to the display of the event loop; `None` when a window manager is there, or when it is not X11.
    pub(super) fn find(event_loop: &ActiveEventLoop) -> Option<Self> {
        let display = event_loop.display_handle().ok()?.as_raw();
        if !matches!(display, RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)) {
            return None;
        }
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        // A window manager names a window of its own on the root window (EWMH).
        let atom = connection.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK").ok()?.reply().ok()?.atom;
        let property = connection.get_property(false, root, atom, AtomEnum::WINDOW, 0, 1).ok()?.reply().ok()?;
        let manager = property.value32().and_then(|mut windows| windows.next());
        // The name of one that has died may have been left behind.
        let alive = |window| connection.get_window_attributes(window).is_ok_and(|cookie| cookie.reply().is_ok());
        (!manager.is_some_and(alive)).then_some(Self { connection })
    }

    /// Gives the window the keyboard. It must be on the screen.
    pub(super) fn focus(&self, window: &Window) {
        let id = match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Xlib(handle)) => u32::try_from(handle.window).ok(),
            Ok(RawWindowHandle::Xcb(handle)) => Some(handle.window.get()),
            _ => None,
        };
        let Some(id) = id else { return };
        let focused = self
            .connection
            .set_input_focus(InputFocus::PARENT, id, x11rb::CURRENT_TIME)
            .is_ok_and(|request| request.check().is_ok());
        if !focused {
            tracing::debug!("the window did not get the keyboard");
        }
    }
}
