//! The records of officers: whom they let in, whom the user has blocked, and what becomes of sessions when they change.

use super::Driver;
use beside_protocol::{
    record::Time,
    session::{Agreement, Enrolment, Officer, Trust},
    wire::Fingerprint,
};
use beside_shell::{
    net::Link,
    store::{self, Block, Officers},
    team::MachineTeam,
};
use std::time::{Duration, Instant, SystemTime};

/// Whether the officers' files could be read when it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::share) enum Records {
    Good,
    Unreadable,
}

impl Driver {
    pub(in crate::share) fn admit(&mut self, link: Link) {
        let key = link.peer();
        self.check_trust();
        let enrolment = match self.check_records() {
            Records::Good => self.enrolment(&key),
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

    /// Keeps a key that the user has just blocked.
    pub(super) fn block(&mut self, key: Fingerprint) {
        tracing::info!(officer = %key.short(), "The user has blocked this officer");
        if let Err(error) = self.blocked.put(key, Block { since: SystemTime::now().into() }) {
            tracing::error!(%error, "The blocked key can't be kept: it is blocked only until sharing ends");
        }
    }

    /// Tells the session machine which keys are blocked.
    pub(in crate::share) fn apply_blocks(&mut self) {
        let keys = self.blocked.iter().map(|(key, _)| *key).collect();
        self.host.set_blocked(keys);
    }

    /// Applies what has changed in the officers' files to the sessions that are on.
    pub(in crate::share) fn check_records(&mut self) -> Records {
        // What takes something away comes first, whatever the other file is like.
        let blocks = match self.blocked.changed() {
            true => self.blocked.reload().map(|()| self.apply_blocks()),
            false => Ok(()),
        };
        let officers = self.officers.changed();
        let read = if officers { self.officers.reload() } else { Ok(()) };
        if let Err(error) = blocks.and(read) {
            // Those who are connected were let in by records that were good; nobody new is, until they are again.
            tracing::error!(%error, "The officers' files can't be read; nobody new is let in until they can");
            return Records::Unreadable;
        }
        if !officers {
            return Records::Good;
        }
        let sessions: Vec<_> = self.host.officers().map(|(id, officer)| (id, officer.key)).collect();
        for (id, key) in sessions {
            let enrolment = self.enrolment(&key);
            self.host.enrolled(Instant::now(), id, enrolment);
        }
        self.learn_trust();
        Records::Good
    }

    /// Applies what has changed in the records of organisations and teams, and takes the list that the machine's owner gives.
    pub(in crate::share) fn check_trust(&mut self) {
        match self.machine_team.follow(&self.state) {
            Ok(None) => {}
            Ok(Some(team)) => tracing::info!(name = %team.name, serial = team.serial, "The machine's team list holds"),
            Err(error) => tracing::error!(%error, "The machine's team list is not taken"),
        }
        if !self.circle.changed() {
            return;
        }
        // It may be of an organisation that was not allowed before.
        self.machine_team = MachineTeam::new();
        match self.circle.reload() {
            Ok(()) => self.learn_trust(),
            Err(error) => {
                tracing::error!(%error, "The records of organisations can't be read; none vouches for anybody until they can");
                let revoked = self.circle.trust(&self.officers).revoked;
                self.host.trust(Instant::now(), Trust { revoked, ..Trust::none() });
            }
        }
    }

    /// Tells the session machine what the records say of organisations.
    pub(in crate::share) fn learn_trust(&mut self) {
        let trust = self.circle.trust(&self.officers);
        self.host.trust(Instant::now(), trust);
    }

    /// What this machine's records say of a key.
    fn enrolment(&self, key: &Fingerprint) -> Option<Enrolment> {
        let back = self.ways_back.lookup(key, SystemTime::now());
        enrolment(&self.officers, key).map(|enrolment| Enrolment { back, ..enrolment })
    }
}

/// What the list of officers says of a key.
fn enrolment(officers: &Officers, key: &Fingerprint) -> Option<Enrolment> {
    let now = SystemTime::now();
    let store::Enrolment { name, permit, standing_until, agreements, .. } = officers.lookup(key, now)?;
    // A standing grant whose end has passed is left out by the look-up.
    let standing = standing_until.map(|until| until.duration_since(now).unwrap_or_default());
    let left = |until: Time| Duration::from_millis(until.millis().saturating_sub(Time::from(now).millis()));
    let agreements = agreements.into_iter().map(|agreed| Agreement {
        ticket: agreed.ticket,
        permit: agreed.permit,
        left: left(agreed.until),
    });
    Some(Enrolment { name: name.into(), permit, standing, agreements: agreements.collect(), back: None })
}
