//! The whole, end to end: both programs as processes, talking over loopback, on virtual displays of their own.
//!
//! The user's machine is a Xephyr window on an outer Xvfb: a press on the outer display reaches the desktop inside as one
//! by a person (a nested server has devices of its own), while XTEST inside is what a program does.

mod answers;
mod bad_lines;
mod beside;
mod blocked;
mod cable;
mod calling;
mod contact;
mod desktop;
mod errors;
mod faults;
mod hidden;
mod keyring;
mod leftovers;
mod line;
mod logind;
mod lost;
mod meter;
mod organisation;
mod presence;
mod program;
mod record;
mod restart;
mod session;
mod step_up;
mod stopping;
