//! What Beside's two programs share of the outside world: identity, stores, QUIC, start-up, painting.
//!
//! `protocol` decides what may happen; this crate gives it a key, files, a network, a command line and a picture.

pub mod audit;
pub mod config;
pub mod identity;
pub mod name;
pub mod net;
pub mod paint;
pub mod policy;
pub mod program;
mod random;
pub mod receipts;
pub mod state;
pub mod statistics;
pub mod store;

mod platform;

pub use random::random;
