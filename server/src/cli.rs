//! The command line of `beside-server`.

use crate::{
    capture::{self, Backend, HideRule, Hiding, WindowRule},
    desk::{self, AskedBy, Language, PanicKey},
    inject,
    officers::{self, AllowArguments, AllowOrganisationArguments, TeamCommand},
    share::{Codes, Consent, Options, Report, Share, ShareError, Way},
    visitors::{self, AgreeArguments, DisagreeArguments},
};
use beside_protocol::wire::Fingerprint;
use beside_shell::{
    audit::{AuditCommand, verify_receipt},
    config,
    net::DEFAULT_PORT,
    program::{self, Common, Failure, duration, refuse_root, root_is_allowed},
};
use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};
use serde_json::json;
use std::{
    io::{self, IsTerminal},
    net::{Ipv6Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// Shows this desktop to an IT support officer after its user has said yes, and only as far as the user said.
#[derive(Debug, Parser)]
#[command(name = "beside-server", version)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Offers this desktop
    Share(ShareArguments),
    /// Prints this machine's KEY
    Identity,
    /// Enrols an officer
    Allow(AllowArguments),
    /// Lets an organisation vouch for officers, who may then ask without being enrolled
    AllowOrganisation(AllowOrganisationArguments),
    /// Lists the enrolled officers, the organisations that may vouch for others, and blocked keys
    Officers,
    /// Removes an officer or an organisation; a session that rests on it ends within 5 s
    Forget {
        /// The KEY, as `officers` lists it
        key: Fingerprint,
    },
    /// Takes the signed list of a team's revoked and rotated keys
    Team {
        #[command(subcommand)]
        command: TeamCommand,
    },
    /// Blocks a KEY: who has it is refused unasked, and a session of theirs ends within 5 s
    Block {
        /// The KEY, enrolled or not
        key: Fingerprint,
    },
    /// Blocks a KEY no more
    Unblock {
        /// The KEY, as `officers` lists it
        key: Fingerprint,
    },
    /// Lets an enrolled officer in without a question within a time, with a ticket
    Agree(AgreeArguments),
    /// Lists what is agreed to
    Agreements,
    /// Takes back what was agreed to; a session that rests on it ends within 5 s
    Disagree(DisagreeArguments),
    /// Lists the monitors: number, name, geometry, scale
    Displays {
        #[command(flatten)]
        screen: ScreenArguments,
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
    /// The process that asks and shows; started by `share`
    #[command(hide = true)]
    Desk {
        /// The question is put here
        #[arg(long)]
        asks: bool,
        /// Stops all sessions
        #[arg(long, value_name = "KEYS", default_value_t)]
        panic_key: PanicKey,
        /// What the user reads
        #[arg(long, value_enum, default_value_t)]
        language: Language,
        /// The process to end when it does not obey
        #[arg(long, value_name = "ID")]
        server: Option<u32>,
    },
    /// The process that holds the pressed keys; started by the desk
    #[command(hide = true)]
    Injector,
}

#[derive(Debug, Args)]
struct ShareArguments {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value_t = SocketAddr::from((Ipv6Addr::UNSPECIFIED, DEFAULT_PORT)))]
    listen: SocketAddr,
    /// Dials out to an officer who waits there (`beside-viewer listen`), instead of listening: HOST or HOST:PORT
    #[arg(long, value_name = "ADDR", conflicts_with = "listen")]
    to: Option<String>,
    /// How the user is asked: by a window, on this terminal, or not at all (standing grants only)
    #[arg(long, value_enum, default_value = "desk")]
    consent: ConsentArgument,
    /// Prints each one-time code on stdout (`code=…`), as is done on a terminal
    #[arg(long, conflicts_with = "no_code")]
    print_code: bool,
    /// Makes no one-time codes: only enrolled officers may ask
    #[arg(long)]
    no_code: bool,
    #[command(flatten)]
    screen: ScreenArguments,
    /// Shares one monitor, the one that `displays` lists with this number [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    display: Option<u16>,
    /// Shares the windows of one program, class=NAME, or those with one title, title=PATTERN, and hides all else
    #[arg(long, value_name = "RULE")]
    window: Option<WindowRule>,
    /// Hides a program (class=NAME), windows (title=PATTERN) or a place of the desktop (rect=X,Y,WxH); `*` stands for any text.
    /// May be given several times; those of a file or of the environment hold only where none is given here
    #[arg(long, value_name = "RULE")]
    hide: Vec<HideRule>,
    /// What this machine calls itself towards officers [default: its host name]
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// How many officers may ask or be there at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = value_parser!(u8).range(1..))]
    officers: u8,
    /// What the user presses to stop everything, wherever they are: ctrl, alt, shift or super, and a key
    #[arg(long, value_name = "KEYS", default_value_t)]
    panic_key: PanicKey,
    /// The language of the windows that the user sees [default: the system's, where it is one of these]
    #[arg(long, value_enum)]
    language: Option<Language>,
    /// Takes lines that are older out of the audit log when sharing begins: 90d [default: all are kept]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    keep_audit: Option<Duration>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConsentArgument {
    Desk,
    Terminal,
    Policy,
}

