//! Input into the user's machine: one trait, one backend for each system, and the process that holds the pressed keys.

use beside_protocol::{session::Injection, wire::Key};

/// A way to inject input into the desktop. What it was told to press is released when it is dropped.
pub trait Inject {
    /// Does what `injection` says. Returns when it is on its way, not when it has arrived.
    fn inject(&mut self, injection: &Injection) -> Result<(), InjectError>;

    /// Waits until everything has arrived.
    fn finish(&mut self) -> Result<(), InjectError>;
}

/// Why input could not be injected.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// No backend works here; why each does not.
    #[error("keyboard and pointer of this display can't be controlled: {0}")]
    Unavailable(String),
    /// The display is gone or does not react as it should; no later injection will succeed.
    #[error("the display can't be controlled any more: {0}")]
    Lost(String),
    /// The keyboard here has no such key.
    #[error("this machine's keyboard has no key with the USB usage {0:?}")]
    NoSuchKey(Key),
    /// A text holds a character that can't be typed here. (Which one is not said: it is the officer's typing.)
    #[error("a text can't be typed with this machine's keyboard layout")]
    Untypable,
}
