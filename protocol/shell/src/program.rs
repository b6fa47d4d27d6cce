//! How both programs start and end: common options, the log, exit codes, and no root.

use crate::{
    audit::AuditError,
    identity::{Identity, IdentityError, Keys},
    net::{EndpointKeysError, NetError},
    platform,
    policy::PolicyError,
    state::{StateDir, StateError},
    store::StoreError,
};
use std::{
    env, fmt,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use tokio::runtime::{Builder, Runtime};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// The environment variable that lets a program run as root, when it is `1`.
pub const ALLOW_ROOT: &str = "BESIDE_ALLOW_ROOT";

/// The options that all commands of both programs have; to be flattened into the program's own.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Where keys, enrolments and records are kept [default: the platform's state directory]
    #[arg(long, value_name = "DIR", global = true)]
    pub state_dir: Option<PathBuf>,
    /// A TOML file with values for options, those of a command in a table of its name; the environment
    /// may have them as `BESIDE_OPTION` and `BESIDE_COMMAND_OPTION`
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Where a new private key goes: into the keyring of the operating system if it can be reached, else into a file (auto), or one of both
    #[arg(long, value_enum, value_name = "PLACE", global = true, default_value = "auto")]
    pub keys: Keys,
    /// What is told on stderr: off, error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", global = true, default_value = "warn")]
    pub log: LevelFilter,
    /// Print results, errors and the log as JSON objects, one a line
    #[arg(long, global = true)]
    pub json: bool,
}

impl Common {
    /// The state directory that was chosen.
    pub fn state(&self) -> Result<StateDir, StateError> {
        StateDir::open(self.state_dir.as_deref())
    }

    /// This machine's key; made when there is none yet.
    pub fn identity(&self, state: &StateDir) -> Result<Identity, IdentityError> {
        Identity::open(state, self.keys)
    }

    /// Prints a result: a line for people, or an object.
    pub fn print(&self, line: &str, object: &serde_json::Value) {
        say(if self.json { object.to_string() } else { line.to_owned() });
    }

    /// Prints this machine's KEY; on a terminal the same as words too, for people to compare by voice. Scripts get the KEY alone, and
    /// on stderr where the private key is kept.
    pub fn print_identity(&self, identity: &Identity) {
        let (key, kept) = (identity.fingerprint(), identity.kept());
        let words = key.words();
        if !self.json {
            eprintln!("its private key is kept {kept}");
        }
        let line = if io::stdout().is_terminal() { format!("{key}\n{words}") } else { key.to_string() };
        self.print(&line, &serde_json::json!({ "key": key, "words": words, "kept": kept.name() }));
    }

    /// Starts the log on stderr; a second start is ignored.
    pub fn start_log(&self) {
        // What the libraries tell is for those who look into a fault; they print addresses and window contents' sizes.
        let libraries = if self.log >= LevelFilter::TRACE { LevelFilter::DEBUG } else { LevelFilter::ERROR };
        let ours = ["beside_shell", "beside_server", "beside_viewer"].map(|name| (name, self.log));
        let targets = Targets::new().with_targets(ours).with_default(libraries.min(self.log));
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .with_target(false);
        let layer = if self.json { layer.json().boxed() } else { layer.boxed() };
        // Only a log that has been started before refuses.
        let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
    }
}

/// The runtime that both programs run in: one thread, so that a message passes few hands.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Who wants the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// The person, with Ctrl-C.
    Person,
    /// The system, or another program: perhaps the computer is restarted.
    System,
}

/// Ready when the person, or the system, wants the program to end.
pub async fn shutdown() -> Shutdown {
    platform::shutdown().await
}

/// Prints a line on stdout; a closed stdout is nobody's loss.
pub fn say(line: impl fmt::Display) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Why a program ends otherwise than it should: the exit code, and one line for the person. The README lists the codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What failed, for whom, and what to do about it.
    pub message: String,
}

impl Failure {
    /// Any error without a code of its own.
    pub const OTHER: u8 = 1;
    /// The command line, or the file of options, is wrong.
    pub const USAGE: u8 = 2;
    /// The user said no, or stopped the session.
    pub const DENIED: u8 = 3;
    /// Nobody answered.
    pub const UNANSWERED: u8 = 4;
    /// The other side can't be reached, or was lost.
    pub const UNREACHABLE: u8 = 5;
    /// The other side is not who it should be.
    pub const WRONG_PEER: u8 = 6;
    /// Policy forbids it.
    pub const POLICY: u8 = 7;
    /// This display can't be captured or controlled.
    pub const DISPLAY: u8 = 8;

