//! Who is not known comes in by the user's code, to see only, and nobody learns anything of the code by trying.

use crate::people::{host, officer, request};
use beside_protocol::{
    frame::{Films, Size},
    session::{
        Keying, Officer, Viewer, check_words,
        contact::{Code, Ends, Opening, Source},
        host::{Answer, CodeEnd, ConnectionId, Event as HostEvent},
        viewer::Event,
    },
    wire::{Channel, CodeFault, End, FromHost, FromOfficer, Message, Permissions, PolicyReason, Proof, Return, Who},
};
use beside_tests::{Pair, host_key, key_of, papers, seal_of_nothing};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const WRONG: End = End::Code(CodeFault::Wrong);

fn stranger(number: u8) -> Officer {
    Officer { key: key_of(number), enrolment: None }
}

fn code(number: u32) -> Code {
    number.try_into().expect("a code")
}

/// A host with code 5 on offer.
fn offering() -> Pair {
    let mut pair = host();
    pair.host.offer_code(pair.now, code(5), [3; 32]);
    pair
}

/// A stranger with that code comes; what becomes of them within a second, if it is over by then.
fn come(pair: &mut Pair, number: u8, guess: u32) -> Option<End> {
    let seat = pair.introduce(stranger(number), request(Permissions::CONTROL), &code(guess));
    pair.drive(SECOND);
    pair.seats[seat].end()
}

fn code_ends(pair: &Pair) -> Vec<CodeEnd> {
    pair.events
        .iter()
        .filter_map(|event| if let HostEvent::CodeOver(end) = event { Some(*end) } else { None })
        .collect()
}

#[test]
fn the_code_opens_the_question_and_a_confirmed_yes_lets_them_see() {
    let mut pair = offering();
    assert_eq!(come(&mut pair, 9, 5), None);
    let (_, question) = &pair.questions[0];
    assert_eq!((&question.proof, question.permissions), (&Proof::Code, Permissions::VIEW));
    assert_eq!(question.officer, Who::Unknown(key_of(9)));
    pair.answer(Answer::GrantStranger(Permissions::ALL.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW, "never more than to see");
    assert_eq!(pair.seats[0].viewer.shown(), Some(pair.screen.picture().view()));
    assert_eq!(code_ends(&pair), [CodeEnd::Used]);
}

#[test]
fn an_unconfirmed_yes_to_a_stranger_is_none() {
    let mut pair = offering();
    come(&mut pair, 9, 5);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Denied));
    assert_eq!(pair.seats[0].frame_bytes, 0);
}

#[test]
fn an_enrolled_officer_with_a_code_is_still_the_enrolled_one() {
    let mut pair = offering();
    pair.introduce(officer(1, Permissions::CONTROL), request(Permissions::CONTROL), &code(5));
    pair.drive(SECOND);
    let (_, question) = &pair.questions[0];
    assert_eq!((&question.proof, &question.officer), (&Proof::Enrolled, &"Officer 1".into()));
    assert_eq!(question.permissions, Permissions::CONTROL);
}

