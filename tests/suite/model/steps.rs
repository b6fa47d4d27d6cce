//! What may happen in a visit, and how often.

use super::KEYS;
use beside_protocol::{
    session::Ground,
    wire::{Hands, PauseReason},
};
use proptest::prelude::*;

/// Why all may be paused at once.
const PAUSES: [PauseReason; 2] = [PauseReason::User, PauseReason::Locked];

/// Something that somebody does, or time that passes.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Connect { control: bool, ground: Ground, again: bool, watch: bool, long: bool, seed: u64 },
    Introduce { right: bool },
    Certify { good: bool },
    Trust { allowed: Option<bool>, revoked: Option<usize> },
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
    AskMore { seat: usize, seconds: u32 },
    Yield(usize),
    GoOn,
    Pause(PauseReason),
    Proceed(PauseReason),
    Block(usize),
    Unblock,
    Hands(Hands),
    Enrol(usize, Option<bool>),
    Resize(u32),
    Misbehave { seat: usize, channel: u8, bytes: Vec<u8> },
    Stop,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => connects(ground()),
        1 => any::<bool>().prop_map(|right| Step::Introduce { right }),
        1 => any::<bool>().prop_map(|good| Step::Certify { good }),
        1 => (any::<Option<bool>>(), prop::option::weighted(0.2, 0..3usize))
            .prop_map(|(allowed, revoked)| Step::Trust { allowed, revoked }),
        3 => (0..8u8).prop_map(Step::Answer),
        4 => (0..3usize, 0..KEYS, any::<bool>()).prop_map(|(seat, key, down)| Step::Act { seat, key, down }),
        2 => (0..3usize, 0..400u32).prop_map(|(seat, x)| Step::Point { seat, x }),
        2 => (0..3usize, any::<bool>()).prop_map(|(seat, down)| Step::Click { seat, down }),
        4 => Just(Step::Paint),
        4 => Just(Step::Move),
        3 => Just(Step::Window),
        5 => (1..2_000u64).prop_map(Step::Wait),
        1 => (58_000..62_000u64).prop_map(Step::Wait),
        1 => (280_000..320_000u64).prop_map(Step::Wait),
        1 => (1_780_000..1_920_000u64).prop_map(Step::Wait),
        3 => (0..3usize, 1..400u32).prop_map(|(seat, seconds)| Step::AskMore { seat, seconds }),
        1 => (0..3usize).prop_map(Step::Yield),
        1 => Just(Step::GoOn),
        2 => (0..3usize).prop_map(Step::Lose),
        3 => (0..3usize).prop_map(Step::Return),
        1 => (0..3usize, any::<u8>()).prop_map(|(seat, guess)| Step::Forge { seat, guess }),
        1 => (0..3usize).prop_map(Step::Replay),
        1 => (0..3usize).prop_map(Step::Leave),
        1 => (0..3usize, any::<bool>()).prop_map(|(seat, view)| Step::Narrow(seat, view)),
        2 => (0..3usize, any::<Option<bool>>()).prop_map(|(seat, control)| Step::Switch(seat, control)),
        1 => prop::sample::select(&PAUSES).prop_map(Step::Pause),
        2 => prop::sample::select(&PAUSES).prop_map(Step::Proceed),
        1 => (0..3usize).prop_map(Step::Block),
        1 => Just(Step::Unblock),
        2 => prop::sample::select(&[Hands::Officer, Hands::User]).prop_map(Step::Hands),
        1 => (0..3usize, any::<Option<bool>>()).prop_map(|(seat, control)| Step::Enrol(seat, control)),
        1 => (1..500u32).prop_map(Step::Resize),
        1 => (0..3usize, 0..5u8, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(seat, channel, bytes)| Step::Misbehave { seat, channel, bytes }),
        1 => Just(Step::Stop),
    ];
    // What would hardly come about by chance: somebody is let in, and is given more.
    let scene = prop_oneof![
        12 => step.prop_map(|step| vec![step]),
        1 => connects(Just(Ground::Answer)).prop_map(|step| vec![step, Step::Wait(900), Step::Answer(3), Step::Wait(900)]),
        1 => (0..3usize, 1..400u32).prop_map(|(seat, seconds)| {
            vec![Step::AskMore { seat, seconds }, Step::Wait(900), Step::Answer(3), Step::Wait(100)]
        }),
    ];
    prop::collection::vec(scene, 1..50).prop_map(|scenes| scenes.concat())
}

fn connects(ground: impl Strategy<Value = Ground>) -> impl Strategy<Value = Step> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (flags, ground, 1..99u64).prop_map(|((control, again, watch, long), ground, seed)| Step::Connect {
        control,
        ground,
        again,
        watch,
        long,
        seed,
    })
}

fn ground() -> impl Strategy<Value = Ground> {
    prop_oneof![4 => Just(Ground::Answer), 2 => Just(Ground::Standing), 1 => Just(Ground::Agreement)]
}
