//! The desk's windows: which are open, what happens in them, what follows from it.

mod during;

use self::during::{BannerPane, Watch};
use super::{
    banner::{Action, Banner},
    code::{self, Card, CodeWindow, Press},
    injector::Input,
    look,
    message::{Answer, FromDesk, Summary, ToDesk},
    note::{self, Note, Others},
    pane::{Kind, Pane, PaneError},
    panic_key::PanicKey,
    platform::{HandsWatch, PanicWatch, PressWatch, Pressed},
    presence::Presence,
    prompt::{self, Hint, Prompt},
    reader::Asked,
    run::RunError,
    server_process::ServerProcess,
    words::{Language, Words},
};
use crate::capture;
use beside_protocol::wire::{Hands, Purpose};
use egui::{Ui, Vec2, vec2};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use winit::{
    application::ApplicationHandler,
    event::{ElementState, StartCause, WindowEvent},
    event_loop::{ActiveEventLoop, ControlFlow, EventLoopProxy},
    keyboard::{Key, NamedKey},
    window::WindowId,
};

/// What other threads tell the windows' thread.
#[derive(Debug)]
pub(super) enum Wake {
    /// A message from the server.
    Server(ToDesk),
    /// The server is gone.
    ServerGone,
    /// Somebody took the banner off the screen.
    BannerLost,
    /// The panic key was pressed; nothing is injected any more.
    Panic,
    /// The user does something at the machine, and has not for a while.
    Touched,
    /// The user has gone, or is back.
    Presence(Presence),
    /// Somebody took the code off the screen.
    CodeLost,
    /// Somebody took a question off the screen.
    PromptLost {
        /// Whose question.
        session: u64,
    },
    /// A screen reader has come, or asks for something.
    Reader(accesskit_winit::Event),
}

impl From<accesskit_winit::Event> for Wake {
    fn from(event: accesskit_winit::Event) -> Self {
        Self::Reader(event)
    }
}

/// What does not change while the desk runs.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) panic_key: PanicKey,
    pub(super) language: Language,
    /// The process to end when it does not obey.
    pub(super) server: Option<ServerProcess>,
}

/// Tells the server.
pub(super) type Say = Arc<dyn Fn(FromDesk)>;

/// All the desk's windows.
pub(super) struct App {
    input: Input,
    proxy: EventLoopProxy<Wake>,
    say: Say,
    words: Words,
    /// Questions in the order in which they came; the first is on the screen.
    questions: VecDeque<Prompt>,
    prompt: Option<PromptPane>,
    banner: Banner,
    banner_pane: Option<BannerPane>,
    note: Option<(Note, Pane)>,
    panic_key: PanicKey,
    panic: Watch<PanicWatch>,
    hands: Watch<HandsWatch>,
    /// Whose hands are on keyboard and pointer, as the server knows it.
    hands_told: Hands,
    server: Option<ServerProcess>,
    /// When the server must have done what the user wants.
    patience: Option<Instant>,
    life: Life,
    code: Option<CodeWindow>,
    /// What the code's window is to show when nothing else is asked or shown any more.
    later: Option<Card>,
    outcome: Result<(), RunError>,
}

/// What the windows are there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// A server.
    Serving,
    /// None any more, since this desk has ended it: the user reads that, and that is all.
    Parting,
}

struct PromptPane {
    pane: Pane,
    /// `None` if this display can't tell people from programs.
    presses: Option<PressWatch>,
}

impl App {
    /// No window yet.
    pub(super) fn new(input: Input, proxy: EventLoopProxy<Wake>, say: Say, settings: Settings) -> Self {
        let Settings { panic_key, language, server } = settings;
        Self {
            input,
            proxy,
            say,
            words: Words::new(language),
            questions: VecDeque::new(),
            prompt: None,
            banner: Banner::default(),
            banner_pane: None,
            note: None,
            panic_key,
            panic: Watch::Off,
            hands: Watch::Off,
            hands_told: Hands::Officer,
            server,
            patience: None,
            life: Life::Serving,
            code: None,
            later: None,
            outcome: Ok(()),
        }
    }

