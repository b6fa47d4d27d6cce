//! What is asked during a session: more for a while, whether it goes on, and who has control. No means no, and time runs out.

use crate::people::{host, live, officer, request, standing, waits_for_answers};
use beside_protocol::{
    session::{
        Asking, Rules,
        host::{Answer, Event as HostEvent},
        viewer::Event,
    },
    wire::{
        Action, Channel, End, FromOfficer, Hands, Holder, Key, Message, More, PauseReason, Permission, Permissions,
        PolicyReason, Press, Purpose, Refusal, Request, Stroke,
    },
};
use beside_tests::{Disk, Pair, Profile, notary::verify};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const CONTROL: Permissions = Permissions::NONE.with(Permission::Control);

/// An officer who may control and has asked to see only, for so long.
fn watcher(time: Duration) -> Pair {
    let mut pair = host();
    join(&mut pair, 1, time, Permissions::VIEW);
    pair
}

/// A further officer, let in by the user.
fn join(pair: &mut Pair, number: u8, time: Duration, wanted: Permissions) -> usize {
    let seconds = u32::try_from(time.as_secs()).expect("a time that can be asked for");
    let request = Request { seconds, ..request(wanted) };
    let seat = pair.connect(officer(number, Permissions::CONTROL), request, Profile::LAN);
    pair.drive(SECOND);
    assert!(pair.answer(Answer::Grant(wanted.into())));
    pair.drive(2 * SECOND);
    seat
}

fn ask(pair: &mut Pair, seat: usize, permissions: Permissions, seconds: u32) {
    pair.seats[seat].viewer.ask_more(More { reason: "to repair it".into(), permissions, seconds });
    pair.drive(SECOND);
}

fn press(pair: &mut Pair, seat: usize, key: u16) {
    pair.seats[seat].viewer.act(None, Action::Key(Key(key), Press::Down));
    pair.drive(SECOND);
}

/// Whether a key has been pressed on the host.
fn pressed(pair: &Pair, key: u16) -> bool {
    pair.injected.iter().any(|injection| *injection.action() == Action::Key(Key(key), Press::Down))
}

fn refused(pair: &Pair, seat: usize) -> Option<Refusal> {
    pair.seats[seat].events.iter().rev().find_map(|event| match event {
        Event::MoreRefused(why) => Some(*why),
        _ => None,
    })
}

fn holder(pair: &Pair, seat: usize) -> Option<Holder> {
    pair.seats[seat].events.iter().rev().find_map(|event| match event {
        Event::Control(holder) => Some(*holder),
        _ => None,
    })
}

fn may(pair: &Pair, seat: usize) -> Permissions {
    pair.seats[seat].viewer.permissions()
}

fn logged(pair: &Pair, text: &str) -> bool {
    pair.log.iter().any(|line| line.contains(text))
}

