//! The few questions whose answer depends on the operating system: who runs this, who may read a file, and when to end.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use other::{create_dir, is_root, others_may_read, others_may_write, shutdown};
#[cfg(unix)]
pub(crate) use unix::{create_dir, is_root, others_may_read, others_may_write, shutdown};
