//! One officer's session: which state it is in, and what the officer's control messages do in each.

use super::{Display, Event, Host, SessionId, log::Ack};
use crate::frame::{Films, Taken};
use crate::session::{
    Load,
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
    Hello,
    /// The user is being asked.
    AwaitConsent(AwaitConsent),
    /// Granted, and on.
    Live(Live),
}

#[derive(Debug)]
pub(super) struct AwaitConsent {
    pub(super) question: Question,
    pub(super) display: Display,
    until: Instant,
    next_ping: Instant,
}

#[derive(Debug)]
pub(super) struct Live {
    pub(super) grant: Grant,
    pub(super) display: Display,
    pub(super) until: Instant,
    pub(super) controls: Controls,
    next_ping: Instant,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) officer: Officer,
    /// When the host's records were read for `officer`: a standing grant runs on since.
    enrolled: Instant,
    pub(super) state: State,
    /// When the officer last said anything.
    pub(super) heard: Instant,
    version: Option<u16>,
    /// Whether the officer can read films.
    pub(super) films: Films,
    connected: Instant,
}

impl Session {
    pub(super) const fn new(now: Instant, officer: Officer) -> Self {
        Self {
            officer,
            enrolled: now,
            state: State::Hello,
            heard: now,
            version: None,
            films: Films::Unreadable,
            connected: now,
        }
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
            State::Live(live) if live.grant.standing && enrolment.standing.is_none() => {
                Some(End::Policy(PolicyReason::Removed))
            }
            State::Hello | State::Live(_) => None,
        }
    }

    pub(super) const fn live(&self) -> Option<&Live> {
        match &self.state {
            State::Live(live) => Some(live),
            State::Hello | State::AwaitConsent(_) => None,
        }
    }

    pub(super) const fn live_mut(&mut self) -> Option<&mut Live> {
        match &mut self.state {
            State::Live(live) => Some(live),
            State::Hello | State::AwaitConsent(_) => None,
        }
    }

    /// When something is due; the dead man's switch only while this session holds a key or button down.
    pub(super) fn next_timeout(&self) -> Instant {
        match &self.state {
            State::Hello => self.connected + HELLO,
            State::AwaitConsent(waiting) => waiting.until.min(waiting.next_ping),
            State::Live(live) if live.controls.holds_any() => live.until.min(live.next_ping).min(self.heard + DEAD_MAN),
            State::Live(live) => live.until.min(live.next_ping),
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
                State::Hello => ((now >= session.connected + HELLO).then_some(End::Misbehaved), false, false),
                State::AwaitConsent(waiting) => {
                    ((now >= waiting.until).then_some(End::Unanswered), is_due(now, &mut waiting.next_ping), false)
                }
                State::Live(live) => (
                    (now >= live.until).then_some(End::Expired),
                    is_due(now, &mut live.next_ping),
                    silent && live.controls.holds_any(),
                ),
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
            (FromOfficer::Hello { lowest, highest, films }, State::Hello) if session.version.is_none() => {
                let version = highest.min(*VERSIONS.end());
                if version < lowest.max(*VERSIONS.start()) {
                    return Err(End::Incompatible);
                }
                (session.version, session.films) = (Some(version), films);
                let name = self.rules.name.clone();
                self.send(id, &FromHost::Welcome { version, name });
                Ok(())
            }
            (FromOfficer::Request(request), State::Hello) if session.version.is_some() => {
                self.handle_request(now, id, &request)
            }
            (FromOfficer::Ack { bytes, small, epoch, number, repaints, late, decode, present }, State::Live(_)) => {
                let (received, taken) = (Load { all: bytes, small }, Taken { repaints, late });
                self.handle_ack(now, id, &Ack { received, epoch, number, taken, decode, present })
            }
            (FromOfficer::Hello { .. } | FromOfficer::Request(_) | FromOfficer::Ack { .. }, _) => Err(End::Misbehaved),
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
        let until = session.live().filter(|live| live.grant.standing).and(left).and_then(|left| now.checked_add(left));
        self.limit(now, id, permit, until);
    }

    fn handle_request(&mut self, now: Instant, id: SessionId, request: &Request) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let standing = session.standing(now);
        let admission = admission::decide(&self.rules, &session.officer, standing, request).map_err(End::Policy)?;
        self.take_place(id)?;
        match admission {
            Admission::Grant(grant) => self.go_live(now, id, grant, request.display),
            Admission::Ask(question) => self.ask(now, id, question, request.display),
        }
        Ok(())
    }

    /// Finds room for a session that may begin. An officer has one: what is left of another connection of theirs ends.
    fn take_place(&mut self, id: SessionId) -> Result<(), End> {
        let Some(key) = self.sessions.get(&id).map(|session| session.officer.key) else { return Ok(()) };
        let placed = self.sessions.iter().filter(|(_, session)| !matches!(session.state, State::Hello));
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
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.state = State::Live(Live {
            grant,
            display,
            until: now + grant.duration,
            controls: Controls::default(),
            next_ping: now + HEARTBEAT,
        });
        let films = session.films;
        self.take_control(id);
        self.announce(now, id);
        self.join_log(id, display, films);
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
