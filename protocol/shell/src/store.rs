//! The peers that this machine knows by their keys: `officers.toml` and `blocked.toml` on the user's, `hosts.toml` on the officer's.

use crate::{
    agreement::Agreement,
    name::Name,
    state::{Stamp, StateDir, StateError, stamp},
};
use beside_protocol::{
    record::Time,
    wire::{Fingerprint, Permissions},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The officers that the user has enrolled.
pub type Officers = Store<Enrolment>;

/// The keys that the user has blocked, whether they are enrolled or not.
pub type BlockedKeys = Store<Block>;

/// The user machines that the officer trusts.
pub type Hosts = Store<KnownHost>;

/// Peers by their keys, as one file of the state directory has them. TOML: a table for each key.
#[derive(Debug)]
pub struct Store<T> {
    state: StateDir,
    entries: BTreeMap<Fingerprint, T>,
    stamp: Option<Stamp>,
}

/// What a [`Store`] keeps about each peer.
pub trait Entry: Serialize + DeserializeOwned + Clone {
    /// The file's name.
    const FILE: &'static str;
}

/// What a [`Store`] keeps about peers that have names.
pub trait Named: Entry {
    /// What the peer is called.
    fn name(&self) -> &Name;
}

/// An officer, as the user has enrolled them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// What the user calls them; it is what prompts and banners show.
    pub name: Name,
    /// The most that they may be granted.
    #[serde(with = "permission_list")]
    pub permit: Permissions,
    /// Until when they come in without a question (a standing grant); whole seconds.
    #[serde(default, with = "unix_seconds", skip_serializing_if = "Option::is_none")]
    pub standing_until: Option<SystemTime>,
    /// The organisation that vouches for this key: its lists may give the enrolment to another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Fingerprint>,
    /// What the user has agreed to beforehand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
}

impl Enrolment {
    /// That of an officer who has to ask each time.
    pub const fn new(name: Name, permit: Permissions) -> Self {
        Self { name, permit, standing_until: None, organisation: None, agreements: Vec::new() }
    }
}

impl Entry for Enrolment {
    const FILE: &'static str = "officers.toml";
}

impl Named for Enrolment {
    fn name(&self) -> &Name {
        &self.name
    }
}

/// A key that the user has blocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Since when.
    pub since: Time,
}

impl Entry for Block {
    const FILE: &'static str = "blocked.toml";
}

/// A user's machine that the officer trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownHost {
    /// What the officer calls it.
    pub name: Name,
}

impl Entry for KnownHost {
    const FILE: &'static str = "hosts.toml";
}

impl Named for KnownHost {
    fn name(&self) -> &Name {
        &self.name
    }
}

/// Why a store can't be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be read or written, or others may change it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file holds something else.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The name may be taken for another peer's.
    #[error(
        "the name “{name}” looks like “{other}”, by which the key {key} is known here, but is not the same; give it another name"
    )]
    LookAlike {
        /// The new name.
        name: Name,
        /// The one that is there.
        other: Name,
        /// Whose that is.
        key: Fingerprint,
    },
    /// The entries can't be written as TOML.
    #[error("the list of peers can't be written: {0}")]
    Encode(#[from] toml::ser::Error),
}

/// A TOML file that holds something else than it should.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {why}", path.display())]
pub struct Malformed {
    /// The file.
    path: PathBuf,
    /// Where in it, from 1.
    line: usize,
    /// What is wrong there.
    why: String,
}

impl<T: Entry> Store<T> {
    /// Reads the file; a missing one is an empty store.
    pub fn open(state: &StateDir) -> Result<Self, StoreError> {
        let mut store = Self { state: state.clone(), entries: BTreeMap::new(), stamp: None };
        store.reload()?;
        Ok(store)
    }

    /// Whether the file has changed since it was read: cheap enough to ask every second.
    pub fn changed(&self) -> bool {
        stamp(&self.state.file(T::FILE)) != self.stamp
    }

    /// Reads the file again. After an error the entries are those from before.
    pub fn reload(&mut self) -> Result<(), StoreError> {
        let (entries, stamp) = match self.state.text(T::FILE)? {
            Some((text, metadata)) => (self.parse(&text)?, Some(Stamp::from(&metadata))),
            None => (BTreeMap::new(), None),
        };
        (self.entries, self.stamp) = (entries, stamp);
        Ok(())
    }

