//! Where options come from: the command line, then the environment, then a TOML file, then defaults.
//!
//! An option `--some-option` of `share` is `some-option` in the file's table `[share]`, and `BESIDE_SHARE_SOME_OPTION` in
//! the environment; an option of all commands is at the file's top, and `BESIDE_SOME_OPTION`. What is found there becomes
//! the option's default, so that help shows it and the command line overrides it. An option that may be given several times
//! is a list in the file, and has one value on each line in the environment.

use crate::store::line_of;
use clap::{Arg, ArgAction, Command, Parser, error::ErrorKind};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// The program's options, from everywhere; a mistake in them, a request for help or for the version ends the process.
pub fn parse<P: Parser>() -> P {
    let args: Vec<_> = env::args_os().collect();
    try_parse(&args, |name| env::var_os(name)).unwrap_or_else(|error| error.exit())
}

/// The options that these arguments (the program's name first) and this environment give.
pub fn try_parse<P: Parser>(args: &[OsString], env: impl Fn(&str) -> Option<OsString>) -> Result<P, clap::Error> {
    let mut command = P::command();
    let layered = match config_file(args).or_else(|| env(&variable(&[], CONFIG)).map(PathBuf::from)) {
        Some(path) => read(&path).and_then(|table| layer(command.clone(), &[], &table, &path, &env)),
        None => layer(command.clone(), &[], &Table::new(), Path::new(""), &env),
    };
    let mut layered = layered.map_err(|why| command.error(ErrorKind::ValueValidation, why))?;
    let mut matches = layered.try_get_matches_from_mut(args)?;
    P::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut layered))
}

/// The option that names the file; it can't be in it.
const CONFIG: &str = "config";

/// Gives the options of a command, and of the commands below it, the values that are found as their defaults.
fn layer(
    mut command: Command,
    path: &[&str],
    table: &Table,
    file: &Path,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Command, String> {
    check_keys(&command, path, table, file)?;
    let options: Vec<(clap::Id, String, Arity)> = command
        .get_arguments()
        .filter_map(|option| Some((option.get_id().clone(), option.get_long()?.to_owned(), Arity::of(option))))
        .filter(|(_, long, _)| long != CONFIG)
        .collect();
    for (id, long, arity) in options {
        let name = variable(path, &long);
        let set = env(&name).filter(|value| !value.is_empty());
        let found = match (set, table.get(&long)) {
            (Some(value), _) => Some((arity.split(value), name)),
            (None, Some(value)) => {
                let place = format!("{}: {}", file.display(), [path, &[long.as_str()]].concat().join("."));
                let texts = arity.texts(value);
                Some((texts.ok_or_else(|| format!("{place} must be a text, a number, true, false or a list"))?, place))
            }
            (None, None) => None,
        };
        if let Some((values, place)) = found {
            command = set_default(command, &id, values, &place)?;
        }
    }
    let names: Vec<_> = command.get_subcommands().map(|below| below.get_name().to_owned()).collect();
    for name in names {
        let nothing = Table::new();
        let below = table.get(&name).and_then(Value::as_table).unwrap_or(&nothing);
        let path = [path, &[name.as_str()]].concat();
        let mut result = Ok(());
        command = command.mut_subcommand(&name, |command| {
            layer(command.clone(), &path, below, file, env).unwrap_or_else(|why| {
                result = Err(why);
                command
            })
        });
        result?;
    }
    Ok(command)
}

/// How often an option may be given.
#[derive(Clone, Copy)]
enum Arity {
    Once,
    Often,
}

impl Arity {
    fn of(option: &Arg) -> Self {
        if matches!(option.get_action(), ArgAction::Append) { Self::Often } else { Self::Once }
    }

    /// The values in a variable of the environment.
    fn split(self, value: OsString) -> Vec<OsString> {
        match (self, value.to_str()) {
            (Self::Often, Some(text)) => text.lines().map(OsString::from).collect(),
            _ => vec![value],
        }
    }

    /// The values in a file, as the command line would have them.
    fn texts(self, value: &Value) -> Option<Vec<OsString>> {
        match (self, value) {
            (Self::Often, Value::Array(items)) => items.iter().map(text).collect(),
            _ => Some(vec![text(value)?]),
        }
    }
}

/// Every key of the table must be an option of this command, or a table for a command below it.
fn check_keys(command: &Command, path: &[&str], table: &Table, file: &Path) -> Result<(), String> {
    for (key, value) in table {
        let place = || format!("{}: {}", file.display(), [path, &[key.as_str()]].concat().join("."));
        let is_option = key != CONFIG && has_option(command, key);
        let is_command = command.get_subcommands().any(|below| below.get_name() == key);
        match (is_option, is_command, value.is_table()) {
            (true, _, false) | (false, true, true) => {}
            (false, true, false) => return Err(format!("{} is a command: write [{key}] and its options", place())),
            _ => {
                let owner = command.get_subcommands().find(|below| has_option(below, key));
                let hint = owner.map(|owner| format!("; it belongs under [{}]", owner.get_name())).unwrap_or_default();
                return Err(format!("{} is no option{hint}", place()));
            }
        }
    }
    Ok(())
}

fn has_option(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|option| option.get_long() == Some(long))
}

