//! What reaches the user's keyboard and pointer, and that nothing stays down.

use crate::people::{live, officer, request};
use beside_protocol::{
    frame::Point,
    session::host::Answer,
    wire::{Action, Button, Key, Permissions, Press},
};
use beside_tests::Profile;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const A: Key = Key(0x04);
const SHIFT: Key = Key(0xe1);

#[test]
fn strokes_arrive_in_order_at_their_places() {
    let mut pair = live(Permissions::CONTROL, Profile::bad(3));
    let actions = [
        Action::Key(SHIFT, Press::Down),
        Action::Key(A, Press::Down),
        Action::Key(A, Press::Up),
        Action::Key(SHIFT, Press::Up),
        Action::Button(Button::Right, Press::Down),
        Action::Button(Button::Right, Press::Up),
        Action::Wheel { x: 0, y: -120 },
        Action::Text("grüße".into()),
    ];
    for (x, action) in actions.iter().enumerate() {
        pair.seats[0].viewer.act(Some(Point { x: x as u32, y: 7 }), action.clone());
    }
    pair.drive(5 * SECOND);
    let arrived: Vec<_> = pair.injected.iter().map(|injection| injection.action().clone()).collect();
    assert_eq!(arrived, actions);
    assert_eq!(pair.injected[3].at(), Some(Point { x: 3, y: 7 }));
    assert!(pair.held.is_empty());
}

#[test]
fn a_click_lands_where_it_was_made_whatever_became_of_the_moves() {
    for seed in 1..40 {
        let mut pair = live(Permissions::CONTROL, Profile::bad(seed));
        for x in 0..20 {
            pair.seats[0].viewer.point(Point { x, y: 0 });
        }
        pair.seats[0].viewer.act(Some(Point { x: 19, y: 0 }), Action::Button(Button::Left, Press::Down));
        pair.drive(5 * SECOND);
        let place = pair.injected.iter().filter_map(beside_protocol::session::Injection::at).next_back();
        assert_eq!(place, Some(Point { x: 19, y: 0 }), "seed {seed}");
    }
}

#[test]
fn a_watcher_moves_nothing() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(A, Press::Down));
    pair.seats[0].viewer.point(Point::default());
    pair.drive(SECOND);
    assert!(pair.injected.is_empty());
}

#[test]
fn one_officer_controls_at_a_time() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.connect(officer(2, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::CONTROL.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[1].viewer.permissions(), Permissions::VIEW);
    pair.seats[1].viewer.act(None, Action::Key(A, Press::Down));
    pair.seats[0].viewer.act(None, Action::Key(SHIFT, Press::Down));
    pair.drive(SECOND);
    assert_eq!(pair.injected.len(), 1);
}

#[test]
fn keys_come_up_however_the_session_goes_away() {
    type Way = fn(&mut beside_tests::Pair);
    let ways: [(&str, Way); 4] = [
        ("the officer leaves", |pair| pair.seats[0].viewer.leave()),
        ("the link is lost", |pair| pair.lose(0)),
        ("the link falls silent", |pair| pair.cut(0)),
        ("the officer breaks the rules", |pair| {
            pair.misbehave(0, beside_protocol::wire::Channel::Control, &[0xff; 9]);
        }),
    ];
    for (name, way) in ways {
        let mut pair = live(Permissions::CONTROL, Profile::LAN);
        pair.seats[0].viewer.act(None, Action::Key(SHIFT, Press::Down));
        pair.seats[0].viewer.act(None, Action::Button(Button::Left, Press::Down));
        pair.drive(SECOND / 10);
        assert!(!pair.held.is_empty(), "{name}");
        way(&mut pair);
        pair.drive(4 * SECOND);
        assert!(pair.held.is_empty(), "{name}");
    }
}