#[test]
fn a_yes_gives_control_for_as_long_as_was_asked() {
    let mut pair = watcher(10 * MINUTE);
    press(&mut pair, 0, 4);
    ask(&mut pair, 0, CONTROL, 60);
    let question = pair.questions[0].1.clone();
    assert_eq!((question.permissions, question.duration), (CONTROL, MINUTE));
    assert_eq!((question.purpose, question.reason.as_str()), (Purpose::More { holder: None }, "to repair it"));
    assert!(pair.answer(Answer::Grant(CONTROL.into())));
    pair.drive(SECOND);
    press(&mut pair, 0, 5);
    assert!(!pressed(&pair, 4) && pressed(&pair, 5) && !pair.held.is_empty());
    let granted = pair.seats[0].events.iter().any(
        |event| matches!(event, Event::MoreGranted { permissions: CONTROL, until } if *until <= pair.now + MINUTE),
    );
    assert!(granted && holder(&pair, 0) == Some(Holder::You));
    pair.drive(MINUTE);
    assert!(pair.held.is_empty(), "what was held comes up");
    press(&mut pair, 0, 6);
    assert!(!pressed(&pair, 6) && may(&pair, 0) == Permissions::VIEW);
    // The session goes on as it was, and both sides have it in writing.
    pair.seats[0].viewer.leave();
    pair.drive(3 * SECOND);
    let receipt = pair.seats[0].receipt.clone().expect("a receipt");
    receipt.check(verify).expect("a good one");
    let text = receipt.to_string();
    for words in ["the user allowed control as well, for 1 min", "became view,control", "became view\n"] {
        assert!(text.contains(words), "{text}");
    }
    assert!(receipt.closed.is_some_and(|closed| closed.officer.is_some()), "the officer agrees");
    assert!(logged(&pair, r#""kind":"asked_more","reason":"to repair it","permissions":"control","seconds":60"#));
}

#[test]
fn nothing_is_given_before_it_is_recorded() {
    let mut pair = watcher(10 * MINUTE);
    ask(&mut pair, 0, CONTROL, 60);
    pair.set_disk(Disk::Stuck);
    assert!(pair.answer(Answer::Grant(CONTROL.into())));
    pair.drive(SECOND);
    press(&mut pair, 0, 4);
    assert!(!pressed(&pair, 4));
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    press(&mut pair, 0, 5);
    assert!(pressed(&pair, 5));
}

#[test]
fn without_a_yes_it_stays_as_it_was() {
    let mut pair = watcher(10 * MINUTE);
    ask(&mut pair, 0, CONTROL, 60);
    assert!(pair.answer(Answer::Deny));
    pair.drive(SECOND);
    assert_eq!((refused(&pair, 0), may(&pair, 0)), (Some(Refusal::Denied), Permissions::VIEW));
    ask(&mut pair, 0, CONTROL, 60);
    pair.drive(MINUTE);
    assert_eq!((refused(&pair, 0), may(&pair, 0)), (Some(Refusal::Unanswered), Permissions::VIEW));
    assert!(pair.questions.is_empty(), "it is taken back");
    // Who has been refused twice is silent for a while.
    ask(&mut pair, 0, CONTROL, 60);
    assert!(matches!(refused(&pair, 0), Some(Refusal::Wait { seconds: 800..=900 })) && pair.questions.is_empty());
    press(&mut pair, 0, 4);
    assert!(pair.injected.is_empty() && pair.seats[0].end().is_none());
}

#[test]
fn silence_is_for_the_officer_not_for_the_session() {
    let mut pair = host();
    let comes = |pair: &mut Pair| {
        let seat = pair.connect(standing(1, Permissions::CONTROL), request(Permissions::VIEW), Profile::LAN);
        pair.drive(2 * SECOND);
        assert_eq!(may(pair, seat), Permissions::VIEW);
        seat
    };
    for _ in 0..2 {
        let seat = comes(&mut pair);
        ask(&mut pair, seat, CONTROL, 60);
        assert!(pair.answer(Answer::Deny));
        pair.seats[seat].viewer.leave();
        pair.drive(SECOND);
    }
    let seat = comes(&mut pair);
    ask(&mut pair, seat, CONTROL, 60);
    assert!(matches!(refused(&pair, seat), Some(Refusal::Wait { .. })) && pair.questions.is_empty());
    // Nor is the user asked for another session.
    let seat = pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(2 * SECOND);
    assert!(matches!(pair.seats[seat].end(), Some(End::Policy(PolicyReason::Silenced { .. }))));
}

#[test]
fn one_question_at_a_time_and_only_for_what_may_be_granted() {
    let mut pair = watcher(10 * MINUTE);
    ask(&mut pair, 0, Permissions::VIEW, 60);
    assert_eq!(refused(&pair, 0), Some(Refusal::NotPermitted), "it has that");
    ask(&mut pair, 0, Permissions::NONE.with(Permission::Files), 60);
    assert_eq!(refused(&pair, 0), Some(Refusal::NotPermitted), "not in the enrolment");
    assert!(pair.questions.is_empty());
    ask(&mut pair, 0, Permissions::ALL, 6 * 3600);
    let question = &pair.questions[0].1;
    assert!(question.permissions == CONTROL && question.duration <= 10 * MINUTE, "never longer than the session");
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!((refused(&pair, 0), pair.questions.len()), (Some(Refusal::Busy), 1));
    // What the records take back is not asked for any longer.
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, officer(1, Permissions::VIEW).enrolment);
    pair.drive(SECOND);
    assert_eq!((refused(&pair, 0), pair.questions.len()), (Some(Refusal::Changed), 0));
    pair.host.answer(pair.now, id, Answer::Grant(CONTROL.into()));
    pair.drive(SECOND);
    assert_eq!(may(&pair, 0), Permissions::VIEW, "too late");
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!(refused(&pair, 0), Some(Refusal::NotPermitted));
}

#[test]
fn nobody_is_asked_where_nobody_is_or_while_it_is_paused() {
    let mut pair = Pair::new(Rules::new("desk 12", Asking::Nobody), crate::people::SIZE);
    pair.connect(standing(1, Permissions::CONTROL), request(Permissions::VIEW), Profile::LAN);
    pair.drive(2 * SECOND);
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!((refused(&pair, 0), pair.questions.len()), (Some(Refusal::Nobody), 0));
    let mut pair = watcher(10 * MINUTE);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!((refused(&pair, 0), pair.questions.len()), (Some(Refusal::Paused), 0));
}

#[test]
fn nothing_is_injected_while_any_question_is_open() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    press(&mut pair, 0, 4);
    assert!(!pair.held.is_empty());
    pair.connect(officer(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert!(pair.questions.len() == 1 && pair.held.is_empty(), "what is held comes up when it opens");
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Granted { hands: Hands::Nobody, .. })));
    press(&mut pair, 0, 5);
    pair.seats[0].viewer.point(beside_protocol::frame::Point { x: 9, y: 9 });
    let stroke = Stroke { sequence: 99, at: None, action: Action::Key(Key(6), Press::Down) };
    pair.misbehave(0, Channel::Input, &stroke.encode());
    pair.drive(SECOND);
    assert!(!pressed(&pair, 5) && !pressed(&pair, 6));
    assert!(waits_for_answers(&pair));
    assert!(pair.answer(Answer::Deny));
    pair.drive(SECOND);
    press(&mut pair, 0, 7);
    assert!(pressed(&pair, 7), "afterwards it goes on");
}

