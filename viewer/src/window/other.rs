//! Systems without X11: there is no such display.

use winit::{event_loop::ActiveEventLoop, window::Window};

/// An X11 display: none here.
pub(super) enum Display {}

impl Display {
    /// Never finds one.
    pub(super) const fn connect(_event_loop: &ActiveEventLoop) -> Option<Self> {
        None
    }

    /// Can't be called.
    pub(super) const fn is_bare(&self) -> bool {
        match *self {}
    }

    /// Can't be called.
    pub(super) const fn wheel_comes_twice(&self) -> bool {
        match *self {}
    }

    /// Can't be called.
    pub(super) const fn focus(&self, _window: &Window) {
        match *self {}
    }
}
