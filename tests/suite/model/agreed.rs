//! The reference: what was agreed to, by whom, and until when.

use super::{KEY, KEYS, is_asked_for, is_recorded};
use beside_protocol::{
    session::{
        GRACE, Ground, Officer,
        host::{Event as HostEvent, SessionId},
    },
    wire::{Action, End, Fingerprint, Hands, Key, PauseReason, Permission, Permissions, Press, Purpose},
};
use beside_tests::Pair;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How long a session that rests on an answer outlives a lock.
pub(super) const LOCK: Duration = Duration::from_secs(120);

/// How long who was refused twice is not asked about.
const SILENCE: Duration = Duration::from_secs(900);

/// For how long a yes is good at most: half an hour, and a minute each to wait for another question and for the answer.
const CONFIRMED: Duration = Duration::from_secs(32 * 60 + 1);

/// The same after who was away has come back.
const RETURNED: Duration = Duration::from_secs(2 * 60 + 1);

/// What the user, or the machine's owner, has agreed to: the whole reference model.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    /// For each seat, now.
    pub(super) seats: Vec<Permissions>,
    /// The most that the user, who has switched some of it off, may switch on again.
    pub(super) ceilings: Vec<Permissions>,
    /// Until when a seat's control lasts, where the user has added it for a while.
    pub(super) extras: Vec<Option<Instant>>,
    /// Until when anything may be seen or done without another yes, where it rests on the user's.
    pub(super) confirmed: Vec<Option<Instant>>,
    /// Who is paused because the user has not confirmed it.
    pub(super) unconfirmed: Vec<bool>,
    /// How much of the picture who was not confirmed in time had been sent by then.
    pub(super) sealed: BTreeMap<usize, u64>,
    /// In which session that was.
    pub(super) sessions: Vec<Option<SessionId>>,
    /// Whose connection is lost meanwhile, and how much of the picture they had been sent by then: nothing may be done or
    /// seen there until they are back.
    pub(super) away: Vec<Option<u64>>,
    /// Who sits there, as the records now have it.
    pub(super) officers: Vec<Officer>,
    /// Until when each seat may be there at the latest, if the user has said so.
    pub(super) until: Vec<Option<Instant>>,
    /// The most that the records permit each seat.
    pub(super) permits: Vec<Permissions>,
    /// Which seats have ever been agreed to.
    pub(super) ever: Vec<bool>,
    /// By what each seat may come in: by more than an answer only until the records change.
    pub(super) may: Vec<Ground>,
    /// On what each seat's session rests.
    pub(super) grounds: Vec<Ground>,
    /// Why sessions are paused: by a lock only those that rest on an answer.
    pub(super) pauses: Vec<PauseReason>,
    /// Since when the screen is locked.
    pub(super) locked: Option<Instant>,
    /// How often an officer was refused since the last yes, and until when they are surely not asked about.
    pub(super) refused: BTreeMap<Fingerprint, (u8, Option<Instant>)>,
    /// The keys that are blocked.
    pub(super) blocked: BTreeSet<Fingerprint>,
    /// The questions that were there before.
    pub(super) asked: BTreeSet<SessionId>,
    /// When all of this was brought up to date.
    pub(super) checked: Option<Instant>,
    /// How much of the picture each seat had been sent when its pause began.
    pub(super) shown: BTreeMap<usize, u64>,
    /// Whose hands are on keyboard and pointer.
    pub(super) hands: Hands,
    /// Which seats have a certificate of the organisation that the records may allow.
    pub(super) certified: Vec<bool>,
    /// The most that they allow its officers: nothing where they don't allow it.
    pub(super) organisation: Permissions,
    /// Whose keys are revoked.
    pub(super) revoked: BTreeSet<Fingerprint>,
}