#[test]
fn control_goes_from_one_to_the_other_by_name_only() {
    let mut pair = watcher(10 * MINUTE);
    let bob = join(&mut pair, 2, 10 * MINUTE, Permissions::CONTROL);
    assert_eq!((holder(&pair, 0), holder(&pair, bob)), (Some(Holder::Another), Some(Holder::You)));
    press(&mut pair, bob, 4);
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!(pair.questions[0].1.purpose, Purpose::More { holder: Some("Officer 2".into()) });
    assert!(pair.answer(Answer::Grant(CONTROL.into())));
    pair.drive(SECOND);
    assert_eq!((may(&pair, 0), may(&pair, bob)), (Permissions::CONTROL, Permissions::VIEW));
    press(&mut pair, bob, 5);
    press(&mut pair, 0, 6);
    assert!(!pressed(&pair, 5) && pressed(&pair, 6));
    // When its time is over control is nobody's: who had it does not get it back.
    pair.drive(2 * MINUTE);
    press(&mut pair, bob, 7);
    assert!(!pressed(&pair, 7) && may(&pair, bob) == Permissions::VIEW);
    assert_eq!(holder(&pair, bob), Some(Holder::Nobody));
}

#[test]
fn a_yes_to_a_question_that_is_not_true_any_more_gives_nothing() {
    let mut pair = watcher(10 * MINUTE);
    let bob = join(&mut pair, 2, 10 * MINUTE, Permissions::CONTROL);
    let id = pair.id(bob);
    pair.host.switch(pair.now, id, Permissions::VIEW);
    pair.drive(SECOND);
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!(pair.questions[0].1.purpose, Purpose::More { holder: None });
    pair.host.switch(pair.now, id, Permissions::CONTROL);
    pair.drive(SECOND);
    assert!(pair.answer(Answer::Grant(CONTROL.into())));
    pair.drive(SECOND);
    assert_eq!(refused(&pair, 0), Some(Refusal::Changed));
    assert_eq!((may(&pair, 0), may(&pair, bob)), (Permissions::VIEW, Permissions::CONTROL));
}

#[test]
fn control_that_is_given_up_is_nobody_s() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    let bob = join(&mut pair, 2, 10 * MINUTE, Permissions::CONTROL);
    press(&mut pair, 0, 4);
    pair.seats[0].viewer.yield_control();
    pair.drive(SECOND);
    assert!(pair.held.is_empty());
    press(&mut pair, 0, 5);
    press(&mut pair, bob, 6);
    assert!(!pressed(&pair, 5) && !pressed(&pair, 6), "nobody gets it by itself");
    assert_eq!((may(&pair, 0), may(&pair, bob)), (Permissions::VIEW, Permissions::VIEW));
    // The user may give it to either.
    let id = pair.id(bob);
    pair.host.switch(pair.now, id, Permissions::CONTROL);
    pair.drive(SECOND);
    press(&mut pair, bob, 7);
    assert!(pressed(&pair, 7));
}

