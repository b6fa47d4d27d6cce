//! The officer's machine: asks for a session, shows the user's screen and sends input.

pub mod cli;
pub mod connect;
mod door;
mod organisation;
mod record;
pub mod report;
mod seat;
pub mod window;
