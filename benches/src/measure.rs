//! Runs a case through the encoder, the decoder and what they are compared with.
//!
//! All of them work on the same frames in turns: a round draws as many updates as there are frames in rotation, then each
//! one passes over the round's frames from cold. So what disturbs the machine disturbs all alike.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use beside_protocol::frame::{
    Coder, DecodeError, Encoder, Fidelity, Films, Framebuffer, InvalidSize, Part, Patch, Picture, Point, Rect, Size,
};

use crate::case::Case;
use crate::compare::{Peer, Rival, changed_blocks, equal};
use crate::exactness::Exactness;
use crate::frames::Frames;
use crate::look::{Edges, Look, Theme};
use crate::samples::Samples;

/// The segment hashes' key: any is as good.
pub(crate) const KEY: [u8; 16] = *b"beside-benches-1";

/// What somebody who has seen nothing yet sees: a colour that no workload has.
const NOTHING: u32 = 0x81_7f80;

/// Of each round so many frames go through the coders of whole frames.
const WHOLE: usize = 2;

/// How to measure.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The size of a drawn screen.
    pub size: Size,
    /// What a workload is drawn from.
    pub seed: u64,
    /// How its programs look.
    pub look: Look,
    /// How many bytes the frames in rotation take at least: several times the largest cache for times that count.
    pub rotation: usize,
    /// Takes no more updates than this, nor than the workload's own.
    pub most_updates: u32,
    /// What to compare with.
    pub rivals: &'static [Rival],
    /// Where a picture may be inexact while it moves.
    pub moving: Option<Rect>,
}

impl Settings {
    /// What the published tables are measured with: 1080p, frames in rotation over 128 MiB.
    pub const FULL: Self = Self {
        size: Size::new(1_920, 1_080),
        seed: 1,
        look: Look { theme: Theme::Dark, edges: Edges::Grey },
        rotation: 128 << 20,
        most_updates: u32::MAX,
        rivals: Rival::ALL,
        moving: None,
    };
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
    /// A coder that ours is compared with failed, or a capture can't be read.
    #[error("a peer's coder or a capture failed: {0}")]
    Io(#[from] io::Error),
}

/// What sending takes, a sample for each update.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    /// Bytes of the update; nought when nothing changed.
    pub bytes: Samples<u64>,
    /// Time of the sender, from the captured frame to those bytes.
    pub time: Samples<Duration>,
}

/// What was measured, a sample for each update.
#[derive(Debug)]
pub struct Measured {
    /// The encoder, when the whole screen is captured; all parts one after the other.
    pub ours: Costs,
    /// Of its time, what finding the changes and taking them over takes.
    pub diff: Samples<Duration>,
    /// The encoder, when only what was painted is captured; none where the display does not tell.
    pub hinted: Costs,
    /// Time of the viewer to decode and show it.
    pub decoding: Samples<Duration>,
    /// Whether the viewer shows what was captured at once, with what the first bytes carry.
    pub first: Exactness,
    /// The encoder, to make photos exact that came roughly; nought where there are none. Not taken while a film runs.
    pub refining: Costs,
    /// Whether the viewer shows what was captured in the end.
    pub exactness: Exactness,
    /// Time of `memcmp` over a frame and the one before it; for every second update.
    pub memcmp: Samples<Duration>,
    /// Time to compare the same two frames in blocks of 64 × 64; for every second update.
    pub blocks: Samples<Duration>,
    rivals: BTreeMap<Rival, Costs>,
}

impl Measured {
    const fn new() -> Self {
        Self {
            ours: Costs::new(),
            diff: Samples::new(),
            hinted: Costs::new(),
            decoding: Samples::new(),
            first: Exactness::new(),
            refining: Costs::new(),
            exactness: Exactness::new(),
            memcmp: Samples::new(),
            blocks: Samples::new(),
            rivals: BTreeMap::new(),
        }
    }

    /// What `rival` takes; no samples when it was not measured.
    pub fn rival(&self, rival: Rival) -> Costs {
        self.rivals.get(&rival).cloned().unwrap_or_default()
    }
}

impl Costs {
    const fn new() -> Self {
        Self { bytes: Samples::new(), time: Samples::new() }
    }

    fn push(&mut self, bytes: u64, time: Duration) {
        self.bytes.push(bytes);
        self.time.push(time);
    }
}

