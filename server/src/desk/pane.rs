//! A window of the desk: winit's window, its pixels, and egui in it.

use super::{
    look,
    platform::{self, Focus, OnTop},
};
use beside_protocol::frame::Size;
use beside_shell::paint::{Canvas, Painter};
use egui::{Event, Modifiers, Pos2, Ui, Vec2};
use std::{
    num::NonZeroU32,
    rc::Rc,
    time::{Duration, Instant},
};
use winit::{
    dpi::{PhysicalPosition, PhysicalSize},
    event::{ElementState, MouseButton, MouseScrollDelta, WindowEvent},
    event_loop::ActiveEventLoop,
    keyboard::{Key, NamedKey},
    monitor::MonitorHandle,
    window::{CursorIcon, UserAttentionType, Window, WindowId, WindowLevel},
};

/// Points that a notch of the wheel scrolls.
const LINE: f32 = 40.0;

/// What kind of window it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In the middle, managed, asks for attention.
    Question,
    /// A bar at the top, in the middle, this many points down, that no window manager touches.
    Bar {
        /// Points from the top of the screen.
        down: u16,
    },
}

/// Why a window could not be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum PaneError {
    /// The system refused it.
    #[error("cannot open a window: {0}")]
    Window(#[from] winit::error::OsError),
    /// It has no pixels.
    #[error("cannot draw in a window: {0}")]
    Pixels(#[from] softbuffer::SoftBufferError),
    /// It would not stay visible.
    #[error("cannot keep a window on top: {0}")]
    OnTop(String),
}

/// An open window. Fields are dropped in order: what watches the window goes first.
pub(super) struct Pane {
    _on_top: OnTop,
    surface: softbuffer::Surface<Rc<Window>, Rc<Window>>,
    painter: Painter,
    window: Rc<Window>,
    kind: Kind,
    events: Vec<Event>,
    pointer: Pos2,
    modifiers: Modifiers,
    repaint_at: Option<Instant>,
}

impl Pane {
    /// Opens a window for `size` points of content. `on_lost` is called if somebody else takes it off the screen.
    pub(super) fn open(
        event_loop: &ActiveEventLoop,
        kind: Kind,
        size: impl FnOnce(f32) -> Vec2,
        on_lost: impl FnOnce() + Send + 'static,
    ) -> Result<Self, PaneError> {
        let monitor = event_loop.primary_monitor().or_else(|| event_loop.available_monitors().next());
        let scale = monitor.as_ref().map_or(1.0, MonitorHandle::scale_factor) as f32;
        let size = in_pixels(size(scale), scale);
        let attributes = Window::default_attributes()
            .with_title("A request for remote support")
            .with_inner_size(size)
            .with_resizable(false)
            .with_visible(false)
            .with_window_level(WindowLevel::AlwaysOnTop);
        let attributes = match kind {
            Kind::Question => platform::dialog(attributes),
            Kind::Bar { .. } => platform::unmanaged(attributes),
        };
        let attributes = match monitor.and_then(|monitor| place(&monitor, kind, size)) {
            Some(at) => attributes.with_position(at),
            None => attributes,
        };
        let window = Rc::new(event_loop.create_window(attributes)?);
        let focus = if kind == Kind::Question { Focus::Take } else { Focus::Leave };
        let on_top = OnTop::keep(&window, focus, on_lost).map_err(PaneError::OnTop)?;
        let context = softbuffer::Context::new(Rc::clone(&window))?;
        let surface = softbuffer::Surface::new(&context, Rc::clone(&window))?;
        let painter = Painter::new();
        look::apply(&painter);
        window.set_visible(true);
        if kind == Kind::Question {
            window.request_user_attention(Some(UserAttentionType::Critical));
        }
        window.request_redraw();
        Ok(Self {
            _on_top: on_top,
            surface,
            painter,
            window,
            kind,
            events: Vec::new(),
            pointer: Pos2::ZERO,
            modifiers: Modifiers::NONE,
            repaint_at: None,
        })
    }

    /// Whose events these are.
    pub(super) fn id(&self) -> WindowId {
        self.window.id()
    }

    /// Pixels in a point.
    pub(super) fn scale(&self) -> f32 {
        self.window.scale_factor() as f32
    }

    /// When it wants to be painted again by itself.
    pub(super) const fn repaint_at(&self) -> Option<Instant> {
        self.repaint_at
    }

    /// Has it painted soon.
    pub(super) fn repaint(&self) {
        self.window.request_redraw();
    }

    /// Makes room for `size` points of content and puts it where its kind belongs.
    pub(super) fn resize(&self, size: Vec2) {
        let size = in_pixels(size, self.scale());
        if size != self.window.inner_size() {
            let _at_once = self.window.request_inner_size(size);
            if let Some(at) = self.window.current_monitor().and_then(|monitor| place(&monitor, self.kind, size)) {
                self.window.set_outer_position(at);
            }
            self.repaint();
        }
    }

    /// Moves it by as much as the pointer has gone from `grip` (points in the window), within the screen.
    pub(super) fn drag(&self, grip: Pos2) {
        let (Ok(at), Some(monitor)) = (self.window.outer_position(), self.window.current_monitor()) else { return };
        let by = (self.pointer - grip) * self.scale();
        let size = self.window.inner_size();
        let within = |value: i32, start: i32, room: u32, length: u32| {
            let most = i64::from(start) + (i64::from(room) - i64::from(length)).max(0);
            i64::from(value).clamp(i64::from(start), most) as i32
        };
        let (origin, room) = (monitor.position(), monitor.size());
        self.window.set_outer_position(PhysicalPosition::new(
            within(at.x + by.x as i32, origin.x, room.width, size.width),
            within(at.y + by.y as i32, origin.y, room.height, size.height),
        ));
    }

    /// Where the pointer is, in points.
    pub(super) const fn pointer(&self) -> Pos2 {
        self.pointer
    }

    /// Hands an event of the window to egui.
    pub(super) fn take(&mut self, event: &WindowEvent) {
        let scale = self.scale();
        let modifiers = self.modifiers;
        let event = match event {
            WindowEvent::CursorMoved { position, .. } => {
                self.pointer = Pos2::new(position.x as f32, position.y as f32) / scale;
                Event::PointerMoved(self.pointer)
            }
            WindowEvent::CursorLeft { .. } => Event::PointerGone,
            WindowEvent::MouseInput { state, button: MouseButton::Left, .. } => Event::PointerButton {
                pos: self.pointer,
                button: egui::PointerButton::Primary,
                pressed: *state == ElementState::Pressed,
                modifiers,
            },
            WindowEvent::MouseWheel { delta, .. } => wheel(*delta, scale, modifiers),
            WindowEvent::KeyboardInput { event, .. } => match egui_key(&event.logical_key) {
                Some(key) if !event.repeat => Event::Key {
                    key,
                    physical_key: None,
                    pressed: event.state == ElementState::Pressed,
                    repeat: false,
                    modifiers,
                },
                _ => return,
            },
            WindowEvent::ModifiersChanged(changed) => {
                self.modifiers.shift = changed.state().shift_key();
                return;
            }
            WindowEvent::Focused(focused) => Event::WindowFocused(*focused),
            _ => return,
        };
        self.events.push(event);
        self.repaint();
    }

    /// Lays out `interface` and paints it on `paper`.
    pub(super) fn paint<R>(
        &mut self,
        paper: egui::Color32,
        mut interface: impl FnMut(&mut Ui) -> R,
    ) -> Result<Option<R>, PaneError> {
        let size = self.window.inner_size();
        let (Some(width), Some(height)) = (NonZeroU32::new(size.width), NonZeroU32::new(size.height)) else {
            return Ok(None);
        };
        self.surface.resize(width, height)?;
        let scale = self.scale();
        let mut buffer = self.surface.buffer_mut()?;
        let [red, green, blue, _] = paper.to_array();
        buffer.fill(u32::from_be_bytes([0, red, green, blue]));
        let input =
            egui::RawInput { events: std::mem::take(&mut self.events), focused: true, ..egui::RawInput::default() };
        let mut result = None;
        let painted = self.painter.paint(
            &mut Canvas { pixels: &mut buffer, width: size.width },
            Size::new(size.width, size.height).rect(),
            scale,
            input,
            |ui| result = Some(interface(ui)),
        );
        self.window.pre_present_notify();
        buffer.present()?;
        let hand = painted.cursor == egui::CursorIcon::PointingHand;
        self.window.set_cursor(if hand { CursorIcon::Pointer } else { CursorIcon::Default });
        self.repaint_at = painted.repaint_after.map(|delay| Instant::now() + delay.max(FRAME));
        Ok(result)
    }
}

/// The least time between two paintings that egui asks for.
const FRAME: Duration = Duration::from_millis(16);

fn in_pixels(points: Vec2, scale: f32) -> PhysicalSize<u32> {
    let pixels = |points: f32| (points * scale).ceil() as u32;
    PhysicalSize::new(pixels(points.x), pixels(points.y))
}

/// Where a window of this kind belongs; `None` if nothing is known of the monitor's size.
fn place(monitor: &MonitorHandle, kind: Kind, size: PhysicalSize<u32>) -> Option<PhysicalPosition<i32>> {
    let (origin, room) = (monitor.position(), monitor.size());
    let slack = |room: u32, length: u32| i32::try_from(room.saturating_sub(length)).unwrap_or_default();
    let down = match kind {
        Kind::Question => slack(room.height, size.height) / 2,
        Kind::Bar { down } => (f64::from(down) * monitor.scale_factor()) as i32,
    };
    let at = PhysicalPosition::new(origin.x + slack(room.width, size.width) / 2, origin.y + down);
    (room.width > 0 && room.height > 0).then_some(at)
}

fn wheel(delta: MouseScrollDelta, scale: f32, modifiers: Modifiers) -> Event {
    let delta = match delta {
        MouseScrollDelta::LineDelta(x, y) => egui::vec2(x, y) * LINE,
        MouseScrollDelta::PixelDelta(delta) => egui::vec2(delta.x as f32, delta.y as f32) / scale,
    };
    Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, phase: egui::TouchPhase::Move, modifiers }
}

/// The keys that the desk's windows know.
fn egui_key(key: &Key) -> Option<egui::Key> {
    Some(match key {
        Key::Named(NamedKey::Tab) => egui::Key::Tab,
        Key::Named(NamedKey::Enter) => egui::Key::Enter,
        Key::Named(NamedKey::Space) => egui::Key::Space,
        _ => return None,
    })
}
