//! The audit log and the receipts: what is recorded, and what follows when it can't be.

use super::Driver;
use crate::share::ShareError;
use beside_protocol::{
    record::{Entry, Receipt},
    session::host::{ConnectionId, RecordId, SessionId},
    wire::Fingerprint,
};
use beside_shell::{
    audit::{Appender, AuditLog, Outcome},
    net::Link,
    receipts,
    state::StateDir,
};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How many strangers are recorded in [`WINDOW`]: they need no permission to come, and may not fill the disk.
const STRANGERS: u32 = 10;

/// Over which time they are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// Where it is recorded what is done.
#[derive(Debug)]
pub(in crate::share) struct Audit {
    appender: Appender<RecordId>,
    /// Strangers of the present window, and when that began.
    strangers: Option<(Instant, u32)>,
}

impl Audit {
    /// Opens the log and records that sharing begins; what is older than `keep` goes.
    pub(in crate::share) fn open(
        state: &StateDir,
        key: Fingerprint,
        keep: Option<Duration>,
    ) -> Result<(Self, UnboundedReceiver<Outcome<RecordId>>), ShareError> {
        let mut log = AuditLog::open(state)?;
        if let Some(keep) = keep {
            let erased = log.erase(keep)?;
            tracing::info!(erased, "Old lines of the audit log were erased");
        }
        let program = concat!("beside-server ", env!("CARGO_PKG_VERSION")).to_owned();
        log.append(None, Entry::Opened { program, key })?;
        let (told, outcomes) = unbounded_channel();
        let state = state.clone();
        let keep = move |receipt: &Receipt| match receipts::keep(&state, receipt) {
            Ok(path) => tracing::debug!(path = %path.display(), "Receipt kept"),
            Err(error) => tracing::error!(%error, "The receipt of a session can't be kept"),
        };
        // An error means that sharing has ended.
        let tell = move |outcome| drop(told.send(outcome));
        let appender = Appender::start(move |session, what| log.append(session, what), keep, tell)?;
        Ok((Self { appender, strangers: None }, outcomes))
    }

    pub(super) fn write(&self, id: RecordId, session: Option<SessionId>, entry: Entry) {
        self.appender.append(id, session.map(|session| session.0), entry);
    }

    pub(super) fn keep(&self, receipt: Box<Receipt>) {
        self.appender.keep(receipt);
    }

    /// Whether one more stranger is recorded.
    fn takes_stranger(&mut self, now: Instant) -> bool {
        let (since, count) = self.strangers.filter(|(since, _)| now < *since + WINDOW).unwrap_or((now, 0));
        self.strangers = Some((since, count.saturating_add(1)));
        count < STRANGERS
    }
}

impl Driver {
    /// Tells the session machine what has become of a line.
    pub(in crate::share) fn take_outcome(&mut self, outcome: Outcome<RecordId>) {
        let now = Instant::now();
        match outcome {
            Outcome::Written(id, written) => self.host.recorded(now, id, written),
            Outcome::Failing(error) => {
                tracing::error!(%error, "The audit log can't be written: nothing is granted, and sessions end soon");
                self.host.not_recorded(now);
            }
        }
    }

    /// Records who has connected.
    pub(super) fn note_arrival(&mut self, connection: ConnectionId, name: Option<String>, link: &Link) {
        if name.is_none() && !self.audit.takes_stranger(Instant::now()) {
            return;
        }
        let entry = Entry::Connected {
            key: link.peer(),
            name,
            from: link.remote().to_string(),
            over: link.transport().to_string(),
            key_exchange: link.key_exchange().to_owned(),
        };
        self.host.note(Some(SessionId(connection.0)), entry);
    }
}
