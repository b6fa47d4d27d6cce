//! The officer's side: asking, watching, and sending what the officer does.

mod contact;
mod heard;
mod papers;
mod step_up;

use self::contact::Introducing;
use super::{Figures, GRACE, Held, Keying, Load, Meter, Step, Transmit, timing::micros};
use crate::{
    frame::{Films, FramebufferView, Picture, Point, Rect, Size, Taken},
    record::{Happened, Receipt},
    wire::{
        Action, Channel, CursorShape, End, FramePart, FromOfficer, Hands, Holder, Message, PauseReason, Permission,
        Permissions, PointerMove, Refusal, Request, Return, Stroke, VERSIONS,
    },
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub use self::papers::{Papers, Tally};

use self::papers::Desk;

/// How long the host may be silent before its picture is called frozen. It gives a sign of life each second.
pub const FROZEN: Duration = Duration::from_millis(2500);

/// How long pictures may pause that have just come, and the host be silent that gives a sign of life each second, before the
/// officer's side gives one.
const PAUSE: Duration = Duration::from_millis(300);
const SILENCE: Duration = Duration::from_millis(1250);

/// How often it does so then.
const NUDGE: Duration = Duration::from_millis(500);

/// The most bytes of parts that are kept while the picture that they belong to has not been announced yet.
const EARLY_BYTES: usize = 2 * FramePart::MAX_BYTES;

/// What such a part costs besides its bytes.
const EARLY_OVERHEAD: usize = 64;

/// What has happened, for the window and the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The host has answered; this is what it calls itself.
    Welcome {
        /// Its own name for itself.
        name: String,
    },
    /// The user is being asked, and has until then to answer.
    Asking {
        /// When saying nothing becomes no.
        until: Instant,
    },
    /// The session is on, or its permissions have changed, or other hands are at work.
    Granted {
        /// What may be done.
        permissions: Permissions,
        /// When it ends.
        until: Instant,
        /// Whose hands are on the user's keyboard and pointer: while they are the user's own, what the officer does is
        /// dropped.
        hands: Hands,
    },
    /// The session is paused: nothing is shown or done, and the last picture is not live. [`Event::Granted`] follows when
    /// it goes on.
    Paused {
        /// Why.
        reason: PauseReason,
        /// When it ends all the same.
        until: Instant,
    },
    /// A new picture begins; it is black.
    Begins(Size),
    /// The shown picture has changed here.
    Changed(Vec<Rect>),
    /// The host's cursor has this shape.
    Cursor(CursorShape),
    /// The host has been silent since then: the picture is not live.
    Frozen {
        /// When the host was last heard.
        since: Instant,
    },
    /// The connection is lost, or another has taken its place: the picture is not live. The session goes on
    /// ([`Event::Granted`]) if the host is reached again in time.
    Lost {
        /// When the host was last heard: how old the picture is.
        since: Instant,
        /// When it is not worth trying any longer.
        until: Instant,
    },
    /// The session is over because the user's computer is restarted, as it seems, and the user has allowed the officer to come
    /// back: the host is asked as soon as it is reached again ([`Viewer::reconnected`]).
    Cut {
        /// How it ended.
        end: End,
        /// When the host was last heard: how old the picture is.
        since: Instant,
        /// When it is not worth trying any longer.
        until: Instant,
    },
    /// The host is heard again; what was granted still holds. During a pause [`Event::Paused`] says so.
    Thawed {
        /// What may be done.
        permissions: Permissions,
        /// When it ends.
        until: Instant,
        /// Whose hands are on the user's keyboard and pointer: while they are the user's own, what the officer does is
        /// dropped.
        hands: Hands,
    },
    /// The user is being asked for more ([`Viewer::ask_more`]).
    MoreAsked {
        /// When saying nothing becomes no.
        until: Instant,
    },
    /// The user has said yes to that; [`Event::Granted`] came before.
    MoreGranted {
        /// To these.
        permissions: Permissions,
        /// When they end.
        until: Instant,
    },
    /// Nothing has come of it.
    MoreRefused(Refusal),
    /// Who has control from now on; at first, and over each connection, nobody.
    Control(Holder),
    /// Keep this receipt, in the place of one of the same session that came before.
    Receipt(Box<Receipt>),
    /// The session is over.
    Ended(End),
}