/// Makes `values` an option's default, if the option takes them.
fn set_default(command: Command, id: &clap::Id, values: Vec<OsString>, place: &str) -> Result<Command, String> {
    let Some(option) = command.get_arguments().find(|option| option.get_id() == id) else { return Ok(command) };
    let values: Result<Vec<_>, _> = values.into_iter().map(|value| usable(option, value, place)).collect();
    let values = values?;
    Ok(command.mut_arg(id, |option| option.required(false).default_values(values)))
}

/// A value as an option takes it, if it does.
fn usable(option: &Arg, value: OsString, place: &str) -> Result<OsString, String> {
    let value = match (option.get_action(), value.to_str()) {
        // The environment's usual way to say yes and no.
        (ArgAction::SetTrue, Some("1")) => "true".into(),
        (ArgAction::SetTrue, Some("0")) => "false".into(),
        _ => value,
    };
    // Clap takes a default on trust, so the value is tried first.
    let probe = Arg::new("value").required(true).action(ArgAction::Set).allow_hyphen_values(true);
    let probe = Command::new("probe").no_binary_name(true).arg(probe.value_parser(option.get_value_parser().clone()));
    if let Err(error) = probe.try_get_matches_from([&value]) {
        let why = std::error::Error::source(&error)
            .map_or_else(|| "the option does not take it".to_owned(), ToString::to_string);
        return Err(format!("{place}: invalid value {}: {why}", value.display()));
    }
    Ok(value)
}

/// The environment's name for an option.
fn variable(path: &[&str], option: &str) -> String {
    [&["BESIDE"], path, &[option]].concat().join("_").to_uppercase().replace('-', "_")
}

/// A TOML value as the command line would have it; lists are comma-separated there.
fn text(value: &Value) -> Option<OsString> {
    Some(match value {
        Value::String(text) => text.into(),
        Value::Integer(number) => number.to_string().into(),
        Value::Float(number) => number.to_string().into(),
        Value::Boolean(flag) => flag.to_string().into(),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(text).collect();
            items?.join(OsStr::new(","))
        }
        Value::Table(_) | Value::Datetime(_) => return None,
    })
}

/// The value of `--config`, wherever it is among the arguments.
fn config_file(args: &[OsString]) -> Option<PathBuf> {
    let mut args = args.iter().take_while(|arg| *arg != "--");
    while let Some(arg) = args.next() {
        let arg = arg.to_str().unwrap_or_default();
        if arg == "--config" {
            return args.next().map(PathBuf::from);
        }
        if let Some(path) = arg.strip_prefix("--config=") {
            return Some(path.into());
        }
    }
    None
}

