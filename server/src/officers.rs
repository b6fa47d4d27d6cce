//! The commands about officers and organisations: enrolling, listing, removing, and the lists of teams.

use crate::visitors;
use beside_protocol::{
    record::{Entry, Time},
    session::Policy,
    wire::{Fingerprint, Permission, Permissions},
};
use beside_shell::{
    audit::AuditLog,
    authority::read_token,
    name::Name,
    organisations::{AllowedOrganisation, Circle, Organisations},
    policy,
    program::{Common, Failure, duration},
    state::StateDir,
    store::{BlockedKeys, Enrolment, Officers},
    team::import,
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

/// Enrols an officer.
#[derive(Debug, Args)]
pub(crate) struct AllowArguments {
    /// What `beside-viewer identity` prints on the officer's machine
    key: Fingerprint,
    /// What the user will read when this officer asks
    #[arg(long)]
    name: Name,
    /// The most that may be granted: view, control, clipboard, files, diagnose, terminal
    #[arg(long, value_name = "LIST")]
    permit: Permissions,
    /// Lets the officer in without a question; needs --for
    #[arg(long, requires = "duration")]
    unattended: bool,
    /// How long without a question: 90s, 30m, 8h, 7d
    #[arg(long = "for", id = "duration", value_name = "DURATION", value_parser = duration, requires = "unattended")]
    duration: Option<Duration>,
    /// The organisation that vouches for the officer: its lists may give the enrolment to another key of theirs
    #[arg(long, value_name = "KEY")]
    organisation: Option<Fingerprint>,
}

/// Lets an organisation vouch for officers.
#[derive(Debug, Args)]
pub(crate) struct AllowOrganisationArguments {
    /// What `beside-viewer organisation show` prints on the organisation's machine
    key: Fingerprint,
    /// What the user will read behind the names of its officers
    #[arg(long)]
    name: Name,
    /// The most that one of its officers may be granted; the user is always asked
    #[arg(long, value_name = "LIST")]
    permit: Permissions,
}

/// What is done with the list of a team.
#[derive(Debug, Subcommand)]
pub(crate) enum TeamCommand {
    /// Takes a list that an allowed organisation has signed: its keys are revoked, or give their place to others
    Import {
        /// The file, or `-` for stdin
        file: PathBuf,
    },
}

/// `allow`
pub(crate) fn allow(state: &StateDir, arguments: AllowArguments) -> Result<(), Failure> {
    let policy = policy::read(state)?;
    check_permit(arguments.permit, &policy)?;
    let until = |duration| {
        let too_long = || Failure::new(Failure::USAGE, "--for is longer than this system can count");
        SystemTime::now().checked_add(duration).ok_or_else(too_long)
    };
    let standing_until = arguments.duration.filter(|_| arguments.unattended).map(until).transpose()?;
    let AllowArguments { key, name, permit, duration, organisation, .. } = arguments;
    if duration.is_some_and(|duration| duration > policy.standing) {
        let why = match policy.standing.as_secs() {
            0 => "the policy of this machine lets nobody in without a question".to_owned(),
            seconds => {
                format!("the policy of this machine lets nobody in without a question for longer than {seconds} s")
            }
        };
        return Err(Failure::new(Failure::POLICY, why));
    }
    if let Some(revoker) = Circle::open(state)?.revoker(&key) {
        return Err(Failure::new(Failure::POLICY, format!("the key {key} was revoked by {revoker}")));
    }
    if let Some(issuer) = organisation
        && Organisations::open(state)?.get(&issuer).is_none()
    {
        return Err(Failure::other(format!(
            "no organisation with the key {issuer} is allowed; see `allow-organisation`"
        )));
    }
    let mut officers = Officers::open(state)?;
    // What permits something takes effect when it is recorded.
    let entry = Entry::Enrolled { key, name: name.to_string(), permit, standing_until: standing_until.map(Time::from) };
    AuditLog::open(state)?.append(None, entry)?;
    let agreements = officers.get(&key).map(|known| known.agreements.clone()).unwrap_or_default();
    Ok(officers.introduce(key, Enrolment { name, permit, standing_until, organisation, agreements })?)
}

/// `allow-organisation`
pub(crate) fn allow_organisation(state: &StateDir, arguments: AllowOrganisationArguments) -> Result<(), Failure> {
    let AllowOrganisationArguments { key, name, permit } = arguments;
    check_permit(permit, &policy::read(state)?)?;
    let mut organisations = Organisations::open(state)?;
    let entry = Entry::OrganisationAllowed { key, name: name.to_string(), permit };
    AuditLog::open(state)?.append(None, entry)?;
    Ok(organisations.introduce(key, AllowedOrganisation { name, permit })?)
}

/// `officers`
pub(crate) fn list(common: &Common) -> Result<(), Failure> {
    let state = common.state()?;
    let (officers, organisations) = (Officers::open(&state)?, Organisations::open(&state)?);
    let now = SystemTime::now();
    for (key, record) in officers.iter() {
        let standing = record.standing_until.and_then(|until| until.duration_since(now).ok());
        let note = standing.map(|left| format!("  unattended for {} min more", left.as_secs().div_ceil(60)));
        let note = note.unwrap_or_default();
        let line = format!("{key}  {}  {}{note}  ({})", record.permit, record.name, key.words());
        let seconds = standing.map(|left| left.as_secs());
        let object = json!({
            "key": key, "words": key.words(), "name": record.name, "permit": record.permit.to_string(),
            "unattended_seconds": seconds, "organisation": record.organisation,
        });
        common.print(&line, &object);
    }
    for (key, record) in organisations.iter() {
        let line = format!("{key}  {}  organisation: {}  ({})", record.permit, record.name, key.words());
        let permit = record.permit.to_string();
        common.print(
            &line,
            &json!({ "organisation_key": key, "words": key.words(), "name": record.name, "permit": permit }),
        );
    }
    visitors::list_blocked(common, &BlockedKeys::open(&state)?);
    Ok(())
}

/// `forget`
pub(crate) fn forget(state: &StateDir, key: Fingerprint) -> Result<(), Failure> {
    // What takes something away comes first.
    let officer = Officers::open(state)?.remove(&key)?;
    let organisation = Organisations::open(state)?.remove(&key)?;
    if !officer && !organisation {
        let why = format!("no officer or organisation with the key {key} is known; see `officers`");
        return Err(Failure::other(why));
    }
    AuditLog::open(state)?.append(None, Entry::Forgotten { key })?;
    Ok(())
}

impl TeamCommand {
    /// Does it.
    pub(crate) fn run(&self, common: &Common) -> Result<(), Failure> {
        let Self::Import { file } = self;
        let done = import(&common.state()?, &read_token(file)?)?;
        let line = format!(
            "list number {} of {} holds: {} keys are revoked, {} enrolments have gone over to another key",
            done.serial, done.name, done.revoked, done.moved
        );
        let object = json!({ "name": done.name, "serial": done.serial, "revoked": done.revoked, "moved": done.moved });
        common.print(&line, &object);
        Ok(())
    }
}

/// Whether that may be granted at all.
fn check_permit(permit: Permissions, policy: &Policy) -> Result<(), Failure> {
    if !permit.has(Permission::View) {
        return Err(Failure::new(
            Failure::USAGE,
            "--permit needs view: whoever may do something must see what they do",
        ));
    }
    if permit.both(policy.permissions) != permit {
        let most = policy.permissions;
        return Err(Failure::new(Failure::POLICY, format!("the policy of this machine permits {most} at most")));
    }
    Ok(())
}
