//! The user's side: every officer's session, the pictures they see, and the one control token.

mod account;
mod asking;
mod confirmation;
mod contact;
mod controls;
mod extras;
mod follower;
mod hidden;
mod live;
mod lock;
mod log;
mod pause;
mod reach;
mod record;
mod refusals;
mod resume;
mod session;
mod step_up;
mod switch;
mod trust;
mod way_back;

use self::{
    contact::Contact,
    log::Log,
    pause::{Ending, Pauses},
    record::{Records, Stage},
    refusals::Refusals,
    session::{Session, State},
};
use super::{Ground, Injection, Keying, Load, Pace, Times, Transmit, Trust, admission};
use crate::{
    frame::{Change, Fidelity, Films, Quality, Rect, Region, Told},
    record::{Actor, Entry, HidingRules, Notary, Receipt},
    wire::{
        Channel, CursorShape, End, Fingerprint, FromHost, Hands, Message, PauseReason, Permission, Permissions,
        PolicyReason, Proof, Question, Refusal, Return, Who,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

pub use self::account::{Account, Kept, Used};
pub use self::contact::CodeEnd;
pub use self::record::RecordId;
pub use super::admission::{Asking, Enrolment, Officer, Rules};
pub use reach::Focus;
pub use way_back::{KeptReturn, Returning};

/// One officer's session on this host, never used again for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// One connection to this host, never used again for another. A session has the number of the connection over which it
/// began, and may have others later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Which picture: a display by its number, or `None` for the whole desktop.
pub type Display = Option<u16>;

/// The user's answer to a [`Question`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes, to this. No yes to an officer for whom nobody here vouches ([`Proof::Code`]).
    Grant(Choice),
    /// Yes to anybody, to this: the user has shown, by typing what was asked for, that they know that nobody here vouches
    /// for the officer.
    GrantStranger(Choice),
    /// No.
    Deny,
    /// No, and nothing more is to be heard of this officer, ever.
    Block,
    /// Nobody said anything, or the question could not be shown.
    Unanswered,
}

/// What the user grants. It narrows the question; what goes beyond that is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the officer may do.
    pub permissions: Permissions,
    /// For how long; `None` for as long as was asked.
    pub duration: Option<Duration>,
    /// The one display that is shown; `None` for what was asked for. Where the host shares one display, it stays that one.
    pub display: Display,
    /// What becomes of the officer after a restart of the computer.
    pub returns: Return,
}

impl From<Permissions> for Choice {
    /// These permissions, and all else as it was asked for; nothing for after a restart.
    fn from(permissions: Permissions) -> Self {
        Self { permissions, duration: None, display: None, returns: Return::AskAgain }
    }
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Ask the user, and bring the answer to [`Host::answer`].
    Ask(SessionId, Question),
    /// Keep on the disk that this key is blocked, before anything else: [`Host::set_blocked`] is told so the next time.
    Block(Fingerprint),
    /// Take the question back, if it is still open: the session is over.
    Withdraw(SessionId),
    /// A session has this connection from now on: what is meant for strangers does not hold for it any more.
    Attached {
        /// Which session.
        session: SessionId,
        /// Which connection.
        connection: ConnectionId,
        /// Whether the session is new.
        start: Start,
    },
    /// A session is on, or its permissions have changed, or it is paused or goes on: show it to the user.
    Live(SessionId, Notice),
    /// A session's connection is lost, and the officer may come back without a question: show it to the user.
    Suspended {
        /// Which.
        session: SessionId,
        /// Who may come back.
        officer: Who,
        /// Until when.
        until: Instant,
    },
    /// The code that was on offer ([`Host::offer_code`]) is worth nothing any more.
    CodeOver(CodeEnd),
    /// Somebody wanted to go on with a session that is not theirs or not here; nothing has come of it.
    NotResumed(ConnectionId),
    /// A connection belongs to no session any more: close it once what was sent has arrived.
    Disconnect(ConnectionId),
    /// A session is over; `was_live` tells whether the user had seen it on.
    Ended {
        /// Which.
        session: SessionId,
        /// Why.
        end: End,
        /// Whether it had been granted.
        was_live: bool,
        /// What became of it, if it had begun.
        account: Option<Account>,
    },
    /// Write this to the audit log, after all that was to be written before, and bring the news to [`Host::recorded`] once it
    /// is on the disk. Where it can't be written call [`Host::not_recorded`], and keep trying.
    Record(RecordId, Option<SessionId>, Entry),
    /// Keep this receipt, in the place of one of the same session that came before.
    Receipt(SessionId, Box<Receipt>),
    /// Do this about ways back after a restart of the computer.
    Returning(Returning),
    /// Do this on the user's machine.
    Inject(Injection),
    /// Start capturing this display; [`Host::picture_begins`] follows.
    Open(Display),
    /// Nobody sees this display any more.
    Close(Display),
    /// Do this for who sees a display.
    Task(Display, Task),
}

