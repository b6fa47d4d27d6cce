//! The window on the screen: winit's events in, actions for the session and pixels out.

use super::{
    Options, Phase, Session, StepUp, WindowError,
    cursor::Pointer,
    hands::Hands,
    inbox::{Handle, Inbox, Wake},
    keys,
    layout::Place,
    pan,
    surface::Surface,
    view::View,
    x11,
};
use beside_protocol::{
    frame::{Rect, Size},
    wire::{Button, Permission, Press},
};
use std::{rc::Rc, sync::Arc, time::Instant};
use winit::{
    application::ApplicationHandler,
    dpi::{LogicalSize, PhysicalPosition, PhysicalSize},
    event::{ElementState, Ime, KeyEvent, MouseButton, MouseScrollDelta, StartCause, WindowEvent},
    event_loop::{ActiveEventLoop, ControlFlow, DeviceEvents, EventLoop},
    keyboard::{KeyCode, ModifiersState, PhysicalKey},
    window::{Fullscreen, Window as NativeWindow, WindowId},
};

/// The window's size in logical pixels until the picture's size is known.
const FIRST_SIZE: LogicalSize<u32> = LogicalSize::new(1024, 640);

/// The officer's window, before it runs.
#[derive(Debug)]
pub struct Window {
    event_loop: EventLoop<Wake>,
    handle: Handle,
    options: Options,
}

/// Reaches for the display and makes the window's handle; the window itself opens when it [runs](Window::run). Once per
/// process, on the main thread.
///
/// # Errors
/// When there is no display.
pub fn open(options: Options) -> Result<(Window, Handle), WindowError> {
    let event_loop = EventLoop::with_user_event().build().map_err(|error| {
        tracing::debug!(%error, "no event loop");
        WindowError::NoDisplay
    })?;
    let handle = Handle::new(event_loop.create_proxy());
    Ok((Window { event_loop, handle: handle.clone(), options }, handle))
}

impl Window {
    /// Shows the window until the officer closes it, the driver says [`Exit`](super::Update::Exit), or the session is
    /// over and the window has no controls. On the main thread.
    ///
    /// # Errors
    /// When the window can't be made or drawn to.
    pub fn run(self, session: Arc<dyn Session>) -> Result<(), WindowError> {
        let Self { event_loop, handle, options } = self;
        event_loop.listen_device_events(DeviceEvents::Never);
        let mut app = App { session, handle, options, screen: None, outcome: Ok(()) };
        event_loop
            .run_app(&mut app)
            .map_err(|error| WindowError::Broken { action: "run", reason: error.to_string() })?;
        app.outcome
    }
}

/// The event loop's side.
struct App {
    session: Arc<dyn Session>,
    handle: Handle,
    options: Options,
    screen: Option<Screen>,
    outcome: Result<(), WindowError>,
}

impl App {
    fn fail(&mut self, event_loop: &ActiveEventLoop, error: WindowError) {
        self.outcome = Err(error);
        event_loop.exit();
    }
}

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.screen.is_none() {
            match Screen::open(event_loop, &self.options, Arc::clone(&self.session)) {
                Ok(screen) => self.screen = Some(screen),
                Err(error) => self.fail(event_loop, error),
            }
        }
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if let (StartCause::ResumeTimeReached { .. }, Some(screen)) = (cause, &mut self.screen) {
            let shown = screen.tick(Instant::now());
            shown.unwrap_or_else(|error| self.fail(event_loop, error));
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, _: Wake) {
        let Some(screen) = &mut self.screen else { return };
        let heard = screen.hear(self.handle.take(), event_loop);
        heard.unwrap_or_else(|error| self.fail(event_loop, error));
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        let Some(screen) = &mut self.screen else { return };
        let handled = screen.handle(event, event_loop);
        handled.unwrap_or_else(|error| self.fail(event_loop, error));
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        let Some(screen) = &mut self.screen else { return };
        screen.hands.flush(screen.session.as_ref());
        let wake = screen.next_tick(Instant::now());
        event_loop.set_control_flow(wake.map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }
}

