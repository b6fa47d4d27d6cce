//! Nothing is seen or done without the user's yes; every no has its name, and its exit code.

use crate::people::{host, live, officer, over, request, standing};
use beside_protocol::{
    frame::Films,
    session::{
        Asking, Enrolment, Keying, Officer, Rules,
        host::{Answer, Choice, Event as HostEvent, SessionId},
        viewer::Event,
    },
    wire::{
        Action, Channel, End, Fingerprint, FromOfficer, Key, LIMIT_BEFORE_APPROVAL, Message, Permissions, PolicyReason,
        Press, Stroke,
    },
};
use beside_tests::{Pair, Profile};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_user_is_asked_and_yes_begins_the_session() {
    let mut pair = host();
    let seat = pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    let (_, question) = &pair.questions[0];
    assert_eq!((&question.officer, question.reason.as_str()), (&"Officer 1".into(), "printer on floor 2"));
    assert_eq!(question.permissions, Permissions::CONTROL);
    assert!(matches!(pair.seats[seat].events[..], [Event::Welcome { .. }, Event::Asking { .. }]));
    assert_eq!(pair.seats[seat].frame_bytes, 0);

    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[seat].viewer.permissions(), Permissions::VIEW);
    assert_eq!(pair.seats[seat].viewer.shown(), Some(pair.screen.picture().view()));
    assert!(matches!(pair.events[..], [HostEvent::Live(..)]));
}

#[test]
fn the_time_that_the_user_chooses_is_the_one_that_both_sides_go_by() {
    for (chosen, lasts) in [(40 * SECOND, 40 * SECOND), (Duration::MAX, Duration::from_secs(600))] {
        let mut pair = host();
        let seat = pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
        pair.drive(SECOND);
        assert_eq!(pair.questions[0].1.duration, Duration::from_secs(600));
        let answered = pair.now;
        pair.answer(Answer::Grant(Choice { duration: Some(chosen), ..Permissions::VIEW.into() }));
        pair.drive(SECOND);
        let told = pair.seats[seat].events.iter().find_map(|event| match event {
            Event::Granted { until, .. } => Some(*until - answered),
            _ => None,
        });
        let told = told.expect("granted");
        assert!(told <= lasts + SECOND && told + 2 * SECOND >= lasts, "{told:?}");
        pair.drive(lasts);
        assert_eq!(pair.seats[seat].end(), Some(End::Expired));
    }
}

#[test]
fn every_no_ends_without_a_picture_and_with_its_own_code() {
    for (answer, end, code) in [
        (Some(Answer::Deny), End::Denied, 3),
        (Some(Answer::Grant(Permissions::NONE.into())), End::Denied, 3),
        (Some(Answer::Unanswered), End::Unanswered, 4),
        (None, End::Unanswered, 4),
    ] {
        let mut pair = host();
        let seat = pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
        pair.drive(SECOND);
        match answer {
            Some(answer) => assert!(pair.answer(answer)),
            None => pair.drive(60 * SECOND),
        }
        pair.screen.scribble_somewhere();
        pair.drive(SECOND);
        assert_eq!(pair.seats[seat].end(), Some(end));
        assert_eq!(end.exit_code(), code);
        assert_eq!((pair.seats[seat].frame_bytes, pair.seats[seat].viewer.shown()), (0, None));
        assert!(pair.questions.is_empty() && pair.injected.is_empty());
        assert!(pair.events.iter().all(|event| matches!(event, HostEvent::Ended { was_live: false, .. })));
    }
}

#[test]
fn a_late_yes_is_no_yes() {
    let mut pair = host();
    pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.drive(60 * SECOND);
    pair.host.answer(pair.now, id, Answer::Grant(Permissions::CONTROL.into()));
    pair.drive(SECOND);
    assert!(!pair.events.iter().any(|event| matches!(event, HostEvent::Live(..))));
}

