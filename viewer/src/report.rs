//! What a visit reports to a program that watches it.

use beside_protocol::{session::viewer::Event, wire::Holder};
use beside_shell::statistics::Statistics;
use serde_json::{Value, json};
use std::time::Instant;

/// Something that a visit reports.
#[derive(Debug)]
pub enum Report<'a> {
    /// What the last second was like.
    Statistics(&'a Statistics),
    /// What the officer may do has changed, or how it stands with what was asked for.
    Changed(Value),
}

impl Report<'_> {
    /// The report of something that has happened, if it is one.
    pub(crate) fn of(event: &Event, now: Instant) -> Option<Self> {
        let left = |until: &Instant| until.saturating_duration_since(now).as_secs();
        Some(Self::Changed(match event {
            Event::Granted { permissions, until, .. } => {
                json!({ "live": { "permissions": permissions.to_string(), "seconds": left(until) } })
            }
            Event::MoreAsked { until } => json!({ "step_up": { "state": "asking", "seconds": left(until) } }),
            Event::MoreGranted { permissions, until } => json!({
                "step_up": { "state": "granted", "permissions": permissions.to_string(), "seconds": left(until) }
            }),
            Event::MoreRefused(why) => json!({ "step_up": { "state": "refused", "why": why.to_string() } }),
            Event::Control(holder) => json!({ "control": match holder {
                Holder::Nobody => "nobody",
                Holder::You => "you",
                Holder::Another => "another",
            } }),
            _ => return None,
        }))
    }

    /// The line of it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Statistics(statistics) => statistics.to_json(),
            Self::Changed(change) => change.clone(),
        }
    }
}
