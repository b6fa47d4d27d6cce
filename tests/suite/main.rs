//! The integration suite: one binary, one module for each behaviour.
//!
//! | module | what it holds |
//! |---|---|
//! | `consent` | nothing is seen or done without the user's yes; every no has its name |
//! | `e2e` | both programs on virtual displays, as their users use them |
//! | `frames` | every viewer's picture is the host's, whatever the link does |
//! | `fuzz_replay` | what fuzzing has found before |
//! | `input` | what reaches the user's keyboard and pointer, and that nothing stays down |
//! | `model` | random sequences against what must always be true |
//! | `record` | nothing takes effect before it is recorded; receipts that both have signed |
//! | `resumption` | a session outlives its connection, for who began it and within what was granted |
//! | `net` | the same over QUIC on bad lines, in virtual time |
//! | `tidy` | the project's own rules: boundaries, licences, versions |

mod consent;
#[cfg(target_os = "linux")]
mod e2e;
mod frames;
mod fuzz_replay;
mod input;
mod model;
mod net;
mod people;
mod record;
mod resumption;
mod tidy;
