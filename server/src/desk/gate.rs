//! Whether input may pass: what the user has answered here and for how long, what the server says is live, and what the
//! user has stopped, paused or switched off.

use super::{message::LiveSession, parent::AskedBy, presence::Presence};
use beside_protocol::wire::{Hands, PauseReason, Permission, Permissions};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How much later than here the server's clock of a grant may end: there it begins when the yes is recorded.
const LATER: Duration = Duration::from_secs(5);

/// The desk's own record of grants and live sessions.
#[derive(Debug)]
pub(super) struct Gate {
    asked_by: AskedBy,
    sessions: BTreeMap<u64, Session>,
    stopped: BTreeSet<u64>,
    /// Whose questions are open: nobody controls meanwhile.
    asking: BTreeSet<u64>,
    activity: Activity,
    presence: Presence,
    hands: Hands,
}

/// What is known here of one session's control.
#[derive(Clone, Copy, Debug, Default)]
struct Session {
    /// Until when the user gave it with the answer that began the session, if they did.
    granted: Option<Instant>,
    /// The same, while the session was on. The switch does not count for that: it takes it away.
    added: Option<Instant>,
    switch: Switch,
    /// What the server says, since it has.
    live: Option<Live>,
}

/// How the user has set the switch for control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Switch {
    #[default]
    On,
    Off,
}

/// What the server says of a live session.
#[derive(Clone, Copy, Debug)]
struct Live {
    /// Until when it may control, if it may.
    controls: Option<Instant>,
    ground: Ground,
}

/// What a session rests on, as far as the server can be asked about that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// An answer of now, given here: the server's word alone is nothing.
    AnswerHere,
    /// An answer of now, given elsewhere.
    Answer,
    /// What was decided earlier. The user need not be there.
    Earlier,
}

/// Whether the user has pressed Pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Activity {
    Active,
    Paused,
}

impl Session {
    /// Until when it may control if the user is `presence`, should all else allow it.
    fn controls(&self, presence: Presence) -> Option<Instant> {
        let Live { controls, ground } = self.live?;
        let switched = |until: Option<Instant>| until.filter(|_| self.switch == Switch::On);
        let given = match ground {
            Ground::AnswerHere => switched(self.granted).max(self.added),
            Ground::Answer | Ground::Earlier => switched(controls),
        };
        let is_there = presence == Presence::Here || ground == Ground::Earlier;
        Some(given?.min(controls?)).filter(|_| is_there)
    }
}

impl Gate {
    /// Closed: no session yet.
    pub(super) const fn new(asked_by: AskedBy) -> Self {
        Self {
            asked_by,
            sessions: BTreeMap::new(),
            stopped: BTreeSet::new(),
            asking: BTreeSet::new(),
            activity: Activity::Active,
            presence: Presence::Here,
            hands: Hands::Officer,
        }
    }

    /// The user has answered, for so long. A Pause from earlier sessions is not meant for the first of new ones.
    pub(super) fn granted(&mut self, now: Instant, session: u64, permissions: Permissions, lasts: Duration) {
        if self.none_is_live() {
            self.activity = Activity::Active;
        }
        self.session(session).granted = end_of(now, permissions, lasts);
    }

    /// The user has said yes to more for a session that is on, for so long.
    pub(super) fn added(&mut self, now: Instant, session: u64, permissions: Permissions, lasts: Duration) {
        if !self.stopped.contains(&session) {
            let session = self.session(session);
            session.added = end_of(now, permissions, lasts).or(session.added);
        }
    }

