//! Unix: owners and mode bits.

use std::{
    fs::{DirBuilder, Metadata},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::Path,
};

/// Whether this process may do anything.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Makes a directory that only its owner may enter, and its parents; one that exists is left as it is.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether someone other than the owner may read it.
pub(crate) fn others_may_read(file: &Metadata) -> bool {
    file.mode() & 0o044 != 0
}

/// Whether someone other than the owner may change it.
pub(crate) fn others_may_write(file: &Metadata) -> bool {
    file.mode() & 0o022 != 0
}
