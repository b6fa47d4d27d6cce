//! What the officer's side records of a visit, and the receipt that it keeps.

use beside_protocol::{
    record::{Actor, Certificate, Decision, Digest, Entry, Receipt},
    session::{
        Papers,
        viewer::{Event, Tally},
    },
    wire::{End, Fingerprint, More, PauseReason, Permissions, Request},
};
use beside_shell::{
    audit::{AuditError, AuditLog},
    identity::Identity,
    net::Link,
    receipts,
    state::StateDir,
};
use std::{sync::Arc, time::Instant};

/// The officer's audit log and receipts, for one visit.
#[derive(Debug)]
pub(crate) struct Record {
    state: StateDir,
    log: AuditLog,
    identity: Arc<Identity>,
    head: Digest,
    certificate: Option<Box<Certificate>>,
    host: Option<Fingerprint>,
    stage: Stage,
    /// Why nothing is shown or done, as the host has told last; recorded once the session is.
    paused: Option<PauseReason>,
}

/// What has been recorded of the session.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Asked,
    /// Granted: its number, and what may be done.
    Granted(u64, Permissions),
    /// The same, but the connection is lost.
    Lost(u64, Permissions),
}

impl Record {
    /// Opens the log and records that a visit begins.
    pub(crate) fn open(
        state: &StateDir,
        identity: &Arc<Identity>,
        certificate: Option<Box<Certificate>>,
    ) -> Result<Self, AuditError> {
        let mut log = AuditLog::open(state)?;
        let program = concat!("beside-viewer ", env!("CARGO_PKG_VERSION")).to_owned();
        let head = log.append(None, Entry::Opened { program, key: identity.fingerprint() })?.head;
        let (state, identity) = (state.clone(), Arc::clone(identity));
        Ok(Self { state, log, identity, head, certificate, host: None, stage: Stage::Asked, paused: None })
    }

    /// Records that the host is there; before it is asked.
    pub(crate) fn connected(&mut self, link: &Link, name: Option<&str>) -> Result<(), AuditError> {
        self.host = Some(link.peer());
        self.write(Entry::Connected {
            key: link.peer(),
            name: name.map(str::to_owned),
            from: link.remote().to_string(),
            over: link.transport().to_string(),
            key_exchange: link.key_exchange().to_owned(),
        })
    }

    /// Records what is asked for; before that is sent.
    pub(crate) fn asks(&mut self, request: &Request) -> Result<(), AuditError> {
        let Request { reason, permissions, seconds, display, ticket } = request.clone();
        let key = self.identity.fingerprint();
        self.write(Entry::Asked {
            key,
            name: "this officer".to_owned(),
            proof: None,
            reason,
            permissions,
            seconds,
            display,
            ticket,
        })
    }

    /// Records what is asked for during the session; before that is sent.
    pub(crate) fn asks_more(&mut self, more: &More) -> Result<(), AuditError> {
        let More { reason, permissions, seconds } = more.clone();
        self.write(Entry::AskedMore { reason, permissions, seconds })
    }

    /// Records that the host's network has changed.
    pub(crate) fn moved(&mut self, from: String) -> Result<(), AuditError> {
        self.write(Entry::Moved { from })
    }

    /// With what the officer signs.
    pub(crate) fn papers(&self, host: Fingerprint) -> Papers {
        let (notary, certificate) = (Arc::clone(&self.identity) as _, self.certificate.clone());
        Papers { notary, host, certificate, head: Some(self.head) }
    }

    /// The log's head.
    pub(crate) const fn head(&self) -> Digest {
        self.head
    }

