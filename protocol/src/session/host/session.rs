//! One officer's session: which state it is in, and what the officer's control messages do in each.

use super::{Display, Event, Host, SessionId, Start, log::Ack};
use crate::frame::{Films, Taken};
use crate::session::{
    Keying, Load,
    admission::{self, Admission, Enrolment, Grant, Officer},
    host::controls::Controls,
};
use crate::wire::{
    End, FromHost, FromOfficer, LIMIT_BEFORE_APPROVAL, Message, Permission, PolicyReason, Question, Request, VERSIONS,
};
use std::time::{Duration, Instant};

/// How long an officer may take from connecting to asking.
const HELLO: Duration = Duration::from_secs(10);

/// How often the host shows that it lives. The viewer calls a picture frozen after 2.5 s without a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How long an officer may be silent while keys are held before they are released. A heartbeat is answered each second.
const DEAD_MAN: Duration = Duration::from_secs(3);

/// What happens next in a session. Each state has only what is true in it.
#[derive(Debug)]
pub(super) enum State {
    /// Connected; nothing asked for yet.
    Hello(Greeting),
    /// The user is being asked.
    AwaitConsent(AwaitConsent),
    /// Granted, and on.
    Live(Live),
    /// Granted, but the connection was lost: the officer may come back over another.
    Suspended(Suspended),
}

/// What an officer who has not asked yet may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// Hello.
    Due,
    /// A request, or once that a session is to be resumed.
    Done,
    /// A request: there was nothing to resume.
    NotResumed,
}

#[derive(Debug)]
pub(super) struct AwaitConsent {
    pub(super) question: Question,
    pub(super) display: Display,
    until: Instant,
    next_ping: Instant,
}

/// What holds for a session from the yes to the end, whatever becomes of its connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted {
    pub(super) grant: Grant,
    pub(super) display: Display,
    pub(super) until: Instant,
}

#[derive(Debug)]
pub(super) struct Live {
    pub(super) granted: Granted,
    pub(super) controls: Controls,
    next_ping: Instant,
}

impl Live {
    pub(super) fn new(now: Instant, granted: Granted) -> Self {
        Self { granted, controls: Controls::default(), next_ping: now + HEARTBEAT }
    }
}

#[derive(Debug)]
pub(super) struct Suspended {
    pub(super) granted: Granted,
    /// Until when it waits.
    pub(super) patience: Instant,
}

impl Suspended {
    /// Until when the officer may come back: never longer than the grant lasts.
    pub(super) fn until(&self) -> Instant {
        self.patience.min(self.granted.until)
    }
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) officer: Officer,
    /// When the host's records were read for `officer`: a standing grant runs on since.
    enrolled: Instant,
    pub(super) state: State,
    /// When the officer last said anything.
    pub(super) heard: Instant,
    /// Whether the officer can read films.
    pub(super) films: Films,
    /// Of the connection over which it began.
    pub(super) keying: Keying,
    connected: Instant,
}

impl Session {
    pub(super) const fn new(now: Instant, officer: Officer, keying: Keying) -> Self {
        Self {
            officer,
            enrolled: now,
            state: State::Hello(Greeting::Due),
            heard: now,
            films: Films::Unreadable,
            keying,
            connected: now,
        }
    }

    /// What the records say of the officer, as far as that still holds.
    pub(super) fn enrolment(&self, now: Instant) -> Option<Enrolment> {
        let standing = self.standing(now);
        self.officer.enrolment.clone().map(|enrolment| Enrolment { standing, ..enrolment })
    }

    /// How much longer the officer may come in without a question, if at all.
    fn standing(&self, now: Instant) -> Option<Duration> {
        let left = self.officer.enrolment.as_ref()?.standing?;
        left.checked_sub(now.saturating_duration_since(self.enrolled)).filter(|left| !left.is_zero())
    }