    /// Why the event loop has ended.
    pub(super) fn into_outcome(self) -> Result<(), RunError> {
        self.outcome
    }

    fn fail(&mut self, event_loop: &ActiveEventLoop, why: String) {
        self.outcome = Err(RunError::NoBanner(why));
        event_loop.exit();
    }

    fn on_message(&mut self, event_loop: &ActiveEventLoop, message: ToDesk) {
        let now = Instant::now();
        match message {
            ToDesk::Ask { session, question, offer } => {
                self.questions.push_back(Prompt::new(session, question, offer, &self.words, now));
                self.put_code_aside();
                self.ask(event_loop);
            }
            ToDesk::Withdraw { session } => self.close_question(event_loop, session),
            ToDesk::Live { session, live } => {
                self.banner.live(session, &live, now);
                self.update_banner(event_loop);
            }
            ToDesk::Suspended { session, officer, seconds_left } => {
                self.banner.suspended(session, officer, now + Duration::from_secs(seconds_left.into()));
                self.update_banner(event_loop);
            }
            ToDesk::Moved { session } => {
                self.banner.moved(session, now);
                self.update_banner(event_loop);
            }
            ToDesk::Ended { session, end, summary } => {
                if self.banner.ended(session) {
                    self.update_banner(event_loop);
                }
                // Also where the yes came to nothing before there was a banner.
                self.show_note(event_loop, note::Why::Session(end), summary, now);
            }
            ToDesk::Code { code, seconds_left } => {
                let until = now + Duration::from_secs(seconds_left.into());
                self.show_code(event_loop, Card::Good { code, until });
            }
            ToDesk::CodeOver { why } if self.code.is_some() || self.later.is_some() => {
                self.show_code(event_loop, Card::Over(why));
            }
            ToDesk::CodeOver { .. } => {}
            ToDesk::HideCode => (self.code, self.later) = (None, None),
            // Input never comes here: it goes straight on. What else is allowed is for the gate.
            ToDesk::Inject(_) | ToDesk::Allowed { .. } => {}
        }
    }

    /// Shows the first question, if none is shown.
    fn ask(&mut self, event_loop: &ActiveEventLoop) {
        while self.prompt.is_none()
            && let Some(question) = self.questions.front_mut()
        {
            let session = question.session();
            let proxy = self.proxy.clone();
            let lost = move || drop(proxy.send_event(Wake::PromptLost { session }));
            let presses = PressWatch::open();
            if let Err(error) = &presses {
                tracing::warn!(error, "nothing can be allowed here");
                question.explain(Hint::CannotTell);
            }
            if question.offers_scenery() {
                question.set_scenery(capture::scenery());
            }
            let (now, words) = (Instant::now(), &self.words);
            let size = |scale| {
                natural_size(prompt::WIDTH, scale, |ui| {
                    question.show(ui, words, now);
                })
            };
            match Pane::open(event_loop, &self.proxy, words, Kind::Question, size, lost) {
                Ok(pane) => {
                    self.prompt = Some(PromptPane { pane, presses: presses.ok() });
                    self.update_banner(event_loop);
                }
                Err(error) => {
                    tracing::error!(%error, "the question can't be shown");
                    self.answer(event_loop, session, Answer::TimedOut);
                }
            }
        }
    }

    fn answer(&mut self, event_loop: &ActiveEventLoop, session: u64, answer: Answer) {
        if let Answer::Grant(choice) | Answer::GrantStranger(choice) = &answer {
            let question = self.questions.iter().find(|question| question.session() == session);
            // Before the server knows: when it says that the session is live, the gate knows the grant.
            let (now, permissions, lasts) = (Instant::now(), choice.permissions, choice.duration);
            self.input.change(|gate| match question.map(Prompt::purpose) {
                Some(Purpose::Session) | None => gate.granted(now, session, permissions, lasts),
                Some(Purpose::More { .. }) => gate.added(now, session, permissions, lasts),
                Some(Purpose::Again { .. }) => {}
            });
        }
        (self.say)(FromDesk::Answer { session, answer });
        self.close_question(event_loop, session);
    }

