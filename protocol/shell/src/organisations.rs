//! The organisations that may vouch for officers on this machine, the lists of their teams, and what both say together.

use crate::{
    identity::verify,
    name::Name,
    state::StateDir,
    store::{Entry, Named, Officers, Store, StoreError, permission_list},
};
use beside_protocol::{
    record::{TeamList, Time},
    session::{Names, Organisation, Trust},
    wire::{Fingerprint, Permissions},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::SystemTime,
};

/// The organisations whose certificates are taken.
pub type Organisations = Store<AllowedOrganisation>;

/// The newest list of each team that was imported.
pub type Teams = Store<KnownTeam>;

/// An organisation, as the user of this machine has allowed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedOrganisation {
    /// What it is called here; it is what prompts and banners show.
    pub name: Name,
    /// The most that one of its officers may be granted.
    #[serde(with = "permission_list")]
    pub permit: Permissions,
}

impl Entry for AllowedOrganisation {
    const FILE: &'static str = "organisations.toml";
}

impl Named for AllowedOrganisation {
    fn name(&self) -> &Name {
        &self.name
    }
}

/// The team of an organisation. What it revoked stays revoked when the organisation is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownTeam {
    /// What the organisation was called here when the list came.
    pub name: Name,
    /// The list.
    #[serde(with = "token")]
    pub list: TeamList,
}

impl Entry for KnownTeam {
    const FILE: &'static str = "teams.toml";
}

impl Named for KnownTeam {
    fn name(&self) -> &Name {
        &self.name
    }
}

/// What this machine's records say of organisations and their teams.
#[derive(Debug)]
pub struct Circle {
    organisations: Organisations,
    teams: Teams,
}

impl Circle {
    /// Reads the records; missing ones are empty.
    pub fn open(state: &StateDir) -> Result<Self, StoreError> {
        Ok(Self { organisations: Organisations::open(state)?, teams: Teams::open(state)? })
    }

    /// Whether the records have changed since they were read: cheap enough to ask every second.
    pub fn changed(&self) -> bool {
        self.organisations.changed() || self.teams.changed()
    }

    /// Reads them again. After an error they are those from before.
    pub fn reload(&mut self) -> Result<(), StoreError> {
        self.organisations.reload()?;
        self.teams.reload()
    }

    /// Whether anybody may vouch for anybody.
    pub fn is_empty(&self) -> bool {
        self.organisations.iter().next().is_none()
    }

    /// Who has revoked a key, if somebody has.
    pub fn revoker(&self, key: &Fingerprint) -> Option<&Name> {
        self.teams.iter().find(|(_, team)| team.list.revoked().contains(key)).map(|(_, team)| &team.name)
    }

    /// What they say together. No certificate may have a name that can be taken for that of one of these officers.
    pub fn trust(&self, officers: &Officers) -> Trust {
        let signed = |team: &&KnownTeam| team.list.is_signed(verify);
        let revoked: BTreeSet<_> = self.teams.iter().flat_map(|(_, team)| team.list.revoked()).collect();
        let organisation = |(key, allowed): (&Fingerprint, &AllowedOrganisation)| {
            let team = self.teams.get(key).filter(signed);
            let successors = team.map(|team| team.list.successors()).unwrap_or_default();
            let AllowedOrganisation { name, permit } = allowed.clone();
            (*key, Organisation { name: name.into(), permit, successors })
        };
        let organisations: BTreeMap<_, _> = self.organisations.iter().map(organisation).collect();
        let names = KnownNames {
            officers: officers.iter().map(|(key, officer)| (*key, officer.name.clone())).collect(),
            organisations: self.organisations.iter().map(|(_, allowed)| allowed.name.clone()).collect(),
        };
        Trust { time: Time::from(SystemTime::now()), organisations, revoked, names: Arc::new(names) }
    }
}

/// The names that are taken on this machine.
#[derive(Debug)]
struct KnownNames {
    officers: Vec<(Fingerprint, Name)>,
    organisations: Vec<Name>,
}

impl Names for KnownNames {
    fn admits(&self, name: &str, key: &Fingerprint) -> Option<String> {
        let name: Name = name.parse().ok()?;
        let taken = |(other, known): &(Fingerprint, Name)| other != key && *known != name && known.looks_like(&name);
        // Behind the name stands that of the organisation: what could be taken for the sign between them is none of a name.
        if name.has_separator()
            || self.officers.iter().any(taken)
            || self.organisations.iter().any(|organisation| organisation.looks_like(&name))
        {
            return None;
        }
        if let Some(oddity) = name.oddity() {
            tracing::warn!(%name, %oddity, "The name in a certificate may deceive");
        }
        Some(name.into())
    }

    fn are_alike(&self, one: &str, other: &str) -> bool {
        match (one.parse::<Name>(), other.parse::<Name>()) {
            (Ok(one), Ok(other)) => one.looks_like(&other),
            _ => true,
        }
    }
}

mod token {
    //! A list as its token.

    use super::TeamList;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(list: &TeamList, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(list)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<TeamList, D::Error> {
        String::deserialize(source)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Fingerprint = Fingerprint([1; 32]);
    const BOB: Fingerprint = Fingerprint([2; 32]);

    #[test]
    fn a_certificate_s_name_can_be_taken_for_nobody_else_s() {
        let names = KnownNames {
            officers: vec![(ANN, "Anna Berg".parse().unwrap())],
            organisations: vec!["Contoso IT".parse().unwrap()],
        };
        assert_eq!(names.admits("Ｂｏｂ", &BOB).as_deref(), Some("Bob"), "in one spelling");
        assert_eq!(names.admits("Anna Berg", &ANN).as_deref(), Some("Anna Berg"));
        // The very same name is no disguise: behind it stands who vouches.
        assert_eq!(names.admits("Anna Berg", &BOB).as_deref(), Some("Anna Berg"));
        for bad in [
            "Аnna Berg",
            "anna-berg",
            "Contoso IT",
            "C0ntoso IT",
            "Bob · Contoso IT",
            "Bob\u{202e}",
            "",
            " Bob",
            "Bob — IT",
        ] {
            assert_eq!(names.admits(bad, &BOB), None, "{bad:?}");
        }
        assert!(names.are_alike("Anna Berg", "Anna 8erg") || names.are_alike("lan", "Ian"));
    }
}
