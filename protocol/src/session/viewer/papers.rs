//! What the officer signs: the request, and at the end what became of the session.

use super::{Event, State, Viewer};
use crate::{
    record::{
        Certificate, Closed, Closing, Digest, Happened, Notary, Offer, Opening, Seal, Signature, Statement, Time,
    },
    session::ledger::Ledger,
    wire::{End, Fingerprint, FromOfficer},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long after the host was last heard the officer waits for its signature, having left.
const FAREWELL: Duration = Duration::from_secs(2);

/// With what the officer signs, and to whom.
#[derive(Clone, Debug)]
pub struct Papers {
    /// Signs for the officer.
    pub notary: Arc<dyn Notary>,
    /// The key that the connection has proven to be the host's.
    pub host: Fingerprint,
    /// Who an organisation says that the officer is.
    pub certificate: Option<Box<Certificate>>,
    /// The head of the officer's log, if there is one.
    pub head: Option<Digest>,
}

/// The receipt under way.
#[derive(Debug)]
pub(super) struct Desk {
    papers: Papers,
    /// Of the request that was made last.
    ledger: Option<Ledger>,
    /// When the host's answer came.
    opened: Instant,
    closed: Option<Closed>,
    pub(super) tally: Tally,
}

/// What the officer has sent: how much, never what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often keys, buttons and wheels were used.
    pub strokes: u64,
    /// How often the pointer was moved.
    pub moves: u64,
    /// How many bytes of messages were sent.
    pub bytes: u64,
}

impl Desk {
    pub(super) fn new(now: Instant, papers: Papers) -> Self {
        Self { papers, ledger: None, opened: now, closed: None, tally: Tally::default() }
    }

    /// The time of the host's clock when this side's says that.
    fn time(&self, now: Instant) -> Option<Time> {
        let began = self.ledger.as_ref()?.opening()?.answer.time;
        Some(began.after(now.saturating_duration_since(self.opened)))
    }

    fn sign_closing(&self, closing: &Closing) -> Signature {
        self.papers.notary.sign(&closing.bytes())
    }
}

impl Viewer {
    /// The officer's log has another head.
    pub const fn set_head(&mut self, head: Digest) {
        self.desk.papers.head = Some(head);
    }

    /// What has been sent by now, over all connections.
    pub const fn tally(&self) -> Tally {
        self.desk.tally
    }

    /// Asks, over the present connection, and signs for it.
    pub(super) fn ask(&mut self) {
        let Papers { notary, host, certificate, head } = &self.desk.papers;
        let (key, connection) = (notary.key(), self.keying.name());
        let (host, head, certificate, request) = (*host, *head, certificate.clone(), self.request.clone());
        let offer = Offer {
            officer: key.clone(),
            host,
            connection,
            request: request.clone(),
            certificate: certificate.clone(),
            head,
        };
        let signature = notary.sign(&offer.bytes());
        let seal = Seal { key, certificate, head, signature: signature.clone() };
        self.desk.ledger = Some(Ledger::new(offer, signature));
        self.send(&FromOfficer::Request(request, seal));
    }

    /// The host has signed what it has granted: it must be what it has said.
    pub(super) fn opening(&mut self, now: Instant, opening: Opening) -> Result<(), End> {
        let State::Live { ticket, permissions, .. } = &self.state else { return Err(End::Misbehaved) };
        let Opening { answer, signature } = &opening;
        let verify = self.desk.papers.notary.verify();
        let same = (answer.session, answer.permissions) == (ticket.session, *permissions);
        let Some(ledger) = self.desk.ledger.as_mut().filter(|ledger| ledger.opening().is_none() && same) else {
            return Err(End::Misbehaved);
        };
        let bound = answer.offer == ledger.offer().digest() && answer.host.fingerprint() == self.desk.papers.host;
        if !bound || !verify(&answer.host, &answer.bytes(), signature) {
            return Err(End::Misbehaved);
        }
        ledger.open(opening);
        self.desk.opened = now;
        self.events.extend(ledger.receipt(None).map(Event::Receipt));
        Ok(())
    }

    /// The host has signed what became of the session. The officer signs it as well, if it is right.
    pub(super) fn closing(&mut self, closing: Closing, host: Signature) -> Result<(), End> {
        let leaving = matches!(self.state, State::Leaving { .. });
        if !leaving && !matches!(self.state, State::Live { .. }) || self.desk.closed.is_some() {
            return Err(End::Misbehaved);
        }
        let Some(ledger) = &self.desk.ledger else { return Err(End::Misbehaved) };
        let verify = self.desk.papers.notary.verify();
        let Some(opening) = ledger.opening() else { return Err(End::Misbehaved) };
        if !verify(&opening.answer.host, &closing.bytes(), &host) {
            return Err(End::Misbehaved);
        }
        // An officer who is still here has not left.
        let right = ledger.agrees(&closing) && (leaving || closing.end != End::OfficerLeft);
        let officer = right.then(|| self.desk.sign_closing(&closing));
        if let Some(signature) = officer.clone() {
            let head = self.desk.papers.head;
            self.send(&FromOfficer::Countersigned { head, signature });
        }
        if right {
            self.desk.closed = Some(Closed { closing, host: Some(host), officer });
        }
        Ok(())
    }

    /// Something has happened to the session.
    pub(super) fn note_fact(&mut self, what: Happened) {
        let Some(time) = self.desk.time(self.heard) else { return };
        if let Some(ledger) = &mut self.desk.ledger {
            ledger.note(time, what);
        }
    }

    /// Whether the host is to sign what became of the session.
    pub(super) fn has_opening(&self) -> bool {
        self.desk.ledger.as_ref().is_some_and(|ledger| ledger.opening().is_some())
    }

    /// Until when the officer waits for that, having left.
    pub(super) fn farewell(&self) -> Instant {
        self.heard + FAREWELL
    }

    /// The host is not to be reached any more: a session whose connection was lost is over.
    pub fn give_up(&mut self) {
        if !matches!(self.state, State::Ended) {
            self.end(End::LinkLost);
        }
    }

    /// The session is over: the receipt as it is, signed by the officer alone where the host has not signed.
    pub(super) fn close_receipt(&mut self, end: End) {
        let Some((ledger, time)) = self.desk.ledger.as_ref().zip(self.desk.time(self.heard)) else { return };
        let closed = self.desk.closed.take().or_else(|| {
            let closing = ledger.closing(end, time, self.desk.papers.head)?;
            let officer = Some(self.desk.sign_closing(&closing));
            Some(Closed { closing, host: None, officer })
        });
        self.events.extend(ledger.receipt(closed).map(Event::Receipt));
        self.desk.ledger = None;
    }
}
