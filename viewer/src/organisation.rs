//! The commands of an organisation, and of the officer who has a certificate of one.

use beside_protocol::{
    record::{Certificate, Change, TeamList, Time},
    wire::Fingerprint,
};
use beside_shell::{
    authority::{Authority, AuthorityError, keep_certificate, kept_certificate, read_token},
    identity::verify,
    name::Name,
    program::{Common, Failure, duration, say},
    state::StateDir,
};
use clap::Subcommand;
use serde_json::json;
use std::{path::PathBuf, time::Duration};

/// What an organisation does.
#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationCommand {
    /// Makes an organisation: a key of its own, which vouches for officers
    New {
        /// What it calls itself; the users' machines name it themselves
        #[arg(long)]
        name: Name,
    },
    /// Prints the organisation's KEY
    Show,
    /// Prints a certificate for an officer: a line to send to them
    Certify {
        /// What `beside-viewer identity` prints on the officer's machine
        key: Fingerprint,
        /// The officer's name, as users will read it
        #[arg(long)]
        name: Name,
        /// How long it holds: 8h, 90d
        #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
        duration: Duration,
    },
    /// Makes the signed list of the team's revoked and rotated keys, and prints it
    List {
        #[command(subcommand)]
        command: ListCommand,
    },
}

/// What is done with the list of a team. Each change makes and prints a new list.
#[derive(Debug, Subcommand)]
pub(crate) enum ListCommand {
    /// Makes the first list
    New,
    /// Makes a key nobody's: it is refused wherever the list is imported
    Revoke {
        /// The key
        key: Fingerprint,
    },
    /// Gives the place of a key to another one of the same officer, and revokes it
    Rotate {
        /// The key that was
        old: Fingerprint,
        /// The key that is
        new: Fingerprint,
    },
    /// Says what a list says, and whether its signature is good
    Show {
        /// The file, or `-` for stdin
        file: PathBuf,
    },
}

/// What an officer does with a certificate.
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Keeps a certificate, in the place of the one before; it is shown to each machine that is asked
    Add {
        /// The file, or `-` for stdin
        file: PathBuf,
    },
    /// Says what the certificate says that is kept
    Show,
}

impl OrganisationCommand {
    /// Does it.
    pub(crate) fn run(self, common: &Common, state: &StateDir) -> Result<(), Failure> {
        match self {
            Self::New { name } => show(common, &Authority::create(state, name)?),
            Self::Show => show(common, &Authority::open(state)?),
            Self::Certify { key, name, duration } => {
                let certificate = Authority::open(state)?.certify(key, &name, duration)?;
                common.print(&certificate.to_string(), &json!({ "certificate": certificate.to_string() }));
            }
            Self::List { command } => return command.run(common, state),
        }
        Ok(())
    }
}

impl ListCommand {
    fn run(self, common: &Common, state: &StateDir) -> Result<(), Failure> {
        let list = match self {
            Self::Show { file } => return describe(common, &read_token(&file)?),
            Self::New => Authority::open(state)?.new_list()?,
            Self::Revoke { key } => Authority::open(state)?.change_list(Change::Revoked(key))?,
            Self::Rotate { old, new } => Authority::open(state)?.change_list(Change::Rotated { old, new })?,
        };
        common.print(&list.to_string(), &json!({ "serial": list.content.serial, "list": list.to_string() }));
        Ok(())
    }
}

impl CertificateCommand {
    /// Does it.
    pub(crate) fn run(self, common: &Common, state: &StateDir) -> Result<(), Failure> {
        match self {
            Self::Add { file } => {
                let certificate: Certificate = read_token(&file)?.parse().map_err(AuthorityError::from)?;
                let own = common.identity(state)?.fingerprint();
                if !certificate.is_signed(verify) {
                    let why = "the certificate's signature is not good: it was altered; ask for another";
                    return Err(Failure::new(Failure::WRONG_PEER, why));
                }
                if certificate.claim.key != own {
                    let why = format!("the certificate is for the key {}, and yours is {own}", certificate.claim.key);
                    return Err(Failure::new(Failure::WRONG_PEER, why));
                }
                keep_certificate(state, &certificate)?;
                print(common, &certificate);
            }
            Self::Show => match kept_certificate(state)? {
                Some(certificate) => print(common, &certificate),
                None => return Err(Failure::other("there is no certificate here; see `certificate add`")),
            },
        }
        Ok(())
    }
}

fn show(common: &Common, authority: &Authority) {
    let (key, name) = (authority.key(), authority.name());
    if !common.json {
        eprintln!("{name}, in words: {}", key.words());
    }
    common.print(&key.to_string(), &json!({ "organisation_key": key, "words": key.words(), "name": name }));
}

fn print(common: &Common, certificate: &Certificate) {
    let (claim, issuer) = (&certificate.claim, certificate.issuer());
    let (from, until) = (moment(claim.from), moment(claim.until));
    let line = format!(
        "{} ({}) says that the key {} is that of {}, from {from} until {until}",
        claim.organisation, issuer, claim.key, claim.officer
    );
    let object = json!({
        "officer": claim.officer, "key": claim.key, "organisation": claim.organisation, "organisation_key": issuer,
        "from": from, "until": until,
    });
    common.print(&line, &object);
}

/// Says what a list says, a line for each change.
fn describe(common: &Common, text: &str) -> Result<(), Failure> {
    let list: TeamList = text.parse().map_err(AuthorityError::from)?;
    if !list.is_signed(verify) {
        return Err(Failure::new(Failure::WRONG_PEER, "the list's signature is not good: it was altered"));
    }
    let (serial, count) = (list.content.serial, list.content.changes.len());
    let head = format!("list number {serial} of the organisation with the key {}: {count} changes", list.issuer());
    common.print(&head, &json!({ "serial": serial, "organisation_key": list.issuer(), "changes": count }));
    for change in &list.content.changes {
        match change {
            Change::Revoked(key) if common.json => say(json!({ "revoked": key })),
            Change::Revoked(key) => say(format!("revoked  {key}")),
            Change::Rotated { old, new } if common.json => say(json!({ "rotated": old, "to": new })),
            Change::Rotated { old, new } => say(format!("rotated  {old}  to  {new}")),
        }
    }
    Ok(())
}

fn moment(seconds: u64) -> Time {
    Time::from_millis(seconds.saturating_mul(1000))
}
