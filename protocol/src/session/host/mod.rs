//! The user's side: every officer's session, the pictures they see, and the one control token.

mod controls;
mod live;
mod log;
mod session;

use self::{
    log::Log,
    session::{Session, State},
};
use super::{Injection, Load, Pace, Times, Transmit, admission};
use crate::{
    frame::{Change, Fidelity, Films, Rect, Region, Told},
    wire::{Channel, CursorShape, End, FromHost, Message, Permission, Permissions, PolicyReason, Question},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

pub use super::admission::{Asking, Enrolment, Officer, Rules};

/// One officer's session on this host, never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// Which picture: a display by its number, or `None` for the whole desktop.
pub type Display = Option<u16>;

/// The user's answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes, to these; what was not asked for is ignored.
    Grant(Permissions),
    /// No.
    Deny,
    /// Nobody said anything, or the question could not be shown.
    Unanswered,
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Ask the user, and bring the answer to [`Host::answer`].
    Ask(SessionId, Question),
    /// Take the question back, if it is still open: the session is over.
    Withdraw(SessionId),
    /// A session is on, or its permissions have changed: show it to the user.
    Live(SessionId, Notice),
    /// A session is over; `was_live` tells whether the user had seen it on.
    Ended {
        /// Which.
        session: SessionId,
        /// Why.
        end: End,
        /// Whether it had been granted.
        was_live: bool,
    },
    /// Do this on the user's machine.
    Inject(Injection),
    /// Start capturing this display; [`Host::picture_begins`] follows.
    Open(Display),
    /// Nobody sees this display any more.
    Close(Display),
    /// Capture as soon as something of that kind has changed, once; [`Host::update`] follows. Another kind replaces the one before.
    Capture(Display, Pace),
    /// Begin a new generation of symbols with the next update ([`Encoder::forget`](crate::frame::Encoder::forget)).
    Forget(Display),
    /// From now on films may be sent, or not: who sees the display can read them all, or not
    /// ([`Encoder::set_films`](crate::frame::Encoder::set_films)); at first not.
    Films(Display, Films),
    /// Code a region for one officer, as long as the picture is of that epoch; [`Host::repaint`] follows.
    Repaint {
        /// Which picture.
        display: Display,
        /// Its epoch. If another has begun since, this is no longer wanted.
        epoch: u32,
        /// For whom.
        session: SessionId,
        /// What of it.
        region: Region,
        /// How its photos are to be coded.
        fidelity: Fidelity,
    },
}

/// An update as it was coded.
#[derive(Clone, Debug)]
pub struct Coded {
    /// Its number.
    pub number: u64,
    /// What it does.
    pub change: Change,
    /// What it says of symbols.
    pub told: Told,
    /// The bytes of its frame streams ([`FramePart::encode`](crate::wire::FramePart::encode)).
    pub streams: Vec<Arc<[u8]>>,
    /// How long it took to make.
    pub times: Times,
}

/// What the user is shown while a session is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The officer's enrolled name.
    pub officer: String,
    /// What the officer may do.
    pub permissions: Permissions,
    /// When it ends.
    pub until: Instant,
    /// Whether the officer came in by a standing grant.
    pub standing: bool,
}

/// The user's side of all sessions; see the module above for how it is driven.
#[derive(Debug)]
pub struct Host {
    rules: Rules,
    sessions: BTreeMap<SessionId, Session>,
    logs: BTreeMap<Display, Log>,
    control: Option<SessionId>,
    next_id: u64,
    transmits: VecDeque<(SessionId, Transmit)>,
    events: VecDeque<Event>,
}

impl Host {
    /// A host without sessions.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            sessions: BTreeMap::new(),
            logs: BTreeMap::new(),
            control: None,
            next_id: 1,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// An officer has connected and proven a key.
    pub fn connect(&mut self, now: Instant, officer: Officer) -> SessionId {
        let id = SessionId(self.next_id);
        self.next_id += 1;
        self.sessions.insert(id, Session::new(now, officer));
        id
    }

