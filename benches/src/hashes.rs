//! The kinds of hashing side by side: the diff of a screen on which nothing happens, against comparing two frames.

use std::time::Duration;

use beside_protocol::frame::{Encoder, Framebuffer, HashKind};

use crate::compare::{changed_blocks, equal};
use crate::frames::Frames;
use crate::measure::{Fault, KEY, Settings, timed};
use crate::samples::Samples;
use crate::workload::Workload;

/// How many passes over all frames each of them makes, in turns.
const ROUNDS: u32 = 25;

/// What was measured, from cold.
#[derive(Debug)]
pub struct Hashes {
    /// Time of the diff of a frame, for each kind that this processor has, the fastest last.
    pub diffs: Vec<(HashKind, Samples<Duration>)>,
    /// Time of `memcmp` over two frames.
    pub memcmp: Samples<Duration>,
    /// Time to compare the same two frames in blocks of 64 × 64.
    pub blocks: Samples<Duration>,
}

/// Measures each kind of hashing on the static workload.
///
/// # Errors
/// When the size is invalid.
pub fn measure_hashes(settings: &Settings) -> Result<Hashes, Fault> {
    let size = settings.size;
    let mut screen = Framebuffer::new(size);
    Workload::Static.scene(size, settings.seed, settings.look).draw(&mut screen, 0);
    let mut frames = Frames::new(size, settings.rotation);
    (0..frames.count()).for_each(|n| frames.set(n, &screen));

    let mut hosts = Vec::new();
    let mut measured = Hashes { diffs: Vec::new(), memcmp: Samples::new(), blocks: Samples::new() };
    for kind in HashKind::available() {
        let mut host = Encoder::with_hash(size, KEY, kind)?;
        host.update(&[frames.patch(0, size.rect())]);
        hosts.push(host);
        measured.diffs.push((kind, Samples::new()));
    }
    for _ in 0..ROUNDS.min(settings.most_updates) {
        for (host, (_, times)) in hosts.iter_mut().zip(&mut measured.diffs) {
            frames.evict();
            for n in 0..frames.count() {
                times.push(timed(|| host.update(&[frames.patch(n, size.rect())])).1);
            }
        }
        measured.compare(&frames);
    }
    Ok(measured)
}

impl Hashes {
    /// Compares the frames pair by pair, so that both of a pair are cold.
    fn compare(&mut self, frames: &Frames) {
        let pairs = || (0..frames.count()).step_by(2).map(|n| (frames.frame(n), frames.frame(n + 1)));
        frames.evict();
        for (old, new) in pairs() {
            self.memcmp.push(timed(|| equal(old.bytes(), new.bytes())).1);
        }
        frames.evict();
        for (old, new) in pairs() {
            self.blocks.push(timed(|| changed_blocks(&old, &new)).1);
        }
    }
}
