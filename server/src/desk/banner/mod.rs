//! The banner: who can see or control this computer, for how long, and what the user can do about it.

mod view;
mod words;

pub(super) use view::{Action, WIDTH};

use super::message::{Extra, LiveSession};
use beside_protocol::wire::{PauseReason, Permission, Permissions, Who};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The most and the fewest characters of an officer's name in the main line: enough to know who it is.
const NAME: usize = 40;
const SHORTEST_NAME: usize = 8;

/// How long it says that an officer has come into another network.
const NEWS: Duration = Duration::from_secs(30);

/// What all sessions may do, who has lost the connection to one, and what the user wants.
#[derive(Debug, Default)]
pub(super) struct Banner {
    sessions: BTreeMap<u64, Session>,
    wish: Wish,
    /// The panic key where it works, or that it does not.
    panic_key: PanicHint,
    rows: Rows,
}

/// Whether there is room for rows below the main line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rows {
    #[default]
    Shown,
    Hidden,
}

/// What the user has pressed last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Wish {
    #[default]
    On,
    /// Pause.
    Pause,
    /// Stop; the server is to end the sessions.
    Stop,
}

/// What there is to say about the panic key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum PanicHint {
    #[default]
    Unknown,
    /// It works.
    Works(String),
    /// It does not work here.
    Fails(String),
}

#[derive(Debug)]
struct Session {
    officer: Who,
    /// When it ends: the session, or the time in which the officer may come back.
    until: Instant,
    presence: Presence,
    /// Whether the user has ended it; the server is to do the rest.
    ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    No,
    Asked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// The officer is connected.
    Here {
        permissions: Permissions,
        /// What the user may switch on again.
        ceiling: Permissions,
        paused: Option<PauseReason>,
        standing: bool,
        /// What ends earlier, and when.
        extra: Option<(Permissions, Instant)>,
        /// When the network was another for the last time.
        moved: Option<Instant>,
    },
    /// The officer's connection is lost.
    Away,
}

impl Session {
    const fn is_here(&self) -> bool {
        matches!(self.presence, Presence::Here { .. })
    }

    const fn is_standing(&self) -> bool {
        matches!(self.presence, Presence::Here { standing: true, .. })
    }

    fn controls(&self) -> bool {
        matches!(self.presence, Presence::Here { permissions, .. } if permissions.has(Permission::Control))
    }

    const fn paused(&self) -> Option<PauseReason> {
        match self.presence {
            Presence::Here { paused, .. } => paused,
            Presence::Away => None,
        }
    }

    /// The permissions that have a switch, and whether each is on. To see is none: without it there is no session.
    fn switches(&self) -> Vec<(Permission, bool)> {
        let Presence::Here { permissions, ceiling, .. } = self.presence else { return Vec::new() };
        ceiling.without(Permission::View).iter().map(|permission| (permission, permissions.has(permission))).collect()
    }

    /// What ends earlier than the session, and how much longer it lasts.
    fn extra(&self, now: Instant) -> Option<(Permissions, Duration)> {
        let Presence::Here { extra: Some((permissions, until)), .. } = self.presence else { return None };
        Some((permissions, until.checked_duration_since(now)?)).filter(|(_, left)| !left.is_zero())
    }

    /// Until when the change of network is news, if it is.
    fn news(&self, now: Instant) -> Option<Instant> {
        let Presence::Here { moved: Some(moved), .. } = self.presence else { return None };
        Some(moved + NEWS).filter(|end| *end > now)
    }
}

impl Banner {
    /// A session is live, or has changed.
    pub(super) fn live(&mut self, session: u64, live: &LiveSession, now: Instant) {
        let ending = self.ending(session);
        let LiveSession { permissions, ceiling, paused, standing, .. } = *live;
        let ends = |Extra { permissions, seconds_left }| (permissions, now + Duration::from_secs(seconds_left.into()));
        let extra = live.extra.map(ends);
        self.sessions.insert(
            session,
            Session {
                officer: live.officer.clone(),
                until: now + Duration::from_secs(live.seconds_left.into()),
                presence: Presence::Here { permissions, ceiling, paused, standing, extra, moved: None },
                ending,
            },
        );
    }

    /// A session's connection is lost; the officer may come back until then.
    pub(super) fn suspended(&mut self, session: u64, officer: Who, until: Instant) {
        let ending = self.ending(session);
        self.sessions.insert(session, Session { officer, until, presence: Presence::Away, ending });
    }

    /// The officer of a session has come into another network.
    pub(super) fn moved(&mut self, session: u64, now: Instant) {
        if let Some(Session { presence: Presence::Here { moved, .. }, .. }) = self.sessions.get_mut(&session) {
            *moved = Some(now);
        }
    }

    /// A session is over; false if it was not live.
    pub(super) fn ended(&mut self, session: u64) -> bool {
        let was_live = self.sessions.remove(&session).is_some();
        if self.sessions.is_empty() {
            self.wish = Wish::On;
        }
        was_live
    }

    /// What is to be said about the panic key.
    pub(super) fn set_panic_key(&mut self, hint: PanicHint) {
        self.panic_key = hint;
    }

    /// Whether to show rows, where there is more to say than the main line does.
    pub(super) const fn set_rows(&mut self, rows: Rows) {
        self.rows = rows;
    }