fn read(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    text.parse().map_err(|error: toml::de::Error| {
        format!("{}, line {}: {}", path.display(), line_of(&text, &error), error.message())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Common, duration};
    use std::{io::Write, time::Duration};
    use tracing::level_filters::LevelFilter;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        common: Common,
        #[command(subcommand)]
        command: Task,
    }

    #[derive(Debug, PartialEq, clap::Subcommand)]
    enum Task {
        Share {
            #[arg(long, default_value = "[::]:7443")]
            listen: String,
            #[arg(long = "for", value_parser = duration)]
            length: Option<Duration>,
            #[arg(long)]
            print_code: bool,
            #[arg(long)]
            hide: Vec<String>,
        },
        Allow {
            key: String,
            #[arg(long)]
            name: String,
        },
    }

    fn run(args: &str, env: &[(&str, &str)]) -> Result<Program, String> {
        let args: Vec<OsString> = std::iter::once("beside").chain(args.split_whitespace()).map(Into::into).collect();
        let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        try_parse(&args, env).map_err(|error| error.to_string())
    }

    fn file(text: &str) -> (tempfile::NamedTempFile, String) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let flag = format!("--config {}", file.path().display());
        (file, flag)
    }

    fn listen(program: &Program) -> &str {
        match &program.command {
            Task::Share { listen, .. } => listen,
            Task::Allow { .. } => panic!("another command"),
        }
    }

    #[test]
    fn flags_go_before_environment_before_file_before_defaults() {
        let (_file, config) = file("[share]\nlisten = \"file\"\n");
        let env = [("BESIDE_SHARE_LISTEN", "env")];
        assert_eq!(listen(&run("share", &[]).unwrap()), "[::]:7443");
        assert_eq!(listen(&run(&format!("share {config}"), &[]).unwrap()), "file");
        assert_eq!(listen(&run(&format!("{config} share"), &env).unwrap()), "env");
        assert_eq!(listen(&run(&format!("share --listen flag {config}"), &env).unwrap()), "flag");
    }

    #[test]
    fn common_options_and_all_kinds_of_values() {
        let (path, config) = file("log = \"debug\"\njson = true\n[share]\nfor = \"8h\"\nprint-code = true\n");
        let program = run(&format!("share {config}"), &[("BESIDE_STATE_DIR", "here")]).unwrap();
        assert_eq!(program.common.log, LevelFilter::DEBUG);
        assert!(program.common.json);
        assert_eq!(program.common.state_dir, Some("here".into()));
        assert_eq!(program.common.config.as_deref(), Some(path.path()));
        let length = Some(Duration::from_secs(28_800));
        let (listen, hide) = ("[::]:7443".into(), Vec::new());
        assert_eq!(program.command, Task::Share { listen, length, print_code: true, hide });
    }

    #[test]
    fn what_may_be_given_several_times_is_a_list() {
        let hide = |program: Program| match program.command {
            Task::Share { hide, .. } => hide,
            Task::Allow { .. } => panic!("another command"),
        };
        let (_file, config) = file("[share]\nhide = [\"a=1,2\", \"b\"]\n");
        assert_eq!(hide(run(&format!("share {config}"), &[]).unwrap()), ["a=1,2", "b"]);
        assert_eq!(hide(run(&format!("share {config} --hide c --hide d,e"), &[]).unwrap()), ["c", "d,e"]);
        let env = [("BESIDE_SHARE_HIDE", "f g\nh")];
        assert_eq!(hide(run(&format!("share {config}"), &env).unwrap()), ["f g", "h"]);
        let (_file, one) = file("[share]\nhide = \"a\"\n");
        assert_eq!(hide(run(&format!("share {one}"), &[]).unwrap()), ["a"]);
        let (_file, none) = file("[share]\nhide = []\n");
        assert_eq!(hide(run(&format!("share {none}"), &[]).unwrap()), Vec::<String>::new());
    }

    #[test]
    fn the_environment_says_yes_no_or_nothing() {
        assert!(run("share", &[("BESIDE_JSON", "1")]).unwrap().common.json);
        assert!(!run("share", &[("BESIDE_JSON", "0")]).unwrap().common.json);
        assert!(!run("share", &[("BESIDE_JSON", "")]).unwrap().common.json);
    }

    #[test]
    fn the_environment_names_the_file_and_fills_what_is_required() {
        let (path, _) = file("[allow]\nname = \"Ann\"\n");
        let program = run("allow KEY", &[("BESIDE_CONFIG", path.path().to_str().unwrap())]).unwrap();
        assert_eq!(program.command, Task::Allow { key: "KEY".into(), name: "Ann".into() });
        assert!(run("allow KEY", &[]).is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, hint) in [
            ("lisen = 1\n", "lisen is no option"),
            ("listen = \"x\"\n", "listen is no option; it belongs under [share]"),
            ("[share]\nname = \"x\"\n", "share.name is no option"),
            ("[shore]\n", "shore is no option"),
            ("share = 1\n", "share is a command"),
            ("config = \"x\"\n", "config is no option"),
            ("[share]\nfor = \"soon\"\n", "share.for: invalid value soon: write a duration"),
            ("json = \"maybe\"\n", "json: invalid value maybe"),
            ("log = []\n[share\n", "line 2"),
            ("log = 1979-05-27\n", "log must be a text"),
        ] {
            let (path, config) = file(text);
            let error = run(&format!("share {config}"), &[]).unwrap_err();
            assert!(error.contains(hint) && error.contains(path.path().to_str().unwrap()), "{text}{error}");
        }
        let error = run("share", &[("BESIDE_JSON", "2")]).unwrap_err();
        assert!(error.contains("BESIDE_JSON: invalid value 2"), "{error}");
        let error = run("share", &[("BESIDE_LOG", "loud")]).unwrap_err();
        assert!(error.contains("BESIDE_LOG: invalid value loud"), "{error}");
        let error = run("share --config /nowhere/at/all", &[]).unwrap_err();
        assert!(error.contains("can't be read"), "{error}");
    }
}
