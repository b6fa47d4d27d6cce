//! Elsewhere: a user's own directories are closed to others by the system's defaults, so there is nothing to check.

use crate::program::Shutdown;
use std::{
    env, fs,
    fs::{Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Never: the check is about Unix's root.
pub(crate) const fn is_root() -> bool {
    false
}

/// Where the owner of the machine keeps what holds for all its users: on Windows, a directory in which others may change nothing.
pub(crate) fn machine_dir() -> Option<PathBuf> {
    env::var_os("ProgramData").map(|data| Path::new(&data).join("Beside"))
}

/// Makes a directory and its parents; one that exists is left as it is.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// As they are: what is in a user's own directory is closed to others.
pub(crate) const fn make_private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Nothing: the system gives no way to wait for a directory, and keeps its names in a journal of its own.
pub(crate) const fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Never known not to be so.
pub(crate) const fn is_own(_file: &Metadata) -> bool {
    true
}

/// Never known to be so.
pub(crate) const fn others_may_read(_file: &Metadata) -> bool {
    false
}

/// Never known to be so.
pub(crate) const fn others_may_write(_file: &Metadata) -> bool {
    false
}

/// Ready at Ctrl-C.
pub(crate) async fn shutdown() -> Shutdown {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Shutdown::Person,
        Err(_) => std::future::pending().await,
    }
}
