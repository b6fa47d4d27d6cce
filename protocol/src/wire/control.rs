//! The control stream: asking, answering, heartbeats, the end.

use super::{
    activity::{Hands, PauseReason},
    codec::Message,
    fingerprint::Fingerprint,
    permissions::Permissions,
    restart::Return,
    step_up::{Holder, More, Purpose, StepUp},
    who::Who,
    words::CheckWords,
};
use crate::{
    frame::{Films, Size},
    record::{CertificateFault, Closing, Digest, Opening, Seal, Signature},
};
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
    /// The ticket that it is about, if there is one.
    pub ticket: Option<String>,
}

impl Request {
    /// The longest ticket, in bytes.
    pub const MAX_TICKET: usize = 64;
    /// The longest reason, in bytes.
    pub const MAX_REASON: usize = 500;
    /// The longest time that can be asked for: 8 hours.
    pub const MAX_SECONDS: u32 = 8 * 3600;

    /// Whether the values are within their limits; a reason of white space alone is none.
    pub fn is_valid(&self) -> bool {
        is_line(&self.reason, Self::MAX_REASON)
            && !self.reason.trim().is_empty()
            && self.ticket.as_deref().is_none_or(Self::is_ticket)
            && !self.permissions.is_empty()
            && (1..=Self::MAX_SECONDS).contains(&self.seconds)
    }

    /// Whether a text can be a ticket: one line that neither begins nor ends with white space, so that two which look alike
    /// are the same.
    pub fn is_ticket(text: &str) -> bool {
        is_line(text, Self::MAX_TICKET) && !text.is_empty() && text.trim() == text
    }
}

/// From the officer to the host. Before approval the host reads all but `Ack`.
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
    /// Asks for a session, and signs for it: see [`Offer`](crate::record::Offer).
    Request(Request, Seal),
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
    /// The officer leaves. A host that has granted a session answers with `Closing`.
    Bye,
    /// The officer has a code: their share of the exchange about it ([`contact`](crate::session::contact)).
    CodeShare {
        /// A point of the curve, compressed.
        share: [u8; 32],
    },
    /// That the officer has the host's code.
    CodeProof {
        /// HMAC-SHA256.
        proof: [u8; 32],
    },
    /// Answers `Closing`: the officer agrees to it.
    Countersigned {
        /// The head of the officer's log.
        head: Option<Digest>,
        /// The officer's signature of the closing.
        signature: Signature,
    },
    /// Asks for more during a session. `StepUp` answers.
    More(More),
    /// The officer gives control up.
    Yield,
}