/// What is to be done with a display that is captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Capture as soon as something of that kind has changed, once; [`Host::update`] follows. Another kind replaces the one before.
    Capture(Pace),
    /// Begin a new generation of symbols with the next update ([`Encoder::forget`](crate::frame::Encoder::forget)).
    Forget,
    /// From now on films may be sent, or not: who sees the display can read them all, or not
    /// ([`Encoder::set_films`](crate::frame::Encoder::set_films)); at first not.
    Films(Films),
    /// From now on photos and films are to be that good ([`Encoder::set_quality`](crate::frame::Encoder::set_quality)); at first as
    /// good as can be.
    Quality(Quality),
    /// Look at the screen when an update is wanted next, changed or not: an officer types, and the keyboard was in a hidden window
    /// when the last picture was made.
    Look,
    /// Code a region for one officer, as long as the picture is of that epoch; [`Host::repaint`] follows.
    Repaint {
        /// The picture's epoch. If another has begun since, this is no longer wanted.
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
    /// How many bytes of them are photos and films, which are not exact.
    pub rough: u64,
    /// How long it took to make.
    pub times: Times,
}

/// How a session comes to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It begins.
    New,
    /// It goes on after it was lost, or in the place of one that seems to live.
    Resumed,
}

/// What the user is shown while a session is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who is there.
    pub officer: Who,
    /// What the officer may do.
    pub permissions: Permissions,
    /// What has a switch ([`Host::switch`]): what was granted and is not withdrawn since, and what was added.
    pub ceiling: Permissions,
    /// Why nothing is shown or done at present, if that is so.
    pub paused: Option<PauseReason>,
    /// When it ends.
    pub until: Instant,
    /// What it rests on.
    pub ground: Ground,
    /// What of the permissions ends earlier, if any does.
    pub extra: Option<Extra>,
}

/// What the user has added to a session for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// All of it.
    pub permissions: Permissions,
    /// When it ends, or the first of it.
    pub until: Instant,
}

/// The user's side of all sessions; see the module above for how it is driven.
#[derive(Debug)]
pub struct Host {
    rules: Rules,
    sessions: BTreeMap<SessionId, Session>,
    /// What each connection is for.
    connections: BTreeMap<ConnectionId, SessionId>,
    logs: BTreeMap<Display, Log>,
    contact: Contact,
    refusals: Refusals,
    blocked: BTreeSet<Fingerprint>,
    control: Option<SessionId>,
    /// What holds for all sessions, and for those that begin.
    pauses: Pauses,
    /// The last line that ends pauses.
    ending: Ending,
    /// By how many rules anything is hidden from officers.
    hiding: HidingRules,
    /// Since when the user's screen is locked, if it is.
    locked: Option<Instant>,
    /// Whose hands are on keyboard and pointer, questions aside.
    hands: Hands,
    /// Whose hands who has control was told of.
    hands_told: Hands,
    records: Records,
    /// Who may vouch for officers, and since when that is known.
    trust: Trust,
    trusted: Option<Instant>,
    next_id: u64,
    transmits: VecDeque<(ConnectionId, Transmit)>,
    events: VecDeque<Event>,
}

