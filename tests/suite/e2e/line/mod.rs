//! A bad line for real programs: user's and officer's machine are network namespaces, each with a TUN device, and what leaves
//! one crosses an emulated line to the other, in real time.
//!
//! All of it hangs on this process. The devices go with their namespaces, those with our file descriptors and with the
//! programs inside, and these are killed when we die: nothing is left behind, however a test ends.

mod carrier;
mod machine;
mod tun;

pub(super) use tun::NoRights;

use super::program::Program;
use beside_shell::net::emulator::{Path, Profile};
use carrier::Carrier;
use machine::Machine;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::Command,
    time::Duration,
};

/// A free port of the user's machine.
pub(super) const HOST: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 78, 0, 1)), 0);

/// Where the officer's machine is at first, and where it is after its move.
const OFFICER: &str = "10.78.0.2";
pub(super) const MOVED: &str = "10.78.0.3";

/// The line with the machines at its ends. Dropping it takes it down.
#[derive(Debug)]
pub(super) struct Line {
    carrier: Carrier,
    host: Machine,
    officer: Machine,
}

impl Line {
    /// A line whose faults come from the seed; `up` is the way to the host.
    pub(super) fn new(up: Profile, down: Profile, seed: u64) -> Result<Self, NoRights> {
        let (host, host_device) = Machine::new(&HOST.ip().to_string())?;
        let (officer, officer_device) = Machine::new(OFFICER)?;
        let carrier = Carrier::between(officer_device, host_device, Path::new(up, seed), Path::new(down, !seed));
        Ok(Self { carrier, host, officer })
    }

    /// Starts a program on the user's machine.
    pub(super) fn start_at_host(&self, command: &Command) -> Program {
        self.host.start(command)
    }

    /// Starts a program on the officer's machine.
    pub(super) fn start_at_officer(&self, command: &Command) -> Program {
        self.officer.start(command)
    }

    /// Carries nothing for so long.
    pub(super) fn fall_silent(&self, span: Duration) {
        self.carrier.rules().fall_silent(span);
    }

    /// Carries no UDP from now on.
    pub(super) fn block_udp(&self) {
        self.carrier.rules().block_udp();
    }

    /// Takes the officer's machine into another network: its address goes, and a moment later it has [`MOVED`].
    pub(super) fn move_officer(&self) {
        self.officer.ip(&["address", "flush", "dev", machine::DEVICE]);
        self.officer.has_address(MOVED);
    }
}
