//! Whether input may pass: what the user has answered here, what the server says is live, and what was stopped.

use super::parent::AskedBy;
use beside_protocol::wire::{Permission, Permissions};
use std::collections::{BTreeMap, BTreeSet};

/// The desk's own record of grants and live sessions.
#[derive(Debug)]
pub(super) struct Gate {
    asked_by: AskedBy,
    granted: BTreeMap<u64, Permissions>,
    /// The live sessions, and whether each may control.
    live: BTreeMap<u64, bool>,
    stopped: BTreeSet<u64>,
}

impl Gate {
    /// Closed: no session yet.
    pub(super) const fn new(asked_by: AskedBy) -> Self {
        Self { asked_by, granted: BTreeMap::new(), live: BTreeMap::new(), stopped: BTreeSet::new() }
    }

    /// The user has answered.
    pub(super) fn granted(&mut self, session: u64, permissions: Permissions) {
        self.granted.insert(session, permissions);
    }

    /// The server says what a session may do now. It can't bring a stopped one back, nor exceed what was granted here.
    pub(super) fn live(&mut self, session: u64, permissions: Permissions, standing: bool) {
        if self.stopped.contains(&session) {
            return;
        }
        let bound = match (self.asked_by, standing) {
            (AskedBy::Desk, false) => self.granted.get(&session).copied().unwrap_or_default(),
            (AskedBy::Desk, true) | (AskedBy::Server, _) => permissions,
        };
        self.live.insert(session, permissions.both(bound).has(Permission::Control));
    }

    /// A session has no connection: it controls no more until the server says that it is live again.
    pub(super) fn suspended(&mut self, session: u64) {
        if let Some(controls) = self.live.get_mut(&session) {
            *controls = false;
        }
    }

    /// A session is over.
    pub(super) fn ended(&mut self, session: u64) {
        self.live.remove(&session);
        self.granted.remove(&session);
    }

    /// The user pressed Stop: none of these sessions controls again.
    pub(super) fn stop(&mut self) {
        self.stopped.extend(self.live.keys().chain(self.granted.keys()));
        self.live.clear();
        self.granted.clear();
    }

    /// Whether any session may control.
    pub(super) fn is_open(&self) -> bool {
        self.live.values().any(|&controls| controls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_needs_the_answer_given_here() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(1, Permissions::CONTROL, false);
        assert!(!gate.is_open(), "never asked");
        gate.granted(2, Permissions::VIEW);
        gate.live(2, Permissions::CONTROL, false);
        assert!(!gate.is_open(), "granted the view only");
        gate.granted(3, Permissions::CONTROL);
        assert!(!gate.is_open(), "not live yet");
        gate.live(3, Permissions::CONTROL, false);
        assert!(gate.is_open());
        gate.live(3, Permissions::VIEW, false);
        assert!(!gate.is_open(), "narrowed by the server");
        gate.live(3, Permissions::CONTROL, false);
        gate.ended(3);
        gate.live(3, Permissions::CONTROL, false);
        assert!(!gate.is_open(), "a grant ends with its session");
    }

    #[test]
    fn who_comes_back_has_what_was_granted_and_not_after_stop() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(1, Permissions::CONTROL);
        gate.live(1, Permissions::CONTROL, false);
        gate.suspended(1);
        assert!(!gate.is_open(), "nobody is there");
        gate.live(1, Permissions::CONTROL, false);
        assert!(gate.is_open());
        gate.suspended(1);
        gate.stop();
        gate.live(1, Permissions::CONTROL, false);
        assert!(!gate.is_open(), "stopped while nobody was there");
        gate.suspended(2);
        assert!(!gate.is_open(), "never live");
    }

    #[test]
    fn standing_grants_and_other_askers_are_believed() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(1, Permissions::CONTROL, true);
        assert!(gate.is_open());
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(1, Permissions::VIEW, false);
        assert!(!gate.is_open());
        gate.live(1, Permissions::CONTROL, false);
        assert!(gate.is_open());
    }

    #[test]
    fn what_was_stopped_stays_stopped() {
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(1, Permissions::CONTROL);
            gate.live(1, Permissions::CONTROL, false);
            gate.granted(2, Permissions::CONTROL);
            gate.stop();
            assert!(!gate.is_open());
            for session in [1, 2] {
                gate.live(session, Permissions::CONTROL, true);
                assert!(!gate.is_open(), "session {session}");
            }
            gate.granted(3, Permissions::CONTROL);
            gate.live(3, Permissions::CONTROL, false);
            assert!(gate.is_open(), "a new session after it");
        }
    }
}
