//! A session outlives its connection, for five minutes, for who began it, and within what was granted.

use crate::people::{host, live, officer, over, request, standing};
use beside_protocol::{
    frame::Films,
    session::{
        Enrolment, GRACE, Officer,
        host::{Answer, Event as HostEvent},
        viewer::{Event, FROZEN},
    },
    wire::{Action, End, FromOfficer, Key, Message, Permissions, PolicyReason, Press},
};
use beside_tests::{Pair, Profile};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The officer of `live`.
fn ann(permit: Permissions) -> Officer {
    officer(1, permit)
}

/// A live session whose connection has just been lost.
fn lost(permissions: Permissions) -> Pair {
    let mut pair = live(permissions, Profile::LAN);
    pair.lose(0);
    pair.events.clear();
    pair
}

fn hello() -> Vec<u8> {
    FromOfficer::Hello { lowest: 1, highest: 1, films: Films::BUILD }.encode()
}

fn is_shown(pair: &Pair) -> bool {
    pair.seats[0].viewer.shown() == Some(pair.screen.picture().view())
}

#[test]
fn a_lost_session_holds_nothing_shows_nothing_and_says_until_when() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Down));
    pair.drive(SECOND);
    assert!(!pair.held.is_empty());
    let (id, before, shown) = (pair.id(0), pair.seats[0].frame_bytes, pair.screen.picture().clone());
    pair.lose(0);
    assert!(pair.held.is_empty());
    let until = pair.now + GRACE;
    assert!(pair.events.contains(&HostEvent::Suspended { session: id, officer: "Officer 1".into(), until }));
    pair.screen.scribble_somewhere();
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].frame_bytes, before, "captured for nobody");
    let viewer = &mut pair.seats[0].viewer;
    assert_eq!(
        (viewer.shown(), viewer.permissions()),
        (Some(shown.view()), Permissions::NONE),
        "the last picture stays"
    );
    viewer.act(None, Action::Key(Key(0x05), Press::Down));
    assert!(viewer.poll_transmit().is_none());
    // Another officer may control meanwhile.
    pair.connect(officer(2, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::CONTROL.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[1].viewer.permissions(), Permissions::CONTROL);
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW, "control was taken meanwhile");
}

#[test]
fn who_comes_back_goes_on_without_a_question() {
    let mut pair = lost(Permissions::CONTROL);
    pair.drive(100 * SECOND);
    pair.screen.scribble_somewhere();
    pair.seats[0].events.clear();
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::bad(3));
    pair.drive(10 * SECOND);
    assert!(pair.questions.is_empty());
    assert!(is_shown(&pair));
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::CONTROL);
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Down));
    pair.drive(SECOND);
    assert!(!pair.held.is_empty(), "and controls");
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Up));
    // The grant ends when it would have ended.
    pair.drive(600 * SECOND - 117 * SECOND);
    assert_eq!(pair.seats[0].end(), None);
    pair.drive(10 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Expired));
}

#[test]
fn it_can_be_lost_again_and_again() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    let id = pair.id(0);
    for turn in 0..5 {
        pair.lose(0);
        pair.drive(50 * SECOND);
        pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
        if turn % 2 == 0 {
            // Lost before it led anywhere.
            pair.lose(0);
            pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
        }
        pair.screen.scribble_somewhere();
        pair.drive(SECOND);
        assert!(is_shown(&pair) && pair.questions.is_empty());
        assert_eq!(pair.id(0), id);
    }
}

#[test]
fn after_five_minutes_the_user_is_asked_again() {
    let mut pair = lost(Permissions::VIEW);
    let id = pair.id(0);
    pair.drive(GRACE);
    assert_eq!(over(&pair), [(id, End::LinkLost, true)]);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
    assert_eq!(pair.seats[0].viewer.shown(), None, "nothing before the answer");
    assert!(pair.answer(Answer::Grant(Permissions::VIEW.into())));
    pair.drive(SECOND);
    assert!(is_shown(&pair));
    // What was granted now is resumed by what this connection gave.
    pair.lose(0);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert!(is_shown(&pair) && pair.questions.is_empty());
}

#[test]
fn one_who_comes_at_the_last_moment_is_too_late_a_moment_later() {
    for (early, questions) in [(Duration::from_millis(1), 0), (Duration::ZERO, 1)] {
        let mut pair = lost(Permissions::VIEW);
        // Nobody tells the host that time has passed.
        pair.now += GRACE - early;
        pair.reconnect(0, ann(Permissions::VIEW), Profile { delay: Duration::ZERO, ..Profile::LAN });
        pair.drive(Duration::ZERO);
        assert_eq!(pair.questions.len(), questions);
    }
}

#[test]
fn the_grant_ends_while_nobody_is_there() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.drive(500 * SECOND);
    pair.lose(0);
    pair.events.clear();
    pair.drive(100 * SECOND);
    assert_eq!(over(&pair), [(pair.id(0), End::LinkLost, true)]);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn a_new_connection_takes_the_place_of_one_that_seems_to_live() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Down));
    pair.drive(SECOND / 10);
    assert!(!pair.held.is_empty());
    pair.cut(0);
    pair.events.clear();
    pair.screen.scribble_somewhere();
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Lost { .. })), "what is shown is not live");
    pair.drive(SECOND);
    assert!(pair.held.is_empty() && pair.questions.is_empty());
    assert!(matches!(pair.events[..], [HostEvent::Live(..)]), "the same session: {:?}", pair.events);
    assert!(is_shown(&pair));
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::CONTROL);
}

