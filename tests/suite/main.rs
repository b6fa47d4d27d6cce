//! The integration suite: one binary, so that it links once. A module per subject.

mod fuzz_replay;
mod tidy;