#[test]
fn what_was_added_ends_by_the_switch_and_does_not_come_back_by_it() {
    let mut pair = watcher(10 * MINUTE);
    let id = pair.id(0);
    for (wait, wanted) in [(SECOND, Permissions::VIEW), (MINUTE, Permissions::CONTROL)] {
        ask(&mut pair, 0, CONTROL, 60);
        assert!(pair.answer(Answer::Grant(CONTROL.into())));
        pair.drive(SECOND);
        assert_eq!(may(&pair, 0), Permissions::CONTROL);
        pair.host.switch(pair.now, id, wanted);
        pair.drive(wait);
        assert_eq!(may(&pair, 0), Permissions::VIEW);
        pair.host.switch(pair.now, id, Permissions::CONTROL);
        pair.drive(SECOND);
        press(&mut pair, 0, 4);
        assert!(pair.injected.is_empty() && may(&pair, 0) == Permissions::VIEW);
    }
}

#[test]
fn its_time_runs_on_while_the_officer_is_away_or_it_is_paused() {
    let mut pair = watcher(20 * MINUTE);
    for away in [true, false] {
        ask(&mut pair, 0, CONTROL, 120);
        assert!(pair.answer(Answer::Grant(CONTROL.into())));
        pair.drive(SECOND);
        if away {
            pair.lose(0);
            pair.drive(MINUTE);
            pair.reconnect(0, officer(1, Permissions::CONTROL), Profile::LAN);
        } else {
            pair.host.pause(pair.now, PauseReason::User);
            pair.drive(MINUTE);
            pair.host.proceed(pair.now, PauseReason::User);
        }
        pair.drive(2 * SECOND);
        assert_eq!(may(&pair, 0), Permissions::CONTROL);
        pair.drive(MINUTE);
        assert_eq!(may(&pair, 0), Permissions::VIEW, "away: {away}");
    }
    // And it is gone when they come back too late for it.
    ask(&mut pair, 0, CONTROL, 60);
    assert!(pair.answer(Answer::Grant(CONTROL.into())));
    pair.drive(SECOND);
    pair.lose(0);
    pair.drive(2 * MINUTE);
    pair.reconnect(0, officer(1, Permissions::CONTROL), Profile::LAN);
    pair.drive(2 * SECOND);
    assert_eq!(may(&pair, 0), Permissions::VIEW);
    // A question is not kept for who is away.
    ask(&mut pair, 0, CONTROL, 60);
    pair.lose(0);
    assert!(pair.questions.is_empty());
}

#[test]
fn strangers_can_ask_for_no_control() {
    use beside_protocol::session::{Officer, contact::Code};
    let mut pair = host();
    let who = Officer { key: beside_tests::key_of(90), enrolment: None };
    pair.host.offer_code(pair.now, Code::draw([7; 8]), [1; 32]);
    pair.introduce(who, request(Permissions::CONTROL), &Code::draw([7; 8]));
    pair.drive(SECOND);
    assert!(pair.answer(Answer::GrantStranger(Permissions::VIEW.into())));
    pair.drive(SECOND);
    ask(&mut pair, 0, CONTROL, 60);
    assert_eq!((refused(&pair, 0), pair.questions.len()), (Some(Refusal::NotPermitted), 0));
}

#[test]
fn more_is_not_heard_before_a_session_is_on() {
    let more = FromOfficer::More(More { reason: "early".into(), permissions: CONTROL, seconds: 60 });
    for early in [more, FromOfficer::Yield] {
        let mut pair = host();
        pair.connect(officer(1, Permissions::CONTROL), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.misbehave(0, Channel::Control, &early.encode());
        pair.drive(SECOND);
        assert_eq!(pair.seats[0].end(), Some(End::Misbehaved));
    }
}

#[test]
fn the_user_is_asked_again_every_half_hour() {
    let mut pair = watcher(3 * HOUR);
    pair.drive(30 * MINUTE - 3 * SECOND);
    assert!(pair.questions.is_empty());
    for time in 1..=3 {
        pair.drive(4 * SECOND);
        let Purpose::Again { lasted } = pair.questions[0].1.purpose else { panic!("another question") };
        assert_eq!(lasted.as_secs() / 60, 30 * time);
        assert!(pair.answer(Answer::Grant(Permissions::VIEW.into())));
        pair.drive(30 * MINUTE - 4 * SECOND);
        assert!(pair.questions.is_empty());
    }
    assert!(logged(&pair, r#""kind":"asked_again""#));
    pair.drive(5 * SECOND);
    assert!(pair.answer(Answer::Deny));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Stopped));
}

#[test]
fn a_session_that_nobody_confirms_is_paused_and_then_ends() {
    let mut pair = watcher(2 * HOUR);
    pair.drive(31 * MINUTE);
    assert!(pair.questions.is_empty(), "it is taken back");
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Paused { reason: PauseReason::Unconfirmed, .. })));
    let sent = pair.seats[0].frame_bytes;
    pair.screen.scribble_somewhere();
    pair.drive(2 * MINUTE);
    assert_eq!(pair.seats[0].frame_bytes, sent);
    // What the user presses on the banner is the yes.
    pair.host.go_on(pair.now);
    pair.drive(2 * SECOND);
    assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()));
    pair.drive(30 * MINUTE);
    assert_eq!(pair.questions.len(), 1);
    pair.drive(6 * MINUTE + SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Unconfirmed));
    assert!(logged(&pair, "Unconfirmed"));
}