/// The open window and all that belongs to it.
struct Screen {
    window: Rc<NativeWindow>,
    /// Set on X11.
    x11: Option<x11::Display>,
    surface: Surface,
    view: View,
    hands: Hands,
    pointer: Pointer,
    session: Arc<dyn Session>,
    modifiers: ModifiersState,
    at: Option<PhysicalPosition<f64>>,
    pan: pan::Pan,
    /// The size before full screen, where no window manager remembers it.
    restore: PhysicalSize<u32>,
    /// Stays open after the end, to be read.
    stays: bool,
    shown_once: bool,
    /// The last turn of the wheel is told a second time next.
    wheel_told: bool,
}

impl Screen {
    fn open(event_loop: &ActiveEventLoop, options: &Options, session: Arc<dyn Session>) -> Result<Self, WindowError> {
        let x11 = x11::Display::connect(event_loop);
        let is_bare = x11.as_ref().is_some_and(x11::Display::is_bare);
        let monitor = event_loop.primary_monitor().or_else(|| event_loop.available_monitors().next());
        let mut attributes =
            NativeWindow::default_attributes().with_title(title(&options.host)).with_inner_size(FIRST_SIZE);
        if options.fullscreen {
            attributes = attributes.with_fullscreen(Some(Fullscreen::Borderless(None)));
            if let (true, Some(monitor)) = (is_bare, &monitor) {
                attributes = attributes.with_inner_size(monitor.size());
            }
        }
        let broken = |reason: String| WindowError::Broken { action: "opened", reason };
        let window = event_loop.create_window(attributes).map_err(|error| broken(error.to_string()))?;
        // X11's input methods swallow dead keys, which the user's system is to compose.
        window.set_ime_allowed(x11.is_none());
        let window = Rc::new(window);
        let surface = Surface::new(event_loop.owned_display_handle(), Rc::clone(&window))?;
        let mut screen = Self {
            surface,
            view: View::new(options, Instant::now()),
            hands: Hands::default(),
            pointer: Pointer::new(Rc::clone(&window), x11.is_some()),
            wheel_told: false,
            session,
            modifiers: ModifiersState::empty(),
            at: None,
            pan: pan::Pan::default(),
            restore: FIRST_SIZE.to_physical(window.scale_factor()),
            stays: options.controls,
            shown_once: false,
            window,
            x11,
        };
        screen.resize(screen.window.inner_size())?;
        Ok(screen)
    }

    /// Takes in what the driver told.
    fn hear(&mut self, inbox: Inbox, event_loop: &ActiveEventLoop) -> Result<(), WindowError> {
        if let Some(host) = inbox.host {
            self.window.set_title(&title(&host));
            self.view.set_host(host);
        }
        if let Some(phase) = inbox.phase {
            let control = matches!(&phase, Phase::Live { permissions, .. } if permissions.has(Permission::Control));
            self.hands.set_control(control, self.session.as_ref());
            self.view.set_phase(phase, Instant::now());
            self.aim();
        }
        if let Some(step_up) = inbox.step_up {
            self.view.set_step_up(step_up);
        }
        if let Some(holder) = inbox.holder {
            self.view.set_holder(holder);
        }
        if inbox.exit || (self.view.phase().is_over() && !self.stays) {
            self.hands.release_all(self.session.as_ref());
            event_loop.exit();
            return Ok(());
        }
        if let Some(shape) = &inbox.cursor {
            self.pointer.set_shape(shape, event_loop);
        }
        if let Some(figures) = inbox.figures {
            self.view.set_figures(figures);
        }
        self.show(&inbox.damage)?;
        if let Some(changed) = inbox.changed {
            self.session.presented(changed.elapsed());
        }
        Ok(())
    }

