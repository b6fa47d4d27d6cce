//! A window of the desk: winit's window, its pixels, and egui in it.

use super::{
    look,
    platform::{self, Focus, OnTop},
    reader::{Asked, Reader},
    words::{Text, Words},
};
use beside_protocol::frame::Size;
use beside_shell::paint::{Canvas, Painter};
use egui::{Event, Modifiers, Pos2, Ui, Vec2};
use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroU32,
    rc::Rc,
    time::{Duration, Instant},
};
use winit::{
    dpi::{PhysicalPosition, PhysicalSize},
    event::{ElementState, KeyEvent, MouseButton, MouseScrollDelta, WindowEvent},
    event_loop::{ActiveEventLoop, EventLoopProxy},
    keyboard::{Key, NamedKey},
    monitor::MonitorHandle,
    window::{CursorIcon, UserAttentionType, Window, WindowId, WindowLevel},
};

/// What the banner's line takes at the top of the screen, in points.
const BANNER: f32 = 80.0;

/// How far from the top of the screen the banner is, in points.
const TOP: f32 = 8.0;

/// Points that a notch of the wheel scrolls.
const LINE: f32 = 40.0;

/// What kind of window it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In the middle, managed, asks for attention.
    Question,
    /// A bar at the top, in the middle, that no window manager touches.
    Banner,
    /// The same, this many points down.
    Note {
        /// Points from the top of the screen.
        down: u16,
    },
    /// In the bottom right corner, untouched by window managers too.
    Corner,
}

impl Kind {
    const fn title(self) -> Text {
        match self {
            Self::Question => Text::WindowQuestion,
            Self::Banner => Text::WindowBanner,
            Self::Note { .. } => Text::WindowNote,
            Self::Corner => Text::WindowCode,
        }
    }
}

/// How far from the edges of the screen a window in the corner is, in points.
const CORNER: f32 = 24.0;

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
    reader: Reader,
    window: Rc<Window>,
    events: VecDeque<Event>,
    pointer: Pos2,
    modifiers: Modifiers,
    /// What is held down as far as egui was told.
    held: HashSet<Held>,
    repaint_at: Option<Instant>,
}

/// What egui hears of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Held {
    /// The pointer's left one.
    Button,
    Key(egui::Key),
}

