//! Importing the list of a team: whose list it is, that it is newer, and what follows for the officers of this machine.

use crate::{
    audit::{AuditError, AuditLog},
    identity::verify,
    name::Name,
    organisations::{KnownTeam, Organisations, Teams},
    platform,
    program::Failure,
    state::{Stamp, StateDir, StateError},
    store::{Enrolment, Officers, StoreError},
};
use beside_protocol::{
    record::{Change, Entry, Stale, TeamList, Time, TokenError},
    wire::Fingerprint,
};

/// The name of the list that the owner of a machine puts beside its policy.
const FILE: &str = "team.list";

/// Why a list is not taken.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// It is no list.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is not signed as it says.
    #[error("the list's signature is not good: it was altered, or somebody else has made it")]
    Forged,
    /// It is of an organisation that this machine does not allow.
    #[error(
        "the list is of the organisation with the key {0}, which this machine does not allow; see `beside-server allow-organisation`"
    )]
    Unknown(Fingerprint),
    /// It can't take the place of the one that is known.
    #[error("the list of {name} is not taken: {why}")]
    Stale {
        /// The organisation.
        name: Name,
        /// Why not.
        why: Stale,
    },
    /// The records can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The list's file can't be read, or others may change it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The audit log, without which nothing is permitted.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl From<TeamError> for Failure {
    fn from(error: TeamError) -> Self {
        let code = match error {
            TeamError::Forged => Self::WRONG_PEER,
            TeamError::Unknown(_) | TeamError::Stale { .. } => Self::POLICY,
            TeamError::Token(_) => Self::USAGE,
            TeamError::Store(_) | TeamError::State(_) | TeamError::Audit(_) => Self::OTHER,
        };
        Self::new(code, error.to_string())
    }
}

/// What has come of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The organisation, as it is called here.
    pub name: Name,
    /// The list's number.
    pub serial: u64,
    /// How many keys it revokes.
    pub revoked: usize,
    /// How many enrolments have gone over to another key.
    pub moved: usize,
}

/// Takes a list: from now on its keys are revoked, and enrolments for which its organisation vouched are those of the keys that took
/// the place of theirs. The list that is in force already changes nothing.
pub fn import(state: &StateDir, text: &str) -> Result<Imported, TeamError> {
    let list: TeamList = text.parse()?;
    let issuer = list.issuer();
    let organisations = Organisations::open(state)?;
    let name = organisations.get(&issuer).ok_or(TeamError::Unknown(issuer))?.name.clone();
    if !list.is_signed(verify) {
        return Err(TeamError::Forged);
    }
    let _lock = state.lock("team.lock")?;
    let mut teams = Teams::open(state)?;
    let (serial, revoked) = (list.content.serial, list.revoked());
    let known = teams.get(&issuer).map(|team| &team.list);
    let mut imported = Imported { name: name.clone(), serial, revoked: revoked.len(), moved: 0 };
    if known == Some(&list) {
        return Ok(imported);
    }
    let changes = list.beyond(known).map_err(|why| TeamError::Stale { name: name.clone(), why })?;
    let mut log = AuditLog::open(state)?;
    let said = u32::try_from(revoked.len()).unwrap_or(u32::MAX);
    log.append(None, Entry::TeamList { key: issuer, name: name.to_string(), serial, revoked: said })?;
    let mut officers = Officers::open(state)?;
    for change in changes {
        if let Change::Rotated { old, new } = change {
            imported.moved +=
                usize::from(!revoked.contains(new) && hand_over(&mut officers, &mut log, issuer, old, new)?);
        }
        if officers.remove_known(&change.gone())? {
            log.append(None, Entry::Forgotten { key: change.gone() })?;
        }
    }
    // Last: what was interrupted before is done again.
    teams.put(issuer, KnownTeam { name, list })?;
    Ok(imported)
}

/// Gives the enrolment of a key to the one that takes its place, if the organisation vouched for it and that one has none.
fn hand_over(
    officers: &mut Officers,
    log: &mut AuditLog,
    issuer: Fingerprint,
    old: &Fingerprint,
    new: &Fingerprint,
) -> Result<bool, TeamError> {
    let enrolment = officers.get(old).filter(|enrolment| enrolment.organisation == Some(issuer)).cloned();
    let Some(enrolment) = enrolment.filter(|_| officers.get(new).is_none()) else { return Ok(false) };
    let Enrolment { name, permit, standing_until, .. } = &enrolment;
    let (name, standing_until) = (name.to_string(), standing_until.map(Time::from));
    log.append(None, Entry::Enrolled { key: *new, name, permit: *permit, standing_until })?;
    officers.put(*new, enrolment)?;
    Ok(true)
}

/// The list that the owner of the machine gives to all its users (`/etc/beside/team.list`, on Windows
/// `%ProgramData%\Beside\team.list`), watched.
#[derive(Debug)]
pub struct MachineTeam {
    dir: Option<StateDir>,
    stamp: Option<Stamp>,
}

impl MachineTeam {
    /// A list that was not looked at yet.
    pub fn new() -> Self {
        Self { dir: platform::machine_dir().map(StateDir::existing), stamp: None }
    }

    /// Imports the list if there is one that was not looked at; cheap enough to ask every second. A list that is not taken is
    /// told of once.
    pub fn follow(&mut self, state: &StateDir) -> Result<Option<Imported>, TeamError> {
        let Some(dir) = &self.dir else { return Ok(None) };
        let stamp = crate::state::stamp(&dir.file(FILE));
        if stamp == self.stamp {
            return Ok(None);
        }
        self.stamp = stamp;
        match dir.text(FILE)? {
            Some((text, _)) => import(state, &text).map(Some),
            None => Ok(None),
        }
    }
}

impl Default for MachineTeam {
    fn default() -> Self {
        Self::new()
    }
}
