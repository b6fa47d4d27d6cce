//! Random sequences of messages, answers, faults and time against what must always be true.

use crate::people::{host, officer, request, standing};
use beside_protocol::{
    frame::{Films, Point, Size},
    record::{Check, Signatures},
    session::{
        GRACE, Officer,
        host::{Answer, Event as HostEvent, SessionId},
    },
    wire::{Action, Button, Channel, End, FromOfficer, Key, Message, Permission, Permissions, Press},
};
use beside_tests::{Pair, Profile, notary::verify};
use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Connect { control: bool, standing: bool, again: bool, seed: u64 },
    Answer(u8),
    Act { seat: usize, key: u16, down: bool },
    Point { seat: usize, x: u32 },
    Click { seat: usize, down: bool },
    Paint,
    Move,
    Window,
    Wait(u64),
    Lose(usize),
    Return(usize),
    Forge { seat: usize, guess: u8 },
    Replay(usize),
    Leave(usize),
    Narrow(usize, bool),
    Enrol(usize, Option<bool>),
    Resize(u32),
    Misbehave { seat: usize, channel: u8, bytes: Vec<u8> },
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (any::<bool>(), any::<bool>(), any::<bool>(), 1..99u64)
            .prop_map(|(control, standing, again, seed)| Step::Connect { control, standing, again, seed }),
        3 => (0..4u8).prop_map(Step::Answer),
        4 => (0..3usize, 0..KEYS, any::<bool>()).prop_map(|(seat, key, down)| Step::Act { seat, key, down }),
        2 => (0..3usize, 0..400u32).prop_map(|(seat, x)| Step::Point { seat, x }),
        2 => (0..3usize, any::<bool>()).prop_map(|(seat, down)| Step::Click { seat, down }),
        4 => Just(Step::Paint),
        4 => Just(Step::Move),
        3 => Just(Step::Window),
        5 => (1..2_000u64).prop_map(Step::Wait),
        1 => (58_000..62_000u64).prop_map(Step::Wait),
        1 => (280_000..320_000u64).prop_map(Step::Wait),
        2 => (0..3usize).prop_map(Step::Lose),
        3 => (0..3usize).prop_map(Step::Return),
        1 => (0..3usize, any::<u8>()).prop_map(|(seat, guess)| Step::Forge { seat, guess }),
        1 => (0..3usize).prop_map(Step::Replay),
        1 => (0..3usize).prop_map(Step::Leave),
        1 => (0..3usize, any::<bool>()).prop_map(|(seat, view)| Step::Narrow(seat, view)),
        1 => (0..3usize, any::<Option<bool>>()).prop_map(|(seat, control)| Step::Enrol(seat, control)),
        1 => (1..500u32).prop_map(Step::Resize),
        1 => (0..3usize, 0..5u8, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(seat, channel, bytes)| Step::Misbehave { seat, channel, bytes }),
        1 => Just(Step::Stop),
    ];
    prop::collection::vec(step, 1..60)
}

/// The first key, and how many each seat has for itself.
const KEY: u16 = 0x04;
const KEYS: u16 = 4;

/// What the user, or the machine's owner, has agreed to: the whole reference model.
#[derive(Debug, Default)]
struct Agreed {
    /// For each seat, now.
    seats: Vec<Permissions>,
    /// In which session that was.
    sessions: Vec<Option<SessionId>>,
    /// Whose connection is lost meanwhile, and how much of the picture they had been sent by then: nothing may be done or
    /// seen there until they are back.
    away: Vec<Option<u64>>,
    /// Who sits there, as the records now have it.
    officers: Vec<Officer>,
    /// The most that the records permit each seat.
    permits: Vec<Permissions>,
    /// Which seats have ever been agreed to.
    ever: Vec<bool>,
    /// Which seats came in by a standing grant.
    standing: Vec<bool>,
}

