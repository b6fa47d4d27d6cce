//! What tells one start of the computer from the next.

use serde::{Deserialize, Serialize};

/// How far apart the times of two starts must be, in seconds: the same one is told a little differently each time.
const APART: u64 = 60;

/// A start of the computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Boot {
    /// Each has a name of its own.
    Named(String),
    /// When it was, in seconds since 1970.
    At(u64),
}

impl Boot {
    /// The last one, as far as the system tells.
    pub(super) fn now() -> Option<Self> {
        system()
    }

    /// Whether this is certainly a later one than that.
    pub(super) fn follows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(now), Self::Named(then)) => now != then,
            (Self::At(now), Self::At(then)) => *now > then.saturating_add(APART),
            (Self::Named(_), Self::At(_)) | (Self::At(_), Self::Named(_)) => false,
        }
    }
}

/// The kernel draws a name at each start.
#[cfg(target_os = "linux")]
fn system() -> Option<Boot> {
    let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let name = name.trim();
    (!name.is_empty()).then(|| Boot::Named(name.to_owned()))
}

/// Other systems tell how long they run.
#[cfg(not(target_os = "linux"))]
fn system() -> Option<Boot> {
    let at = sysinfo::System::boot_time();
    (at > 0).then_some(Boot::At(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_later_start_is_another() {
        let (named, at) = (|name: &str| Boot::Named(name.to_owned()), Boot::At);
        assert!(named("b").follows(&named("a")) && !named("a").follows(&named("a")));
        assert!(at(1_000_061).follows(&at(1_000_000)));
        for (now, then) in [(1_000_060, 1_000_000), (1_000_000, 1_000_000), (900_000, 1_000_000)] {
            assert!(!at(now).follows(&at(then)), "{now} after {then}");
        }
        assert!(!at(2).follows(&named("a")) && !named("a").follows(&at(2)));
    }

    #[test]
    fn this_computer_was_started_once() {
        let boot = Boot::now().unwrap();
        assert!(!Boot::now().unwrap().follows(&boot));
    }
}
