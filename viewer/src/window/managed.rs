//! Systems whose windows are always managed: no display is bare.

use winit::{event_loop::ActiveEventLoop, window::Window};

/// A display that no window manager looks after: there is none here.
pub(super) enum BareDisplay {}

impl BareDisplay {
    /// Never finds one.
    pub(super) fn find(_event_loop: &ActiveEventLoop) -> Option<Self> {
        None
    }

    /// Can't be called.
    pub(super) fn focus(&self, _window: &Window) {
        match *self {}
    }
}