    /// Adds a peer, or replaces what was known about it. Other programs' changes are kept.
    pub fn put(&mut self, key: Fingerprint, entry: T) -> Result<(), StoreError> {
        self.change(|entries| entries.insert(key, entry)).map(drop)
    }

    /// Removes a peer; whether it was there.
    pub fn remove(&mut self, key: &Fingerprint) -> Result<bool, StoreError> {
        self.change(|entries| entries.remove(key)).map(|removed| removed.is_some())
    }

    /// The same, without touching the file of a store that does not have it.
    pub(crate) fn remove_known(&mut self, key: &Fingerprint) -> Result<bool, StoreError> {
        if self.entries.contains_key(key) { self.remove(key) } else { Ok(false) }
    }

    /// What is known about a peer.
    pub fn get(&self, key: &Fingerprint) -> Option<&T> {
        self.entries.get(key)
    }

    /// All peers, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Fingerprint, &T)> {
        self.entries.iter()
    }

    pub(crate) fn change<R>(
        &mut self,
        change: impl FnOnce(&mut BTreeMap<Fingerprint, T>) -> R,
    ) -> Result<R, StoreError> {
        let _lock = self.state.lock(&format!("{}.lock", T::FILE))?;
        self.reload()?;
        let mut entries = self.entries.clone();
        let result = change(&mut entries);
        self.state.replace(T::FILE, toml::to_string(&entries)?.as_bytes())?;
        self.reload()?;
        Ok(result)
    }

    fn parse(&self, text: &str) -> Result<BTreeMap<Fingerprint, T>, StoreError> {
        Ok(from_toml(text, self.state.file(T::FILE))?)
    }
}

impl<T: Named> Store<T> {
    /// The same as [`Store::put`] for a peer whom a person has just named: a name that can be taken for another peer's is refused,
    /// and one that may deceive otherwise is warned of. The very same name is allowed: one person may have two machines.
    pub fn introduce(&mut self, key: Fingerprint, entry: T) -> Result<(), StoreError> {
        let name = entry.name();
        for (other, known) in self.entries.iter().filter(|(other, _)| **other != key) {
            if known.name() == name {
                tracing::warn!(%name, key = %other, "Another key has the same name");
            } else if known.name().looks_like(name) {
                let (name, known) = (name.clone(), known.name().clone());
                return Err(StoreError::LookAlike { name, other: known, key: *other });
            }
        }
        if let Some(oddity) = name.oddity() {
            tracing::warn!(%name, %oddity, "This name may deceive");
        }
        self.put(key, entry)
    }

    /// The peer of another key that has this very name, if there is one.
    pub fn namesake(&self, key: &Fingerprint, name: &Name) -> Option<Fingerprint> {
        self.entries.iter().find(|(other, known)| *other != key && known.name() == name).map(|(other, _)| *other)
    }
}

impl Officers {
    /// What an officer may do at `now`: what is over by then, or has not begun, is left out.
    pub fn lookup(&self, key: &Fingerprint, now: SystemTime) -> Option<Enrolment> {
        let mut enrolment = self.get(key)?.clone();
        enrolment.standing_until = enrolment.standing_until.filter(|&until| now < until);
        enrolment.agreements.retain(|agreement| agreement.is_current(now.into()));
        Some(enrolment)
    }
}

/// What the text of the TOML file at `path` says.
pub(crate) fn from_toml<T: DeserializeOwned>(text: &str, path: PathBuf) -> Result<T, Malformed> {
    toml::from_str(text).map_err(|error| Malformed {
        path,
        line: line_of(text, &error),
        why: error.message().to_owned(),
    })
}

/// The line of a TOML text, from 1, that an error is about.
pub(crate) fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let start = error.span().map_or(0, |span| span.start);
    1 + text.bytes().take(start).filter(|&byte| byte == b'\n').count()
}

pub(crate) mod permission_list {
    //! Permissions as their names, separated by commas.

    use beside_protocol::wire::Permissions;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(permissions: &Permissions, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(permissions)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Permissions, D::Error> {
        String::deserialize(source)?.parse().map_err(D::Error::custom)
    }
}

mod unix_seconds {
    //! A time as whole seconds since 1970.

