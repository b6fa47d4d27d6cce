//! What is wanted of the encoder and whether it holds on this machine: a line for each target; exits 1 when one is missed.
//!
//! Ratios are of one run, and of medians where nothing else is said.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use beside_benches::compare::Rival;
use beside_benches::{Case, Fault, Measured, Samples, Settings, Work, Workload, film, in_step, measure};
use clap::Parser;

/// Measures the encoder against its targets.
#[derive(Debug, Parser)]
struct Options {
    /// Only workloads whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// What the lab measured against TigerVNC without loss, on a LAN: lines of a name (scroll, drag), our bytes per shown
    /// frame, and its.
    #[arg(long)]
    lab: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(list) => {
            println!("{} ok, {} missed, {} not run", list.ok, list.missed, list.not_run);
            if list.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(fault) => {
            eprintln!("targets: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Prints targets and counts them.
#[derive(Debug, Default)]
struct List {
    ok: u32,
    missed: u32,
    not_run: u32,
}

/// A number with its unit.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Value {
    Bytes(u64),
    Milliseconds(f64),
    Megapixels(f64),
}

impl Value {
    const fn number(self) -> f64 {
        match self {
            Self::Bytes(bytes) => bytes as f64,
            Self::Milliseconds(number) | Self::Megapixels(number) => number,
        }
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{bytes}B"),
            Self::Milliseconds(time) => write!(f, "{time:.3}ms"),
            Self::Megapixels(pixels) => write!(f, "{pixels:.2}Mpx"),
        }
    }
}

impl List {
    /// Ours is to be at most so many times the peer's.
    fn ratio(&mut self, name: &str, ours: Value, peer: Value, most: f64) {
        let ratio = ours.number() / peer.number();
        self.print(name, format!("ours={ours} peer={peer} ratio={ratio:.3} want=<={most}x"), ratio <= most);
    }

    /// Ours is to be at most so much.
    fn most(&mut self, name: &str, ours: Value, most: Value) {
        self.print(name, format!("ours={ours} peer=- ratio=- want=<={most}"), ours <= most);
    }

    /// This many pictures are not what they should be.
    fn none(&mut self, name: &str, wrong: u32) {
        self.print(name, format!("ours={wrong} peer=- ratio=- want=0"), wrong == 0);
    }

    fn not_run(&mut self, name: &str, most: f64) {
        self.not_run += 1;
        println!("target {name} ours=- peer=- ratio=- want=<={most}x not run");
    }

    fn print(&mut self, name: &str, figures: String, holds: bool) {
        if holds {
            self.ok += 1;
        } else {
            self.missed += 1;
        }
        println!("target {name} {figures} {}", if holds { "ok" } else { "MISS" });
    }
}

/// Measures and prints all.
fn run(options: &Options) -> Result<List, Fault> {
    let mut list = List::default();
    let groups: &[Group] = &[
        (Workload::Static, &[], unchanged),
        (Workload::TypingMono, &[Rival::Qoiz], |list, measured| typing(list, "typing-mono", measured)),
        (Workload::TypingProportional, &[Rival::Qoiz], |list, measured| typing(list, "typing-proportional", measured)),
        (Workload::Scroll, &[Rival::Qoiz], scroll),
        (Workload::ColdPage, COLD, |list, measured| cold(list, "cold-page", measured, 0.40)),
        (Workload::ColdSheet, COLD, |list, measured| cold(list, "cold-sheet", measured, 0.48)),
        (Workload::AltTab, &[Rival::Qoiz], back),
        (Workload::Drag, &[], drag),
        (Workload::Photo, &[Rival::Tight, Rival::TightJpeg, Rival::Png], photo),
        (Workload::Video, VIDEO, video),
    ];
    for (workload, rivals, targets) in groups.iter().filter(|(workload, ..)| workload.name().contains(&options.only)) {
        let moving = (*workload == Workload::Video).then(|| film(Settings::FULL.size));
        let settings = Settings { rivals, moving, ..Settings::FULL };
        targets(&mut list, &measure(Case::drawn(*workload, &settings), &settings)?);
    }
    viewers(&mut list)?;
    lab(&mut list, options)?;
    Ok(list)
}

/// A workload, what to compare with, and its targets.
type Group = (Workload, &'static [Rival], fn(&mut List, &Measured));

const COLD: &[Rival] = &[Rival::Qoiz, Rival::QoizLive, Rival::Tight];

#[cfg(feature = "h264")]
const VIDEO: &[Rival] = &[Rival::H264];
#[cfg(not(feature = "h264"))]
const VIDEO: &[Rival] = &[];

fn unchanged(list: &mut List, measured: &Measured) {
    let diff = time(&measured.diff);
    list.ratio("static-memcmp", diff, time(&measured.memcmp), 0.65);
    list.ratio("static-blocks", diff, time(&measured.blocks), 0.30);
}

fn typing(list: &mut List, name: &str, measured: &Measured) {
    let (ours, peer) = (&measured.ours.bytes, measured.rival(Rival::Qoiz).bytes);
    list.ratio(&format!("{name}-bytes"), bytes(ours), bytes(&peer), 0.2);
    list.most(&format!("{name}-p50"), bytes(ours), Value::Bytes(24));
    list.most(&format!("{name}-p90"), Value::Bytes(ours.percentile(90)), Value::Bytes(110));
    list.most(&format!("{name}-hinted-time"), time(&measured.hinted.time), Value::Milliseconds(0.050));
    list.none(&format!("{name}-not-exact"), measured.exactness.inexact);
}

fn scroll(list: &mut List, measured: &Measured) {
    let peer = measured.rival(Rival::Qoiz);
    list.ratio("scroll-bytes", bytes(&measured.ours.bytes), bytes(&peer.bytes), 0.15);
    list.ratio("scroll-time", time(&measured.ours.time), time(&peer.time), 0.25);
    list.none("scroll-not-exact", measured.exactness.inexact);
}

fn cold(list: &mut List, name: &str, measured: &Measured, of_tight: f64) {
    let ours = &measured.ours;
    list.ratio(&format!("{name}-qoiz"), bytes(&ours.bytes), bytes(&measured.rival(Rival::Qoiz).bytes), 0.90);
    list.ratio(&format!("{name}-tight"), bytes(&ours.bytes), bytes(&measured.rival(Rival::Tight).bytes), of_tight);
    list.ratio(&format!("{name}-time"), time(&ours.time), time(&measured.rival(Rival::QoizLive).time), 0.40);
    list.none(&format!("{name}-not-exact"), measured.exactness.inexact);
}

/// Every second update brings the moved window back.
fn back(list: &mut List, measured: &Measured) {
    let peer = measured.rival(Rival::Qoiz);
    list.ratio("back-bytes", bytes(&measured.ours.bytes.every(2)), bytes(&peer.bytes.every(2)), 0.02);
    list.none("back-not-exact", measured.exactness.inexact);
}

fn drag(list: &mut List, measured: &Measured) {
    list.most("drag-p50", bytes(&measured.ours.bytes), Value::Bytes(2_000));
    list.none("drag-not-exact", measured.exactness.inexact);
}

/// The first picture of a photograph is what its first update shows; what makes it exact then is compared with PNG.
fn photo(list: &mut List, measured: &Measured) {
    let (first, exact, png) = (&measured.ours, &measured.refining, measured.rival(Rival::Png));
    list.ratio("photo-first-bytes", bytes(&first.bytes), bytes(&measured.rival(Rival::Tight).bytes), 0.15);
    list.ratio("photo-first-time", time(&first.time), time(&measured.rival(Rival::TightJpeg).time), 0.8);
    println!("# the first picture of a photo: {:.1} dB at worst", measured.first.worst);
    list.ratio("photo-exact-bytes", bytes(&exact.bytes), bytes(&png.bytes), 0.85);
    list.ratio("photo-exact-time", time(&exact.time), time(&png.time), 0.1);
    list.none("photo-not-exact", measured.exactness.inexact);
}

/// The bytes are those of the motion region's own codec; without one they tell that it is not there.
fn video(list: &mut List, measured: &Measured) {
    list.most("video-time", time(&measured.ours.time), Value::Milliseconds(4.0));
    list.most("video-bytes", bytes(&measured.ours.bytes), Value::Bytes(30_000));
    list.none("video-rest-not-exact", measured.exactness.outside);
    for rival in VIDEO {
        let peer = measured.rival(*rival);
        println!("# {} on the film alone: {}, {}", rival.name(), bytes(&peer.bytes), time(&peer.time));
    }
}

fn viewers(list: &mut List) -> Result<(), Fault> {
    const UPDATES: u32 = 20;
    let settings = Settings { most_updates: UPDATES, ..Settings::FULL };
    let work = |viewers| in_step(Case::drawn(Workload::Scroll, &settings), viewers);
    let (one, eight) = (work(1)?, work(8)?);
    let pixels = |work: &Work| Value::Megapixels((work.compared + work.coded) as f64 / 1e6);
    list.ratio("eight-viewers-work", pixels(&eight), pixels(&one), 1.2);
    list.none("eight-viewers-not-exact", UPDATES.saturating_sub(eight.exact));
    Ok(())
}

fn lab(list: &mut List, options: &Options) -> io::Result<()> {
    const MOST: f64 = 0.10;
    let figures = options.lab.as_ref().map_or_else(|| Ok(String::new()), std::fs::read_to_string)?;
    for name in ["scroll", "drag"] {
        let line = figures.lines().find_map(|line| line.strip_prefix(name)?.split_once(char::is_whitespace));
        let numbers: Vec<u64> =
            line.into_iter().flat_map(|(_, rest)| rest.split_whitespace()).flat_map(str::parse).collect();
        match numbers[..] {
            [ours, peer] => list.ratio(&format!("lab-{name}"), Value::Bytes(ours), Value::Bytes(peer), MOST),
            _ => list.not_run(&format!("lab-{name}"), MOST),
        }
    }
    Ok(())
}

fn bytes(samples: &Samples<u64>) -> Value {
    Value::Bytes(samples.p50())
}

fn time(samples: &Samples<Duration>) -> Value {
    Value::Milliseconds(samples.p50_ms())
}