#[test]
fn standing_grants_are_not_asked_about_and_one_session_s_pause_is_not_another_s() {
    let mut pair = watcher(2 * HOUR);
    let request = Request { seconds: 3600, ..request(Permissions::CONTROL) };
    let second = pair.connect(standing(2, Permissions::CONTROL), request, Profile::LAN);
    pair.drive(32 * MINUTE);
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Paused { .. })));
    press(&mut pair, second, 4);
    assert!(pressed(&pair, 4));
    let asked = pair.log.iter().filter(|line| line.contains("asked_again")).count();
    assert_eq!(asked, 1);
}

#[test]
fn who_is_away_when_it_is_due_is_asked_about_on_return() {
    let mut pair = watcher(2 * HOUR);
    pair.drive(28 * MINUTE);
    pair.lose(0);
    pair.drive(4 * MINUTE);
    assert!(pair.questions.is_empty());
    pair.reconnect(0, officer(1, Permissions::CONTROL), Profile::LAN);
    pair.drive(2 * SECOND);
    assert!(matches!(pair.questions[0].1.purpose, Purpose::Again { .. }));
    // Who leaves while the user is being asked does not win time by that.
    pair.lose(0);
    pair.drive(2 * MINUTE);
    pair.reconnect(0, officer(1, Permissions::CONTROL), Profile::LAN);
    pair.drive(2 * SECOND);
    assert!(matches!(
        pair.seats[0].events.iter().rev().find(|event| !matches!(event, Event::Control(_))),
        Some(Event::Paused { reason: PauseReason::Unconfirmed, .. })
    ));
}

#[test]
fn two_sessions_are_asked_about_one_after_the_other() {
    let mut pair = watcher(2 * HOUR);
    join(&mut pair, 2, 2 * HOUR, Permissions::VIEW);
    pair.drive(30 * MINUTE);
    assert_eq!(pair.questions.len(), 1);
    assert!(pair.answer(Answer::Grant(Permissions::VIEW.into())));
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
    assert_eq!(pair.seat(pair.questions[0].0), Some(1));
}

#[test]
fn nothing_lasts_longer_than_eight_hours() {
    let eight = 8 * HOUR;
    for uninvited in [false, true] {
        let mut pair = host();
        let mut who = if uninvited { standing(1, Permissions::CONTROL) } else { officer(1, Permissions::CONTROL) };
        if uninvited {
            who.enrolment.as_mut().unwrap().standing = Some(1000 * HOUR);
        }
        let request = Request { seconds: Request::MAX_SECONDS, ..request(Permissions::VIEW) };
        pair.connect(who.clone(), request, Profile::LAN);
        let start = pair.now;
        pair.drive(SECOND);
        pair.answer(Answer::Grant(Permissions::VIEW.into()));
        while pair.now < start + eight {
            for _ in 0..24 {
                pair.drive(50 * SECOND);
                while pair.answer(Answer::Grant(Permissions::CONTROL.into())) {}
            }
            pair.lose(0);
            pair.reconnect(0, who.clone(), Profile::LAN);
            pair.drive(2 * SECOND);
            ask(&mut pair, 0, CONTROL, Request::MAX_SECONDS);
            while pair.answer(Answer::Grant(CONTROL.into())) {}
            pair.drive(SECOND);
            for event in std::mem::take(&mut pair.events) {
                let HostEvent::Live(_, notice) = event else { continue };
                assert!(notice.until <= start + eight + 2 * SECOND);
                assert!(notice.extra.is_none_or(|extra| extra.until <= notice.until));
            }
        }
        pair.drive(5 * SECOND);
        let end = pair.seats[0].end();
        assert!(matches!(end, Some(End::Expired | End::Policy(_))), "{end:?}");
        assert!(pair.held.is_empty());
    }
    let too_long = Request { seconds: Request::MAX_SECONDS + 1, ..request(Permissions::VIEW) };
    assert!(!too_long.is_valid(), "which no host reads");
}