/// Measures `case`.
///
/// # Errors
/// When the size is invalid, a coder fails, or the decoder refuses an update.
pub fn measure(case: Case, settings: &Settings) -> Result<Measured, Fault> {
    let (seen, updates) = (case.seen, case.updates);
    let mut run = Run::new(case, settings)?;
    run.round(seen)?;
    run.measured = Measured::new();
    while run.step < seen + updates {
        run.round(seen + updates - run.step)?;
    }
    Ok(run.measured)
}

/// A measurement under way.
struct Run<'s> {
    case: Case,
    settings: &'s Settings,
    /// What the scene has drawn last.
    screen: Framebuffer,
    /// How many steps it has drawn.
    step: u32,
    /// What was captured at the steps of this round, and what of it was painted.
    frames: Frames,
    painted: Vec<Option<Rect>>,
    host: Encoder,
    hinted: Encoder,
    coder: Coder,
    /// What was coded at the steps of this round: at once, and when photos rest.
    sent: Vec<[Vec<Part>; 2]>,
    viewer: Picture,
    rivals: Vec<(Rival, Box<dyn Peer>)>,
    measured: Measured,
}

impl<'s> Run<'s> {
    fn new(case: Case, settings: &'s Settings) -> Result<Self, Fault> {
        let size = case.size;
        let wanted = settings.rivals.iter().filter(|rival| **rival != Rival::QoizLive || case.is_cold);
        let rivals = wanted.map(|rival| Ok((*rival, rival.coder()?))).collect::<io::Result<_>>()?;
        Ok(Self {
            host: encoder(size)?,
            hinted: encoder(size)?,
            viewer: Picture::new(size, 0)?,
            screen: Framebuffer::new(size),
            step: 0,
            frames: Frames::new(size, settings.rotation),
            painted: Vec::new(),
            coder: Coder::new(),
            sent: Vec::new(),
            rivals,
            measured: Measured::new(),
            case,
            settings,
        })
    }

    /// Takes at most `most` steps, with everybody.
    fn round(&mut self, most: u32) -> Result<(), Fault> {
        let round = self.frames.count().min(most as usize);
        self.draw(round);
        self.encode(round)?;
        self.encode_hinted(round);
        self.decode(round)?;
        self.compare(round);
        self.send(round)?;
        if let Some(last) = round.checked_sub(1) {
            self.frames.keep(last);
        }
        Ok(())
    }

    /// Draws the next steps into the frames.
    fn draw(&mut self, round: usize) {
        self.painted.clear();
        for n in 0..round {
            self.case.scene.draw(&mut self.screen, self.step);
            self.painted.push(self.case.scene.painted());
            self.frames.set(n, &self.screen);
            self.step += 1;
        }
    }

    fn encode(&mut self, round: usize) -> Result<(), Fault> {
        self.sent.clear();
        self.frames.evict();
        let all = self.case.size.rect();
        for n in 0..round {
            let mut parts = if self.case.is_cold { self.begin_anew()? } else { Vec::new() };
            let before = parts.len();
            let times = encode(&mut self.host, &mut self.coder, self.frames.patch(n, all), &mut parts);
            self.measured.diff.push(times.diff);
            self.measured.ours.push(length(&parts[before..]), times.all);
            let mut refined = Vec::new();
            if self.settings.moving.is_none() {
                let (_, time) = timed(|| refine(&mut self.host, &mut self.coder, &mut refined));
                self.measured.refining.push(length(&refined), time);
            }
            self.sent.push([parts, refined]);
        }
        Ok(())
    }

    /// Another host, that shows nothing yet; the viewer's parts for that.
    fn begin_anew(&mut self) -> Result<Vec<Part>, Fault> {
        let size = self.case.size;
        self.host = encoder(size)?;
        let nothing = NOTHING.to_le_bytes().repeat(size.pixels() as usize);
        let mut parts = Vec::new();
        if let Some(patch) = Patch::new(size.rect(), size.width as usize * 4, &nothing) {
            encode(&mut self.host, &mut self.coder, patch, &mut parts);
        }
        Ok(parts)
    }