#[test]
fn unknown_officers_are_turned_away_unasked() {
    let mut pair = host();
    let stranger = Officer { key: Fingerprint([9; 32]), enrolment: None };
    pair.connect(stranger, request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    let end = End::Policy(PolicyReason::NotEnrolled);
    assert_eq!((pair.seats[0].end(), end.exit_code()), (Some(end), 7));
    assert!(pair.questions.is_empty());
}

#[test]
fn only_standing_grants_come_in_where_nobody_is_asked() {
    let mut pair = Pair::new(Rules::new("lab", Asking::Nobody), crate::people::SIZE);
    pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NoStandingGrant)));
    assert_eq!(pair.seats[1].viewer.permissions(), Permissions::VIEW);
    assert!(pair.questions.is_empty());
}

#[test]
fn stop_ends_it_at_once_for_everybody() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.host.end_all(End::Stopped);
    pair.settle();
    let before = pair.seats[0].frame_bytes;
    pair.screen.scribble_somewhere();
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Stopped));
    assert_eq!(pair.seats[0].frame_bytes, before);
}

#[test]
fn a_grant_ends_at_its_time() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.drive(600 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Expired));
}

#[test]
fn taken_permissions_are_gone_at_once() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Down));
    pair.drive(SECOND);
    assert!(!pair.held.is_empty());
    let id = pair.id(0);
    pair.host.narrow(pair.now, id, Permissions::VIEW);
    pair.settle();
    assert!(pair.held.is_empty());
    let before = pair.injected.len();
    let stroke = Stroke { sequence: 99, at: None, action: Action::Key(Key(0x05), Press::Down) };
    pair.misbehave(0, Channel::Input, &stroke.encode());
    pair.drive(SECOND);
    assert_eq!(pair.injected.len(), before);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);

    pair.host.narrow(pair.now, id, Permissions::NONE);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NotPermitted)));
}

#[test]
fn whatever_comes_before_its_time_ends_the_session() {
    let stroke = Stroke { sequence: 1, at: None, action: Action::Key(Key(0x04), Press::Down) }.encode();
    let ack = FromOfficer::Ack { bytes: 0, small: 0, epoch: 0, number: 0, repaints: 0, late: 0, decode: 0, present: 0 }
        .encode();
    let hello = FromOfficer::Hello { lowest: 1, highest: 1, films: Films::Unreadable }.encode();
    let early: [(Channel, Vec<u8>); 6] = [
        (Channel::Input, stroke),
        (Channel::Control, ack),
        (Channel::Control, hello),
        (Channel::Control, vec![0; LIMIT_BEFORE_APPROVAL + 1]),
        (Channel::Frame, vec![0; 64]),
        (Channel::Cursor, vec![0]),
    ];
    for (channel, bytes) in early {
        let mut pair = host();
        pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
        pair.drive(SECOND);
        pair.misbehave(0, channel, &bytes);
        pair.drive(SECOND);
        assert_eq!(pair.seats[0].end(), Some(End::Misbehaved), "{channel:?}");
        assert!(pair.questions.is_empty(), "the question is withdrawn");
        assert!(!pair.answer(Answer::Grant(Permissions::CONTROL.into())));
        assert!(pair.injected.is_empty());
    }
}

#[test]
fn an_officer_who_never_asks_is_sent_away() {
    let mut pair = host();
    let connection = pair.host.connect(pair.now, officer(1, Permissions::VIEW), Keying::new([1; 32], [2; 32]));
    let id = SessionId(connection.0);
    pair.drive(11 * SECOND);
    assert_eq!(over(&pair), [(id, End::Misbehaved, false)]);
}

#[test]
fn no_more_officers_than_the_rules_admit() {
    let mut pair = host();
    for number in 1..=9 {
        pair.connect(officer(number, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    }
    pair.drive(SECOND);
    assert_eq!(pair.seats[8].end(), Some(End::Policy(PolicyReason::Full)));
    assert_eq!(pair.questions.len(), 8);
}

#[test]
fn strangers_who_do_not_ask_keep_no_officer_out() {
    let mut pair = host();
    for number in 100..120 {
        let stranger = Officer { key: Fingerprint([number; 32]), enrolment: None };
        pair.host.connect(pair.now, stranger, Keying::new([1; 32], [2; 32]));
    }
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn an_officer_who_comes_again_takes_the_place_of_the_dead_connection() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(0x04), Press::Down));
    pair.drive(SECOND / 10);
    assert!(!pair.held.is_empty());
    pair.cut(0);
    pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND / 10);
    let id = pair.id(0);
    let is_over = |event: &HostEvent| matches!(event, HostEvent::Ended { session, end: End::Replaced, was_live: true, .. } if *session == id);
    assert!(pair.events.iter().any(is_over) && pair.held.is_empty());
    assert!(pair.answer(Answer::Grant(Permissions::CONTROL.into())), "a new connection is a new question");
    pair.drive(SECOND);
    assert_eq!(pair.seats[1].viewer.permissions(), Permissions::CONTROL);
}

