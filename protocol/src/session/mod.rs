//! Sessions as state machines without I/O: messages, time and the user's answers go in; messages and events come out.
//!
//! [`Host`] is the user's side: one machine that owns what the officers share, with a session for each officer.
//! [`Viewer`] is the officer's side. Both are driven alike: after every call that changes one, the driver empties
//! `poll_transmit` and `poll_event`, and calls `handle_timeout` when the time of `poll_timeout` has come.

mod admission;
mod balance;
mod check;
pub mod contact;
mod held;
pub mod host;
mod injection;
mod ledger;
mod lowest;
mod pacer;
mod policy;
mod resumption;
mod timing;
mod trust;
pub mod viewer;

pub use admission::{Agreement, Asking, Enrolment, Ground, Officer, Rules, WayBack};
pub use balance::Balance;
pub use check::check_words;
pub use held::Held;
pub use host::Host;
pub use injection::Injection;
pub use lowest::Lowest;
pub use pacer::{Line, Load, Pace, Pacer};
pub use policy::{Agreements, Certified, Policy, Strangers, Tickets};
pub use resumption::{GRACE, Keying};
pub use timing::{Figures, Meter, Step, Times};
pub use trust::{Names, Organisation, Trust};
pub use viewer::{Papers, Viewer};

use crate::wire::Channel;
use std::sync::Arc;

/// A message to be sent, whole; where a stream carries several, the transport puts its length before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where it travels.
    pub channel: Channel,
    /// Its bytes; those of a frame stream are shared by all officers who get it.
    pub bytes: Arc<[u8]>,
}