    use super::{Duration, SystemTime, UNIX_EPOCH};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(time: &Option<SystemTime>, sink: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()).serialize(sink)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Option<SystemTime>, D::Error> {
        let seconds = u64::deserialize(source)?;
        UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).map(Some).ok_or_else(|| D::Error::custom("no such time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::temporary;

    const ANN: Fingerprint = Fingerprint([1; 32]);
    const BOB: Fingerprint = Fingerprint([2; 32]);

    fn officer(name: &str, standing_until: Option<SystemTime>) -> Enrolment {
        Enrolment { standing_until, ..Enrolment::new(name.parse().unwrap(), Permissions::CONTROL) }
    }

    #[test]
    fn what_is_put_is_found_by_a_store_opened_before() {
        let (_parent, state) = temporary();
        let mut running = Officers::open(&state).unwrap();
        assert!(!running.changed());
        Officers::open(&state).unwrap().put(ANN, officer("Ann", None)).unwrap();
        Officers::open(&state).unwrap().put(BOB, officer("Bob", None)).unwrap();
        assert!(running.changed());
        running.reload().unwrap();
        assert!(!running.changed());
        assert_eq!(running.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [ANN, BOB]);
        assert!(Officers::open(&state).unwrap().remove(&ANN).unwrap());
        assert!(!Officers::open(&state).unwrap().remove(&ANN).unwrap());
        assert!(running.changed());
        running.reload().unwrap();
        assert_eq!(running.get(&ANN), None);
    }

    #[test]
    fn a_standing_grant_ends() {
        let (_parent, state) = temporary();
        let end = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let mut officers = Officers::open(&state).unwrap();
        officers.put(ANN, officer("Ann", Some(end))).unwrap();
        let officers = Officers::open(&state).unwrap();
        let before = officers.lookup(&ANN, end - Duration::from_secs(1)).unwrap();
        assert_eq!(before, officer("Ann", Some(end)));
        assert_eq!(officers.lookup(&ANN, end), Some(officer("Ann", None)));
        assert_eq!(officers.lookup(&BOB, end), None);
    }

    #[test]
    fn writers_at_once_lose_nothing() {
        let (_parent, state) = temporary();
        std::thread::scope(|scope| {
            for n in 0..8 {
                let state = &state;
                scope.spawn(move || {
                    let host = KnownHost { name: format!("host {n}").parse().unwrap() };
                    Hosts::open(state).unwrap().put(Fingerprint([n; 32]), host).unwrap();
                });
            }
        });
        assert_eq!(Hosts::open(&state).unwrap().iter().count(), 8);
    }

    #[test]
    fn a_bad_file_is_named_with_the_line() {
        let (_parent, state) = temporary();
        let good = format!("[{ANN}]\nname = \"Ann\"\npermit = \"view\"\n");
        for (bad, line, hint) in [
            (format!("[{ANN}]\nname = \"Ann\"\npermit = \"root\"\n"), 3, "root"),
            (format!("{good}extra = 1\n"), 4, "extra"),
            (format!("{good}[{BOB}]\nname = \"B\\u202eob\"\npermit = \"view\"\n"), 5, "reorder"),
            (format!("{good}\n[nobody]\nname = \"N\"\npermit = \"view\"\n"), 5, "KEY"),
            (format!("{good}[{ANN}]\nname = \"Eve\"\npermit = \"view\"\n"), 4, "duplicate"),
        ] {
            state.replace(Enrolment::FILE, bad.as_bytes()).unwrap();
            let error = Officers::open(&state).unwrap_err().to_string();
            assert!(error.contains(&format!("officers.toml, line {line}: ")) && error.contains(hint), "{error}\n{bad}");
        }
        state.replace(Enrolment::FILE, good.as_bytes()).unwrap();
        assert_eq!(Officers::open(&state).unwrap().iter().count(), 1);
    }

    #[test]
    fn a_look_alike_is_refused_and_a_namesake_is_not() {
        let (_parent, state) = temporary();
        let mut officers = Officers::open(&state).unwrap();
        officers.introduce(ANN, officer("IT-Support", None)).unwrap();
        let refused = officers.introduce(BOB, officer("lT Support", None)).unwrap_err();
        assert!(matches!(&refused, StoreError::LookAlike { key, .. } if *key == ANN), "{refused}");
        assert_eq!(officers.get(&BOB), None);
        officers.introduce(ANN, officer("it-support", None)).unwrap();
        officers.introduce(BOB, officer("it-support", None)).unwrap();
        assert_eq!(officers.namesake(&ANN, &"it-support".parse().unwrap()), Some(BOB));
    }
}
