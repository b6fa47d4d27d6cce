//! Starting and ending a process of our own.

use std::{
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

/// How often a process that should end is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Lets the process live through a Ctrl+C in the terminal: it is to end by the end of its stdin, tidily.
pub(super) fn detach(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        /// `CREATE_NEW_PROCESS_GROUP`: no Ctrl+C.
        const NEW_GROUP: u32 = 0x200;
        std::os::windows::process::CommandExt::creation_flags(command, NEW_GROUP);
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// By itself, content.
    Well,
    /// By itself or by someone else, with an error.
    Badly,
    /// By us, after the deadline.
    Killed,
}

/// Waits for a process that has been told to end; kills it at the deadline.
pub(super) fn end(child: &mut Child, deadline: Instant) -> Ending {
    while Instant::now() < deadline {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ending::Well,
            Ok(Some(_)) | Err(_) => return Ending::Badly,
            Ok(None) => thread::sleep(LOOK),
        }
    }
    // It may have ended just now; then there is nothing to kill, and `wait` returns at once.
    if child.kill().is_ok() {
        tracing::warn!(id = child.id(), "a process of this program did not end and was killed");
    }
    match child.wait() {
        Ok(status) if status.success() => Ending::Well,
        _ => Ending::Killed,
    }
}
