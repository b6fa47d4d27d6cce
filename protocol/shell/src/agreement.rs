//! What a user agrees to beforehand: within a time, an enrolled officer who names a ticket comes in without a question.

use crate::store::{Officers, StoreError, permission_list};
use beside_protocol::{
    record::Time,
    wire::{Fingerprint, Permission, Permissions, Request},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long the time of an agreement may be.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// How far ahead it may end: who agreed to it shall still know.
const AHEAD: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many agreements one officer may have at a time.
const MOST: usize = 20;

/// What the user has agreed to beforehand. It holds as often as needed within its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The ticket that has to be named, to the letter.
    pub ticket: String,
    /// The most that is granted.
    #[serde(with = "permission_list")]
    pub permit: Permissions,
    /// From when.
    pub from: Time,
    /// Until when; a session that began by it ends then.
    pub until: Time,
}

/// Why something can't be agreed to.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// The officer is nobody's.
    #[error("no officer with the key {0} is enrolled; see `officers`")]
    NotEnrolled(Fingerprint),
    /// The ticket can't be one.
    #[error("a ticket is one line of 1 to {} bytes, without spaces around it", Request::MAX_TICKET)]
    Ticket,
    /// It would permit more than the enrolment.
    #[error("the officer is enrolled for {0} at most")]
    TooMuch(Permissions),
    /// It would not let the officer see.
    #[error("--permit needs view: whoever may do something must see what they do")]
    Blind,
    /// The time ends before it begins, or has ended.
    #[error("the time ends before it begins, or is over")]
    Over,
    /// The time is too long.
    #[error("the time may be {} h long at most; for more make a standing grant", LONGEST.as_secs() / 3600)]
    TooLong,
    /// The time is too far away.
    #[error("the time may end at most {} days from now", AHEAD.as_secs() / 86_400)]
    TooFar,
    /// There are too many already.
    #[error("the officer has {MOST} agreements already; take some back with `disagree`")]
    TooMany,
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Agreement {
    /// Whether it holds at that time.
    pub fn is_current(&self, now: Time) -> bool {
        self.from <= now && now < self.until
    }

    fn check(&self, now: Time) -> Result<(), AgreementError> {
        if !Request::is_ticket(&self.ticket) {
            return Err(AgreementError::Ticket);
        }
        if !self.permit.has(Permission::View) {
            return Err(AgreementError::Blind);
        }
        if self.until <= self.from || self.until <= now {
            return Err(AgreementError::Over);
        }
        if self.until > self.from.after(LONGEST) {
            return Err(AgreementError::TooLong);
        }
        if self.until > now.after(AHEAD) {
            return Err(AgreementError::TooFar);
        }
        Ok(())
    }
}

impl Officers {
    /// Whether this can be agreed to with an officer, before it is.
    pub fn check_agreement(&self, key: &Fingerprint, agreement: &Agreement, now: Time) -> Result<(), AgreementError> {
        let officer = self.get(key).ok_or(AgreementError::NotEnrolled(*key))?;
        agreement.check(now)?;
        if agreement.permit.both(officer.permit) != agreement.permit {
            return Err(AgreementError::TooMuch(officer.permit));
        }
        let others = officer.agreements.iter().filter(|other| now < other.until).count();
        if others < MOST { Ok(()) } else { Err(AgreementError::TooMany) }
    }

    /// Keeps an agreement with an officer; those whose time is over go.
    pub fn agree(&mut self, key: &Fingerprint, agreement: Agreement, now: Time) -> Result<(), AgreementError> {
        self.check_agreement(key, &agreement, now)?;
        self.change(|officers| {
            if let Some(officer) = officers.get_mut(key) {
                officer.agreements.retain(|other| now < other.until);
                officer.agreements.push(agreement);
            }
        })?;
        Ok(())
    }

