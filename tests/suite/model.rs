//! Random sequences of messages, answers, faults and time against what must always be true.

use crate::people::{host, officer, request, standing};
use beside_protocol::{
    frame::{Point, Size},
    session::host::{Answer, Event as HostEvent},
    wire::{Action, Button, Channel, End, Key, Permission, Permissions, Press},
};
use beside_tests::{Pair, Profile};
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
        1 => (0..3usize).prop_map(Step::Lose),
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
                    let seat = pair.seat(id);
                    let agreed = &mut self.seats[seat];
                    assert_eq!(notice.permissions.both(*agreed), notice.permissions, "more is live than agreed");
                    *agreed = notice.permissions;
                }
                HostEvent::Ended { session, .. } => {
                    let seat = pair.seat(session);
                    self.seats[seat] = Permissions::NONE;
                }
                _ => {}
            }
        }
    }

    fn agree(&mut self, seat: usize, permissions: Permissions) {
        self.seats[seat] = permissions.both(self.permits[seat]);
        self.ever[seat] |= self.seats[seat].has(Permission::View);
    }

    fn control(&self) -> bool {
        self.seats.iter().any(|agreed| agreed.has(Permission::Control))
    }

    /// Whether an action may be done now: a key only by the seat whose key it is. Letting go is always right.
    fn permits(&self, action: &Action) -> bool {
        match action {
            Action::Key(Key(key), Press::Down) => self.seats[usize::from((key - KEY) / KEYS)].has(Permission::Control),
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
            agreed.permits.push(asked);
            agreed.ever.push(false);
            agreed.standing.push(uninvited);
            if uninvited {
                agreed.agree(seats, asked);
            }
            pair.connect(who, request(asked), Profile { loss_per_mille: 50, ..Profile::bad(seed) });
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
        agreed.agree(pair.seat(id), permissions);
    }
    pair.answer(answer);
}

/// The owner of the host changes an officer's record, or removes it; the new one has no standing grant.
fn enrol(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let permit = control.map(|control| if control { Permissions::CONTROL } else { Permissions::VIEW });
    agreed.permits[seat] = permit.unwrap_or_default();
    let left = if agreed.standing[seat] { Permissions::NONE } else { agreed.seats[seat] };
    agreed.agree(seat, left);
    let enrolment = permit.and_then(|permit| officer(1, permit).enrolment);
    pair.host.enrolled(pair.now, pair.id(seat), enrolment);
}

fn check(pair: &mut Pair, agreed: &mut Agreed, injected: &mut usize) {
    let new = &pair.injected[std::mem::replace(injected, pair.injected.len())..];
    assert!(new.iter().all(|injection| agreed.permits(injection.action())), "injected without control");
    agreed.follow(pair);
    assert!(pair.held.is_empty() || agreed.control(), "held without control");
    for (seat, ever) in pair.seats.iter().zip(&agreed.ever) {
        assert!(*ever || seat.viewer.shown().is_none() && seat.frame_bytes == 0, "a picture without consent");
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
        for (seat, agreed) in pair.seats.iter().zip(&agreed.seats) {
            if agreed.has(Permission::View) && seat.end().is_none() {
                assert_eq!(seat.viewer.shown(), Some(pair.screen.picture()));
            }
        }
        pair.host.end_all(End::HostLeft);
        pair.settle();
        prop_assert!(pair.held.is_empty());
    }
}
