//! Every viewer's picture is the host's, whatever the link does.

use crate::people::{host, live, officer, request, standing};
use beside_protocol::{
    frame::{Rect, Size},
    session::{Asking, Rules, host::Answer, viewer::Event},
    wire::{Channel, CursorShape, End, FramePart, FromHost, Message, Permissions},
};
use beside_tests::{Pair, Profile};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn pictures_agree_over_a_bad_link() {
    for seed in 1..12 {
        let mut pair = live(Permissions::VIEW, Profile::bad(seed));
        for _ in 0..60 {
            pair.screen.scribble_somewhere();
            pair.drive(SECOND / 30);
        }
        pair.drive(10 * SECOND);
        assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()), "seed {seed}");
        assert_eq!(pair.seats[0].end(), None, "seed {seed}");
    }
}

#[test]
fn what_moves_is_copied_and_agrees_over_a_bad_link() {
    let mut moves = 0;
    for seed in 1..12 {
        let mut pair = live(Permissions::VIEW, Profile::bad(seed));
        // Slower by far: it misses updates, and is repainted while others copy.
        let slow = Profile { delay: SECOND / 4, ..Profile::bad(seed) };
        pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), slow);
        let noise = pair.screen.picture().size().rect();
        pair.screen.scribble(noise);
        pair.drive(SECOND);
        for step in 0..90 {
            pair.screen.move_somewhere();
            if step % 4 == 0 {
                pair.screen.scribble_somewhere();
            }
            pair.drive(SECOND / 30);
        }
        pair.drive(10 * SECOND);
        for seat in &pair.seats {
            assert_eq!(seat.viewer.shown(), Some(pair.screen.picture().view()), "seed {seed}");
            assert_eq!(seat.end(), None, "seed {seed}");
        }
        moves += pair.moves;
    }
    assert!(moves > 100, "{moves} copies");
}

#[test]
fn what_comes_back_was_kept_and_agrees_over_a_bad_link() {
    let mut returns = 0;
    for seed in 1..12 {
        let mut pair = live(Permissions::VIEW, Profile::bad(seed));
        let slow = Profile { delay: SECOND / 4, ..Profile::bad(seed) };
        pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), slow);
        let all = pair.screen.picture().size().rect();
        pair.screen.scribble(all);
        pair.drive(SECOND);
        for step in 0..90 {
            pair.screen.open_or_close();
            if step % 4 == 0 {
                pair.screen.move_somewhere();
            }
            pair.drive(SECOND / 20);
        }
        pair.drive(10 * SECOND);
        for seat in &pair.seats {
            assert_eq!(seat.viewer.shown(), Some(pair.screen.picture().view()), "seed {seed}");
            assert_eq!(seat.end(), None, "seed {seed}");
        }
        returns += pair.returns;
    }
    assert!(returns > 100, "{returns} copies from shelves");
}

#[test]
fn a_slow_viewer_costs_the_others_nothing_and_catches_up() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let slow = Profile { delay: SECOND, ..Profile::LAN };
    pair.connect(officer(2, Permissions::VIEW), request(Permissions::VIEW), slow);
    pair.drive(5 * SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(10 * SECOND);
    let shown = |pair: &Pair, seat: usize| {
        pair.seats[seat].events.iter().filter(|event| matches!(event, Event::Changed(_))).count()
    };
    let before = shown(&pair, 0);
    for _ in 0..60 {
        pair.screen.scribble(Rect::new(0, 0, 64, 20));
        pair.drive(SECOND / 30);
        assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()));
    }
    assert_eq!(shown(&pair, 0) - before, 60);
    pair.drive(10 * SECOND);
    assert_eq!(pair.seats[1].viewer.shown(), Some(pair.screen.picture().view()));
}

#[test]
fn an_idle_screen_costs_a_heartbeat() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let before = (pair.seats[0].frame_bytes, pair.seats[0].events.len());
    pair.drive(60 * SECOND);
    assert_eq!((pair.seats[0].frame_bytes, pair.seats[0].events.len()), before);
}

