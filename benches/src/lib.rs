//! Workloads and benchmarks of the frame-diff encoder.
//!
//! A [`Case`] is what a screen shows, drawn by a [`Workload`] or played from a [`Capture`]; [`measure`] sends it through
//! the encoder, the decoder and what they are [compared](compare) with. `cargo run --release -p beside-benches --bin table`
//! prints the tables of `docs/benchmarks.md`, `--bin targets` what is wanted of the encoder and whether it holds.

mod capture;
mod case;
pub mod compare;
mod exactness;
mod font;
mod frames;
mod hashes;
mod look;
mod measure;
mod paint;
mod photo;
mod random;
mod samples;
mod text;
mod viewers;
mod workload;

pub use capture::{Capture, Recorder};
pub use case::Case;
pub use exactness::Exactness;
pub use frames::Frames;
pub use hashes::{Hashes, measure_hashes};
pub use look::{Edges, Look, Theme};
pub use measure::{Costs, Fault, Measured, Settings, measure};
pub use samples::Samples;
pub use viewers::{Work, in_step};
pub use workload::{Scene, Workload, film};
