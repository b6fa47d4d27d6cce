//! Runs a workload through the encoder, the decoder and what they are compared with.
//!
//! All of them work on the same frames in turns: a round draws as many updates as there are frames in rotation, then each
//! one passes over the round's frames from cold. So what disturbs the machine disturbs all alike.

use std::io;
use std::time::{Duration, Instant};

use beside_protocol::frame::{Coder, DecodeError, Encoder, Framebuffer, InvalidSize, Part, Picture, Size};

use crate::compare::{WholeFrame, changed_blocks, equal};
use crate::frames::Frames;
use crate::samples::Samples;
use crate::workload::{Scene, Workload};

/// The segment hashes' key: any is as good.
pub(crate) const KEY: [u8; 16] = *b"beside-benches-1";

/// How to measure.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The size of the screen.
    pub size: Size,
    /// What the workload is drawn from.
    pub seed: u64,
    /// How many bytes the frames in rotation take at least: several times the largest cache for times that count.
    pub rotation: usize,
    /// Takes no more updates than this, nor than the [workload's own](Workload::updates).
    pub most_updates: u32,
}

impl Settings {
    /// What the published tables are measured with: 1080p, frames in rotation over 128 MiB.
    pub const FULL: Self = Self { size: Size::new(1_920, 1_080), seed: 1, rotation: 128 << 20, most_updates: u32::MAX };
}

/// Why a measurement ended early.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The screen's size is none.
    #[error(transparent)]
    Size(#[from] InvalidSize),
    /// The decoder refused what the encoder made.
    #[error("the decoder refused an update: {0}")]
    Decode(#[from] DecodeError),
    /// A coder that ours is compared with failed.
    #[error("zstd failed on a whole frame: {0}")]
    Zstd(#[from] io::Error),
}

/// What was measured, a sample for each update.
#[derive(Debug)]
pub struct Measured {
    /// Bytes of the update, all parts together; nought when nothing changed.
    pub bytes: Samples<u64>,
    /// Time to find what changed in a captured frame and to take it over.
    pub diff: Samples<Duration>,
    /// Time to code what changed, all parts one after the other.
    pub coding: Samples<Duration>,
    /// Time of the viewer to decode and show it.
    pub decoding: Samples<Duration>,
    /// Whether the viewer showed exactly the captured frame after every update.
    pub exact: bool,
    /// Time of `memcmp` over a frame and the one before it; for every second update.
    pub memcmp: Samples<Duration>,
    /// Time to compare the same two frames in blocks of 64 × 64; for every second update.
    pub blocks: Samples<Duration>,
    /// Bytes of the whole frame through zstd at level 3.
    pub whole_bytes: Samples<u64>,
    /// Time for that.
    pub whole: Samples<Duration>,
}

/// Measures `workload`.
///
/// # Errors
/// When the size is invalid, a coder fails, or the decoder refuses an update.
pub fn measure(workload: Workload, settings: &Settings) -> Result<Measured, Fault> {
    let mut run = Run::new(workload, settings)?;
    let updates = workload.updates().min(settings.most_updates);
    while run.step < updates {
        let round = run.frames.count().min((updates - run.step) as usize);
        run.draw(round);
        run.encode(round)?;
        run.decode(round)?;
        run.compare(round);
        run.pack(round)?;
    }
    Ok(run.measured)
}

/// A measurement under way.
struct Run {
    workload: Workload,
    scene: Box<dyn Scene>,
    /// What the scene has drawn last, at step `step`.
    screen: Framebuffer,
    step: u32,
    /// What was captured at the steps of this round.
    frames: Frames,
    host: Encoder,
    coder: Coder,
    /// What was coded at the steps of this round.
    sent: Vec<Vec<Part>>,
    viewer: Picture,
    whole: WholeFrame,
    measured: Measured,
}

impl Run {
    /// Draws the first picture and brings both sides to it.
    fn new(workload: Workload, settings: &Settings) -> Result<Self, Fault> {
        let size = settings.size;
        let mut run = Self {
            workload,
            host: Encoder::new(size, KEY)?,
            viewer: Picture::new(size, 0)?,
            scene: workload.scene(size, settings.seed),
            screen: Framebuffer::new(size),
            step: 0,
            frames: Frames::new(size, settings.rotation),
            coder: Coder::new(),
            sent: Vec::new(),
            whole: WholeFrame::new()?,
            measured: Measured::new(),
        };
        run.scene.draw(&mut run.screen, 0);
        run.frames.set(0, &run.screen);
        run.encode(1)?;
        run.decode(1)?;
        run.measured = Measured::new();
        Ok(run)
    }

    /// Draws the next steps into the frames.
    fn draw(&mut self, round: usize) {
        for n in 0..round {
            self.step += 1;
            self.scene.draw(&mut self.screen, self.step);
            self.frames.set(n, &self.screen);
        }
    }

    fn encode(&mut self, round: usize) -> Result<(), Fault> {
        self.sent.clear();
        self.frames.evict();
        for n in 0..round {
            if self.workload.is_cold() {
                self.host = Encoder::new(self.screen.size(), KEY)?;
            }
            let patch = self.frames.patch(n);
            let (update, diff) = timed(|| self.host.update(&[patch]));
            let jobs = update.map_or_else(Vec::new, |update| update.jobs);
            let (parts, coding): (Vec<Part>, _) =
                timed(|| jobs.into_iter().map(|job| job.run(&mut self.coder)).collect());
            self.measured.diff.push(diff);
            self.measured.coding.push(coding);
            self.measured.bytes.push(parts.iter().map(|part| part.bytes.len() as u64).sum());
            self.sent.push(parts);
        }
        Ok(())
    }

    fn decode(&mut self, round: usize) -> Result<(), Fault> {
        self.frames.evict();
        for n in 0..round {
            if self.workload.is_cold() {
                self.viewer = Picture::new(self.screen.size(), 0)?;
            }
            let parts = &self.sent[n];
            let (shown, decoding) = timed(|| parts.iter().try_for_each(|part| self.viewer.part(&part.bytes).map(drop)));
            shown?;
            self.measured.decoding.push(decoding);
            self.measured.exact &= self.frames.shows(n, self.viewer.shown()) && self.viewer.is_current();
        }
        Ok(())
    }

    /// Compares the frames pair by pair, so that both of a pair are cold.
    fn compare(&mut self, round: usize) {
        let width = self.screen.size().width;
        let pairs = || (1..round).step_by(2).map(|n| (n - 1, n));
        self.frames.evict();
        for (old, new) in pairs() {
            let (_, time) = timed(|| equal(self.frames.frame(old), self.frames.frame(new)));
            self.measured.memcmp.push(time);
        }
        self.frames.evict();
        for (old, new) in pairs() {
            let (_, time) = timed(|| changed_blocks(self.frames.frame(old), self.frames.frame(new), width));
            self.measured.blocks.push(time);
        }
    }

    fn pack(&mut self, round: usize) -> Result<(), Fault> {
        self.frames.evict();
        for n in 0..round {
            let (bytes, time) = timed(|| self.whole.pack(self.frames.frame(n)));
            self.measured.whole_bytes.push(bytes? as u64);
            self.measured.whole.push(time);
        }
        Ok(())
    }
}

impl Measured {
    const fn new() -> Self {
        Self {
            bytes: Samples::new(),
            diff: Samples::new(),
            coding: Samples::new(),
            decoding: Samples::new(),
            exact: true,
            memcmp: Samples::new(),
            blocks: Samples::new(),
            whole_bytes: Samples::new(),
            whole: Samples::new(),
        }
    }
}

/// What `work` gives, and how long it takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    (result, start.elapsed())
}
