//! Input into the user's machine: one trait, one backend for each system, and the process that holds the pressed keys.

mod process;

#[cfg(feature = "enigo")]
mod enigo;
#[cfg(target_os = "linux")]
mod x11;

pub use process::{FromInjector, run};

use beside_protocol::{session::Injection, wire::Key};

/// A way to inject input into the desktop.
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

impl InjectError {
    /// Whether later injections may still succeed.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::NoSuchKey(_) | Self::Untypable)
    }
}

/// The first backend that works here. If none does, the error says why for each.
pub fn open() -> Result<Box<dyn Inject>, InjectError> {
    let mut failures = Vec::new();
    for (name, open) in BACKENDS {
        match open() {
            Ok(backend) => {
                tracing::info!(backend = name, "injecting input");
                return Ok(backend);
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    if failures.is_empty() {
        failures.push("this build has no way to inject input; build it with the feature `enigo`".into());
    }
    Err(InjectError::Unavailable(failures.join("; ")))
}

type Open = fn() -> Result<Box<dyn Inject>, InjectError>;

/// In the order in which they are tried.
const BACKENDS: &[(&str, Open)] = &[
    #[cfg(target_os = "linux")]
    ("x11", || Ok(Box::new(x11::XTest::open(None)?))),
    #[cfg(all(feature = "enigo", not(target_os = "linux")))]
    ("enigo", || Ok(Box::new(enigo::Portable::open()?))),
];