impl Message for FromOfficer {
    fn is_valid(&self) -> bool {
        match self {
            Self::Hello { lowest, highest, .. } => lowest <= highest,
            Self::Request(request, seal) => request.is_valid() && seal.is_valid(),
            Self::Ack { bytes, small, repaints, late, .. } => late <= repaints && small <= bytes,
            Self::Countersigned { signature, .. } => signature.0.len() <= Signature::MAX_BYTES,
            Self::More(more) => more.is_valid(),
            Self::Resume { .. }
            | Self::Pong
            | Self::Bye
            | Self::CodeShare { .. }
            | Self::CodeProof { .. }
            | Self::Yield => true,
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
    /// How the session stands: the user, or a standing grant, said yes. Sent again when the permissions change, when the
    /// session is paused or goes on, and when it is resumed.
    Granted {
        /// The session's number, for [`FromOfficer::Resume`].
        session: u64,
        /// What may be done: perhaps less than asked for.
        permissions: Permissions,
        /// How many seconds the grant lasts from now.
        seconds: u32,
        /// Why nothing is shown or done at present, if that is so. What was shown before is not live; when the session
        /// goes on, a new picture begins.
        paused: Option<PauseReason>,
        /// What the user allows for after a restart of their computer.
        returns: Return,
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
    /// To the officer who has control: whose hands are on the user's keyboard and pointer from now on. At first, and
    /// after each `Granted`, the officer's.
    Hands(Hands),
    /// The host's share of the exchange about its code. A guess of the code is used by it.
    CodeShare {
        /// A point of the curve, compressed.
        share: [u8; 32],
    },
    /// The officer has proven the code; and that this host has it too.
    CodeProof {
        /// HMAC-SHA256.
        proof: [u8; 32],
    },
    /// What was granted, signed; follows the first `Granted` of a session.
    Opening(Box<Opening>),
    /// What became of a granted session, signed; before `Bye` where the connection still stands.
    Closing {
        /// What.
        closing: Box<Closing>,
        /// The host's signature of it.
        signature: Signature,
    },
    /// What has become of what the officer has asked for during the session.
    StepUp(StepUp),
    /// Who has control from now on; at first, and over each connection, nobody.
    Control(Holder),
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
            Self::Opening(opening) => opening.is_valid(),
            Self::Closing { closing, signature } => closing.is_valid() && signature.0.len() <= Signature::MAX_BYTES,
            Self::Asking { .. }
            | Self::Granted { .. }
            | Self::Gone
            | Self::Void { .. }
            | Self::Repaints { .. }
            | Self::Ping { .. }
            | Self::Bye(_)
            | Self::Hands(_)
            | Self::CodeShare { .. }
            | Self::CodeProof { .. }
            | Self::StepUp(_)
            | Self::Control(_) => true,
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
    /// The code did not prove what it should.
    Code(CodeFault),
    /// The host's audit log can't be written, and without it nothing is granted.
    Unrecorded,
    /// The officer's certificate proves nothing to the host.
    Certificate(CertificateFault),
    /// The user was asked whether it may go on, and did not answer.
    Unconfirmed,
    /// The user's screen is locked, or another user's session is in front: nobody can be asked, and a session that rests on
    /// the user's answer does not go on for long.
    Locked,
}

/// What was wrong with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CodeFault {
    /// The two sides don't have the same code, or somebody is between them.
    Wrong,
    /// The host has no code, or not any more.
    None,
    /// Codes have been tried too often; nothing came of this attempt.
    Wait {
        /// How many seconds to wait before the next.
        seconds: u16,
    },
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
    /// The policy of the host's owner does not allow it, whatever the user says.
    Forbidden,
    /// The officer's key was revoked.
    Revoked,
    /// The user has turned down this officer again and again, and is not asked for a while.
    Silenced {
        /// How many minutes that lasts.
        minutes: u16,
    },
    /// The user has blocked this officer's key.
    Blocked,
    /// The policy of the host's owner wants a ticket named.
    NoTicket,
}

impl End {
    /// The exit code for a viewer whose session ended so; the README lists them.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::OfficerLeft | Self::Expired | Self::HostLeft => 0,
            Self::DeskLost | Self::Incompatible | Self::Misbehaved | Self::Unrecorded => 1,
            Self::Denied | Self::Stopped => 3,
            Self::Unanswered | Self::Unconfirmed | Self::Locked => 4,
            Self::LinkLost | Self::Replaced => 5,
            Self::Code(CodeFault::Wrong | CodeFault::None)
            | Self::Certificate(CertificateFault::Forged | CertificateFault::Foreign) => 6,
            Self::Policy(_) | Self::Code(CodeFault::Wait { .. }) | Self::Certificate(_) => 7,
            Self::CaptureLost => 8,
        }
    }
}