#[test]
fn a_code_is_good_once() {
    let mut pair = offering();
    come(&mut pair, 9, 5);
    assert_eq!(come(&mut pair, 8, 5), Some(End::Code(CodeFault::None)));
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn three_wrong_guesses_end_it_for_the_right_one_too() {
    let mut pair = offering();
    for number in 10..13 {
        assert_eq!(come(&mut pair, number, 4), Some(WRONG));
    }
    assert_eq!(code_ends(&pair), [CodeEnd::Guessed]);
    assert_eq!(come(&mut pair, 9, 5), Some(End::Code(CodeFault::None)));
    assert!(pair.questions.is_empty() && !pair.host.has_code());
    assert_eq!((WRONG.exit_code(), End::Code(CodeFault::None).exit_code()), (6, 6));
}

#[test]
fn who_vanishes_after_the_host_s_share_has_used_a_guess() {
    let mut pair = offering();
    for number in 10..13 {
        let officer = stranger(number);
        let keying = Keying::new([number; 32], [number; 32]);
        let ends = Ends { officer: officer.key, host: host_key(), keying };
        let (_, share) = Opening::new(&code(4), ends, [number; 32]);
        let connection = pair.host.connect(pair.now, officer, Keying::new([number; 32], [number; 32]));
        pair.host.set_source(connection, Source(number.into()));
        for message in [hello(), FromOfficer::CodeShare { share }] {
            pair.host.handle_message(pair.now, connection, Channel::Control, &message.encode());
        }
        pair.host.disconnected(pair.now, connection, End::LinkLost);
    }
    pair.settle();
    assert_eq!(code_ends(&pair), [CodeEnd::Guessed]);
}

#[test]
fn a_code_ends_after_five_minutes_and_when_it_is_taken_back() {
    let mut pair = offering();
    pair.drive(Code::LIFE);
    assert_eq!(code_ends(&pair), [CodeEnd::Expired]);
    assert_eq!(come(&mut pair, 9, 5), Some(End::Code(CodeFault::None)));
    pair.host.offer_code(pair.now, code(5), [3; 32]);
    pair.host.withdraw_code();
    assert_eq!(come(&mut pair, 8, 5), Some(End::Code(CodeFault::None)));
}

#[test]
fn one_source_has_to_wait_and_is_told_how_long() {
    let mut pair = offering();
    let mut ends = Vec::new();
    for number in 10..13 {
        pair.introduce(stranger(number), request(Permissions::VIEW), &code(4));
        // All from one address.
        let connection = ConnectionId(pair.id(usize::from(number) - 10).0);
        pair.host.set_source(connection, Source(7));
        pair.drive(SECOND / 4);
        ends.extend(pair.seats.last().and_then(beside_tests::Seat::end));
    }
    let wait = End::Code(CodeFault::Wait { seconds: 1 });
    assert_eq!((ends.as_slice(), wait.exit_code()), ([WRONG, wait, wait].as_slice(), 7));
    assert!(wait.to_string().contains("1 s"));
}

#[test]
fn without_a_code_strangers_are_told_how_to_get_in() {
    let mut pair = host();
    pair.connect(stranger(9), request(Permissions::VIEW), beside_tests::Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NotEnrolled)));
    assert_eq!(come(&mut pair, 8, 5), Some(End::Code(CodeFault::None)), "none was offered");
}

#[test]
fn both_sides_have_the_same_check_words() {
    let (keying, ann) = (Keying::new([1; 32], [2; 32]), key_of(9));
    let mut pair = offering();
    let connection = pair.host.connect(pair.now, stranger(9), keying.clone());
    let ends = Ends { officer: ann, host: host_key(), keying: keying.clone() };
    let mut viewer =
        Viewer::introduced(pair.now, request(Permissions::VIEW), &code(5), ends, [1; 32], papers(key_of(9)));
    talk(&mut pair, connection, &mut viewer);
    assert_eq!(pair.questions[0].1.check, check_words(&keying, &ann, &host_key()));
}

/// §B.1, row 5: the host offers one way in and takes no other, whatever comes in its place.
#[test]
fn nothing_but_the_proof_is_taken_for_the_proof() {
    let proof = FromOfficer::CodeProof { proof: [0; 32] };
    let others = [
        FromOfficer::Request(request(Permissions::VIEW), seal_of_nothing(9)),
        FromOfficer::Resume { session: 1, proof: [0; 32] },
        FromOfficer::CodeShare { share: [1; 32] },
        hello(),
        FromOfficer::Ack { bytes: 0, small: 0, epoch: 1, number: 0, repaints: 0, late: 0, decode: 0, present: 0 },
    ];
    // Numbers of messages that there are not, whatever follows; the last known one is the proof.
    let undefined = (proof.encode()[0] + 1..=255).map(|number| [&[number], [0; 40].as_slice()].concat());
    let mut tried = 0;
    for bytes in others.iter().map(Message::encode).chain(undefined) {
        let mut pair = offering();
        let connection = answered(&mut pair);
        pair.host.handle_message(pair.now, connection, Channel::Control, &bytes);
        pair.settle();
        let ended = |event: &HostEvent| matches!(event, HostEvent::Ended { end: End::Misbehaved, .. });
        assert!(pair.events.iter().any(ended) && pair.questions.is_empty(), "{bytes:?}");
        tried += 1;
    }
    assert!(tried > 200);
    let mut pair = offering();
    let connection = pair.host.connect(pair.now, stranger(9), Keying::new([1; 32], [2; 32]));
    for message in [hello(), proof] {
        pair.host.handle_message(pair.now, connection, Channel::Control, &message.encode());
    }
    pair.settle();
    assert!(matches!(pair.events[..], [HostEvent::Ended { end: End::Misbehaved, .. }]), "a proof of nothing");
}