    fn handle(&mut self, event: WindowEvent, event_loop: &ActiveEventLoop) -> Result<(), WindowError> {
        let session = Arc::clone(&self.session);
        match event {
            WindowEvent::CloseRequested => self.close(event_loop),
            WindowEvent::Resized(size) => return self.resize(size),
            WindowEvent::RedrawRequested => {
                if !std::mem::replace(&mut self.shown_once, true) {
                    self.focus_if_bare();
                }
                self.view.damage_all();
                return self.show(&[]);
            }
            WindowEvent::Focused(false) => self.hands.release_all(session.as_ref()),
            WindowEvent::ModifiersChanged(modifiers) => self.modifiers = modifiers.state(),
            WindowEvent::KeyboardInput { event, is_synthetic, .. } => {
                return self.key(&event, is_synthetic, event_loop);
            }
            WindowEvent::Ime(Ime::Commit(text)) => self.hands.text(&text, session.as_ref()),
            WindowEvent::CursorMoved { position, .. } => {
                self.at = Some(position);
                self.aim();
            }
            WindowEvent::CursorLeft { .. } => {
                self.at = None;
                self.pan.stop();
            }
            WindowEvent::MouseInput { state, button, .. } => self.button(button, press(state)),
            WindowEvent::MouseWheel { delta, .. } => self.wheel(delta),
            _ => {}
        }
        Ok(())
    }

    fn key(&mut self, event: &KeyEvent, synthetic: bool, event_loop: &ActiveEventLoop) -> Result<(), WindowError> {
        let press = press(event.state);
        // On focus winit tells which keys are down already: they went down for somebody else.
        if synthetic && press == Press::Down {
            return Ok(());
        }
        if press == Press::Down && !event.repeat && self.own_key(event.physical_key, event_loop) {
            return self.show(&[]);
        }
        let session = self.session.as_ref();
        match (keys::usage(event.physical_key), event.physical_key, &event.text) {
            (Some(key), ..) => self.hands.key(key, press, session),
            (None, PhysicalKey::Unidentified(_), Some(text)) if press == Press::Down => self.hands.text(text, session),
            _ => {}
        }
        Ok(())
    }

    /// Keys of the window itself; tells whether this was one.
    fn own_key(&mut self, key: PhysicalKey, event_loop: &ActiveEventLoop) -> bool {
        let PhysicalKey::Code(code) = key else { return false };
        if self.modifiers == ModifiersState::CONTROL | ModifiersState::ALT {
            match code {
                KeyCode::Enter | KeyCode::NumpadEnter => self.toggle_fullscreen(),
                KeyCode::Home => self.view.toggle_scale(),
                KeyCode::End => self.close(event_loop),
                KeyCode::Insert => self.ask_or_yield(),
                _ => return false,
            }
            // The modifiers were meant for the window.
            self.hands.release_all(self.session.as_ref());
            return true;
        }
        let waits = matches!(self.view.phase(), Phase::Connecting | Phase::Asking { .. });
        if code == KeyCode::Escape && (waits || self.view.phase().is_over()) {
            self.close(event_loop);
            return true;
        }
        false
    }

    /// Gives control up where the officer has it, and else asks for it.
    fn ask_or_yield(&self) {
        match (self.view.phase(), self.view.step_up()) {
            (Phase::Live { permissions, .. }, _) if permissions.has(Permission::Control) => {
                self.session.yield_control()
            }
            (Phase::Live { .. }, StepUp::Asking { .. }) => {}
            (Phase::Live { .. }, _) => self.session.ask_control(),
            _ => {}
        }
    }

    fn button(&mut self, button: MouseButton, press: Press) {
        if press == Press::Down {
            self.focus_if_bare();
        }
        let button = match button {
            MouseButton::Left => Button::Left,
            MouseButton::Middle => Button::Middle,
            MouseButton::Right => Button::Right,
            MouseButton::Back => Button::Back,
            MouseButton::Forward => Button::Forward,
            MouseButton::Other(_) => return,
        };
        let over = self.pointer.is_over_picture();
        self.hands.button(button, press, over, self.session.as_ref());
    }

    fn wheel(&mut self, delta: MouseScrollDelta) {
        match delta {
            MouseScrollDelta::LineDelta(x, y) => {
                let twice = self.x11.as_ref().is_some_and(x11::Display::wheel_comes_twice);
                self.wheel_told = twice && !self.wheel_told;
                if self.wheel_told || !twice {
                    self.hands.turn(x.into(), y.into(), self.session.as_ref());
                }
            }
            MouseScrollDelta::PixelDelta(by) => {
                let by = by.to_logical::<f64>(self.window.scale_factor());
                self.hands.glide(by.x, by.y, self.session.as_ref());
            }
        }
    }