impl Agreed {
    /// Takes away what ended or was narrowed, and checks that nothing is live that was not agreed to.
    pub(super) fn follow(&mut self, pair: &mut Pair) {
        for event in std::mem::take(&mut pair.events) {
            match event {
                HostEvent::Live(id, notice) => {
                    assert!(is_recorded(pair, id), "live before it is in the log");
                    let seat = pair.seat(id).expect("nobody else is let in");
                    assert!(!self.blocked.contains(&self.officers[seat].key), "live although blocked");
                    if self.sessions[seat] != Some(id) {
                        self.grounds[seat] = notice.ground;
                        // What was added to another session of this officer ended with that.
                        self.extras[seat] = None;
                        if notice.ground != Ground::Answer && notice.ground == self.may[seat] {
                            // Any session of this officer was agreed to before.
                            self.agree(seat, self.permits[seat]);
                        }
                    }
                    assert_eq!(self.grounds[seat], notice.ground, "another ground than at first");
                    assert!(self.until[seat].is_none_or(|until| notice.until <= until), "longer than agreed");
                    self.unconfirmed[seat] = notice.paused == Some(PauseReason::Unconfirmed);
                    if !self.unconfirmed[seat] {
                        assert_eq!(notice.paused.is_some(), self.is_paused(seat), "paused or not");
                    }
                    if let Some(extra) = notice.extra {
                        assert!(self.extras[seat].is_some_and(|until| extra.until <= until), "more than was added");
                        assert!(is_asked_for(pair, id), "added before it is in the log");
                    }
                    if !notice.permissions.has(Permission::Control) {
                        self.extras[seat] = None;
                    }
                    if self.away[seat].is_some() {
                        self.confirmed[seat] = self.confirmed[seat].map(|limit| limit.max(pair.now + RETURNED));
                    }
                    let agreed = &mut self.seats[seat];
                    assert_eq!(notice.permissions.both(*agreed), notice.permissions, "more is live than agreed");
                    *agreed = notice.permissions;
                    (self.sessions[seat], self.away[seat]) = (Some(id), None);
                }
                HostEvent::Suspended { session, until, .. } => {
                    let seat = pair.seat(session).expect("it was live");
                    self.away[seat] = Some(pair.seats[seat].frame_bytes);
                    assert!(until <= pair.now + GRACE, "it waits too long");
                }
                HostEvent::Ended { session, end, was_live, .. } => {
                    let Some(seat) = pair.seat(session) else { continue };
                    if !was_live && matches!(end, End::Denied | End::Unanswered) {
                        self.refuse(self.officers[seat].key);
                    }
                    if self.sessions[seat] != Some(session) {
                        continue;
                    }
                    if end == End::Locked {
                        let lasted = self.locked.map(|since| pair.now.duration_since(since));
                        assert!(lasted >= Some(LOCK) && self.grounds[seat] == Ground::Answer, "ended by a lock");
                    }
                    (self.seats[seat], self.away[seat], self.extras[seat]) = (Permissions::NONE, None, None);
                }
                _ => {}
            }
        }
        self.checked = Some(pair.now);
    }

    /// The user has refused an officer, or did not answer, since all was checked last.
    pub(super) fn refuse(&mut self, key: Fingerprint) {
        let (count, silent_until) = self.refused.entry(key).or_default();
        *count += 1;
        if *count >= 2 {
            *silent_until = self.checked.map(|checked| checked + SILENCE);
        }
    }

    pub(super) fn is_paused(&self, seat: usize) -> bool {
        self.pauses.iter().any(|reason| *reason == PauseReason::User || self.grounds[seat] == Ground::Answer)
    }

    /// The user is asked only while they are there, and about nobody whom they don't want to hear.
    pub(super) fn check_questions(&mut self, pair: &Pair) {
        assert!(self.locked.is_none() || pair.questions.is_empty(), "asked behind a lock");
        for (id, question) in &pair.questions {
            assert!(!self.blocked.contains(&question.key), "asked about a blocked key");
            if question.purpose != Purpose::Session {
                continue;
            }
            let silent = self.refused.get(&question.key).and_then(|(_, until)| *until);
            assert!(!self.asked.insert(*id) || silent.is_none_or(|until| pair.now >= until), "asked a third time");
        }
    }

    /// Somebody takes the next seat.
    pub(super) fn seat(&mut self, who: &Officer, permit: Permissions, may: Ground) {
        self.seats.push(Permissions::NONE);
        self.ceilings.push(Permissions::NONE);
        self.extras.push(None);
        self.confirmed.push(None);
        self.unconfirmed.push(false);
        self.sessions.push(None);
        self.away.push(None);
        self.until.push(None);
        self.officers.push(who.clone());
        self.permits.push(if self.revoked.contains(&who.key) { Permissions::NONE } else { permit });
        self.certified.push(false);
        self.ever.push(false);
        self.may.push(may);
        self.grounds.push(Ground::Answer);
    }

    pub(super) fn agree(&mut self, seat: usize, permissions: Permissions) {
        self.seats[seat] = permissions.both(self.permits[seat]);
        self.ceilings[seat] = self.seats[seat];
        self.ever[seat] |= self.seats[seat].has(Permission::View);
    }

    /// The records permit a seat that much from now on, and what is agreed to is cut to it.
    pub(super) fn permit(&mut self, seat: usize, permit: Permissions) {
        let revoked = self.revoked.contains(&self.officers[seat].key);
        self.permits[seat] = if revoked { Permissions::NONE } else { permit };
        let (left, ceiling) = (self.seats[seat], self.ceilings[seat].both(self.permits[seat]));
        self.agree(seat, left);
        self.ceilings[seat] = ceiling;
    }

    /// The user says that a session may go on.
    pub(super) fn confirm(&mut self, seat: usize, now: Instant) {
        self.confirmed[seat] = Some(now + CONFIRMED);
    }

    pub(super) fn controls(&self, seat: usize, at: Instant) -> bool {
        let may = self.seats[seat].has(Permission::Control) && self.away[seat].is_none();
        let lasts = [self.extras[seat], self.confirmed[seat]].into_iter().flatten().all(|until| at < until);
        may && lasts && !self.is_paused(seat) && self.hands == Hands::Officer
    }

    pub(super) fn control(&self, at: Instant) -> bool {
        (0..self.seats.len()).any(|seat| self.controls(seat, at))
    }

    /// Whether an action may be done now: a key only by the seat whose key it is. Letting go is always right.
    pub(super) fn permits(&self, action: &Action, at: Instant) -> bool {
        match action {
            Action::Key(Key(key), Press::Down) => self.controls(usize::from((key - KEY) / KEYS), at),
            Action::Key(_, Press::Up) | Action::Button(_, Press::Up) => true,
            _ => self.control(at),
        }
    }
}
