//! Where the private key is kept: in the operating system's keyring where there is one, else in a file.
//!
//! A key that is there is never replaced by another: neither a file, nor one in a keyring, of which a marker in the state
//! directory tells. So a keyring that can't be opened is an error, and not a new identity.

use crate::{
    keyring::{Keyring, KeyringError, within},
    state::{StateDir, StateError},
};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// The file of the private key: PKCS #8 in PEM.
pub(crate) const FILE: &str = "identity.key";

/// The marker that tells that the key is in the keyring, and under which name.
const MARKER: &str = "identity.keyring";

/// How long a keyring may take that a first start finds, before the key goes into a file.
const FIRST: Duration = Duration::from_secs(2);

/// How long a keyring may take that has the key.
const LATER: Duration = Duration::from_secs(10);

/// Where a new key is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Keys {
    /// Into the keyring, if it can be reached and is unlocked, else into a file.
    Auto,
    /// Into a file for its owner only.
    File,
    /// Into the keyring, or nowhere.
    Keyring,
}

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// In this file.
    File(PathBuf),
    /// In the operating system's keyring.
    Keyring,
}

impl Kept {
    /// One word for it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Keyring => "keyring",
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "in the file {}", path.display()),
            Self::Keyring => f.write_str("in the keyring of this operating system"),
        }
    }
}

/// Why a key that is kept can't be had, or a new one not be kept.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A file can't be read or made, or others may read it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The keyring that has the key can't be opened.
    #[error("your key is in the keyring, which can't be opened: {error}, or remove {} to get a new key that peers must enrol again", marker.display())]
    Shut {
        /// What tells that it is there.
        marker: PathBuf,
        /// Why not.
        error: KeyringError,
    },
    /// The keyring does not have the key any more.
    #[error("your key was in the keyring, and is not there any more; restore it, or remove {} to get a new key that peers must enrol again", .0.display())]
    Gone(PathBuf),
    /// The key is in the keyring, and was to be in a file.
    #[error("your key is in the keyring: leave out `--keys file`, or remove {} to get a new key that peers must enrol again", .0.display())]
    NotInFile(PathBuf),
    /// The key was to go into the keyring.
    #[error("the keyring can't keep a key: {0}, or leave out `--keys keyring`")]
    NoKeyring(KeyringError),
}

/// A private key, and where it is.
pub(crate) type Found = (Zeroizing<Vec<u8>>, Kept);

