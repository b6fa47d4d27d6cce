//! The desk on systems other than X11: the same names as `x11.rs`, as far as winit alone can do it.

#[cfg(not(windows))]
#[path = "macos.rs"]
mod presses;
#[cfg(windows)]
#[path = "windows.rs"]
mod presses;

pub(super) use presses::PressWatch;

use super::{hands::Touch, panic_key::PanicKey};

use winit::{
    dpi::PhysicalSize,
    error::EventLoopError,
    event_loop::EventLoop,
    window::{Window, WindowAttributes},
};

/// The system's event loop.
pub(super) fn event_loop<T: 'static>() -> Result<EventLoop<T>, EventLoopError> {
    EventLoop::with_user_event().build()
}

/// A window without frame; winit keeps it on top.
pub(super) fn unmanaged(attributes: WindowAttributes) -> WindowAttributes {
    attributes.with_decorations(false)
}

/// A window for a question to the user.
pub(super) fn dialog(attributes: WindowAttributes) -> WindowAttributes {
    attributes
}

/// The size of the whole desktop in pixels, for when winit knows no monitor.
pub(super) const fn desktop() -> Option<PhysicalSize<u32>> {
    None
}

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// A button of the pointer.
    Button,
    /// A key.
    Key,
}

/// The panic key: not on this system yet.
#[derive(Debug)]
pub(super) struct PanicWatch;

impl PanicWatch {
    /// Always says that the key does not work.
    pub(super) fn open(_key: &PanicKey, _on_press: impl FnMut() + Send + 'static) -> Result<Self, String> {
        Err("this system is not asked for keys yet".into())
    }
}

/// What a person does at the machine itself: not watched on this system yet.
#[derive(Debug)]
pub(super) struct HandsWatch;

impl HandsWatch {
    /// Always says that it can't be told.
    pub(super) fn open(_on_touch: impl FnMut(Touch) + Send + 'static) -> Result<Self, String> {
        Err("this system is not asked who uses mouse and keyboard yet".into())
    }
}

/// Who gets the keyboard when a window appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    /// The window.
    Take,
    /// Whoever has it.
    Leave,
}

/// Keeps a window above all others: winit's window level does.
#[derive(Debug)]
pub(super) struct OnTop;

impl OnTop {
    /// Begins with a window that is not shown yet. The system tells nobody when a window is taken off the screen.
    pub(super) fn keep(
        window: &Window,
        focus: Focus,
        _on_lost: impl FnOnce() + Send + 'static,
    ) -> Result<Self, String> {
        if focus == Focus::Take {
            window.focus_window();
        }
        Ok(Self)
    }
}
