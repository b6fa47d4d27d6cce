//! The control stream: asking, answering, heartbeats, the end.

use super::{codec::Message, fingerprint::Fingerprint, permissions::Permissions};
use crate::frame::{Films, Size};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What an officer asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Why: a sentence or a ticket, shown to the user. Required.
    pub reason: String,
    /// What is asked for; the user may grant less.
    pub permissions: Permissions,
    /// For how many seconds.
    pub seconds: u32,
    /// Which display, by its number in `displays`; `None` for all of them.
    pub display: Option<u16>,
}

impl Request {
    /// The longest reason, in bytes.
    pub const MAX_REASON: usize = 500;
    /// The longest time that can be asked for: 8 hours.
    pub const MAX_SECONDS: u32 = 8 * 3600;

    /// Whether the values are within their limits; a reason of white space alone is none.
    pub fn is_valid(&self) -> bool {
        is_line(&self.reason, Self::MAX_REASON)
            && !self.reason.trim().is_empty()
            && !self.permissions.is_empty()
            && (1..=Self::MAX_SECONDS).contains(&self.seconds)
    }
}

/// From the officer to the host. Before approval the host reads `Hello`, `Request`, `Resume`, `Pong` and `Bye` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromOfficer {
    /// The first message: the versions that this side speaks, and what it can read.
    Hello {
        /// The lowest.
        lowest: u16,
        /// The highest.
        highest: u16,
        /// Whether it can read films.
        films: Films,
    },
    /// Asks for a session.
    Request(Request),
    /// Goes on with a session whose connection was lost, or seems to be.
    Resume {
        /// The session, as `Granted` named it.
        session: u64,
        /// That this officer began it: [`Keying::proof`](crate::session::Keying::proof).
        proof: [u8; 32],
    },
    /// Somebody is there. Answers a `Ping` while a key or button is held, so that the host can release what a silent officer
    /// holds; and is sent when the host is silent, which may have missed that this side's network has changed.
    Pong,
    /// What has arrived and been decoded, all together since the connection began.
    Ack {
        /// Bytes of messages of the frame and cursor channels.
        bytes: u64,
        /// Bytes of those parts among them that are [small](crate::wire::FramePart::is_small).
        small: u64,
        /// The picture that `number` belongs to.
        epoch: u32,
        /// The newest update that the reference picture holds. The host sends and voids none that is much newer.
        number: u64,
        /// How many parts of repaints that picture has taken: when it is all that were sent, the host knows that what
        /// they replaced is not copied any more.
        repaints: u64,
        /// How many of these came after a newer update had copied, so that what they were to replace may have been.
        late: u64,
        /// How many microseconds the newest part took to decode.
        decode: u32,
        /// How many microseconds the last picture that was shown took from there to the screen; 0 as long as that is not known.
        present: u32,
    },
    /// The officer leaves.
    Bye,
}

impl Message for FromOfficer {
    fn is_valid(&self) -> bool {
        match self {
            Self::Hello { lowest, highest, .. } => lowest <= highest,
            Self::Request(request) => request.is_valid(),
            Self::Ack { bytes, small, repaints, late, .. } => late <= repaints && small <= bytes,
            Self::Resume { .. } | Self::Pong | Self::Bye => true,
        }
    }
}

/// From the host to the officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromHost {
    /// Answers `Hello`.
    Welcome {
        /// The version that both will speak.
        version: u16,
        /// What the host calls itself; trust the enrolled name instead where there is one.
        name: String,
    },
    /// The user is being asked.
    Asking {
        /// How many seconds they have to answer.
        seconds: u32,
    },
    /// The user, or a standing grant, said yes; sent again when the permissions change, and when the session is resumed.
    Granted {
        /// The session's number, for [`FromOfficer::Resume`].
        session: u64,
        /// What may be done: perhaps less than asked for.
        permissions: Permissions,
        /// How many seconds the grant lasts from now.
        seconds: u32,
    },
    /// The session that was to be resumed is not here (any more), or not this officer's: a request is welcome.
    Gone,
    /// A new picture begins: black, as after update `number`.
    View {
        /// Its epoch; parts of others are to be dropped.
        epoch: u32,
        /// Its size.
        size: Size,
        /// The last update that it does not need.
        number: u64,
    },
    /// Update `number` will not come; what it would have shown comes as a repaint.
    Void {
        /// The picture.
        epoch: u32,
        /// The update.
        number: u64,
    },
    /// A repaint is on its way, of pixels as after update `number`: copies of newer updates wait for it.
    Repaints {
        /// The picture.
        epoch: u32,
        /// The update.
        number: u64,
        /// How many parts of repaints of this picture will have been sent with it.
        parts: u64,
    },
    /// A heartbeat, each second.
    Ping {
        /// How many microseconds pictures of the last second took from the change of the screen to the line, half of
        /// them at most; 0 when there were none.
        made: u32,
    },
    /// The session is over.
    Bye(End),
}

impl FromHost {
    /// The longest name of a host, in bytes.
    pub const MAX_NAME: usize = 100;
}

impl Message for FromHost {
    fn is_valid(&self) -> bool {
        match self {
            Self::Welcome { name, .. } => is_line(name, Self::MAX_NAME),
            Self::View { size, .. } => size.is_valid(),
            Self::Asking { .. }
            | Self::Granted { .. }
            | Self::Gone
            | Self::Void { .. }
            | Self::Repaints { .. }
            | Self::Ping { .. }
            | Self::Bye(_) => true,
        }
    }
}

