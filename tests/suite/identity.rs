//! Who somebody is: certificates of organisations, and keys that were revoked or gave their place to others.

use crate::people::{ORGANISATION, certificate, host, officer, request, standing, stranger, trust};
use beside_protocol::{
    record::{Certificate, CertificateFault, Change, Changes, Claim, Notary, Stale, Statement, TeamList, Time},
    session::{
        Asking, Rules, Trust,
        contact::Code,
        host::{Answer, Event},
    },
    wire::{End, FromOfficer, LIMIT_BEFORE_APPROVAL, Message, Permission, Permissions, PolicyReason, Proof},
};
use beside_tests::{Pair, Profile, TestNotary, key_of, notary::verify};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A host that allows the organisation.
fn allowing() -> Pair {
    let mut pair = host();
    believe(&mut pair, |_| {});
    pair
}

/// The host's records now say that, but for a change.
fn believe(pair: &mut Pair, change: impl FnOnce(&mut Trust)) {
    let mut trust = trust(pair.time());
    change(&mut trust);
    pair.host.trust(pair.now, trust);
    pair.settle();
}

/// Officer 1 asks for control with this certificate.
fn come(pair: &mut Pair, certificate: Certificate) -> usize {
    let seat = pair.certify(stranger(1), request(Permissions::ALL), certificate);
    pair.drive(SECOND);
    seat
}

/// A host with officer 1 in a session for which the organisation vouches.
fn live() -> Pair {
    let mut pair = allowing();
    let good = certificate(1, "Anna Berg", &pair);
    come(&mut pair, good);
    assert!(pair.answer(Answer::Grant(Permissions::CONTROL.into())));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::CONTROL);
    pair
}

#[test]
fn a_certificate_opens_a_question_that_names_who_vouches() {
    let mut pair = allowing();
    let good = certificate(1, "Anna Berg", &pair);
    come(&mut pair, good);
    let (_, question) = &pair.questions[0];
    assert_eq!(question.officer, "Anna Berg · Contoso IT".into(), "and not what the organisation calls itself");
    assert_eq!(question.proof, Proof::Organisation { name: "Contoso IT".into() });
    assert_eq!(question.permissions, Permissions::CONTROL, "no more than its officers may");
    pair.answer(Answer::Grant(Permissions::CONTROL.into()));
    pair.drive(SECOND);
    let named =
        |event: &Event| matches!(event, Event::Live(_, notice) if notice.officer == "Anna Berg · Contoso IT".into());
    assert!(pair.events.iter().any(named), "{:?}", pair.events);
    pair.host.end_all(End::Stopped);
    pair.drive(2 * SECOND);
    // How the officer was proven is in the log and in the receipt, and the receipt has the certificate itself.
    assert!(
        pair.log.iter().any(|line| line.contains(r#""proof":{"organisation":{"name":"Contoso IT"}}"#)),
        "{:?}",
        pair.log
    );
    let receipt = pair.seats[0].receipt.as_ref().expect("a receipt");
    receipt.check(verify).expect("a good receipt");
    assert_eq!(receipt.opening.answer.proof, Proof::Organisation { name: "Contoso IT".into() });
    let shown = receipt.offer.certificate.as_ref().expect("the certificate");
    assert_eq!(shown.check(pair.time(), verify), Ok(()));
    assert!(receipt.to_string().contains("vouched for by Contoso IT"), "{receipt}");
}

#[test]
fn what_proves_nothing_is_refused_unasked() {
    let mut pair = allowing();
    let good = certificate(1, "Anna Berg", &pair);
    let mut forged = good.clone();
    forged.claim.until += 1;
    let mut unknown = Certificate::new(good.claim.clone(), &TestNotary(201));
    let signed = |claim: Claim| Certificate::new(claim, &TestNotary(ORGANISATION));
    let (from, until) = (good.claim.from, good.claim.until);
    for (bad, fault, code) in [
        (forged, CertificateFault::Forged, 6),
        (certificate(2, "Bob", &pair), CertificateFault::Foreign, 6),
        (unknown.clone(), CertificateFault::Unknown, 7),
        (signed(Claim { from: from + 60, ..good.claim.clone() }), CertificateFault::Early, 7),
        (signed(Claim { from: from - 60, until: from, ..good.claim.clone() }), CertificateFault::Expired, 7),
    ] {
        let seat = come(&mut pair, bad);
        assert_eq!(pair.seats[seat].end(), Some(End::Certificate(fault)));
        assert_eq!(End::Certificate(fault).exit_code(), code);
    }
    assert!(until > from && pair.questions.is_empty() && pair.log.is_empty(), "strangers are not recorded");
    // The name of an allowed organisation's key does not help.
    unknown.organisation = TestNotary(ORGANISATION).key();
    let seat = come(&mut pair, unknown);
    assert_eq!(pair.seats[seat].end(), Some(End::Certificate(CertificateFault::Forged)));
}

#[test]
fn a_host_that_knows_no_time_takes_no_certificate() {
    let mut pair = host();
    let good = certificate(1, "Anna Berg", &pair);
    let seat = come(&mut pair, good);
    assert_eq!(pair.seats[seat].end(), Some(End::Certificate(CertificateFault::Unknown)));
}

#[test]
fn two_officers_whose_names_are_alike_are_not_there_at_once() {
    let mut pair = live();
    let other = certificate(2, "anna BERG", &pair);
    let seat = pair.certify(stranger(2), request(Permissions::VIEW), other);
    pair.drive(SECOND);
    assert_eq!(pair.seats[seat].end(), Some(End::Certificate(CertificateFault::Name)));
}

#[test]
fn enrolment_goes_before_a_certificate_and_a_code_does_not_need_one() {
    let mut pair = allowing();
    let certificate = Certificate { signature: TestNotary(9).sign(b""), ..certificate(1, "Anna Berg", &pair) };
    pair.certify(officer(1, Permissions::VIEW), request(Permissions::ALL), certificate);
    pair.drive(SECOND);
    let (_, question) = &pair.questions[0];
    assert_eq!((&question.officer, &question.proof), (&"Officer 1".into(), &Proof::Enrolled));
    assert_eq!(question.permissions, Permissions::VIEW);
}

#[test]
fn nobody_comes_in_unasked_by_a_certificate() {
    let rules = Rules::new("desk", Asking::Nobody);
    let mut pair = Pair::new(rules, crate::people::SIZE);
    believe(&mut pair, |_| {});
    let good = certificate(1, "Anna Berg", &pair);
    let seat = come(&mut pair, good);
    assert_eq!(pair.seats[seat].end(), Some(End::Policy(PolicyReason::NoStandingGrant)));
}

#[test]
fn a_session_ends_with_its_certificate() {
    let mut pair = allowing();
    let good = certificate(1, "Anna Berg", &pair);
    let from = good.claim.from;
    // The user takes their time over the question: that is not added.
    let short = Certificate::new(Claim { until: from + 90, ..good.claim }, &TestNotary(ORGANISATION));
    come(&mut pair, short);
    pair.drive(49 * SECOND);
    pair.answer(Answer::Grant(Permissions::VIEW.into()));
    pair.drive(38 * SECOND);
    assert_eq!(pair.seats[0].end(), None);
    pair.drive(3 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Expired));
}

#[test]
fn what_the_host_takes_back_ends_or_narrows_its_sessions() {
    let mut pair = live();
    believe(&mut pair, |trust| trust.organisations.values_mut().for_each(|one| one.permit = Permissions::VIEW));
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
    believe(&mut pair, |_| {});
    pair.host.switch(pair.now, pair.id(0), Permissions::CONTROL);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW, "what was taken back stays so");
    believe(&mut pair, |trust| trust.organisations.clear());
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::Removed)));
}

