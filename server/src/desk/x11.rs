//! The desk on X11: windows that stay on top, and in `x11/` what comes from keyboard and pointer. `other.rs` has the same
//! for other systems.

#[path = "x11/devices.rs"]
mod devices;
#[path = "x11/hands.rs"]
mod hands;
#[path = "x11/listener.rs"]
mod listener;
#[path = "x11/panic.rs"]
mod panic;
#[path = "x11/presses.rs"]
mod presses;

pub(super) use hands::HandsWatch;
pub(super) use panic::PanicWatch;
pub(super) use presses::{PressWatch, Pressed};

use crate::capture::QUESTION_CLASS;
use std::{
    collections::VecDeque,
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
        xproto::{
            AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, EventMask, InputFocus,
            MapState, StackMode, Visibility, Window as XWindow,
        },
    },
    rust_connection::RustConnection,
};

/// The least time between two raises of a window: another topmost window can't make the screen flicker.
const RAISE_PAUSE: Duration = Duration::from_millis(500);

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

/// Who covers a window or moves it away so often, each time after it was put back, does not want it to be seen.
const FIGHT: (usize, Duration) = (4, Duration::from_secs(4));

/// Keeps a window above all others and on the screen while it lives, and tells when somebody takes it away or covers it
/// again and again.
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
        let keeper = Keeper {
            root: connection.setup().roots[screen].root,
            connection,
            window: id,
            focus,
            restored: VecDeque::new(),
        };
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
    /// When it was raised or moved back lately, the oldest first.
    restored: VecDeque<Instant>,
}

impl Keeper {
    fn watch(&self) -> Result<(), x11rb::errors::ReplyError> {
        let mask = EventMask::VISIBILITY_CHANGE | EventMask::STRUCTURE_NOTIFY;
        let attributes = ChangeWindowAttributesAux::new().event_mask(mask);
        self.connection.change_window_attributes(self.window, &attributes)?.check()
    }

    /// Returns when the window can't be seen, or the X server is gone.
    fn run(mut self) {
        loop {
            let went_on = match self.connection.wait_for_event() {
                Ok(Event::VisibilityNotify(event)) if event.state != Visibility::UNOBSCURED => self.raise(),
                Ok(Event::MapNotify(_)) => self.raise().and_then(|()| self.take_focus()),
                Ok(Event::ConfigureNotify(event)) if event.window == self.window => self.bring_back(),
                Ok(Event::UnmapNotify(event)) if event.window == self.window => return,
                Ok(Event::DestroyNotify(event)) if event.window == self.window => return,
                Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = went_on {
                tracing::debug!(%error, "no more events of a window");
                return;
            }
            let (count, within) = FIGHT;
            if self.restored.len() > count && self.restored.front().is_some_and(|first| first.elapsed() < within) {
                tracing::warn!("a window is covered or moved away again and again");
                return;
            }
        }
    }

    fn raise(&mut self) -> Result<(), x11rb::errors::ReplyError> {
        if let Some(restored) = self.restored.back() {
            thread::sleep(RAISE_PAUSE.saturating_sub(restored.elapsed()));
        }
        self.note_restored();
        self.connection.configure_window(self.window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE))?;
        Ok(self.connection.flush()?)
    }

    fn note_restored(&mut self) {
        self.restored.push_back(Instant::now());
        if self.restored.len() > FIGHT.0 + 1 {
            self.restored.pop_front();
        }
    }

    /// Moves the window back onto the screen, if somebody has put any of it beside that.
    fn bring_back(&mut self) -> Result<(), x11rb::errors::ReplyError> {
        let (window, screen) = (self.connection.get_geometry(self.window)?, self.connection.get_geometry(self.root)?);
        let (window, screen) = (window.reply()?, screen.reply()?);
        let onto = |at: i16, length: u16, room: u16| {
            let most = i32::from(room) - i32::from(length);
            i32::from(at).clamp(most.min(0), most.max(0))
        };
        let (x, y) = (onto(window.x, window.width, screen.width), onto(window.y, window.height, screen.height));
        if (x, y) != (window.x.into(), window.y.into()) && !self.has_frame()? {
            self.note_restored();
            self.connection.configure_window(self.window, &ConfigureWindowAux::new().x(x).y(y))?;
            self.connection.flush()?;
        }
        Ok(())
    }

    /// Whether a window manager has put the window into one of its own: then the place is the manager's affair.
    fn has_frame(&self) -> Result<bool, x11rb::errors::ReplyError> {
        Ok(self.connection.query_tree(self.window)?.reply()?.parent != self.root)
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