    /// A whole message has arrived. One that may not come now ends the session.
    pub fn handle_message(&mut self, now: Instant, id: SessionId, channel: Channel, bytes: &[u8]) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.heard = now;
        let result = match (channel, &session.state) {
            (Channel::Control, _) => self.handle_control(now, id, bytes),
            (Channel::Input, State::Live(_)) => self.handle_stroke(id, bytes),
            (Channel::Pointer, State::Live(_)) => self.handle_pointer(id, bytes),
            (Channel::Input | Channel::Pointer | Channel::Cursor | Channel::Frame, _) => Err(End::Misbehaved),
        };
        if let Err(end) = result {
            self.end(id, end);
        }
    }

    /// The user's answer to [`Event::Ask`]. Ignored when the question has been withdrawn.
    pub fn answer(&mut self, now: Instant, id: SessionId, answer: Answer) {
        let Some(State::AwaitConsent(waiting)) = self.sessions.get(&id).map(|session| &session.state) else { return };
        match answer {
            Answer::Grant(permissions) => match admission::answer(&waiting.question, permissions) {
                Some(grant) => self.go_live(now, id, grant, waiting.display),
                None => self.end(id, End::Denied),
            },
            Answer::Deny => self.end(id, End::Denied),
            Answer::Unanswered => self.end(id, End::Unanswered),
        }
    }

    /// Takes permissions away from a session: what is not in `permissions` is gone at once. Without `view` it ends.
    pub fn narrow(&mut self, now: Instant, id: SessionId, permissions: Permissions) {
        self.limit(now, id, permissions, None);
    }

    /// Narrows a live session to `permissions`, and lets it last to `until` at most.
    fn limit(&mut self, now: Instant, id: SessionId, permissions: Permissions, until: Option<Instant>) {
        let Some(live) = self.sessions.get_mut(&id).and_then(Session::live_mut) else { return };
        let kept = live.grant.permissions.both(permissions);
        let until = until.map_or(live.until, |until| until.min(live.until));
        if (kept, until) == (live.grant.permissions, live.until) {
            return;
        }
        (live.grant.permissions, live.until) = (kept, until);
        if !kept.has(Permission::View) {
            return self.end(id, End::Policy(PolicyReason::NotPermitted));
        }
        if !kept.has(Permission::Control) {
            self.release_control(id);
        }
        self.announce(now, id);
    }

    /// Ends a session for a reason of the host's own: the user's Stop, a lost connection, a removed enrolment, …
    pub fn end(&mut self, id: SessionId, end: End) {
        self.release_control(id);
        let Some(session) = self.sessions.remove(&id) else { return };
        if !matches!(end, End::OfficerLeft | End::LinkLost) {
            self.send(id, &FromHost::Bye(end));
        }
        let was_live = match session.state {
            State::Hello => false,
            State::AwaitConsent(_) => {
                self.events.push_back(Event::Withdraw(id));
                false
            }
            State::Live(live) => {
                self.leave_log(id, live.display);
                true
            }
        };
        self.events.push_back(Event::Ended { session: id, end, was_live });
    }

    /// Ends all sessions.
    pub fn end_all(&mut self, end: End) {
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.end(id, end);
        }
    }

    /// Capture of a display has begun, or begun anew (`epoch` grows): the picture as after update `number`, at this
    /// place of the desktop.
    pub fn picture_begins(&mut self, display: Display, epoch: u32, area: Rect, number: u64) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        log.begin(epoch, area, number);
        for id in log.followers() {
            self.show_picture(display, id);
        }
        self.serve(display);
    }

    /// A display can't be captured (any more): the sessions that see it end.
    pub fn picture_lost(&mut self, display: Display) {
        let followers = self.logs.get(&display).map(Log::followers).unwrap_or_default();
        for id in followers {
            self.end(id, End::CaptureLost);
        }
    }

    /// The next update of a picture has been coded.
    pub fn update(&mut self, now: Instant, display: Display, epoch: u32, update: &Coded) {
        let Some(log) = self.logs.get_mut(&display).filter(|log| log.epoch() == epoch) else { return };
        for id in log.update(now, update) {
            self.send_frames(id, &update.streams);
        }
        self.serve(display);
    }

    /// The region that [`Event::Repaint`] asked for has been coded.
    pub fn repaint(&mut self, now: Instant, display: Display, epoch: u32, id: SessionId, streams: &[Arc<[u8]>]) {
        let Some(log) = self.logs.get_mut(&display).filter(|log| log.epoch() == epoch) else { return };
        if log.repaint(now, id, streams.len(), Load::of(streams)) {
            self.send_frames(id, streams);
        }
        self.serve(display);
    }

    /// The host's cursor has another shape.
    pub fn cursor(&mut self, display: Display, shape: &CursorShape) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        log.set_cursor(shape.encode().into());
        self.serve(display);
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<(SessionId, Transmit)> {
        self.transmits.pop_front()
    }

    /// The next thing to do.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Host::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.sessions.values().map(Session::next_timeout).min()
    }

    /// The sessions and whose they are: for each the driver brings news of its records to [`Host::enrolled`].
    pub fn officers(&self) -> impl Iterator<Item = (SessionId, &Officer)> {
        self.sessions.iter().map(|(&id, session)| (id, &session.officer))
    }

    fn send(&mut self, id: SessionId, message: &FromHost) {
        self.transmits.push_back((id, Transmit { channel: Channel::Control, bytes: message.encode().into() }));
    }
}