impl Host {
    /// A host without sessions, in whose name `notary` signs.
    pub fn new(rules: Rules, notary: Arc<dyn Notary>) -> Self {
        Self {
            rules,
            sessions: BTreeMap::new(),
            connections: BTreeMap::new(),
            logs: BTreeMap::new(),
            contact: Contact::default(),
            refusals: Refusals::default(),
            blocked: BTreeSet::new(),
            control: None,
            pauses: Pauses::default(),
            ending: Ending::default(),
            hiding: HidingRules::default(),
            locked: None,
            hands: Hands::Officer,
            hands_told: Hands::Officer,
            records: Records::new(notary),
            trust: Trust::none(),
            trusted: None,
            next_id: 1,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// An officer has connected and proven a key.
    pub fn connect(&mut self, now: Instant, mut officer: Officer, keying: Keying) -> ConnectionId {
        officer.enrolment = officer.enrolment.map(|enrolment| self.rules.policy.narrow(enrolment));
        let (connection, session) = (ConnectionId(self.next_id), SessionId(self.next_id));
        self.next_id += 1;
        self.records.note_time(now);
        self.sessions.insert(session, Session::new(now, officer, keying));
        self.connections.insert(connection, session);
        connection
    }

    /// A whole message has arrived. One that may not come now ends the session.
    pub fn handle_message(&mut self, now: Instant, connection: ConnectionId, channel: Channel, bytes: &[u8]) {
        let Some(id) = self.session(connection) else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return self.hear_farewell(id, channel, bytes) };
        session.heard = now;
        let result = match (channel, &session.state) {
            (Channel::Control, _) => self.handle_control(now, id, bytes),
            (Channel::Input, State::Live(_)) => self.handle_stroke(id, bytes),
            (Channel::Pointer, State::Live(_)) => self.handle_pointer(id, bytes),
            (Channel::Input | Channel::Pointer | Channel::Cursor | Channel::Frame, _) => Err(End::Misbehaved),
        };
        if let Err(end) = result {
            self.give_up(now, id, end);
        }
    }

    /// A connection is over: lost, or because the officer broke the rules. A live session whose connection was lost waits
    /// for [`GRACE`](super::GRACE) for the officer to come back; any other one ends.
    pub fn disconnected(&mut self, now: Instant, connection: ConnectionId, end: End) {
        let Some(id) = self.session(connection) else { return };
        match self.sessions.get(&id).map(|session| &session.state) {
            Some(State::Live(_)) if end == End::LinkLost => self.suspend(now, id),
            Some(_) => self.give_up(now, id, end),
            None => self.part(id),
        }
    }

    /// The user's answer to [`Event::Ask`]. Ignored when the question has been withdrawn.
    pub fn answer(&mut self, now: Instant, id: SessionId, answer: Answer) {
        let Some(State::AwaitConsent(waiting)) = self.sessions.get(&id).map(|session| &session.state) else {
            return self.answer_open(now, id, answer);
        };
        let granted = match (answer, &waiting.question.proof) {
            (Answer::Grant(choice), Proof::Enrolled | Proof::Organisation { .. })
            | (Answer::GrantStranger(choice), _) => choice,
            // A yes to a stranger that is not confirmed is none.
            (Answer::Grant(_), Proof::Code) | (Answer::Deny, _) => return self.give_up(now, id, End::Denied),
            (Answer::Block, _) => return self.block(id),
            (Answer::Unanswered, _) => return self.give_up(now, id, End::Unanswered),
        };
        match admission::answer(&waiting.question, &granted) {
            Some(grant) => {
                let key = waiting.question.key;
                self.refusals.forgive(&key);
                let display = self.rules.display.or(granted.display).or(waiting.display);
                self.forget_old_pause();
                self.record_grant(now, id, grant, display);
            }
            None => self.give_up(now, id, End::Denied),
        }
        self.follow_hands();
    }

    /// Takes permissions away from a session for good: what is not in `permissions` is gone at once. Without `view` it ends.
    pub fn narrow(&mut self, now: Instant, id: SessionId, permissions: Permissions) {
        self.limit(now, id, permissions, None);
    }

    /// Narrows a granted session to `permissions`, and lets it last to `until` at most.
    fn limit(&mut self, now: Instant, id: SessionId, permissions: Permissions, until: Option<Instant>) {
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        let before = *granted;
        granted.ceiling = before.ceiling.both(permissions);
        granted.most = before.most.both(permissions);
        granted.extras.keep(permissions);
        granted.until = until.map_or(before.until, |until| until.min(before.until));
        granted.grant.permissions = before.grant.permissions.both(permissions);
        if *granted == before {
            return;
        }
        let kept = granted.grant.permissions;
        if !kept.has(Permission::View) {
            return self.end(id, End::Policy(PolicyReason::NotPermitted));
        }
        self.withdraw_more(id, End::Policy(PolicyReason::NotPermitted), Refusal::Changed);
        if !kept.has(Permission::Control) {
            self.release_control(id);
        }
        if kept != before.grant.permissions {
            self.record_permissions(id, kept);
        }
        self.announce(now, id);
    }

    /// Ends a session for a reason of the host's own: the user's Stop, a removed enrolment, …
    pub fn end(&mut self, id: SessionId, end: End) {
        self.release_control(id);
        self.note_hidden(id);
        let account = self.account(id);
        let Some(session) = self.sessions.remove(&id) else { return };
        self.close_return(&session, end);
        let Session { state, ledger, tally, open, .. } = session;
        if open.is_some() {
            self.events.push_back(Event::Withdraw(id));
            self.note_refusal(id, end, Actor::Policy);
        }
        let (stage, was_live) = match state {
            State::Hello(_) => (Stage::Early, false),
            State::AwaitConsent(_) => {
                self.events.push_back(Event::Withdraw(id));
                (Stage::Asked, false)
            }
            // The user has said yes, so they are told that nothing comes of it.
            State::Recording(pending) => (Stage::Granted, pending.is_new()),
            State::Live(live) => {
                self.leave_log(id, live.granted.display);
                (Stage::Granted, true)
            }
            State::Suspended(_) => (Stage::Granted, true),
        };
        self.follow_hands();
        self.events.push_back(Event::Ended { session: id, end, was_live, account });
        self.close_record(id, end, stage, ledger, tally);
        self.forget_spent_code();
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

    /// The region that [`Task::Repaint`] asked for has been coded.
    pub fn repaint(&mut self, now: Instant, display: Display, epoch: u32, id: SessionId, streams: &[Arc<[u8]>]) {
        let Some(log) = self.logs.get_mut(&display).filter(|log| log.epoch() == epoch) else { return };
        if let Some((number, parts)) = log.repaint(now, id, streams.len(), Load::of(streams)) {
            self.send(id, &FromHost::Repaints { epoch, number, parts });
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
    pub fn poll_transmit(&mut self) -> Option<(ConnectionId, Transmit)> {
        self.transmits.pop_front()
    }

    /// The next thing to do.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When [`Host::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let asking = self.is_asking();
        let next = |session: &Session| {
            let hidden = session.concealed.due(self.records.latest());
            session.next_timeout().into_iter().chain(self.confirmation_timeout(session, asking)).chain(hidden).min()
        };
        let sessions = self.sessions.values().filter_map(next);
        sessions.chain(self.code_until()).chain(self.lock_until()).chain(self.records.next_timeout()).min()
    }

    /// The sessions and whose they are: for each the driver brings news of its records to [`Host::enrolled`].
    pub fn officers(&self) -> impl Iterator<Item = (SessionId, &Officer)> {
        self.sessions.iter().map(|(&id, session)| (id, &session.officer))
    }

    /// What a connection is for.
    pub fn session(&self, connection: ConnectionId) -> Option<SessionId> {
        self.connections.get(&connection).copied()
    }

    /// The connection that a session has; one that waits for its officer has none.
    fn connection(&self, id: SessionId) -> Option<ConnectionId> {
        self.connections.iter().find(|(_, session)| **session == id).map(|(&connection, _)| connection)
    }

    fn send(&mut self, id: SessionId, message: &FromHost) {
        self.transmit(id, Channel::Control, message.encode().into());
    }

    fn transmit(&mut self, id: SessionId, channel: Channel, bytes: Arc<[u8]>) {
        let Some(connection) = self.connection(id) else { return };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.tally.bytes += bytes.len() as u64;
        }
        self.transmits.push_back((connection, Transmit { channel, bytes }));
    }
}
