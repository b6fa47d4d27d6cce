//! The keyrings of Windows and macOS, which are there from log-in on.

use super::{Keyring, KeyringError, SERVICE};
#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use keyring_core::{Entry, Error, api::CredentialStoreApi};
#[cfg(windows)]
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

/// The Credential Manager, or the log-in Keychain.
#[derive(Debug)]
pub(super) struct System;

impl Keyring for System {
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError> {
        entry(name)?.set_secret(secret).map_err(refused)
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        match entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }
}

fn entry(name: &str) -> Result<Entry, KeyringError> {
    let store = Store::new().map_err(|error| KeyringError::Unreachable(error.to_string()))?;
    store.build(SERVICE, name, None).map_err(refused)
}

fn refused(error: Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(_) => KeyringError::Locked,
        other => KeyringError::Failed(other.to_string()),
    }
}
