//! The table that is printed.

use std::{fmt::Display, process::ExitCode, time::Duration};

/// Prints figures as they come, and counts those that are missed.
#[derive(Debug)]
pub(crate) struct Table {
    missed: u32,
}

impl Table {
    pub(crate) fn begin() -> Self {
        println!("{:4} {:58} {:>10}  {:>10}", "row", "figure", "measured", "wanted");
        Self { missed: 0 }
    }

    /// A figure that is to be at most so much.
    pub(crate) fn most(&mut self, row: &str, figure: &str, measured: f64, most: f64) {
        self.print(row, figure, format!("{measured:.1}"), format!("<= {most}"), measured <= most);
    }

    /// A figure that is to be exactly so much.
    pub(crate) fn equal<T: Display + PartialEq>(&mut self, row: &str, figure: &str, measured: T, wanted: T) {
        let holds = measured == wanted;
        self.print(row, figure, measured.to_string(), wanted.to_string(), holds);
    }

    /// A figure of which nothing is wanted.
    pub(crate) fn note(&self, row: &str, figure: &str, measured: impl Display) {
        println!("{row:4} {figure:58} {measured:>10}  {:>10}", "-");
    }

    pub(crate) fn end(self) -> ExitCode {
        println!("{} missed", self.missed);
        if self.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn print(&mut self, row: &str, figure: &str, measured: String, wanted: String, holds: bool) {
        self.missed += u32::from(!holds);
        println!("{row:4} {figure:58} {measured:>10}  {wanted:>10}  {}", if holds { "ok" } else { "MISS" });
    }
}

/// The time that so many percent of these take at most, in milliseconds; infinity when there are none.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    let last = times.len().saturating_sub(1);
    times.get((times.len() * percent / 100).min(last)).map_or(f64::INFINITY, |time| time.as_secs_f64() * 1e3)
}
