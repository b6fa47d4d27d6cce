//! What the user reads about a session.

use beside_protocol::wire::End;

/// Why a session ended, in the user's words.
pub(super) const fn to_user(end: End) -> &'static str {
    match end {
        End::OfficerLeft => "The helper has left.",
        End::Stopped => "You stopped it.",
        End::Expired => "The time that you allowed is over.",
        End::LinkLost => "The connection to the helper was lost.",
        End::Replaced => "The helper has connected anew.",
        End::HostLeft => "Sharing was switched off on this computer.",
        End::Policy(_) => "The helper is no longer permitted on this computer.",
        End::CaptureLost => "The screen could no longer be shown.",
        End::Misbehaved => "The helper's program did something that is not allowed.",
        End::DeskLost | End::Denied | End::Unanswered | End::Incompatible => "It is over.",
    }
}
