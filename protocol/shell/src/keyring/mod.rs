//! The operating system's keyring, as a place for one secret: Secret Service on Linux and the BSDs, the Keychain on macOS,
//! the Credential Manager on Windows. It is never asked to unlock itself, so nothing pops up.

#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};
use zeroize::Zeroizing;

#[cfg(any(windows, target_os = "macos"))]
use self::native::System;
#[cfg(all(unix, not(target_os = "macos")))]
use self::secret_service::System;

/// What Beside's secrets are filed under.
const SERVICE: &str = "beside";

/// Why a keyring is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// There is none, or it can't be reached.
    #[error("there is none that can be reached ({0})")]
    Unreachable(String),
    /// It has to be unlocked first.
    #[error("it is locked; unlock it")]
    Locked,
    /// It does not answer.
    #[error("it does not answer")]
    Silent,
    /// It is there, and does not do what it should.
    #[error("it failed ({0})")]
    Failed(String),
}

/// A place for secrets by name. Calls may block for as long as they like.
pub(crate) trait Keyring: Send + Sync {
    /// Keeps a secret, in the place of one of the same name.
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError>;

    /// The secret of that name, if there is one.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError>;
}

/// The keyring of the person who runs this.
pub(crate) fn system() -> Arc<dyn Keyring> {
    Arc::new(System)
}

/// What a keyring answers to a question, if it does so in time. One that answers too late talks to nobody.
pub(crate) fn within<T: Send + 'static>(
    patience: Duration,
    keyring: &Arc<dyn Keyring>,
    question: impl FnOnce(&dyn Keyring) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (told, answer) = mpsc::channel();
    let keyring = Arc::clone(keyring);
    let failed = |error: io::Error| KeyringError::Failed(error.to_string());
    // An error means that nobody waits any more.
    let ask = move || drop(told.send(question(keyring.as_ref())));
    thread::Builder::new().name("keyring".into()).spawn(ask).map_err(failed)?;
    answer.recv_timeout(patience).unwrap_or(Err(KeyringError::Silent))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::{collections::BTreeMap, sync::Mutex};

    /// A keyring in memory.
    #[derive(Default)]
    pub(crate) struct Mock {
        pub(crate) secrets: Mutex<BTreeMap<String, Vec<u8>>>,
        pub(crate) state: Mutex<State>,
    }

    #[derive(Clone, Copy, Default, PartialEq)]
    pub(crate) enum State {
        #[default]
        Good,
        Locked,
        /// It never answers.
        Silent,
    }

    impl Mock {
        pub(crate) fn set(&self, state: State) {
            *self.state.lock().unwrap() = state;
        }

        fn check(&self) -> Result<(), KeyringError> {
            let state = *self.state.lock().unwrap();
            match state {
                State::Good => Ok(()),
                State::Locked => Err(KeyringError::Locked),
                State::Silent => loop {
                    thread::park();
                },
            }
        }
    }

    impl Keyring for Mock {
        fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError> {
            self.check()?;
            self.secrets.lock().unwrap().insert(name.into(), secret.into());
            Ok(())
        }

        fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
            self.check()?;
            Ok(self.secrets.lock().unwrap().get(name).cloned().map(Zeroizing::new))
        }
    }

    #[test]
    fn who_does_not_answer_is_not_waited_for() {
        let mock = Arc::new(Mock::default());
        mock.set(State::Silent);
        let keyring: Arc<dyn Keyring> = mock;
        let answer = within(Duration::from_millis(10), &keyring, |keyring| keyring.get("key"));
        assert!(matches!(answer, Err(KeyringError::Silent)));
    }
}
