//! Random sequences of messages, answers, faults and time against what must always be true.

use crate::people::{host, officer, request, standing};
use beside_protocol::{
    frame::{Films, Point, Size},
    record::{Check, Signatures},
    session::{
        GRACE, Officer,
        contact::Code,
        host::{Answer, Event as HostEvent, SessionId},
    },
    wire::{
        Action, Button, Channel, End, FromOfficer, Hands, Key, Message, PauseReason, Permission, Permissions, Press,
        Proof,
    },
};
use beside_tests::{Pair, Profile, key_of, notary::verify};
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};

#[derive(Clone, Debug)]
enum Step {
    Connect { control: bool, standing: bool, again: bool, seed: u64 },
    Introduce { right: bool },
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
    Switch(usize, Option<bool>),
    Pause(PauseReason),
    Proceed(PauseReason),
    Hands(Hands),
    Enrol(usize, Option<bool>),
    Resize(u32),
    Misbehave { seat: usize, channel: u8, bytes: Vec<u8> },
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (any::<bool>(), any::<bool>(), any::<bool>(), 1..99u64)
            .prop_map(|(control, standing, again, seed)| Step::Connect { control, standing, again, seed }),
        1 => any::<bool>().prop_map(|right| Step::Introduce { right }),
        3 => (0..5u8).prop_map(Step::Answer),
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
        2 => (0..3usize, any::<Option<bool>>()).prop_map(|(seat, control)| Step::Switch(seat, control)),
        1 => prop::sample::select(&PauseReason::ALL).prop_map(Step::Pause),
        2 => prop::sample::select(&PauseReason::ALL).prop_map(Step::Proceed),
        2 => prop::sample::select(&[Hands::Officer, Hands::User]).prop_map(Step::Hands),
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
    /// The most that the user, who has switched some of it off, may switch on again.
    ceilings: Vec<Permissions>,
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
    /// Why all is paused.
    pauses: Vec<PauseReason>,
    /// How much of the picture each seat had been sent when it was.
    shown: BTreeMap<usize, u64>,
    /// Whose hands are on keyboard and pointer.
    hands: Hands,
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
                    assert_eq!(notice.paused.is_some(), !self.pauses.is_empty(), "paused or not");
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

    /// Somebody takes the next seat.
    fn seat(&mut self, who: &Officer, permit: Permissions, standing: bool) {
        self.seats.push(Permissions::NONE);
        self.ceilings.push(Permissions::NONE);
        self.sessions.push(None);
        self.away.push(None);
        self.officers.push(who.clone());
        self.permits.push(permit);
        self.ever.push(false);
        self.standing.push(standing);
    }

    fn agree(&mut self, seat: usize, permissions: Permissions) {
        self.seats[seat] = permissions.both(self.permits[seat]);
        self.ceilings[seat] = self.seats[seat];
        self.ever[seat] |= self.seats[seat].has(Permission::View);
    }

    fn controls(&self, seat: usize) -> bool {
        let may = self.seats[seat].has(Permission::Control) && self.away[seat].is_none();
        may && self.pauses.is_empty() && self.hands == Hands::Officer
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
            agreed.seat(&who, asked, uninvited);
            pair.connect(who, request(asked), link(seed));
        }
        Step::Introduce { .. } if seats == 3 => {}
        Step::Introduce { right } => {
            let who = Officer { key: key_of(90 + seats as u8), enrolment: None };
            agreed.seat(&who, if right { Permissions::VIEW } else { Permissions::NONE }, false);
            pair.host.offer_code(pair.now, Code::draw([7; 8]), [seats as u8; 32]);
            let guess = Code::draw([if right { 7 } else { 8 }; 8]);
            pair.introduce(who, request(Permissions::CONTROL), &guess);
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
        Step::Enrol(seat, control) if seat < seats => enrol(pair, agreed, seat, control),
        Step::Resize(side) => pair.resize(Size::new(side, 1 + side / 3)),
        Step::Misbehave { seat, channel, bytes } if seat < seats => {
            let channels = [Channel::Control, Channel::Input, Channel::Pointer, Channel::Cursor, Channel::Frame];
            pair.misbehave(seat, channels[usize::from(channel)], &bytes);
        }
        step => by_user(pair, agreed, step),
    }
    pair.settle();
}

