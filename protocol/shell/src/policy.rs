//! The policy files: TOML in which the owner of a machine, and its user, forbid what then nobody can grant here.
//!
//! ```toml
//! permissions = "view, control"   # the most that anybody may be granted
//! session = "2h"                  # how long a session may last
//! standing = "no"                 # or how long a standing grant may last: "7d"
//! officers = 2                    # how many may be there at once
//! strangers = false               # whether somebody who is not enrolled may come with a code
//! organisations = false           # whether somebody who is not enrolled may come with a certificate
//! ticket = "required"             # whether a request has to name a ticket
//! agreements = false              # whether what the user agreed to beforehand lets anybody in
//! restarts = false                # whether a user may let an officer come back once after a restart of the computer
//! ```

use crate::{
    platform,
    program::duration,
    state::{StateDir, StateError},
    store::{Malformed, from_toml},
};
use beside_protocol::{
    session::{Agreements, Certified, Policy, Strangers, Tickets},
    wire::{Permissions, Return},
};
use serde::{Deserialize, Deserializer, de::Error};
use std::{path::PathBuf, time::Duration};

/// The name of a policy file, in the machine's directory and in the state directory.
const FILE: &str = "policy.toml";

/// Why a policy can't be known, so that nothing may be granted.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file can't be read, or others may change it.
    #[error(transparent)]
    State(#[from] StateError),
    /// A file holds something else, or a setting that does not exist.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// Together the files forbid everything.
    #[error("the policy of this machine ({}) lets nobody see anything", files(.0))]
    ForbidsAll(Vec<PathBuf>),
}

/// What holds on this machine: what its owner allows (`/etc/beside/policy.toml`, on Windows `%ProgramData%\Beside\policy.toml`)
/// and its user does too (`policy.toml` in the state directory). A missing file forbids nothing.
///
/// # Errors
/// When a file is there and can't be understood to the last word: a rule that was misspelt would otherwise not hold.
pub fn read(state: &StateDir) -> Result<Policy, PolicyError> {
    let machine = platform::machine_dir().map(StateDir::existing);
    read_from(machine.iter().chain([state]))
}

fn read_from<'a>(dirs: impl Iterator<Item = &'a StateDir>) -> Result<Policy, PolicyError> {
    let mut found = Vec::new();
    let mut policy = Policy::WIDEST;
    for dir in dirs {
        let Some((text, _)) = dir.text(FILE)? else { continue };
        let path = dir.file(FILE);
        policy = policy.both(from_toml::<Settings>(&text, path.clone())?.into());
        found.push(path);
    }
    if policy.allows_anything() { Ok(policy) } else { Err(PolicyError::ForbidsAll(found)) }
}

/// What a file may say; what it leaves out it allows.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    #[serde(deserialize_with = "permissions")]
    permissions: Option<Permissions>,
    #[serde(deserialize_with = "time")]
    session: Option<Duration>,
    #[serde(deserialize_with = "time_or_no")]
    standing: Option<Duration>,
    officers: Option<usize>,
    strangers: Option<bool>,
    ticket: Option<Ticket>,
    agreements: Option<bool>,
    organisations: Option<bool>,
    restarts: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ticket {
    Required,
    Optional,
}

impl From<Settings> for Policy {
    fn from(settings: Settings) -> Self {
        let stated = Self {
            permissions: settings.permissions.unwrap_or(Self::WIDEST.permissions),
            session: settings.session.unwrap_or(Self::WIDEST.session),
            standing: settings.standing.unwrap_or(Self::WIDEST.standing),
            officers: settings.officers.unwrap_or(Self::WIDEST.officers),
            strangers: match settings.strangers {
                Some(false) => Strangers::Refused,
                Some(true) | None => Strangers::WithCode,
            },
            certified: match settings.organisations {
                Some(false) => Certified::Refused,
                Some(true) | None => Certified::MayAsk,
            },
            ticket: match settings.ticket {
                Some(Ticket::Required) => Tickets::Required,
                Some(Ticket::Optional) | None => Tickets::Optional,
            },
            agreements: match settings.agreements {
                Some(false) => Agreements::Refused,
                Some(true) | None => Agreements::Allowed,
            },
            restarts: match settings.restarts {
                Some(false) => Return::AskAgain,
                Some(true) | None => Return::Once,
            },
        };
        // Nothing that is written there is wider than no policy.
        stated.both(Self::WIDEST)
    }
}

fn permissions<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Permissions>, D::Error> {
    String::deserialize(source)?.parse().map(Some).map_err(D::Error::custom)
}

