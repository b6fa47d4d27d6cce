//! What the user reads about a session.

use beside_protocol::wire::{CodeFault, End};

/// Why a session ended, in the user's words.
pub(super) const fn to_user(end: End) -> &'static str {
    match end {
        End::OfficerLeft => "The helper has left.",
        End::Stopped => "You stopped it.",
        End::Expired => "The time that you allowed is over.",
        End::LinkLost => "The connection to the helper was lost.",
        End::Replaced => "The helper has connected anew.",
        End::HostLeft => "Sharing was switched off on this computer.",
        End::Policy(_) => "The helper is not permitted on this computer (any more).",
        End::Denied => "You said no.",
        End::Unconfirmed => "You were asked whether it may go on, and did not answer.",
        End::Unanswered => "Nobody answered the question.",
        End::Incompatible => "The two programs have no version in common; the older one needs an update.",
        End::Locked => "The screen was locked.",
        End::CaptureLost => "The screen could no longer be shown.",
        End::Misbehaved => "The helper's program did something that is not allowed.",
        End::Certificate(_) => "The helper's certificate is not good on this computer.",
        End::Code(CodeFault::Wrong) => "The code was wrong.",
        End::Code(CodeFault::None) => "There was no code, or not any more.",
        End::Code(CodeFault::Wait { .. }) => "Codes were tried too often.",
        End::Unrecorded => "This computer could not write down what is done, so nothing is allowed.",
        End::DeskLost => "The window that shows that a session is on has failed.",
    }
}