    /// Takes over what the host's records now say, and tells why that ends the session, if it does.
    fn enrol(&mut self, now: Instant, enrolment: Option<Enrolment>) -> Option<End> {
        let known = self.officer.enrolment.is_some();
        self.enrolled = now;
        self.officer.enrolment = enrolment;
        let Some(enrolment) = &self.officer.enrolment else {
            return known.then_some(End::Policy(PolicyReason::Removed));
        };
        match &mut self.state {
            State::AwaitConsent(waiting) => {
                waiting.question.permissions = waiting.question.permissions.both(enrolment.permit);
                let nothing = !waiting.question.permissions.has(Permission::View);
                nothing.then_some(End::Policy(PolicyReason::NotPermitted))
            }
            State::Live(Live { granted, .. }) | State::Suspended(Suspended { granted, .. }) => {
                let over = granted.grant.standing && enrolment.standing.is_none();
                over.then_some(End::Policy(PolicyReason::Removed))
            }
            State::Hello(_) => None,
        }
    }

    pub(super) const fn live(&self) -> Option<&Live> {
        match &self.state {
            State::Live(live) => Some(live),
            State::Hello(_) | State::AwaitConsent(_) | State::Suspended(_) => None,
        }
    }

    pub(super) const fn live_mut(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::Live(live) => Some(live),
            State::Hello(_) | State::AwaitConsent(_) | State::Suspended(_) => None,
        }
    }

    /// What was granted, whether the officer is here or may come back.
    pub(super) const fn granted(&self) -> Option<&Granted> {
        match &self.state {
            State::Live(Live { granted, .. }) | State::Suspended(Suspended { granted, .. }) => Some(granted),
            State::Hello(_) | State::AwaitConsent(_) => None,
        }
    }

    pub(super) const fn granted_mut(&mut self) -> Option<&mut Granted> {
        match &mut self.state {
            State::Live(Live { granted, .. }) | State::Suspended(Suspended { granted, .. }) => Some(granted),
            State::Hello(_) | State::AwaitConsent(_) => None,
        }
    }

    /// When something is due; the dead man's switch only while this session holds a key or button down.
    pub(super) fn next_timeout(&self) -> Instant {
        match &self.state {
            State::Hello(_) => self.connected + HELLO,
            State::AwaitConsent(waiting) => waiting.until.min(waiting.next_ping),
            State::Live(live) if live.controls.holds_any() => {
                live.granted.until.min(live.next_ping).min(self.heard + DEAD_MAN)
            }
            State::Live(live) => live.granted.until.min(live.next_ping),
            State::Suspended(suspended) => suspended.until(),
        }
    }
}