    /// A failure with one of the codes above.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A failure without a code of its own.
    pub fn other(error: impl fmt::Display) -> Self {
        Self::new(Self::OTHER, error.to_string())
    }

    /// The message on one line; control characters in it, perhaps from a peer or a file, do nothing.
    fn line(&self) -> String {
        self.message.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl std::error::Error for Failure {}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        let code = match error {
            NetError::Unreachable { .. } | NetError::Refused(_) => Self::UNREACHABLE,
            NetError::WrongPeer(_) => Self::WRONG_PEER,
            NetError::InvalidAddress(_) => Self::USAGE,
            NetError::AddressInUse(_) | NetError::Bind { .. } | NetError::Incompatible(_) | NetError::Setup(_) => {
                Self::OTHER
            }
        };
        Self::new(code, error.to_string())
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::other(error)
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        let code = if matches!(error, PolicyError::ForbidsAll(_)) { Self::POLICY } else { Self::OTHER };
        Self::new(code, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::other(error)
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        Self::other(error)
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::other(error)
    }
}

impl From<EndpointKeysError> for Failure {
    fn from(error: EndpointKeysError) -> Self {
        Self::other(error)
    }
}

/// Ends `program`: nothing more to say, or the failure on stderr, as one line or one JSON object.
pub fn exit(program: &str, result: Result<(), Failure>, json: bool) -> ExitCode {
    let Err(failure) = result else { return ExitCode::SUCCESS };
    eprintln!("{}", report(program, &failure, json));
    ExitCode::from(failure.code)
}

/// Refuses to go on as root, who needs no officer's help to lose everything; unless `allowed`, which the log then tells.
///
/// `allowed` is normally [`root_is_allowed`].
pub fn refuse_root(allowed: bool) -> Result<(), Failure> {
    match (platform::is_root(), allowed) {
        (false, _) => Ok(()),
        (true, true) => {
            tracing::info!("running as root because {ALLOW_ROOT}=1 allows it");
            Ok(())
        }
        (true, false) => Err(Failure::new(
            Failure::OTHER,
            format!(
                "running as root would put the whole machine within an officer's reach: \
                 run this as the user whose desktop is shared, or set {ALLOW_ROOT}=1 on a machine made for tests"
            ),
        )),
    }
}

/// Whether the environment allows root.
pub fn root_is_allowed() -> bool {
    env::var_os(ALLOW_ROOT).is_some_and(|value| value == "1")
}

/// A duration as the command line has it: a whole number and `s`, `m`, `h` or `d`; more than nothing.
pub fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    let unit = match text.chars().next_back() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Err(InvalidDuration),
    };
    let digits = &text[..text.len() - 1];
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let count = digits.parse::<u32>().ok().filter(|&count| is_number && count > 0).ok_or(InvalidDuration)?;
    Ok(Duration::from_secs(u64::from(count) * unit))
}

/// A text that is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a duration as 90s, 30m, 8h or 7d")]
pub struct InvalidDuration;

fn report(program: &str, failure: &Failure, json: bool) -> String {
    if json {
        serde_json::json!({ "error": failure.line(), "code": failure.code }).to_string()
    } else {
        format!("{program}: {}", failure.line())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("30m"), Ok(1800));
        assert_eq!(seconds("8h"), Ok(28_800));
        assert_eq!(seconds("7d"), Ok(604_800));
        assert_eq!(seconds("4294967295d"), Ok(u64::from(u32::MAX) * 86_400));
        for text in ["", "s", "0s", "90", "-1s", "+1s", "1.5h", "1h30m", "5µ", "4294967296s", " 1s"] {
            assert_eq!(seconds(text), Err(InvalidDuration), "{text:?}");
        }
    }

    #[test]
    fn a_failure_is_one_line_or_one_object() {
        let failure = Failure::new(5, "pc7:\u{1b}[31m gone\nmaybe\n");
        assert_eq!(report("beside-viewer", &failure, false), "beside-viewer: pc7: [31m gone maybe");
        assert_eq!(report("beside-viewer", &failure, true), r#"{"code":5,"error":"pc7: [31m gone maybe"}"#);
    }

    #[test]
    fn root_is_refused_where_it_is_not_allowed() {
        assert_eq!(refuse_root(true), Ok(()));
        assert_eq!(refuse_root(false).is_err(), platform::is_root());
    }
}
