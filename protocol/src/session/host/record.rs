//! What is recorded of sessions: nothing takes effect before its line is in the audit log, and nothing goes on without one.
//!
//! Grants and returns wait for their line. What takes something away takes effect at once and is recorded after. While the
//! log can't be written nothing is granted; what was granted becomes view only at once, and ends after [`MERCY`].

use super::{
    Display, Event, Host, SessionId, Start,
    confirmation::Confirmation,
    extras::Extras,
    pause::{Ending, Pause},
    session::{Granted, State, seconds},
    step_up::Addition,
};
use crate::{
    record::{
        Actor, Answer, Closed, Closing, Decision, Digest, Entry, Happened, Notary, Offer, Opening, Seal, Signature,
        Statement, Time, Verify, Written,
    },
    session::{
        admission::{Grant, Ground, Introduced},
        ledger::Ledger,
    },
    wire::{Channel, End, Fingerprint, FromHost, FromOfficer, Message, Permission, Permissions, Request, Return},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long sessions go on, view only, while the log can't be written.
pub(super) const MERCY: Duration = Duration::from_secs(30);

/// How long a line may take to be written; what takes longer counts as failed.
const SLOW: Duration = Duration::from_secs(3);

/// How long an officer has to sign what became of a session.
const FAREWELL: Duration = Duration::from_secs(1);

/// A line that is to be written to the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u64);

/// What waits for its line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pending {
    /// A session that may begin.
    Grant(Granted),
    /// An officer who may go on with a session.
    Resume,
}

impl Pending {
    pub(super) const fn is_new(self) -> bool {
        matches!(self, Self::Grant(_))
    }
}

/// How far a session had come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing that was not refused at once was asked for.
    Early,
    /// The user had not answered.
    Asked,
    /// It had been allowed.
    Granted,
}

/// What is counted of a session: never what was typed or shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) strokes: u64,
    pub(super) moves: u64,
    pub(super) bytes: u64,
}

/// What happens once a line is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Nothing.
    Note,
    /// The session begins.
    Grant(SessionId),
    /// The officer of `newcomer` goes on with `older`.
    Return { newcomer: SessionId, older: SessionId },
    /// The receipt says so too.
    Fact(SessionId, Happened),
    /// The session may do that again, unless it has been taken back meanwhile.
    GiveBack(SessionId, Permissions),
    /// The session has that as well for a while.
    Add(SessionId, Addition),
    /// The session goes on: the user was asked again.
    Confirm(SessionId),
    /// The pause of the sessions that wait for this line is over.
    Continue(Ending),
    /// The receipt is closed.
    End(SessionId),
}

/// A line that is being written.
#[derive(Debug)]
struct Waiting {
    /// When that was noticed; `None` until the clock is known again.
    since: Option<Instant>,
    purpose: Purpose,
}

/// A session that is over and whose receipt is not complete yet.
#[derive(Debug)]
struct Farewell {
    ledger: Ledger,
    officer: Fingerprint,
    end: End,
    sent: Option<Sent>,
}

/// A closing that the officer has been sent.
#[derive(Debug)]
struct Sent {
    closing: Closing,
    signature: Signature,
    until: Instant,
}

/// What is being recorded.
#[derive(Debug)]
pub(super) struct Records {
    notary: Arc<dyn Notary>,
    next: u64,
    waiting: BTreeMap<RecordId, Waiting>,
    farewells: BTreeMap<SessionId, Farewell>,
    /// Since when the log can't be written.
    failing: Option<Instant>,
    /// The last time that is known: not to measure by, but to be woken at once.
    latest: Option<Instant>,
}

impl Records {
    pub(super) const fn new(notary: Arc<dyn Notary>) -> Self {
        Self { notary, next: 1, waiting: BTreeMap::new(), farewells: BTreeMap::new(), failing: None, latest: None }
    }

    /// The last time that is known.
    pub(super) const fn latest(&self) -> Option<Instant> {
        self.latest
    }

    pub(super) fn note_time(&mut self, now: Instant) {
        self.latest = self.latest.max(Some(now));
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let slow = self.waiting.values().next().filter(|_| self.failing.is_none());
        let slow = slow.and_then(|waiting| waiting.since.map(|since| since + SLOW).or(self.latest));
        let over = self.failing.map(|since| since + MERCY);
        let farewells = self.farewells.values().filter_map(|farewell| Some(farewell.sent.as_ref()?.until));
        farewells.chain(slow).chain(over).min()
    }
}

impl Host {
    /// The host's own key.
    pub(super) fn key(&self) -> Fingerprint {
        self.records.notary.key().fingerprint()
    }

    /// What tells whether others have signed.
    pub(super) fn verify(&self) -> Verify {
        self.records.notary.verify()
    }

