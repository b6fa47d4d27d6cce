//! What Beside's two programs share of the outside world: identity, stores, QUIC, start-up, painting.
//!
//! `protocol` decides what may happen; this crate gives it a key, files, a network and a command line.

pub mod config;
pub mod identity;
pub mod name;
pub mod net;
pub mod program;
pub mod state;
pub mod store;

mod platform;
