//! The integration suite: one binary, so that it links once. A module per subject.

#[cfg(target_os = "linux")]
mod e2e;
mod fuzz_replay;
mod tidy;