fn time<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Duration>, D::Error> {
    duration(&String::deserialize(source)?).map(Some).map_err(D::Error::custom)
}

fn time_or_no<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Duration>, D::Error> {
    match String::deserialize(source)?.as_str() {
        "no" => Ok(Some(Duration::ZERO)),
        text => duration(text).map(Some).map_err(|error| D::Error::custom(format!("{error}, or \"no\""))),
    }
}

fn files(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::temporary;
    use beside_protocol::wire::Permission;

    fn read_texts(machine: &str, user: &str) -> Result<Policy, PolicyError> {
        let ((_one, machine_dir), (_other, state)) = (temporary(), temporary());
        machine_dir.replace(FILE, machine.as_bytes()).unwrap();
        state.replace(FILE, user.as_bytes()).unwrap();
        read_from([&machine_dir, &state].into_iter())
    }

    #[test]
    fn without_files_nothing_is_forbidden() {
        let (_parent, state) = temporary();
        assert_eq!(read_from([&state].into_iter()).unwrap(), Policy::WIDEST);
        assert_eq!(read_texts("", "# nothing\n").unwrap(), Policy::WIDEST);
    }

    /// Each setting, at each value that it can have, allows no more than without it.
    #[test]
    fn no_setting_widens() {
        for (text, narrowed) in [
            ("permissions = \"view, control\"", Policy { permissions: Permissions::CONTROL, ..Policy::WIDEST }),
            ("permissions = \"view,control,clipboard,files,diagnose,terminal\"", Policy::WIDEST),
            ("session = \"30m\"", Policy { session: Duration::from_secs(1800), ..Policy::WIDEST }),
            ("session = \"365d\"", Policy::WIDEST),
            ("standing = \"no\"", Policy { standing: Duration::ZERO, ..Policy::WIDEST }),
            ("standing = \"7d\"", Policy { standing: Duration::from_secs(7 * 86_400), ..Policy::WIDEST }),
            ("officers = 1", Policy { officers: 1, ..Policy::WIDEST }),
            ("strangers = false", Policy { strangers: Strangers::Refused, ..Policy::WIDEST }),
            ("strangers = true", Policy::WIDEST),
            ("organisations = false", Policy { certified: Certified::Refused, ..Policy::WIDEST }),
            ("organisations = true", Policy::WIDEST),
            ("ticket = \"required\"", Policy { ticket: Tickets::Required, ..Policy::WIDEST }),
            ("ticket = \"optional\"", Policy::WIDEST),
            ("agreements = false", Policy { agreements: Agreements::Refused, ..Policy::WIDEST }),
            ("agreements = true", Policy::WIDEST),
            ("restarts = false", Policy { restarts: Return::AskAgain, ..Policy::WIDEST }),
            ("restarts = true", Policy::WIDEST),
        ] {
            assert_eq!(read_texts(text, "").unwrap(), narrowed, "{text}");
            assert_eq!(read_texts("", text).unwrap(), narrowed, "{text}");
            assert_eq!(read_texts(text, "permissions = \"view\"\nofficers = 3").unwrap(), {
                narrowed.both(Policy { permissions: Permissions::VIEW, officers: 3, ..Policy::WIDEST })
            });
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        for (text, line, hint) in [
            ("officers = 1\npermision = \"view\"", 2, "permision"),
            ("permissions = \"everything\"", 1, "everything"),
            ("\nsession = \"soon\"", 2, "30m"),
            ("standing = \"never\"", 1, "\"no\""),
            ("officers = -1", 1, "officers"),
            ("ticket = \"maybe\"", 1, "required"),
            ("ticket = true", 1, ""),
            ("officers = ", 1, ""),
        ] {
            let error = read_texts("", text).unwrap_err().to_string();
            assert!(error.contains(&format!("{FILE}, line {line}: ")), "{error}");
            assert!(error.contains(hint) || text.contains(hint), "{error}");
        }
    }

    #[test]
    fn a_policy_that_forbids_everything_is_said_to() {
        for (machine, user) in [("permissions = \"files\"", ""), ("permissions = \"view\"", "officers = 0")] {
            assert!(matches!(read_texts(machine, user), Err(PolicyError::ForbidsAll(files)) if files.len() == 2));
        }
        assert!(read_texts("permissions = \"view\"", "").unwrap().permissions.has(Permission::View));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_change_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_parent, state) = temporary();
        state.replace(FILE, b"officers = 1").unwrap();
        std::fs::set_permissions(state.file(FILE), std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(matches!(read_from([&state].into_iter()), Err(PolicyError::State(StateError::Writable(_)))));
    }
}
