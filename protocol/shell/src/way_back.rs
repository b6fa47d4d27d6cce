//! Ways back after a restart of the computer, on the disk: which officers may come back once to sessions that the restart cuts off.
//!
//! One file for all of them, in the state directory. What is in it counts only if the computer has really been restarted since, and
//! shortly after; what can't be read counts for nothing and goes.

mod boot;

use self::boot::Boot;
use crate::{
    state::{StateDir, StateError},
    store::{Malformed, from_toml, permission_list},
};
use beside_protocol::{
    record::Time,
    session::{WayBack, host::KeptReturn},
    wire::{Fingerprint, Permissions, Return},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

/// The file's name.
const FILE: &str = "ways-back.toml";

/// How often it is to be noted that the computer still runs.
pub const BEAT: Duration = Duration::from_secs(60);

/// Why a way back can't be kept, or used.
#[derive(Debug, thiserror::Error)]
pub enum WayBackError {
    /// The file.
    #[error(transparent)]
    State(#[from] StateError),
    /// What is kept can't be written as TOML.
    #[error("the ways back can't be written: {0}")]
    Encode(#[from] toml::ser::Error),
    /// There is none.
    #[error("there is no way back for this officer any more")]
    Gone,
    /// Nobody could tell later whether the computer has been restarted.
    #[error("this system does not tell when it was started")]
    NoBoot,
}

/// What one officer may come back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(with = "permission_list")]
    permissions: Permissions,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// When the session ends.
    until: Time,
    /// When the computer still ran.
    alive: Time,
    /// Since when it ran then.
    boot: Boot,
}

impl Entry {
    /// What is left of it after the start `boot` of the computer.
    fn left(&self, boot: &Boot, now: Time) -> Option<WayBack> {
        if !boot.follows(&self.boot) || now < self.alive {
            return None;
        }
        let open = between(now, self.alive.after(Return::WITHIN))?;
        let left = between(now, self.until)?;
        let Self { permissions, display, ticket, .. } = self.clone();
        Some(WayBack { permissions, display, ticket, left, open })
    }

    /// Whether it may ever be of use, after this start or the next.
    fn is_current(&self, boot: &Boot, now: Time) -> bool {
        !boot.follows(&self.boot) || self.left(boot, now).is_some()
    }
}

/// The time from one to the other, if there is any.
fn between(from: Time, to: Time) -> Option<Duration> {
    to.millis().checked_sub(from.millis()).filter(|millis| *millis > 0).map(Duration::from_millis)
}

type Entries = BTreeMap<Fingerprint, Entry>;

/// The ways back that are kept.
#[derive(Debug)]
pub struct WaysBack {
    state: StateDir,
    /// `None` where the system does not tell: there are none then.
    boot: Option<Boot>,
    /// What this program has written.
    kept: BTreeMap<Fingerprint, KeptReturn>,
}

impl WaysBack {
    /// Those in a state directory.
    pub fn new(state: &StateDir) -> Self {
        Self { state: state.clone(), boot: Boot::now(), kept: BTreeMap::new() }
    }

    /// Whether there can be any on this system.
    pub const fn are_possible(&self) -> bool {
        self.boot.is_some()
    }

    /// What an officer may come back to, if the computer has been restarted.
    pub fn lookup(&self, officer: &Fingerprint, now: SystemTime) -> Option<WayBack> {
        self.read().get(officer)?.left(self.boot.as_ref()?, now.into())
    }

    /// Keeps a way back, in the place of what was kept of the same officer.
    pub fn keep(&mut self, kept: KeptReturn, now: Instant, clock: SystemTime) -> Result<(), WayBackError> {
        if self.kept.get(&kept.officer) == Some(&kept) {
            return Ok(());
        }
        let boot = self.boot.clone().ok_or(WayBackError::NoBoot)?;
        let (alive, left) = (Time::from(clock), kept.until.saturating_duration_since(now));
        let KeptReturn { permissions, display, ticket, .. } = kept.clone();
        let entry = Entry { permissions, display, ticket, until: alive.after(left), alive, boot };
        self.change(alive, |entries| entries.insert(kept.officer, entry))?;
        self.kept.insert(kept.officer, kept);
        Ok(())
    }

    /// Notes that the computer still runs, for these officers' ways back.
    pub fn beat(&mut self, officers: &BTreeSet<Fingerprint>, clock: SystemTime) -> Result<(), WayBackError> {
        let alive = Time::from(clock);
        let kept: Vec<_> = self.kept.keys().filter(|key| officers.contains(key)).copied().collect();
        if kept.is_empty() {
            return Ok(());
        }
        self.change(alive, |entries| {
            for key in kept {
                entries.entry(key).and_modify(|entry| entry.alive = alive);
            }
        })
    }

    /// Keeps none of an officer any more.
    pub fn forget(&mut self, officer: &Fingerprint, clock: SystemTime) -> Result<(), WayBackError> {
        self.kept.remove(officer);
        if self.read().contains_key(officer) {
            self.change(clock.into(), |entries| entries.remove(officer))?;
        }
        Ok(())
    }

    /// Uses an officer's way back up: there was one, and from now on there is none, whatever happens to this computer.
    pub fn take(&mut self, officer: &Fingerprint, clock: SystemTime) -> Result<(), WayBackError> {
        let (boot, now) = (self.boot.clone().ok_or(WayBackError::NoBoot)?, Time::from(clock));
        let taken = self.change(now, |entries| entries.remove(officer))?;
        taken.and_then(|entry| entry.left(&boot, now)).map(drop).ok_or(WayBackError::Gone)
    }

    /// What is in the file; what can't be read is taken for nothing, and goes.
    fn read(&self) -> Entries {
        let path = self.state.file(FILE);
        let entries = match self.state.private_text(FILE) {
            Ok(None) => return Entries::new(),
            Ok(Some(text)) => from_toml(&text, path).map_err(|error: Malformed| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        entries.unwrap_or_else(|why| {
            tracing::error!(why, "The ways back after a restart can't be read: there are none");
            if let Err(error) = self.state.remove(FILE) {
                tracing::error!(%error, "Nor can they be removed");
            }
            Entries::new()
        })
    }

    fn change<R>(&self, now: Time, change: impl FnOnce(&mut Entries) -> R) -> Result<R, WayBackError> {
        let _lock = self.state.lock(&format!("{FILE}.lock"))?;
        let mut entries = self.read();
        let result = change(&mut entries);
        if let Some(boot) = &self.boot {
            entries.retain(|_, entry| entry.is_current(boot, now));
        }
        if entries.is_empty() {
            self.state.remove(FILE)?;
        } else {
            self.state.replace(FILE, toml::to_string(&entries)?.as_bytes())?;
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests;
