//! Officers, requests and hosts that many tests need.

use beside_protocol::{
    frame::Size,
    record::{Certificate, Check, Claim, Entry, Time},
    session::{
        Agreement, Asking, Enrolment, Names, Officer, Organisation, Rules, Trust,
        host::{Answer, Event, SessionId},
    },
    wire::{Action, End, Fingerprint, Permissions, Press, Request},
};
use beside_tests::{Pair, Profile, TestNotary, key_of};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub(crate) const SIZE: Size = Size::new(320, 200);

/// An enrolled officer.
pub(crate) fn officer(number: u8, permit: Permissions) -> Officer {
    let enrolment = Enrolment::new(&format!("Officer {number}"), permit);
    Officer { key: key_of(number), enrolment: Some(enrolment) }
}

/// An officer whom the host's owner lets in without a question for another hour.
pub(crate) fn standing(number: u8, permit: Permissions) -> Officer {
    let standing = Some(Duration::from_secs(3600));
    let officer = officer(number, permit);
    Officer { enrolment: officer.enrolment.map(|enrolment| Enrolment { standing, ..enrolment }), ..officer }
}

/// An officer whom the host's records don't have.
pub(crate) fn stranger(number: u8) -> Officer {
    Officer { key: key_of(number), enrolment: None }
}

/// The organisation that hosts of tests allow, and its number as a notary.
pub(crate) const ORGANISATION: u8 = 200;

/// What the records say that allow it for control, at that time.
pub(crate) fn trust(time: Time) -> Trust {
    let (name, permit) = ("Contoso IT".to_owned(), Permissions::CONTROL);
    let organisation = Organisation { name, permit, successors: BTreeMap::new() };
    Trust {
        time,
        organisations: [(key_of(ORGANISATION), organisation)].into(),
        names: Arc::new(AnyName),
        ..Trust::none()
    }
}

/// A certificate of that organisation for an officer's number, good for an hour from then on.
pub(crate) fn certificate(number: u8, name: &str, pair: &Pair) -> Certificate {
    let from = pair.time().millis() / 1000;
    let (organisation, officer) = ("What it calls itself".into(), name.into());
    let claim = Claim { organisation, officer, key: key_of(number), from, until: from + 3600 };
    Certificate::new(claim, &TestNotary(ORGANISATION))
}

/// Takes any name; those are alike that differ in case only.
#[derive(Debug)]
struct AnyName;

impl Names for AnyName {
    fn admits(&self, name: &str, _key: &Fingerprint) -> Option<String> {
        Some(name.to_owned())
    }

    fn are_alike(&self, one: &str, other: &str) -> bool {
        one.to_lowercase() == other.to_lowercase()
    }
}

/// The ticket of agreements.
pub(crate) const TICKET: &str = "INC 4711";

/// An officer whom the host's user has agreed to let in for another hour, with [`TICKET`].
pub(crate) fn agreed(number: u8, permit: Permissions) -> Officer {
    let agreements = vec![Agreement { ticket: TICKET.into(), permit, left: Duration::from_secs(3600) }];
    let officer = officer(number, permit);
    Officer { enrolment: officer.enrolment.map(|enrolment| Enrolment { agreements, ..enrolment }), ..officer }
}

/// A request for ten minutes that names [`TICKET`].
pub(crate) fn request_with_ticket(permissions: Permissions) -> Request {
    Request { ticket: Some(TICKET.into()), ..request(permissions) }
}

/// A request for ten minutes.
pub(crate) fn request(permissions: Permissions) -> Request {
    Request { reason: "printer on floor 2".into(), permissions, seconds: 600, display: None, ticket: None }
}

/// A host that asks its user.
pub(crate) fn host() -> Pair {
    Pair::new(Rules::new("desk 12", Asking::User), SIZE)
}

/// What the host has recorded.
pub(crate) fn entries(pair: &Pair) -> Vec<Entry> {
    let mut check = Check::new(None);
    let lines: Vec<_> = pair.log.iter().map(|line| check.line(line.as_bytes()).expect("a good log")).collect();
    check.finish().expect("a good log");
    lines.into_iter().map(|line| line.what).collect()
}

/// The kinds of that.
pub(crate) fn kinds(pair: &Pair) -> Vec<String> {
    let kind = |entry| serde_json::to_value(entry).expect("JSON")["kind"].as_str().expect("a kind").to_owned();
    entries(pair).into_iter().map(kind).collect()
}

/// The sessions that have ended, why, and whether they were on: the only events that there are.
pub(crate) fn over(pair: &Pair) -> Vec<(SessionId, End, bool)> {
    let over = |event: &Event| match event {
        Event::Ended { session, end, was_live, .. } => (*session, *end, *was_live),
        other => panic!("{other:?}"),
    };
    pair.events.iter().map(over).collect()
}

/// Whether nothing but releases was injected while the user was being asked something.
pub(crate) fn waits_for_answers(pair: &Pair) -> bool {
    let lets_go = |action: &Action| matches!(action, Action::Key(_, Press::Up) | Action::Button(_, Press::Up));
    let mut injected = pair.injected.iter().zip(&pair.moments);
    injected.all(|(injection, (_, asked))| !asked || lets_go(injection.action()))
}

/// A host with one officer in a session, granted by the user.
pub(crate) fn live(permissions: Permissions, profile: Profile) -> Pair {
    let mut pair = host();
    pair.connect(officer(1, permissions), request(permissions), profile);
    pair.drive(Duration::from_secs(2));
    assert!(pair.answer(Answer::Grant(permissions.into())));
    pair.drive(Duration::from_secs(5));
    pair
}
