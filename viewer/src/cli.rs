//! The command line of `beside-viewer`.

use crate::{
    connect::{self, Introduction, Way, connect},
    organisation::{CertificateCommand, OrganisationCommand},
    report::Report,
    window::{self, Scale},
};
use beside_protocol::{
    record::Entry,
    session::contact::Code,
    wire::{Fingerprint, Permissions, Request},
};
use beside_shell::{
    audit::{AuditCommand, AuditLog, verify_receipt},
    config,
    name::Name,
    program::{self, Common, Failure, duration},
    state::StateDir,
    store::{Hosts, KnownHost},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;
use std::{
    io::{self, BufRead, IsTerminal, Read},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use zeroize::Zeroizing;

/// Shows and, where the user allows it, controls a user's desktop.
#[derive(Debug, Parser)]
#[command(name = "beside-viewer", version)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Asks for a session and opens the window
    Connect(ConnectArguments),
    /// Waits for a user's machine that dials out (`beside-server share --to`), then does the same
    Listen(ListenArguments),
    /// Prints this machine's KEY
    Identity,
    /// Makes a user's machine known
    Trust {
        /// What `beside-server identity` prints on that machine
        key: Fingerprint,
        /// What to call it
        #[arg(long)]
        name: Name,
    },
    /// Lists the known machines
    Hosts,
    /// Removes a known machine
    Forget {
        /// Its KEY, as `hosts` lists it
        key: Fingerprint,
    },
    /// Makes and uses the key of an organisation, which vouches for officers
    Organisation {
        #[command(subcommand)]
        command: OrganisationCommand,
    },
    /// Keeps the certificate with which an organisation vouches for this officer
    Certificate {
        #[command(subcommand)]
        command: CertificateCommand,
    },
    /// Shows, checks or shortens the audit log
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Checks the receipt of a session, with nothing but its file, and prints what it says
    Verify {
        /// The file, of this machine or of the other side's
        #[arg(value_name = "RECEIPT")]
        receipt: PathBuf,
    },
}

#[derive(Debug, Args)]
struct ConnectArguments {
    /// HOST, HOST:PORT or [IPV6]:PORT
    #[arg(value_name = "ADDR")]
    address: String,
    #[command(flatten)]
    session: SessionArguments,
}

#[derive(Debug, Args)]
struct ListenArguments {
    /// Where to listen: IP:PORT or [IPV6]:PORT; [::] is every address of this machine
    #[arg(value_name = "ADDR")]
    address: SocketAddr,
    #[command(flatten)]
    session: SessionArguments,
}

/// What to ask for, and how to show it.
#[derive(Debug, Args)]
struct SessionArguments {
    /// Why: a sentence or a ticket, which the user reads
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The ticket that it is about: user and records have it, too
    #[arg(long, value_name = "TEXT")]
    ticket: Option<String>,
    /// Meets a machine that does not know this one, or is not known here, by the one-time code on the user's screen: `-` reads
    /// it from the terminal, or from stdin
    #[arg(long, value_name = "-", value_parser = ["-"])]
    code: Option<String>,
    /// What to call a machine that is met by a code [default: its address]
    #[arg(long, value_name = "NAME", requires = "code")]
    name: Option<Name>,
    /// Asks to see only (this is the default)
    #[arg(long, conflicts_with = "control")]
    view_only: bool,
    /// Asks to use keyboard and pointer as well
    #[arg(long)]
    control: bool,
    /// For how long, 8h at most
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "1h")]
    duration: Duration,
    /// For how long Ctrl+Alt+Insert asks for control during the session, 8h at most
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
    control_for: Duration,
    /// Which monitor, as `beside-server displays` numbers them [default: all]
    #[arg(long, value_name = "N")]
    display: Option<u16>,
    /// Covers the whole screen from the start
    #[arg(long)]
    fullscreen: bool,
    /// How the picture fits the window
    #[arg(long, value_enum, default_value = "fit")]
    scale: ScaleArgument,
    /// Shows nothing but the picture, and closes the window as soon as the session is over
    #[arg(long)]
    no_controls: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScaleArgument {
    Fit,
    #[value(name = "1:1")]
    OneToOne,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let Arguments { common, command } = config::parse();
    common.start_log();
    program::exit("beside-viewer", run(&common, command), common.json)
}

