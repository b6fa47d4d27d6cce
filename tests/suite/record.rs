//! No durable line, no grant; and a receipt that both sides have signed, whatever becomes of the connection.

use crate::people::{entries, host, kinds, live, officer, request, standing};
use beside_protocol::{
    record::{Digest, Entry, Happened, Receipt, ReceiptError, Signatures, Statement},
    session::host::{Answer, Event as HostEvent},
    wire::{Action, Channel, End, FromOfficer, Key, Message, Permissions, Press, Request},
};
use beside_tests::{Disk, Pair, Profile, Role, notary::verify};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn signatures(receipt: &Receipt) -> Signatures {
    let read = Receipt::decode(&receipt.encode()).expect("a receipt");
    read.check(verify).expect("a good receipt")
}

/// Both sides' receipts, which are good.
fn receipts(pair: &Pair) -> (&Receipt, &Receipt) {
    let ours = pair.receipts.values().next().expect("the host keeps one");
    (ours, pair.seats[0].receipt.as_ref().expect("the officer keeps one"))
}

#[test]
fn a_session_is_recorded_from_question_to_end() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(4), Press::Down));
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.host.narrow(pair.now, id, Permissions::VIEW);
    pair.lose(0);
    pair.drive(SECOND);
    pair.reconnect(0, officer(1, Permissions::CONTROL), Profile::LAN);
    pair.drive(SECOND);
    pair.host.end_all(End::Stopped);
    pair.drive(SECOND);
    assert_eq!(kinds(&pair), ["asked", "answered", "permissions", "suspended", "resumed", "ended"]);
    assert!(matches!(entries(&pair)[5], Entry::Ended { end: End::Stopped, strokes: 1, bytes: 1.., .. }));
    let (ours, theirs) = receipts(&pair);
    assert_eq!(ours, theirs);
    assert_eq!(signatures(ours), Signatures::Both);
    let said = ours.to_string();
    for words in ["printer on floor 2", "view,control for 10 min", "became view", "came back", "stopped"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn who_leaves_signs_too() {
    let mut pair = live(Permissions::VIEW, Profile::bad(3));
    pair.seats[0].viewer.leave();
    pair.drive(3 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::OfficerLeft));
    let (ours, theirs) = receipts(&pair);
    assert_eq!((signatures(ours), ours), (Signatures::Both, theirs));
}

#[test]
fn each_side_keeps_its_own_end_when_the_line_is_dead() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.lose(0);
    pair.seats[0].viewer.leave();
    pair.drive(301 * SECOND);
    let (ours, theirs) = receipts(&pair);
    assert_eq!((signatures(ours), signatures(theirs)), (Signatures::Host, Signatures::Officer));
    let ends = [ours, theirs].map(|receipt| receipt.closed.as_ref().map(|closed| closed.closing.end));
    assert_eq!(ends, [Some(End::LinkLost), Some(End::OfficerLeft)]);
}

#[test]
fn an_officer_who_does_not_answer_holds_nothing_up() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.cut(0);
    pair.host.end_all(End::Stopped);
    pair.settle();
    assert!(matches!(pair.events.last(), Some(HostEvent::Ended { end: End::Stopped, .. })));
    pair.drive(2 * SECOND);
    assert!(!pair.host.is_parting());
    let ours = pair.receipts.values().next().expect("the host keeps one");
    assert_eq!(signatures(ours), Signatures::Host);
    // The officer's machine notices later.
    pair.lose(0);
    pair.seats[0].viewer.give_up();
    pair.settle();
    assert_eq!(signatures(receipts(&pair).1), Signatures::Officer);
}

#[test]
fn nothing_is_granted_before_it_is_on_the_disk() {
    let mut pair = host();
    pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.connect(standing(2, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    pair.set_disk(Disk::Stuck);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(SECOND);
    assert!(!pair.events.iter().any(|event| matches!(event, HostEvent::Live(..))), "{:?}", pair.events);
    assert_eq!((pair.seats[0].frame_bytes, pair.seats[1].frame_bytes), (0, 0));
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    let live = pair.events.iter().filter(|event| matches!(event, HostEvent::Live(..))).count();
    assert_eq!(live, 2);
}

#[test]
fn without_a_log_there_is_no_session() {
    for disk in [Disk::Full, Disk::Stuck] {
        let mut pair = host();
        pair.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.set_disk(disk);
        pair.answer(Answer::Grant(Permissions::VIEW.into()));
        pair.drive(5 * SECOND);
        assert_eq!(pair.seats[0].end(), Some(End::Unrecorded), "{disk:?}");
        // And none for who asks now, invited or not.
        for who in [officer(2, Permissions::VIEW), standing(3, Permissions::VIEW)] {
            let seat = pair.connect(who, request(Permissions::VIEW), Profile::LAN);
            pair.drive(SECOND);
            assert_eq!(pair.seats[seat].end(), Some(End::Unrecorded), "{disk:?}");
        }
        assert!(pair.questions.is_empty() && pair.seats.iter().all(|seat| seat.frame_bytes == 0));
    }
}

#[test]
fn a_session_becomes_view_only_at_once_and_ends_when_the_log_stays_lost() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Key(Key(4), Press::Down));
    pair.drive(SECOND);
    assert!(!pair.held.is_empty());
    pair.set_disk(Disk::Full);
    pair.host.note(None, Entry::Closed);
    pair.settle();
    assert!(pair.held.is_empty(), "at once");
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    pair.drive(28 * SECOND);
    assert_eq!(pair.seats[0].end(), None);
    pair.drive(2 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Unrecorded));
    // What happened is written when that is possible again.
    pair.set_disk(Disk::Good);
    assert_eq!(kinds(&pair)[2..], ["closed", "permissions", "ended"]);
}

