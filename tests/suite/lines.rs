//! What the host's log says while a session is on, of pauses and of what is hidden, and what the user reads when it is over.

use crate::people::{entries, host, kinds, live, officer, request, standing};
use beside_protocol::{
    frame::Region,
    record::{Entry, HidingRules, Showing},
    session::{
        Ground,
        host::{Account, Answer, Event as HostEvent, Focus, Kept, Used},
        viewer::Event,
    },
    wire::{Action, Channel, End, Key, Message, More, PauseReason, Permission, Permissions, Press, Request, Stroke},
};
use beside_tests::{Disk, Pair, Profile};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn paused(reasons: &[PauseReason]) -> Entry {
    Entry::Paused { reasons: reasons.to_vec() }
}

/// Whether the officer is being told that the session goes on.
fn goes_on(pair: &Pair, seat: usize) -> bool {
    let standing = |event: &&Event| matches!(event, Event::Granted { .. } | Event::Paused { .. });
    matches!(pair.seats[seat].events.iter().rfind(standing), Some(Event::Granted { .. }))
}

#[test]
fn each_reason_that_comes_or_goes_makes_one_line_with_all_that_are_left() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    let (user, locked) = (PauseReason::User, PauseReason::Locked);
    for reason in [user, user, locked] {
        pair.host.pause(pair.now, reason);
        pair.drive(SECOND);
    }
    for reason in [user, locked, locked] {
        pair.host.proceed(pair.now, reason);
        pair.drive(SECOND);
    }
    let expected = [paused(&[user]), paused(&[user, locked]), paused(&[locked]), Entry::Continued];
    assert_eq!(entries(&pair)[2..], expected);
    assert!(goes_on(&pair, 0));
}

#[test]
fn a_pause_is_on_at_once_and_over_once_that_is_recorded() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.set_disk(Disk::Stuck);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    assert!(!goes_on(&pair, 0), "without its line");
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    pair.set_disk(Disk::Stuck);
    let sent = pair.seats[0].frame_bytes;
    pair.host.proceed(pair.now, PauseReason::User);
    pair.screen.scribble_somewhere();
    pair.drive(SECOND);
    pair.seats[0].viewer.act(None, Action::Key(Key(4), Press::Down));
    pair.drive(SECOND);
    assert!(!goes_on(&pair, 0) && pair.seats[0].frame_bytes == sent && pair.injected.is_empty());
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    assert!(goes_on(&pair, 0) && pair.seats[0].frame_bytes > sent);
    assert_eq!(kinds(&pair)[2..], ["paused", "continued"]);
}

#[test]
fn what_is_paused_again_before_the_line_of_its_end_stays_paused() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    pair.set_disk(Disk::Stuck);
    pair.host.proceed(pair.now, PauseReason::User);
    pair.settle();
    pair.host.pause(pair.now, PauseReason::User);
    pair.settle();
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    assert!(!goes_on(&pair, 0));
    assert_eq!(kinds(&pair)[2..], ["paused", "continued", "paused"]);
}

#[test]
fn without_a_log_a_pause_does_not_end() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    pair.set_disk(Disk::Full);
    let sent = pair.seats[0].frame_bytes;
    pair.host.proceed(pair.now, PauseReason::User);
    pair.screen.scribble_somewhere();
    pair.drive(40 * SECOND);
    assert_eq!((pair.seats[0].end(), pair.seats[0].frame_bytes), (Some(End::Unrecorded), sent));
}

