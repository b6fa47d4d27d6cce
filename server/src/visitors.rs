//! Commands about single officers besides `allow` and `forget`: who is blocked, and what is agreed to beforehand.

use beside_protocol::{
    record::{Entry, Time},
    session::Agreements,
    wire::{Fingerprint, Permissions},
};
use beside_shell::{
    agreement::{Agreement, AgreementError},
    audit::AuditLog,
    moment::Moment,
    policy,
    program::{Common, Failure},
    state::StateDir,
    store::{Block, BlockedKeys, Officers},
};
use clap::Args;
use serde_json::json;
use std::time::SystemTime;

#[derive(Debug, Args)]
pub(crate) struct AgreeArguments {
    /// The officer's KEY, as `officers` lists it
    key: Fingerprint,
    /// The ticket that the officer has to name, to the letter
    #[arg(long, value_name = "TEXT")]
    ticket: String,
    /// From when: 18:00 is the next such time here; or 2026-01-31T18:00:00+01:00
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// Until when: the next such time after that; sessions that began so end then
    #[arg(long, value_name = "TIME")]
    until: Moment,
    /// The most that is granted [default: all that the officer is enrolled for]
    #[arg(long, value_name = "LIST")]
    permit: Option<Permissions>,
}

#[derive(Debug, Args)]
pub(crate) struct DisagreeArguments {
    /// The officer's KEY
    key: Fingerprint,
    /// For which ticket [default: all of them]
    #[arg(long, value_name = "TEXT")]
    ticket: Option<String>,
}

/// Lets an officer in without a question within a time, with a ticket.
pub(crate) fn agree(state: &StateDir, arguments: AgreeArguments) -> Result<(), Failure> {
    let AgreeArguments { key, ticket, from, until, permit } = arguments;
    if policy::read(state)?.agreements == Agreements::Refused {
        return Err(Failure::new(Failure::POLICY, "the policy of this machine lets nobody in by an agreement"));
    }
    let usage = |error: &dyn std::error::Error| Failure::new(Failure::USAGE, error.to_string());
    let now = Time::from(SystemTime::now());
    let from = from.after(now).map_err(|error| usage(&error))?;
    let until = until.after(from).map_err(|error| usage(&error))?;
    let mut officers = Officers::open(state)?;
    let permit = permit.or_else(|| Some(officers.get(&key)?.permit)).unwrap_or_default();
    let agreement = Agreement { ticket, permit, from, until };
    let refused = |error| match error {
        AgreementError::Store(error) => error.into(),
        AgreementError::NotEnrolled(_) | AgreementError::TooMany => Failure::other(error),
        error => usage(&error),
    };
    officers.check_agreement(&key, &agreement, now).map_err(refused)?;
    // What permits something takes effect when it is recorded.
    AuditLog::open(state)?
        .append(None, Entry::Agreed { key, ticket: agreement.ticket.clone(), permit, from, until })?;
    officers.agree(&key, agreement, now).map_err(refused)
}

/// Takes agreements back; sessions that rest on them end soon.
pub(crate) fn disagree(state: &StateDir, arguments: DisagreeArguments) -> Result<(), Failure> {
    let DisagreeArguments { key, ticket } = arguments;
    if Officers::open(state)?.disagree(&key, ticket.as_deref())? == 0 {
        return Err(Failure::other(format!("nothing like that is agreed with the key {key}; see `agreements`")));
    }
    // What takes something away comes first.
    AuditLog::open(state)?.append(None, Entry::Disagreed { key, ticket })?;
    Ok(())
}

/// Lists what is agreed to and not over yet.
pub(crate) fn agreements(common: &Common) -> Result<(), Failure> {
    let now = Time::from(SystemTime::now());
    for (key, officer) in Officers::open(&common.state()?)?.iter() {
        for Agreement { ticket, permit, from, until } in officer.agreements.iter().filter(|agreed| now < agreed.until) {
            let line = format!("{key}  {from}  {until}  {permit}  {}  {ticket}", officer.name);
            let object = json!({
                "key": key, "name": officer.name, "ticket": ticket, "permit": permit.to_string(), "from": from, "until": until,
            });
            common.print(&line, &object);
        }
    }
    Ok(())
}

/// Blocks a key, enrolled or not.
pub(crate) fn block(state: &StateDir, key: Fingerprint) -> Result<(), Failure> {
    BlockedKeys::open(state)?.put(key, Block { since: SystemTime::now().into() })?;
    AuditLog::open(state)?.append(None, Entry::Blocked { key })?;
    Ok(())
}

/// Blocks a key no more.
pub(crate) fn unblock(state: &StateDir, key: Fingerprint) -> Result<(), Failure> {
    let mut blocked = BlockedKeys::open(state)?;
    if blocked.get(&key).is_none() {
        return Err(Failure::other(format!("the key {key} is not blocked; see `officers`")));
    }
    AuditLog::open(state)?.append(None, Entry::Unblocked { key })?;
    blocked.remove(&key)?;
    Ok(())
}

/// Lists blocked keys, after the officers.
pub(crate) fn list_blocked(common: &Common, blocked: &BlockedKeys) {
    for (key, Block { since }) in blocked.iter() {
        let words = key.words();
        let object = json!({ "key": key, "words": words, "blocked_since": since });
        common.print(&format!("{key}  blocked since {since}  ({words})"), &object);
    }
}