/// What the user does during sessions.
fn by_user(pair: &mut Pair, agreed: &mut Agreed, step: Step) {
    let seats = pair.seats.len();
    match step {
        Step::Narrow(seat, view) if seat < seats => {
            let id = pair.id(seat);
            let left = if view { Permissions::VIEW } else { Permissions::NONE };
            agreed.ceilings[seat] = agreed.ceilings[seat].both(left);
            pair.host.narrow(pair.now, id, left);
        }
        Step::Switch(seat, control) if seat < seats => switch(pair, agreed, seat, control),
        Step::Pause(reason) => {
            if agreed.pauses.is_empty() {
                agreed.shown = pair.seats.iter().map(|seat| seat.frame_bytes).enumerate().collect();
            }
            agreed.pauses.push(reason);
            pair.host.pause(pair.now, reason);
        }
        Step::Proceed(reason) => {
            agreed.pauses.retain(|other| *other != reason);
            pair.host.proceed(pair.now, reason);
        }
        Step::Hands(hands) => {
            agreed.hands = hands;
            pair.host.set_hands(hands);
        }
        Step::Stop => pair.host.end_all(End::Stopped),
        _ => {}
    }
}

const fn link(seed: u64) -> Profile {
    Profile { loss_per_mille: 50, ..Profile::bad(seed) }
}

/// Somebody who has an officer's key, but not the officer's session, says that: it changes nothing for anybody.
fn intrude(pair: &mut Pair, agreed: &mut Agreed, seat: usize, resumption: &[u8]) {
    agreed.follow(pair);
    let hello = FromOfficer::Hello { lowest: 1, highest: 1, films: Films::BUILD }.encode();
    let intruder = pair.intrude(agreed.officers[seat].clone(), &[&hello, resumption]);
    let ended = |event: &HostEvent| match event {
        HostEvent::Ended { session, was_live, .. } => *session == intruder && !was_live,
        HostEvent::CodeOver(_) => true,
        _ => false,
    };
    assert!(pair.events.iter().all(ended), "{:?}", pair.events);
}

/// The user answers the oldest question.
fn answer(pair: &mut Pair, agreed: &mut Agreed, kind: u8) {
    let Some((id, question)) = pair.questions.first() else { return };
    let (id, proof) = (*id, question.proof);
    let answer = match kind {
        0 => Answer::Deny,
        1 => Answer::Unanswered,
        2 => Answer::Grant(Permissions::VIEW),
        3 => Answer::Grant(Permissions::CONTROL),
        _ => Answer::GrantStranger(Permissions::CONTROL),
    };
    match (answer, proof) {
        (Answer::Grant(permissions), Proof::Enrolled) | (Answer::GrantStranger(permissions), _) => {
            if agreed.seats.iter().all(|seat| seat.is_empty()) {
                agreed.pauses.retain(|reason| *reason != PauseReason::User);
            }
            agreed.agree(pair.seat(id).expect("who asked"), permissions);
        }
        _ => {}
    }
    pair.answer(answer);
}

/// The user sets a session's switches; what is switched on beyond what was granted does nothing.
fn switch(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let wanted = match control {
        Some(true) => Permissions::CONTROL,
        Some(false) => Permissions::VIEW,
        None => Permissions::NONE,
    };
    let id = pair.id(seat);
    if agreed.sessions[seat] == Some(id) && !agreed.seats[seat].is_empty() {
        agreed.seats[seat] = agreed.ceilings[seat].both(wanted);
    }
    pair.host.switch(pair.now, id, wanted);
}

/// The owner of the host changes an officer's record, or removes it; the new one has no standing grant.
fn enrol(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let permit = control.map(|control| if control { Permissions::CONTROL } else { Permissions::VIEW });
    // The records that never had an officer don't take anything back.
    if permit.is_some() || agreed.officers[seat].enrolment.is_some() {
        agreed.permits[seat] = permit.unwrap_or_default();
        let (left, ceiling) = (agreed.seats[seat], agreed.ceilings[seat].both(agreed.permits[seat]));
        agreed.agree(seat, if agreed.standing[seat] { Permissions::NONE } else { left });
        agreed.ceilings[seat] = ceiling;
        agreed.standing[seat] = false;
    }
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
    if !agreed.pauses.is_empty() {
        for (number, seat) in pair.seats.iter().enumerate() {
            let shown = agreed.shown.get(&number).copied().unwrap_or_default();
            assert_eq!(seat.frame_bytes, shown, "a picture during a pause");
        }
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
            if granted.has(Permission::View) && away.is_none() && seat.end().is_none() && agreed.pauses.is_empty() {
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
