//! Whom the host's records let vouch for officers, and whether a certificate proves an officer to it.

use crate::{
    record::{Certificate, CertificateFault, Time, Verify},
    wire::{Fingerprint, Permissions},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// More than a session may last.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the host's records say, at one moment, of organisations and of revoked keys.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The moment, by the wall clock.
    pub time: Time,
    /// Whose certificates are taken.
    pub organisations: BTreeMap<Fingerprint, Organisation>,
    /// The keys that nobody may come in with, whatever else speaks for them.
    pub revoked: BTreeSet<Fingerprint>,
    /// What tells whether a name may be shown.
    pub names: Arc<dyn Names>,
}

/// An organisation that may vouch for officers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// What it is called on this machine; what it calls itself is never shown.
    pub name: String,
    /// The most that one of its officers may be granted.
    pub permit: Permissions,
    /// The keys that have taken another's place, by the old one.
    pub successors: BTreeMap<Fingerprint, Fingerprint>,
}

/// Which names may be shown. Handed in: it takes tables of all scripts.
pub trait Names: fmt::Debug + Send + Sync {
    /// A name as it may be shown for a key; `None` where it is no name, or may be taken for one that another key has here.
    fn admits(&self, name: &str, key: &Fingerprint) -> Option<String>;

    /// Whether two names that are not the same may be taken for each other.
    fn are_alike(&self, one: &str, other: &str) -> bool;
}

/// Who an organisation says that an officer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vouched {
    /// The officer's name, as it may be shown.
    pub(super) name: String,
    /// The organisation's key.
    pub(super) issuer: Fingerprint,
    /// The organisation's name on this machine.
    pub(super) organisation: String,
    /// The most that the officer may be granted.
    pub(super) permit: Permissions,
    /// How long that still holds, when the officer asks; or a day, if that is less.
    pub(super) left: Duration,
    /// When that is over.
    pub(super) until: Instant,
}

impl Vouched {
    /// What the user reads for a name.
    pub(super) fn label(&self) -> String {
        format!("{} · {}", self.name, self.organisation)
    }
}

impl Trust {
    /// Nobody may vouch for anybody, and no key is revoked.
    pub fn none() -> Self {
        Self {
            time: Time::from_millis(0),
            organisations: BTreeMap::new(),
            revoked: BTreeSet::new(),
            names: Arc::new(NoNames),
        }
    }

    /// What a certificate proves of the officer with a key, at `now` when the wall clock shows `time`. `others` are the names of
    /// officers for whom organisations vouch and who are here.
    pub(super) fn vouched<'a>(
        &self,
        now: Instant,
        time: Time,
        certificate: &Certificate,
        key: &Fingerprint,
        mut others: impl Iterator<Item = &'a str>,
        verify: Verify,
    ) -> Result<Vouched, CertificateFault> {
        let issuer = certificate.issuer();
        let Some(organisation) = self.organisations.get(&issuer) else { return Err(CertificateFault::Unknown) };
        certificate.check(time, verify)?;
        let claim = &certificate.claim;
        if claim.key != *key && organisation.successors.get(&claim.key) != Some(key) {
            return Err(CertificateFault::Foreign);
        }
        let name = self.names.admits(&claim.officer, key).ok_or(CertificateFault::Name)?;
        if others.any(|other| *other != name && self.names.are_alike(other, &name)) {
            return Err(CertificateFault::Name);
        }
        let left = Duration::from_secs(claim.until).saturating_sub(Duration::from_millis(time.millis())).min(DAY);
        let Organisation { name: organisation, permit, .. } = organisation.clone();
        Ok(Vouched { name, issuer, organisation, permit, left, until: now + left })
    }
}

/// Where nobody vouches, no name is shown.
#[derive(Debug)]
struct NoNames;

impl Names for NoNames {
    fn admits(&self, _name: &str, _key: &Fingerprint) -> Option<String> {
        None
    }

    fn are_alike(&self, _one: &str, _other: &str) -> bool {
        false
    }
}