    /// Follows the pointer to where it is, or to where the picture has moved under it.
    fn aim(&mut self) {
        let place = self.at.and_then(|at| self.view.place(at.x, at.y));
        if let Some(place) = place {
            self.hands.point(place);
        }
        self.pointer.set_place(matches!(place, Some(Place::Inside(_))) && self.hands.control());
        let speed = self.at.filter(|_| self.view.can_pan()).map(|at| pan::speed(at, self.view.area()));
        self.pan.set_speed(speed.unwrap_or_default(), Instant::now());
    }

    fn toggle_fullscreen(&mut self) {
        let on = !self.view.is_fullscreen();
        self.view.set_fullscreen(on, Instant::now());
        self.window.set_fullscreen(on.then_some(Fullscreen::Borderless(None)));
        let Some(_) = self.bare() else { return };
        let size = if on {
            self.restore = self.window.inner_size();
            self.window.current_monitor().map(|monitor| monitor.size())
        } else {
            Some(self.restore)
        };
        if let Some(size) = size {
            let _ = self.window.request_inner_size(size);
        }
        self.focus_if_bare();
    }

    /// The display, where no window manager looks after the window.
    fn bare(&self) -> Option<&x11::Display> {
        self.x11.as_ref().filter(|display| display.is_bare())
    }

    fn focus_if_bare(&self) {
        if let Some(display) = self.bare() {
            display.focus(&self.window);
        }
    }

    fn close(&mut self, event_loop: &ActiveEventLoop) {
        self.hands.release_all(self.session.as_ref());
        if !self.view.phase().is_over() {
            self.session.leave();
        }
        event_loop.exit();
    }

    fn resize(&mut self, size: PhysicalSize<u32>) -> Result<(), WindowError> {
        let size = Size::new(size.width, size.height);
        self.surface.resize(size)?;
        self.view.resize(size, self.window.scale_factor());
        self.aim();
        self.show(&[])
    }

    /// Does what is due: words that change with time, and panning.
    fn tick(&mut self, now: Instant) -> Result<(), WindowError> {
        if let Some((x, y)) = self.pan.step(now) {
            if self.view.pan(x, y) {
                self.aim();
            } else {
                self.pan.stop();
            }
        }
        self.show(&[])
    }

    fn next_tick(&self, now: Instant) -> Option<Instant> {
        self.view.next_change(now).into_iter().chain(self.pan.due()).min()
    }

    /// Shows what has changed, with these parts of the picture.
    fn show(&mut self, changed: &[Rect]) -> Result<(), WindowError> {
        self.view.refresh(Instant::now());
        let (view, surface) = (&mut self.view, &mut self.surface);
        let (mut grown, mut shown) = (None, Ok(()));
        self.session.with_picture(&mut |picture| {
            if view.damage_picture(picture.size(), changed) {
                grown = Some(picture.size());
            }
            shown = surface.present(&view.take_damage(), |canvas, rects| view.draw(picture, rects, canvas));
        });
        if let Some(picture) = grown {
            self.suit(picture);
            self.aim();
        }
        shown
    }

    /// Makes the window as large as a new picture, where the screen has room.
    fn suit(&self, picture: Size) {
        if self.view.is_fullscreen() {
            return;
        }
        let Some(monitor) = self.window.current_monitor() else { return };
        let ideal = self.view.ideal_size(picture);
        // Leaves room for the window's frame and the desktop's panels.
        let (most_wide, most_high) = (monitor.size().width / 20 * 19, monitor.size().height / 10 * 9);
        let size =
            PhysicalSize::new(ideal.width.clamp(320, most_wide.max(320)), ideal.height.clamp(200, most_high.max(200)));
        let _ = self.window.request_inner_size(size);
    }
}

/// What the window is called.
fn title(host: &str) -> String {
    format!("{host} – Beside")
}

const fn press(state: ElementState) -> Press {
    match state {
        ElementState::Pressed => Press::Down,
        ElementState::Released => Press::Up,
    }
}