impl fmt::Display for End {
    /// A sentence for the officer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code(CodeFault::Wait { seconds }) => {
                return write!(f, "codes have been tried too often there; wait {seconds} s, then try again");
            }
            Self::Policy(PolicyReason::Silenced { minutes }) => {
                return write!(f, "the user has turned you down too often, and is not asked again for {minutes} min");
            }
            Self::OfficerLeft => "the session was ended by the officer",
            Self::Denied => "the user said no",
            Self::Stopped => "the user stopped the session",
            Self::Unanswered => "nobody answered; ask the user to be at the machine and try again",
            Self::Expired => "the time that the user granted is over",
            Self::HostLeft => "the user's machine stopped sharing",
            Self::Policy(PolicyReason::NotEnrolled) => {
                "the user's machine does not know your key; ask the user for a code and use `--code -`, or have `beside-server allow` run there with what `beside-viewer identity` prints here"
            }
            Self::Policy(PolicyReason::NotPermitted) => {
                "your enrolment on the user's machine permits nothing of what was asked for"
            }
            Self::Policy(PolicyReason::NoStandingGrant) => {
                "the user's machine asks nobody and you have no standing grant there (or it has ended)"
            }
            Self::Policy(PolicyReason::Full) => "other officers are connected already; try again later",
            Self::Policy(PolicyReason::Removed) => {
                "your enrolment, or what let you in without a question, was taken back on the user's machine"
            }
            Self::Policy(PolicyReason::Blocked) => "the user has blocked your key",
            Self::Policy(PolicyReason::NoTicket) => {
                "the policy of the user's machine wants a ticket; name it with --ticket"
            }
            Self::Policy(PolicyReason::Forbidden) => "the policy of the user's machine does not allow it; ask who looks after it",
            Self::Policy(PolicyReason::Revoked) => {
                "your key was revoked by an organisation that the user's machine allows; ask that organisation"
            }
            Self::Policy(PolicyReason::OtherDisplay) => {
                "another display is shared; ask without naming one, and you are shown that"
            }
            Self::CaptureLost => "the user's screen can't be captured (any more)",
            Self::DeskLost => "the banner on the user's screen failed, so the session was ended",
            Self::Locked => "the user's screen is locked; try again when the user is back",
            Self::Incompatible => "the two programs have no version in common; update the older one",
            Self::Misbehaved => "the other side broke the protocol",
            Self::LinkLost => "the connection was lost",
            Self::Replaced => "you have connected anew, which ended this session",
            Self::Code(CodeFault::Wrong) => {
                "the code was wrong, or the other side is not the one it should be; ask the user for the code that their screen shows now"
            }
            Self::Code(CodeFault::None) => {
                "the code has expired or was used; ask the user for the code that their screen shows now"
            }
            Self::Certificate(fault) => fault.to_officer(),
            Self::Unconfirmed => "the user was asked whether the session may go on, and did not answer",
            Self::Unrecorded => {
                "the user's machine can't write its audit log, and nothing is allowed there that is not recorded"
            }
        })
    }
}

/// The question that the user is asked. Made by the host's session machine only; what it says of the officer comes from
/// the enrolment, never from the peer, except for the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What it is about.
    pub purpose: Purpose,
    /// Who asks.
    pub officer: Who,
    /// How it is known who they are.
    pub proof: Proof,
    /// The officer's key, as proven by the connection.
    pub key: Fingerprint,
    /// What officer and user can read to each other, to be sure of the connection.
    pub check: CheckWords,
    /// Why the officer asks, in the officer's words.
    pub reason: String,
    /// The ticket that the officer names.
    pub ticket: Option<String>,
    /// What may be granted: asked for by the officer and permitted by the enrolment.
    pub permissions: Permissions,
    /// For how long.
    pub duration: Duration,
    /// The most that can be granted for after a restart.
    pub returns: Return,
    /// How long the user has to answer.
    pub patience: Duration,
}

/// How the host knows who an officer is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By their key, which has a name on this machine.
    Enrolled,
    /// Not at all: they had the code that was on the user's screen, and nobody here vouches for them.
    Code,
    /// By the certificate of an organisation that this machine allows.
    Organisation {
        /// What the organisation is called on this machine.
        name: String,
    },
}

impl Proof {
    /// The longest name of an organisation, in bytes.
    pub const MAX_NAME: usize = 240;

    /// Whether the values are within their limits.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Enrolled | Self::Code => true,
            Self::Organisation { name } => is_line(name, Self::MAX_NAME),
        }
    }
}

