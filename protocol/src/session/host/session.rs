//! One officer's session: which state it is in, and what the officer's control messages do in each.

use super::{
    Display, Event, Host, SessionId, Start,
    asking::Open,
    confirmation::Confirmation,
    extras::Extras,
    follower::Attention,
    hidden::Concealed,
    log::Ack,
    pause::Pause,
    record::{Pending, Tally},
};
use crate::frame::{Films, Taken};
use crate::record::Seal;
use crate::session::{
    Agreement, Keying, Load, WayBack,
    admission::{self, Admission, Enrolment, Grant, Ground, Introduced, Officer},
    check_words,
    host::{contact::Introduction, controls::Controls},
    ledger::Ledger,
    policy::Policy,
    trust::Vouched,
};
use crate::wire::{
    End, FromHost, FromOfficer, Holder, LIMIT_BEFORE_APPROVAL, Message, Permission, Permissions, PolicyReason, Proof,
    Question, Request, VERSIONS, Who,
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
    /// What may be granted at all, by the records and as far as it is not withdrawn since.
    pub(super) most: Permissions,
    /// What of the permissions was added for a while, and does not rest on the switches.
    pub(super) extras: Extras,
    pub(super) display: Display,
    pub(super) began: Instant,
    pub(super) until: Instant,
    pub(super) pause: Pause,
    pub(super) confirmation: Confirmation,
}

impl Granted {
    /// Whether the officer is to see the display.
    pub(super) const fn attention(&self) -> Attention {
        if self.pause.is_off() { Attention::Here } else { Attention::Paused }
    }
}

#[derive(Debug)]
pub(super) struct Live {
    pub(super) granted: Granted,
    pub(super) controls: Controls,
    /// Who has control, as the officer was told.
    pub(super) holder: Holder,
    next_ping: Instant,
}

impl Live {
    pub(super) fn new(now: Instant, granted: Granted) -> Self {
        Self { granted, controls: Controls::default(), holder: Holder::Nobody, next_ping: now + HEARTBEAT }
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
    /// When the host's records were read for `officer`: standing grants and agreements run on since.
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
    /// Who an organisation says that the officer is, who is not enrolled.
    pub(super) vouched: Option<Vouched>,
    /// What its receipt will say, once something has been asked for.
    pub(super) ledger: Option<Ledger>,
    pub(super) tally: Tally,
    /// All that it was ever allowed while it was on, and what of that was added for a while.
    pub(super) allowed: Permissions,
    pub(super) added: Permissions,
    /// How much is hidden from the officer.
    pub(super) concealed: Concealed,
    /// What the user is being asked while it is on.
    pub(super) open: Option<Open>,
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
            vouched: None,
            ledger: None,
            tally: Tally::default(),
            allowed: Permissions::NONE,
            added: Permissions::NONE,
            concealed: Concealed::default(),
            open: None,
            connected: now,
        }
    }

    /// Whether the officer may ask without being enrolled.
    pub(super) fn introduced(&self) -> Introduced {
        match &self.vouched {
            Some(vouched) => Introduced::ByOrganisation(vouched.clone()),
            None => self.introduction.introduced(),
        }
    }

    /// How long an organisation vouches for the officer, if one does.
    pub(super) fn vouched_until(&self) -> Option<Instant> {
        self.vouched.as_ref().map(|vouched| vouched.until)
    }

    /// What the user reads for a name.
    pub(super) fn who(&self) -> Who {
        self.officer.who(&self.introduced())
    }

    /// How it is known who the officer is.
    pub(super) fn proof(&self) -> Proof {
        if self.officer.enrolment.is_some() { Proof::Enrolled } else { self.introduced().proof() }
    }

    /// What the records say of the officer, as far as that still holds.
    pub(super) fn enrolment(&self, now: Instant) -> Option<Enrolment> {
        let passed = now.saturating_duration_since(self.enrolled);
        let remaining = |left: Duration| left.checked_sub(passed).filter(|left| !left.is_zero());
        let Enrolment { name, permit, standing, agreements, back } = self.officer.enrolment.clone()?;
        let standing = standing.and_then(remaining);
        let agreements = agreements.into_iter();
        let agreements = agreements
            .filter_map(|agreement| Some(Agreement { left: remaining(agreement.left)?, ..agreement }))
            .collect();
        let back =
            back.and_then(|back| Some(WayBack { left: remaining(back.left)?, open: remaining(back.open)?, ..back }));
        Some(Enrolment { name, permit, standing, agreements, back })
    }

    /// The most that may be granted by what the records say, and the machine's owner.
    pub(super) fn permit(&self, policy: &Policy) -> Permissions {
        let enrolment = self.officer.enrolment.as_ref();
        let permit = enrolment.map_or_else(|| self.introduced().permit(), |enrolment| enrolment.permit);
        permit.both(policy.permissions)
    }

    /// What a granted session may do at most, and how much longer, by the records on which it rests. `None` if they don't say so
    /// any more.
    fn bounds(&self, now: Instant) -> Option<(Permissions, Option<Duration>)> {
        let granted = self.granted_or_pending()?;
        let enrolment = self.enrolment(now);
        match granted.grant.ground {
            // What is left of a way back was counted when it was used.
            Ground::Answer | Ground::Return => Some((Permissions::ALL, None)),
            Ground::Standing => Some((Permissions::ALL, Some(enrolment?.standing?))),
            Ground::Agreement => {
                let ticket = self.ledger.as_ref().and_then(|ledger| ledger.offer().request.ticket.as_deref());
                let enrolment = enrolment?;
                let agreement = enrolment.agreement(ticket)?;
                Some((agreement.permit, Some(agreement.left)))
            }
        }
    }

    /// What a granted session rests on.
    pub(super) fn ground(&self) -> Option<Ground> {
        self.granted_or_pending().map(|granted| granted.grant.ground)
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
            State::Live(_) | State::Suspended(_) | State::Recording(Pending::Grant(_)) => {
                self.bounds(now).is_none().then_some(End::Policy(PolicyReason::Removed))
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
        let state = match &self.state {
            State::Hello(_) => self.connected + HELLO,
            State::AwaitConsent(waiting) => waiting.until.min(waiting.next_ping),
            State::Live(live) if live.controls.holds_any() => {
                live.granted.until.min(live.next_ping).min(self.heard + DEAD_MAN)
            }
            State::Live(live) => live.granted.until.min(live.next_ping),
            State::Suspended(suspended) => suspended.until(),
            State::Recording(_) => return None,
        };
        let extras = self.granted().and_then(|granted| granted.extras.next());
        let open = match self.open {
            Some(Open::More(wish)) => Some(wish.until),
            Some(Open::Again) | None => None,
        };
        [Some(state), extras, open].into_iter().flatten().min()
    }
}

