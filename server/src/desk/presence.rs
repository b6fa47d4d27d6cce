//! Whether the user is there to see what is on their screen, as far as the system tells.

use serde::{Deserialize, Serialize};
use std::{io, thread, time::Duration};

#[cfg(target_os = "linux")]
#[path = "presence/dbus.rs"]
mod platform;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "presence/other.rs"]
mod platform;
#[cfg(windows)]
#[path = "presence/windows.rs"]
mod platform;

/// Whether the user's session is the one that is seen and used at the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// It is; or nobody can tell.
    Here,
    /// The screen is locked, or another user's session is in front.
    Locked,
}

/// How long after the system could not tell it is asked anew: what tells may begin later than this program, or begin again.
const RETRY: Duration = Duration::from_secs(30);

/// Watches from a thread of its own, and tells of each change; at first the user is taken to be there.
pub(super) fn watch(on_change: impl Fn(Presence) + Send + 'static) -> io::Result<()> {
    let body = move || {
        let mut told = Presence::Here;
        let mut tell = |presence| {
            if std::mem::replace(&mut told, presence) != presence {
                on_change(presence);
            }
        };
        let mut known = String::new();
        loop {
            let Err(why) = platform::watch(&mut tell);
            if known != why {
                tracing::warn!(why, "a locked screen can't be seen for now, so sessions go on behind it");
                known = why;
            }
            thread::sleep(RETRY);
        }
    };
    thread::Builder::new().name("presence".into()).spawn(body)?;
    Ok(())
}
