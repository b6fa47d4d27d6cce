//! The process of an X server.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running X server. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Server(Child);

impl Server {
    /// Starts an X server on a display that it chooses; gives that display's name too.
    pub(super) fn start(command: &mut Command) -> (Self, String) {
        let program = command.get_program().to_owned();
        // It shall not start anew when its last client leaves: that would free stuck keys.
        command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap_or_else(|e| {
            panic!("{} does not start ({e}): install what is missing with scripts/install.sh test", program.display())
        });
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let number: u32 = number.trim().parse().unwrap_or_else(|_| panic!("{} ends at once", program.display()));
        (Self(process), format!(":{number}"))
    }

    /// Ends it by `kill -9`.
    pub(super) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself. Otherwise a signal that it can hear lets it take its lock file along.
        if let Ok(None) = self.0.try_wait() {
            let _ = kill_process(Pid::from_child(&self.0), Signal::TERM);
            let _ = self.0.wait();
        }
    }
}
