//! A new network namespace with a TUN device in it: the two calls that no safe interface has.

use rustix::{
    ioctl::{Opcode, Updater, ioctl, opcode},
    thread::{UnshareFlags, unshare_unsafe},
};
use std::{fmt, fs::File, io, thread};

/// What is missing on this machine, or for this user, to make a line.
#[derive(Debug)]
pub(in super::super) struct NoRights {
    what: &'static str,
    error: io::Error,
}

/// A namespace that lives as long as this file, or somebody inside, and its device: each reading takes a packet that leaves,
/// each writing is a packet that comes.
pub(super) fn namespace_with_device(name: &str) -> Result<(File, File), NoRights> {
    let mut request = Request { name: [0; 16], flags: IFF_TUN | IFF_NO_PI, rest: [0; 22] };
    request.name[..name.len()].copy_from_slice(name.as_bytes());
    // Only the thread that asks for it moves into the new namespace, so it is one that ends at once.
    let made = thread::spawn(move || {
        // SAFETY: unsafe is only to stop sharing file descriptors (`FILES`), and they stay shared.
        unsafe { unshare_unsafe(UnshareFlags::NEWNET) }.map_err(lacks("a network namespace"))?;
        let namespace = File::open("/proc/thread-self/ns/net").map_err(lacks("/proc"))?;
        let device = File::options().read(true).write(true).open("/dev/net/tun").map_err(lacks("/dev/net/tun"))?;
        // SAFETY: TUNSETIFF reads and writes a `struct ifreq`, which `Request` is.
        unsafe { ioctl(&device, Updater::<TUNSETIFF, Request>::new(&mut request)) }.map_err(lacks("a TUN device"))?;
        Ok((namespace, device))
    });
    made.join().expect("nothing in there panics")
}

impl fmt::Display for NoRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no emulated line without {}: {}", self.what, self.error)
    }
}

/// `_IOW('T', 202, int)` of linux/if_tun.h. What it says of the argument is not true and may not be changed any more.
const TUNSETIFF: Opcode = opcode::write::<i32>(b'T', 202);
/// Packets of IP, without Ethernet's frame.
const IFF_TUN: u16 = 0x0001;
/// Nothing before the packet.
const IFF_NO_PI: u16 = 0x1000;

/// `struct ifreq` of linux/if.h: the name ends with a zero, the flags are the first of what a union may hold.
#[repr(C)]
struct Request {
    name: [u8; 16],
    flags: u16,
    rest: [u8; 22],
}

fn lacks<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> NoRights {
    move |error| NoRights { what, error: error.into() }
}