#[test]
fn a_lost_session_goes_on_and_a_lost_claim_may_be_made_again() {
    let mut pair = live();
    pair.lose(0);
    pair.drive(SECOND);
    pair.reconnect(0, stranger(1), Profile::LAN);
    pair.drive(5 * SECOND);
    assert_eq!((pair.seats[0].viewer.permissions(), pair.seats[0].end()), (Permissions::CONTROL, None));
    // Where there is nothing to go on with, the officer asks anew.
    pair.lose(0);
    pair.host.end_all(End::HostLeft);
    pair.reconnect(0, stranger(1), Profile::LAN);
    pair.drive(SECOND);
    assert_eq!(pair.questions.len(), 1);
}

#[test]
fn a_revoked_key_is_refused_whatever_speaks_for_it() {
    let revoke = |trust: &mut Trust| trust.revoked.extend([key_of(1)]);
    let revoked = Some(End::Policy(PolicyReason::Revoked));
    // At once, in the middle of each kind of session.
    let mut certified = live();
    believe(&mut certified, revoke);
    certified.drive(SECOND);
    assert_eq!(certified.seats[0].end(), revoked);
    let mut enrolled = crate::people::live(Permissions::CONTROL, Profile::LAN);
    believe(&mut enrolled, revoke);
    enrolled.drive(SECOND);
    assert_eq!(enrolled.seats[0].end(), revoked);
    // And from then on.
    let mut pair = host();
    believe(&mut pair, revoke);
    let code = Code::draw([7; 8]);
    pair.host.offer_code(pair.now, Code::draw([7; 8]), [1; 32]);
    let good = certificate(1, "Anna Berg", &pair);
    let seats = [
        pair.connect(standing(1, Permissions::CONTROL), request(Permissions::VIEW), Profile::LAN),
        pair.certify(stranger(1), request(Permissions::VIEW), good),
        pair.introduce(stranger(1), request(Permissions::VIEW), &code),
    ];
    pair.drive(SECOND);
    assert!(seats.into_iter().all(|seat| pair.seats[seat].end() == revoked));
    assert!(pair.host.has_code(), "it did not even get to try the code");
}