#[test]
fn a_log_that_works_again_in_time_lets_the_session_go_on_as_it_is() {
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.set_disk(Disk::Full);
    pair.host.note(None, Entry::Closed);
    pair.drive(10 * SECOND);
    pair.set_disk(Disk::Good);
    pair.drive(60 * SECOND);
    assert_eq!((pair.seats[0].end(), pair.seats[0].viewer.permissions()), (None, Permissions::VIEW));
}

#[test]
fn a_return_waits_for_its_line() {
    let mut pair = live(Permissions::VIEW, Profile::LAN);
    pair.lose(0);
    pair.drive(SECOND);
    pair.set_disk(Disk::Stuck);
    pair.reconnect(0, officer(1, Permissions::VIEW), Profile::LAN);
    let before = pair.seats[0].frame_bytes;
    pair.screen.scribble_somewhere();
    pair.drive(SECOND);
    assert_eq!((pair.seats[0].frame_bytes, pair.seats[0].viewer.permissions()), (before, Permissions::NONE));
    pair.set_disk(Disk::Good);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    assert_eq!(kinds(&pair)[2..], ["suspended", "resumed"]);
}

#[test]
fn a_request_that_the_officer_has_not_signed_is_no_request() {
    // Signed over another connection, by another key, for something else.
    let mut other = host();
    let seat = other.connect(officer(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
    other.drive(SECOND);
    let asked = |pair: &mut Pair, request: Request, number| {
        let seat = pair.connect(officer(number, Permissions::VIEW), request, Profile::LAN);
        pair.take_sent(seat, Role::Officer)
    };
    let said = asked(&mut host(), request(Permissions::VIEW), 1);
    let Ok(FromOfficer::Request(own, seal)) = FromOfficer::decode(&said[1].bytes) else { panic!("a request") };
    let wrong = [
        FromOfficer::Request(Request { seconds: 601, ..own.clone() }, seal.clone()),
        FromOfficer::Request(Request { reason: "something else".into(), ..own.clone() }, seal.clone()),
        FromOfficer::Request(own, seal),
    ];
    for (number, said) in [(1, &wrong[0]), (1, &wrong[1]), (2, &wrong[2])] {
        let mut pair = host();
        let hello = FromOfficer::Hello { lowest: 1, highest: 1, films: beside_protocol::frame::Films::Unreadable };
        pair.intrude(officer(number, Permissions::VIEW), &[&hello.encode(), &said.encode()]);
        let ended = |event: &HostEvent| matches!(event, HostEvent::Ended { end: End::Misbehaved, .. });
        assert!(pair.events.iter().any(ended) && pair.questions.is_empty(), "{said:?}");
    }
    // Over another connection than the one it was signed for.
    other.misbehave(seat, Channel::Control, &wrong[2].encode());
    other.drive(SECOND);
    assert!(other.questions.is_empty());
}

#[test]
fn no_secret_of_a_session_is_in_its_record() {
    // What the test kit's connections have as secret and as name in proofs.
    let (mut secret, mut binding) = ([1; 32], [2; 32]);
    for part in [&mut secret, &mut binding] {
        part[..4].copy_from_slice(&1u32.to_le_bytes());
    }
    let mut pair = live(Permissions::CONTROL, Profile::LAN);
    pair.seats[0].viewer.act(None, Action::Text("canary".into()));
    pair.drive(SECOND);
    pair.host.end_all(End::Stopped);
    pair.drive(SECOND);
    let (ours, theirs) = receipts(&pair);
    let record = [ours.encode(), theirs.encode(), pair.log.concat().into_bytes()].concat();
    for canary in [
        &secret[..],
        &binding,
        b"canary",
        Digest(secret).to_string().as_bytes(),
        Digest(binding).to_string().as_bytes(),
    ] {
        assert!(!record.windows(canary.len()).any(|window| window == canary));
    }
}

#[test]
fn parts_of_two_receipts_are_no_receipt() {
    let [one, two] = [1, 2].map(|number| {
        let mut pair = host();
        pair.connect(standing(number, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.host.end_all(End::Stopped);
        pair.drive(SECOND);
        receipts(&pair).0.clone()
    });
    let mixed = Receipt { closed: two.closed, ..one.clone() };
    assert_eq!(mixed.check(verify), Err(ReceiptError::Foreign("end")));
    let mixed = Receipt { opening: two.opening, ..one.clone() };
    assert_eq!(mixed.check(verify), Err(ReceiptError::Foreign("answer")));
    assert_eq!(one.opening.answer.offer, one.offer.digest());
    assert!(one.closed.is_some_and(|closed| closed.closing.facts.iter().all(|fact| fact.what != Happened::Suspended)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever byte of a receipt is changed: it is not good any more.
    #[test]
    fn every_change_of_a_receipt_is_found(at in any::<prop::sample::Index>(), bit in 0..8u8, cut: bool) {
        thread_local! {
            static GOOD: Vec<u8> = {
                let mut pair = live(Permissions::CONTROL, Profile::LAN);
                pair.host.end_all(End::Stopped);
                pair.drive(SECOND);
                receipts(&pair).0.encode()
            };
        }
        let mut bytes = GOOD.with(Clone::clone);
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
        let checked = Receipt::decode(&bytes).and_then(|receipt| receipt.check(verify));
        prop_assert!(checked.is_err(), "{checked:?}");
    }
}