    /// The same, said elsewhere: that counts where the server's word does, as if it were switched on.
    pub(super) fn added_elsewhere(&mut self, session: u64, permissions: Permissions) {
        if self.asked_by == AskedBy::Server
            && permissions.has(Permission::Control)
            && let Some(session) = self.sessions.get_mut(&session)
        {
            session.switch = Switch::On;
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
    pub(super) fn live(&mut self, now: Instant, session: u64, live: &LiveSession) {
        if self.stopped.contains(&session) {
            return;
        }
        match live.paused {
            Some(PauseReason::User) => self.activity = Activity::Paused,
            None if self.asked_by == AskedBy::Server && self.none_is_live() => self.activity = Activity::Active,
            Some(PauseReason::Locked | PauseReason::Unconfirmed) | None => {}
        }
        let ground = match (live.standing, self.asked_by) {
            (true, _) => Ground::Earlier,
            (false, AskedBy::Desk) => Ground::AnswerHere,
            (false, AskedBy::Server) => Ground::Answer,
        };
        let extra = live.extra.filter(|extra| extra.permissions.has(Permission::Control));
        let seconds = extra.map_or(live.seconds_left, |extra| extra.seconds_left);
        let lasts = Duration::from_secs(seconds.into());
        let controls = end_of(now, live.permissions, lasts).filter(|_| live.paused.is_none());
        self.session(session).live = Some(Live { controls, ground });
    }

    /// A session has no connection: it controls no more until the server says that it is live again.
    pub(super) fn suspended(&mut self, session: u64) {
        self.wait_for_word(session);
    }

    /// A session is over.
    pub(super) fn ended(&mut self, session: u64) {
        self.sessions.remove(&session);
    }

    /// The user has set the switches of a session: off is off at once; what is on waits for the server's word.
    pub(super) fn switch(&mut self, session: u64, wanted: Permissions) {
        let switch = if wanted.has(Permission::Control) { Switch::On } else { Switch::Off };
        let of_session = self.session(session);
        if switch == Switch::Off {
            of_session.added = None;
        }
        if std::mem::replace(&mut of_session.switch, switch) != switch || switch == Switch::Off {
            self.wait_for_word(session);
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

    /// The screen is locked, or not any more: what rests on an answer of now needs the user there.
    pub(super) const fn set_presence(&mut self, presence: Presence) {
        self.presence = presence;
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
        self.stopped.extend(self.sessions.keys());
        self.sessions.clear();
    }

    /// Until when a session may control, as soon as the user's own hands rest; `None` if none may.
    pub(super) fn controls_until(&self, now: Instant) -> Option<Instant> {
        let ends = self.sessions.values().filter_map(|session| session.controls(self.presence));
        ends.filter(|end| now < *end && self.activity == Activity::Active).max()
    }

    /// Whether input may pass now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.controls_until(now).is_some() && self.hands == Hands::Officer && self.asking.is_empty()
    }

    fn session(&mut self, session: u64) -> &mut Session {
        self.sessions.entry(session).or_default()
    }

    fn none_is_live(&self) -> bool {
        self.sessions.values().all(|session| session.live.is_none())
    }

    /// What the server said of a session's control holds no more.
    fn wait_for_word(&mut self, session: u64) {
        if let Some(live) = self.sessions.get_mut(&session).and_then(|session| session.live.as_mut()) {
            live.controls = None;
        }
    }
}

/// When control ends that is among `permissions`.
fn end_of(now: Instant, permissions: Permissions, lasts: Duration) -> Option<Instant> {
    // Longer than a clock can say is longer than any session.
    permissions.has(Permission::Control).then(|| now.checked_add(lasts + LATER).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::message::Extra;

    /// As the server counts in `live`.
    const MINUTE: Duration = Duration::from_secs(60);

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
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "never asked");
        gate.granted(now, 2, Permissions::VIEW, MINUTE);
        gate.live(now, 2, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "granted the view only");
        gate.granted(now, 3, Permissions::CONTROL, MINUTE);
        assert!(!gate.is_open(now), "not live yet");
        gate.live(now, 3, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now));
        gate.live(now, 3, &live(Permissions::VIEW, false));
        assert!(!gate.is_open(now), "narrowed by the server");
        gate.live(now, 3, &live(Permissions::CONTROL, false));
        gate.ended(3);
        gate.live(now, 3, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "a grant ends with its session");
    }

    #[test]
    fn who_comes_back_has_what_was_granted_and_not_after_stop() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(now, 1, Permissions::CONTROL, MINUTE);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        gate.suspended(1);
        assert!(!gate.is_open(now), "nobody is there");
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now));
        gate.suspended(1);
        gate.stop();
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "stopped while nobody was there");
        gate.suspended(2);
        assert!(!gate.is_open(now), "never live");
    }

    #[test]
    fn standing_grants_and_other_askers_are_believed() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Desk);
        gate.live(now, 1, &live(Permissions::CONTROL, true));
        assert!(gate.is_open(now));
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(now, 1, &live(Permissions::VIEW, false));
        assert!(!gate.is_open(now));
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now));
    }

    #[test]
    fn what_was_stopped_stays_stopped() {
        let now = Instant::now();
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(now, 1, Permissions::CONTROL, MINUTE);
            gate.live(now, 1, &live(Permissions::CONTROL, false));
            gate.granted(now, 2, Permissions::CONTROL, MINUTE);
            gate.stop();
            assert!(!gate.is_open(now));
            for session in [1, 2] {
                gate.live(now, session, &live(Permissions::CONTROL, true));
                assert!(!gate.is_open(now), "session {session}");
            }
            gate.granted(now, 3, Permissions::CONTROL, MINUTE);
            gate.live(now, 3, &live(Permissions::CONTROL, false));
            assert!(gate.is_open(now), "a new session after it");
        }
    }

    #[test]
    fn a_pause_ends_by_the_user_only() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(now, 1, Permissions::CONTROL, MINUTE);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        gate.pause();
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        gate.live(now, 2, &live(Permissions::CONTROL, true));
        assert!(!gate.is_open(now), "the server goes on as if nothing had happened");
        gate.proceed();
        assert!(gate.is_open(now));
        // Another desk may have been told of the pause, not this one.
        gate.live(now, 1, &LiveSession { paused: Some(PauseReason::User), ..live(Permissions::CONTROL, false) });
        gate.ended(2);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now));
        gate.ended(1);
        gate.live(now, 3, &live(Permissions::CONTROL, true));
        assert!(!gate.is_open(now), "who comes anew is paused as well");
        gate.ended(3);
        gate.granted(now, 4, Permissions::CONTROL, MINUTE);
        gate.live(now, 4, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now), "a yes is meant");
    }

    #[test]
    fn what_is_switched_off_stays_off_until_the_user_switches_it_on() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        gate.switch(1, Permissions::VIEW);
        assert!(!gate.is_open(now));
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "the server can't switch it on");
        gate.switch(1, Permissions::CONTROL);
        assert!(!gate.is_open(now), "nor the user beyond what the server says");
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now));
        gate.stop_one(1);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now));
    }

    #[test]
    fn nothing_passes_while_the_user_is_asked() {
        let now = Instant::now();
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(now, 1, Permissions::CONTROL, MINUTE);
            gate.live(now, 1, &live(Permissions::CONTROL, false));
            gate.asks(2);
            gate.asks(3);
            gate.live(now, 1, &live(Permissions::CONTROL, false));
            assert!(!gate.is_open(now), "the server goes on as if nobody were asked");
            gate.asked(2);
            assert!(!gate.is_open(now), "another question is open");
            gate.asked(3);
            assert!(gate.is_open(now));
        }
    }

    #[test]
    fn more_needs_a_yes_given_here_and_ends_by_the_switch() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(now, 1, Permissions::VIEW, MINUTE);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now));
        gate.switch(1, Permissions::VIEW);
        gate.added(now, 1, Permissions::NONE.with(Permission::Control), MINUTE);
        assert!(!gate.is_open(now), "not before the server says so");
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(gate.is_open(now));
        gate.switch(1, Permissions::VIEW);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now));
        gate.added_elsewhere(1, Permissions::CONTROL);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "not said here");
        gate.stop_one(1);
        gate.added(now, 1, Permissions::CONTROL, MINUTE);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        assert!(!gate.is_open(now), "stopped");
    }

    #[test]
    fn one_pair_of_hands_at_a_time() {
        let now = Instant::now();
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(now, 1, &live(Permissions::CONTROL, false));
        gate.set_hands(Hands::User);
        assert!(!gate.is_open(now) && gate.controls_until(now).is_some());
        gate.set_hands(Hands::Officer);
        assert!(gate.is_open(now));
    }

    #[test]
    fn control_ends_at_its_time_whatever_the_server_says() {
        let now = Instant::now();
        let forever = LiveSession { seconds_left: u32::MAX, ..live(Permissions::CONTROL, false) };
        let mut gate = Gate::new(AskedBy::Desk);
        gate.granted(now, 1, Permissions::CONTROL, MINUTE);
        gate.live(now, 1, &forever);
        let end = gate.controls_until(now).unwrap();
        assert_eq!(end, now + MINUTE + LATER);
        gate.live(end, 1, &forever);
        assert!(gate.is_open(now) && !gate.is_open(end));

        gate.granted(now, 2, Permissions::VIEW, 9 * MINUTE);
        gate.added(now, 2, Permissions::CONTROL, 2 * MINUTE);
        gate.live(now, 2, &forever);
        let end = gate.controls_until(now).unwrap();
        assert_eq!(end, now + 2 * MINUTE + LATER, "what was added has a time of its own");
        gate.live(end, 2, &forever);
        assert!(!gate.is_open(end));
    }

    #[test]
    fn what_the_server_says_of_time_narrows() {
        let now = Instant::now();
        let extra = Extra { permissions: Permissions::NONE.with(Permission::Control), seconds_left: 20 };
        let mut gate = Gate::new(AskedBy::Server);
        gate.live(now, 1, &live(Permissions::CONTROL, true));
        assert_eq!(gate.controls_until(now), Some(now + MINUTE + LATER));
        gate.live(now, 1, &LiveSession { extra: Some(extra), ..live(Permissions::CONTROL, false) });
        assert_eq!(gate.controls_until(now), Some(now + Duration::from_secs(20) + LATER));
    }

    #[test]
    fn behind_a_lock_controls_only_what_was_decided_earlier() {
        let now = Instant::now();
        for asked_by in [AskedBy::Desk, AskedBy::Server] {
            let mut gate = Gate::new(asked_by);
            gate.granted(now, 1, Permissions::CONTROL, MINUTE);
            gate.live(now, 1, &live(Permissions::CONTROL, false));
            gate.set_presence(Presence::Locked);
            gate.live(now, 1, &live(Permissions::CONTROL, false));
            assert!(!gate.is_open(now), "the server goes on as if nothing had happened");
            gate.live(now, 2, &live(Permissions::CONTROL, true));
            assert!(gate.is_open(now));
            gate.ended(2);
            gate.set_presence(Presence::Here);
            assert!(gate.is_open(now));
        }
    }
}
