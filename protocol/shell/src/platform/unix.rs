//! Unix: owners and mode bits.

use crate::program::Shutdown;
use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions},
    future::poll_fn,
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    task::Poll,
};
use tokio::signal::unix::{SignalKind, signal};

/// Whether this process may do anything.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Where the owner of the machine keeps what holds for all its users.
pub(crate) fn machine_dir() -> Option<PathBuf> {
    Some("/etc/beside".into())
}

/// Makes a directory that only its owner may enter, and its parents; one that exists is left as it is.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A file that is made with these options is for its owner only.
pub(crate) fn make_private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Whether it is the file of the user who runs this.
pub(crate) fn is_own(file: &Metadata) -> bool {
    file.uid() == rustix::process::geteuid().as_raw()
}

/// Waits until the names in a directory are on the disk.
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Whether someone other than the owner may read it.
pub(crate) fn others_may_read(file: &Metadata) -> bool {
    file.mode() & 0o044 != 0
}

/// Whether someone other than the owner may change it.
pub(crate) fn others_may_write(file: &Metadata) -> bool {
    file.mode() & 0o022 != 0
}

/// Ready at Ctrl-C, at a request to end, and when the terminal or the desktop session goes away.
pub(crate) async fn shutdown() -> Shutdown {
    let signals = [
        (SignalKind::interrupt(), Shutdown::Person),
        (SignalKind::terminate(), Shutdown::System),
        (SignalKind::hangup(), Shutdown::System),
    ];
    let mut signals: Vec<_> = signals.into_iter().filter_map(|(kind, by)| Some((signal(kind).ok()?, by))).collect();
    poll_fn(|context| {
        let mut received =
            signals.iter_mut().filter_map(|(signal, by)| signal.poll_recv(context).is_ready().then_some(*by));
        received.next().map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