    /// Takes back what was agreed with an officer for a ticket, or all of it; how much that was.
    pub fn disagree(&mut self, key: &Fingerprint, ticket: Option<&str>) -> Result<usize, StoreError> {
        self.change(|officers| {
            let Some(officer) = officers.get_mut(key) else { return 0 };
            let before = officer.agreements.len();
            officer.agreements.retain(|other| ticket.is_some_and(|ticket| other.ticket != ticket));
            before - officer.agreements.len()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{state::tests::temporary, store::Enrolment};
    use std::time::SystemTime;

    const ANN: Fingerprint = Fingerprint([1; 32]);
    const NOW: Time = Time::from_millis(1_800_000_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    fn agreement(from: Time, until: Time) -> Agreement {
        Agreement { ticket: "4711".into(), permit: Permissions::VIEW, from, until }
    }

    fn officers(state: &crate::state::StateDir) -> Officers {
        let mut officers = Officers::open(state).unwrap();
        officers.put(ANN, Enrolment::new("Ann".parse().unwrap(), Permissions::CONTROL)).unwrap();
        officers
    }

    #[test]
    fn it_holds_in_its_time_and_survives_a_restart() {
        let (_parent, state) = temporary();
        let (from, until) = (NOW.after(HOUR), NOW.after(3 * HOUR));
        officers(&state).agree(&ANN, agreement(from, until), NOW).unwrap();
        let mut officers = Officers::open(&state).unwrap();
        let held = |officers: &Officers, at: Time| {
            let at = SystemTime::UNIX_EPOCH + Duration::from_millis(at.millis());
            officers.lookup(&ANN, at).unwrap().agreements.len()
        };
        assert_eq!([NOW, from, until.before(HOUR), until].map(|at| held(&officers, at)), [0, 1, 1, 0]);
        assert_eq!(officers.disagree(&ANN, Some("other")).unwrap(), 0);
        assert_eq!(officers.disagree(&ANN, Some("4711")).unwrap(), 1);
        assert_eq!(held(&officers, from), 0);
    }

    #[test]
    fn what_goes_too_far_is_refused() {
        let (_parent, state) = temporary();
        let officers = officers(&state);
        let check = |agreement: Agreement| officers.check_agreement(&ANN, &agreement, NOW);
        let good = agreement(NOW.before(HOUR), NOW.after(HOUR));
        assert!(check(good.clone()).is_ok());
        assert!(matches!(
            officers.check_agreement(&Fingerprint([2; 32]), &good, NOW),
            Err(AgreementError::NotEnrolled(_))
        ));
        assert!(matches!(check(Agreement { ticket: "a\nb".into(), ..good.clone() }), Err(AgreementError::Ticket)));
        assert!(matches!(
            check(Agreement { permit: Permissions::ALL, ..good.clone() }),
            Err(AgreementError::TooMuch(_))
        ));
        assert!(matches!(check(Agreement { permit: Permissions::NONE, ..good }), Err(AgreementError::Blind)));
        assert!(matches!(check(agreement(NOW.before(2 * HOUR), NOW)), Err(AgreementError::Over)));
        assert!(matches!(check(agreement(NOW.after(HOUR), NOW.after(HOUR))), Err(AgreementError::Over)));
        assert!(check(agreement(NOW, NOW.after(24 * HOUR))).is_ok());
        assert!(matches!(check(agreement(NOW, NOW.after(25 * HOUR))), Err(AgreementError::TooLong)));
        let month = NOW.after(30 * 24 * HOUR);
        assert!(check(agreement(month.before(HOUR), month)).is_ok());
        assert!(matches!(check(agreement(month, month.after(HOUR))), Err(AgreementError::TooFar)));
    }

    #[test]
    fn there_are_not_too_many_and_old_ones_make_room() {
        let (_parent, state) = temporary();
        let mut officers = officers(&state);
        for _ in 0..MOST {
            officers.agree(&ANN, agreement(NOW, NOW.after(HOUR)), NOW).unwrap();
        }
        let next = agreement(NOW, NOW.after(2 * HOUR));
        assert!(matches!(officers.agree(&ANN, next.clone(), NOW), Err(AgreementError::TooMany)));
        officers.agree(&ANN, next, NOW.after(HOUR)).unwrap();
        assert_eq!(officers.get(&ANN).unwrap().agreements.len(), 1);
    }
}
