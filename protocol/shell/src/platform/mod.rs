//! The few questions whose answer depends on the operating system: who runs this, who may read a file,
//! when to end, and how TCP is told to keep little.

#[cfg(not(unix))]
mod other;
mod tcp;
#[cfg(unix)]
mod unix;

pub(crate) use tcp::{allow_restart, keep_queue_short};

#[cfg(not(unix))]
pub(crate) use other::{
    create_dir, is_own, is_root, machine_dir, make_private, others_may_read, others_may_write, shutdown, sync_dir,
};
#[cfg(unix)]
pub(crate) use unix::{
    create_dir, is_own, is_root, machine_dir, make_private, others_may_read, others_may_write, shutdown, sync_dir,
};
