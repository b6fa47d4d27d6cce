//! Random sequences of messages, answers, faults and time against what must always be true.

use crate::people::{SIZE, host, officer, request, standing};
use beside_protocol::{
    frame::Point,
    session::host::{Answer, Event as HostEvent},
    wire::{Action, Button, Channel, End, Key, Permission, Permissions, Press},
};
use beside_tests::{Pair, Profile};
use proptest::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug)]
enum Step {
    Connect { control: bool, standing: bool, seed: u64 },
    Answer(u8),
    Act { seat: usize, key: u16, down: bool },
    Point { seat: usize, x: u32 },
    Click { seat: usize, down: bool },
    Paint,
    Wait(u64),
    Lose(usize),
    Leave(usize),
    Narrow(usize, bool),
    Misbehave { seat: usize, channel: u8, bytes: Vec<u8> },
    Stop,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (any::<bool>(), any::<bool>(), 1..99u64)
            .prop_map(|(control, standing, seed)| Step::Connect { control, standing, seed }),
        3 => (0..4u8).prop_map(Step::Answer),
        4 => (0..3usize, 0x04..0x08u16, any::<bool>()).prop_map(|(seat, key, down)| Step::Act { seat, key, down }),
        2 => (0..3usize, 0..400u32).prop_map(|(seat, x)| Step::Point { seat, x }),
        2 => (0..3usize, any::<bool>()).prop_map(|(seat, down)| Step::Click { seat, down }),
        4 => Just(Step::Paint),
        5 => (1..2_000u64).prop_map(Step::Wait),
        1 => (58_000..62_000u64).prop_map(Step::Wait),
        1 => (0..3usize).prop_map(Step::Lose),
        1 => (0..3usize).prop_map(Step::Leave),
        1 => (0..3usize, any::<bool>()).prop_map(|(seat, view)| Step::Narrow(seat, view)),
        1 => (0..3usize, 0..5u8, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(seat, channel, bytes)| Step::Misbehave { seat, channel, bytes }),
        1 => Just(Step::Stop),
    ];
    prop::collection::vec(step, 1..60)
}

/// What the user has agreed to for each seat: the whole reference model.
#[derive(Debug, Default)]
struct Agreed {
    seats: Vec<Permissions>,
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

    fn control(&self) -> bool {
        self.seats.iter().any(|agreed| agreed.has(Permission::Control))
    }
}

fn apply(pair: &mut Pair, agreed: &mut Agreed, step: Step) {
    let seats = pair.seats.len();
    let press = |down| if down { Press::Down } else { Press::Up };
    match step {
        Step::Connect { .. } if seats == 3 => {}
        Step::Connect { control, standing: uninvited, seed } => {
            let asked = if control { Permissions::CONTROL } else { Permissions::VIEW };
            let number = seats as u8 + 1;
            let who = if uninvited { standing(number, asked) } else { officer(number, asked) };
            agreed.seats.push(if uninvited { asked } else { Permissions::NONE });
            pair.connect(who, request(asked), Profile { loss_per_mille: 50, ..Profile::bad(seed) });
        }
        Step::Answer(kind) => {
            let Some(id) = pair.questions.first().map(|(id, _)| *id) else { return };
            let seat = pair.seat(id);
            let answer = match kind {
                0 => Answer::Deny,
                1 => Answer::Unanswered,
                2 => Answer::Grant(Permissions::VIEW),
                _ => Answer::Grant(Permissions::CONTROL),
            };
            if let Answer::Grant(permissions) = answer {
                agreed.seats[seat] = permissions;
            }
            pair.answer(answer);
        }
        Step::Act { seat, key, down } if seat < seats => {
            pair.seats[seat].viewer.act(None, Action::Key(Key(key), press(down)));
        }
        Step::Point { seat, x } if seat < seats => pair.seats[seat].viewer.point(Point { x, y: 1 }),
        Step::Click { seat, down } if seat < seats => {
            pair.seats[seat].viewer.act(Some(Point { x: 1, y: 1 }), Action::Button(Button::Left, press(down)));
        }
        Step::Paint => pair.screen.scribble_somewhere(),
        Step::Wait(milliseconds) => pair.drive(Duration::from_millis(milliseconds)),
        Step::Lose(seat) if seat < seats => pair.lose(seat),
        Step::Leave(seat) if seat < seats => pair.seats[seat].viewer.leave(),
        Step::Narrow(seat, view) if seat < seats => {
            let id = pair.id(seat);
            pair.host.narrow(pair.now, id, if view { Permissions::VIEW } else { Permissions::NONE });
        }
        Step::Misbehave { seat, channel, bytes } if seat < seats => {
            let channels = [Channel::Control, Channel::Input, Channel::Pointer, Channel::Cursor, Channel::Frame];
            pair.misbehave(seat, channels[usize::from(channel)], &bytes);
        }
        Step::Stop => pair.host.end_all(End::Stopped),
        _ => {}
    }
    pair.settle();
}

fn check(pair: &mut Pair, agreed: &mut Agreed, injected: &mut usize) {
    let controlled = agreed.control();
    agreed.follow(pair);
    let new = pair.injected.len() - std::mem::replace(injected, pair.injected.len());
    assert!(new == 0 || controlled, "injected without control");
    assert!(pair.held.is_empty() || agreed.control(), "held without control");
    for (seat, agreed) in pair.seats.iter().zip(&agreed.seats) {
        let seen =
            seat.events.iter().any(|event| matches!(event, beside_protocol::session::viewer::Event::Granted { .. }));
        assert!(agreed.has(Permission::View) || seen || seat.viewer.shown().is_none(), "a picture without consent");
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
        assert_eq!(pair.screen.picture().size(), SIZE);
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
