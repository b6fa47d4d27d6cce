//! Windows: Remote Desktop Services know of every session whether it is locked, and whether it is the one in front.

use super::Presence;
use std::{
    convert::Infallible,
    ffi::{c_int, c_void},
    io, ptr, thread,
    time::Duration,
};

/// How often it is asked: a notification would need a window procedure of our own.
const PERIOD: Duration = Duration::from_secs(1);

/// Tells of the present state and of each change; returns only with why it can't (any more).
pub(super) fn watch(mut tell: impl FnMut(Presence)) -> Result<Infallible, String> {
    loop {
        tell(presence().map_err(|error| format!("the session's state is not told: {error}"))?);
        thread::sleep(PERIOD);
    }
}

fn presence() -> io::Result<Presence> {
    let (mut buffer, mut bytes) = (ptr::null_mut(), 0);
    // SAFETY: both pointers are to variables that live through the call. The null handle and the session number are those that
    // stand for this machine and this process's session.
    let known = unsafe {
        WTSQuerySessionInformationW(ptr::null_mut(), CURRENT_SESSION, SESSION_INFO_EX, &raw mut buffer, &raw mut bytes)
    } != 0;
    if !known {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: after success the buffer has that many bytes; only if they hold the head, which is plain numbers, is it read.
    let head = (bytes as usize >= size_of::<Head>()).then(|| unsafe { ptr::read_unaligned(buffer.cast::<Head>()) });
    // SAFETY: the buffer came from the call above, and is used no more.
    unsafe { WTSFreeMemory(buffer) };
    let head = head.filter(|head| head.level == 1).ok_or(io::ErrorKind::InvalidData)?;
    Ok(if head.flags == LOCKED || head.state != ACTIVE { Presence::Locked } else { Presence::Here })
}

/// `WTS_CURRENT_SESSION`.
const CURRENT_SESSION: u32 = u32::MAX;
/// `WTSSessionInfoEx` of `WTS_INFO_CLASS`.
const SESSION_INFO_EX: c_int = 25;
/// `WTSActive` of `WTS_CONNECTSTATE_CLASS`: somebody sees this session.
const ACTIVE: c_int = 0;
/// `WTS_SESSIONSTATE_LOCK` (Windows 8 and later; Windows 7 had it the other way round).
const LOCKED: i32 = 0;

/// The first members of `WTSINFOEXW` with a `WTSINFOEX_LEVEL1_W` in it, which begins at a multiple of 8 bytes.
#[repr(C)]
struct Head {
    level: u32,
    padding: u32,
    session: u32,
    state: c_int,
    flags: i32,
}

#[link(name = "wtsapi32")]
unsafe extern "system" {
    fn WTSQuerySessionInformationW(
        server: *mut c_void,
        session: u32,
        class: c_int,
        buffer: *mut *mut c_void,
        bytes: *mut u32,
    ) -> c_int;
    fn WTSFreeMemory(memory: *mut c_void);
}
