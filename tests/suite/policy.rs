//! What the owner of a machine forbids, nobody can grant there: each setting, against a user who says yes to everything.

use crate::people::{SIZE, officer, request, standing};
use beside_protocol::{
    session::{Asking, Officer, Policy, Rules, Strangers, contact::Code, host::Answer},
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
    pair.answer(Answer::Grant(Permissions::ALL));
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
