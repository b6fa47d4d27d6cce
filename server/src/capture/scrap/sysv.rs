//! Makes the shared memory of scrap private: it opens it to all users of the machine, and leaves it behind when killed.
//!
//! The segment is closed to others and marked for removal before anything is drawn in it: scrap's requests to the
//! X server lie in a buffer until it waits for its first frame. Whoever has attached it in the short time between shows in
//! the count of attachments, and the capture is refused.

use std::{fs, io, mem::MaybeUninit, process};

/// Attached to a segment: this process only.
const OURS: libc::shmatt_t = 1;

/// Attached to a segment: this process and the X server.
const OURS_AND_SERVER: libc::shmatt_t = 2;

/// Runs `open`, which makes one shared memory segment; makes that private; runs `first_frame`, which has the X server attach
/// it; and makes sure that nobody else has.
pub(super) fn open_private<T>(
    open: impl FnOnce() -> io::Result<T>,
    first_frame: impl FnOnce(&mut T) -> io::Result<()>,
) -> io::Result<T> {
    let before = own_segments()?;
    let mut opened = open()?;
    let segments: Vec<_> = own_segments()?.into_iter().filter(|id| !before.contains(id)).collect();
    let [segment] = segments[..] else {
        return Err(io::Error::other(format!("{} segments in place of one", segments.len())));
    };
    close(segment)?;
    check_attached(segment, OURS)?;
    first_frame(&mut opened)?;
    check_attached(segment, OURS_AND_SERVER)?;
    Ok(opened)
}

/// The segments that this process has made.
fn own_segments() -> io::Result<Vec<i32>> {
    Ok(segments_of(process::id(), &fs::read_to_string("/proc/sysvipc/shm")?))
}

/// The columns of the system's list are: key, id, mode, size, maker, last user, …
fn segments_of(maker: u32, list: &str) -> Vec<i32> {
    let id = |line: &str| {
        let mut columns = line.split_ascii_whitespace();
        let id = columns.nth(1)?.parse().ok()?;
        (columns.nth(2)?.parse() == Ok(maker)).then_some(id)
    };
    list.lines().filter_map(id).collect()
}

/// Closes a segment to other users and has the system remove it together with its last user.
fn close(segment: i32) -> io::Result<()> {
    let mut state = state(segment)?;
    state.shm_perm.mode = 0o600;
    // SAFETY: `state` is a complete `shmid_ds`, which IPC_SET only reads.
    check(unsafe { libc::shmctl(segment, libc::IPC_SET, &raw mut state) })?;
    // SAFETY: IPC_RMID takes no structure.
    check(unsafe { libc::shmctl(segment, libc::IPC_RMID, std::ptr::null_mut()) })
}

fn check_attached(segment: i32, expected: libc::shmatt_t) -> io::Result<()> {
    match state(segment)?.shm_nattch {
        attached if attached == expected => Ok(()),
        attached if attached < expected => Err(io::Error::other("the X server has no access to it")),
        _ => Err(io::Error::other("another program has attached it")),
    }
}

fn state(segment: i32) -> io::Result<libc::shmid_ds> {
    let mut state = MaybeUninit::uninit();
    // SAFETY: IPC_STAT writes a whole `shmid_ds` where it succeeds.
    check(unsafe { libc::shmctl(segment, libc::IPC_STAT, state.as_mut_ptr()) })?;
    // SAFETY: it has succeeded.
    Ok(unsafe { state.assume_init() })
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_segments_are_found_in_the_list() {
        let list = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid\n\
                    0      32768  1777              16588800  4711  4712      2  1000  1000\n\
                    0          5   600                  4096    17  4711      2  1000  1000\n";
        assert_eq!(segments_of(4711, list), [32768]);
        assert!(segments_of(4712, list).is_empty());
    }

    /// A segment that this process has attached, as scrap makes it.
    fn shared() -> (i32, *mut libc::c_void) {
        // SAFETY: a new segment, attached where the system chooses.
        unsafe {
            let id = libc::shmget(libc::IPC_PRIVATE, 4096, libc::IPC_CREAT | 0o777);
            (id, libc::shmat(id, std::ptr::null(), 0))
        }
    }

    #[test]
    fn a_segment_is_closed_and_removed_and_strangers_are_noticed() {
        let (segment, memory) = shared();
        assert!(own_segments().unwrap().contains(&segment));
        close(segment).unwrap();
        assert_eq!(state(segment).unwrap().shm_perm.mode & 0o777, 0o600);
        assert!(check_attached(segment, OURS).is_ok());
        // SAFETY: the segment lives as long as `memory` is attached.
        let second = unsafe { libc::shmat(segment, std::ptr::null(), 0) };
        assert!(check_attached(segment, OURS).is_err());
        for attached in [memory, second] {
            // SAFETY: attached above, and not used any more.
            unsafe { libc::shmdt(attached) };
        }
        assert!(state(segment).is_err());
    }
}
