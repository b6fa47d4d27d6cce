//! The proof that an action may reach the user's machine.

use crate::{
    frame::Point,
    wire::{Action, Button, Invalid, Key, Press},
};
use serde::{Deserialize, Serialize};

/// An action that the host's session machine has allowed: the only thing that an input backend accepts.
///
/// It can't be made outside the session machine, which makes one only while the control permission is live, or to
/// release what is held. Its place is on the desktop, within the shared display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injection {
    at: Option<Point>,
    action: Action,
}

impl Injection {
    /// The longest encoding, in bytes.
    pub const MAX_BYTES: usize = Action::MAX_TEXT + 32;

    pub(super) const fn new(at: Option<Point>, action: Action) -> Self {
        Self { at, action }
    }

    /// Where the pointer is to be on the desktop before the action; `None` where it is.
    pub const fn at(&self) -> Option<Point> {
        self.at
    }

    /// What is to be done.
    pub const fn action(&self) -> &Action {
        &self.action
    }

    /// Its bytes, for the pipe to the process that injects.
    pub fn to_pipe(&self) -> Vec<u8> {
        // Serialising to memory fails only for types that postcard can't hold; these are plain.
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// Reads one from the pipe. For the injecting process alone: what arrives there has been allowed by the process at
    /// the other end of that pipe, its parent.
    pub fn from_pipe(bytes: &[u8]) -> Result<Self, Invalid> {
        postcard::from_bytes(bytes).map_err(|_| Invalid::Malformed)
    }

    /// The release of a key, needed when whoever held it is gone.
    pub(super) const fn release_key(key: Key) -> Self {
        Self::new(None, Action::Key(key, Press::Up))
    }

    /// The release of a button.
    pub(super) const fn release_button(button: Button) -> Self {
        Self::new(None, Action::Button(button, Press::Up))
    }
}
