//! The ledger of held keys and buttons: whatever went down comes up again, on every way out.

use super::Injection;
use crate::wire::{Action, Button, Key, Press};
use std::collections::BTreeSet;

/// Which keys and buttons are down on the user's machine because of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    keys: BTreeSet<Key>,
    buttons: BTreeSet<Button>,
}

impl Held {
    /// Nothing held.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of an action that is about to be injected.
    pub fn note(&mut self, action: &Action) {
        match action {
            Action::Key(key, Press::Down) => {
                self.keys.insert(*key);
            }
            Action::Key(key, Press::Up) => {
                self.keys.remove(key);
            }
            Action::Button(button, Press::Down) => {
                self.buttons.insert(*button);
            }
            Action::Button(button, Press::Up) => {
                self.buttons.remove(button);
            }
            Action::Wheel { .. } | Action::Text(_) | Action::Move => {}
        }
    }

    /// Whether the key or button of `action` is held.
    pub fn holds(&self, action: &Action) -> bool {
        match action {
            Action::Key(key, _) => self.keys.contains(key),
            Action::Button(button, _) => self.buttons.contains(button),
            Action::Wheel { .. } | Action::Text(_) | Action::Move => false,
        }
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.buttons.is_empty()
    }

    /// The releases of everything held, buttons first (so that a drag ends before its modifier does); nothing is held after it.
    pub fn release_all(&mut self) -> Vec<Injection> {
        let buttons = std::mem::take(&mut self.buttons).into_iter().map(Injection::release_button);
        let keys = std::mem::take(&mut self.keys).into_iter().map(Injection::release_key);
        buttons.chain(keys).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_down_comes_up_once() {
        let mut held = Held::new();
        held.note(&Action::Key(Key(0x04), Press::Down));
        held.note(&Action::Key(Key(0xe0), Press::Down));
        held.note(&Action::Key(Key(0xe0), Press::Down));
        held.note(&Action::Button(Button::Left, Press::Down));
        held.note(&Action::Key(Key(0x04), Press::Up));
        let releases: Vec<_> = held.release_all().iter().map(|i| i.action().clone()).collect();
        assert_eq!(releases, [Action::Button(Button::Left, Press::Up), Action::Key(Key(0xe0), Press::Up)]);
        assert!(held.is_empty() && held.release_all().is_empty());
    }
}