fn run(common: &Common, command: Command) -> Result<(), Failure> {
    let state = common.state()?;
    match command {
        Command::Connect(ConnectArguments { address, session }) => {
            visit(common, &state, session.options(Way::Dial(address))?)
        }
        Command::Listen(ListenArguments { address, session }) => {
            visit(common, &state, session.options(Way::Listen(address))?)
        }
        Command::Identity => {
            common.print_identity(&common.identity(&state)?);
            Ok(())
        }
        Command::Trust { key, name } => {
            let mut hosts = Hosts::open(&state)?;
            let (permit, name_text) = (Permissions::NONE, name.to_string());
            AuditLog::open(&state)?
                .append(None, Entry::Enrolled { key, name: name_text, permit, standing_until: None })?;
            Ok(hosts.introduce(key, KnownHost { name })?)
        }
        Command::Hosts => {
            for (key, host) in Hosts::open(&state)?.iter() {
                let words = key.words();
                let object = json!({ "key": key, "words": words, "name": host.name });
                common.print(&format!("{key}  {}  ({words})", host.name), &object);
            }
            Ok(())
        }
        Command::Forget { key } => match Hosts::open(&state)?.remove(&key)? {
            true => {
                AuditLog::open(&state)?.append(None, Entry::Forgotten { key })?;
                Ok(())
            }
            false => Err(Failure::other(format!("no machine with the key {key} is known; see `hosts`"))),
        },
        Command::Organisation { command } => command.run(common, &state),
        Command::Certificate { command } => command.run(common, &state),
        Command::Audit { command } => command.run(common, &state),
        Command::Verify { receipt } => verify_receipt(common, &receipt),
    }
}

fn visit(common: &Common, state: &StateDir, options: connect::Options) -> Result<(), Failure> {
    let identity = common.identity(state)?;
    let (common, json) = (common.clone(), common.json);
    let tell = move |report: Report<'_>| {
        if json {
            program::say(report.to_json());
        }
    };
    Ok(connect(
        state,
        identity,
        options,
        move |address, key| {
            let line = format!("ready listen={address} key={key}");
            common.print(&line, &json!({ "ready": { "listen": address, "key": key } }));
        },
        tell,
    )?)
}

impl SessionArguments {
    fn options(self, way: Way) -> Result<connect::Options, Failure> {
        let request = Request {
            reason: self.reason.trim().to_owned(),
            permissions: if self.control { Permissions::CONTROL } else { Permissions::VIEW },
            seconds: u32::try_from(self.duration.as_secs()).unwrap_or(u32::MAX),
            display: self.display,
            ticket: self.ticket.map(|ticket| ticket.trim().to_owned()),
        };
        if !request.is_valid() {
            let why = format!(
                "--reason must be one line of 1 to {} bytes, --ticket one of 1 to {}, and --for at most {} h",
                Request::MAX_REASON,
                Request::MAX_TICKET,
                Request::MAX_SECONDS / 3600,
            );
            return Err(Failure::new(Failure::USAGE, why));
        }
        if !(1..=Request::MAX_SECONDS.into()).contains(&self.control_for.as_secs()) {
            let why = format!("--control-for must be 1 s to {} h", Request::MAX_SECONDS / 3600);
            return Err(Failure::new(Failure::USAGE, why));
        }
        let introduction = match self.code {
            Some(_) => Some(Introduction { code: read_code()?, name: self.name }),
            None => None,
        };
        let window = window::Options {
            host: way.to_string(),
            fullscreen: self.fullscreen,
            scale: match self.scale {
                ScaleArgument::Fit => Scale::Fit,
                ScaleArgument::OneToOne => Scale::OneToOne,
            },
            controls: !self.no_controls,
        };
        Ok(connect::Options { way, request, control_for: self.control_for, introduction, window })
    }
}

/// The longest line that is read for a code, in bytes.
const LONGEST_CODE: u64 = 200;

/// Reads the code: from the terminal, where it is not shown, or the first line of stdin.
fn read_code() -> Result<Code, Failure> {
    let line = if io::stdin().is_terminal() {
        rpassword::prompt_password("The code on the user's screen: ")
    } else {
        let mut line = String::new();
        io::stdin().lock().take(LONGEST_CODE).read_line(&mut line).map(|_| line)
    };
    let line = Zeroizing::new(line.map_err(|error| Failure::other(format!("the code can't be read: {error}")))?);
    line.parse().map_err(|error| Failure::new(Failure::USAGE, format!("{error}")))
}
