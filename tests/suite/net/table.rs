//! A table of how late pictures are over bad lines, the same on every machine: `make links`.

use super::{SIZE, rig::Rig, run, work::Work, work::watch};
use beside_protocol::wire::Permissions;
use beside_shell::net::emulator::Profile;
use std::time::Duration;

/// The line that is shown when none are named in `LINES`: kilobits a second, milliseconds one way, packets lost of 1,000,
/// milliseconds of queue.
const LINE: &str = "20000,20,0,100";

#[test]
fn table() {
    let lines = std::env::var("LINES").unwrap_or_else(|_| LINE.to_owned());
    println!("{:18} {:8} {:>9} {:>8} {:>8} {:>8} {:>9}", "line", "work", "seen", "p50 ms", "p95 ms", "max ms", "KB");
    for line in lines.split_whitespace() {
        for work in Work::ALL {
            run(show(line, work));
        }
    }
}

async fn show(line: &str, work: Work) {
    let figures: Vec<u64> = line.split(',').map(|figure| figure.parse().expect("a number")).collect();
    let [kbit, delay, loss, queue] = figures[..] else { panic!("{line:?} has not four figures") };
    let profile = Profile::thin(kbit, delay, u32::try_from(loss).expect("per mille"), queue);
    let mut rig = Rig::new(SIZE);
    rig.connect(profile, profile, Permissions::CONTROL).await;
    rig.drive(Duration::from_secs(5)).await;
    let seen = watch(&mut rig, work, Duration::from_secs(10)).await.remove(0);
    assert!(seen.seen > 0 && seen.bytes > 0, "nothing was seen over {line}");
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
