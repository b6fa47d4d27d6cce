//! The user's screen is locked: what rests on the user's answer waits for them, and not for long.

use super::{Host, asking::Open, session::State};
use crate::{
    session::admission::Ground,
    wire::{End, Refusal},
};
use std::time::{Duration, Instant};

/// How long a session that rests on the user's answer outlives a lock. Long enough for a lock by mistake or by the clock.
const LIMIT: Duration = Duration::from_secs(2 * 60);

impl Host {
    /// Whether the user can't be asked because the screen is locked.
    pub(super) const fn is_locked(&self) -> bool {
        self.locked.is_some()
    }

    /// The screen is locked from now on: open questions are answered by that.
    pub(super) fn lock(&mut self, now: Instant) {
        self.locked.get_or_insert(now);
        let asked = self.sessions.iter().filter(|(_, session)| matches!(session.state, State::AwaitConsent(_)));
        for id in asked.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.end(id, End::Locked);
        }
        let open = self.sessions.iter().filter_map(|(&id, session)| Some((id, session.open?)));
        for (id, open) in open.collect::<Vec<_>>() {
            match open {
                Open::More(_) => self.withdraw_more(id, End::Locked, Refusal::Nobody),
                Open::Again => self.not_confirmed(now, id),
            }
        }
    }

    /// The user is back.
    pub(super) const fn unlock(&mut self) {
        self.locked = None;
    }

    /// When a lock has lasted too long for a session that there is.
    pub(super) fn lock_until(&self) -> Option<Instant> {
        let since = self.locked?;
        self.sessions.values().any(|session| session.ground().is_some_and(Ground::needs_user)).then(|| since + LIMIT)
    }

    /// Ends what does not outlive a lock of that length.
    pub(super) fn time_lock(&mut self, now: Instant) {
        if self.lock_until().is_none_or(|until| now < until) {
            return;
        }
        let waiting = self.sessions.iter().filter(|(_, session)| session.ground().is_some_and(Ground::needs_user));
        for id in waiting.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.end(id, End::Locked);
        }
    }
}