/// §B.1, row 6: what was said in one login is worth nothing on another connection, even with the same code on offer.
#[test]
fn a_recorded_login_opens_no_other_connection() {
    let mut pair = offering();
    let keying = Keying::new([1; 32], [2; 32]);
    let ends = Ends { officer: key_of(9), host: host_key(), keying: keying.clone() };
    let mut viewer =
        Viewer::introduced(pair.now, request(Permissions::VIEW), &code(5), ends, [1; 32], papers(key_of(9)));
    let connection = pair.host.connect(pair.now, stranger(9), keying);
    let recorded = talk(&mut pair, connection, &mut viewer);
    assert_eq!(pair.questions.len(), 1, "the login was good");
    for seed in [[3; 32], [4; 32]] {
        pair.host.offer_code(pair.now, code(5), seed);
        pair.questions.clear();
        let again = pair.host.connect(pair.now, stranger(9), Keying::new([1; 32], [42; 32]));
        for bytes in &recorded {
            pair.host.handle_message(pair.now, again, Channel::Control, bytes);
        }
        pair.settle();
        assert!(pair.questions.is_empty() && pair.host.has_code());
        pair.drive(60 * SECOND);
    }
}

/// §B.1, row 6: the officer confirms first, and a wrong confirmation is answered with none.
#[test]
fn the_host_confirms_to_nobody_who_has_not() {
    let mut pair = offering();
    let connection = answered(&mut pair);
    let wrong = FromOfficer::CodeProof { proof: [0; 32] }.encode();
    pair.host.handle_message(pair.now, connection, Channel::Control, &wrong);
    let said: Vec<_> = std::iter::from_fn(|| pair.host.poll_transmit()).map(|(_, said)| said.bytes).collect();
    let said: Vec<_> = said.iter().map(|bytes| FromHost::decode(bytes).expect("a message")).collect();
    assert_eq!(said, [FromHost::Bye(WRONG)]);
}

/// A host that has proven nothing gets no request, whatever it says, and can show nothing.
#[test]
fn a_host_that_has_not_proven_the_code_is_left_without_a_word() {
    let lies = [
        FromHost::Asking { seconds: 60 },
        FromHost::Granted {
            session: 1,
            permissions: Permissions::VIEW,
            seconds: 60,
            paused: None,
            returns: Return::AskAgain,
        },
        FromHost::View { epoch: 1, size: Size::new(64, 64), number: 0 },
        FromHost::Gone,
        FromHost::Ping { made: 0 },
        FromHost::CodeProof { proof: [7; 32] },
        FromHost::CodeShare { share: [2; 32] },
    ];
    for lie in &lies {
        let mut pair = offering();
        let (mut viewer, _) = officer_with_code(&pair);
        viewer.handle_message(pair.now, Channel::Control, &lie.encode());
        left_without_asking(&mut viewer, End::Misbehaved);
        // And after an honest share, with a proof of its own making.
        let (mut viewer, connection) = officer_at(&mut pair);
        let share = exchange_to_share(&mut pair, connection, &mut viewer);
        viewer.handle_message(pair.now, Channel::Control, &share);
        let end = if matches!(lie, FromHost::CodeProof { .. }) { WRONG } else { End::Misbehaved };
        viewer.handle_message(pair.now, Channel::Control, &lie.encode());
        left_without_asking(&mut viewer, end);
    }
}

