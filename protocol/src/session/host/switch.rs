//! The switches by which the user takes single permissions from a session, and gives them back.

use super::{Host, SessionId, record::Purpose, session::Session};
use crate::{
    record::{Entry, Happened, Time},
    wire::{End, Permission, Permissions},
};
use std::time::Instant;

impl Host {
    /// The user has set a session's switches: it may do what is in `wanted`, as far as it was granted at first and is not
    /// withdrawn since. What is taken away is gone at once; what is given back waits until that is recorded. Without `view` it
    /// ends. Control that is switched on is taken from the session that has it.
    pub fn switch(&mut self, now: Instant, id: SessionId, wanted: Permissions) {
        // Nothing can be switched before it is on.
        if self.sessions.get(&id).and_then(Session::granted).is_none() {
            return;
        }
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        granted.extras.keep(wanted);
        let extra = granted.extras.permissions();
        // What was added for a while is not on for longer by that.
        granted.switches = wanted.except(extra);
        let (before, after) = (granted.grant.permissions, granted.ceiling.both(granted.switches).either(extra));
        if !after.has(Permission::View) {
            return self.end(id, End::Stopped);
        }
        let kept = before.both(after);
        if kept != before {
            self.set_permissions(id, kept);
            self.record_permissions(id, kept);
        }
        let waits = after != kept && self.check_log().is_ok();
        if waits {
            self.record(Some(id), Entry::Permissions { permissions: after }, Purpose::GiveBack(id, after));
        }
        // What is given back is told once it is recorded.
        if kept != before || !waits {
            self.announce(now, id);
        }
    }

    /// It is recorded that a session may do this again: it may, as far as the user has not changed their mind.
    pub(super) fn give_back(&mut self, now: Instant, time: Time, id: SessionId, permissions: Permissions) {
        let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { return };
        let before = granted.grant.permissions;
        let after = granted.ceiling.both(granted.switches).both(permissions).either(granted.extras.permissions());
        if after == before {
            return;
        }
        granted.grant.permissions = after;
        if after.has(Permission::Control) && !before.has(Permission::Control) {
            // Who is away takes it on the way back, if it is free then.
            if self.sessions.get(&id).is_some_and(|session| session.live().is_some()) {
                self.hand_over(now, id);
            }
        }
        self.note_waiting_facts(id, time);
        self.note_fact(id, time, Happened::Permissions(after));
        self.announce(now, id);
    }

    /// Gives the control token to a live session; who has it loses the permission until the user switches it on again.
    pub(super) fn hand_over(&mut self, now: Instant, id: SessionId) {
        if let Some(holder) = self.control.filter(|holder| *holder != id) {
            let granted = self.sessions.get(&holder).and_then(Session::granted);
            if let Some(permissions) = granted.map(|granted| granted.grant.permissions.without(Permission::Control)) {
                self.set_permissions(holder, permissions);
                self.record_permissions(holder, permissions);
            }
            self.announce(now, holder);
        }
        self.take_control(id);
        self.tell_holder();
    }

    /// Takes permissions away; control with all that is held by it.
    pub(super) fn set_permissions(&mut self, id: SessionId, permissions: Permissions) {
        if !permissions.has(Permission::Control) {
            self.release_control(id);
        }
        if let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) {
            granted.grant.permissions = permissions;
            granted.extras.keep(permissions);
        }
    }
}
