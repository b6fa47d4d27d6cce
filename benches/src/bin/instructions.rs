//! Encodes a few updates of one workload, for `benches/instructions.sh` to count what that takes.

use std::process::ExitCode;

use beside_benches::{Frames, Settings, Workload};
use beside_protocol::frame::{Coder, Encoder, Framebuffer, InvalidSize, Patch, Size};
use clap::Parser;

/// Encodes some updates; only the function `collected` counts.
#[derive(Debug, Parser)]
struct Options {
    /// The workload's name.
    workload: Option<String>,
}

/// Small, so that counting takes seconds.
const SIZE: Size = Size::new(960, 540);
const UPDATES: u32 = 8;

fn main() -> ExitCode {
    let Some(name) = Options::parse().workload else {
        Workload::ALL.iter().for_each(|workload| println!("{}", workload.name()));
        return ExitCode::SUCCESS;
    };
    let Some(workload) = Workload::ALL.iter().find(|workload| workload.name() == name) else {
        eprintln!("instructions: there is no workload {name}");
        return ExitCode::FAILURE;
    };
    match run(*workload) {
        Ok(bytes) => {
            println!("{bytes}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how many bytes the updates took.
fn run(workload: Workload) -> Result<usize, InvalidSize> {
    let mut scene = workload.scene(SIZE, Settings::FULL.seed, Settings::FULL.look);
    let mut screen = Framebuffer::new(SIZE);
    let mut frames = Frames::new(SIZE, 0);
    let (mut encoder, mut coder) = (Encoder::new(SIZE, [1; 16])?, Coder::new());
    let mut bytes = 0;
    for step in 0..workload.seen() + UPDATES {
        scene.draw(&mut screen, step);
        frames.set(0, &screen);
        let patch = frames.patch(0, SIZE.rect());
        if step < workload.seen() {
            encode(&mut encoder, &mut coder, patch);
        } else {
            bytes += collected(&mut encoder, &mut coder, patch);
        }
    }
    Ok(bytes)
}

/// What is counted.
#[inline(never)]
fn collected(encoder: &mut Encoder, coder: &mut Coder, patch: Patch<'_>) -> usize {
    encode(encoder, coder, patch)
}

fn encode(encoder: &mut Encoder, coder: &mut Coder, patch: Patch<'_>) -> usize {
    let jobs = encoder.update(&[patch]).map_or_else(Vec::new, |update| update.jobs);
    jobs.into_iter().map(|job| job.run(coder).bytes.len()).sum()
}
