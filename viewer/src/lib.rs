//! The officer's machine: asks for a session, shows the user's screen and sends input.

pub mod cli;
pub mod connect;
mod door;
mod record;
mod seat;
pub mod window;
