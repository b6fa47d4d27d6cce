//! What the user reads of a session when it is over.

use super::{Host, SessionId, record::Tally, session::Granted};
use crate::{
    session::Ground,
    wire::{Permissions, Who},
};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// What became of a session that had begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who was there.
    pub officer: Who,
    /// Since when.
    pub began: Instant,
    /// All that the officer was allowed at any time.
    pub allowed: Permissions,
    /// What of that the user added for a while.
    pub added: Permissions,
    /// Whether the officer used keyboard or pointer.
    pub used: Used,
    /// On what it rested.
    pub ground: Ground,
    /// What is left of it.
    pub kept: Kept,
}

/// Whether keyboard or pointer were used by an officer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Used {
    /// At least once.
    Yes,
    /// Never.
    No,
}

/// What is left of a session on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    /// A receipt.
    Receipt,
    /// Nothing that is sure: what is done can't be recorded.
    Nothing,
}

impl Host {
    /// What became of a session until now, if it has begun.
    pub(super) fn account(&self, id: SessionId) -> Option<Account> {
        let session = self.sessions.get(&id)?;
        let Granted { began, grant, .. } = *session.granted()?;
        let (allowed, added) = (session.allowed, session.added);
        let Tally { strokes, moves, .. } = session.tally;
        let used = if strokes > 0 || moves > 0 { Used::Yes } else { Used::No };
        let kept = if self.check_log().is_ok() { Kept::Receipt } else { Kept::Nothing };
        Some(Account { officer: session.who(), began, allowed, added, used, ground: grant.ground, kept })
    }
}
