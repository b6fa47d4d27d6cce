//! The officer's window: shows the user's screen and hands on what the officer does. winit and softbuffer, no GPU.
//!
//! A driver opens it with [`open`], tells it what happens through its [`Handle`] from any thread, and runs it on the
//! main thread with [`Window::run`]. What the window needs of the session is the trait [`Session`].

mod app;
mod cursor;
mod hands;
mod inbox;
mod keys;
mod layout;
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod other;
mod paint;
mod pan;
mod render;
mod status;
mod step_up;
mod surface;
mod view;
mod words;
#[cfg(all(unix, not(target_os = "macos")))]
mod x11;

#[cfg(not(all(unix, not(target_os = "macos"))))]
use other as x11;

pub use app::{Window, open};
pub use inbox::Handle;
pub use step_up::StepUp;

use beside_protocol::{
    frame::{FramebufferView, Point, Rect},
    wire::{Action, CheckWords, CursorShape, End, Fingerprint, Hands, Holder, PauseReason, Permissions},
};
use beside_shell::net::Transport;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// What the window needs of a session. All calls come from the thread that runs the window and must not block for long.
pub trait Session: Send + Sync {
    /// The officer did something, in the order of the calls. `at` is the pointer's place in the picture, `None` while
    /// it has not been over it. Only called while the phase is [`Phase::Live`] with control, except for the releases of
    /// what is still held when that ends.
    fn act(&self, at: Option<Point>, action: Action);

    /// Shows `look` the current picture, an empty one before there is any: the window draws its words with it. It is
    /// locked for the time of a copy of the damaged pixels.
    fn with_picture(&self, look: &mut dyn FnMut(FramebufferView<'_>));

    /// A change of the picture is on the screen, so long after the moment that was told with it.
    fn presented(&self, after: Duration);

    /// The officer asks for control. Only called while the phase is [`Phase::Live`] without it.
    fn ask_control(&self);

    /// The officer gives control up. Only called while the phase is [`Phase::Live`] with it.
    fn yield_control(&self);

    /// The officer closed the window before the session was over. Called once; [`Window::run`] returns after it.
    fn leave(&self);
}

/// How the picture fits the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// All of it is seen: made smaller by averaging, or larger by a whole number.
    #[default]
    Fit,
    /// One pixel of the picture is one pixel of the officer's screen; what does not fit is panned to with the pointer.
    OneToOne,
}

/// How to open the window.
#[derive(Clone, Debug)]
pub struct Options {
    /// The host's name, for the title and the status line.
    pub host: String,
    /// Whether to cover the whole screen from the start.
    pub fullscreen: bool,
    /// How the picture fits at the start.
    pub scale: Scale,
    /// Whether there is a status line, and whether the window stays after the end so that it can be read.
    pub controls: bool,
}

/// Where the session stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On the way to the host.
    Connecting,
    /// Waiting for a host to call.
    Listening {
        /// Where.
        address: SocketAddr,
        /// The last machine that called and is not known.
        stranger: Option<Fingerprint>,
    },
    /// The user is being asked.
    Asking {
        /// When the question ends unanswered.
        until: Instant,
        /// What officer and user can read to each other, to be sure of the connection.
        check: CheckWords,
    },
    /// The session is on and the picture is live.
    Live {
        /// What the user granted.
        permissions: Permissions,
        /// When the grant ends.
        until: Instant,
        /// Whose hands are on the user's keyboard and pointer: while they are the user's, what the officer does is dropped.
        hands: Hands,
    },
    /// The user, or their machine, lets nothing be seen or done for a while.
    Paused {
        /// Why.
        reason: PauseReason,
        /// When the grant ends all the same.
        until: Instant,
    },
    /// The connection stands but nothing has come for too long: the picture may be old.
    Frozen {
        /// When the last sign of life came.
        since: Instant,
    },
    /// The connection is lost and being made anew.
    Lost {
        /// When the last sign of life came.
        since: Instant,
        /// When it is given up.
        until: Instant,
    },
    /// The session is over, or never began.
    Over(End),
    /// It failed for a reason that is no [`End`]: a sentence for the officer, with what to do.
    Failed(String),
}

impl Phase {
    /// Whether nothing more will come.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Over(_) | Self::Failed(_))
    }
}

/// How the link does, for the status line.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// The round trip to the host.
    pub round_trip: Duration,
    /// What arrived in the last second, in bytes.
    pub bytes_per_second: u64,
    /// Picture updates shown in the last second.
    pub updates_per_second: u32,
    /// How late the officer sees what changes on the host's screen, where that is known: half of the updates at most so late.
    pub late: Option<Duration>,
    /// What carries it: where it is not UDP, that is said.
    pub transport: Transport,
    /// How often the host has come into another network since it was connected.
    pub moves: u32,
}

/// What the driver tells the window.
#[derive(Clone, Debug)]
pub enum Update {
    /// The host's name, now that it is known who answers.
    Host(String),
    /// The session stands elsewhere. After [`Phase::Over`] or [`Phase::Failed`] the window stays until the officer
    /// closes it or [`Exit`](Self::Exit) comes; without controls it closes at once.
    Phase(Phase),
    /// It stands so with what the officer has asked for during the session. [`Phase::Live`] with what was granted comes before.
    StepUp(StepUp),
    /// Who has control now.
    Holder(Holder),
    /// These parts of the picture changed, then. A picture of another size needs no word of its own: all of it is drawn anew.
    Picture(Vec<Rect>, Instant),
    /// The host's cursor has this shape now.
    Cursor(CursorShape),
    /// How the link does.
    Figures(Figures),
    /// The window is to close now.
    Exit,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// No window system was reached.
    #[error("no display to open the window on: set DISPLAY or WAYLAND_DISPLAY, or run it in a desktop session")]
    NoDisplay,
    /// The window could not be made or drawn to.
    #[error("the window can't be {action}: {reason}")]
    Broken {
        /// What failed: "opened", "drawn to" and so on.
        action: &'static str,
        /// What the window system said.
        reason: String,
    },
}
