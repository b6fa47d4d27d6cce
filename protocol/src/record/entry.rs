//! What a line of the log says. Never contents: no pixels, keys, clipboard text, codes or secrets.

use super::{digest::Digest, time::Time};
use crate::wire::{End, Fingerprint, PauseReason, Permissions, Proof, Return};
use serde::{Deserialize, Serialize};

/// One thing that is recorded. Texts of peers are kept as they came; how a [`Line`](super::Line) is written makes them
/// harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// A program begins to write here.
    Opened {
        /// The program and its version.
        program: String,
        /// This machine's key.
        key: Fingerprint,
    },
    /// That program ends in order.
    Closed,
    /// The last line was cut short when the program or the machine died, so nobody was told that it had been written.
    Torn {
        /// How many bytes there were of it.
        bytes: u64,
        /// Their digest.
        digest: Digest,
        /// The file next to the log in which they are kept.
        kept: String,
    },
    /// Lines were taken out because of their age; see [`Stub`](Self::Stub).
    Erased {
        /// The number of the last one.
        through: u64,
        /// Its digest.
        head: Digest,
        /// Lines from before this time were to go.
        before: Time,
    },
    /// Stands at the beginning of a log for all lines that were erased; an [`Erased`](Self::Erased) line says the same.
    Stub {
        /// The number of the last one.
        through: u64,
        /// Its digest.
        head: Digest,
    },
    /// A peer was made known, or what is known of it was changed.
    Enrolled {
        /// Its key.
        key: Fingerprint,
        /// What it is called here.
        name: String,
        /// The most that it may be granted; nothing for a host, of whom nothing is granted.
        #[serde(with = "names")]
        permit: Permissions,
        /// Until when it comes in without a question.
        standing_until: Option<Time>,
    },
    /// An organisation may vouch for officers from now on, or what is known of it was changed.
    OrganisationAllowed {
        /// Its key.
        key: Fingerprint,
        /// What it is called here.
        name: String,
        /// The most that one of its officers may be granted.
        #[serde(with = "names")]
        permit: Permissions,
    },
    /// The list of a team holds from now on.
    TeamList {
        /// The key of the organisation that has signed it.
        key: Fingerprint,
        /// What that is called here.
        name: String,
        /// The list's number.
        serial: u64,
        /// How many keys it revokes, those that others have taken the place of included.
        revoked: u32,
    },
    /// A peer was removed.
    Forgotten {
        /// Its key.
        key: Fingerprint,
    },
    /// A key was blocked: who has it is refused before anybody is asked.
    Blocked {
        /// The key.
        key: Fingerprint,
    },
    /// A key is blocked no more.
    Unblocked {
        /// The key.
        key: Fingerprint,
    },
    /// An enrolled officer may come in without a question, within a time and with a ticket.
    Agreed {
        /// The officer's key.
        key: Fingerprint,
        /// The ticket.
        ticket: String,
        /// The most that it may be granted.
        #[serde(with = "names")]
        permit: Permissions,
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
    },
    /// That was taken back.
    Disagreed {
        /// The officer's key.
        key: Fingerprint,
        /// For which ticket; none for all of them.
        ticket: Option<String>,
    },
    /// A peer has connected and proven its key.
    Connected {
        /// Its key.
        key: Fingerprint,
        /// What it is called here, if it is known.
        name: Option<String>,
        /// Where its packets come from.
        from: String,
        /// What carries them.
        over: String,
        /// The key exchange that was negotiated.
        key_exchange: String,
    },
    /// A peer's network has changed.
    Moved {
        /// Where its packets come from now.
        from: String,
    },
    /// An officer asks.
    Asked {
        /// The officer's key.
        key: Fingerprint,
        /// What the officer is called here.
        name: String,
        /// How it is known who the officer is; not on the officer's side.
        proof: Option<Proof>,
        /// Why, in the officer's words.
        reason: String,
        /// What for.
        #[serde(with = "names")]
        permissions: Permissions,
        /// For how many seconds.
        seconds: u32,
        /// Which display; none for all.
        display: Option<u16>,
        /// The ticket, if one was named.
        ticket: Option<String>,
    },
    /// An officer asks for more during a session, and the user is asked.
    AskedMore {
        /// Why, in the officer's words.
        reason: String,
        /// What for.
        #[serde(with = "names")]
        permissions: Permissions,
        /// For how many seconds.
        seconds: u32,
    },
    /// The user is asked whether a session may go on.
    AskedAgain {
        /// For how many seconds it has been on.
        lasted: u32,
    },
    /// What became of it.
    Answered {
        /// The answer.
        decision: Decision,
        /// Who gave it.
        by: Actor,
    },
    /// What becomes of the officer if the user's computer is restarted during the session.
    AfterRestart {
        /// That.
        then: Return,
    },
    /// What may be done is from now on this.
    Permissions {
        /// What.
        #[serde(with = "names")]
        permissions: Permissions,
    },
    /// Nothing is shown or done from now on, for as long as any of these reasons lasts.
    Paused {
        /// All of them; on the officer's side the one that the host tells.
        reasons: Vec<PauseReason>,
    },
    /// No reason is left: it goes on.
    Continued,
    /// By these rules something is hidden from the officer.
    Hiding {
        /// How many there are.
        rules: HidingRules,
    },
    /// What is hidden of what the officer sees has become more or less.
    Hidden {
        /// How many windows and places it is now.
        count: u32,
    },
    /// The connection is lost; the officer may come back.
    Suspended,
    /// The officer has come back.
    Resumed,
    /// It is over.
    Ended {
        /// Why.
        end: End,
        /// How often keys, buttons and wheels were used.
        strokes: u64,
        /// How often the pointer was moved.
        moves: u64,
        /// How many bytes of messages were sent.
        bytes: u64,
    },
    /// The head of the other side's log, as it says itself: a copy that it can't take back.
    Witness {
        /// Whose.
        key: Fingerprint,
        /// The head.
        head: Digest,
    },
}

/// How many rules there are by which things are hidden, of each kind. Never what they name: that is private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HidingRules {
    /// For all windows of a program.
    pub programs: u32,
    /// For windows by their titles.
    pub windows: u32,
    /// For places of the screen.
    pub places: u32,
    /// What is shown of the rest.
    pub shown: Showing,
}

/// What is shown of what no rule hides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Showing {
    /// All of it.
    #[default]
    Everything,
    /// One window, and what belongs to it.
    OneWindow,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Yes.
    Granted {
        /// To what.
        #[serde(with = "names")]
        permissions: Permissions,
        /// For how many seconds.
        seconds: u32,
    },
    /// No.
    Refused {
        /// Why.
        end: End,
    },
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The user, or nobody in the user's place.
    User,
    /// A standing grant.
    StandingGrant,
    /// The host's rules, before anybody was asked.
    Policy,
    /// An agreement that the user had made for this time and ticket.
    Agreement,
    /// The user, before a restart of their computer, for once after it.
    Return,
}

impl Actor {
    /// As one reads it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "the user",
            Self::StandingGrant => "a standing grant",
            Self::Policy => "the rules of the user's machine",
            Self::Agreement => "what the user had agreed to beforehand",
            Self::Return => "the user's choice before a restart",
        }
    }
}

/// Permissions as their names, separated by commas.
mod names {
    use crate::wire::Permissions;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(permissions: &Permissions, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(permissions)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Permissions, D::Error> {
        let text = String::deserialize(source)?;
        if text.is_empty() { Ok(Permissions::NONE) } else { text.parse().map_err(D::Error::custom) }
    }
}
