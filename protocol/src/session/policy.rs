//! What the owner of a machine forbids. A policy only ever narrows what the machine's user may grant.

use super::admission::Enrolment;
use crate::wire::{Permission, Permissions, Request};
use std::time::Duration;

/// The limits within which a user may grant anything. [`Policy::WIDEST`] is no policy at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The most that anybody may be granted.
    pub permissions: Permissions,
    /// How long a session may last.
    pub session: Duration,
    /// How long a standing grant may still last: one that lasts longer counts as none. With zero there are none.
    pub standing: Duration,
    /// How many officers may be there at once.
    pub officers: usize,
    /// Whether anybody may come who is not enrolled.
    pub strangers: Strangers,
}

/// What becomes of officers whom the machine's records don't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strangers {
    /// They are refused, whatever they know.
    Refused,
    /// They may ask if they have the user's one-time code.
    WithCode,
}

impl Policy {
    /// Allows all that a user may grant.
    pub const WIDEST: Self = Self {
        permissions: Permissions::ALL,
        session: Duration::from_secs(Request::MAX_SECONDS as u64),
        standing: Duration::MAX,
        officers: usize::MAX,
        strangers: Strangers::WithCode,
    };

    /// What both policies allow.
    pub fn both(self, other: Self) -> Self {
        Self {
            permissions: self.permissions.both(other.permissions),
            session: self.session.min(other.session),
            standing: self.standing.min(other.standing),
            officers: self.officers.min(other.officers),
            strangers: self.strangers.min(other.strangers),
        }
    }

    /// Whether it lets anybody see anything.
    pub const fn allows_anything(&self) -> bool {
        self.permissions.has(Permission::View) && !self.session.is_zero() && self.officers > 0
    }

    /// What is left of an enrolment under this policy.
    pub fn narrow(&self, enrolment: Enrolment) -> Enrolment {
        Enrolment {
            permit: enrolment.permit.both(self.permissions),
            standing: enrolment.standing.filter(|left| *left <= self.standing),
            ..enrolment
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_policy() -> impl Strategy<Value = Policy> {
        let permissions = prop::collection::vec(any::<bool>(), Permission::ALL.len()).prop_map(|on| {
            Permission::ALL.into_iter().zip(on).filter(|(_, on)| *on).map(|(permission, _)| permission).collect()
        });
        let strangers = prop_oneof![Just(Strangers::Refused), Just(Strangers::WithCode)];
        (permissions, 0..=8 * 3600u64, 0..40_000u64, 0..9usize, strangers).prop_map(
            |(permissions, session, standing, officers, strangers)| Policy {
                permissions,
                session: Duration::from_secs(session),
                standing: Duration::from_secs(standing),
                officers,
                strangers,
            },
        )
    }

    /// Whether each setting of `a` allows no more than that of `b`.
    fn is_within(a: &Policy, b: &Policy) -> bool {
        a.permissions.both(b.permissions) == a.permissions
            && a.session <= b.session
            && a.standing <= b.standing
            && a.officers <= b.officers
            && a.strangers <= b.strangers
    }

    proptest! {
        #[test]
        fn two_policies_allow_no_more_than_either(a in any_policy(), b in any_policy()) {
            let both = a.both(b);
            prop_assert!(is_within(&both, &a) && is_within(&both, &b) && is_within(&both, &Policy::WIDEST));
            prop_assert_eq!(both, b.both(a));
            prop_assert_eq!(a.both(Policy::WIDEST), a.both(a));
        }

        #[test]
        fn an_enrolment_is_never_widened(policy in any_policy(), permit in any_policy(), left in prop::option::of(0..50_000u64)) {
            let enrolment =
                Enrolment { name: "Ann".into(), permit: permit.permissions, standing: left.map(Duration::from_secs) };
            let narrowed = policy.narrow(enrolment.clone());
            prop_assert_eq!(narrowed.permit, narrowed.permit.both(enrolment.permit).both(policy.permissions));
            prop_assert!(narrowed.standing.is_none_or(|left| Some(left) == enrolment.standing && left <= policy.standing));
            prop_assert_eq!(narrowed.name, enrolment.name);
        }
    }
}
