//! First contact: how an officer and a host that don't know each other prove who they are, by a code that the user reads out.
//!
//! The code is worth little: three guesses in five minutes. So neither side ever sends anything that a guess could be tried
//! on afterwards, and what is proven holds for one connection between two keys only (`exchange.rs`).

mod backoff;
mod code;
mod exchange;
mod offer;
mod random;

pub use backoff::Source;
pub use code::{Code, InvalidCode};
pub use exchange::{BYTES, Challenge, Ends, Expected, Opening};

pub(super) use backoff::Backoff;
pub(super) use offer::Offer;