    fn close_question(&mut self, event_loop: &ActiveEventLoop, session: u64) {
        if self.questions.front().is_some_and(|question| question.session() == session) {
            self.prompt = None;
        }
        self.questions.retain(|question| question.session() != session);
        self.input.change(|gate| gate.asked(session));
        self.update_banner(event_loop);
        self.ask(event_loop);
        self.bring_code_back(event_loop);
    }

    fn show_note(&mut self, event_loop: &ActiveEventLoop, why: note::Why, summary: Option<Summary>, now: Instant) {
        let others = if self.banner.is_empty() { Others::None } else { Others::GoOn };
        let earlier = self.note.take().map(|(note, _)| note);
        let note = Note::new(why, summary, others, earlier, now);
        // Not where a banner is, or may soon be of the next server.
        let down = match (&self.banner_pane, self.life) {
            (Some(banner), _) => 16 + banner.height as u16,
            (None, Life::Serving) => 8,
            (None, Life::Parting) => 80,
        };
        let size = |scale| natural_size(note::WIDTH, scale, |ui| note.show(ui, &self.words));
        match Pane::open(event_loop, &self.proxy, &self.words, Kind::Note { down }, size, || {}) {
            Ok(pane) => self.note = Some((note, pane)),
            Err(error) => tracing::warn!(%error, "the end of a session could not be shown"),
        }
    }

    /// Makes room on the screen for a question or the banner. The server takes back the code that was shown.
    fn put_code_aside(&mut self) {
        if let Some(open) = self.code.take() {
            self.later = Some(open.card);
        }
    }

    /// Shows again what was put aside, if nothing is in its way any more.
    fn bring_code_back(&mut self, event_loop: &ActiveEventLoop) {
        if self.prompt.is_none()
            && self.banner.is_empty()
            && let Some(card) = self.later.take()
        {
            self.show_code(event_loop, card);
        }
    }

    /// Shows the code, or why there is none, in its window.
    fn show_code(&mut self, event_loop: &ActiveEventLoop, card: Card) {
        if self.prompt.is_some() || !self.banner.is_empty() {
            self.later = Some(card);
            return;
        }
        let now = Instant::now();
        let size = |scale| {
            natural_size(code::WIDTH, scale, |ui| {
                card.show(ui, &self.words, now);
            })
        };
        if let Some(open) = &mut self.code {
            open.pane.resize(size(open.pane.scale()));
            open.pane.repaint();
            open.card = card;
            return;
        }
        let proxy = self.proxy.clone();
        let lost = move || drop(proxy.send_event(Wake::CodeLost));
        match Pane::open(event_loop, &self.proxy, &self.words, Kind::Corner, size, lost) {
            Ok(pane) => self.code = Some(CodeWindow { card, pane }),
            Err(error) => {
                tracing::error!(%error, "the code can't be shown");
                self.close_code();
            }
        }
    }

    /// Nobody sees the code any more: it has to be off.
    fn close_code(&mut self) {
        self.code = None;
        (self.say)(FromDesk::CodeClosed);
    }

