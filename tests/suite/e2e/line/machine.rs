//! One end of a line: a network namespace, in which programs can be started.

use super::{
    super::program::{Program, run},
    tun::{NoRights, namespace_with_device},
};
use std::{
    fs::File,
    os::fd::AsRawFd,
    process::{self, Command},
};

/// What the line is called on both machines.
pub(super) const DEVICE: &str = "line";

/// A machine on the line.
#[derive(Debug)]
pub(super) struct Machine {
    namespace: File,
}

impl Machine {
    /// A machine with this address, and its end of the line.
    pub(super) fn new(address: &str) -> Result<(Self, File), NoRights> {
        let (namespace, device) = namespace_with_device(DEVICE)?;
        let machine = Self { namespace };
        machine.ip(&["link", "set", "lo", "up"]);
        machine.ip(&["link", "set", DEVICE, "up"]);
        machine.has_address(address);
        Ok((machine, device))
    }

    /// Gives it an address of the network that both machines are in.
    pub(super) fn has_address(&self, address: &str) {
        self.ip(&["address", "add", &format!("{address}/24"), "dev", DEVICE]);
    }

    /// Sets up its network.
    pub(super) fn ip(&self, arguments: &[&str]) {
        let (code, _, errors) = run(&mut self.inside(Command::new("ip").args(arguments)));
        assert_eq!(code, 0, "ip {arguments:?}: {errors}; install what is missing with scripts/install.sh test");
    }

    /// Starts a program on it.
    pub(super) fn start(&self, command: &Command) -> Program {
        Program::start_as(command.get_program().to_string_lossy().into_owned(), &mut self.inside(command))
    }

    /// The same command on this machine. What it starts is killed when the thread ends that starts it.
    fn inside(&self, command: &Command) -> Command {
        let namespace = format!("--net=/proc/{}/fd/{}", process::id(), self.namespace.as_raw_fd());
        let mut inside = Command::new("nsenter");
        inside.arg(namespace).args(["setpriv", "--pdeathsig", "KILL"]);
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }
}
