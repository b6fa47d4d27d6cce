//! Pause, the user's switches, and the user's own hands: at once, for everybody, and nothing slips through afterwards.

use crate::people::{host, live, officer, request, standing};
use beside_protocol::{
    frame::Rect,
    session::{
        host::{Answer, Event as HostEvent},
        viewer::Event,
    },
    wire::{Action, Channel, End, Hands, Key, Message, PauseReason, Permissions, Press, Stroke},
};
use beside_tests::{Pair, Profile};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Two officers in sessions, the first with control.
fn two() -> Pair {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.connect(officer(2, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert!(pair.answer(Answer::Grant(Permissions::CONTROL.into())));
    pair.drive(5 * SECOND);
    pair
}

fn press(pair: &mut Pair, seat: usize, key: u16) {
    pair.seats[seat].viewer.act(None, Action::Key(Key(key), Press::Down));
    pair.drive(SECOND);
}

/// Whether a key has been pressed on the host.
fn pressed(pair: &Pair, key: u16) -> bool {
    pair.injected.iter().any(|injection| *injection.action() == Action::Key(Key(key), Press::Down))
}

fn is_shown(pair: &Pair, seat: usize) -> bool {
    pair.seats[seat].viewer.shown() == Some(pair.screen.picture().view())
}

#[test]
fn a_pause_shows_and_takes_nothing_and_the_time_runs_on() {
    let mut pair = two();
    press(&mut pair, 0, 4);
    assert!(!pair.held.is_empty());
    pair.host.pause(pair.now, PauseReason::User);
    pair.settle();
    assert!(pair.held.is_empty(), "what was held comes up at once");
    let sent: Vec<_> = pair.seats.iter().map(|seat| seat.frame_bytes).collect();
    for _ in 0..100 {
        pair.screen.move_somewhere();
        pair.drive(SECOND / 10);
    }
    press(&mut pair, 0, 5);
    // As a viewer would not.
    let stroke = Stroke { sequence: 99, at: None, action: Action::Key(Key(6), Press::Down) };
    pair.misbehave(0, Channel::Input, &stroke.encode());
    assert!(!pressed(&pair, 5) && !pressed(&pair, 6) && pair.held.is_empty());
    assert_eq!(sent, pair.seats.iter().map(|seat| seat.frame_bytes).collect::<Vec<_>>());
    for seat in &pair.seats {
        assert!(matches!(seat.events.last(), Some(Event::Paused { reason: PauseReason::User, .. })));
    }
    pair.drive(600 * SECOND);
    assert_eq!([pair.seats[0].end(), pair.seats[1].end()], [Some(End::Expired); 2]);
}

#[test]
fn after_a_pause_there_is_what_is_on_the_screen_and_never_what_was_meanwhile() {
    for profile in [Profile::LAN, Profile { loss_per_mille: 50, ..Profile::bad(3) }] {
        let mut pair = live(Permissions::CONTROL, profile);
        let place = Rect::new(0, 0, 32, 1);
        pair.screen.mark(1);
        pair.drive(5 * SECOND);
        // Captures and repaints are under way when the pause begins.
        pair.screen.scribble_somewhere();
        pair.host.pause(pair.now, PauseReason::User);
        pair.settle();
        pair.screen.mark(0x5ec3e7);
        pair.drive(5 * SECOND);
        pair.screen.mark(2);
        pair.host.proceed(pair.now, PauseReason::User);
        pair.settle();
        for _ in 0..300 {
            pair.drive(SECOND / 100);
            let Some(shown) = pair.seats[0].viewer.shown() else { continue };
            let number = beside_tests::Screen::read_number(shown, place);
            assert_ne!(number, 0x5ec3e7, "seen after the pause");
        }
        pair.drive(5 * SECOND);
        assert!(is_shown(&pair, 0));
        assert!(
            matches!(
                pair.seats[0].events.iter().rev().find(|event| !matches!(event, Event::Changed(_))),
                Some(Event::Begins(_))
            ),
            "a new picture has begun"
        );
        press(&mut pair, 0, 7);
        assert!(pressed(&pair, 7), "control is back");
    }
}

#[test]
fn the_old_picture_is_not_called_live_before_the_new_one_begins() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    pair.seats[0].events.clear();
    pair.host.proceed(pair.now, PauseReason::User);
    pair.drive(SECOND);
    let granted = pair.seats[0].events.iter().position(|event| matches!(event, Event::Granted { .. })).unwrap();
    assert!(matches!(pair.seats[0].events[granted + 1], Event::Begins(_)));
}

#[test]
fn every_reason_has_to_go() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    for reason in [PauseReason::User, PauseReason::Locked] {
        pair.host.pause(pair.now, reason);
    }
    pair.drive(SECOND);
    pair.host.proceed(pair.now, PauseReason::User);
    pair.screen.scribble_somewhere();
    let sent = pair.seats[0].frame_bytes;
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].frame_bytes, sent);
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Paused { reason: PauseReason::Locked, .. })));
    pair.host.proceed(pair.now, PauseReason::Locked);
    pair.drive(SECOND);
    assert!(is_shown(&pair, 0));
}