    /// Has something recorded that the driver knows of.
    pub fn note(&mut self, session: Option<SessionId>, what: Entry) {
        self.record(session, what, Purpose::Note);
    }

    /// The line of [`Event::Record`] is on the disk.
    pub fn recorded(&mut self, now: Instant, id: RecordId, written: Written) {
        self.records.note_time(now);
        self.records.failing = None;
        let Some(Waiting { purpose, .. }) = self.records.waiting.remove(&id) else { return };
        match purpose {
            Purpose::Note => {}
            Purpose::Grant(session) => self.begin(now, session, written),
            Purpose::Return { newcomer, older } => self.complete_return(now, written.time, newcomer, older),
            Purpose::Fact(session, what) => self.note_fact(session, written.time, what),
            Purpose::GiveBack(session, permissions) => self.give_back(now, written.time, session, permissions),
            Purpose::Add(session, addition) => self.add(now, written.time, session, addition),
            Purpose::Confirm(session) => self.confirm(now, written.time, session),
            Purpose::Continue(ending) => self.go_on_by(now, ending),
            Purpose::End(session) => self.close_receipt(now, session, written),
        }
    }

    /// The log can't be written, or only too slowly. Nothing is granted until it can ([`Host::recorded`]); sessions that are on
    /// become view only, and end when it lasts.
    pub fn not_recorded(&mut self, now: Instant) {
        self.records.note_time(now);
        if self.records.failing.is_some() {
            return;
        }
        self.records.failing = Some(now);
        // Their last lines are not written in time: what was signed at the beginning has to do.
        for (id, farewell) in
            self.records.farewells.extract_if(.., |_, farewell| farewell.sent.is_none()).collect::<Vec<_>>()
        {
            self.say_goodbye(id, farewell.end);
            self.hang_up(id);
        }
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            match self.sessions.get(&id).map(|session| &session.state) {
                Some(State::AwaitConsent(_) | State::Recording(_)) => self.end(id, End::Unrecorded),
                _ => self.narrow(now, id, Permissions::VIEW),
            }
        }
    }

    /// Whether officers are still being told goodbye: their signatures may come, or lines are being written.
    pub fn is_parting(&self) -> bool {
        !self.records.farewells.is_empty()
    }

    /// Does what is due by `now` because the log is slow, has failed for too long, or an officer does not sign.
    pub(super) fn time_records(&mut self, now: Instant) {
        self.records.note_time(now);
        for waiting in self.records.waiting.values_mut() {
            waiting.since.get_or_insert(now);
        }
        let oldest = self.records.waiting.values().next().and_then(|waiting| waiting.since);
        if oldest.is_some_and(|since| now >= since + SLOW) {
            self.not_recorded(now);
        }
        if self.records.failing.is_some_and(|since| now >= since + MERCY) {
            self.end_all(End::Unrecorded);
            // What was to be recorded still waits; its line may come late, for nobody.
            self.records.failing = Some(now);
        }
        let due = |farewell: &Farewell| farewell.sent.as_ref().is_some_and(|sent| now >= sent.until);
        let late: Vec<_> =
            self.records.farewells.iter().filter(|(_, farewell)| due(farewell)).map(|(&id, _)| id).collect();
        for id in late {
            self.part(id);
        }
    }

    /// Nothing may begin while the log can't be written.
    pub(super) fn check_log(&self) -> Result<(), End> {
        if self.records.failing.is_some() { Err(End::Unrecorded) } else { Ok(()) }
    }

    /// Has a line written; `purpose` follows when it is on the disk.
    pub(super) fn record(&mut self, session: Option<SessionId>, what: Entry, purpose: Purpose) {
        let id = RecordId(self.records.next);
        self.records.next += 1;
        self.records.waiting.insert(id, Waiting { since: None, purpose });
        self.events.push_back(Event::Record(id, session, what));
    }

    /// Records what a session may do from now on, for the receipt too.
    pub(super) fn record_permissions(&mut self, id: SessionId, permissions: Permissions) {
        let what = Happened::Permissions(permissions);
        self.record(Some(id), Entry::Permissions { permissions }, Purpose::Fact(id, what));
    }

    /// Puts into the receipt what has happened to a session and waits for its line: it was before what is put there next.
    pub(super) fn note_waiting_facts(&mut self, id: SessionId, time: Time) {
        let mut facts = Vec::new();
        for waiting in self.records.waiting.values_mut() {
            if let Purpose::Fact(session, what) = waiting.purpose
                && session == id
            {
                facts.push(what);
                waiting.purpose = Purpose::Note;
            }
        }
        facts.into_iter().for_each(|what| self.note_fact(id, time, what));
    }

    /// Puts into the receipt what has been recorded.
    pub(super) fn note_fact(&mut self, id: SessionId, time: Time, what: Happened) {
        let live = self.sessions.get_mut(&id).and_then(|session| session.ledger.as_mut());
        let parting = self.records.farewells.get_mut(&id).map(|farewell| &mut farewell.ledger);
        if let Some(ledger) = live.or(parting).filter(|ledger| ledger.opening().is_some()) {
            ledger.note(time, what);
        }
    }

    /// An officer asks: checks that they have signed for it, and has it recorded. Of one who is neither enrolled nor introduced
    /// nothing is.
    pub(super) fn record_request(
        &mut self,
        id: SessionId,
        request: Request,
        seal: Seal,
        refusal: Option<End>,
    ) -> Result<(), End> {
        self.check_log()?;
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        if session.officer.enrolment.is_none() && session.introduced() == Introduced::No {
            return Ok(());
        }
        let (key, name, proof) = (session.officer.key, session.who().to_string(), Some(session.proof()));
        let host = self.records.notary.key().fingerprint();
        let (reason, permissions) = (request.reason.clone(), request.permissions);
        let (seconds, display, ticket) = (request.seconds, request.display, request.ticket.clone());
        let connection = session.keying.name();
        let Seal { key: officer, certificate, head, signature } = seal;
        let offer = Offer { officer, host, connection, request, certificate, head };
        let verify = self.records.notary.verify();
        if offer.officer.fingerprint() != key || !verify(&offer.officer, &offer.bytes(), &signature) {
            return Err(End::Misbehaved);
        }
        session.ledger = Some(Ledger::new(offer, signature));
        self.note(Some(id), Entry::Asked { key, name, proof, reason, permissions, seconds, display, ticket });
        if let Some(end) = refusal {
            let decision = Decision::Refused { end };
            self.note(Some(id), Entry::Answered { decision, by: Actor::Policy });
        }
        Ok(())
    }

    /// From the request or the question to the session, by way of the log.
    pub(super) fn record_grant(&mut self, now: Instant, id: SessionId, grant: Grant, display: Display) {
        if self.prepare_grant(now, id, grant, display) {
            self.record_pending(id);
        }
    }

    /// What is granted as soon as it is recorded; whether it can be.
    pub(super) fn prepare_grant(&mut self, now: Instant, id: SessionId, mut grant: Grant, display: Display) -> bool {
        if self.check_log().is_err() {
            self.end(id, End::Unrecorded);
            return false;
        }
        let ceiling = grant.permissions;
        if self.control.is_some() {
            grant.permissions = ceiling.without(Permission::Control);
        }
        let pauses = self.pauses.of(grant.ground);
        let Some(session) = self.sessions.get_mut(&id) else { return false };
        let granted = Granted {
            grant,
            ceiling,
            switches: ceiling,
            most: session.permit(&self.rules.policy),
            extras: Extras::default(),
            display,
            began: now,
            until: session.vouched_until().map_or(now + grant.duration, |until| until.min(now + grant.duration)),
            pause: Pause::of(pauses),
            confirmation: Confirmation::of(now, grant.ground),
        };
        session.state = State::Recording(Pending::Grant(granted));
        true
    }

    /// Has what is to be granted recorded.
    pub(super) fn record_pending(&mut self, id: SessionId) {
        let Some(State::Recording(Pending::Grant(Granted { grant, pause, .. }))) =
            self.sessions.get(&id).map(|session| &session.state)
        else {
            return;
        };
        let (grant, pauses) = (*grant, pause.reasons());
        if grant.returns == Return::Once {
            self.note(Some(id), Entry::AfterRestart { then: grant.returns });
        }
        let decision = Decision::Granted { permissions: grant.permissions, seconds: seconds(grant.duration) };
        self.record(Some(id), Entry::Answered { decision, by: actor(grant) }, Purpose::Grant(id));
        self.note_pause(id, pauses);
        self.note_hiding(id);
    }

    /// The grant is in the log: the session is on, and the host signs for it.
    fn begin(&mut self, now: Instant, id: SessionId, written: Written) {
        let Some(session) = self.sessions.get(&id) else { return };
        let State::Recording(Pending::Grant(granted)) = session.state else { return };
        self.attach(now, id, granted, Start::New);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let proof = session.proof();
        let (Some(granted), Some(ledger)) = (session.granted().copied(), session.ledger.as_mut()) else { return };
        let (notary, Written { time, head }) = (&self.records.notary, written);
        let answer = Answer {
            offer: ledger.offer().digest(),
            host: notary.key(),
            session: id.0,
            permissions: granted.grant.permissions,
            seconds: seconds(granted.until.saturating_duration_since(now)),
            proof,
            by: actor(granted.grant),
            time,
            head,
        };
        let signature = notary.sign(&answer.bytes());
        let opening = Opening { answer, signature };
        ledger.open(opening.clone());
        let (receipt, witness) = (ledger.receipt(None), ledger.offer().head);
        let key = session.officer.key;
        self.events.extend(receipt.map(|receipt| Event::Receipt(id, receipt)));
        self.send(id, &FromHost::Opening(Box::new(opening)));
        self.witness(id, key, witness);
    }

    /// Records that a session is over. Where it was granted and its officer is there, both sign what became of it before
    /// the officer is told goodbye.
    pub(super) fn close_record(&mut self, id: SessionId, end: End, stage: Stage, ledger: Option<Ledger>, tally: Tally) {
        let Tally { strokes, moves, bytes } = tally;
        match (stage, ledger) {
            (Stage::Granted, Some(ledger)) if ledger.opening().is_some() && self.check_log().is_ok() => {
                let officer = ledger.offer().officer.fingerprint();
                self.record(Some(id), Entry::Ended { end, strokes, moves, bytes }, Purpose::End(id));
                self.records.farewells.insert(id, Farewell { ledger, officer, end, sent: None });
                return;
            }
            (Stage::Granted, _) => self.note(Some(id), Entry::Ended { end, strokes, moves, bytes }),
            (Stage::Asked, _) => {
                let decision = Decision::Refused { end };
                self.note(Some(id), Entry::Answered { decision, by: Actor::User });
            }
            (Stage::Early, _) => {}
        }
        self.say_goodbye(id, end);
        self.hang_up(id);
    }

    /// The end is in the log: the host signs what became of the session, and the officer may.
    fn close_receipt(&mut self, now: Instant, id: SessionId, written: Written) {
        let connected = self.connection(id).is_some();
        let Some(farewell) = self.records.farewells.get_mut(&id) else { return };
        let end = farewell.end;
        let Some(closing) = farewell.ledger.closing(end, written.time, Some(written.head)) else { return };
        let signature = self.records.notary.sign(&closing.bytes());
        farewell.sent = Some(Sent { closing: closing.clone(), signature: signature.clone(), until: now + FAREWELL });
        if !connected {
            return self.part(id);
        }
        self.send(id, &FromHost::Closing { closing: Box::new(closing), signature });
        self.say_goodbye(id, end);
    }

    fn say_goodbye(&mut self, id: SessionId, end: End) {
        if !matches!(end, End::OfficerLeft | End::LinkLost) {
            self.send(id, &FromHost::Bye(end));
        }
    }

    /// What the officer of a session says that is over: only a signature is of interest, all else was under way.
    pub(super) fn hear_farewell(&mut self, id: SessionId, channel: Channel, bytes: &[u8]) {
        let Some(farewell) = self.records.farewells.get(&id) else { return };
        let (Channel::Control, Some(sent)) = (channel, &farewell.sent) else { return };
        let Ok(FromOfficer::Countersigned { head, signature }) = FromOfficer::decode(bytes) else { return };
        let (verify, key) = (self.records.notary.verify(), &farewell.ledger.offer().officer);
        let officer = verify(key, &sent.closing.bytes(), &signature).then_some(signature);
        let key = farewell.officer;
        self.complete_receipt(id, officer);
        self.witness(id, key, head);
    }

    /// The connection of a session that is over is not needed any more. Its receipt has the host's signature alone, if it has
    /// come so far; else that follows.
    pub(super) fn part(&mut self, id: SessionId) {
        self.hang_up(id);
        if self.records.farewells.get(&id).is_some_and(|farewell| farewell.sent.is_some()) {
            self.complete_receipt(id, None);
        }
    }

    fn complete_receipt(&mut self, id: SessionId, officer: Option<Signature>) {
        self.hang_up(id);
        let Some(Farewell { ledger, sent: Some(sent), .. }) = self.records.farewells.remove(&id) else { return };
        let closed = Closed { closing: sent.closing, host: Some(sent.signature), officer };
        self.events.extend(ledger.receipt(Some(closed)).map(|receipt| Event::Receipt(id, receipt)));
    }

    /// Keeps what the officer says is the head of their log.
    fn witness(&mut self, id: SessionId, key: Fingerprint, head: Option<Digest>) {
        if let Some(head) = head {
            self.note(Some(id), Entry::Witness { key, head });
        }
    }
}

const fn actor(grant: Grant) -> Actor {
    match grant.ground {
        Ground::Answer => Actor::User,
        Ground::Standing => Actor::StandingGrant,
        Ground::Agreement => Actor::Agreement,
        Ground::Return => Actor::Return,
    }
}
