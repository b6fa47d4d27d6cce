//! Pause: granted sessions that show and take nothing for a while. And the user's own hands, which go before an officer's.

use super::{Display, Host, SessionId, log::Again, session::Session};
use crate::{
    session::Ground,
    wire::{Hands, PauseReason},
};
use std::{collections::BTreeSet, time::Instant};

/// Why a granted session is paused: it is, as long as there is a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pauses(u8);

impl Pauses {
    /// The first reason, if there is one.
    pub(super) fn reason(self) -> Option<PauseReason> {
        PauseReason::ALL.into_iter().find(|reason| self.0 & bit(*reason) != 0)
    }

    /// Whether there is no reason.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those of them that hold for a session on this ground. Only one that rests on the user's answer needs the user there: an
    /// unattended officer may have to unlock the screen.
    pub(super) const fn of(self, ground: Ground) -> Self {
        if ground.needs_user() { self } else { self.without(PauseReason::Locked) }
    }

    pub(super) const fn with(self, reason: PauseReason) -> Self {
        Self(self.0 | bit(reason))
    }

    pub(super) const fn without(self, reason: PauseReason) -> Self {
        Self(self.0 & !bit(reason))
    }
}

const fn bit(reason: PauseReason) -> u8 {
    1 << reason as u8
}

impl Host {
    /// Pauses all sessions: what officers hold comes up, and no picture and no input passes before [`Host::proceed`]. No
    /// screen is captured meanwhile. The time of the grants runs on. Who comes before then is paused as well, so that
    /// nobody gets round a pause by coming anew.
    ///
    /// A locked screen concerns only sessions that rest on the user's answer ([`Ground`]); they end when it lasts. And nobody
    /// is asked meanwhile: an open question is withdrawn.
    pub fn pause(&mut self, now: Instant, reason: PauseReason) {
        self.pauses = self.pauses.with(reason);
        self.change_pauses(now, Again::No, |pauses| pauses.with(reason));
        if reason == PauseReason::Locked {
            self.lock(now);
        }
    }

    /// Takes a reason back: where it was the only one, the session goes on with a new picture.
    pub fn proceed(&mut self, now: Instant, reason: PauseReason) {
        self.pauses = self.pauses.without(reason);
        if reason == PauseReason::Locked {
            self.unlock();
        }
        self.change_pauses(now, Again::Yes, |pauses| pauses.without(reason));
    }

    /// Learns whose hands are on keyboard and pointer. While they are the user's, what the officer holds comes up and what
    /// the officer does is dropped.
    pub fn set_hands(&mut self, hands: Hands) {
        self.hands = hands;
        self.follow_hands();
    }

    /// The user has just said yes: who pressed Pause in an earlier session does not mean this one.
    pub(super) fn forget_old_pause(&mut self) {
        if !self.sessions.values().any(|session| session.granted().is_some()) {
            self.pauses = self.pauses.without(PauseReason::User);
        }
    }

    fn change_pauses(&mut self, now: Instant, again: Again, change: impl Fn(Pauses) -> Pauses) {
        let all: Vec<_> = self.sessions.keys().copied().collect();
        self.change_pauses_of(now, &all, again, change);
    }

    /// Changes why sessions are paused, and does what follows from it.
    pub(super) fn change_pauses_of(
        &mut self,
        now: Instant,
        sessions: &[SessionId],
        again: Again,
        change: impl Fn(Pauses) -> Pauses,
    ) {
        let mut displays = BTreeSet::new();
        for id in sessions.iter().copied() {
            let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { continue };
            let after = change(granted.pauses).of(granted.grant.ground);
            if std::mem::replace(&mut granted.pauses, after).reason() != after.reason() {
                displays.extend(self.apply_pauses(now, id));
                self.keep_return(id);
            }
        }
        // For all of them at once: one new picture serves everybody who goes on.
        displays.into_iter().for_each(|display| self.attend(display, again));
    }

    /// Does what follows from a session's pauses, and tells both sides. Returns the display that is seen otherwise now.
    fn apply_pauses(&mut self, now: Instant, id: SessionId) -> Option<Display> {
        let granted = self.sessions.get(&id)?.live()?.granted;
        if !granted.pauses.is_empty() {
            self.release_held(id);
        }
        self.announce(now, id);
        self.set_attention(id, granted.attention()).then_some(granted.display)
    }
}
