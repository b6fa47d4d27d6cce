//! TCP: what the systems name differently.

use socket2::{SockRef, Socket};
use std::io;
use tokio::net::TcpStream;

/// What may wait in the system until TCP sends it for the first time, in bytes: what comes later waits behind it.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 8 * 1024;

/// What may wait in the system until the peer has it, in bytes: the most that can be under way, so not too little.
#[cfg(not(target_os = "linux"))]
const SEND_BUFFER: usize = 128 * 1024;

/// Keeps the system from collecting much that it cannot send yet, where it can be told so.
#[cfg(target_os = "linux")]
pub(crate) fn keep_queue_short(stream: &TcpStream) {
    // Without it all works, but what is urgent waits longer on a thin link.
    let _ = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}

/// Keeps the system from collecting much that it cannot send yet, where it can be told so.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_queue_short(stream: &TcpStream) {
    // Without it all works, but what is urgent waits longer on a thin link.
    let _ = SockRef::from(stream).set_send_buffer_size(SEND_BUFFER);
}

/// Lets a restarted program listen where connections of the one before it still end.
#[cfg(unix)]
pub(crate) fn allow_restart(listener: &Socket) -> io::Result<()> {
    listener.set_reuse_address(true)
}

/// Lets a restarted program listen where connections of the one before it still end: Windows does so by itself, and its option
/// of that name would let another program share the port.
#[cfg(not(unix))]
pub(crate) const fn allow_restart(_listener: &Socket) -> io::Result<()> {
    Ok(())
}