    /// Records what has happened, if it is of that kind. `tally` is what the officer has sent by then.
    pub(crate) fn note(&mut self, now: Instant, event: &Event, tally: Tally) -> Result<(), AuditError> {
        match (event, self.stage) {
            (Event::Receipt(receipt), _) => self.keep(receipt),
            (Event::Granted { permissions, .. } | Event::Thawed { permissions, .. }, _) => {
                self.back()?;
                self.permit(*permissions)?;
                self.pause(None)
            }
            (Event::Paused { reason, .. }, _) => {
                self.back()?;
                self.pause(Some(*reason))
            }
            (Event::MoreGranted { permissions, until }, Stage::Granted(..)) => {
                let seconds = until.saturating_duration_since(now).as_secs();
                let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
                let decision = Decision::Granted { permissions: *permissions, seconds };
                self.write(Entry::Answered { decision, by: Actor::User })
            }
            (Event::MoreRefused(why), Stage::Granted(..)) => {
                self.write(Entry::Answered { decision: Decision::Refused { end: why.end() }, by: Actor::User })
            }
            (Event::Lost { .. }, Stage::Granted(session, permissions)) => {
                self.stage = Stage::Lost(session, permissions);
                self.write(Entry::Suspended)
            }
            (Event::Cut { end, .. }, _) => {
                self.over(*end, tally)?;
                self.stage = Stage::Asked;
                Ok(())
            }
            (Event::Ended(end), stage) => self.ended(*end, stage, tally),
            _ => Ok(()),
        }
    }

    /// The connection is there again, if it was lost.
    fn back(&mut self) -> Result<(), AuditError> {
        let Stage::Lost(session, permissions) = self.stage else { return Ok(()) };
        self.stage = Stage::Granted(session, permissions);
        self.write(Entry::Resumed)
    }

    /// The session may do this, which is recorded if it is news.
    fn permit(&mut self, permissions: Permissions) -> Result<(), AuditError> {
        match self.stage {
            Stage::Granted(session, before) if before != permissions => {
                self.stage = Stage::Granted(session, permissions);
                self.write(Entry::Permissions { permissions })
            }
            _ => Ok(()),
        }
    }

    /// The session is paused or not, which is recorded if it is news.
    fn pause(&mut self, reason: Option<PauseReason>) -> Result<(), AuditError> {
        let before = std::mem::replace(&mut self.paused, reason);
        if before == reason || matches!(self.stage, Stage::Asked) {
            return Ok(());
        }
        self.write(match reason {
            Some(reason) => Entry::Paused { reasons: vec![reason] },
            None => Entry::Continued,
        })
    }

    fn ended(&mut self, end: End, stage: Stage, tally: Tally) -> Result<(), AuditError> {
        match stage {
            Stage::Asked => self.write(Entry::Answered { decision: Decision::Refused { end }, by: Actor::User })?,
            Stage::Granted(..) | Stage::Lost(..) => self.over(end, tally)?,
        }
        self.write(Entry::Closed)
    }

    fn over(&mut self, end: End, Tally { strokes, moves, bytes }: Tally) -> Result<(), AuditError> {
        self.write(Entry::Ended { end, strokes, moves, bytes })
    }

    /// Keeps a receipt and, as a witness, the head of the host's log that is in it.
    fn keep(&mut self, receipt: &Receipt) -> Result<(), AuditError> {
        receipts::keep(&self.state, receipt)?;
        let answer = &receipt.opening.answer;
        let key = answer.host.fingerprint();
        let Some(closed) = &receipt.closed else {
            let (permissions, seconds, by) = (answer.permissions, answer.seconds, answer.by);
            self.stage = Stage::Granted(answer.session, permissions);
            self.write(Entry::Answered { decision: Decision::Granted { permissions, seconds }, by })?;
            self.write(Entry::Witness { key, head: answer.head })?;
            // It may begin paused, which the host tells before its receipt.
            let paused = self.paused.take();
            return self.pause(paused);
        };
        match (closed.closing.head, &closed.host) {
            (Some(head), Some(_)) => self.write(Entry::Witness { key, head }),
            _ => Ok(()),
        }
    }

    fn write(&mut self, what: Entry) -> Result<(), AuditError> {
        let session = match self.stage {
            Stage::Asked => None,
            Stage::Granted(session, _) | Stage::Lost(session, _) => Some(session),
        };
        self.head = self.log.append(session, what)?.head;
        Ok(())
    }
}