    /// The user has done something: shows it before the server knows.
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Stop => self.wish = Wish::Stop,
            Action::Pause => self.wish = Wish::Pause,
            Action::Continue => self.wish = Wish::On,
            Action::End { session } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.ending = Ending::Asked;
                }
            }
            // On is shown when the server says so.
            Action::Switch { session, permission, on: false } => {
                if let Some(Session { presence: Presence::Here { permissions, .. }, .. }) =
                    self.sessions.get_mut(&session)
                {
                    *permissions = permissions.without(permission);
                }
            }
            Action::Switch { on: true, .. } => {}
        }
    }

    /// All that is on in a session, after this switch is set.
    pub(super) fn switched(&self, session: u64, permission: Permission, on: bool) -> Permissions {
        match self.sessions.get(&session).map(|session| session.presence) {
            Some(Presence::Here { permissions, .. }) if on => permissions.with(permission),
            Some(Presence::Here { permissions, .. }) => permissions.without(permission),
            Some(Presence::Away) | None => Permissions::NONE,
        }
    }

    /// Whether the server has done all that the user wants.
    pub(super) fn is_obeyed(&self) -> bool {
        let pauses = |session: &Session| !session.is_here() || session.paused().is_some();
        let wish = match self.wish {
            Wish::On => true,
            Wish::Pause => self.sessions.values().all(pauses),
            Wish::Stop => self.sessions.is_empty(),
        };
        wish && self.sessions.values().all(|session| session.ending == Ending::No)
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// When it will read otherwise: the next full minute of a session, or when news are old.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        let minutes = self.sessions.values().filter_map(|session| {
            let left = session.until.saturating_duration_since(now);
            let beyond = Duration::from_nanos(u64::try_from(left.as_nanos() % 60_000_000_000).unwrap_or_default());
            (!left.is_zero()).then(|| now + beyond + Duration::from_millis(1))
        });
        let seconds = self.sessions.values().filter_map(|session| session.extra(now)).map(|(_, left)| {
            let beyond = left.subsec_nanos();
            now + if beyond == 0 { Duration::from_secs(1) } else { Duration::from_nanos(beyond.into()) }
        });
        self.sessions.values().filter_map(|session| session.news(now)).chain(minutes).chain(seconds).min()
    }

    /// Whether Continue is offered in the place of Pause.
    fn is_paused(&self) -> bool {
        let by_user =
            |session: &Session| matches!(session.paused(), Some(PauseReason::User | PauseReason::Unconfirmed));
        self.wish == Wish::Pause || self.sessions.values().any(by_user)
    }

    fn ending(&self, session: u64) -> Ending {
        self.sessions.get(&session).map_or(Ending::No, |session| session.ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::words::{Language, Words};

    pub(super) fn english() -> Words {
        Words::new(Language::English)
    }

    pub(super) fn anna(permissions: Permissions, seconds_left: u32) -> LiveSession {
        LiveSession {
            officer: "Anna Berger".into(),
            permissions,
            ceiling: permissions,
            paused: None,
            seconds_left,
            standing: false,
            extra: None,
        }
    }

    #[test]
    fn it_changes_once_a_minute() {
        let now = Instant::now();
        let mut banner = Banner::default();
        assert_eq!(banner.next_change(now), None);
        banner.live(1, &anna(Permissions::VIEW, 90), now);
        let next = banner.next_change(now).unwrap();
        assert_eq!(banner.detail(&english(), now), "2 minutes left");
        assert_eq!(banner.detail(&english(), next), "1 minute left");
        let after = banner.next_change(next).unwrap();
        assert!(after - next > Duration::from_secs(59));
        assert_eq!(banner.next_change(now + Duration::from_secs(91)), None, "nothing more to count");
    }

    #[test]
    fn the_server_has_to_do_what_the_user_wants() {
        let now = Instant::now();
        let mut banner = Banner::default();
        let here = anna(Permissions::CONTROL, 600);
        let paused = LiveSession { paused: Some(PauseReason::User), ..here.clone() };
        banner.live(1, &here, now);
        banner.live(2, &here, now);
        assert!(banner.is_obeyed());
        banner.act(Action::Pause);
        banner.live(1, &paused, now);
        assert!(!banner.is_obeyed(), "one of them is not paused");
        banner.suspended(2, "Ben Ito".into(), now);
        assert!(banner.is_obeyed(), "nothing is shown to who is away");
        banner.live(2, &here, now);
        assert!(!banner.is_obeyed());
        banner.live(2, &paused, now);
        banner.act(Action::End { session: 2 });
        banner.live(2, &paused, now);
        assert!(!banner.is_obeyed(), "it goes on as if nothing had happened");
        banner.ended(2);
        assert!(banner.is_obeyed());
        banner.act(Action::Stop);
        assert!(!banner.is_obeyed());
        assert!(banner.ended(1) && !banner.ended(1) && banner.is_obeyed());
    }

    #[test]
    fn a_switch_goes_off_at_once_and_on_by_the_server_s_word() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::CONTROL, 600), now);
        assert_eq!(banner.sessions[&1].switches(), [(Permission::Control, true)]);
        for on in [false, true] {
            banner.act(Action::Switch { session: 1, permission: Permission::Control, on });
            assert_eq!(banner.sessions[&1].switches(), [(Permission::Control, false)]);
        }
        assert_eq!(banner.switched(1, Permission::Control, true), Permissions::CONTROL);
    }
}