impl fmt::Display for Proof {
    /// In brackets behind a name. A name that breaks the line is not written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrolled => f.write_str("enrolled on the user's machine"),
            Self::Code => f.write_str("introduced by a code; nobody vouched for them"),
            Self::Organisation { name } if self.is_valid() => {
                write!(f, "vouched for by {name}, an organisation that the user's machine allows")
            }
            Self::Organisation { .. } => f.write_str("vouched for by an organisation"),
        }
    }
}

/// Whether a text is one honest line of at most `limit` bytes.
pub(super) fn is_line(text: &str, limit: usize) -> bool {
    text.len() <= limit && !text.contains(breaks_line)
}

/// Whether a character has no place in a line: a control character, or one that turns text around.
pub(crate) fn breaks_line(c: char) -> bool {
    let turns = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, LIMIT_BEFORE_APPROVAL, codec::Invalid};
    use super::*;
    use crate::record::{Certificate, Claim, Fact, Happened, MAX_FACTS, PublicKey, Time};

    fn request(reason: &str) -> FromOfficer {
        let request =
            Request { reason: reason.into(), permissions: Permissions::VIEW, seconds: 60, display: None, ticket: None };
        let seal =
            Seal { key: PublicKey(vec![4; 91]), certificate: None, head: None, signature: Signature(vec![0x30; 72]) };
        FromOfficer::Request(request, seal)
    }

    #[test]
    fn the_longest_request_fits_what_is_read_before_approval() {
        let request = Request {
            reason: "x".repeat(Request::MAX_REASON),
            permissions: Permissions::CONTROL,
            seconds: Request::MAX_SECONDS,
            display: Some(u16::MAX),
            ticket: Some("x".repeat(Request::MAX_TICKET)),
        };
        let key = PublicKey(vec![0xff; PublicKey::MAX_BYTES]);
        let signature = Signature(vec![0xff; Signature::MAX_BYTES]);
        let claim = Claim {
            organisation: "x".repeat(Claim::MAX_NAME),
            officer: "x".repeat(Claim::MAX_NAME),
            key: Fingerprint([0xff; 32]),
            from: u64::MAX - 1,
            until: u64::MAX,
        };
        let certificate =
            Some(Box::new(Certificate { claim, organisation: key.clone(), signature: signature.clone() }));
        let seal = Seal { key, certificate, head: Some(Digest::ZERO), signature };
        let message = FromOfficer::Request(request.clone(), seal.clone());
        let bytes = message.encode();
        assert!(bytes.len() <= LIMIT_BEFORE_APPROVAL);
        assert_eq!(FromOfficer::decode(&bytes), Ok(message));
        let long = Seal { key: PublicKey(vec![0; PublicKey::MAX_BYTES + 1]), ..seal };
        assert_eq!(FromOfficer::decode(&FromOfficer::Request(request, long).encode()), Err(Invalid::OutOfRange));
    }

    #[test]
    fn the_longest_closing_fits_its_channel() {
        let fact = Fact { time: Time::from_millis(u64::MAX), what: Happened::Resumed(Digest::ZERO) };
        let closing = Closing {
            answer: Digest::ZERO,
            facts: vec![fact; MAX_FACTS],
            omitted: u32::MAX,
            end: End::Policy(PolicyReason::Removed),
            time: Time::from_millis(u64::MAX),
            head: Some(Digest::ZERO),
        };
        let signature = Signature(vec![0xff; Signature::MAX_BYTES]);
        let message = FromHost::Closing { closing: Box::new(closing), signature };
        assert!(message.encode().len() <= Channel::Control.limit());
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
    fn a_ticket_is_one_short_line() {
        for good in ["4711", "INC 0004711", &"x".repeat(64)] {
            assert!(Request::is_ticket(good), "{good:?}");
        }
        for bad in ["", " ", " 4711", "4711 ", "47\n11", "47\u{202e}11", &"x".repeat(65)] {
            let FromOfficer::Request(request, seal) = request("printer") else { unreachable!() };
            let asked = FromOfficer::Request(Request { ticket: Some(bad.into()), ..request }, seal);
            assert_eq!(FromOfficer::decode(&asked.encode()), Err(Invalid::OutOfRange), "{bad:?}");
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
