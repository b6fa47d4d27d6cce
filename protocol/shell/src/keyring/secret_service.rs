//! The Secret Service of the session's D-Bus: GNOME's keyring, KDE's wallet, KeePassXC and others.

use super::{Keyring, KeyringError, SERVICE};
use secret_service::{EncryptionType, Error, blocking::SecretService};
use std::collections::HashMap;
use zeroize::Zeroizing;

/// The keyring of the session in which this runs. Without a session bus there is none; one is never started.
#[derive(Debug)]
pub(super) struct System;

impl Keyring for System {
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), KeyringError> {
        let service = connect()?;
        // To make a collection, or to unlock one, would ask the person.
        let collection = service.get_default_collection().map_err(refused)?;
        collection.ensure_unlocked().map_err(refused)?;
        let label = format!("Beside: the private key of {name}");
        let kept = collection.create_item(&label, attributes(name), secret, true, "text/plain");
        kept.map(drop).map_err(refused)
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        let service = connect()?;
        let found = service.search_items(attributes(name)).map_err(refused)?;
        match (found.unlocked.first(), found.locked.is_empty()) {
            (Some(item), _) => item.get_secret().map(|secret| Some(Zeroizing::new(secret))).map_err(refused),
            (None, false) => Err(KeyringError::Locked),
            (None, true) => Ok(None),
        }
    }
}

fn connect<'a>() -> Result<SecretService<'a>, KeyringError> {
    // What is said over the bus can be heard by who debugs it, so it is encrypted.
    SecretService::connect(EncryptionType::Dh).map_err(|error| KeyringError::Unreachable(error.to_string()))
}

fn attributes(name: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", name)])
}

fn refused(error: Error) -> KeyringError {
    match error {
        Error::Locked | Error::Prompt => KeyringError::Locked,
        Error::NoResult => KeyringError::Unreachable("it has no default collection".into()),
        Error::Unavailable => KeyringError::Unreachable(error.to_string()),
        other => KeyringError::Failed(other.to_string()),
    }
}
