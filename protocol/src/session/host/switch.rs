//! The switches by which the user takes single permissions from a session, and gives them back.

use super::{Host, SessionId, session::Session};
use crate::wire::{End, Permission, Permissions};
use std::time::Instant;

impl Host {
    /// The user has set a session's switches: it may do what is in `wanted`, as far as it was granted at first and is not
    /// withdrawn since. Without `view` it ends. Control that is switched on is taken from the session that has it.
    pub fn switch(&mut self, now: Instant, id: SessionId, wanted: Permissions) {
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        let (before, after) = (granted.grant.permissions, granted.ceiling.both(wanted));
        granted.grant.permissions = after;
        if !after.has(Permission::View) {
            return self.end(id, End::Stopped);
        }
        match (before.has(Permission::Control), after.has(Permission::Control)) {
            (true, false) => self.release_control(id),
            (false, true) if self.sessions.get(&id).is_some_and(|session| session.live().is_some()) => {
                self.hand_over(now, id);
            }
            // Who is away takes it on the way back, if it is free then.
            (false, true) | (true, true) | (false, false) => {}
        }
        self.announce(now, id);
    }

    /// Gives the control token to a live session; who has it loses the permission until the user switches it on again.
    fn hand_over(&mut self, now: Instant, id: SessionId) {
        if let Some(holder) = self.control.filter(|holder| *holder != id) {
            self.release_control(holder);
            if let Some(granted) = self.sessions.get_mut(&holder).and_then(Session::granted_mut) {
                granted.grant.permissions = granted.grant.permissions.without(Permission::Control);
            }
            self.announce(now, holder);
        }
        self.take_control(id);
    }
}