#[test]
fn a_session_by_code_outlives_its_connection_and_changed_records() {
    let mut pair = offering();
    come(&mut pair, 9, 5);
    pair.answer(Answer::GrantStranger(Permissions::VIEW.into()));
    pair.drive(SECOND);
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, None);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW, "the records say nothing of them, as before");
    pair.lose(0);
    pair.reconnect(0, stranger(9), beside_tests::Profile::LAN);
    pair.drive(SECOND);
    assert_eq!((pair.seats[0].viewer.permissions(), pair.id(0)), (Permissions::VIEW, id));
    assert!(pair.questions.is_empty());
    // Another stranger's connection can't have it.
    pair.lose(0);
    pair.reconnect(0, stranger(8), beside_tests::Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NotEnrolled)));
}

fn hello() -> FromOfficer {
    FromOfficer::Hello { lowest: 1, highest: 1, films: Films::BUILD }
}

/// An officer of the right code, not connected.
fn officer_with_code(pair: &Pair) -> (Viewer, Keying) {
    let keying = Keying::new([1; 32], [2; 32]);
    let ends = Ends { officer: key_of(9), host: host_key(), keying: keying.clone() };
    (Viewer::introduced(pair.now, request(Permissions::VIEW), &code(5), ends, [1; 32], papers(key_of(9))), keying)
}

/// The same, connected.
fn officer_at(pair: &mut Pair) -> (Viewer, ConnectionId) {
    let (viewer, keying) = officer_with_code(pair);
    let connection = pair.host.connect(pair.now, stranger(9), keying);
    (viewer, connection)
}

/// The host's share for that officer.
fn exchange_to_share(pair: &mut Pair, connection: ConnectionId, viewer: &mut Viewer) -> Vec<u8> {
    while let Some(said) = viewer.poll_transmit() {
        pair.host.handle_message(pair.now, connection, said.channel, &said.bytes);
    }
    let said = std::iter::from_fn(|| pair.host.poll_transmit()).map(|(_, said)| said.bytes.to_vec());
    let is_share = |bytes: &Vec<u8>| matches!(FromHost::decode(bytes), Ok(FromHost::CodeShare { .. }));
    said.filter(is_share).last().expect("a share")
}

/// A connection over which the host has answered a share, so that a proof is due.
fn answered(pair: &mut Pair) -> ConnectionId {
    let (mut viewer, connection) = officer_at(pair);
    exchange_to_share(pair, connection, &mut viewer);
    connection
}

/// The two talk until they have nothing more to say; what the officer said.
fn talk(pair: &mut Pair, connection: ConnectionId, viewer: &mut Viewer) -> Vec<Vec<u8>> {
    let mut recorded = Vec::new();
    loop {
        let before = recorded.len();
        while let Some(said) = viewer.poll_transmit() {
            pair.host.handle_message(pair.now, connection, said.channel, &said.bytes);
            recorded.push(said.bytes.to_vec());
        }
        while let Some((_, said)) = pair.host.poll_transmit() {
            viewer.handle_message(pair.now, said.channel, &said.bytes);
        }
        if recorded.len() == before {
            pair.settle();
            return recorded;
        }
    }
}

fn left_without_asking(viewer: &mut Viewer, end: End) {
    let said: Vec<_> = std::iter::from_fn(|| viewer.poll_transmit()).collect();
    let asks = |bytes: &[u8]| matches!(FromOfficer::decode(bytes), Ok(FromOfficer::Request(..)));
    assert!(!said.iter().any(|said| asks(&said.bytes)), "asked somebody who has proven nothing");
    let events: Vec<_> = std::iter::from_fn(|| viewer.poll_event()).collect();
    assert_eq!(events.last(), Some(&Event::Ended(end)));
    assert!(viewer.shown().is_none());
}
