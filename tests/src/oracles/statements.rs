//! What must hold for any bytes that are taken for a signed statement of an organisation.

use crate::notary::verify;
use beside_protocol::record::{Certificate, TeamList, Time};
use std::{fmt::Display, str::FromStr};

/// A certificate: what is read is written in one way only, and its check does no harm.
pub fn certificate(bytes: &[u8]) -> bool {
    let Some(certificate) = read::<Certificate>(bytes) else { return false };
    assert!(certificate.is_valid(), "a certificate beyond its limits");
    let good = certificate.check(Time::from_millis(1_850_000_000_000), verify).is_ok();
    let claim = &certificate.claim;
    assert!(!good || (claim.from..claim.until).contains(&1_850_000_000), "it holds at another time");
    true
}

/// The list of a team: the same, and each key that gave its place is revoked.
pub fn team_list(bytes: &[u8]) -> bool {
    let Some(list) = read::<TeamList>(bytes) else { return false };
    let revoked = list.revoked();
    assert!(list.successors().keys().all(|old| revoked.contains(old)), "a key that is not revoked gave its place");
    list.is_signed(verify);
    assert!(list.beyond(Some(&list)).is_err(), "a list is newer than itself");
    true
}

fn read<T: FromStr + Display>(bytes: &[u8]) -> Option<T> {
    let text = str::from_utf8(bytes).ok()?;
    let token: T = text.parse().ok()?;
    assert_eq!(token.to_string(), text.trim(), "one statement in two forms");
    Some(token)
}
