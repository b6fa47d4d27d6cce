//! Why sharing could not begin, or did not go on.

use super::words;
use crate::capture::OpenError;
use beside_protocol::wire::End;
use beside_shell::{
    audit::AuditError,
    net::{EndpointKeysError, NetError, Refusal},
    policy::PolicyError,
    program::Failure,
    store::StoreError,
};
use std::io;

/// Why sharing could not begin, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// The screen can't be captured.
    #[error(transparent)]
    Capture(#[from] OpenError),
    /// The desk can't be shown, so nobody could be asked, or see that a session is on.
    #[error("the window that asks the user and shows that a session is on can't be shown: {0}")]
    Desk(String),
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The keys of this machine's socket.
    #[error(transparent)]
    Endpoint(#[from] EndpointKeysError),
    /// The record of the officers.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy of this machine, without which nothing is granted.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The audit log, without which nothing is shared.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The officer who was dialled did not take the call.
    #[error("{address}: {refusal}")]
    TurnedAway {
        /// Whom we dialled.
        address: String,
        /// Why not.
        refusal: Refusal,
    },
    /// The session with the officer who was dialled ended otherwise than normally.
    #[error("{address}: {}", words::to_user(*end))]
    Ended {
        /// Whom we dialled.
        address: String,
        /// How it ended.
        end: End,
    },
    /// The system refused a thread, a process or random numbers.
    #[error("the system refused what sharing needs: {0}")]
    System(#[from] io::Error),
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        let code = match error {
            ShareError::Net(error) => return error.into(),
            ShareError::Policy(error) => return error.into(),
            ShareError::Capture(_) | ShareError::Desk(_) => Self::DISPLAY,
            ShareError::TurnedAway { .. } => Self::POLICY,
            ShareError::Ended { end, .. } => end.exit_code(),
            ShareError::Endpoint(_) | ShareError::Store(_) | ShareError::Audit(_) | ShareError::System(_) => {
                Self::OTHER
            }
        };
        Self::new(code, error.to_string())
    }
}