    fn on_code_event(&mut self, event: &WindowEvent) {
        let Some(open) = self.code.as_mut() else { return };
        match open.on_event(event, &self.words, Instant::now()) {
            Ok(Some(Press::New)) => (self.say)(FromDesk::NewCode),
            Ok(Some(Press::Close)) => self.close_code(),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the code can't be shown");
                self.close_code();
            }
        }
    }

    fn on_prompt_event(&mut self, event_loop: &ActiveEventLoop, event: &WindowEvent) {
        let (Some(open), Some(question)) = (self.prompt.as_mut(), self.questions.front_mut()) else { return };
        let (now, session) = (Instant::now(), question.session());
        let answer = match event {
            WindowEvent::CloseRequested => Some(Answer::Close),
            WindowEvent::Occluded(true) => {
                question.hidden();
                None
            }
            WindowEvent::Occluded(false) => {
                question.uncovered(now);
                open.pane.repaint();
                None
            }
            WindowEvent::RedrawRequested => {
                question.painted(now);
                if let Some(presses) = &mut open.presses {
                    presses.drain(now);
                }
                let painted = open.pane.paint(look::PAPER, |ui| question.show(ui, &self.words, now));
                open.pane.repaint_by(question.next_change(now));
                painted.unwrap_or_else(no_picture).flatten()
            }
            event if open.may_act(question, event, now) => {
                if is_key(event, NamedKey::Escape) {
                    Some(Answer::Deny)
                } else {
                    open.pane.take(event);
                    None
                }
            }
            _ => None,
        };
        if let Some(answer) = answer {
            self.answer(event_loop, session, answer);
        }
    }

    fn on_note_event(&mut self, event: &WindowEvent) {
        let Some((note, pane)) = self.note.as_mut() else { return };
        match event {
            WindowEvent::RedrawRequested => {
                pane.paint(look::PAPER, |ui| note.show(ui, &self.words)).unwrap_or_else(no_picture);
            }
            WindowEvent::MouseInput { state: ElementState::Pressed, .. } | WindowEvent::CloseRequested => {
                self.note = None
            }
            _ => {}
        }
    }

    /// Every window that is open.
    fn panes(&mut self) -> impl Iterator<Item = &mut Pane> {
        let prompt = self.prompt.iter_mut().map(|open| &mut open.pane);
        let banner = self.banner_pane.iter_mut().map(|open| &mut open.pane);
        let note = self.note.iter_mut().map(|(_, pane)| pane);
        prompt.chain(banner).chain(note).chain(self.code.iter_mut().map(|open| &mut open.pane))
    }

    /// A screen reader asks for something.
    fn on_reader(&mut self, event: &accesskit_winit::Event) {
        let Some(pane) = self.panes().find(|pane| pane.id() == event.window_id) else { return };
        let asked = pane.take_reader(&event.window_event);
        let of_prompt = self.prompt.as_ref().is_some_and(|open| open.pane.id() == event.window_id);
        if let (Asked::Focus, true, Some(question)) = (asked, of_prompt, self.questions.front_mut()) {
            question.focus_moved();
        }
    }

    /// What happens without input: questions time out, minutes pass, notes go.
    fn on_time(&mut self, event_loop: &ActiveEventLoop) {
        let now = Instant::now();
        let late: Vec<_> = self.questions.iter().filter(|q| q.deadline() <= now).map(Prompt::session).collect();
        for session in late {
            self.answer(event_loop, session, Answer::TimedOut);
        }
        if self.note.as_ref().is_some_and(|(note, _)| note.until() <= now) {
            self.note = None;
        }
        self.follow_hands();
        if self.patience.take_if(|patience| *patience <= now).is_some() {
            self.end_server();
        }
        if let Some(open) = &mut self.prompt {
            open.pane.repaint_if_due(now);
        }
        if let Some(open) = &mut self.banner_pane {
            open.drain(now);
            open.pane.repaint_if_due(now);
        }
        if let Some(open) = &mut self.code {
            open.pane.repaint_if_due(now);
        }
    }

    /// When something happens without input.
    fn next_time(&self) -> Option<Instant> {
        let deadlines = self.questions.iter().map(Prompt::deadline);
        let prompt = self.prompt.as_ref().and_then(|open| open.pane.repaint_at());
        let banner = self.banner_pane.as_ref();
        let banner = banner.and_then(|open| open.pane.repaint_at()).into_iter().chain(banner.map(BannerPane::drain_at));
        let note = self.note.iter().map(|(note, _)| note.until());
        let code = self.code.as_ref().and_then(|open| open.pane.repaint_at());
        let waits = self.input.rest().into_iter().chain(self.input.controls_until()).chain(self.patience);
        deadlines.chain(prompt).chain(banner).chain(note).chain(code).chain(waits).min()
    }
}

