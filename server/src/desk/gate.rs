//! Whether input may pass: what the user has answered here, what the server says is live, and what the user has stopped,
//! paused or switched off.

use super::{message::LiveSession, parent::AskedBy};
use beside_protocol::wire::{Hands, PauseReason, Permission, Permissions};
use std::collections::{BTreeMap, BTreeSet};

/// The desk's own record of grants and live sessions.
#[derive(Debug)]
pub(super) struct Gate {
    asked_by: AskedBy,
    granted: BTreeMap<u64, Permissions>,
    /// How the user has set the switches of a session, if they have.
    switched: BTreeMap<u64, Permissions>,
    /// The live sessions, and whether each may control.
    live: BTreeMap<u64, bool>,
    stopped: BTreeSet<u64>,
    /// Whose questions are open: nobody controls meanwhile.
    asking: BTreeSet<u64>,
    activity: Activity,
    hands: Hands,
}

/// Whether the user has pressed Pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Active,
    Paused,
}

impl Gate {
    /// Closed: no session yet.
    pub(super) const fn new(asked_by: AskedBy) -> Self {
        Self {
            asked_by,
            granted: BTreeMap::new(),
            switched: BTreeMap::new(),
            live: BTreeMap::new(),
            stopped: BTreeSet::new(),
            asking: BTreeSet::new(),
            activity: Activity::Active,
            hands: Hands::Officer,
        }
    }

    /// The user has answered. A Pause from earlier sessions is not meant for the first of new ones.
    pub(super) fn granted(&mut self, session: u64, permissions: Permissions) {
        if self.live.is_empty() {
            self.activity = Activity::Active;
        }
        self.granted.insert(session, permissions);
    }

    /// The user has said yes to more for a session that is on: it counts as granted and as switched on.
    pub(super) fn added(&mut self, session: u64, permissions: Permissions) {
        if self.stopped.contains(&session) {
            return;
        }
        let granted = self.granted.entry(session).or_default();
        *granted = granted.either(permissions);
        if let Some(switched) = self.switched.get_mut(&session) {
            *switched = switched.either(permissions);
        }
    }

    /// The same, said elsewhere: that counts where the server's word does.
    pub(super) fn added_elsewhere(&mut self, session: u64, permissions: Permissions) {
        if self.asked_by == AskedBy::Server {
            self.added(session, permissions);
        }
    }

    /// A question is put: nothing passes as long as one is open.
    pub(super) fn asks(&mut self, session: u64) {
        self.asking.insert(session);
    }

    /// A question is over.
    pub(super) fn asked(&mut self, session: u64) {
        self.asking.remove(&session);
    }

    /// The server says how a session stands now. It can't bring a stopped one back, nor exceed what was granted here and
    /// what is switched on here, nor end a pause.
    pub(super) fn live(&mut self, session: u64, live: &LiveSession) {
        if self.stopped.contains(&session) {
            return;
        }
        match live.paused {
            Some(PauseReason::User) => self.activity = Activity::Paused,
            None if self.asked_by == AskedBy::Server && self.live.is_empty() => self.activity = Activity::Active,
            Some(PauseReason::Locked | PauseReason::Unconfirmed) | None => {}
        }
        let bound = match (self.asked_by, live.standing) {
            (AskedBy::Desk, false) => self.granted.get(&session).copied().unwrap_or_default(),
            (AskedBy::Desk, true) | (AskedBy::Server, _) => live.permissions,
        };
        let switched = self.switched.get(&session).copied().unwrap_or(live.permissions);
        let permissions = live.permissions.both(bound).both(switched);
        self.live.insert(session, permissions.has(Permission::Control) && live.paused.is_none());
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
        self.switched.remove(&session);
    }

    /// The user has set the switches of a session: off is off at once; what is on waits for the server's word.
    pub(super) fn switch(&mut self, session: u64, wanted: Permissions) {
        self.switched.insert(session, wanted);
        if let Some(controls) = self.live.get_mut(&session) {
            *controls &= wanted.has(Permission::Control);
        }
    }

    /// The user pressed Pause: nothing passes until they press Continue.
    pub(super) const fn pause(&mut self) {
        self.activity = Activity::Paused;
    }

    /// The user pressed Continue. Who controls waits for the server's word.
    pub(super) const fn proceed(&mut self) {
        self.activity = Activity::Active;
    }

    /// Whose hands are on keyboard and pointer: only one's at a time.
    pub(super) const fn set_hands(&mut self, hands: Hands) {
        self.hands = hands;
    }

    /// The user ended one session: it never controls again.
    pub(super) fn stop_one(&mut self, session: u64) {
        self.stopped.insert(session);
        self.ended(session);
    }

    /// The user pressed Stop: none of these sessions controls again.
    pub(super) fn stop(&mut self) {
        self.stopped.extend(self.live.keys().chain(self.granted.keys()));
        self.live.clear();
        self.granted.clear();
        self.switched.clear();
    }

    /// Whether any session may control, as soon as the user's own hands rest.
    pub(super) fn may_control(&self) -> bool {
        self.activity == Activity::Active && self.live.values().any(|&controls| controls)
    }