#[test]
fn every_session_concerned_has_its_lines_and_one_picture_serves_all_that_go_on() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.connect(officer(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    // Who is let in without the user sees a locked screen.
    pair.connect(standing(3, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    let before = pair.log.len();
    pair.host.pause(pair.now, PauseReason::Locked);
    pair.drive(SECOND);
    pair.seats.iter_mut().for_each(|seat| seat.events.clear());
    pair.host.proceed(pair.now, PauseReason::Locked);
    pair.drive(SECOND);
    let of = |id| pair.log[before..].iter().filter(|line| line.contains(&format!(r#""session":{id},"#))).count();
    assert_eq!([0, 1, 2].map(|seat| of(pair.id(seat).0)), [2, 2, 0]);
    for seat in &pair.seats {
        let begun = seat.events.iter().filter(|event| matches!(event, Event::Begins(_))).count();
        assert_eq!(begun, 1);
    }
}

#[test]
fn a_session_that_begins_paused_says_so_after_the_grant() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(kinds(&pair)[3..], ["asked", "answered", "paused"]);
}

#[test]
fn what_nobody_confirms_is_recorded_as_paused_and_a_late_yes_as_its_end() {
    let mut pair = host();
    let asked = Request { seconds: 7200, ..request(Permissions::VIEW) };
    pair.connect(officer(1, Permissions::VIEW), asked, Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(1800 * SECOND + 61 * SECOND);
    assert_eq!(entries(&pair).last(), Some(&paused(&[PauseReason::Unconfirmed])));
    pair.host.go_on(pair.now);
    pair.drive(SECOND);
    assert_eq!(kinds(&pair)[5..], ["answered", "continued"], "{:?}", kinds(&pair));
    assert!(goes_on(&pair, 0));
}

const RULES: HidingRules = HidingRules { programs: 1, windows: 2, places: 0, shown: Showing::OneWindow };

#[test]
fn the_rules_on_what_is_hidden_are_said_at_the_grant_and_when_they_change() {
    let mut pair = host();
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.host.set_hiding(RULES);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(SECOND);
    let more = HidingRules { places: 3, ..RULES };
    for _ in 0..2 {
        pair.host.set_hiding(more);
        pair.drive(SECOND);
    }
    assert_eq!(entries(&pair)[2..], [Entry::Hiding { rules: RULES }, Entry::Hiding { rules: more }]);
}

/// So many windows are hidden from now on.
fn hide(pair: &mut Pair, count: u32) {
    pair.host.hidden(None, Region::new(), Focus::Shown, count);
    pair.settle();
}

fn counts(pair: &Pair) -> Vec<u32> {
    let count = |entry| match entry {
        Entry::Hidden { count } => Some(count),
        _ => None,
    };
    entries(pair).into_iter().filter_map(count).collect()
}

#[test]
fn how_much_is_hidden_is_said_at_most_every_ten_seconds_and_at_last() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(counts(&pair), [0; 0], "nothing is hidden");
    hide(&mut pair, 2);
    pair.drive(SECOND);
    assert_eq!(counts(&pair), [2], "at once");
    for count in 0..1000 {
        hide(&mut pair, count);
        pair.drive(SECOND / 50);
    }
    // It has been twenty seconds.
    assert!((2..=3).contains(&counts(&pair).len()), "{:?}", counts(&pair));
    pair.drive(10 * SECOND);
    assert_eq!(counts(&pair).last(), Some(&999));
    let before = counts(&pair).len();
    for count in [5, 999] {
        hide(&mut pair, count);
    }
    pair.drive(20 * SECOND);
    assert_eq!(counts(&pair).len(), before, "it is as it was");
    hide(&mut pair, 4);
    pair.drive(SECOND);
    hide(&mut pair, 3);
    pair.host.end_all(End::Stopped);
    pair.drive(SECOND);
    assert_eq!((counts(&pair).last(), kinds(&pair).last().map(String::as_str)), (Some(&3), Some("ended")));
}

#[test]
fn who_comes_later_has_it_said_too() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    hide(&mut pair, 2);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(counts(&pair), [2, 2]);
}

/// What became of the session that ended last.
fn account(pair: &Pair) -> Option<&Account> {
    pair.events.iter().rev().find_map(|event| match event {
        HostEvent::Ended { account, .. } => Some(account.as_ref()),
        _ => None,
    })?
}

#[test]
fn the_account_says_who_was_there_and_what_they_did_and_could_do() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.seats[0].viewer.leave();
    pair.drive(SECOND);
    let said = account(&pair).expect("it had begun");
    assert!(pair.now - said.began < 10 * SECOND);
    assert_eq!(
        (said.officer.clone(), said.allowed, said.added),
        ("Officer 1".into(), Permissions::VIEW, Permissions::NONE)
    );
    assert_eq!((said.used, said.ground, said.kept), (Used::No, Ground::Answer, Kept::Receipt));

    let (mut pair, control) = (host(), Permissions::NONE.with(Permission::Control));
    pair.connect(officer(1, Permissions::CONTROL), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(5 * SECOND);
    pair.seats[0].viewer.ask_more(More { reason: "to repair it".into(), permissions: control, seconds: 60 });
    pair.drive(SECOND);
    pair.answer(Answer::Grant(control.into()));
    pair.drive(SECOND);
    pair.seats[0].viewer.act(None, Action::Key(Key(4), Press::Down));
    // Also when that is over.
    pair.drive(120 * SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    let said = account_of_end(&mut pair);
    assert_eq!((said.allowed, said.added, said.used), (Permissions::CONTROL, control, Used::Yes));
}

#[test]
fn what_is_typed_during_a_pause_is_not_said_to_have_been_done() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.host.pause(pair.now, PauseReason::User);
    pair.drive(SECOND);
    let stroke = Stroke { sequence: 9, at: None, action: Action::Key(Key(6), Press::Down) };
    pair.misbehave(0, Channel::Input, &stroke.encode());
    assert_eq!(account_of_end(&mut pair).used, Used::No);
}

#[test]
fn there_is_an_account_of_standing_grants_and_of_who_is_away_but_not_of_what_never_began() {
    let mut pair = host();
    pair.connect(standing(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.lose(0);
    assert_eq!(account_of_end(&mut pair).ground, Ground::Standing);
    pair.set_disk(Disk::Stuck);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.drive(SECOND);
    pair.host.end_all(End::Stopped);
    pair.settle();
    assert_eq!(account(&pair), None, "its grant was never recorded");
}

#[test]
fn no_receipt_is_promised_while_nothing_can_be_recorded() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.set_disk(Disk::Full);
    pair.host.note(None, Entry::Closed);
    pair.drive(40 * SECOND);
    assert_eq!(account(&pair).map(|said| said.kept), Some(Kept::Nothing));
}

fn account_of_end(pair: &mut Pair) -> Account {
    pair.host.end_all(End::Stopped);
    pair.settle();
    account(pair).cloned().expect("it had begun")
}
