//! Whether the user is there, and who may ask when: locks, silence after refusals, blocked keys, tickets, agreements.

use crate::people::{TICKET, agreed, host, live, officer, request, request_with_ticket, standing};
use beside_protocol::{
    record::{Actor, Statement},
    session::{
        Enrolment, Ground, Officer,
        contact::Code,
        host::{Answer, Event as HostEvent},
        viewer::Event,
    },
    wire::{Action, End, Key, PauseReason, Permission, Permissions, PolicyReason, Press, Request},
};
use beside_tests::{Pair, Profile, key_of};
use std::{collections::BTreeSet, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn lock(pair: &mut Pair) {
    pair.host.pause(pair.now, PauseReason::Locked);
    pair.settle();
}

fn unlock(pair: &mut Pair) {
    pair.host.proceed(pair.now, PauseReason::Locked);
    pair.settle();
}

fn is_shown(pair: &Pair, seat: usize) -> bool {
    pair.seats[seat].viewer.shown() == Some(pair.screen.picture().view())
}

fn press(pair: &mut Pair, seat: usize, key: u16) {
    pair.seats[seat].viewer.act(None, Action::Key(Key(key), Press::Down));
    pair.drive(SECOND);
}

/// An officer asks, and the question, if there is one, is answered. How their visit stands then.
fn ask(pair: &mut Pair, who: Officer, answer: Answer) -> Option<End> {
    let seat = pair.connect(who, request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(answer);
    pair.drive(SECOND);
    pair.seats[seat].end()
}

#[test]
fn a_lock_pauses_and_an_unlock_goes_on() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    press(&mut pair, 0, 4);
    lock(&mut pair);
    assert!(pair.held.is_empty(), "what was held comes up at once");
    let sent = pair.seats[0].frame_bytes;
    pair.screen.scribble_somewhere();
    press(&mut pair, 0, 5);
    pair.drive(110 * SECOND);
    assert_eq!((pair.seats[0].frame_bytes, pair.injected.len()), (sent, 2), "the press and its release");
    assert!(matches!(pair.seats[0].events.last(), Some(Event::Paused { reason: PauseReason::Locked, .. })));
    unlock(&mut pair);
    pair.drive(SECOND);
    assert!(is_shown(&pair, 0));
    press(&mut pair, 0, 6);
    assert_eq!(pair.injected.len(), 3, "control is back");
    pair.drive(3 * MINUTE);
    assert_eq!(pair.seats[0].end(), None, "a lock that is over counts no more");
}

#[test]
fn a_long_lock_ends_what_rests_on_an_answer_lost_or_not() {
    for lost in [false, true] {
        let mut pair = live(Permissions::VIEW, Profile::LAN);
        lock(&mut pair);
        if lost {
            pair.lose(0);
        }
        // Another word of the same lock does not begin it anew.
        pair.drive(MINUTE);
        lock(&mut pair);
        pair.drive(MINUTE - SECOND);
        let ended = |pair: &Pair| {
            pair.events.iter().any(|event| matches!(event, HostEvent::Ended { end: End::Locked, was_live: true, .. }))
        };
        assert!(!ended(&pair));
        pair.drive(2 * SECOND);
        assert!(ended(&pair));
        assert!(lost || pair.seats[0].end() == Some(End::Locked));
    }
}

#[test]
fn who_came_without_a_question_goes_on_behind_a_lock() {
    let mut pair = host();
    pair.connect(standing(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    lock(&mut pair);
    pair.connect(agreed(2, Permissions::VIEW), request_with_ticket(Permissions::VIEW), Profile::LAN);
    pair.screen.scribble_somewhere();
    pair.drive(3 * MINUTE);
    press(&mut pair, 0, 4);
    assert_eq!(pair.injected.len(), 1, "somebody may have to unlock it");
    assert!(is_shown(&pair, 0) && is_shown(&pair, 1));
    // The user's own Pause holds for them as for all.
    pair.host.pause(pair.now, PauseReason::User);
    unlock(&mut pair);
    assert!(pair.held.is_empty());
}

#[test]
fn behind_a_lock_nobody_is_asked() {
    let mut pair = host();
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
    lock(&mut pair);
    assert!(pair.questions.is_empty(), "an open question is taken back");
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Locked));
    for _ in 0..5 {
        assert_eq!(ask(&mut pair, officer(1, Permissions::VIEW), Answer::Deny), Some(End::Locked));
    }
    unlock(&mut pair);
    assert_eq!(
        ask(&mut pair, officer(1, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into())),
        None,
        "it was no refusal"
    );
}

#[test]
fn after_two_refusals_there_is_silence_with_its_length() {
    let ann = || officer(1, Permissions::VIEW);
    for no in [Answer::Deny, Answer::Unanswered, Answer::Grant(Permissions::NONE.into())] {
        let mut pair = host();
        ask(&mut pair, ann(), no);
        ask(&mut pair, ann(), no);
        let silenced = |minutes| Some(End::Policy(PolicyReason::Silenced { minutes }));
        assert_eq!(ask(&mut pair, ann(), Answer::Grant(Permissions::VIEW.into())), silenced(15), "{no:?}");
        assert_eq!(
            ask(&mut pair, officer(2, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into())),
            None,
            "others may"
        );
        pair.drive(14 * MINUTE);
        assert_eq!(ask(&mut pair, ann(), Answer::Grant(Permissions::VIEW.into())), silenced(1));
        pair.drive(MINUTE);
        assert_eq!(ask(&mut pair, ann(), no).map(End::exit_code), Some(if no == Answer::Unanswered { 4 } else { 3 }));
        assert_eq!(
            ask(&mut pair, ann(), Answer::Grant(Permissions::VIEW.into())),
            silenced(15),
            "one more no is enough"
        );
    }
}

#[test]
fn time_outs_count_and_a_yes_makes_up_for_all() {
    let mut pair = host();
    let silence = |pair: &mut Pair| {
        pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(61 * SECOND);
    };
    silence(&mut pair);
    assert_eq!(ask(&mut pair, officer(1, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into())), None);
    silence(&mut pair);
    silence(&mut pair);
    let end = ask(&mut pair, officer(1, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into()));
    assert!(matches!(end, Some(End::Policy(PolicyReason::Silenced { .. }))), "{end:?}");
}

#[test]
fn who_asks_and_leaves_in_turns_does_not_fill_the_screen() {
    let mut pair = host();
    let mut asked = 0;
    for _ in 0..100 {
        let seat = pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        asked += pair.questions.len();
        pair.seats[seat].viewer.leave();
        pair.drive(SECOND);
    }
    assert_eq!(asked, 6);
}

#[test]
fn who_is_silenced_may_still_come_without_a_question() {
    let mut pair = host();
    ask(&mut pair, officer(1, Permissions::VIEW), Answer::Deny);
    ask(&mut pair, officer(1, Permissions::VIEW), Answer::Deny);
    assert_eq!(ask(&mut pair, standing(1, Permissions::VIEW), Answer::Deny), None);
}

#[test]
fn a_code_is_good_for_one_question_only() {
    let mut pair = host();
    let code = Code::draw([5; 8]);
    pair.host.offer_code(pair.now, Code::draw([5; 8]), [1; 32]);
    let stranger = || Officer { key: key_of(9), enrolment: None };
    pair.introduce(stranger(), request(Permissions::VIEW), &code);
    pair.drive(SECOND);
    assert!(pair.answer(Answer::Deny));
    // Refused, the same person, or anybody else who has heard the code, asks nobody again.
    for who in [stranger(), Officer { key: key_of(10), enrolment: None }] {
        let seat = pair.introduce(who, request(Permissions::VIEW), &code);
        pair.drive(SECOND);
        assert!(pair.questions.is_empty() && pair.seats[seat].end().is_some());
    }
}

#[test]
fn a_block_is_kept_first_and_holds_for_everything() {
    let mut pair = host();
    let end = ask(&mut pair, officer(1, Permissions::VIEW), Answer::Block);
    assert_eq!(end, Some(End::Denied), "as any no");
    assert_eq!(pair.blocked, [key_of(1)]);
    let refused = Some(End::Policy(PolicyReason::Blocked));
    assert_eq!(ask(&mut pair, officer(1, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into())), refused);
    assert_eq!(ask(&mut pair, standing(1, Permissions::VIEW), Answer::Deny), refused, "a standing grant");
    pair.host.offer_code(pair.now, Code::draw([5; 8]), [1; 32]);
    let stranger = Officer { key: key_of(1), enrolment: None };
    let seat = pair.introduce(stranger, request(Permissions::VIEW), &Code::draw([5; 8]));
    pair.drive(SECOND);
    assert_eq!((pair.seats[seat].end(), pair.host.has_code()), (refused, true), "the code is not even tried");
    pair.host.set_blocked(BTreeSet::new());
    assert_eq!(ask(&mut pair, officer(1, Permissions::VIEW), Answer::Grant(Permissions::VIEW.into())), None);
}

#[test]
fn a_block_ends_sessions_here_and_away() {
    let mut pair = host();
    pair.connect(standing(1, Permissions::CONTROL), request(Permissions::CONTROL), Profile::LAN);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    press(&mut pair, 0, 4);
    pair.lose(1);
    pair.host.set_blocked([key_of(1), key_of(2)].into());
    pair.settle();
    assert!(pair.held.is_empty());
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::Blocked)));
    pair.reconnect(1, standing(2, Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[1].end(), Some(End::Policy(PolicyReason::Blocked)));
}

