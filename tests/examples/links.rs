//! How late pictures are over bad lines, in virtual time: a table, the same on every machine.
//!
//! `cargo run --release -p beside-tests --example links [-- KBIT,DELAY_MS,LOSS_PER_MILLE,QUEUE_MS …]`

#[path = "../suite/net/rig.rs"]
mod rig;
#[path = "../suite/net/work.rs"]
mod work;

use beside_protocol::{frame::Size, wire::Permissions};
use beside_shell::net::emulator::Profile;
use rig::Rig;
use std::time::Duration;
use work::{Work, watch};

const LINES: [&str; 5] = ["20000,20,0,100", "20000,20,20,100", "2000,60,10,300", "5000,50,0,500", "1000000,1,0,50"];

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let lines: Vec<&str> = if chosen.is_empty() { LINES.to_vec() } else { chosen.iter().map(String::as_str).collect() };
    println!("{:18} {:8} {:>9} {:>8} {:>8} {:>8} {:>9}", "line", "work", "seen", "p50 ms", "p95 ms", "max ms", "KB");
    for line in lines {
        let Some(profile) = parse(line) else { return eprintln!("{line:?} is no line") };
        for work in Work::ALL {
            if std::env::var("W").is_ok_and(|w| w != format!("{work:?}")) {
                continue;
            }
            run(line, profile, work);
        }
    }
}

fn parse(line: &str) -> Option<Profile> {
    let figures: Vec<u64> = line.split(',').map(|figure| figure.parse().ok()).collect::<Option<_>>()?;
    let [kbit, delay, loss, queue] = figures[..] else { return None };
    Some(Profile::thin(kbit, delay, loss as u32, queue))
}

fn run(line: &str, profile: Profile, work: Work) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("tokio");
    let seen = runtime.block_on(async {
        let mut rig = Rig::new(Size::new(1280, 720));
        rig.connect(profile, profile, Permissions::CONTROL).await;
        rig.drive(Duration::from_secs(5)).await;
        watch(&mut rig, work, Duration::from_secs(10)).await
    });
    for seen in seen {
        println!(
            "{line:18} {:8} {:>9} {:8.1} {:8.1} {:8.1} {:9.1}",
            format!("{work:?}"),
            format!("{}/{}", seen.seen, seen.painted),
            seen.percentile(50.0),
            seen.percentile(95.0),
            seen.percentile(100.0),
            seen.bytes as f64 / 1e3,
        );
    }
}
