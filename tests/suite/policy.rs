//! What the owner of a machine forbids, nobody can grant there: each setting, against a user who says yes to everything.

use crate::people::{SIZE, agreed, certificate, officer, request, request_with_ticket, standing, stranger, trust};
use beside_protocol::{
    session::{Agreements, Asking, Certified, Officer, Policy, Rules, Strangers, Tickets, contact::Code, host::Answer},
    wire::{End, Permission, Permissions, PolicyReason},
};
use beside_tests::{Pair, Profile, key_of};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A host under a policy, whose user is asked.
fn under(policy: Policy) -> Pair {
    Pair::new(Rules { policy, ..Rules::new("desk 12", Asking::User) }, SIZE)
}

/// What an officer gets who asks for everything for ten minutes, is enrolled for it, and is told yes if somebody is asked.
fn granted(pair: &mut Pair, who: Officer) -> Permissions {
    let seat = pair.connect(who, request(Permissions::ALL), Profile::LAN);
    pair.drive(SECOND);
    pair.answer(Answer::Grant(Permissions::ALL.into()));
    pair.drive(SECOND);
    pair.seats[seat].viewer.permissions()
}

#[test]
fn permissions() {
    let policy = Policy { permissions: Permissions::VIEW.with(Permission::Files), ..Policy::WIDEST };
    assert_eq!(granted(&mut under(policy), officer(1, Permissions::ALL)), policy.permissions);
    assert_eq!(granted(&mut under(policy), standing(1, Permissions::ALL)), policy.permissions, "a standing grant too");
    assert_eq!(
        granted(&mut under(policy), officer(1, Permissions::CONTROL)),
        Permissions::VIEW,
        "and no more than before"
    );
    // A record that changes while the session is on is narrowed as well.
    let mut pair = under(policy);
    granted(&mut pair, officer(1, Permissions::VIEW));
    let id = pair.id(0);
    pair.host.enrolled(pair.now, id, officer(1, Permissions::ALL).enrolment);
    pair.host.switch(pair.now, id, Permissions::ALL);
    pair.drive(SECOND);
    assert_eq!(pair.seats[0].viewer.permissions(), Permissions::VIEW);
}

#[test]
fn session() {
    let mut pair = under(Policy { session: 90 * SECOND, ..Policy::WIDEST });
    assert!(!granted(&mut pair, officer(1, Permissions::VIEW)).is_empty());
    pair.drive(85 * SECOND);
    assert_eq!(pair.seats[0].end(), None);
    pair.drive(5 * SECOND);
    assert_eq!(pair.seats[0].end(), Some(End::Expired));
}

#[test]
fn standing_grants() {
    // The officers' standing grants last for another hour.
    for (longest, asked) in [(Duration::ZERO, 1), (1_800 * SECOND, 1), (3_600 * SECOND, 0)] {
        let mut pair = under(Policy { standing: longest, ..Policy::WIDEST });
        pair.connect(standing(1, Permissions::VIEW), request(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        assert_eq!(pair.questions.len(), asked, "{longest:?}");
    }
    let rules =
        Rules { policy: Policy { standing: Duration::ZERO, ..Policy::WIDEST }, ..Rules::new("d", Asking::Nobody) };
    let mut pair = Pair::new(rules, SIZE);
    assert!(granted(&mut pair, standing(1, Permissions::ALL)).is_empty());
    assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NoStandingGrant)));
}

#[test]
fn officers() {
    let mut pair = under(Policy { officers: 1, ..Policy::WIDEST });
    assert!(!granted(&mut pair, officer(1, Permissions::VIEW)).is_empty());
    assert!(granted(&mut pair, officer(2, Permissions::VIEW)).is_empty());
    assert_eq!(pair.seats[1].end(), Some(End::Policy(PolicyReason::Full)));
}

#[test]
fn organisations() {
    let come = |policy| {
        let mut pair = under(policy);
        let trust = trust(pair.time());
        pair.host.trust(pair.now, trust);
        pair.certify(stranger(1), request(Permissions::ALL), certificate(1, "Anna Berg", &pair));
        pair.drive(SECOND);
        pair
    };
    assert_eq!(come(Policy::WIDEST).questions.len(), 1);
    let policy = Policy { permissions: Permissions::VIEW, session: 90 * SECOND, ..Policy::WIDEST };
    let (_, narrowed) = come(policy).questions.remove(0);
    assert_eq!((narrowed.permissions, narrowed.duration), (Permissions::VIEW, 90 * SECOND));
    let refused = come(Policy { certified: Certified::Refused, ..Policy::WIDEST });
    assert!(refused.questions.is_empty());
    assert_eq!(refused.seats[0].end(), Some(End::Policy(PolicyReason::Forbidden)));
}

#[test]
fn strangers() {
    let code = Code::draw([5; 8]);
    let come = |policy| {
        let mut pair = under(policy);
        pair.host.offer_code(pair.now, Code::draw([5; 8]), [1; 32]);
        pair.introduce(Officer { key: key_of(9), enrolment: None }, request(Permissions::ALL), &code);
        pair.drive(SECOND);
        pair
    };
    assert_eq!(come(Policy::WIDEST).questions.len(), 1);
    let refused = come(Policy { strangers: Strangers::Refused, ..Policy::WIDEST });
    assert!(refused.questions.is_empty());
    assert_eq!(refused.seats[0].end(), Some(End::Policy(PolicyReason::Forbidden)));
}

#[test]
fn ticket() {
    let policy = Policy { ticket: Tickets::Required, ..Policy::WIDEST };
    for who in [officer(1, Permissions::VIEW), standing(1, Permissions::VIEW)] {
        let mut pair = under(policy);
        assert!(granted(&mut pair, who.clone()).is_empty());
        assert_eq!(pair.seats[0].end(), Some(End::Policy(PolicyReason::NoTicket)));
        pair.connect(who, request_with_ticket(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        pair.answer(Answer::Grant(Permissions::VIEW.into()));
        pair.drive(SECOND);
        assert_eq!(pair.seats[1].viewer.permissions(), Permissions::VIEW);
    }
    // Who has the code of the user's screen needs one as well.
    let mut pair = under(policy);
    pair.host.offer_code(pair.now, Code::draw([5; 8]), [1; 32]);
    let stranger = Officer { key: key_of(9), enrolment: None };
    pair.introduce(stranger, request(Permissions::VIEW), &Code::draw([5; 8]));
    pair.drive(SECOND);
    assert_eq!((pair.questions.len(), pair.seats[0].end()), (0, Some(End::Policy(PolicyReason::NoTicket))));
}

#[test]
fn agreements() {
    for (agreements, asked) in [(Agreements::Allowed, 0), (Agreements::Refused, 1)] {
        let mut pair = under(Policy { agreements, ..Policy::WIDEST });
        pair.connect(agreed(1, Permissions::VIEW), request_with_ticket(Permissions::VIEW), Profile::LAN);
        pair.drive(SECOND);
        assert_eq!(pair.questions.len(), asked, "{agreements:?}");
        // Nor do records that change later bring one.
        let id = pair.id(0);
        pair.host.enrolled(pair.now, id, agreed(1, Permissions::VIEW).enrolment);
        pair.drive(SECOND);
        assert_eq!(pair.questions.len(), asked, "{agreements:?}");
    }
}
