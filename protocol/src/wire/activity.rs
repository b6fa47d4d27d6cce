//! What keeps a granted session from going on for a while.

use serde::{Deserialize, Serialize};

/// Why a session is paused: nothing is shown and nothing is done until every reason is gone. The time of the grant runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PauseReason {
    /// The user pressed Pause.
    User,
    /// The user's screen is locked, or another user's session is in front of it.
    Locked,
    /// The user was asked whether this session may go on, and has not answered.
    Unconfirmed,
}

impl PauseReason {
    /// All of them. The first that holds is the one that is told.
    pub const ALL: [Self; 3] = [Self::User, Self::Locked, Self::Unconfirmed];
}

/// Whose hands are on the user's keyboard and pointer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hands {
    /// Those of the officer who has control.
    #[default]
    Officer,
    /// The user's own: what the officer does is dropped meanwhile.
    User,
    /// Nobody's: the user is being asked something, and what the officer does is dropped meanwhile.
    Nobody,
}