/// Where a session stands.
#[derive(Debug)]
enum State {
    /// Has a code, which each side has to prove to the other before anything is asked.
    Introducing(Introducing),
    /// Asked; no grant yet.
    Waiting,
    /// On.
    Live { ticket: Ticket, permissions: Permissions, until: Instant, activity: Activity, hands: Hands },
    /// On, as far as is known, but without a connection.
    Lost(Absence),
    /// Connected anew; the host has not said yet whether the session goes on.
    Resuming(Absence),
    /// The officer has left; the host may still sign what became of the session.
    Leaving { until: Instant },
    /// Over.
    Ended,
}

/// Whether a session that is on shows anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Active,
    Paused(PauseReason),
    /// It goes on, and the new picture has not begun: the one from before the pause is not live.
    Continuing,
}

/// What a session can be resumed with.
#[derive(Debug)]
struct Ticket {
    session: u64,
    /// Of the connection over which the session began.
    keying: Keying,
    /// What the user allows for after a restart.
    returns: Return,
}

/// What is kept of a session whose connection is gone.
#[derive(Debug)]
struct Absence {
    ticket: Ticket,
    /// What was shown last.
    last: Option<Picture>,
    /// When the host was last heard.
    since: Instant,
    /// When it is not worth trying any longer.
    until: Instant,
}

/// A picture that the host has begun.
#[derive(Debug)]
struct View {
    epoch: u32,
    picture: Picture,
}

/// The officer's side of one session, over all its connections.
#[derive(Debug)]
pub struct Viewer {
    request: Request,
    desk: Desk,
    /// Of the present connection.
    keying: Keying,
    state: State,
    view: Option<View>,
    /// Parts of a picture that has not been announced yet: streams may overtake the control stream.
    early: VecDeque<Vec<u8>>,
    early_bytes: usize,
    received: Load,
    ack_due: bool,
    /// What decoding and presenting took last.
    decode: Duration,
    present: Duration,
    meter: Meter,
    /// What making pictures took on the host.
    made: Duration,
    sequence: u32,
    /// What the officer holds down.
    held: Held,
    heard: Instant,
    /// When the host is told that somebody is there, unless it is heard before.
    nudge: Option<Instant>,
    /// Whether the host has been silent for too long.
    frozen: bool,
    transmits: VecDeque<Transmit>,
    events: VecDeque<Event>,
}

impl Viewer {
    /// Asks for a session over a new connection.
    pub fn new(now: Instant, request: Request, keying: Keying, papers: Papers) -> Self {
        let mut viewer = Self::meet(now, request, keying, State::Waiting, papers);
        viewer.ask();
        viewer
    }

    /// Says hello over a new connection.
    fn meet(now: Instant, request: Request, keying: Keying, state: State, papers: Papers) -> Self {
        let mut viewer = Self {
            request,
            desk: Desk::new(now, papers),
            keying,
            state,
            view: None,
            early: VecDeque::new(),
            early_bytes: 0,
            received: Load::default(),
            ack_due: false,
            decode: Duration::ZERO,
            present: Duration::ZERO,
            meter: Meter::default(),
            made: Duration::ZERO,
            sequence: 0,
            held: Held::new(),
            heard: now,
            nudge: None,
            frozen: false,
            transmits: VecDeque::new(),
            events: VecDeque::new(),
        };
        viewer.greet();
        viewer
    }

