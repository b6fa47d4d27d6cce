//! Pause: granted sessions that show and take nothing for a while. And the user's own hands, which go before an officer's.

use super::{
    Display, Host, SessionId,
    log::Again,
    record::Purpose,
    session::{Granted, Session},
};
use crate::{
    record::Entry,
    session::Ground,
    wire::{Hands, PauseReason},
};
use std::{collections::BTreeSet, time::Instant};

/// Whether a granted session is paused. It is at once, and goes on once that is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It goes on.
    Off,
    /// For these reasons, of which there is one at least.
    On(Pauses),
    /// No reason is left, but that line is not written yet. Until then the one reason that was told last is told.
    Ending(PauseReason, Ending),
}

/// One line that ends pauses, by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ending(u32);

impl Pause {
    /// For these reasons, if there are any.
    pub(super) const fn of(reasons: Pauses) -> Self {
        if reasons.is_empty() { Self::Off } else { Self::On(reasons) }
    }

    /// Whether something may be shown and done.
    pub(super) const fn is_off(self) -> bool {
        matches!(self, Self::Off)
    }

    /// The reason that is told, if it is paused.
    pub(super) fn reason(self) -> Option<PauseReason> {
        match self {
            Self::Off => None,
            Self::On(reasons) => reasons.reason(),
            Self::Ending(told, _) => Some(told),
        }
    }

    /// Whether it is for a locked screen alone, or not at all.
    pub(super) fn is_for_lock_alone(self) -> bool {
        match self {
            Self::Off => true,
            Self::On(reasons) => reasons.without(PauseReason::Locked).is_empty(),
            Self::Ending(told, _) => told == PauseReason::Locked,
        }
    }

    /// The reasons that there are.
    pub(super) const fn reasons(self) -> Pauses {
        match self {
            Self::On(reasons) => reasons,
            Self::Off | Self::Ending(..) => Pauses(0),
        }
    }
}

/// Why a granted session is paused: it is, as long as there is a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pauses(u8);

impl Pauses {
    /// The first reason, if there is one.
    fn reason(self) -> Option<PauseReason> {
        self.iter().next()
    }

    fn iter(self) -> impl Iterator<Item = PauseReason> {
        PauseReason::ALL.into_iter().filter(move |reason| self.0 & bit(*reason) != 0)
    }

    /// Whether there is no reason.
    const fn is_empty(self) -> bool {
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
        self.change_pauses(now, |pauses| pauses.with(reason));
        if reason == PauseReason::Locked {
            self.lock(now);
        }
    }

    /// Takes a reason back: where it was the only one, the session goes on with a new picture once that is recorded.
    pub fn proceed(&mut self, now: Instant, reason: PauseReason) {
        self.pauses = self.pauses.without(reason);
        if reason == PauseReason::Locked {
            self.unlock();
        }
        self.change_pauses(now, |pauses| pauses.without(reason));
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

    fn change_pauses(&mut self, now: Instant, change: impl Fn(Pauses) -> Pauses) {
        let all: Vec<_> = self.sessions.keys().copied().collect();
        self.change_pauses_of(now, &all, change);
    }

    /// Changes why sessions are paused, and has it recorded, with all reasons that are left. What is paused is so at once; what
    /// goes on does when that is recorded.
    pub(super) fn change_pauses_of(&mut self, now: Instant, sessions: &[SessionId], change: impl Fn(Pauses) -> Pauses) {
        let (mut displays, mut over) = (BTreeSet::new(), Vec::new());
        for id in sessions.iter().copied() {
            let Some(granted) = self.sessions.get_mut(&id).and_then(Session::granted_mut) else { continue };
            let before = granted.pause;
            let reasons = change(before.reasons()).of(granted.grant.ground);
            if reasons == before.reasons() {
                continue;
            }
            if reasons.is_empty() {
                over.push(id);
                continue;
            }
            granted.pause = Pause::On(reasons);
            if before.reason() != reasons.reason() {
                displays.extend(self.apply_pause(now, id));
            }
            self.note_pause(id, reasons);
            self.keep_return(id);
        }
        displays.into_iter().for_each(|display| self.attend(display, Again::No));
        self.record_ends(&over);
    }

    /// Records why a session is paused, if it is.
    pub(super) fn note_pause(&mut self, id: SessionId, reasons: Pauses) {
        if !reasons.is_empty() {
            self.note(Some(id), Entry::Paused { reasons: reasons.iter().collect() });
        }
    }

    /// Has it recorded that these sessions go on: all of them do so with the last of their lines.
    fn record_ends(&mut self, sessions: &[SessionId]) {
        let Some((last, others)) = sessions.split_last() else { return };
        others.iter().for_each(|&id| self.note(Some(id), Entry::Continued));
        self.ending = Ending(self.ending.0.wrapping_add(1));
        let line = self.ending;
        self.record(Some(*last), Entry::Continued, Purpose::Continue(line));
        for id in sessions {
            if let Some(granted) = self.sessions.get_mut(id).and_then(Session::granted_mut)
                && let Some(told) = granted.pause.reason()
            {
                granted.pause = Pause::Ending(told, line);
            }
        }
    }

    /// It is recorded that sessions go on: they do, as far as nothing has paused them since.
    pub(super) fn go_on_by(&mut self, now: Instant, line: Ending) {
        let mut displays = BTreeSet::new();
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            let granted = self.sessions.get_mut(&id).and_then(Session::granted_mut);
            let ends = |granted: &&mut Granted| matches!(granted.pause, Pause::Ending(_, by) if by == line);
            if let Some(granted) = granted.filter(ends) {
                granted.pause = Pause::Off;
                displays.extend(self.apply_pause(now, id));
                self.keep_return(id);
            }
        }
        // For all of them at once: one new picture serves everybody who goes on.
        displays.into_iter().for_each(|display| self.attend(display, Again::Yes));
    }

    /// Does what follows from a session's pause or its end, and tells both sides. Returns the display that is seen otherwise now.
    fn apply_pause(&mut self, now: Instant, id: SessionId) -> Option<Display> {
        let granted = self.sessions.get(&id)?.live()?.granted;
        if !granted.pause.is_off() {
            self.release_held(id);
        }
        self.announce(now, id);
        self.set_attention(id, granted.attention()).then_some(granted.display)
    }
}
