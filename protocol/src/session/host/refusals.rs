//! Whom the user does not want to hear: officers who were turned down again and again are not asked about for a while, and
//! blocked keys never.

use super::{Event, Host, SessionId, asking::Open, session::State};
use crate::{
    record::Entry,
    session::admission::Admission,
    wire::{End, Fingerprint, PolicyReason},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long an officer is refused unasked after questions enough have come to nothing.
pub(super) const SILENCE: Duration = Duration::from_secs(15 * 60);

/// What a question counts to which the user has said no, or nothing; and one that the officer has taken back. Without the
/// second, who asks and leaves in turns could keep the user's screen full.
pub(super) const REFUSED: u8 = 3;
const WITHDRAWN: u8 = 1;

/// The user is left in peace from this sum on: after two refusals.
const ENOUGH: u8 = 2 * REFUSED;

/// How many officers are remembered. It takes the user's own no, or a minute of one of a few places, to become one of them: in
/// [`SILENCE`] nobody can make so many that one who is still silenced is forgotten.
const CAPACITY: usize = 256;

/// Officers whose questions came to nothing, since the user last said yes to them.
#[derive(Debug, Default)]
pub(super) struct Refusals(BTreeMap<Fingerprint, Count>);

#[derive(Clone, Copy, Debug)]
struct Count {
    sum: u8,
    last: Instant,
    silent_until: Option<Instant>,
}

impl Count {
    fn is_silent(&self, now: Instant) -> bool {
        self.silent_until.is_some_and(|until| now < until)
    }
}

impl Refusals {
    /// How much longer an officer is refused unasked, if so.
    pub(super) fn silence(&self, now: Instant, key: &Fingerprint) -> Option<Duration> {
        let until = self.0.get(key)?.silent_until?;
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// A question of an officer has come to nothing, which counts that much.
    pub(super) fn count(&mut self, now: Instant, key: Fingerprint, weight: u8) {
        if !self.0.contains_key(&key) && self.0.len() >= CAPACITY {
            let victim = self.0.iter().min_by_key(|(_, count)| (count.is_silent(now), count.last)).map(|(&key, _)| key);
            victim.and_then(|victim| self.0.remove(&victim));
        }
        let count = self.0.entry(key).or_insert(Count { sum: 0, last: now, silent_until: None });
        (count.sum, count.last) = (count.sum.saturating_add(weight), now);
        if count.sum >= ENOUGH {
            count.silent_until = Some(now + SILENCE);
            // After that one more no is enough.
            count.sum = ENOUGH - REFUSED;
        }
    }

    /// The user has said yes.
    pub(super) fn forgive(&mut self, key: &Fingerprint) {
        self.0.remove(key);
    }
}

impl Host {
    /// The keys that are blocked from now on: their sessions end, and who has one is refused at the first word.
    pub fn set_blocked(&mut self, keys: BTreeSet<Fingerprint>) {
        self.blocked = keys;
        let of_blocked = self.sessions.iter().filter(|(_, session)| self.blocked.contains(&session.officer.key));
        for id in of_blocked.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.end(id, End::Policy(PolicyReason::Blocked));
        }
    }

    /// The user has blocked the officer who asks: no, and never again.
    pub(super) fn block(&mut self, id: SessionId) {
        let Some(key) = self.sessions.get(&id).map(|session| session.officer.key) else { return };
        self.events.push_back(Event::Block(key));
        self.note(Some(id), Entry::Blocked { key });
        self.end(id, End::Denied);
        let mut blocked = std::mem::take(&mut self.blocked);
        blocked.insert(key);
        self.set_blocked(blocked);
    }

    /// Whether the officer of a session is refused whatever they want.
    pub(super) fn check_blocked(&self, id: SessionId) -> Result<(), End> {
        let blocked = self.sessions.get(&id).is_some_and(|session| self.blocked.contains(&session.officer.key));
        if blocked { Err(End::Policy(PolicyReason::Blocked)) } else { Ok(()) }
    }

    /// Whether the user may be asked now, where an admission needs that.
    pub(super) fn check_asking(&self, now: Instant, key: &Fingerprint, admission: &Admission) -> Result<(), End> {
        match (admission, self.refusals.silence(now, key)) {
            (Admission::Grant(_), _) => Ok(()),
            (Admission::Ask(_) | Admission::Return(..), _) if self.is_locked() => Err(End::Locked),
            (Admission::Return(..), _) => Ok(()),
            (Admission::Ask(_), None) => Ok(()),
            (Admission::Ask(_), Some(left)) => {
                let minutes = u16::try_from(left.as_millis().div_ceil(60_000)).unwrap_or(u16::MAX);
                Err(End::Policy(PolicyReason::Silenced { minutes }))
            }
        }
    }

    /// Ends a session as the user, the officer or the time wants; if the user was being asked, that question has come to nothing.
    pub(super) fn give_up(&mut self, now: Instant, id: SessionId, end: End) {
        match end {
            End::Denied | End::Unanswered => self.count_question(now, id, REFUSED),
            End::OfficerLeft | End::LinkLost | End::Replaced | End::Misbehaved => {
                self.count_question(now, id, WITHDRAWN);
            }
            _ => {}
        }
        self.end(id, end);
    }

    /// The officer is not there any more to hear the answer to what they have asked for, if they have.
    pub(super) fn leave_question(&mut self, now: Instant, id: SessionId) {
        self.count_question(now, id, WITHDRAWN);
    }

    /// What the user is being asked on behalf of an officer has come to nothing.
    fn count_question(&mut self, now: Instant, id: SessionId, weight: u8) {
        let Some(session) = self.sessions.get(&id) else { return };
        if matches!(session.state, State::AwaitConsent(_)) || matches!(session.open, Some(Open::More(_))) {
            self.refusals.count(now, session.officer.key, weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Fingerprint = Fingerprint([1; 32]);

    fn key(number: u16) -> Fingerprint {
        let mut key = [9; 32];
        key[..2].copy_from_slice(&number.to_le_bytes());
        Fingerprint(key)
    }

    #[test]
    fn two_refusals_are_enough_and_later_one() {
        let (mut refusals, start) = (Refusals::default(), Instant::now());
        refusals.count(start, ANN, REFUSED);
        assert_eq!(refusals.silence(start, &ANN), None);
        refusals.count(start, ANN, REFUSED);
        assert_eq!(refusals.silence(start, &ANN), Some(SILENCE));
        assert_eq!(refusals.silence(start, &key(2)), None);
        let over = start + SILENCE;
        assert_eq!(refusals.silence(over, &ANN), None);
        refusals.count(over, ANN, REFUSED);
        assert_eq!(refusals.silence(over, &ANN), Some(SILENCE));
    }

    #[test]
    fn a_yes_makes_up_for_all() {
        let (mut refusals, now) = (Refusals::default(), Instant::now());
        refusals.count(now, ANN, REFUSED);
        refusals.forgive(&ANN);
        refusals.count(now, ANN, REFUSED);
        assert_eq!(refusals.silence(now, &ANN), None);
    }

    #[test]
    fn who_asks_and_leaves_again_and_again_is_silenced_too() {
        let (mut refusals, now) = (Refusals::default(), Instant::now());
        (1..ENOUGH).for_each(|_| refusals.count(now, ANN, WITHDRAWN));
        assert_eq!(refusals.silence(now, &ANN), None);
        refusals.count(now, ANN, WITHDRAWN);
        assert_eq!(refusals.silence(now, &ANN), Some(SILENCE));
    }

    #[test]
    fn many_keys_push_no_silenced_one_out_and_take_no_more_room() {
        let (mut refusals, now) = (Refusals::default(), Instant::now());
        (0..2).for_each(|_| refusals.count(now, ANN, REFUSED));
        for number in 0..2_000 {
            refusals.count(now + Duration::from_millis(number.into()), key(number), REFUSED);
        }
        assert_eq!(refusals.0.len(), CAPACITY);
        assert!(refusals.silence(now, &ANN).is_some());
    }
}
