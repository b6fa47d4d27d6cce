//! What the server and the desk say to each other.

use super::presence::Presence;
use beside_protocol::{
    session::{
        contact::Code,
        host::{Kept, Used},
    },
    wire::{End, Hands, PauseReason, Permissions, Question, Return, Who},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// From the server to the desk. `session` is the server's own number for a session, never used twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToDesk {
    /// Asks the user; an [`FromDesk::Answer`] follows. One question is shown at a time, others wait for their turn.
    Ask {
        /// The session that would begin.
        session: u64,
        /// What to ask. Its patience runs from now.
        question: Question,
        /// What the user can choose about the screen.
        offer: Offer,
    },
    /// The question is void (the officer left, the time is over): no answer follows.
    Withdraw {
        /// As in `Ask`.
        session: u64,
    },
    /// The user has allowed more for a session elsewhere than here: what was switched off of it counts as on again.
    Allowed {
        /// The session.
        session: u64,
        /// What.
        permissions: Permissions,
    },
    /// A session is live, or what it may do has changed, or it is paused or goes on: the banner shows it.
    Live {
        /// The session.
        session: u64,
        /// How it stands.
        live: LiveSession,
    },
    /// A session's connection is lost, and the officer may come back without a question: the banner says so. It may not
    /// control meanwhile; `Live` follows when the officer is back.
    Suspended {
        /// The session.
        session: u64,
        /// Whose.
        officer: Who,
        /// How many seconds the officer has to come back.
        seconds_left: u32,
    },
    /// The officer of a session has come into another network: the banner says so for a while.
    Moved {
        /// The session.
        session: u64,
    },
    /// A session is over; a note says so for a while.
    Ended {
        /// The session.
        session: u64,
        /// Why.
        end: End,
        /// What became of it, if it had begun.
        summary: Option<Summary>,
    },
    /// The code that the user may read out: a small window shows it.
    Code {
        /// The code, in the place of the one before.
        code: Code,
        /// How many seconds it lasts from now.
        seconds_left: u32,
    },
    /// The code is worth nothing any more; its window, if it is open, says so and offers another.
    CodeOver {
        /// Why.
        why: NoCode,
    },
    /// The code's window is to close.
    HideCode,
    /// Input for the user's machine: `Injection::to_pipe`. Dropped unless control is live.
    Inject(Vec<u8>),
}

/// Why a code is worth nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoCode {
    /// Somebody has proven it. Whether they come in, the user decides.
    Used,
    /// It was tried wrongly as often as it may be.
    Guessed,
    /// It was not on the screen for a while.
    Hidden,
}

/// How a session stands whose officer is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Who is there.
    pub officer: Who,
    /// What the officer may do now.
    pub permissions: Permissions,
    /// What the user may switch on again of what they have switched off.
    pub ceiling: Permissions,
    /// Why nothing is shown or done at present, if that is so.
    pub paused: Option<PauseReason>,
    /// How many seconds the grant lasts from now.
    pub seconds_left: u32,
    /// Whether it rests on something that was agreed earlier, and not on an answer of now.
    pub standing: bool,
    /// What of the permissions ends earlier, if any does.
    pub extra: Option<Extra>,
}

/// What the user has added to a session for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// All of it.
    pub permissions: Permissions,
    /// How many seconds until it ends, or the first of it.
    pub seconds_left: u32,
}

/// What became of a session, for the user to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Who was there.
    pub officer: Who,
    /// For how many seconds.
    pub seconds: u32,
    /// All that the officer was allowed at any time.
    pub allowed: Permissions,
    /// What of that the user added for a while.
    pub added: Permissions,
    /// Whether the officer used keyboard or mouse.
    pub used: Used,
    /// Whether it rested on a standing grant or an agreement, and nobody was asked.
    pub standing: bool,
    /// What is left of it on this computer.
    pub kept: Kept,
}

/// From the desk to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromDesk {
    /// The desk can show windows. Always the first message.
    Ready,
    /// The user's answer to an `Ask`, or that there was none.
    Answer {
        /// As in `Ask`.
        session: u64,
        /// What they said.
        answer: Answer,
    },
    /// The user pressed Stop: all sessions are to end. Nothing is injected any more, whatever the server does.
    Stop,
    /// The user pressed the button that ends one session.
    End {
        /// Which.
        session: u64,
    },
    /// The user has set a session's switches. What is off is not let through any more, whatever the server does.
    Switch {
        /// Whose.
        session: u64,
        /// What is on.
        permissions: Permissions,
    },
    /// The user pressed Pause: nothing is to be shown. Nothing is injected any more, whatever the server does.
    Pause,
    /// The user pressed Continue.
    Continue,
    /// Whose hands are on keyboard and pointer: while they are the user's, nothing is injected. At first the officer's.
    Hands(Hands),
    /// The user has gone, or is back: the screen was locked or unlocked. At first they are there.
    Presence(Presence),
    /// The user wants a new code.
    NewCode,
    /// The user has closed the code's window: nobody sees the code any more.
    CodeClosed,
    /// The injector died; what it held has been released by the next one, which has taken over.
    InjectorLost,
    /// Input can't be injected on this display, and why. Sessions may go on without control.
    ControlUnavailable(String),
}

/// What of the screen the user can choose, as far as it is not fixed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offer {
    /// All of it, one display or one window, and what is hidden.
    Everything,
    /// One display is shared: all of it or one window, and what is hidden.
    OneDisplay,
    /// One window is shared: what else is hidden.
    OneWindow,
    /// Nothing: windows can't be found here.
    Nothing,
}

/// What the user grants: at most what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the officer may do.
    pub permissions: Permissions,
    /// For how long.
    pub duration: Duration,
    /// What of the screen is shown.
    pub scope: Scope,
    /// The classes of programs whose windows are hidden, from all officers, as long as any session lasts.
    pub hide: BTreeSet<String>,
    /// What becomes of the officer after a restart of this computer. With a window shown alone, or programs hidden, they have to
    /// ask again.
    pub returns: Return,
}

/// What of the screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// As much as was asked for.
    Whole,
    /// The display with this number.
    Display(u16),
    /// The window with this number, and nothing else, to all officers, as long as any session lasts.
    Window(u32),
}

/// How a question ended. All but `Grant` and `GrantStranger` mean no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Yes, to this.
    Grant(Choice),
    /// The same for somebody for whom nobody here vouches: the user has read that, and typed what was asked for.
    GrantStranger(Choice),
    /// The user said no.
    Deny,
    /// The user said no, and wants to hear no more of this officer.
    Block,
    /// The window was closed.
    Close,
    /// Nobody answered in time.
    TimedOut,
}