impl PromptPane {
    /// Whether an event may reach the question. Each press is looked at, so that none is counted for a later one.
    fn may_act(&mut self, question: &mut Prompt, event: &WindowEvent, now: Instant) -> bool {
        let pressed = match event {
            WindowEvent::MouseInput { state: ElementState::Pressed, .. } => Pressed::Button,
            WindowEvent::KeyboardInput { is_synthetic: true, .. } => return false,
            WindowEvent::KeyboardInput { event, .. } if event.repeat => return false,
            WindowEvent::KeyboardInput { event, .. } if event.state == ElementState::Pressed => Pressed::Key,
            _ => return true,
        };
        let genuine = self.presses.as_mut().is_none_or(|presses| presses.is_genuine(pressed, now));
        if !question.is_awake(now) {
            return false;
        }
        if !genuine {
            question.explain(Hint::NotFromHere);
            self.pane.repaint();
            return false;
        }
        if is_key(event, NamedKey::Tab) {
            question.tab();
        }
        let presses_focus = is_key(event, NamedKey::Enter) || is_key(event, NamedKey::Space);
        !presses_focus || question.keyboard_answers()
    }
}

impl ApplicationHandler<Wake> for App {
    fn resumed(&mut self, _event_loop: &ActiveEventLoop) {
        (self.say)(FromDesk::Ready);
    }

    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        if matches!(cause, StartCause::ResumeTimeReached { .. }) {
            self.on_time(event_loop);
        }
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, wake: Wake) {
        match wake {
            Wake::Server(message) => self.on_message(event_loop, message),
            Wake::ServerGone => self.on_server_gone(event_loop),
            Wake::Panic => self.act(event_loop, Action::Stop),
            Wake::Touched => self.follow_hands(),
            Wake::BannerLost => self.fail(event_loop, "it was taken off the screen".into()),
            Wake::Presence(presence) => {
                self.input.change(|gate| gate.set_presence(presence));
                (self.say)(FromDesk::Presence(presence));
            }
            Wake::CodeLost => self.close_code(),
            Wake::Reader(event) => self.on_reader(&event),
            Wake::PromptLost { session } => {
                if self.questions.front().is_some_and(|question| question.session() == session) {
                    self.answer(event_loop, session, Answer::Close);
                }
            }
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, window: WindowId, event: WindowEvent) {
        if let Some(pane) = self.panes().find(|pane| pane.id() == window) {
            pane.observe(&event);
        }
        if self.prompt.as_ref().is_some_and(|open| open.pane.id() == window) {
            self.on_prompt_event(event_loop, &event);
        } else if self.banner_pane.as_ref().is_some_and(|open| open.pane.id() == window) {
            self.on_banner_event(event_loop, &event);
        } else if self.note.as_ref().is_some_and(|(_, pane)| pane.id() == window) {
            self.on_note_event(&event);
        } else if self.code.as_ref().is_some_and(|open| open.pane.id() == window) {
            self.on_code_event(&event);
        }
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        if self.life == Life::Parting && self.note.is_none() {
            return event_loop.exit();
        }
        event_loop.set_control_flow(self.next_time().map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }
}

/// A window that can't be painted once may be painted the next time; a question that stays unseen times out.
fn no_picture<T>(error: PaneError) -> Option<T> {
    tracing::warn!(%error, "a window could not be painted");
    None
}

fn is_key(event: &WindowEvent, key: NamedKey) -> bool {
    matches!(event, WindowEvent::KeyboardInput { event, .. }
        if event.state == ElementState::Pressed && event.logical_key == Key::Named(key))
}

/// More points than any of the windows takes.
const ROOM: f32 = 2000.0;

/// The size that an interface of this width takes, in points.
fn natural_size(width: f32, scale: f32, mut interface: impl FnMut(&mut Ui)) -> Vec2 {
    let height = look::measure(vec2(width, ROOM), scale, |ui| {
        interface(ui);
        ui.min_rect().height()
    });
    vec2(width, height)
}
