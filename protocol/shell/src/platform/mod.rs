//! The few questions whose answer depends on the operating system: who runs this, and who may read a file.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::{create_dir, is_root, others_may_read, others_may_write};
#[cfg(unix)]
pub(crate) use unix::{create_dir, is_root, others_may_read, others_may_write};
