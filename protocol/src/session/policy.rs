//! What the owner of a machine forbids. A policy only ever narrows what the machine's user may grant.

use super::admission::Enrolment;
use crate::wire::{Permission, Permissions, Request, Return};
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
    /// Whether a request has to name a ticket.
    pub ticket: Tickets,
    /// Whether anybody may come in without a question because the user has agreed to it for a time.
    pub agreements: Agreements,
    /// Whether organisations may vouch for officers who are not enrolled.
    pub certified: Certified,
    /// The most that a user may allow for after a restart of the computer.
    pub restarts: Return,
}

/// What becomes of officers for whom an organisation vouches, and nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certified {
    /// Their certificates count for nothing.
    Refused,
    /// They may ask.
    MayAsk,
}

/// What becomes of officers whom the machine's records don't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strangers {
    /// They are refused, whatever they know.
    Refused,
    /// They may ask if they have the user's one-time code.
    WithCode,
}

/// Whether a request has to name a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tickets {
    /// One without is refused before anybody is asked.
    Required,
    /// It may.
    Optional,
}

/// What becomes of agreements that the user has made beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreements {
    /// They count for nothing.
    Refused,
    /// They let in whom they name.
    Allowed,
}

impl Policy {
    /// Allows all that a user may grant.
    pub const WIDEST: Self = Self {
        permissions: Permissions::ALL,
        session: Duration::from_secs(Request::MAX_SECONDS as u64),
        standing: Duration::MAX,
        officers: usize::MAX,
        strangers: Strangers::WithCode,
        certified: Certified::MayAsk,
        ticket: Tickets::Optional,
        agreements: Agreements::Allowed,
        restarts: Return::Once,
    };

    /// What both policies allow.
    pub fn both(self, other: Self) -> Self {
        Self {
            permissions: self.permissions.both(other.permissions),
            session: self.session.min(other.session),
            standing: self.standing.min(other.standing),
            officers: self.officers.min(other.officers),
            strangers: self.strangers.min(other.strangers),
            certified: self.certified.min(other.certified),
            ticket: self.ticket.min(other.ticket),
            agreements: self.agreements.min(other.agreements),
            restarts: self.restarts.min(other.restarts),
        }
    }

    /// Whether it lets anybody see anything.
    pub const fn allows_anything(&self) -> bool {
        self.permissions.has(Permission::View) && !self.session.is_zero() && self.officers > 0
    }

    /// What is left of an enrolment under this policy.
    pub fn narrow(&self, enrolment: Enrolment) -> Enrolment {
        let agreements = match self.agreements {
            Agreements::Refused => Vec::new(),
            Agreements::Allowed => enrolment.agreements,
        };
        Enrolment {
            permit: enrolment.permit.both(self.permissions),
            standing: enrolment.standing.filter(|left| *left <= self.standing),
            agreements,
            back: enrolment.back.filter(|_| self.restarts == Return::Once),
            ..enrolment
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Agreement, WayBack};
    use proptest::prelude::*;

    fn any_policy() -> impl Strategy<Value = Policy> {
        let permissions = prop::collection::vec(any::<bool>(), Permission::ALL.len()).prop_map(|on| {
            Permission::ALL.into_iter().zip(on).filter(|(_, on)| *on).map(|(permission, _)| permission).collect()
        });
        let strangers = prop_oneof![Just(Strangers::Refused), Just(Strangers::WithCode)];
        let certified = prop_oneof![Just(Certified::Refused), Just(Certified::MayAsk)];
        let ticket = prop_oneof![Just(Tickets::Required), Just(Tickets::Optional)];
        let agreements = prop_oneof![Just(Agreements::Refused), Just(Agreements::Allowed)];
        let restarts = prop_oneof![Just(Return::AskAgain), Just(Return::Once)];
        let numbers = (0..=8 * 3600u64, 0..40_000u64, 0..9usize);
        (permissions, numbers, strangers, certified, ticket, agreements, restarts).prop_map(
            |(permissions, (session, standing, officers), strangers, certified, ticket, agreements, restarts)| Policy {
                permissions,
                session: Duration::from_secs(session),
                standing: Duration::from_secs(standing),
                officers,
                strangers,
                certified,
                ticket,
                agreements,
                restarts,
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
            && a.certified <= b.certified
            && a.ticket <= b.ticket
            && a.agreements <= b.agreements
            && a.restarts <= b.restarts
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
            let agreement = Agreement { ticket: "7".into(), permit: permit.permissions, left: Duration::from_secs(60) };
            let (display, ticket, left_of) = (None, None, Duration::from_secs(60));
            let back = WayBack { permissions: permit.permissions, display, ticket, left: left_of, open: left_of };
            let enrolment = Enrolment {
                back: Some(back.clone()),
                standing: left.map(Duration::from_secs),
                agreements: vec![agreement.clone()],
                ..Enrolment::new("Ann", permit.permissions)
            };
            let narrowed = policy.narrow(enrolment.clone());
            prop_assert_eq!(narrowed.permit, narrowed.permit.both(enrolment.permit).both(policy.permissions));
            prop_assert!(narrowed.standing.is_none_or(|left| Some(left) == enrolment.standing && left <= policy.standing));
            let agreed = if policy.agreements == Agreements::Allowed { vec![agreement] } else { Vec::new() };
            prop_assert_eq!(narrowed.agreements, agreed);
            prop_assert_eq!(narrowed.back, (policy.restarts == Return::Once).then_some(back));
            prop_assert_eq!(narrowed.name, enrolment.name);
        }
    }
}
