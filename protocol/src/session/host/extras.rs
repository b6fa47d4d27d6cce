//! What the user has added to a session for a while.

use super::Extra;
use crate::wire::{Permission, Permissions};
use std::time::Instant;

/// What was added: each permission until its own time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extras([Option<Instant>; Permission::ALL.len()]);

impl Extras {
    /// All of it.
    pub(super) fn permissions(&self) -> Permissions {
        self.iter().map(|(permission, _)| permission).collect()
    }

    /// Adds these until then.
    pub(super) fn add(&mut self, permissions: Permissions, until: Instant) {
        permissions.iter().for_each(|permission| self.0[permission as usize] = Some(until));
    }

    /// Only what is in `permissions` is left.
    pub(super) fn keep(&mut self, permissions: Permissions) {
        let gone = self.permissions().except(permissions);
        gone.iter().for_each(|permission| self.0[permission as usize] = None);
    }

    /// What is over by now.
    pub(super) fn over(&self, now: Instant) -> Permissions {
        self.iter().filter(|(_, until)| now >= *until).map(|(permission, _)| permission).collect()
    }

    /// When the first of it is over.
    pub(super) fn next(&self) -> Option<Instant> {
        self.iter().map(|(_, until)| until).min()
    }

    /// What the user is told of it.
    pub(super) fn notice(&self) -> Option<Extra> {
        Some(Extra { permissions: self.permissions(), until: self.next()? })
    }

    fn iter(&self) -> impl Iterator<Item = (Permission, Instant)> {
        Permission::ALL.into_iter().zip(self.0).filter_map(|(permission, until)| Some((permission, until?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_permission_ends_at_its_own_time() {
        let now = Instant::now();
        let (soon, late) = (now + Duration::from_secs(1), now + Duration::from_secs(2));
        let (control, files) = (Permissions::NONE.with(Permission::Control), Permissions::NONE.with(Permission::Files));
        let mut extras = Extras::default();
        assert_eq!((extras.next(), extras.notice()), (None, None));
        extras.add(control, soon);
        extras.add(files, late);
        assert_eq!(extras.notice(), Some(Extra { permissions: control.either(files), until: soon }));
        assert!(extras.over(now).is_empty());
        assert_eq!((extras.over(soon), extras.over(late)), (control, control.either(files)));
        extras.keep(files);
        assert_eq!((extras.permissions(), extras.next()), (files, Some(late)));
    }
}
