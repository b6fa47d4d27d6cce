//! Many viewers and floods, measured: `make load`. A real server on a display of its own is watched over loopback by viewers that
//! decode everything; a line for each figure, and exit code 1 when one is missed. Arguments name the rows to measure, all by default.

mod crowd;
mod flood;
mod rows;
mod server;
mod table;
mod viewer;
mod work;

use std::process::ExitCode;
use table::Table;

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let is_chosen = |row: &str| chosen.is_empty() || chosen.iter().any(|name| name == row);
    let mut table = Table::begin();
    if is_chosen("L1") {
        rows::a_busy_officer_and_nine_watchers(&mut table);
    }
    if is_chosen("L2") {
        rows::fifty_watchers(&mut table);
    }
    if is_chosen("L6") {
        flood::a_session_in_a_flood(&mut table);
    }
    table.end()
}