#[test]
fn a_ticket_is_in_the_question_the_log_and_the_receipt() {
    let mut pair = host();
    pair.connect(officer(1, Permissions::VIEW), request_with_ticket(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions[0].1.ticket.as_deref(), Some(TICKET));
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.host.end(id, End::Stopped);
    pair.drive(2 * SECOND);
    assert!(pair.log.iter().any(|line| line.contains(&format!(r#""ticket":"{TICKET}""#))));
    let receipt = &pair.receipts[&id];
    assert_eq!(receipt.offer.request.ticket.as_deref(), Some(TICKET));
    assert!(receipt.to_string().contains(&format!("\nThe ticket: {TICKET}\n")), "{receipt}");
    let mut other = receipt.offer.clone();
    other.request.ticket = None;
    assert_ne!(other.digest(), receipt.offer.digest(), "it is signed");
}

#[test]
fn an_agreement_lets_in_as_often_as_needed_and_ends_at_its_time() {
    let mut pair = host();
    for visit in 0..3 {
        let seat =
            pair.connect(agreed(1, Permissions::CONTROL), request_with_ticket(Permissions::CONTROL), Profile::LAN);
        pair.drive(SECOND);
        assert!(pair.questions.is_empty() && is_shown(&pair, seat), "visit {visit}");
        assert!(
            pair.events
                .iter()
                .any(|event| matches!(event, HostEvent::Live(_, notice) if notice.ground == Ground::Agreement))
        );
        pair.seats[seat].viewer.leave();
        pair.drive(SECOND);
        assert_eq!(pair.receipts[&pair.id(seat)].opening.answer.by, Actor::Agreement);
    }
    assert!(pair.log.iter().any(|line| line.contains(r#""by":"agreement""#)));
    let mut late = agreed(1, Permissions::VIEW);
    late.enrolment.as_mut().unwrap().agreements[0].left = 20 * SECOND;
    let seat = pair.connect(late, request_with_ticket(Permissions::VIEW), Profile::LAN);
    pair.drive(19 * SECOND);
    assert_eq!(pair.seats[seat].end(), None);
    pair.drive(2 * SECOND);
    assert_eq!(pair.seats[seat].end(), Some(End::Expired));
}

#[test]
fn an_agreement_is_for_its_ticket_and_its_permissions_alone() {
    let mut pair = host();
    for ticket in [None, Some("INC 471"), Some("inc 4711")] {
        let request = Request { ticket: ticket.map(Into::into), ..request(Permissions::VIEW) };
        pair.connect(agreed(1, Permissions::VIEW), request, Profile::LAN);
        pair.drive(SECOND);
        assert_eq!(pair.questions.len(), 1, "{ticket:?}");
    }
    let mut ann = agreed(2, Permissions::CONTROL);
    ann.enrolment.as_mut().unwrap().agreements[0].permit = Permissions::VIEW;
    let seat = pair.connect(ann, request_with_ticket(Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[seat].viewer.permissions(), Permissions::VIEW);
}

#[test]
fn an_agreement_that_is_taken_back_ends_the_session() {
    let come = || {
        let mut pair = host();
        pair.connect(agreed(1, Permissions::CONTROL), request_with_ticket(Permissions::CONTROL), Profile::LAN);
        pair.drive(SECOND);
        let id = pair.id(0);
        (pair, id)
    };
    let (mut pair, id) = come();
    pair.host.enrolled(pair.now, id, officer(1, Permissions::CONTROL).enrolment);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::Removed)));
    // One for another ticket does not replace it; one for less narrows.
    let changed = |change: fn(&mut Enrolment)| {
        let mut enrolment = agreed(1, Permissions::CONTROL).enrolment.unwrap();
        change(&mut enrolment);
        let (mut pair, id) = come();
        pair.host.enrolled(pair.now, id, Some(enrolment));
        pair.drive(SECOND);
        (pair.seats[0].end(), pair.seats[0].viewer.permissions())
    };
    let (end, _) = changed(|enrolment| enrolment.agreements[0].ticket = "other".into());
    assert_eq!(end, Some(End::Policy(PolicyReason::Removed)));
    let (end, left) = changed(|enrolment| enrolment.agreements[0].permit = Permissions::VIEW);
    assert_eq!((end, left), (None, Permissions::VIEW));
    let (end, left) = changed(|enrolment| enrolment.permit = Permissions::VIEW.with(Permission::Files));
    assert_eq!((end, left), (None, Permissions::VIEW));
}
