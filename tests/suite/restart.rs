//! Who may come back after a restart of the user's computer does so once, to no more than there was before.

use crate::people::{SIZE, certificate, host, officer, request, request_with_ticket, stranger, trust};
use beside_protocol::{
    record::Actor,
    session::{
        Asking, Enrolment, GRACE, Ground, Officer, Policy, Rules,
        contact::Code,
        host::{Answer, Choice, Event as HostEvent, Notice},
        viewer::Event,
    },
    wire::{End, More, PauseReason, Permission, Permissions, PolicyReason, Request, Return},
};
use beside_tests::{Pair, Profile, key_of};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn rules() -> Rules {
    Rules::new("desk 12", Asking::User)
}

fn ann() -> Officer {
    officer(1, Permissions::CONTROL)
}

/// Yes to these, and to coming back.
fn once(permissions: Permissions) -> Answer {
    Answer::Grant(Choice { returns: Return::Once, ..permissions.into() })
}

/// A session of Ann's, who may come back.
fn live_with(request: Request) -> Pair {
    let mut pair = host();
    pair.connect(ann(), request, Profile::LAN);
    pair.drive(2 * SECOND);
    assert!(pair.answer(once(Permissions::CONTROL)));
    pair.drive(5 * SECOND);
    assert_eq!(pair.kept[&key_of(1)].permissions, Permissions::CONTROL);
    pair
}

fn live() -> Pair {
    live_with(request(Permissions::CONTROL))
}

/// Ann's viewer finds the host again after a restart.
fn come_back(pair: &mut Pair) {
    let officer = pair.returning(ann());
    pair.reconnect(0, officer, Profile::LAN);
    pair.drive(2 * SECOND);
}

/// What the user was told last of a session that is on.
fn notice(pair: &Pair) -> Option<&Notice> {
    pair.events.iter().rev().find_map(|event| match event {
        HostEvent::Live(_, notice) => Some(notice),
        _ => None,
    })
}

#[test]
fn who_may_come_back_does_so_once_without_a_question() {
    for end in [Some(End::HostLeft), Some(End::DeskLost), Some(End::CaptureLost), None] {
        let mut pair = live();
        let until = pair.kept[&key_of(1)].until;
        assert!(pair.log.iter().any(|line| line.contains("\"after_restart\"") && line.contains("\"once\"")));
        pair.restart(rules(), end);
        let cut =
            pair.seats[0].events.iter().any(|event| matches!(event, Event::Cut { end: cut, .. } if Some(*cut) == end));
        assert_eq!((cut, pair.seats[0].end()), (end.is_some(), None));
        let patience = pair.seats[0].viewer.lost_until().unwrap() - pair.now;
        assert!(patience <= Return::WITHIN && patience > Return::WITHIN - 2 * SECOND, "{patience:?}");
        pair.now += MINUTE;
        come_back(&mut pair);
        assert!(pair.questions.is_empty(), "{end:?}");
        let live = notice(&pair).unwrap();
        assert_eq!((live.ground, live.permissions), (Ground::Return, Permissions::CONTROL));
        assert!(live.until <= until, "longer than it was granted for");
        assert_eq!(pair.receipts[&pair.id(0)].opening.answer.by, Actor::Return);
        assert!(pair.seats[0].viewer.shown().is_some());
        assert!(pair.kept.is_empty(), "used up");
        // Another restart: now the user is asked.
        pair.restart(rules(), end);
        if end.is_some() {
            assert_eq!(pair.seats[0].end(), end, "nobody waits any more");
        } else {
            assert_eq!(pair.seats[0].viewer.lost_until(), Some(pair.now + GRACE));
            come_back(&mut pair);
            assert_eq!(pair.questions.len(), 1);
        }
    }
}