#[test]
fn nobody_gets_round_a_pause_by_coming_anew() {
    let mut pair = host();
    let seat = pair.connect(standing(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    pair.host.pause(pair.now, PauseReason::User);
    pair.settle();
    let sent = pair.seats[seat].frame_bytes;
    // The same session over another connection, then another session of the same officer.
    pair.lose(seat);
    pair.reconnect(seat, standing(1, Permissions::CONTROL), Profile::LAN);
    let again = pair.connect(standing(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.screen.scribble_somewhere();
    pair.drive(2 * SECOND);
    press(&mut pair, again, 4);
    assert_eq!((pair.seats[seat].frame_bytes, pair.seats[again].frame_bytes), (sent, 0));
    assert!(pair.injected.is_empty());
    pair.host.proceed(pair.now, PauseReason::User);
    pair.drive(2 * SECOND);
    assert!(is_shown(&pair, again));
}

#[test]
fn a_yes_is_not_paused_by_what_was_pressed_before() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.seats[0].viewer.leave();
    pair.drive(SECOND);
    let seat = pair.connect(officer(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert!(pair.answer(Answer::Grant(Permissions::VIEW.into())));
    pair.drive(2 * SECOND);
    assert!(is_shown(&pair, seat));
}

#[test]
fn switches_go_down_and_up_again_to_what_was_granted_only() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let id = pair.id(0);
    pair.host.switch(pair.now, id, Permissions::CONTROL);
    pair.drive(SECOND);
    press(&mut pair, 0, 4);
    assert!(pair.injected.is_empty(), "more than the user granted");

    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    let id = pair.id(0);
    press(&mut pair, 0, 4);
    pair.host.switch(pair.now, id, Permissions::VIEW);
    pair.settle();
    assert!(pair.held.is_empty());
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    pair.host.switch(pair.now, id, Permissions::CONTROL);
    pair.drive(SECOND);
    press(&mut pair, 0, 5);
    assert!(pressed(&pair, 5));
    pair.host.narrow(pair.now, id, Permissions::VIEW);
    pair.host.switch(pair.now, id, Permissions::CONTROL);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW, "withdrawn for good");
    pair.host.switch(pair.now, id, Permissions::NONE);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Stopped));
}

#[test]
fn switching_control_on_hands_it_over() {
    let mut pair = two();
    press(&mut pair, 0, 4);
    let [first, second] = [pair.id(0), pair.id(1)];
    pair.host.switch(pair.now, second, Permissions::CONTROL);
    pair.settle();
    assert!(pair.held.is_empty(), "who had it lets go");
    pair.drive(SECOND);
    press(&mut pair, 0, 5);
    press(&mut pair, 1, 6);
    assert!(!pressed(&pair, 5) && pressed(&pair, 6));
    pair.host.switch(pair.now, first, Permissions::CONTROL);
    pair.drive(SECOND);
    press(&mut pair, 0, 7);
    press(&mut pair, 1, 8);
    assert!(pressed(&pair, 7) && !pressed(&pair, 8));
}

#[test]
fn the_users_own_hands_go_first() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    press(&mut pair, 0, 4);
    pair.host.set_hands(Hands::User);
    pair.settle();
    assert!(pair.held.is_empty());
    pair.drive(SECOND);
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Granted { hands: Hands::User, .. })));
    press(&mut pair, 0, 5);
    assert!(!pressed(&pair, 5));
    pair.host.set_hands(Hands::Officer);
    pair.drive(SECOND);
    press(&mut pair, 0, 6);
    assert!(pressed(&pair, 6));
    assert!(!pair.events.iter().any(|event| matches!(event, HostEvent::Ended { .. })));
}