#[test]
fn a_new_connection_that_says_nothing_is_not_relied_on() {
    let mut pair = lost(Permissions::VIEW);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.cut(0);
    pair.drive(FROZEN - Duration::from_millis(1));
    assert!(!pair.seats[0].viewer.is_frozen());
    pair.drive(Duration::from_millis(1));
    assert!(pair.seats[0].viewer.is_frozen(), "another way is to be looked for");
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Lost { .. })), "which is no news for the officer");
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert!(is_shown(&pair) && pair.questions.is_empty());
}

#[test]
fn one_who_was_still_waiting_for_the_answer_asks_again() {
    let mut pair = host();
    pair.connect(ann(Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.cut(0);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1, "one question in the place of the other");
    assert!(pair.answer(Answer::Grant(Permissions::VIEW.into())));
    pair.drive(SECOND);
    assert!(is_shown(&pair));
}

#[test]
fn a_wrong_proof_gets_nothing_and_ends_nothing() {
    let mut pair = lost(Permissions::CONTROL);
    let id = pair.id(0);
    let forged = FromOfficer::Resume { session: id.0, proof: [7; 32] }.encode();
    pair.intrude(ann(Permissions::CONTROL), &[&hello(), &forged]);
    // A second guess on the same connection, or one before a word of greeting.
    pair.intrude(ann(Permissions::CONTROL), &[&hello(), &forged, &forged]);
    pair.intrude(ann(Permissions::CONTROL), &[&forged]);
    assert!(pair.events.iter().all(|event| matches!(event, HostEvent::Ended { was_live: false, .. })));
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert!(is_shown(&pair) && pair.questions.is_empty(), "the officer still can");
}

#[test]
fn a_proof_can_not_be_used_again_nor_by_another_key() {
    let mut pair = lost(Permissions::CONTROL);
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    let proof = pair.seats[0].resumption.clone().unwrap();
    // Whoever has the bytes has them over another connection.
    for who in [ann(Permissions::CONTROL), officer(2, Permissions::CONTROL)] {
        let intruder = pair.intrude(who, &[&hello(), &proof]);
        let event = pair.events.pop();
        assert!(matches!(event, Some(HostEvent::Ended { session, end: End::LinkLost, was_live: false, account: None })
                if session == intruder));
    }
    pair.drive(SECOND);
    assert!(is_shown(&pair), "before or after the officer");
    pair.intrude(ann(Permissions::CONTROL), &[&hello(), &proof]);
    pair.screen.scribble_somewhere();
    pair.drive(SECOND);
    assert!(is_shown(&pair), "who stays");
}

#[test]
fn what_was_stopped_is_not_resumed() {
    let mut pair = lost(Permissions::CONTROL);
    pair.host.end_all(End::Stopped);
    pair.settle();
    assert!(matches!(pair.events[..], [HostEvent::Ended { end: End::Stopped, was_live: true, .. }]));
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::NONE);
}

#[test]
fn what_was_taken_meanwhile_is_not_given_back() {
    let mut pair = lost(Permissions::CONTROL);
    let id = pair.id(0);
    pair.host.narrow(pair.now, id, Permissions::VIEW);
    pair.reconnect(0, ann(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);

    // And by the records, as they are when the officer comes back.
    let mut pair = lost(Permissions::CONTROL);
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);

    let mut pair = lost(Permissions::CONTROL);
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, None);
    pair.drive(SECOND);
    let removed = End::Policy(PolicyReason::Removed);
    assert_eq!(over(&pair), [(id, removed, true)]);
}

#[test]
fn one_who_is_not_in_the_records_any_more_does_not_come_back() {
    let mut pair = lost(Permissions::CONTROL);
    pair.reconnect(0, Officer { enrolment: None, ..ann(Permissions::CONTROL) }, Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NotEnrolled)));
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::NONE);
}

#[test]
fn a_standing_grant_that_is_over_is_not_resumed() {
    let mut pair = host();
    pair.connect(standing(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.lose(0);
    // The owner has taken it back: the records have no standing grant any more.
    pair.reconnect(0, ann(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1, "the user decides now");
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::NONE);

    let enrolment = Some(Enrolment { standing: Some(20 * SECOND), ..Enrolment::new("Ann", Permissions::VIEW) });
    let short = Officer { enrolment, ..officer(3, Permissions::VIEW) };
    let seat = pair.connect(short.clone(), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.lose(seat);
    pair.drive(10 * SECOND);
    pair.reconnect(seat, short, Profile::LAN);
    pair.drive(8 * SECOND);
    assert_eq!(pair.seats[seat].viewer.permissions(), Permissions::VIEW);
    pair.drive(2 * SECOND);
    assert_eq!(pair.seats[seat].end(), Some(End::Expired), "not for longer than at first");
}

#[test]
fn one_who_asks_anew_gives_up_the_lost_session() {
    let mut pair = lost(Permissions::CONTROL);
    let id = pair.id(0);
    pair.connect(ann(Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(over(&pair), [(id, End::Replaced, true)]);
    assert_eq!(pair.questions.len(), 1);
    pair.intrude(ann(Permissions::CONTROL), &[&hello()]);
    assert_eq!(pair.questions.len(), 1, "who says only hello takes nobody's place");
}