impl Agreed {
    /// Takes away what ended or was narrowed, and checks that nothing is live that was not agreed to.
    fn follow(&mut self, pair: &mut Pair) {
        for event in std::mem::take(&mut pair.events) {
            match event {
                HostEvent::Live(id, notice) => {
                    assert!(is_recorded(pair, id), "live before it is in the log");
                    let seat = pair.seat(id).expect("nobody else is let in");
                    if self.sessions[seat] != Some(id) && notice.standing && self.standing[seat] {
                        // The machine's owner has agreed to any session of this officer.
                        self.agree(seat, self.permits[seat]);
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
                HostEvent::Ended { session, .. } => {
                    let Some(seat) = pair.seat(session).filter(|&seat| self.sessions[seat] == Some(session)) else {
                        continue;
                    };
                    (self.seats[seat], self.away[seat]) = (Permissions::NONE, None);
                }
                _ => {}
            }
        }
    }

    fn agree(&mut self, seat: usize, permissions: Permissions) {
        self.seats[seat] = permissions.both(self.permits[seat]);
        self.ever[seat] |= self.seats[seat].has(Permission::View);
    }

    fn controls(&self, seat: usize) -> bool {
        self.seats[seat].has(Permission::Control) && self.away[seat].is_none()
    }

    fn control(&self) -> bool {
        (0..self.seats.len()).any(|seat| self.controls(seat))
    }

    /// Whether an action may be done now: a key only by the seat whose key it is. Letting go is always right.
    fn permits(&self, action: &Action) -> bool {
        match action {
            Action::Key(Key(key), Press::Down) => self.controls(usize::from((key - KEY) / KEYS)),
            Action::Key(_, Press::Up) | Action::Button(_, Press::Up) => true,
            _ => self.control(),
        }
    }
}

fn apply(pair: &mut Pair, agreed: &mut Agreed, step: Step) {
    let seats = pair.seats.len();
    let press = |down| if down { Press::Down } else { Press::Up };
    match step {
        Step::Connect { .. } if seats == 3 => {}
        Step::Connect { control, standing: uninvited, again, seed } => {
            let asked = if control { Permissions::CONTROL } else { Permissions::VIEW };
            let number = if again { 1 } else { seats as u8 + 1 };
            let who = if uninvited { standing(number, asked) } else { officer(number, asked) };
            agreed.seats.push(Permissions::NONE);
            agreed.sessions.push(None);
            agreed.away.push(None);
            agreed.officers.push(who.clone());
            agreed.permits.push(asked);
            agreed.ever.push(false);
            agreed.standing.push(uninvited);
            pair.connect(who, request(asked), link(seed));
        }
        Step::Answer(kind) => answer(pair, agreed, kind),
        Step::Act { seat, key, down } if seat < seats => {
            let key = Key(KEY + KEYS * seat as u16 + key);
            pair.seats[seat].viewer.act(None, Action::Key(key, press(down)));
        }
        Step::Point { seat, x } if seat < seats => pair.seats[seat].viewer.point(Point { x, y: 1 }),
        Step::Click { seat, down } if seat < seats => {
            pair.seats[seat].viewer.act(Some(Point { x: 1, y: 1 }), Action::Button(Button::Left, press(down)));
        }
        Step::Paint => pair.screen.scribble_somewhere(),
        Step::Move => pair.screen.move_somewhere(),
        Step::Window => pair.screen.open_or_close(),
        Step::Wait(milliseconds) => pair.drive(Duration::from_millis(milliseconds)),
        Step::Lose(seat) if seat < seats => pair.lose(seat),
        Step::Return(seat) if seat < seats => {
            pair.reconnect(seat, agreed.officers[seat].clone(), link(seat as u64 + 7))
        }
        Step::Forge { seat, guess } if seat < seats => {
            intrude(pair, agreed, seat, &FromOfficer::Resume { session: pair.id(seat).0, proof: [guess; 32] }.encode());
        }
        Step::Replay(seat) if seat < seats => {
            if let Some(said) = pair.seats[seat].resumption.clone() {
                intrude(pair, agreed, seat, &said);
            }
        }
        Step::Leave(seat) if seat < seats => pair.seats[seat].viewer.leave(),
        Step::Narrow(seat, view) if seat < seats => {
            let id = pair.id(seat);
            pair.host.narrow(pair.now, id, if view { Permissions::VIEW } else { Permissions::NONE });
        }
        Step::Enrol(seat, control) if seat < seats => enrol(pair, agreed, seat, control),
        Step::Resize(side) => pair.resize(Size::new(side, 1 + side / 3)),
        Step::Misbehave { seat, channel, bytes } if seat < seats => {
            let channels = [Channel::Control, Channel::Input, Channel::Pointer, Channel::Cursor, Channel::Frame];
            pair.misbehave(seat, channels[usize::from(channel)], &bytes);
        }
        Step::Stop => pair.host.end_all(End::Stopped),
        _ => {}
    }
    pair.settle();
}

const fn link(seed: u64) -> Profile {
    Profile { loss_per_mille: 50, ..Profile::bad(seed) }
}

/// Somebody who has an officer's key, but not the officer's session, says that: it changes nothing for anybody.
fn intrude(pair: &mut Pair, agreed: &mut Agreed, seat: usize, resumption: &[u8]) {
    agreed.follow(pair);
    let hello = FromOfficer::Hello { lowest: 1, highest: 1, films: Films::BUILD }.encode();
    let intruder = pair.intrude(agreed.officers[seat].clone(), &[&hello, resumption]);
    let ended =
        |event: &HostEvent| matches!(event, HostEvent::Ended { session, was_live: false, .. } if *session == intruder);
    assert!(pair.events.iter().all(ended), "{:?}", pair.events);
}

/// The user answers the oldest question.
fn answer(pair: &mut Pair, agreed: &mut Agreed, kind: u8) {
    let Some(id) = pair.questions.first().map(|(id, _)| *id) else { return };
    let answer = match kind {
        0 => Answer::Deny,
        1 => Answer::Unanswered,
        2 => Answer::Grant(Permissions::VIEW),
        _ => Answer::Grant(Permissions::CONTROL),
    };
    if let Answer::Grant(permissions) = answer {
        agreed.agree(pair.seat(id).expect("who asked"), permissions);
    }
    pair.answer(answer);
}

/// The owner of the host changes an officer's record, or removes it; the new one has no standing grant.
fn enrol(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let permit = control.map(|control| if control { Permissions::CONTROL } else { Permissions::VIEW });
    agreed.permits[seat] = permit.unwrap_or_default();
    let left = if agreed.standing[seat] { Permissions::NONE } else { agreed.seats[seat] };
    agreed.agree(seat, left);
    agreed.standing[seat] = false;
    let enrolment = permit.and_then(|permit| officer(1, permit).enrolment);
    agreed.officers[seat].enrolment.clone_from(&enrolment);
    let sessions: Vec<_> = pair.host.officers().map(|(id, _)| id).filter(|&id| pair.seat(id) == Some(seat)).collect();
    for id in sessions {
        pair.host.enrolled(pair.now, id, enrolment.clone());
    }
}

/// Whether the host's log has the grant of a session.
fn is_recorded(pair: &Pair, id: SessionId) -> bool {
    let granted = format!(r#""session":{},"what":{{"kind":"answered","decision":{{"answer":"granted""#, id.0);
    pair.log.iter().any(|line| line.contains(&granted))
}

/// The host's log is good, and so are all receipts; each was closed.
fn check_record(pair: &Pair) {
    let mut log = Check::new(None);
    pair.log.iter().for_each(|line| drop(log.line(line.as_bytes()).expect("a good line")));
    log.finish().expect("a good log");
    for (id, receipt) in &pair.receipts {
        assert!(is_recorded(pair, *id));
        let signatures = receipt.check(verify).expect("a good receipt");
        assert!(matches!(signatures, Signatures::Host | Signatures::Both), "{signatures:?}");
    }
}

fn check(pair: &mut Pair, agreed: &mut Agreed, injected: &mut usize) {
    let new = &pair.injected[std::mem::replace(injected, pair.injected.len())..];
    assert!(new.iter().all(|injection| agreed.permits(injection.action())), "injected without control");
    agreed.follow(pair);
    assert!(pair.held.is_empty() || agreed.control(), "held without control");
    for (seat, ever) in pair.seats.iter().zip(&agreed.ever) {
        assert!(*ever || seat.viewer.shown().is_none() && seat.frame_bytes == 0, "a picture without consent");
    }
    for (seat, seen) in pair.seats.iter().zip(&agreed.away) {
        assert!(seen.is_none_or(|seen| seat.frame_bytes == seen), "a picture for nobody");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No injection and no picture without agreement, nothing held without control, and exact pictures once it is quiet.
    #[test]
    fn consent_control_and_pictures(steps in steps()) {
        let (mut pair, mut agreed, mut injected) = (host(), Agreed::default(), 0);
        for step in steps {
            apply(&mut pair, &mut agreed, step);
            check(&mut pair, &mut agreed, &mut injected);
        }
        pair.drive(Duration::from_secs(20));
        check(&mut pair, &mut agreed, &mut injected);
        for (seat, (granted, away)) in pair.seats.iter().zip(agreed.seats.iter().zip(&agreed.away)) {
            if granted.has(Permission::View) && away.is_none() && seat.end().is_none() {
                assert_eq!(seat.viewer.shown(), Some(pair.screen.picture().view()));
            }
        }
        pair.host.end_all(End::HostLeft);
        pair.settle();
        pair.drive(Duration::from_secs(2));
        check_record(&pair);
        prop_assert!(pair.held.is_empty());
    }
}