#[derive(Debug, Args)]
struct ScreenArguments {
    /// How the screen is captured
    #[arg(long, value_enum, default_value = "auto")]
    capture: CaptureArgument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CaptureArgument {
    Auto,
    X11,
    Scrap,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let Arguments { common, command } = config::parse();
    common.start_log();
    program::exit("beside-server", run(&common, command), common.json)
}

fn run(common: &Common, command: Command) -> Result<(), Failure> {
    match command {
        Command::Desk { asks, panic_key, language, server } => {
            let asked_by = if asks { AskedBy::Desk } else { AskedBy::Server };
            desk::run(asked_by, panic_key, language, server)
                .map_err(|error| Failure::new(Failure::DISPLAY, error.to_string()))
        }
        Command::Injector => inject::run().map_err(|error| Failure::new(Failure::DISPLAY, error.to_string())),
        Command::Share(arguments) => share(common, arguments),
        Command::Identity => {
            common.print_identity(&common.identity(&common.state()?)?);
            Ok(())
        }
        Command::Allow(arguments) => officers::allow(&common.state()?, arguments),
        Command::AllowOrganisation(arguments) => officers::allow_organisation(&common.state()?, arguments),
        Command::Officers => officers::list(common),
        Command::Forget { key } => officers::forget(&common.state()?, key),
        Command::Team { command } => command.run(common),
        Command::Block { key } => visitors::block(&common.state()?, key),
        Command::Unblock { key } => visitors::unblock(&common.state()?, key),
        Command::Agree(arguments) => visitors::agree(&common.state()?, arguments),
        Command::Agreements => visitors::agreements(common),
        Command::Disagree(arguments) => visitors::disagree(&common.state()?, arguments),
        Command::Displays { screen } => displays(common, screen.backend()),
        Command::Audit { command } => command.run(common, &common.state()?),
        Command::Verify { receipt } => verify_receipt(common, &receipt),
    }
}

fn share(common: &Common, arguments: ShareArguments) -> Result<(), Failure> {
    refuse_root(root_is_allowed())?;
    let state = common.state()?;
    let capture = arguments.screen.backend();
    let options = Options {
        way: arguments.to.map_or(Way::Listen(arguments.listen), Way::Dial),
        consent: match arguments.consent {
            ConsentArgument::Desk => Consent::Desk,
            ConsentArgument::Terminal => Consent::Terminal,
            ConsentArgument::Policy => Consent::Policy,
        },
        codes: match (arguments.no_code, arguments.print_code || io::stdout().is_terminal()) {
            (true, _) => Codes::None,
            (false, true) => Codes::Reported,
            (false, false) => Codes::Shown,
        },
        capture,
        display: arguments.display,
        hiding: Hiding::new(arguments.hide, arguments.window),
        name: arguments.name.unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned()),
        officers: arguments.officers.into(),
        panic_key: arguments.panic_key,
        language: arguments.language.unwrap_or_else(Language::of_system),
        keep_audit: arguments.keep_audit,
    };
    let identity = common.identity(&state)?;
    let runtime = program::runtime().map_err(Failure::other)?;
    runtime.block_on(async {
        let share = Share::open(&state, identity, options).await?;
        let (key, way) = (share.key(), share.way());
        let object = match &way {
            Way::Listen(address) => json!({ "ready": { "listen": address, "key": key } }),
            Way::Dial(address) => json!({ "ready": { "to": address, "key": key } }),
        };
        common.print(&format!("ready {way} key={key}"), &object);
        let tell = |report: Report<'_>| match report {
            Report::Statistics(id, statistics) if common.json => {
                let mut object = statistics.to_json();
                object["session"] = json!(id.0);
                program::say(object.to_string());
            }
            Report::Statistics(..) => {}
            Report::Code(code) => {
                common.print(
                    &format!("code={}", code.digits()),
                    &json!({ "code": code.digits(), "words": code.words() }),
                );
            }
        };
        share.run(program::shutdown(), tell).await
    })?;
    Ok(())
}

fn displays(common: &Common, backend: Backend) -> Result<(), Failure> {
    let ignore: capture::Notify = Arc::new(|_| {});
    let mut capture = capture::open(backend, None, &Hiding::default(), &ignore).map_err(ShareError::from)?;
    let displays = capture.displays().map_err(|error| Failure::new(Failure::DISPLAY, error.to_string()))?;
    for display in displays {
        let capture::Display { number, name, rect, scale, primary } = display;
        let mark = if primary { "  primary" } else { "" };
        let line = format!("{number}  {name}  {}x{}+{}+{}  {scale}{mark}", rect.width, rect.height, rect.x, rect.y);
        let object = json!({
            "number": number, "name": name, "scale": scale, "primary": primary,
            "x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height,
        });
        common.print(&line, &object);
    }
    Ok(())
}

impl ScreenArguments {
    const fn backend(&self) -> Backend {
        match self.capture {
            CaptureArgument::Auto => Backend::Auto,
            CaptureArgument::X11 => Backend::X11,
            CaptureArgument::Scrap => Backend::Scrap,
        }
    }
}
