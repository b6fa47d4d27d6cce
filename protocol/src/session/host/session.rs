//! One officer's session: which state it is in, and what the officer's control messages do in each.

use super::{
    Display, Event, Host, SessionId, Start,
    follower::Attention,
    log::Ack,
    pause::Pauses,
    record::{Pending, Tally},
};
use crate::frame::{Films, Taken};
use crate::record::Seal;
use crate::session::{
    Keying, Load,
    admission::{self, Admission, Enrolment, Grant, Officer},
    check_words,
    host::{contact::Introduction, controls::Controls},
    ledger::Ledger,
};
use crate::wire::{
    End, FromHost, FromOfficer, LIMIT_BEFORE_APPROVAL, Message, Permission, Permissions, PolicyReason, Question,
    Request, VERSIONS,
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
    /// Allowed, but not before that is in the log.
    Recording(Pending),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    /// Its permissions are what the user has switched on, within the ceiling.
    pub(super) grant: Grant,
    /// What was granted and is not withdrawn since.
    pub(super) ceiling: Permissions,
    /// What the user has switched on; what is given back takes effect once it is recorded.
    pub(super) switches: Permissions,
    pub(super) display: Display,
    pub(super) until: Instant,
    pub(super) pauses: Pauses,
}

impl Granted {
    /// Whether the officer is to see the display.
    pub(super) const fn attention(&self) -> Attention {
        if self.pauses.is_empty() { Attention::Here } else { Attention::Paused }
    }
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
    /// What has come of a code, over that connection.
    pub(super) introduction: Introduction,
    /// What its receipt will say, once something has been asked for.
    pub(super) ledger: Option<Ledger>,
    pub(super) tally: Tally,
    connected: Instant,
}

impl Session {
    pub(super) fn new(now: Instant, officer: Officer, keying: Keying) -> Self {
        Self {
            officer,
            enrolled: now,
            state: State::Hello(Greeting::Due),
            heard: now,
            films: Films::Unreadable,
            keying,
            introduction: Introduction::default(),
            ledger: None,
            tally: Tally::default(),
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
            State::Live(Live { granted, .. })
            | State::Suspended(Suspended { granted, .. })
            | State::Recording(Pending::Grant(granted)) => {
                let over = granted.grant.standing && enrolment.standing.is_none();
                over.then_some(End::Policy(PolicyReason::Removed))
            }
            State::Hello(_) | State::Recording(Pending::Resume) => None,
        }
    }

    pub(super) const fn live(&self) -> Option<&Live> {
        match &self.state {
            State::Live(live) => Some(live),
            State::Hello(_) | State::AwaitConsent(_) | State::Recording(_) | State::Suspended(_) => None,
        }
    }

    pub(super) const fn live_mut(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::Live(live) => Some(live),
            State::Hello(_) | State::AwaitConsent(_) | State::Recording(_) | State::Suspended(_) => None,
        }
    }

    /// What was granted, whether the officer is here or may come back.
    pub(super) const fn granted(&self) -> Option<&Granted> {
        match &self.state {
            State::Live(Live { granted, .. }) | State::Suspended(Suspended { granted, .. }) => Some(granted),
            State::Hello(_) | State::AwaitConsent(_) | State::Recording(_) => None,
        }
    }

    /// The same, or what is granted as soon as it is recorded.
    const fn granted_or_pending(&self) -> Option<&Granted> {
        match &self.state {
            State::Recording(Pending::Grant(granted)) => Some(granted),
            _ => self.granted(),
        }
    }

    /// The same, to be changed.
    pub(super) const fn granted_mut(&mut self) -> Option<&mut Granted> {
        match &mut self.state {
            State::Live(Live { granted, .. })
            | State::Suspended(Suspended { granted, .. })
            | State::Recording(Pending::Grant(granted)) => Some(granted),
            State::Hello(_) | State::AwaitConsent(_) | State::Recording(Pending::Resume) => None,
        }
    }

    /// When something is due; the dead man's switch only while this session holds a key or button down.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        Some(match &self.state {
            State::Hello(_) => self.connected + HELLO,
            State::AwaitConsent(waiting) => waiting.until.min(waiting.next_ping),
            State::Live(live) if live.controls.holds_any() => {
                live.granted.until.min(live.next_ping).min(self.heard + DEAD_MAN)
            }
            State::Live(live) => live.granted.until.min(live.next_ping),
            State::Suspended(suspended) => suspended.until(),
            State::Recording(_) => return None,
        })
    }
}

