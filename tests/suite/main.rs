//! The integration suite: one binary, one module for each behaviour.
//!
//! | module | what it holds |
//! |---|---|
//! | `contact` | who is not known comes in by a code, and nobody learns anything of it |
//! | `consent` | nothing is seen or done without the user's yes; every no has its name |
//! | `e2e` | both programs on virtual displays, as their users use them |
//! | `frames` | every viewer's picture is the host's, whatever the link does |
//! | `fuzz_replay` | what fuzzing has found before |
//! | `identity` | certificates of organisations; keys that are revoked or give their place to others |
//! | `input` | what reaches the user's keyboard and pointer, and that nothing stays down |
//! | `model` | random sequences against what must always be true |
//! | `pause` | Pause, the user's switches and their own hands: at once, and nothing slips through afterwards |
//! | `policy` | what the owner of a machine forbids, nobody can grant there |
//! | `presence` | whether the user is there, who may ask when, and what was agreed to beforehand |
//! | `record` | nothing takes effect before it is recorded; receipts that both have signed |
//! | `resumption` | a session outlives its connection, for who began it and within what was granted |
//! | `stepup` | more for a while, asking again, one officer in control: no means no, and time runs out |
//! | `net` | the same over QUIC on bad lines, in virtual time |
//! | `tidy` | the project's own rules: boundaries, licences, versions |

mod consent;
mod contact;
#[cfg(target_os = "linux")]
mod e2e;
mod frames;
mod fuzz_replay;
mod identity;
mod input;
mod lines;
mod model;
mod net;
mod pause;
mod people;
mod policy;
mod presence;
mod record;
mod restart;
mod resumption;
mod stepup;
mod tidy;
