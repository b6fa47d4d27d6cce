//! What an officer may do, each permission on its own.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One thing that an officer may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// See the screen.
    View,
    /// Use keyboard and pointer.
    Control,
    /// Exchange clipboard contents.
    Clipboard,
    /// Send and fetch files.
    Files,
    /// Read facts about the machine.
    Diagnose,
    /// Use a shell.
    Terminal,
}

impl Permission {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::View, Self::Control, Self::Clipboard, Self::Files, Self::Diagnose, Self::Terminal];

    /// Its name in commands, files and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Control => "control",
            Self::Clipboard => "clipboard",
            Self::Files => "files",
            Self::Diagnose => "diagnose",
            Self::Terminal => "terminal",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of permissions. Bits that this version does not know are dropped when it is read.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Permissions(u16);

impl Permissions {
    /// No permission at all.
    pub const NONE: Self = Self(0);
    /// See the screen, nothing else.
    pub const VIEW: Self = Self(Permission::View.bit());
    /// See the screen and use keyboard and pointer.
    pub const CONTROL: Self = Self(Permission::View.bit() | Permission::Control.bit());

    /// All of them.
    pub const ALL: Self = {
        let (mut bits, mut n) = (0, 0);
        while n < Permission::ALL.len() {
            bits |= Permission::ALL[n].bit();
            n += 1;
        }
        Self(bits)
    };

    /// Whether `permission` is in it.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// The same with `permission`.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    /// The same without `permission`.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    /// What is in both: how a grant is narrowed.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub const fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one and not in `other`.
    #[must_use]
    pub const fn except(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |&permission| self.has(permission))
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let bits = u16::deserialize(source)?;
        Ok(Permission::ALL.into_iter().filter(|p| bits & p.bit() != 0).collect())
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(members: I) -> Self {
        members.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Permissions {
    /// The names, separated by commas, as [`FromStr`] reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Permission::name).collect();
        f.write_str(&names.join(","))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

/// A name that is no permission.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no permission; there are view, control, clipboard, files, diagnose and terminal")]
pub struct InvalidPermission(String);

impl FromStr for Permissions {
    type Err = InvalidPermission;

    fn from_str(list: &str) -> Result<Self, InvalidPermission> {
        list.split(',')
            .map(|name| {
                let name = name.trim();
                Permission::ALL
                    .into_iter()
                    .find(|permission| permission.name() == name)
                    .ok_or_else(|| InvalidPermission(name.to_owned()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_back() {
        let set: Permissions = "view, control".parse().unwrap();
        assert_eq!(set, Permissions::CONTROL);
        assert_eq!(set.to_string(), "view,control");
        assert!("view,,".parse::<Permissions>().is_err());
        assert!("root".parse::<Permissions>().is_err());
    }

    #[test]
    fn unknown_bits_grant_nothing() {
        let set: Permissions = postcard::from_bytes(&[0x80, 0x80, 0x02]).unwrap();
        assert!(set.is_empty());
    }
}