#[test]
fn of_two_connections_one_comes_back_and_the_other_is_asked() {
    let mut pair = live();
    pair.restart(rules(), None);
    let officer = pair.returning(ann());
    pair.connect(officer.clone(), request(Permissions::CONTROL), Profile::LAN);
    // What it says comes when the first one is in.
    let slower = Profile { delay: Duration::from_millis(50), ..Profile::LAN };
    pair.connect(officer, request(Permissions::CONTROL), slower);
    pair.drive(2 * SECOND);
    let grounds =
        pair.events.iter().filter(|event| matches!(event, HostEvent::Live(_, live) if live.ground == Ground::Return));
    assert_eq!(grounds.count(), 1);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn what_is_gone_from_the_disk_lets_nobody_in() {
    let mut pair = live();
    pair.restart(rules(), None);
    let officer = pair.returning(ann());
    // Another program was faster, or it can't be removed.
    pair.kept.clear();
    pair.reconnect(0, officer, Profile::LAN);
    pair.drive(2 * SECOND);
    assert_eq!((pair.seats[0].end(), notice(&pair)), (Some(End::Unrecorded), None));
}

#[test]
fn whatever_ends_a_session_besides_a_restart_ends_the_way_back() {
    type Act = fn(&mut Pair);
    let acts: [(&str, Act); 11] = [
        ("stopped", |pair| pair.host.end_all(End::Stopped)),
        ("ended", |pair| pair.host.end(pair.id(0), End::Stopped)),
        ("no view", |pair| pair.host.switch(pair.now, pair.id(0), Permissions::NONE)),
        ("left", |pair| pair.seats[0].viewer.leave()),
        ("expired", |pair| pair.drive(11 * MINUTE)),
        ("removed", |pair| pair.host.enrolled(pair.now, pair.id(0), None)),
        ("narrowed", |pair| pair.host.narrow(pair.now, pair.id(0), Permissions::NONE)),
        ("blocked", |pair| pair.host.set_blocked([key_of(1)].into())),
        ("replaced", |pair| {
            pair.connect(ann(), request(Permissions::VIEW), Profile::LAN);
        }),
        ("away", |pair| {
            pair.lose(0);
            pair.drive(GRACE + SECOND);
        }),
        ("locked", |pair| {
            pair.host.pause(pair.now, PauseReason::Locked);
            pair.drive(3 * MINUTE);
        }),
    ];
    for (name, act) in acts {
        let mut pair = live();
        act(&mut pair);
        pair.drive(2 * SECOND);
        assert!(pair.kept.is_empty(), "{name}");
    }
    // And so does what becomes of who could come back, and has not.
    let mut pair = live();
    pair.restart(rules(), None);
    let officer = pair.returning(ann());
    pair.connect(officer, request_with_ticket(Permissions::VIEW), Profile::LAN);
    pair.drive(2 * SECOND);
    assert!(!pair.kept.is_empty() && pair.answer(Answer::Deny));
    assert!(pair.kept.is_empty(), "the user has said no");
}

#[test]
fn what_is_kept_is_what_is_on_and_not_while_the_user_pauses() {
    let mut pair = live();
    let (id, key) = (pair.id(0), key_of(1));
    pair.host.switch(pair.now, id, Permissions::VIEW);
    pair.drive(SECOND);
    assert_eq!(pair.kept[&key].permissions, Permissions::VIEW);
    let (reason, permissions) = ("more".to_owned(), Permissions::NONE.with(Permission::Control));
    pair.seats[0].viewer.ask_more(More { reason, permissions, seconds: 300 });
    pair.drive(2 * SECOND);
    assert!(pair.answer(Answer::Grant(permissions.into())));
    pair.drive(SECOND);
    assert_eq!(notice(&pair).unwrap().permissions, Permissions::CONTROL);
    assert_eq!(pair.kept[&key].permissions, Permissions::VIEW, "without what was added for a while");
    pair.host.pause(pair.now, PauseReason::User);
    pair.settle();
    assert!(pair.kept.is_empty());
    pair.host.proceed(pair.now, PauseReason::User);
    pair.settle();
    assert_eq!(pair.kept[&key].permissions, Permissions::VIEW);
    pair.lose(0);
    pair.host.pause(pair.now, PauseReason::User);
    pair.settle();
    assert!(pair.kept.is_empty(), "nor while nobody is there");
    pair.host.proceed(pair.now, PauseReason::User);
    pair.host.forget_returns(pair.now);
    pair.settle();
    assert!(pair.kept.is_empty());
    pair.host.proceed(pair.now, PauseReason::User);
    pair.settle();
    assert!(pair.kept.is_empty(), "for good");
}

/// What comes of Ann, who comes back with these records to a host with these rules: the session's notice, or a question.
fn returning(
    rules: Rules,
    request: Request,
    change: impl FnOnce(&mut Enrolment),
) -> (Pair, Option<(Permissions, Instant)>) {
    let mut pair = live_with(request_with_ticket(Permissions::CONTROL));
    pair.restart(rules, None);
    let mut officer = pair.returning(ann());
    change(officer.enrolment.as_mut().expect("she is enrolled"));
    pair.connect(officer, request, Profile::LAN);
    pair.drive(2 * SECOND);
    let live = notice(&pair).map(|live| (live.permissions, live.until));
    (pair, live)
}

#[test]
fn nobody_comes_back_to_more_than_there_was() {
    let asks = || request_with_ticket(Permissions::CONTROL);
    let (pair, live) =
        returning(rules(), Request { seconds: 8 * 3600, permissions: Permissions::ALL, ..asks() }, |_| {});
    let (permissions, until) = live.unwrap();
    assert!(permissions == Permissions::CONTROL && until <= pair.now + 10 * MINUTE);
    let view_only = |enrolment: &mut Enrolment| enrolment.permit = Permissions::VIEW;
    assert_eq!(returning(rules(), asks(), view_only).1.unwrap().0, Permissions::VIEW, "the records");
    let policy = Policy { permissions: Permissions::VIEW, ..Policy::WIDEST };
    assert_eq!(returning(Rules { policy, ..rules() }, asks(), |_| {}).1.unwrap().0, Permissions::VIEW, "the policy");
    let less = Request { permissions: Permissions::VIEW, ..asks() };
    assert_eq!(returning(rules(), less, |_| {}).1.unwrap().0, Permissions::VIEW, "the request");
    // All others are asked about.
    let forbidden = Policy { restarts: Return::AskAgain, ..Policy::WIDEST };
    let late = |enrolment: &mut Enrolment| enrolment.back.iter_mut().for_each(|back| back.open = Duration::ZERO);
    let over = |enrolment: &mut Enrolment| enrolment.back.iter_mut().for_each(|back| back.left = Duration::ZERO);
    let elsewhere = |enrolment: &mut Enrolment| enrolment.back.iter_mut().for_each(|back| back.display = Some(2));
    let asked = [
        ("another ticket", returning(rules(), request(Permissions::CONTROL), |_| {})),
        ("the policy", returning(Rules { policy: forbidden, ..rules() }, asks(), |_| {})),
        ("too late", returning(rules(), asks(), late)),
        ("over", returning(rules(), asks(), over)),
        ("another display", returning(Rules { display: Some(1), ..rules() }, asks(), elsewhere)),
    ];
    for (name, (pair, live)) in asked {
        assert_eq!((pair.questions.len(), live), (1, None), "{name}");
        assert!(!pair.kept.is_empty(), "{name}: not used");
    }
    let nobody = Rules::new("desk 12", Asking::Nobody);
    assert_eq!(returning(nobody, asks(), |_| {}).0.seats[1].end(), Some(End::Policy(PolicyReason::NoStandingGrant)));
}

#[test]
fn nobody_comes_back_to_a_locked_screen_and_who_is_back_leaves_it() {
    let mut pair = live();
    pair.restart(rules(), None);
    pair.host.pause(pair.now, PauseReason::Locked);
    come_back(&mut pair);
    assert_eq!(pair.seats[0].end(), Some(End::Locked));
    assert!(!pair.kept.is_empty(), "not used");
    pair.host.proceed(pair.now, PauseReason::Locked);
    let officer = pair.returning(ann());
    let seat = pair.connect(officer, request(Permissions::CONTROL), Profile::LAN);
    pair.drive(2 * SECOND);
    assert_eq!(notice(&pair).unwrap().ground, Ground::Return);
    pair.host.pause(pair.now, PauseReason::Locked);
    pair.drive(SECOND);
    assert_eq!(notice(&pair).unwrap().paused, Some(PauseReason::Locked));
    pair.drive(3 * MINUTE);
    assert_eq!(pair.seats[seat].end(), Some(End::Locked));
}

#[test]
fn who_is_back_is_asked_about_again_after_half_an_hour() {
    let mut pair = live_with(Request { seconds: 8 * 3600, ..request(Permissions::CONTROL) });
    pair.restart(rules(), None);
    come_back(&mut pair);
    assert!(notice(&pair).is_some() && pair.questions.is_empty());
    pair.drive(30 * MINUTE + SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn it_is_offered_for_enrolled_officers_only_and_not_against_the_policy() {
    let offered = |pair: &Pair| pair.questions[0].1.returns;
    let mut pair = host();
    pair.connect(ann(), request(Permissions::VIEW), Profile::LAN);
    pair.drive(2 * SECOND);
    assert_eq!(offered(&pair), Return::Once);
    let policy = Policy { restarts: Return::AskAgain, ..Policy::WIDEST };
    let mut pair = Pair::new(Rules { policy, ..rules() }, SIZE);
    pair.connect(ann(), request(Permissions::VIEW), Profile::LAN);
    pair.drive(2 * SECOND);
    assert_eq!(offered(&pair), Return::AskAgain);
    assert!(pair.answer(once(Permissions::VIEW)));
    pair.drive(SECOND);
    assert!(notice(&pair).is_some() && pair.kept.is_empty(), "whatever the desk says");
    let (mut pair, code) = (host(), Code::draw([7; 8]));
    pair.host.offer_code(pair.now, code.clone(), [8; 32]);
    pair.introduce(stranger(2), request(Permissions::VIEW), &code);
    pair.drive(2 * SECOND);
    assert_eq!(offered(&pair), Return::AskAgain);
    let Answer::Grant(choice) = once(Permissions::VIEW) else { return };
    assert!(pair.answer(Answer::GrantStranger(choice)));
    pair.drive(SECOND);
    assert!(notice(&pair).is_some() && pair.kept.is_empty());
    let mut pair = host();
    pair.host.trust(pair.now, trust(pair.time()));
    let papers = certificate(3, "Anna Berger", &pair);
    pair.certify(stranger(3), request(Permissions::VIEW), papers);
    pair.drive(2 * SECOND);
    assert_eq!(offered(&pair), Return::AskAgain);
}
