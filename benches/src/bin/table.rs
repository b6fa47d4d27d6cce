//! Prints the tables of `docs/benchmarks.md`, measured on this machine; exits 1 when a picture was not exact.

use std::process::ExitCode;

use beside_benches::{Fault, Frames, Hashes, Measured, Settings, Workload, measure, measure_hashes};
use beside_protocol::frame::HashKind;

fn main() -> ExitCode {
    match run(&Settings::FULL) {
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

/// Measures all workloads and prints them. Returns whether every picture was exact.
fn run(settings: &Settings) -> Result<bool, Fault> {
    let rows: Vec<(Workload, Measured)> = Workload::ALL
        .into_iter()
        .map(|workload| {
            eprintln!("measuring {}", workload.name());
            Ok((workload, measure(workload, settings)?))
        })
        .collect::<Result<_, Fault>>()?;
    eprintln!("measuring the kinds of hashing");
    let hashes = measure_hashes(settings)?;
    let frames = Frames::new(settings.size, settings.rotation);
    println!(
        "{} × {} pixels, seed {}, {} frames in rotation ({} MB), one thread.\n",
        settings.size.width,
        settings.size.height,
        settings.seed,
        frames.count(),
        frames.bytes() / 1_000_000,
    );
    print_bytes(&rows);
    print_times(&rows);
    print_hashes(&hashes);
    Ok(rows.iter().all(|(_, measured)| measured.exact))
}

fn print_bytes(rows: &[(Workload, Measured)]) {
    println!("Bytes of an update:\n");
    println!("| workload | updates | p50 | p99 | total | exact | whole frame, zstd 3: p50 |");
    println!("|---|--:|--:|--:|--:|---|--:|");
    for (workload, measured) in rows {
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            workload.name(),
            measured.bytes.count(),
            grouped(measured.bytes.p50()),
            grouped(measured.bytes.p99()),
            grouped(measured.bytes.total()),
            if measured.exact { "yes" } else { "no" },
            grouped(measured.whole_bytes.p50()),
        );
    }
}

fn print_times(rows: &[(Workload, Measured)]) {
    println!("\nMilliseconds of an update, the whole screen captured:\n");
    println!("| workload | diff p50 | p99 | coding p50 | p99 | decode p50 | memcmp p50 | 64×64 p50 | zstd 3 p50 |");
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (workload, measured) in rows {
        let Measured { diff, coding, decoding, memcmp, blocks, whole, .. } = measured;
        let cells = [
            diff.p50_ms(),
            diff.p99_ms(),
            coding.p50_ms(),
            coding.p99_ms(),
            decoding.p50_ms(),
            memcmp.p50_ms(),
            blocks.p50_ms(),
            whole.p50_ms(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:.3}")).collect();
        println!("| {} | {} |", workload.name(), cells.join(" | "));
    }
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

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}