/// A secret and the name that a keyring files it under.
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// The private key of this machine, and where it is; when there is none yet, the one that `make` makes.
pub(crate) fn open<E: From<VaultError>>(
    state: &StateDir,
    keys: Keys,
    keyring: &Arc<dyn Keyring>,
    make: impl FnOnce() -> Result<Secret, E>,
) -> Result<Found, E> {
    if let Some(found) = find(state, keys, keyring)? {
        return Ok(found);
    }
    // Of two first starts at once the second finds what the first has made.
    let _lock = state.lock("identity.lock").map_err(VaultError::from)?;
    if let Some(found) = find(state, keys, keyring)? {
        return Ok(found);
    }
    let secret = make()?;
    if keys != Keys::File {
        match keep(state, keyring, &secret) {
            Ok(()) => return Ok((secret.bytes, Kept::Keyring)),
            Err(VaultError::NoKeyring(error)) if keys == Keys::Auto => {
                tracing::info!(%error, "The key is kept in a file: there is no keyring for it");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let bytes = state.secret(FILE, || Ok::<_, VaultError>(secret.bytes.to_vec()))?;
    Ok((Zeroizing::new(bytes), Kept::File(state.file(FILE))))
}

/// The key that is there.
fn find(state: &StateDir, keys: Keys, keyring: &Arc<dyn Keyring>) -> Result<Option<Found>, VaultError> {
    if let Some(bytes) = state.existing_secret(FILE)? {
        if keys == Keys::Keyring {
            tracing::warn!("The key stays in its file: `--keys keyring` is for new ones");
        }
        return Ok(Some((Zeroizing::new(bytes), Kept::File(state.file(FILE)))));
    }
    let Some((name, _)) = state.text(MARKER)? else { return Ok(None) };
    let marker = state.file(MARKER);
    if keys == Keys::File {
        return Err(VaultError::NotInFile(marker));
    }
    let name = name.trim().to_owned();
    match within(LATER, keyring, move |keyring| keyring.get(&name)) {
        Ok(Some(bytes)) => Ok(Some((bytes, Kept::Keyring))),
        Ok(None) => Err(VaultError::Gone(marker)),
        Err(error) => Err(VaultError::Shut { marker, error }),
    }
}

/// Puts a new key into the keyring, makes sure that it is there, and leaves the marker.
fn keep(state: &StateDir, keyring: &Arc<dyn Keyring>, secret: &Secret) -> Result<(), VaultError> {
    let (name, bytes) = (secret.name.clone(), secret.bytes.clone());
    let kept = within(FIRST, keyring, move |keyring| {
        keyring.put(&name, &bytes)?;
        Ok(keyring.get(&name)?.is_some_and(|kept| *kept == *bytes))
    });
    match kept {
        Ok(true) => Ok(state.replace(MARKER, format!("{}\n", secret.name).as_bytes())?),
        Ok(false) => Err(VaultError::NoKeyring(KeyringError::Failed("it does not give back what it was given".into()))),
        Err(error) => Err(VaultError::NoKeyring(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keyring::tests::{Mock, State},
        state::tests::temporary,
    };

    /// Opens, with a key that is `new` if there is none; gives it and where it is.
    fn opened(state: &StateDir, keys: Keys, mock: &Arc<Mock>, new: &str) -> Result<(String, &'static str), VaultError> {
        let keyring: Arc<dyn Keyring> = Arc::<Mock>::clone(mock);
        let make = || Ok::<_, VaultError>(Secret { name: format!("name of {new}"), bytes: Zeroizing::new(new.into()) });
        let (bytes, kept) = open(state, keys, &keyring, make)?;
        Ok((String::from_utf8(bytes.to_vec()).unwrap(), kept.name()))
    }

    #[test]
    fn a_new_key_goes_into_the_keyring_and_stays_there() {
        let ((_parent, state), mock) = (temporary(), Arc::new(Mock::default()));
        assert_eq!(opened(&state, Keys::Auto, &mock, "first").unwrap(), ("first".into(), "keyring"));
        for keys in [Keys::Auto, Keys::Keyring] {
            assert_eq!(opened(&state, keys, &mock, "second").unwrap(), ("first".into(), "keyring"));
        }
        assert!(!state.file(FILE).exists());
        let shown = std::fs::read_to_string(state.file(MARKER)).unwrap();
        assert_eq!(shown, "name of first\n", "the marker holds no secret");
    }

    #[test]
    fn a_keyring_that_is_missing_later_is_an_error_and_no_new_key() {
        let ((_parent, state), mock) = (temporary(), Arc::new(Mock::default()));
        opened(&state, Keys::Auto, &mock, "first").unwrap();
        mock.set(State::Locked);
        let error = opened(&state, Keys::Auto, &mock, "second").unwrap_err();
        assert!(
            error.to_string().starts_with("your key is in the keyring, which can't be opened: it is locked"),
            "{error}"
        );
        mock.set(State::Good);
        assert!(matches!(opened(&state, Keys::File, &mock, "second"), Err(VaultError::NotInFile(_))));
        mock.secrets.lock().unwrap().clear();
        assert!(matches!(opened(&state, Keys::Auto, &mock, "second"), Err(VaultError::Gone(_))));
        assert!(!state.file(FILE).exists());
    }

    #[test]
    fn without_a_keyring_the_key_is_in_a_file_and_is_never_moved() {
        for trouble in [State::Locked, State::Silent] {
            let ((_parent, state), mock) = (temporary(), Arc::new(Mock::default()));
            mock.set(trouble);
            if trouble == State::Locked {
                assert!(matches!(opened(&state, Keys::Keyring, &mock, "none"), Err(VaultError::NoKeyring(_))));
            }
            assert_eq!(opened(&state, Keys::Auto, &mock, "first").unwrap(), ("first".into(), "file"));
            mock.set(State::Good);
            for keys in [Keys::Auto, Keys::File, Keys::Keyring] {
                assert_eq!(opened(&state, keys, &mock, "second").unwrap(), ("first".into(), "file"));
            }
            assert!(mock.secrets.lock().unwrap().is_empty() && !state.file(MARKER).exists());
        }
    }

    #[test]
    fn of_many_first_starts_all_get_the_same_key() {
        let ((_parent, state), mock) = (temporary(), Arc::new(Mock::default()));
        let keys: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|n| {
                    let (state, mock) = (&state, &mock);
                    scope.spawn(move || opened(state, Keys::Auto, mock, &n.to_string()).unwrap())
                })
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }
}
