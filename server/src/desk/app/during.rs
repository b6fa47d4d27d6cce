//! While a session is on: the banner's window, what the user presses there or by the panic key, and what follows from it.

use super::{App, Life, ROOM, Wake};
use crate::desk::{
    banner::{self, Action, Banner, PanicHint, Rows},
    gate::Gate,
    look,
    message::FromDesk,
    note,
    pane::{Kind, Pane},
    platform::{HandsWatch, PanicWatch, PressWatch, Pressed},
};
use beside_protocol::wire::Hands;
use egui::{Pos2, vec2};
use std::time::{Duration, Instant};
use winit::{
    event::{ElementState, MouseButton, WindowEvent},
    event_loop::ActiveEventLoop,
};

/// How long the server may take to do what the user pressed before it is ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is taken in what is pressed anywhere, so that little of it waits in the X server.
const DRAIN: Duration = Duration::from_secs(1);

/// Something that is watched while there is reason to.
#[derive(Debug)]
pub(super) enum Watch<W> {
    Off,
    On(W),
    /// Here it can't be.
    Failed,
}

/// The banner's window.
pub(super) struct BannerPane {
    pub(super) pane: Pane,
    /// In points.
    pub(super) height: f32,
    /// Where it was taken hold of, while it is dragged.
    grip: Option<Pos2>,
    /// `None` if this display can't tell people from programs: then nothing is given.
    presses: Option<PressWatch>,
    drain_at: Instant,
    /// Who made the last press.
    pressed_by: PressedBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PressedBy {
    Person,
    /// Or nobody can tell.
    Program,
}

impl App {
    /// Opens, changes or closes the banner as the sessions are.
    pub(super) fn update_banner(&mut self, event_loop: &ActiveEventLoop) {
        self.tend();
        if self.banner.is_empty() {
            self.banner_pane = None;
            return self.bring_code_back(event_loop);
        }
        self.put_code_aside();
        self.note = None;
        let now = Instant::now();
        // A question has its room to itself.
        self.banner.set_rows(if self.prompt.is_some() { Rows::Hidden } else { Rows::Shown });
        let height = look::measure(vec2(banner::WIDTH, ROOM), 1.0, |ui| self.banner.show(ui, &self.words, now).height);
        let size = |_| vec2(banner::WIDTH, height);
        match &mut self.banner_pane {
            Some(banner) => {
                banner.height = height;
                banner.pane.resize(size(banner.pane.scale()));
            }
            None => {
                let proxy = self.proxy.clone();
                let lost = move || drop(proxy.send_event(Wake::BannerLost));
                match Pane::open(event_loop, &self.proxy, &self.words, Kind::Banner, size, lost) {
                    Ok(pane) => self.banner_pane = Some(BannerPane::new(pane, height)),
                    Err(error) => self.fail(event_loop, error.to_string()),
                }
            }
        }
        if let Some(banner) = &self.banner_pane {
            banner.pane.repaint();
        }
    }

    /// Does what the user has pressed: first here, then on the banner, then by the server.
    pub(super) fn act(&mut self, event_loop: &ActiveEventLoop, action: Action) {
        let said = match action {
            Action::Stop => {
                self.input.change(Gate::stop);
                FromDesk::Stop
            }
            Action::Pause => {
                self.input.change(Gate::pause);
                FromDesk::Pause
            }
            Action::Continue => {
                self.input.change(Gate::proceed);
                FromDesk::Continue
            }
            Action::End { session } => {
                self.input.change(|gate| gate.stop_one(session));
                FromDesk::End { session }
            }
            Action::Switch { session, permission, on } => {
                let permissions = self.banner.switched(session, permission, on);
                self.input.change(|gate| gate.switch(session, permissions));
                FromDesk::Switch { session, permissions }
            }
        };
        self.banner.act(action);
        (self.say)(said);
        self.update_banner(event_loop);
    }

    /// Has watched what there is reason to watch: the panic key while there is a session, the user's hands while an
    /// officer may control, the clock while the server has something to do.
    fn tend(&mut self) {
        match (&self.panic, self.banner.is_empty()) {
            (Watch::Off, false) => {
                let (input, proxy) = (self.input.clone(), self.proxy.clone());
                let on_press = move || {
                    input.change(Gate::stop);
                    drop(proxy.send_event(Wake::Panic));
                };
                let key = self.words.panic_key(&self.panic_key);
                let opened = Watch::from(PanicWatch::open(&self.panic_key, on_press), "the panic key does not work");
                let works = matches!(opened, Watch::On(_));
                self.banner.set_panic_key(if works { PanicHint::Works(key) } else { PanicHint::Fails(key) });
                self.panic = opened;
            }
            (_, true) => self.panic = Watch::Off,
            (Watch::On(_) | Watch::Failed, false) => {}
        }
        match (&self.hands, self.input.controls_until().is_some()) {
            (Watch::Off, true) => {
                let (input, proxy) = (self.input.clone(), self.proxy.clone());
                let on_touch = move |touch| {
                    if input.touch(touch) {
                        drop(proxy.send_event(Wake::Touched));
                    }
                };
                self.hands =
                    Watch::from(HandsWatch::open(on_touch), "nobody can tell when the user's own hands are used");
            }
            (Watch::On(_), false) => self.hands = Watch::Off,
            (Watch::On(_) | Watch::Failed, true) | (Watch::Off | Watch::Failed, false) => {}
        }
        self.follow_hands();
        self.patience = match self.banner.is_obeyed() {
            true => None,
            false => self.patience.or_else(|| Some(Instant::now() + PATIENCE)),
        };
    }

