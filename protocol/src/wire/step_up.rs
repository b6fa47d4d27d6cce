//! What is asked during a session: more permissions for a while, whether it may go on, and who has control.

use super::{
    control::{End, PolicyReason, Request, is_line},
    permissions::Permissions,
    who::Who,
};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// What an officer asks for during a session, on top of what is granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct More {
    /// Why: a line, shown to the user. Required.
    pub reason: String,
    /// What; the user is asked for as much of it as may be granted.
    pub permissions: Permissions,
    /// For how many seconds.
    pub seconds: u32,
}

impl More {
    /// Whether the values are within their limits, which are those of a [`Request`].
    pub fn is_valid(&self) -> bool {
        is_line(&self.reason, Request::MAX_REASON)
            && !self.reason.trim().is_empty()
            && !self.permissions.is_empty()
            && (1..=Request::MAX_SECONDS).contains(&self.seconds)
    }
}

/// What has become of [`More`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StepUp {
    /// The user is being asked.
    Asking {
        /// How many seconds they have to answer.
        seconds: u32,
    },
    /// The user has said yes; `Granted` came before.
    Granted {
        /// To these.
        permissions: Permissions,
        /// How many seconds they last from now.
        seconds: u32,
    },
    /// Nothing: the session is as it was.
    Refused(Refusal),
}

/// Why nothing has come of [`More`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// The user said no.
    Denied,
    /// The user did not answer in time.
    Unanswered,
    /// It is granted already, or the enrolment or the host's policy does not permit it.
    NotPermitted,
    /// The user is being asked something else about this session.
    Busy,
    /// The session is paused.
    Paused,
    /// The user has refused often enough of late.
    Wait {
        /// How many seconds to wait before asking again.
        seconds: u32,
    },
    /// There is nobody to be asked.
    Nobody,
    /// What the user was asked is not so any more.
    Changed,
    /// The host's audit log can't be written.
    Unrecorded,
}

impl Refusal {
    /// As it is recorded.
    pub const fn end(self) -> End {
        match self {
            Self::Denied => End::Denied,
            Self::Unanswered => End::Unanswered,
            Self::Unrecorded => End::Unrecorded,
            Self::NotPermitted | Self::Busy | Self::Paused | Self::Wait { .. } | Self::Nobody | Self::Changed => {
                End::Policy(PolicyReason::NotPermitted)
            }
        }
    }
}

impl fmt::Display for Refusal {
    /// A few words for the officer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wait { seconds } => return write!(f, "refused too often; ask again in {} min", seconds.div_ceil(60)),
            Self::Denied => "the user said no",
            Self::Unanswered => "the user did not answer",
            Self::NotPermitted => "not permitted on the user’s machine",
            Self::Busy => "the user is being asked already",
            Self::Paused => "the session is paused",
            Self::Nobody => "nobody is asked on the user’s machine",
            Self::Changed => "things have changed meanwhile, ask again",
            Self::Unrecorded => "the user’s machine can’t record it",
        })
    }
}

/// Who has control, from one officer's point of view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// Nobody.
    #[default]
    Nobody,
    /// This officer.
    You,
    /// Another officer: to get it is to take it from them.
    Another,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A session that would begin.
    Session,
    /// More for a session that is on; its `permissions` are those, and its `duration` is theirs.
    More {
        /// Who has control and would lose it, if it is about control and somebody has.
        holder: Option<Who>,
    },
    /// Whether a session that is on may go on; its `duration` is what is left of it.
    Again {
        /// For how long it has been on.
        lasted: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::super::{FromHost, FromOfficer, Invalid, LIMIT_BEFORE_APPROVAL, Message, Permission};
    use super::*;
    use proptest::prelude::*;

    fn any_more() -> impl Strategy<Value = More> {
        let permissions = prop::sample::subsequence(Permission::ALL.to_vec(), 1..=Permission::ALL.len());
        ("[a-z][ -~]{0,499}", permissions, 1..=Request::MAX_SECONDS).prop_map(|(reason, permissions, seconds)| More {
            reason,
            permissions: permissions.into_iter().collect(),
            seconds,
        })
    }

    proptest! {
        #[test]
        fn what_is_asked_reads_back(more in any_more()) {
            let bytes = FromOfficer::More(more.clone()).encode();
            prop_assert!(bytes.len() <= LIMIT_BEFORE_APPROVAL);
            prop_assert_eq!(FromOfficer::decode(&bytes), Ok(FromOfficer::More(more)));
        }

        #[test]
        fn hostile_bytes_do_no_harm(tag in 9u8..16, rest in prop::collection::vec(any::<u8>(), 0..64)) {
            let bytes = [&[tag], rest.as_slice()].concat();
            if let Ok(message) = FromOfficer::decode(&bytes) {
                prop_assert_eq!(FromOfficer::decode(&message.encode()), Ok(message));
            }
            if let Ok(message) = FromHost::decode(&bytes) {
                prop_assert_eq!(FromHost::decode(&message.encode()), Ok(message));
            }
        }
    }

    #[test]
    fn what_is_asked_has_limits() {
        let good = More { reason: "ticket 7".into(), permissions: Permissions::CONTROL, seconds: 300 };
        for bad in [
            More { reason: " ".into(), ..good.clone() },
            More { reason: "two\nlines".into(), ..good.clone() },
            More { reason: "x".repeat(501), ..good.clone() },
            More { permissions: Permissions::NONE, ..good.clone() },
            More { seconds: 0, ..good.clone() },
            More { seconds: Request::MAX_SECONDS + 1, ..good.clone() },
        ] {
            assert_eq!(FromOfficer::decode(&FromOfficer::More(bad).encode()), Err(Invalid::OutOfRange));
        }
    }
}
