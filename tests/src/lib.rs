//! The test kit: both session machines in virtual time, a seeded link between them, and a screen made of numbers; and
//! what fuzzing holds true.
//!
//! Nothing here needs a network, a display or a clock, so a test is as fast as its messages and replays from its seed.

mod coding;
pub mod link;
pub mod notary;
pub mod oracles;
pub mod pair;
pub mod screen;

pub use link::{Link, Profile};
pub use notary::{TestNotary, host_key, key_of, papers, seal_of_nothing};
pub use pair::{Disk, Pair, Role, Seat};
pub use screen::Screen;