#[test]
fn a_rotated_key_has_the_certificate_of_the_old_one() {
    let mut pair = allowing();
    believe(&mut pair, |trust| {
        trust.revoked.insert(key_of(1));
        for organisation in trust.organisations.values_mut() {
            organisation.successors.insert(key_of(1), key_of(3));
        }
    });
    let good = certificate(1, "Anna Berg", &pair);
    let new = pair.certify(stranger(3), request(Permissions::VIEW), good.clone());
    let other = pair.certify(stranger(4), request(Permissions::VIEW), good.clone());
    let old = come(&mut pair, good);
    assert_eq!((pair.seats[new].end(), pair.questions.len()), (None, 1));
    assert_eq!(pair.seats[other].end(), Some(End::Certificate(CertificateFault::Foreign)));
    assert_eq!(pair.seats[old].end(), Some(End::Policy(PolicyReason::Revoked)));
}

#[test]
fn the_longest_request_with_a_certificate_is_read_before_approval() {
    let pair = allowing();
    let good = certificate(1, &"ü".repeat(60), &pair);
    assert!(good.to_string().parse::<Certificate>().is_ok());
    let seal = beside_protocol::record::Seal { certificate: Some(Box::new(good)), ..beside_tests::seal_of_nothing(1) };
    let message = FromOfficer::Request(request(Permissions::VIEW.with(Permission::Control)), seal);
    assert!(message.encode().len() <= LIMIT_BEFORE_APPROVAL);
    assert_eq!(FromOfficer::decode(&message.encode()), Ok(message));
}

#[test]
fn a_list_follows_only_those_before_it() {
    let list = |serial, changes: &[Change]| {
        TeamList::new(Changes { serial, changes: changes.to_vec() }, &TestNotary(ORGANISATION))
    };
    let changes: Vec<_> = (1..4).map(|number| Change::Revoked(key_of(number))).collect();
    let known = list(5, &changes[..2]);
    assert_eq!(list(6, &changes).beyond(Some(&known)), Ok(&changes[2..]));
    assert_eq!(list(6, &changes).beyond(None), Ok(&changes[..]));
    for serial in [1, 5] {
        assert_eq!(list(serial, &changes).beyond(Some(&known)), Err(Stale::Older { serial, known: 5 }));
    }
    assert_eq!(list(7, &changes[1..]).beyond(Some(&known)), Err(Stale::Shortened { known: 5 }));
    // A key that was rotated twice has one successor; rotations that go in a circle have an end.
    let rotated = |old, new| Change::Rotated { old: key_of(old), new: key_of(new) };
    let twice = list(1, &[rotated(1, 2), rotated(2, 3), rotated(3, 1)]);
    assert_eq!(twice.successors()[&key_of(2)], key_of(1));
    assert!((1..4).all(|number| twice.revoked().contains(&key_of(number))));
}

fn any_claim() -> impl Strategy<Value = Claim> {
    ("[^\\p{C}]{1,60}", "[^\\p{C}]{1,60}", any::<u8>(), 0..u64::MAX / 2, 1..u64::MAX / 2)
        .prop_map(|(organisation, officer, key, from, length)| Claim {
            organisation,
            officer,
            key: key_of(key),
            from,
            until: from + length,
        })
        .prop_filter("lines", Claim::is_valid)
}

fn any_changes() -> impl Strategy<Value = Changes> {
    let change = prop_oneof![
        any::<u8>().prop_map(|key| Change::Revoked(key_of(key))),
        (0..100u8, 100..200u8).prop_map(|(old, new)| Change::Rotated { old: key_of(old), new: key_of(new) }),
    ];
    (1..u64::MAX, prop::collection::vec(change, 0..20)).prop_map(|(serial, changes)| Changes { serial, changes })
}

/// A text with one character in another's place, left out, added, or in another order.
fn mutated(text: &str, (at, kind, letter): (prop::sample::Index, u8, char)) -> String {
    let mut letters: Vec<_> = text.chars().collect();
    let at = at.index(letters.len());
    match kind {
        0 => letters[at] = letter,
        1 => drop(letters.remove(at)),
        2 => letters.insert(at, letter),
        3 => letters.truncate(at),
        _ => letters.rotate_left(at),
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each statement is read as it was written, and none that was altered verifies.
    #[test]
    fn no_altered_statement_verifies(
        claim in any_claim(),
        changes in any_changes(),
        mutation in (any::<prop::sample::Index>(), 0..5u8, prop::char::range('\u{20}', '\u{7e}')),
    ) {
        let certificate = Certificate::new(claim, &TestNotary(ORGANISATION));
        let token = certificate.to_string();
        prop_assert_eq!(token.parse::<Certificate>(), Ok(certificate.clone()));
        let time = Time::from_millis(certificate.claim.from.saturating_mul(1000));
        if let Ok(altered) = mutated(&token, mutation).parse::<Certificate>() {
            prop_assert!(altered == certificate || altered.check(time, verify) == Err(CertificateFault::Forged));
        }
        let list = TeamList::new(changes, &TestNotary(ORGANISATION));
        let token = list.to_string();
        prop_assert_eq!(token.parse::<TeamList>(), Ok(list.clone()));
        if let Ok(altered) = mutated(&token, mutation).parse::<TeamList>() {
            prop_assert!(altered == list || !altered.is_signed(verify));
        }
        // What is signed as the one is never taken for the other.
        prop_assert!(!verify(&list.organisation, &certificate.claim.bytes(), &list.signature));
    }
}