#[test]
fn a_silent_host_is_noticed_and_forgiven() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.seats[0].events.clear();
    pair.cut(0);
    pair.drive(3 * SECOND);
    assert!(matches!(pair.seats[0].events[..], [Event::Frozen { .. }]));
    let ping = FromHost::Ping { made: 0 }.encode();
    let now = pair.now;
    pair.seats[0].viewer.handle_message(now, Channel::Control, &ping);
    let Some(Event::Thawed { permissions, until, .. }) = pair.seats[0].viewer.poll_event() else { panic!("forgiven") };
    assert_eq!(permissions, Permissions::VIEW);
    assert!(until > now + 60 * SECOND, "the grant goes on");
}

#[test]
fn hostile_parts_end_the_session() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let bytes = FramePart::encode(1, &[0xff; 40]);
    let now = pair.now;
    pair.seats[0].viewer.handle_message(now, Channel::Frame, &bytes);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Misbehaved));
}

#[test]
fn parts_of_a_picture_that_is_never_announced_do_not_pile_up() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let part = FramePart::encode(9, &vec![0; FramePart::MAX_BYTES - 4]);
    let now = pair.now;
    for _ in 0..3 {
        pair.seats[0].viewer.handle_message(now, Channel::Frame, &part);
    }
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Misbehaved));
}

#[test]
fn odd_sizes_are_exact() {
    for size in [Size::new(1, 1), Size::new(65, 3), Size::new(63, 129), Size::new(1000, 7)] {
        let mut pair = Pair::new(Rules::new("odd", Asking::User), size);
        pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.answer(Answer::Grant(Permissions::VIEW.into()));
        for _ in 0..10 {
            pair.screen.scribble_somewhere();
            pair.drive(SECOND / 10);
        }
        assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()), "{size:?}");
    }
}

#[test]
fn a_viewer_far_behind_is_not_sent_more_than_it_may_wait_for() {
    let mut pair = Pair::new(Rules::new("fast", Asking::User), Size::new(64, 32));
    for number in [1, 2] {
        let frames = if number == 2 { 60 * SECOND } else { Duration::ZERO };
        pair.connect(
            standing(number, Permissions::VIEW),
            request(Permissions::VIEW),
            Profile { frames, ..Profile::LAN },
        );
    }
    // More than twice what a viewer may wait for: without acknowledgements of voids it would never go on.
    for _ in 0..2_500 {
        pair.screen.scribble(Rect::new(0, 0, 16, 16));
        pair.drive(SECOND / 60);
    }
    pair.drive(400 * SECOND);
    assert_eq!(pair.seats[1].end(), None);
    assert_eq!(pair.seats[1].viewer.shown(), Some(pair.screen.picture().view()));
}

#[test]
fn a_picture_of_another_size_begins_anew() {
    for seed in 1..12 {
        let mut pair = live(Permissions::VIEW, Profile::bad(seed));
        for size in [Size::new(64, 48), Size::new(500, 300), Size::new(1, 1), Size::new(320, 200)] {
            for _ in 0..10 {
                pair.screen.scribble_somewhere();
                pair.drive(SECOND / 30);
            }
            pair.resize(size);
            pair.resize(size);
        }
        pair.drive(10 * SECOND);
        pair.screen.scribble_somewhere();
        pair.drive(SECOND);
        assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()), "seed {seed}");
        assert_eq!(pair.seats[0].end(), None, "seed {seed}");
    }
}

#[test]
fn a_thin_link_gets_the_newest_cursor_and_not_all_of_them() {
    let shape =
        |value| CursorShape::Image { width: 64, height: 64, hot_x: 0, hot_y: 0, rgba: vec![value; 64 * 64 * 4] };
    let mut pair = host();
    let far = Profile { delay: 4 * SECOND, ..Profile::LAN };
    pair.connect(standing(1, Permissions::VIEW), request(Permissions::VIEW), far);
    pair.drive(60 * SECOND);
    for value in 0..200 {
        pair.host.cursor(None, &shape(value));
        pair.drive(SECOND / 100);
    }
    pair.drive(60 * SECOND);
    pair.host.cursor(None, &shape(199));
    pair.drive(60 * SECOND);
    let shapes: Vec<_> = pair.seats[0].events.iter().filter(|event| matches!(event, Event::Cursor(_))).collect();
    assert!(shapes.len() < 40, "{} shapes", shapes.len());
    assert_eq!(shapes.last(), Some(&&Event::Cursor(shape(199))));
    assert_eq!(shapes.iter().filter(|event| ***event == Event::Cursor(shape(199))).count(), 1);
}