/// Why a session ended, or never began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// The officer left.
    OfficerLeft,
    /// The user said no.
    Denied,
    /// The user stopped it.
    Stopped,
    /// Nobody answered in time, or the question could not be shown.
    Unanswered,
    /// The time that was granted is over.
    Expired,
    /// The host's program was ended.
    HostLeft,
    /// The host's rules do not allow it.
    Policy(PolicyReason),
    /// The screen can't be captured any more, or the chosen display is not there.
    CaptureLost,
    /// What shows the user that a session is on has died, so the session may not go on.
    DeskLost,
    /// No version in common.
    Incompatible,
    /// The other side broke the protocol.
    Misbehaved,
    /// The connection was lost.
    LinkLost,
    /// The same officer has asked anew over another connection, which takes this one's place.
    Replaced,
}

/// Which rule was in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PolicyReason {
    /// This officer's key is not enrolled on the host.
    NotEnrolled,
    /// The officer's enrolment allows none of what was asked for.
    NotPermitted,
    /// The host admits standing grants only, and this officer has none.
    NoStandingGrant,
    /// As many officers as the host admits are connected already.
    Full,
    /// The officer's enrolment was removed.
    Removed,
    /// The host shares one display, and the officer asked for another.
    OtherDisplay,
}

impl End {
    /// The exit code for a viewer whose session ended so; the README lists them.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::OfficerLeft | Self::Expired | Self::HostLeft => 0,
            Self::DeskLost | Self::Incompatible | Self::Misbehaved => 1,
            Self::Denied | Self::Stopped => 3,
            Self::Unanswered => 4,
            Self::LinkLost | Self::Replaced => 5,
            Self::Policy(_) => 7,
            Self::CaptureLost => 8,
        }
    }
}

impl fmt::Display for End {
    /// A sentence for the officer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OfficerLeft => "the session was ended by the officer",
            Self::Denied => "the user said no",
            Self::Stopped => "the user stopped the session",
            Self::Unanswered => "nobody answered; ask the user to be at the machine and try again",
            Self::Expired => "the time that the user granted is over",
            Self::HostLeft => "the user's machine stopped sharing",
            Self::Policy(PolicyReason::NotEnrolled) => {
                "the user's machine does not know your key; have `beside-server allow` run there with what `beside-viewer identity` prints here"
            }
            Self::Policy(PolicyReason::NotPermitted) => {
                "your enrolment on the user's machine permits nothing of what was asked for"
            }
            Self::Policy(PolicyReason::NoStandingGrant) => {
                "the user's machine asks nobody and you have no standing grant there (or it has ended)"
            }
            Self::Policy(PolicyReason::Full) => "other officers are connected already; try again later",
            Self::Policy(PolicyReason::Removed) => "your enrolment was removed from the user's machine",
            Self::Policy(PolicyReason::OtherDisplay) => {
                "another display is shared; ask without naming one, and you are shown that"
            }
            Self::CaptureLost => "the user's screen can't be captured (any more)",
            Self::DeskLost => "the banner on the user's screen failed, so the session was ended",
            Self::Incompatible => "the two programs have no version in common; update the older one",
            Self::Misbehaved => "the other side broke the protocol",
            Self::LinkLost => "the connection was lost",
            Self::Replaced => "you have connected anew, which ended this session",
        })
    }
}

/// The question that the user is asked. Made by the host's session machine only; what it says of the officer comes from
/// the enrolment, never from the peer, except for the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The officer's name, as enrolled on this machine.
    pub officer: String,
    /// The officer's key, as proven by the connection.
    pub key: Fingerprint,
    /// Why the officer asks, in the officer's words.
    pub reason: String,
    /// What may be granted: asked for by the officer and permitted by the enrolment.
    pub permissions: Permissions,
    /// For how long.
    pub duration: Duration,
    /// How long the user has to answer.
    pub patience: Duration,
}

/// Whether a text is one honest line of at most `limit` bytes.
fn is_line(text: &str, limit: usize) -> bool {
    text.len() <= limit && !text.contains(breaks_line)
}

/// Whether a character has no place in a line: a control character, or one that turns text around.
pub(crate) fn breaks_line(c: char) -> bool {
    let turns = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::super::codec::Invalid;
    use super::*;

    fn request(reason: &str) -> FromOfficer {
        FromOfficer::Request(Request {
            reason: reason.into(),
            permissions: Permissions::VIEW,
            seconds: 60,
            display: None,
        })
    }

    #[test]
    fn a_reason_is_one_honest_line() {
        let good = request("ticket 7: drucker spinnt");
        assert_eq!(FromOfficer::decode(&good.encode()), Ok(good));
        for bad in ["", "  ", "two\nlines", "turned \u{202e} round", "and \u{61c} too", &"x".repeat(501)] {
            assert_eq!(FromOfficer::decode(&request(bad).encode()), Err(Invalid::OutOfRange), "{bad:?}");
        }
    }

    #[test]
    fn hostile_sizes_are_refused() {
        let view = FromHost::View { epoch: 1, size: Size::new(65_535, 65_535), number: 0 };
        assert_eq!(FromHost::decode(&view.encode()), Err(Invalid::OutOfRange));
        // A string that claims to be longer than the message.
        assert_eq!(FromHost::decode(&[0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(Invalid::Malformed));
    }
}
