//! The server as a process: the desk, its child, ends it when it does not obey.

use std::io;

/// The process that has started this one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerProcess {
    id: u32,
}

impl ServerProcess {
    /// By its process id, as it has told it itself.
    pub(super) const fn new(id: u32) -> Self {
        Self { id }
    }

    /// Ends it at once, whatever it is doing: also if it is stopped. All its connections end with it.
    #[cfg(unix)]
    pub(super) fn end(self) -> io::Result<()> {
        use rustix::process::{Signal, getppid, kill_process};

        let parent = getppid().ok_or_else(|| io::Error::other("it is gone"))?;
        // Another parent than at the start: the server is gone, and its number may be another process's by now.
        if u32::try_from(parent.as_raw_nonzero().get()) != Ok(self.id) {
            return Err(io::Error::other("it is gone"));
        }
        kill_process(parent, Signal::KILL).map_err(Into::into)
    }

    /// Ends it at once, by the system's own tool.
    #[cfg(not(unix))]
    pub(super) fn end(self) -> io::Result<()> {
        let mut tool = std::process::Command::new("taskkill");
        let status = tool.args(["/F", "/PID", &self.id.to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("taskkill: {status}"))) }
    }
}
