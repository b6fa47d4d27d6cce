//! For tests: X servers of their own, a person's eyes and hands on them, and patience. Whatever fails panics.

#[cfg(target_os = "linux")]
mod x11;

#[cfg(target_os = "linux")]
pub use x11::{Area, Held, Input, LETTER, Picture, Screen, keycode};

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take on a busy machine before a test fails.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition is looked at that nothing announces.
const LOOK: Duration = Duration::from_millis(10);

/// Waits until `look` sees something; panics with `what` when it does not within [`DEADLINE`].
#[track_caller]
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(DEADLINE, what, look)
}

/// Waits until `is_so`; panics with `what` when it is not within [`DEADLINE`].
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    wait_for(what, || is_so().then_some(()));
}

/// Like [`wait_for`], with another patience.
#[track_caller]
pub fn wait_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        match look() {
            Some(seen) => return seen,
            None if Instant::now() < end => thread::sleep(LOOK),
            None => panic!("waited {} s in vain: {what}", patience.as_secs()),
        }
    }
}
