//! The whole, end to end: both programs as processes, talking over loopback, on virtual displays of their own.
//!
//! The user's machine is a Xephyr window on an outer Xvfb: a press on the outer display reaches the desktop inside as one
//! by a person (a nested server has devices of its own), while XTEST inside is what a program does.

mod answers;
mod beside;
mod calling;
mod desktop;
mod errors;
mod faults;
mod meter;
mod program;
mod session;
mod x11;

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition is looked at that nothing announces.
const LOOK: Duration = Duration::from_millis(15);

/// Waits until `condition` gives a value; panics with `what` when it does not within [`DEADLINE`].
fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        match condition() {
            Some(value) => return value,
            None if Instant::now() < end => thread::sleep(LOOK),
            None => panic!("waited {} s in vain: {what}", DEADLINE.as_secs()),
        }
    }
}
