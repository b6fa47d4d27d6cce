//! The officer's machine: asks for a session, shows the user's screen and sends input.

pub mod window;
