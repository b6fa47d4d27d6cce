//! Officers, requests and hosts that many tests need.

use beside_protocol::{
    frame::Size,
    session::{Asking, Enrolment, Officer, Rules, host::Answer},
    wire::{Permissions, Request},
};
use beside_tests::{Pair, Profile, key_of};
use std::time::Duration;

pub(crate) const SIZE: Size = Size::new(320, 200);

/// An enrolled officer.
pub(crate) fn officer(number: u8, permit: Permissions) -> Officer {
    let enrolment = Enrolment { name: format!("Officer {number}"), permit, standing: None };
    Officer { key: key_of(number), enrolment: Some(enrolment) }
}

/// An officer whom the host's owner lets in without a question for another hour.
pub(crate) fn standing(number: u8, permit: Permissions) -> Officer {
    let standing = Some(Duration::from_secs(3600));
    let officer = officer(number, permit);
    Officer { enrolment: officer.enrolment.map(|enrolment| Enrolment { standing, ..enrolment }), ..officer }
}

/// A request for ten minutes.
pub(crate) fn request(permissions: Permissions) -> Request {
    Request { reason: "printer on floor 2".into(), permissions, seconds: 600, display: None }
}

/// A host that asks its user.
pub(crate) fn host() -> Pair {
    Pair::new(Rules::new("desk 12", Asking::User), SIZE)
}

/// A host with one officer in a session, granted by the user.
pub(crate) fn live(permissions: Permissions, profile: Profile) -> Pair {
    let mut pair = host();
    pair.connect(officer(1, permissions), request(permissions), profile);
    pair.drive(Duration::from_secs(2));
    assert!(pair.answer(Answer::Grant(permissions)));
    pair.drive(Duration::from_secs(5));
    pair
}
