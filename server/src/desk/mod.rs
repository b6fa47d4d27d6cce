//! The desk: the process that asks the user, shows them that a session is on, and alone lets input through.
//!
//! ```text
//! server ──stdin──▶ desk ──stdin──▶ injector
//!        ◀─stdout──      ◀─stdout──
//! ```
//!
//! The server can't draw the question and, where the desk asks, can't answer it. What it wants injected passes through
//! the desk, which stops that at once when the user presses Stop, however the server is doing. The injector exists only
//! while control is granted, and releases all that it holds when its stdin closes: so the death of any of the three
//! leaves no key stuck.

mod app;
mod banner;
mod child;
mod code;
mod gate;
mod hands;
mod injector;
mod look;
mod message;
mod note;
mod pane;
mod panic_key;
mod parent;
mod presence;
mod prompt;
mod reader;
mod run;
mod server_process;
mod stranger;
#[cfg(test)]
mod tests;
mod words;

#[cfg(not(target_os = "linux"))]
#[path = "other.rs"]
mod platform;
#[cfg(target_os = "linux")]
#[path = "x11.rs"]
mod platform;

pub use message::{Answer, Choice, Extra, FromDesk, LiveSession, NoCode, Offer, Scope, Summary, ToDesk};
pub use panic_key::{InvalidPanicKey, Modifier, PanicKey, PanicKeyCap};
pub use parent::{AskedBy, Desk, DeskError, DeskEvent, OnSilence, Settings};
pub use presence::Presence;
pub use run::{RunError, run};
pub use words::Language;