    /// There is a new connection, the one before being lost or given up: goes on with the session over it, or asks again
    /// where nothing was granted yet.
    pub fn reconnected(&mut self, now: Instant, keying: Keying) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => return,
            // A code is for one connection.
            State::Introducing(_) => return self.end(End::LinkLost),
            State::Leaving { .. } => return self.end(End::OfficerLeft),
            State::Waiting => State::Waiting,
            State::Live { ticket, .. } => {
                self.note_fact(Happened::Suspended);
                let absence = self.absence(now, ticket);
                self.events.push_back(Event::Lost { since: absence.since, until: absence.until });
                State::Resuming(absence)
            }
            State::Lost(absence) | State::Resuming(absence) => State::Resuming(absence),
        };
        self.drop_connection();
        (self.keying, self.heard) = (keying, now);
        self.greet();
        match &self.state {
            State::Resuming(Absence { ticket: Ticket { session, keying, .. }, .. }) => {
                let proof = keying.proof(*session, &self.keying);
                self.send(&FromOfficer::Resume { session: *session, proof });
            }
            _ => self.ask(),
        }
    }

    /// A whole message has arrived. One that makes no sense ends the session.
    pub fn handle_message(&mut self, now: Instant, channel: Channel, bytes: &[u8]) {
        if matches!(self.state, State::Lost(_) | State::Ended) {
            return;
        }
        self.heard = now;
        self.nudge = Some(now + if channel == Channel::Frame { PAUSE } else { SILENCE });
        if let (true, &State::Live { permissions, until, activity, hands, .. }) =
            (std::mem::take(&mut self.frozen), &self.state)
        {
            match activity {
                Activity::Active => self.events.push_back(Event::Thawed { permissions, until, hands }),
                Activity::Paused(reason) => self.events.push_back(Event::Paused { reason, until }),
                Activity::Continuing => {}
            }
        }
        let result = match channel {
            _ if matches!(self.state, State::Leaving { .. }) => self.hear_farewell(channel, bytes),
            Channel::Control => self.handle_control(now, bytes),
            Channel::Cursor => self.handle_cursor(bytes),
            Channel::Frame => self.handle_part(bytes),
            Channel::Input | Channel::Pointer => Err(End::Misbehaved),
        };
        if let Err(end) = result {
            self.end(end);
        }
    }

    /// Notices a silent host, and gives a sign of life itself: it may be that the host sends to where this side was before its
    /// network changed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.nudge.is_some_and(|at| now >= at) {
            self.nudge = self.is_on().then_some(now + NUDGE);
            if self.nudge.is_some() {
                self.send(&FromOfficer::Pong);
            }
        }
        if matches!(self.state, State::Leaving { until } if now >= until) {
            return self.end(End::OfficerLeft);
        }
        if self.can_freeze() && now >= self.heard + FROZEN {
            self.frozen = true;
            if matches!(self.state, State::Live { .. }) {
                self.events.push_back(Event::Frozen { since: self.heard });
            }
        }
    }

    /// Something the officer does; nothing is sent without the control permission.
    pub fn act(&mut self, at: Option<Point>, action: Action) {
        if !self.may_control() {
            return;
        }
        self.held.note(&action);
        self.desk.tally.strokes += 1;
        let stroke = Stroke { sequence: self.next_sequence(), at, action };
        self.transmits.push_back(Transmit { channel: Channel::Input, bytes: stroke.encode().into() });
    }

    /// The officer's pointer has moved; nothing is sent without the control permission.
    pub fn point(&mut self, at: Point) {
        if !self.may_control() {
            return;
        }
        self.desk.tally.moves += 1;
        let moved = PointerMove { sequence: self.next_sequence(), at };
        self.transmits.push_back(Transmit { channel: Channel::Pointer, bytes: moved.encode().into() });
    }

    /// The driver has measured how long decoding or presenting took.
    pub fn note(&mut self, step: Step, took: Duration) {
        self.meter.note(step, took);
        match step {
            Step::Decode => self.decode = took,
            Step::Present => self.present = took,
            _ => {}
        }
    }

    /// What has arrived since the last call, and how long it took; `None` if that is nothing.
    pub fn figures(&mut self) -> Option<Figures> {
        self.meter.take()
    }

    /// How long pictures take on the host, from the change of the screen to the line; zero as long as that is not known.
    pub const fn made(&self) -> Duration {
        self.made
    }

    /// The officer leaves. Where a session was on, the host has a moment to sign what became of it before it is over.
    pub fn leave(&mut self) {
        match &self.state {
            State::Ended | State::Leaving { .. } => {}
            State::Live { .. } if self.has_opening() => {
                self.send(&FromOfficer::Bye);
                self.held = Held::new();
                self.state = State::Leaving { until: self.farewell() };
            }
            _ => {
                self.send(&FromOfficer::Bye);
                self.end(End::OfficerLeft);
            }
        }
    }

    /// The connection is over: lost, or closed because the host broke its rules. A session that was on and whose
    /// connection was lost can go on over another one ([`Viewer::reconnected`]); any other one ends.
    pub fn disconnected(&mut self, now: Instant, end: End) {
        let absence = match (std::mem::replace(&mut self.state, State::Ended), end) {
            (State::Ended, _) => return,
            (State::Leaving { .. }, _) => return self.end(End::OfficerLeft),
            (State::Live { ticket, .. }, End::LinkLost) => {
                self.note_fact(Happened::Suspended);
                self.absence(now, ticket)
            }
            (State::Lost(absence) | State::Resuming(absence), End::LinkLost) => absence,
            _ => return self.end(end),
        };
        self.drop_connection();
        self.events.push_back(Event::Lost { since: absence.since, until: absence.until });
        self.state = State::Lost(absence);
    }

    /// Until when the session waits for [`Viewer::reconnected`], if it does.
    pub const fn lost_until(&self) -> Option<Instant> {
        match &self.state {
            State::Lost(absence) => Some(absence.until),
            _ => None,
        }
    }

    /// What the officer may do now: nothing during a pause.
    pub const fn permissions(&self) -> Permissions {
        match self.state {
            State::Live { permissions, activity: Activity::Active, .. } => permissions,
            State::Live { .. }
            | State::Introducing(_)
            | State::Waiting
            | State::Lost(_)
            | State::Resuming(_)
            | State::Leaving { .. }
            | State::Ended => Permissions::NONE,
        }
    }

    /// The picture to show, once the host has begun one: the last one while the connection is lost.
    pub fn shown(&self) -> Option<FramebufferView<'_>> {
        match &self.state {
            State::Lost(absence) | State::Resuming(absence) => absence.last.as_ref().map(Picture::shown),
            State::Introducing(_) | State::Waiting | State::Live { .. } | State::Leaving { .. } | State::Ended => {
                self.view.as_ref().map(|view| view.picture.shown())
            }
        }
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        if std::mem::take(&mut self.ack_due) {
            let (epoch, number, taken) = self
                .view
                .as_ref()
                .map_or_else(Default::default, |view| (view.epoch, view.picture.number(), view.picture.taken()));
            let Taken { repaints, late } = taken;
            let Load { all: bytes, small } = self.received;
            let (decode, present) = (micros(self.decode), micros(self.present));
            self.send(&FromOfficer::Ack { bytes, small, epoch, number, repaints, late, decode, present });
        }
        let transmit = self.transmits.pop_front();
        self.desk.tally.bytes += transmit.as_ref().map_or(0, |transmit| transmit.bytes.len() as u64);
        transmit
    }

    /// The next thing that has happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether the host has been silent for too long to rely on the connection.
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// When [`Viewer::handle_timeout`] is to be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let freezes = self.can_freeze().then(|| self.heard + FROZEN);
        let leaves = if let State::Leaving { until } = self.state { Some(until) } else { None };
        self.nudge.into_iter().chain(freezes).chain(leaves).min()
    }

    const fn is_on(&self) -> bool {
        matches!(self.state, State::Live { .. } | State::Resuming(_))
    }

    const fn can_freeze(&self) -> bool {
        self.is_on() && !self.frozen
    }

    const fn may_control(&self) -> bool {
        self.permissions().has(Permission::Control)
    }

    const fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    fn greet(&mut self) {
        self.send(&FromOfficer::Hello { lowest: *VERSIONS.start(), highest: *VERSIONS.end(), films: Films::BUILD });
    }

    /// Leaves a live session as it is, for the time without a connection.
    fn absence(&mut self, now: Instant, ticket: Ticket) -> Absence {
        let last = self.view.take().map(|view| view.picture);
        let patience = match ticket.returns {
            Return::AskAgain => GRACE,
            Return::Once => Return::WITHIN,
        };
        Absence { ticket, last, since: self.heard, until: now + patience }
    }

    /// Whether an end like that is one after which the officer comes back.
    fn may_return(&self, end: End) -> bool {
        end.is_cut() && matches!(&self.state, State::Live { ticket, .. } if ticket.returns == Return::Once)
    }

    /// The session is over, and the officer comes back once the host is there again.
    fn cut(&mut self, now: Instant, end: End) {
        let State::Live { ticket, .. } = std::mem::replace(&mut self.state, State::Ended) else { return };
        self.close_receipt(end);
        let absence = self.absence(now, ticket);
        self.events.push_back(Event::Cut { end, since: absence.since, until: absence.until });
        self.state = State::Lost(absence);
    }

    /// Forgets what was true of a connection that is no more. The host has let go of all that was held.
    fn drop_connection(&mut self) {
        self.early.clear();
        (self.early_bytes, self.received) = (0, Load::default());
        (self.ack_due, self.frozen) = (false, false);
        self.held = Held::new();
        self.transmits.clear();
    }

    fn end(&mut self, end: End) {
        self.state = State::Ended;
        self.close_receipt(end);
        self.events.push_back(Event::Ended(end));
    }

    fn send(&mut self, message: &FromOfficer) {
        self.transmits.push_back(Transmit { channel: Channel::Control, bytes: message.encode().into() });
    }
}