#[test]
fn a_second_window_of_the_officer_ends_the_first_for_good() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!((pair.seats[0].end(), End::Replaced.exit_code()), (Some(End::Replaced), 5));
    // A third, while the second still waits for the answer.
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[1].end(), Some(End::Replaced));
    assert_eq!(pair.questions.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [pair.id(2)]);
    // One that is refused replaces nothing.
    pair.connect(
        Officer { enrolment: None, ..officer(1, Permissions::VIEW) },
        request(Permissions::VIEW),
        Profile::LAN,
    );
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn a_standing_grant_ends_at_its_time_however_late_the_request() {
    let mut pair = host();
    let mut ann = standing(1, Permissions::VIEW);
    ann.enrolment.as_mut().unwrap().standing = Some(7 * SECOND);
    // Hello and request are 5 s on their way.
    pair.connect(ann.clone(), request(Permissions::VIEW), Profile { delay: 5 * SECOND, ..Profile::LAN });
    pair.drive(6 * SECOND);
    assert_eq!(pair.events.len(), 1, "live");
    pair.drive(SECOND);
    let id = pair.id(0);
    let is_over = |event: &HostEvent| matches!(event, HostEvent::Ended { session, end: End::Expired, was_live: true, .. } if *session == id);
    assert!(pair.events.iter().any(is_over));
    // Where it is over before the request comes, the user is asked.
    ann.enrolment.as_mut().unwrap().standing = Some(4 * SECOND);
    pair.connect(ann, request(Permissions::VIEW), Profile { delay: 5 * SECOND, ..Profile::LAN });
    pair.drive(6 * SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn changed_records_narrow_shorten_and_end() {
    let enrolment = |permit, standing| Some(Enrolment { standing, ..Enrolment::new("Ann", permit) });
    let mut pair = host();
    pair.connect(standing(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, enrolment(Permissions::VIEW, Some(20 * SECOND)));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    pair.host.enrolled(pair.now, id, enrolment(Permissions::VIEW, Some(900 * SECOND)));
    pair.drive(20 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Expired), "shortened once is not prolonged by a later change");

    let removed = End::Policy(PolicyReason::Removed);
    for (now, end) in [(enrolment(Permissions::CONTROL, None), Some(removed)), (None, Some(removed))] {
        let seat = pair.connect(standing(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.host.enrolled(pair.now, pair.id(seat), now);
        pair.drive(SECOND);
        assert_eq!(pair.seats[seat].end(), end, "a standing grant that was taken back");
    }
}

#[test]
fn an_answer_grants_no_more_than_the_records_permit_by_then() {
    let enrolment = |permit| Some(Enrolment::new("Ann", permit));
    let mut pair = host();
    pair.connect(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, enrolment(Permissions::VIEW));
    pair.answer(Answer::Grant(Permissions::CONTROL.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);

    let seat = pair.connect(officer(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    let id = pair.id(seat);
    pair.host.enrolled(pair.now, id, None);
    pair.drive(SECOND);
    assert_eq!(pair.seats[seat].end(), Some(End::Policy(PolicyReason::Removed)));
    assert!(pair.questions.is_empty(), "the question is withdrawn");
}

#[test]
fn an_acknowledgement_of_what_was_not_sent_ends_the_session() {
    for (bytes, number) in [(u64::MAX, 0), (0, 1_000), (0, u64::MAX)] {
        let mut pair = live(Permissions::VIEW, Profile::LAN);
        pair.misbehave(
            0,
            Channel::Control,
            &FromOfficer::Ack { bytes, small: 0, epoch: 1, number, repaints: 0, late: 0, decode: 0, present: 0 }
                .encode(),
        );
        pair.drive(SECOND);
        assert_eq!(pair.seats[0].end(), Some(End::Misbehaved), "{bytes} bytes, number {number}");
    }
}
