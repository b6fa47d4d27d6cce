//! Sessions as state machines without I/O: messages, time and the user's answers go in; messages and events come out.

mod held;
mod injection;

pub use held::Held;
pub use injection::Injection;
