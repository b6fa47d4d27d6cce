//! Workloads and benchmarks of the frame-diff encoder.
//!
//! A [`Workload`] draws what a screen shows; [`measure`] sends it through the encoder, the decoder and what they are
//! compared with. `cargo run --release -p beside-benches --bin table` prints the tables of `docs/benchmarks.md`.

mod compare;
mod font;
mod frames;
mod hashes;
mod measure;
mod paint;
mod photo;
mod random;
mod samples;
mod text;
mod workload;

pub use compare::{WholeFrame, changed_blocks, equal};
pub use frames::Frames;
pub use hashes::{Hashes, measure_hashes};
pub use measure::{Fault, Measured, Settings, measure};
pub use samples::Samples;
pub use workload::{Scene, Workload};
