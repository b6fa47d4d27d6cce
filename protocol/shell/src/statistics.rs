//! What a connection has carried in the last second and how long that took, for those who asked for JSON.

use crate::net::{Link, Transport};
use beside_protocol::session::{Figures, Line};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A second of one connection.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// What was carried, and how long each step took.
    pub figures: Figures,
    /// How the line is.
    pub line: Line,
    /// What carries it.
    pub transport: Transport,
    /// The round trip, smoothed.
    pub round_trip: Duration,
}

impl Statistics {
    /// Those of a link that has carried this.
    pub fn new(figures: Figures, link: &Link) -> Self {
        Self { figures, line: link.line(), transport: link.transport(), round_trip: link.rtt() }
    }

    /// As one object; times in microseconds: half of the updates took at most `p50`, and 19 of 20 at most `p95`.
    pub fn to_json(&self) -> Value {
        let Figures { updates, bytes, steps } = &self.figures;
        let steps: Map<_, _> = steps
            .iter()
            .map(|(step, p50, p95)| (step.name().to_owned(), json!({ "p50": p50.as_micros(), "p95": p95.as_micros() })))
            .collect();
        json!({ "statistics": {
            "updates": updates,
            "bytes": bytes,
            "steps": steps,
            "round_trip": { "smoothed": self.round_trip.as_micros(), "shortest": self.line.round_trip.as_micros() },
            "window": self.line.window,
            "rate": self.line.rate,
            "transport": self.transport.to_string(),
        }})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::session::Step;

    #[test]
    fn an_object_a_second() {
        let ms = Duration::from_millis;
        let statistics = Statistics {
            figures: Figures { updates: 30, bytes: 4_000, steps: vec![(Step::Encode, ms(2), ms(5))] },
            line: Line { window: 90_000, rate: Some(2_500_000), round_trip: ms(40) },
            transport: Transport::Udp,
            round_trip: ms(41),
        };
        let told = statistics.to_json();
        assert_eq!(told["statistics"]["steps"], json!({ "encode": { "p50": 2_000, "p95": 5_000 } }));
        assert_eq!(told["statistics"]["round_trip"], json!({ "smoothed": 41_000, "shortest": 40_000 }));
    }
}