    /// Whether input may pass now.
    pub(super) fn is_open(&self) -> bool {
        self.may_control() && self.hands == Hands::Officer && self.asking.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(permissions: Permissions, standing: bool) -> LiveSession {
        LiveSession {
            officer: "Anna".into(),
            permissions,
            ceiling: permissions,
            paused: None,
            seconds_left: 60,
            standing,
            extra: None,
        }
    }

    #[test]
    fn control_needs_the_answer_given_here() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "never asked");
        gate.granted(2, Permissions::VIEW);
        gate.live(2, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "granted the view only");
        gate.granted(3, Permissions::CONTROL);
        assert!(!gate.is_open(), "not live yet");
        gate.live(3, &live(Permissions::CONTROL, false));
        assert!(gate.is_open());
        gate.live(3, &live(Permissions::VIEW, false));
        assert!(!gate.is_open(), "narrowed by the server");
        gate.live(3, &live(Permissions::CONTROL, false));
        gate.ended(3);
        gate.live(3, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "a grant ends with its session");
    }

    #[test]
    fn who_comes_back_has_what_was_granted_and_not_after_stop() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(1, Permissions::CONTROL);
        gate.live(1, &live(Permissions::CONTROL, false));
        gate.suspended(1);
        assert!(!gate.is_open(), "nobody is there");
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open());
        gate.suspended(1);
        gate.stop();
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "stopped while nobody was there");
        gate.suspended(2);
        assert!(!gate.is_open(), "never live");
    }

    #[test]
    fn standing_grants_and_other_askers_are_believed() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(1, &live(Permissions::CONTROL, true));
        assert!(gate.is_open());
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(1, &live(Permissions::VIEW, false));
        assert!(!gate.is_open());
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open());
    }

    #[test]
    fn what_was_stopped_stays_stopped() {
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(1, Permissions::CONTROL);
            gate.live(1, &live(Permissions::CONTROL, false));
            gate.granted(2, Permissions::CONTROL);
            gate.stop();
            assert!(!gate.is_open());
            for session in [1, 2] {
                gate.live(session, &live(Permissions::CONTROL, true));
                assert!(!gate.is_open(), "session {session}");
            }
            gate.granted(3, Permissions::CONTROL);
            gate.live(3, &live(Permissions::CONTROL, false));
            assert!(gate.is_open(), "a new session after it");
        }
    }

    #[test]
    fn a_pause_ends_by_the_user_only() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(1, Permissions::CONTROL);
        gate.live(1, &live(Permissions::CONTROL, false));
        gate.pause();
        gate.live(1, &live(Permissions::CONTROL, false));
        gate.live(2, &live(Permissions::CONTROL, true));
        assert!(!gate.is_open(), "the server goes on as if nothing had happened");
        gate.proceed();
        assert!(gate.is_open());
        // Another desk may have been told of the pause, not this one.
        gate.live(1, &LiveSession { paused: Some(PauseReason::User), ..live(Permissions::CONTROL, false) });
        gate.ended(2);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open());
        gate.ended(1);
        gate.live(3, &live(Permissions::CONTROL, true));
        assert!(!gate.is_open(), "who comes anew is paused as well");
        gate.ended(3);
        gate.granted(4, Permissions::CONTROL);
        gate.live(4, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(), "a yes is meant");
    }

    #[test]
    fn what_is_switched_off_stays_off_until_the_user_switches_it_on() {
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(1, &live(Permissions::CONTROL, false));
        gate.switch(1, Permissions::VIEW);
        assert!(!gate.is_open());
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "the server can't switch it on");
        gate.switch(1, Permissions::CONTROL);
        assert!(!gate.is_open(), "nor the user beyond what the server says");
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open());
        gate.stop_one(1);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open());
    }

    #[test]
    fn nothing_passes_while_the_user_is_asked() {
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(1, Permissions::CONTROL);
            gate.live(1, &live(Permissions::CONTROL, false));
            gate.asks(2);
            gate.asks(3);
            gate.live(1, &live(Permissions::CONTROL, false));
            assert!(!gate.is_open(), "the server goes on as if nobody were asked");
            gate.asked(2);
            assert!(!gate.is_open(), "another question is open");
            gate.asked(3);
            assert!(gate.is_open());
        }
    }

    #[test]
    fn more_needs_a_yes_given_here_and_ends_by_the_switch() {
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(1, Permissions::VIEW);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open());
        gate.switch(1, Permissions::VIEW);
        gate.added(1, Permissions::NONE.with(Permission::Control));
        assert!(!gate.is_open(), "not before the server says so");
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open());
        gate.switch(1, Permissions::VIEW);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open());
        gate.added_elsewhere(1, Permissions::CONTROL);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "not said here");
        gate.stop_one(1);
        gate.added(1, Permissions::CONTROL);
        gate.live(1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(), "stopped");
    }

    #[test]
    fn one_pair_of_hands_at_a_time() {
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(1, &live(Permissions::CONTROL, false));
        gate.set_hands(Hands::User);
        assert!(!gate.is_open() && gate.may_control());
        gate.set_hands(Hands::Officer);
        assert!(gate.is_open());
    }
}