impl Host {
    /// Does what is due by `now`: heartbeats, and the end of what has lasted long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_code(now);
        self.time_records(now);
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
                // The records have a patience of their own.
                State::Recording(_) => (None, false, false),
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
            (FromOfficer::CodeShare { share }, State::Hello(Greeting::Done)) => self.handle_code_share(now, id, &share),
            (FromOfficer::CodeProof { proof }, State::Hello(Greeting::Done)) => self.handle_code_proof(id, &proof),
            (FromOfficer::Request(request, seal), State::Hello(Greeting::Done | Greeting::NotResumed))
                if !session.introduction.is_under_way() =>
            {
                self.handle_request(now, id, request, seal)
            }
            (FromOfficer::Resume { session: older, proof }, State::Hello(Greeting::Done))
                if !session.introduction.is_under_way() =>
            {
                self.handle_resume(now, id, SessionId(older), &proof)
            }
            (FromOfficer::Ack { bytes, small, epoch, number, repaints, late, decode, present }, State::Live(_)) => {
                let (received, taken) = (Load { all: bytes, small }, Taken { repaints, late });
                self.handle_ack(now, id, &Ack { received, epoch, number, taken, decode, present })
            }
            (
                FromOfficer::Hello { .. }
                | FromOfficer::Request(..)
                | FromOfficer::Resume { .. }
                | FromOfficer::CodeShare { .. }
                | FromOfficer::CodeProof { .. }
                | FromOfficer::Countersigned { .. }
                | FromOfficer::Ack { .. },
                _,
            ) => Err(End::Misbehaved),
        }
    }

    /// The host's records of an officer have changed: from now on nothing is granted beyond them, and what is granted
    /// already is taken back. `None` is an officer who is in them no more.
    pub fn enrolled(&mut self, now: Instant, id: SessionId, enrolment: Option<Enrolment>) {
        let enrolment = enrolment.map(|enrolment| self.rules.policy.narrow(enrolment));
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let introduced = session.introduction.introduced();
        let permit = enrolment.as_ref().map_or_else(|| introduced.permit(), |enrolment| enrolment.permit);
        if let Some(end) = session.enrol(now, enrolment) {
            return self.end(id, end);
        }
        let left = session.standing(now);
        let standing = session.granted_or_pending().filter(|granted| granted.grant.standing);
        let until = standing.and(left).and_then(|left| now.checked_add(left));
        self.limit(now, id, permit, until);
    }

    fn handle_request(&mut self, now: Instant, id: SessionId, request: Request, seal: Seal) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let standing = session.standing(now);
        let (officer, introduced) = (&session.officer, session.introduction.introduced());
        let check = || check_words(&session.keying, &officer.key, &self.key());
        let admission = admission::decide(&self.rules, officer, introduced, standing, &request, check);
        let placed = admission::display(&self.rules, &request);
        let admission = admission.and_then(|admission| Ok((admission, placed?)));
        self.record_request(id, request, seal, admission.as_ref().err().copied())?;
        let (admission, display) = admission.map_err(End::Policy)?;
        self.take_place(id)?;
        match admission {
            Admission::Grant(grant) => self.record_grant(now, id, grant, display),
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
        if others.len() < self.rules.officers.min(self.rules.policy.officers) {
            Ok(())
        } else {
            Err(End::Policy(PolicyReason::Full))
        }
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

    /// The session is on, over the connection that it has.
    pub(super) fn attach(&mut self, now: Instant, id: SessionId, granted: Granted, start: Start) {
        let Some(connection) = self.connection(id) else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.state = State::Live(Live::new(now, granted));
        let films = session.films;
        self.events.push_back(Event::Attached { session: id, connection, start });
        self.take_control(id);
        self.announce(now, id);
        self.join_log(id, granted.display, films, granted.attention());
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
