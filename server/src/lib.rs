//! The user's machine: shows its desktop to an officer after the user has said yes, and only as far as the user said.

pub mod capture;
pub mod cli;
mod coding;
mod cursor;
pub mod desk;
pub mod inject;
mod officers;
pub mod pipe;
pub mod share;
mod visitors;
mod worker;
