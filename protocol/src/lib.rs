//! Beside's core: what the two sides say to each other, when a session may do what, and how a picture is coded.
//!
//! Nothing here does I/O, reads a clock, starts a thread or draws randomness: all of that is handed in. The programs
//! around it are `beside-server` and `beside-viewer`; what they share of the outside world is in `beside-shell`.

#![deny(unsafe_code)]

pub mod frame;
pub mod record;
pub mod session;
pub mod wire;