impl Pane {
    /// Opens a window for `size` points of content. `on_lost` is called if somebody else takes it off the screen.
    pub(super) fn open<T>(
        event_loop: &ActiveEventLoop,
        proxy: &EventLoopProxy<T>,
        words: &Words,
        kind: Kind,
        size: impl FnOnce(f32) -> Vec2,
        on_lost: impl FnOnce() + Send + 'static,
    ) -> Result<Self, PaneError>
    where
        T: From<accesskit_winit::Event> + Send + 'static,
    {
        let monitor = event_loop.primary_monitor().or_else(|| event_loop.available_monitors().next());
        let scale = monitor.as_ref().map_or(1.0, MonitorHandle::scale_factor) as f32;
        let size = in_pixels(size(scale), scale);
        let attributes = Window::default_attributes()
            .with_title(words.say(kind.title()))
            .with_inner_size(size)
            .with_resizable(false)
            .with_visible(false)
            .with_window_level(WindowLevel::AlwaysOnTop);
        let attributes = match kind {
            Kind::Question => platform::dialog(attributes),
            Kind::Banner | Kind::Note { .. } | Kind::Corner => platform::unmanaged(attributes),
        };
        let attributes = match Room::of(monitor) {
            Some(room) => attributes.with_position(room.place(kind, size, scale)),
            None => attributes,
        };
        let window = Rc::new(event_loop.create_window(attributes)?);
        let reader = Reader::new(event_loop, &window, proxy.clone());
        let focus = if kind == Kind::Question { Focus::Take } else { Focus::Leave };
        let on_top = OnTop::keep(&window, focus, on_lost).map_err(PaneError::OnTop)?;
        let context = softbuffer::Context::new(Rc::clone(&window))?;
        let surface = softbuffer::Surface::new(&context, Rc::clone(&window))?;
        let painter = Painter::new();
        look::apply(painter.context());
        window.set_visible(true);
        if kind == Kind::Question {
            window.request_user_attention(Some(UserAttentionType::Critical));
        }
        window.request_redraw();
        Ok(Self {
            _on_top: on_top,
            surface,
            painter,
            reader,
            window,
            events: VecDeque::new(),
            pointer: Pos2::ZERO,
            modifiers: Modifiers::NONE,
            held: HashSet::new(),
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

    /// Has it painted at `at` at the latest.
    pub(super) fn repaint_by(&mut self, at: Instant) {
        self.repaint_at = Some(self.repaint_at.map_or(at, |due| due.min(at)));
    }

    /// Has it painted soon if its time has come. Once for each time: a window that asks again and again keeps the
    /// system from painting the others (Windows paints one at a time, in an order of its own).
    pub(super) fn repaint_if_due(&mut self, now: Instant) {
        if self.repaint_at.take_if(|due| *due <= now).is_some() {
            self.repaint();
        }
    }

    /// Has it painted soon.
    pub(super) fn repaint(&self) {
        self.window.request_redraw();
    }

    /// Makes room for `size` points of content; it stays where it is, as far as all of it is on the screen then.
    pub(super) fn resize(&self, size: Vec2) {
        let size = in_pixels(size, self.scale());
        if size != self.window.inner_size() {
            let _at_once = self.window.request_inner_size(size);
            let room = Room::of(self.window.current_monitor());
            if let (Ok(at), Some(room)) = (self.window.outer_position(), room) {
                self.window.set_outer_position(room.within(at, size));
            }
            self.repaint();
        }
    }

    /// Moves it by as much as the pointer has gone from `grip` (points in the window), within the screen.
    pub(super) fn drag(&self, grip: Pos2) {
        let room = Room::of(self.window.current_monitor());
        let (Ok(at), Some(room)) = (self.window.outer_position(), room) else { return };
        let by = (self.pointer - grip) * self.scale();
        let to = PhysicalPosition::new(at.x + by.x as i32, at.y + by.y as i32);
        self.window.set_outer_position(room.within(to, self.window.inner_size()));
    }

    /// Where the pointer is, in points.
    pub(super) const fn pointer(&self) -> Pos2 {
        self.pointer
    }

    /// Keeps screen readers informed: to be told of every event of the window.
    pub(super) fn observe(&mut self, event: &WindowEvent) {
        self.reader.observe(&self.window, event);
    }

    /// Takes what a screen reader asks for.
    pub(super) fn take_reader(&mut self, event: &accesskit_winit::WindowEvent) -> Asked {
        let asked = self.reader.take(&self.painter, event, &mut self.events);
        self.repaint();
        asked
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
            WindowEvent::MouseInput { state, button: MouseButton::Left, .. } => {
                let (button, pressed) = (egui::PointerButton::Primary, *state == ElementState::Pressed);
                if !self.note(Held::Button, pressed) {
                    return;
                }
                Event::PointerButton { pos: self.pointer, button, pressed, modifiers }
            }
            WindowEvent::MouseWheel { delta, .. } => wheel(*delta, scale, modifiers),
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed && types(event) => {
                self.events.extend(event.text.as_ref().map(|text| Event::Text(text.to_string())));
                self.repaint();
                return;
            }
            WindowEvent::KeyboardInput { event, .. } => {
                let pressed = event.state == ElementState::Pressed;
                let key = egui_key(&event.logical_key).filter(|_| !event.repeat);
                let Some(key) = key.filter(|&key| self.note(Held::Key(key), pressed)) else { return };
                Event::Key { key, physical_key: None, pressed, repeat: false, modifiers }
            }
            WindowEvent::ModifiersChanged(changed) => {
                self.modifiers.shift = changed.state().shift_key();
                return;
            }
            WindowEvent::Focused(focused) => Event::WindowFocused(*focused),
            _ => return,
        };
        self.events.push_back(event);
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
        let events = self.next_events();
        self.surface.resize(width, height)?;
        let scale = self.scale();
        let mut buffer = self.surface.buffer_mut()?;
        let [red, green, blue, _] = paper.to_array();
        buffer.fill(u32::from_be_bytes([0, red, green, blue]));
        self.reader.next_press(self.painter.context());
        let input = egui::RawInput { events, focused: true, ..egui::RawInput::default() };
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
        self.reader.show(painted.tree);
        if !self.events.is_empty() || self.reader.is_pressing() {
            self.repaint();
        }
        Ok(result)
    }

    /// Notes what was pressed or released; whether that is news. The end of a press that was kept from here is none, and a
    /// flood of them costs no painting.
    fn note(&mut self, what: Held, pressed: bool) -> bool {
        if pressed {
            self.held.insert(what);
        }
        pressed || self.held.remove(&what)
    }

    /// The events for one painting: up to the first that presses or releases something, since what it does (moving the
    /// focus, say) has to be done before the next.
    fn next_events(&mut self) -> Vec<Event> {
        let acts = |event: &Event| {
            matches!(event, Event::PointerButton { .. } | Event::Key { .. } | Event::AccessKitActionRequest(_))
        };
        let count = self.events.iter().position(acts).map_or(self.events.len(), |first| first + 1);
        self.events.drain(..count).collect()
    }
}

/// The least time between two paintings that egui asks for.
const FRAME: Duration = Duration::from_millis(16);

fn in_pixels(points: Vec2, scale: f32) -> PhysicalSize<u32> {
    let pixels = |points: f32| (points * scale).ceil() as u32;
    PhysicalSize::new(pixels(points.x), pixels(points.y))
}

/// A part of the desktop, in pixels.
#[derive(Clone, Copy)]
struct Room {
    origin: PhysicalPosition<i32>,
    size: PhysicalSize<u32>,
}

impl Room {
    /// A monitor; all of the desktop where winit knows none (its stand-in is one pixel large).
    fn of(monitor: Option<MonitorHandle>) -> Option<Self> {
        let known = monitor.map(|monitor| Self { origin: monitor.position(), size: monitor.size() });
        let all = || platform::desktop().map(|size| Self { origin: PhysicalPosition::default(), size });
        known.filter(|room| room.size.width > 1 && room.size.height > 1).or_else(all)
    }

    /// How far right and down a window can go.
    fn slack(&self, size: PhysicalSize<u32>) -> (i32, i32) {
        let slack = |room: u32, length: u32| i32::try_from(room.saturating_sub(length)).unwrap_or_default();
        (slack(self.size.width, size.width), slack(self.size.height, size.height))
    }

    /// Where a window of this kind belongs.
    fn place(&self, kind: Kind, size: PhysicalSize<u32>, scale: f32) -> PhysicalPosition<i32> {
        let (right, down) = self.slack(size);
        let edge = (CORNER * scale) as i32;
        let (right, down) = match kind {
            // Below the banner's line, where there is room: two windows on top of all others would fight.
            Kind::Question => (right / 2, (down / 2).max(((BANNER * scale) as i32).min(down))),
            Kind::Banner => (right / 2, (TOP * scale) as i32),
            Kind::Note { down } => (right / 2, (f32::from(down) * scale) as i32),
            Kind::Corner => ((right - edge).max(0), (down - edge).max(0)),
        };
        PhysicalPosition::new(self.origin.x + right, self.origin.y + down)
    }

    /// The place nearest to `at` where all of a window is in the room.
    fn within(&self, at: PhysicalPosition<i32>, size: PhysicalSize<u32>) -> PhysicalPosition<i32> {
        let (right, down) = self.slack(size);
        let nearest = |value: i32, start: i32, slack: i32| value.clamp(start, start.saturating_add(slack));
        PhysicalPosition::new(nearest(at.x, self.origin.x, right), nearest(at.y, self.origin.y, down))
    }
}

fn wheel(delta: MouseScrollDelta, scale: f32, modifiers: Modifiers) -> Event {
    let delta = match delta {
        MouseScrollDelta::LineDelta(x, y) => egui::vec2(x, y) * LINE,
        MouseScrollDelta::PixelDelta(delta) => egui::vec2(delta.x as f32, delta.y as f32) / scale,
    };
    Event::MouseWheel { unit: egui::MouseWheelUnit::Point, delta, phase: egui::TouchPhase::Move, modifiers }
}

/// Whether a key types something that is seen.
fn types(event: &KeyEvent) -> bool {
    event.text.as_ref().is_some_and(|text| !text.chars().any(|c| c.is_control() || c.is_whitespace()))
}

/// The keys that the desk's windows know.
fn egui_key(key: &Key) -> Option<egui::Key> {
    Some(match key {
        Key::Named(NamedKey::Tab) => egui::Key::Tab,
        Key::Named(NamedKey::Backspace) => egui::Key::Backspace,
        Key::Named(NamedKey::Enter) => egui::Key::Enter,
        Key::Named(NamedKey::Space) => egui::Key::Space,
        _ => return None,
    })
}