    /// Tells the server whose hands are on keyboard and pointer, when that has changed.
    pub(super) fn follow_hands(&mut self) {
        let hands = if self.input.rest().is_some() { Hands::User } else { Hands::Officer };
        if std::mem::replace(&mut self.hands_told, hands) != hands {
            (self.say)(FromDesk::Hands(hands));
        }
    }

    /// The server has not done in time what the user wants: ends it, so that nothing is shown either.
    pub(super) fn end_server(&mut self) {
        self.input.change(Gate::stop);
        let Some(server) = self.server else { return };
        match server.end() {
            Ok(()) => {
                tracing::error!("the server did not do what the user wants, and was ended");
                self.life = Life::Parting;
            }
            Err(error) => tracing::error!(%error, "the server does not do what the user wants, and can't be ended"),
        }
    }

    /// The server is gone: so are all sessions, and this process, when there is nothing left to say.
    pub(super) fn on_server_gone(&mut self, event_loop: &ActiveEventLoop) {
        if self.life == Life::Serving {
            return event_loop.exit();
        }
        self.banner = Banner::default();
        self.update_banner(event_loop);
        self.show_note(event_loop, note::Why::ServerEnded, None, Instant::now());
    }

    pub(super) fn on_banner_event(&mut self, event_loop: &ActiveEventLoop, event: &WindowEvent) {
        let Some(open) = self.banner_pane.as_mut() else { return };
        match event {
            WindowEvent::RedrawRequested => {
                let now = Instant::now();
                let painted = open.pane.paint(look::SLATE, |ui| self.banner.show(ui, &self.words, now));
                if let Some(at) = self.banner.next_change(now) {
                    open.pane.repaint_by(at);
                }
                match painted {
                    Ok(Some(shown)) => {
                        let may = |action: &Action| !action.gives() || open.pressed_by == PressedBy::Person;
                        if let Some(action) = shown.action.filter(may) {
                            self.act(event_loop, action);
                        }
                    }
                    Ok(None) => {}
                    Err(error) => self.fail(event_loop, error.to_string()),
                }
                return;
            }
            WindowEvent::MouseInput { state: ElementState::Pressed, button: MouseButton::Left, .. } => {
                open.grip = Some(open.pane.pointer());
                let genuine =
                    open.presses.as_mut().is_some_and(|presses| presses.is_genuine(Pressed::Button, Instant::now()));
                open.pressed_by = if genuine { PressedBy::Person } else { PressedBy::Program };
            }
            WindowEvent::CursorMoved { .. } => open.forget_presses(Instant::now()),
            // Somebody else has made it too small to be read.
            WindowEvent::Resized(_) => return self.update_banner(event_loop),
            WindowEvent::MouseInput { state: ElementState::Released, .. } => open.grip = None,
            _ => {}
        }
        open.pane.take(event);
        if let (WindowEvent::CursorMoved { .. }, Some(grip)) = (event, open.grip) {
            open.pane.drag(grip);
        }
    }
}

impl BannerPane {
    fn new(pane: Pane, height: f32) -> Self {
        let presses = PressWatch::open();
        if let Err(error) = &presses {
            tracing::warn!(error, "nothing can be switched on here");
        }
        let drain_at = Instant::now() + DRAIN;
        Self { pane, height, grip: None, presses: presses.ok(), drain_at, pressed_by: PressedBy::Program }
    }

    /// What has been pressed so far is nothing to the banner: the pointer was elsewhere, or has moved since.
    fn forget_presses(&mut self, now: Instant) {
        if let Some(presses) = &mut self.presses {
            presses.drain(now);
        }
    }

    /// When to call [`Self::drain`].
    pub(super) const fn drain_at(&self) -> Instant {
        self.drain_at
    }

    /// Takes in what has been pressed anywhere, when it is time to.
    pub(super) fn drain(&mut self, now: Instant) {
        if self.drain_at <= now {
            self.drain_at = now + DRAIN;
            self.forget_presses(now);
        }
    }
}

impl<W> Watch<W> {
    fn from(opened: Result<W, String>, otherwise: &'static str) -> Self {
        match opened {
            Ok(watch) => Self::On(watch),
            Err(error) => {
                tracing::warn!(error, "{otherwise}");
                Self::Failed
            }
        }
    }
}
