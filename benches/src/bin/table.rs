//! Prints the tables of `docs/benchmarks.md`, measured on this machine; exits 1 when a picture was not exact.

use std::path::PathBuf;
use std::process::ExitCode;

use beside_benches::compare::Rival;
use beside_benches::{
    Capture, Case, Fault, Frames, Hashes, Look, Measured, Settings, Workload, film, measure, measure_hashes,
};
use beside_protocol::frame::{HashKind, Size};
use clap::Parser;

/// Measures the encoder and what it is compared with, and prints tables (Markdown).
#[derive(Debug, Parser)]
struct Options {
    /// A folder of captures, to be measured besides the drawn workloads.
    captures: Option<PathBuf>,
    /// Only workloads and captures whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// The width of a drawn screen, in pixels.
    #[arg(long, default_value_t = Settings::FULL.size.width)]
    width: u32,
    /// Its height.
    #[arg(long, default_value_t = Settings::FULL.size.height)]
    height: u32,
    /// Leave out the other looks of text.
    #[arg(long)]
    one_look: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("table: a viewer did not show what was captured; look for the rows that are not exact");
            ExitCode::FAILURE
        }
        Err(fault) => {
            eprintln!("table: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// What was measured, and its name.
struct Row {
    name: String,
    size: Size,
    measured: Measured,
}

impl Row {
    fn measure(case: Case, settings: &Settings) -> Result<Self, Fault> {
        eprintln!("measuring {}", case.name());
        let (name, size) = (case.name().to_owned(), case.size());
        Ok(Self { name, size, measured: measure(case, settings)? })
    }
}

/// Measures all and prints it. Returns whether every picture was exact.
fn run(options: &Options) -> Result<bool, Fault> {
    let settings = Settings { size: Size::new(options.width, options.height), ..Settings::FULL };
    let wanted = |workload: &&Workload| workload.name().contains(&options.only);
    let mut rows = Vec::new();
    for workload in Workload::ALL.iter().filter(wanted) {
        let moving = (*workload == Workload::Video).then(|| film(settings.size));
        let settings = Settings { moving, ..settings };
        rows.push(Row::measure(Case::drawn(*workload, &settings), &settings)?);
    }
    let captures = options.captures.as_deref().map_or_else(|| Ok(Vec::new()), Capture::paths)?;
    for path in captures.iter().filter(|path| path.to_string_lossy().contains(&options.only)) {
        rows.push(Row::measure(Case::captured(path, &settings)?, &settings)?);
    }
    print_head(&settings);
    print_bytes(&rows);
    print_times(&rows);
    print_peers(&rows);
    eprintln!("measuring the kinds of hashing");
    print_hashes(&measure_hashes(&settings)?);
    let mut exact = rows.iter().all(|row| row.measured.exactness.outside == 0);
    if !options.one_look {
        println!("\nBytes of an update, p50, in other looks:\n");
        println!("| workload | look | ours | QOIZ | Tight |\n|---|---|--:|--:|--:|");
        for look in &Look::ALL[1..] {
            let settings = Settings { look: *look, rivals: &[Rival::Qoiz, Rival::Tight], ..settings };
            for workload in Workload::TEXT.iter().filter(wanted) {
                let row = Row::measure(Case::drawn(*workload, &settings), &settings)?;
                exact &= row.measured.exactness.is_exact();
                print_look(&row, *look);
            }
        }
    }
    Ok(exact)
}

fn print_head(settings: &Settings) {
    let frames = Frames::new(settings.size, settings.rotation);
    println!(
        "{} × {} pixels, seed {}, look: {}, {} frames in rotation ({} MB), one thread.\n",
        settings.size.width,
        settings.size.height,
        settings.seed,
        settings.look.name(),
        frames.count(),
        frames.bytes() / 1_000_000,
    );
}

fn print_bytes(rows: &[Row]) {
    println!("Bytes of an update:\n");
    println!("| workload | updates | p50 | p99 | total | exact | {} |", names(" p50"));
    println!("|---|--:|--:|--:|--:|---|{}", "--:|".repeat(Rival::ALL.len()));
    for Row { name, measured, .. } in rows {
        let ours = &measured.ours.bytes;
        let peers = Rival::ALL.iter().map(|rival| {
            let bytes = measured.rival(*rival).bytes;
            if bytes.count() == 0 { String::new() } else { grouped(bytes.p50()) }
        });
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            ours.count(),
            grouped(ours.p50()),
            grouped(ours.p99()),
            grouped(ours.total()),
            exactness(measured),
            peers.collect::<Vec<_>>().join(" | "),
        );
    }
}

fn print_times(rows: &[Row]) {
    println!("\nMilliseconds of an update, the whole screen captured (hinted: only what was painted):\n");
    println!(
        "| workload | encode p50 | p99 | ns/px | diff p50 | hinted p50 | p99 | decode p50 | p99 | memcmp p50 | 64×64 p50 |"
    );
    println!("|---|{}", "--:|".repeat(10));
    for Row { name, size, measured } in rows {
        let Measured { ours, diff, hinted, decoding, memcmp, blocks, .. } = measured;
        let per_pixel = ours.time.p50_ms() * 1e6 / size.pixels() as f64;
        let told = |time: f64| if hinted.time.count() == 0 { String::new() } else { format!("{time:.3}") };
        println!(
            "| {name} | {:.3} | {:.3} | {per_pixel:.2} | {:.3} | {} | {} | {:.3} | {:.3} | {:.3} | {:.3} |",
            ours.time.p50_ms(),
            ours.time.p99_ms(),
            diff.p50_ms(),
            told(hinted.time.p50_ms()),
            told(hinted.time.p99_ms()),
            decoding.p50_ms(),
            decoding.p99_ms(),
            memcmp.p50_ms(),
            blocks.p50_ms(),
        );
    }
}

fn print_peers(rows: &[Row]) {
    println!("\nMilliseconds of an update, p50, of the peers:\n");
    println!("| workload | ours | {} |", names(""));
    println!("|---|--:|{}", "--:|".repeat(Rival::ALL.len()));
    for Row { name, measured, .. } in rows {
        let peers = Rival::ALL.iter().map(|rival| {
            let time = measured.rival(*rival).time;
            if time.count() == 0 { String::new() } else { format!("{:.3}", time.p50_ms()) }
        });
        println!("| {name} | {:.3} | {} |", measured.ours.time.p50_ms(), peers.collect::<Vec<_>>().join(" | "));
    }
}

fn print_look(row: &Row, look: Look) {
    let bytes = [&row.measured.ours, &row.measured.rival(Rival::Qoiz), &row.measured.rival(Rival::Tight)]
        .map(|costs| grouped(costs.bytes.p50()));
    println!("| {} | {} | {} |", row.name, look.name(), bytes.join(" | "));
}

/// The one comparison of times that means the same on every machine: all read whole frames and find nothing.
fn print_hashes(hashes: &Hashes) {
    let (memcmp, blocks) = (hashes.memcmp.p50_ms(), hashes.blocks.p50_ms());
    println!(
        "\nThe diff of a static screen, by kind of hashing, against memcmp ({memcmp:.3} ms) and 64×64 ({blocks:.3} ms):\n"
    );
    println!("| hashing | diff p50 | p99 | × memcmp | × 64×64 |");
    println!("|---|--:|--:|--:|--:|");
    for (kind, times) in &hashes.diffs {
        let (p50, p99) = (times.p50_ms(), times.p99_ms());
        println!("| {} | {p50:.3} | {p99:.3} | {:.2} | {:.2} |", name(*kind), p50 / memcmp, p50 / blocks);
    }
}

const fn name(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Scalar => "scalar",
        HashKind::Aes => "AES",
        HashKind::WideAes => "AES with AVX-512",
    }
}

/// The columns of the peers.
fn names(ending: &str) -> String {
    Rival::ALL.iter().map(|rival| format!("{}{ending}", rival.name())).collect::<Vec<_>>().join(" | ")
}

/// Whether all was exact; if it was not at once, how far off the worst first picture was and what made it exact.
fn exactness(measured: &Measured) -> String {
    let Measured { first, refining, exactness, .. } = measured;
    if first.is_exact() {
        return "yes".into();
    }
    if exactness.is_exact() {
        return format!("{:.1} dB, then {} bytes", first.worst, grouped(refining.bytes.p50()));
    }
    let place = if exactness.outside == 0 { "in the film only" } else { "" };
    format!("{} not, {:.1} dB, up to {} updates {place}", exactness.inexact, exactness.worst, exactness.longest)
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