impl Host {
    /// Does what is due by `now`: heartbeats, and the end of what has lasted long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            let silent = now.saturating_duration_since(session.heard) >= DEAD_MAN;
            let (end, ping, release) = match &mut session.state {
                State::Hello(_) => ((now >= session.connected + HELLO).then_some(End::Misbehaved), false, false),
                State::AwaitConsent(waiting) => {
                    ((now >= waiting.until).then_some(End::Unanswered), is_due(now, &mut waiting.next_ping), false)
                }
                State::Live(live) => (
                    (now >= live.granted.until).then_some(End::Expired),
                    is_due(now, &mut live.next_ping),
                    silent && live.controls.holds_any(),
                ),
                State::Suspended(suspended) => ((now >= suspended.until()).then_some(End::LinkLost), false, false),
            };
            if release {
                self.release_held(id);
            }
            match end {
                Some(end) => self.end(id, end),
                None if ping => self.ping(id),
                None => {}
            }
        }
    }

    pub(super) fn handle_control(&mut self, now: Instant, id: SessionId, bytes: &[u8]) -> Result<(), End> {
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        if session.live().is_none() && bytes.len() > LIMIT_BEFORE_APPROVAL {
            return Err(End::Misbehaved);
        }
        match (FromOfficer::decode(bytes).map_err(|_| End::Misbehaved)?, &session.state) {
            (FromOfficer::Bye, _) => Err(End::OfficerLeft),
            (FromOfficer::Pong, _) => Ok(()),
            (FromOfficer::Hello { lowest, highest, films }, State::Hello(Greeting::Due)) => {
                let version = highest.min(*VERSIONS.end());
                if version < lowest.max(*VERSIONS.start()) {
                    return Err(End::Incompatible);
                }
                (session.state, session.films) = (State::Hello(Greeting::Done), films);
                let name = self.rules.name.clone();
                self.send(id, &FromHost::Welcome { version, name });
                Ok(())
            }
            (FromOfficer::Request(request), State::Hello(Greeting::Done | Greeting::NotResumed)) => {
                self.handle_request(now, id, &request)
            }
            (FromOfficer::Resume { session, proof }, State::Hello(Greeting::Done)) => {
                self.handle_resume(now, id, SessionId(session), &proof)
            }
            (FromOfficer::Ack { bytes, small, epoch, number, repaints, late, decode, present }, State::Live(_)) => {
                let (received, taken) = (Load { all: bytes, small }, Taken { repaints, late });
                self.handle_ack(now, id, &Ack { received, epoch, number, taken, decode, present })
            }
            (
                FromOfficer::Hello { .. }
                | FromOfficer::Request(_)
                | FromOfficer::Resume { .. }
                | FromOfficer::Ack { .. },
                _,
            ) => Err(End::Misbehaved),
        }
    }

    /// The host's records of an officer have changed: from now on nothing is granted beyond them, and what is granted
    /// already is taken back. `None` is an officer who is in them no more.
    pub fn enrolled(&mut self, now: Instant, id: SessionId, enrolment: Option<Enrolment>) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let permit = enrolment.as_ref().map(|enrolment| enrolment.permit).unwrap_or_default();
        if let Some(end) = session.enrol(now, enrolment) {
            return self.end(id, end);
        }
        let left = session.standing(now);
        let standing = session.granted().filter(|granted| granted.grant.standing);
        let until = standing.and(left).and_then(|left| now.checked_add(left));
        self.limit(now, id, permit, until);
    }

    fn handle_request(&mut self, now: Instant, id: SessionId, request: &Request) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let standing = session.standing(now);
        let admission = admission::decide(&self.rules, &session.officer, standing, request).map_err(End::Policy)?;
        let display = admission::display(&self.rules, request).map_err(End::Policy)?;
        self.take_place(id)?;
        match admission {
            Admission::Grant(grant) => self.go_live(now, id, grant, display),
            Admission::Ask(question) => self.ask(now, id, question, display),
        }
        Ok(())
    }

    /// Finds room for a session that may begin. An officer has one: what is left of another connection of theirs ends.
    fn take_place(&mut self, id: SessionId) -> Result<(), End> {
        let Some(key) = self.sessions.get(&id).map(|session| session.officer.key) else { return Ok(()) };
        let placed = self.sessions.iter().filter(|(_, session)| !matches!(session.state, State::Hello(_)));
        let (own, others): (Vec<_>, Vec<_>) =
            placed.map(|(&id, session)| (id, session.officer.key)).partition(|(_, other)| *other == key);
        for (older, _) in own {
            self.end(older, End::Replaced);
        }
        if others.len() < self.rules.officers { Ok(()) } else { Err(End::Policy(PolicyReason::Full)) }
    }

    fn ask(&mut self, now: Instant, id: SessionId, question: Question, display: Display) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.state = State::AwaitConsent(AwaitConsent {
            until: now + question.patience,
            next_ping: now + HEARTBEAT,
            display,
            question: question.clone(),
        });
        self.send(id, &FromHost::Asking { seconds: seconds(question.patience) });
        self.events.push_back(Event::Ask(id, question));
    }

    /// From the request or the question to the session.
    pub(super) fn go_live(&mut self, now: Instant, id: SessionId, grant: Grant, display: Display) {
        let granted = Granted { grant, display, until: now + grant.duration };
        self.attach(now, id, granted, Start::New);
    }

    /// The session is on, over the connection that it has.
    pub(super) fn attach(&mut self, now: Instant, id: SessionId, granted: Granted, start: Start) {
        let Some(connection) = self.connection(id) else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.state = State::Live(Live::new(now, granted));
        let films = session.films;
        self.events.push_back(Event::Attached { session: id, connection, start });
        self.take_control(id);
        self.announce(now, id);
        self.join_log(id, granted.display, films);
    }
}

/// Whole seconds for the wire.
pub(super) fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// Whether a heartbeat is due; if so the next one is set.
fn is_due(now: Instant, next: &mut Instant) -> bool {
    let due = now >= *next;
    if due {
        *next = now + HEARTBEAT;
    }
    due
}