    /// The same again for somebody who is told what was painted.
    fn encode_hinted(&mut self, round: usize) {
        self.frames.evict();
        for n in 0..round {
            let Some(painted) = self.painted[n].and_then(|rect| rect.intersection(&self.case.size.rect())) else {
                self.hinted.update(&[self.frames.patch(n, self.case.size.rect())]);
                continue;
            };
            let mut parts = Vec::new();
            let patch = self.frames.patch(n, painted);
            let times = encode(&mut self.hinted, &mut self.coder, patch, &mut parts);
            self.measured.hinted.push(length(&parts), times.all);
        }
    }

    fn decode(&mut self, round: usize) -> Result<(), Fault> {
        self.frames.evict();
        for n in 0..round {
            let [parts, refined] = &self.sent[n];
            let mut parts = parts.as_slice();
            if self.case.is_cold {
                self.viewer = Picture::new(self.case.size, 0)?;
                let first = parts.iter().take_while(|part| part.header.number == 1).count();
                let (nothing, rest) = parts.split_at(first);
                nothing.iter().try_for_each(|part| self.viewer.part(&part.bytes).map(drop))?;
                parts = rest;
            }
            let (shown, time) = timed(|| parts.iter().try_for_each(|part| self.viewer.part(&part.bytes).map(drop)));
            shown?;
            self.measured.decoding.push(time);
            let (captured, moving) = (self.frames.frame(n), self.settings.moving);
            self.measured.first.update(&captured, self.viewer.shown(), !self.viewer.is_current(), moving);
            refined.iter().try_for_each(|part| self.viewer.part(&part.bytes).map(drop))?;
            self.measured.exactness.update(&captured, self.viewer.shown(), !self.viewer.is_current(), moving);
        }
        Ok(())
    }

    /// Compares the frames pair by pair, so that both of a pair are cold.
    fn compare(&mut self, round: usize) {
        let pairs = || (1..round).step_by(2).map(|n| (n - 1, n));
        self.frames.evict();
        for (old, new) in pairs() {
            let (_, time) = timed(|| equal(self.frames.frame(old).bytes(), self.frames.frame(new).bytes()));
            self.measured.memcmp.push(time);
        }
        self.frames.evict();
        for (old, new) in pairs() {
            let (_, time) = timed(|| changed_blocks(&self.frames.frame(old), &self.frames.frame(new)));
            self.measured.blocks.push(time);
        }
    }

    fn send(&mut self, round: usize) -> Result<(), Fault> {
        for (rival, coder) in &mut self.rivals {
            self.frames.evict();
            let costs = self.measured.rivals.entry(*rival).or_default();
            for n in 0..if rival.is_whole() { round.min(WHOLE) } else { round } {
                if self.case.is_cold && *rival != Rival::QoizLive {
                    *coder = rival.coder()?;
                }
                let before = if self.case.is_cold { None } else { self.frames.before(n) };
                let (bytes, time) = timed(|| coder.send(before.as_ref(), &self.frames.frame(n)));
                costs.push(bytes?, time);
            }
        }
        Ok(())
    }
}

/// How long an update took.
struct Times {
    diff: Duration,
    all: Duration,
}

/// Encodes a patch, one part after the other, onto the end of `parts`.
fn encode(host: &mut Encoder, coder: &mut Coder, patch: Patch<'_>, parts: &mut Vec<Part>) -> Times {
    let (update, diff) = timed(|| host.update(&[patch]));
    let jobs = update.map_or_else(Vec::new, |update| update.jobs);
    let (_, coding) = timed(|| parts.extend(jobs.into_iter().map(|job| job.run(coder))));
    Times { diff, all: diff + coding }
}

/// Makes exact what came roughly, as when time passes and nothing changes.
fn refine(host: &mut Encoder, coder: &mut Coder, parts: &mut Vec<Part>) {
    host.settle();
    host.settle();
    let Size { width, height } = host.size();
    while let Some(update) = host.refine(Point { x: width / 2, y: height / 2 }) {
        parts.extend(update.jobs.into_iter().map(|job| job.run(coder)));
    }
}

/// An encoder as a host has it.
fn encoder(size: Size) -> Result<Encoder, InvalidSize> {
    let mut encoder = Encoder::new(size, KEY)?;
    encoder.set_fidelity(Fidelity::Rough);
    encoder.set_films(Films::BUILD);
    Ok(encoder)
}

fn length(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.bytes.len() as u64).sum()
}

/// What `work` gives, and how long it takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    (result, start.elapsed())
}
