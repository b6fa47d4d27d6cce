//! What Beside's two programs share of the outside world: identity, stores, QUIC, start-up, painting.
//!
//! `protocol` decides what may happen; this crate gives it a key, files, a network, a command line and a picture.

pub mod agreement;
pub mod audit;
pub mod authority;
pub mod config;
pub mod identity;
pub mod keyring;
pub mod moment;
pub mod name;
pub mod net;
pub mod organisations;
pub mod paint;
pub mod policy;
pub mod program;
mod random;
pub mod receipts;
pub mod state;
pub mod statistics;
pub mod store;
pub mod team;
mod vault;
pub mod way_back;

mod platform;

pub use random::random;
