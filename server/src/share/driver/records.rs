//! The records of officers: whom they let in, and what becomes of sessions when they change.

use super::Driver;
use beside_protocol::{
    session::{Enrolment, Officer},
    wire::Fingerprint,
};
use beside_shell::{
    net::Link,
    store::{self, Officers},
};
use std::time::{Instant, SystemTime};

/// Whether the officers' file could be read when it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::share) enum Records {
    Good,
    Unreadable,
}

impl Driver {
    pub(in crate::share) fn admit(&mut self, link: Link) {
        let key = link.peer();
        let enrolment = match self.check_records() {
            Records::Good => enrolment(&self.officers, &key),
            Records::Unreadable => None,
        };
        let (enrolled, from, over) = (enrolment.is_some(), link.remote(), link.transport());
        let name = enrolment.as_ref().map(|enrolment| enrolment.name.clone());
        let id = self.host.connect(Instant::now(), Officer { key, enrolment }, link.keying());
        self.host.set_source(id, link.source());
        self.note_arrival(id, name, &link);
        tracing::info!(connection = id.0, officer = %key.short(), enrolled, %from, %over, "Officer connected");
        self.links.add(id, link);
    }

    /// Applies what has changed in the officers' file to the sessions that are on.
    pub(in crate::share) fn check_records(&mut self) -> Records {
        if !self.officers.changed() {
            return Records::Good;
        }
        if let Err(error) = self.officers.reload() {
            // Those who are connected were let in by records that were good; nobody new is, until they are again.
            tracing::error!(%error, "The officers' file can't be read; nobody new is let in until it can");
            return Records::Unreadable;
        }
        let sessions: Vec<_> = self.host.officers().map(|(id, officer)| (id, officer.key)).collect();
        for (id, key) in sessions {
            self.host.enrolled(Instant::now(), id, enrolment(&self.officers, &key));
        }
        Records::Good
    }
}

/// What this machine's records say of a key.
fn enrolment(officers: &Officers, key: &Fingerprint) -> Option<Enrolment> {
    let now = SystemTime::now();
    let store::Enrolment { name, permit, standing_until } = officers.lookup(key, now)?;
    // A standing grant whose end has passed is left out by the look-up.
    let standing = standing_until.map(|until| until.duration_since(now).unwrap_or_default());
    Some(Enrolment { name: name.into(), permit, standing })
}
