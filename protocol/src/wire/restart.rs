//! What a restart of the user's computer means for a session.

use super::control::End;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What becomes of an officer whose session is cut off by a restart of the user's computer. The lesser comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// They have to ask again.
    #[default]
    AskAgain,
    /// They may come back once without a question, within [`Return::WITHIN`].
    Once,
}

impl Return {
    /// How long after a restart an officer may come back.
    pub const WITHIN: Duration = Duration::from_secs(10 * 60);
}

impl End {
    /// Whether a restart of the user's computer ends sessions like that: first the desktop goes, then the program is ended. All
    /// other ends are somebody's will, or came before.
    pub(crate) const fn is_cut(self) -> bool {
        matches!(self, Self::HostLeft | Self::DeskLost | Self::CaptureLost)
    }
}