impl Host {
    /// Does what is due by `now`: heartbeats, and the end of what has lasted long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.expire_code(now);
        self.time_records(now);
        self.time_lock(now);
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            self.time_extras(now, id);
            self.time_confirmation(now, id);
            self.time_hidden(now, id);
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
                Some(end) => self.give_up(now, id, end),
                None if ping => self.ping(id),
                None => {}
            }
        }
    }

    pub(super) fn handle_control(&mut self, now: Instant, id: SessionId, bytes: &[u8]) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        if session.live().is_none() && bytes.len() > LIMIT_BEFORE_APPROVAL {
            return Err(End::Misbehaved);
        }
        self.check_revoked(id)?;
        match (FromOfficer::decode(bytes).map_err(|_| End::Misbehaved)?, &session.state) {
            (FromOfficer::Bye, _) => Err(End::OfficerLeft),
            (FromOfficer::Pong, _) => Ok(()),
            (FromOfficer::Hello { lowest, highest, films }, State::Hello(Greeting::Due)) => {
                self.check_blocked(id)?;
                let version = highest.min(*VERSIONS.end());
                if version < lowest.max(*VERSIONS.start()) {
                    return Err(End::Incompatible);
                }
                self.welcome(id, version, films);
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
            (FromOfficer::More(more), State::Live(_)) => {
                self.handle_more(now, id, more);
                Ok(())
            }
            (FromOfficer::Yield, State::Live(_)) => {
                self.yield_control(now, id);
                Ok(())
            }
            (
                FromOfficer::Hello { .. }
                | FromOfficer::More(_)
                | FromOfficer::Yield
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
        if let Some(end) = session.enrol(now, enrolment) {
            return self.end(id, end);
        }
        let permit = session.permit(&self.rules.policy);
        let Some((most, left)) = session.bounds(now) else { return };
        self.limit(now, id, permit.both(most), left.and_then(|left| now.checked_add(left)));
    }

    fn welcome(&mut self, id: SessionId, version: u16, films: Films) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        (session.state, session.films) = (State::Hello(Greeting::Done), films);
        let name = self.rules.name.clone();
        self.send(id, &FromHost::Welcome { version, name });
    }

    fn handle_request(&mut self, now: Instant, id: SessionId, request: Request, seal: Seal) -> Result<(), End> {
        self.look_at_certificate(now, id, seal.certificate.as_deref())?;
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let enrolment = session.enrolment(now);
        let (officer, introduced) = (&session.officer, session.introduced());
        let check = || check_words(&session.keying, &officer.key, &self.key());
        let admission = admission::decide(&self.rules, officer, &introduced, enrolment.as_ref(), &request, check);
        let placed = admission::display(&self.rules, &request);
        let admission = admission.and_then(|admission| Ok((admission, placed?))).map_err(End::Policy);
        let key = officer.key;
        let admission = admission.and_then(|(admission, display)| {
            self.check_asking(now, &key, &admission)?;
            Ok((admission, display))
        });
        self.record_request(id, request, seal, admission.as_ref().err().copied())?;
        let (admission, display) = admission?;
        self.take_place(now, id)?;
        match admission {
            Admission::Grant(grant) => self.record_grant(now, id, grant, display),
            Admission::Return(grant, display) => self.use_return(now, id, grant, display),
            Admission::Ask(question) => self.ask(now, id, *question, display),
        }
        Ok(())
    }

    /// Finds room for a session that may begin. An officer has one: what is left of another connection of theirs ends.
    fn take_place(&mut self, now: Instant, id: SessionId) -> Result<(), End> {
        let Some(key) = self.sessions.get(&id).map(|session| session.officer.key) else { return Ok(()) };
        let placed = self.sessions.iter().filter(|(_, session)| !matches!(session.state, State::Hello(_)));
        let (own, others): (Vec<_>, Vec<_>) =
            placed.map(|(&id, session)| (id, session.officer.key)).partition(|(_, other)| *other == key);
        for (older, _) in own {
            self.give_up(now, older, End::Replaced);
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
        // What is held comes up before the question is there.
        self.follow_hands();
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
        self.tell_holder();
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
