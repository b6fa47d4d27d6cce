//! How lines are chained: each names the SHA-256 of the one before it, so none can be changed without all that follow.

use super::{digest::Digest, entry::Entry, time::Time};
use crate::wire::breaks_line;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// The longest line, in bytes, newline not counted. What a peer can put into one is far shorter.
pub const MAX_LINE: usize = 16 * 1024;

/// A line of the log: one JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its number, from 1, one more than that of the line before.
    pub n: u64,
    /// When it was written, by the wall clock.
    pub time: Time,
    /// The same in milliseconds since the program was started, by a clock that nobody can set.
    pub up: u64,
    /// The SHA-256 of the line before it, or zeros.
    pub prev: Digest,
    /// Which session it is about, by the number that the host gave it.
    pub session: Option<u64>,
    /// What it says.
    pub what: Entry,
}

/// Bytes that are no line of a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLine {
    /// Longer than [`MAX_LINE`].
    #[error("it is longer than {MAX_LINE} bytes")]
    TooLong,
    /// Not the JSON of a line.
    #[error("it can't be read: {0}")]
    Malformed(String),
    /// The JSON of a line, but not as it is written.
    #[error("it is not written as a line of the log is")]
    NotCanonical,
}

impl Line {
    /// Its bytes, newline not counted: canonical JSON, in which no character ends a line or turns text round.
    pub fn encode(&self) -> String {
        // Writing to memory fails only for maps whose keys are no texts; there are none.
        let json = serde_json::to_string(self).unwrap_or_default();
        let mut line = String::with_capacity(json.len());
        for c in json.chars() {
            if breaks_line(c) {
                // Such characters are in strings only, and all of them have one UTF-16 unit.
                let _ = write!(line, "\\u{:04x}", u32::from(c));
            } else {
                line.push(c);
            }
        }
        line
    }

    /// The line that these bytes are, newline not counted.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidLine> {
        if bytes.len() > MAX_LINE {
            return Err(InvalidLine::TooLong);
        }
        let line: Self = serde_json::from_slice(bytes).map_err(|error| InvalidLine::Malformed(error.to_string()))?;
        if line.encode().as_bytes() == bytes { Ok(line) } else { Err(InvalidLine::NotCanonical) }
    }
}

/// Where a log ends: what the next line has to be chained to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The number of the last line.
    pub n: u64,
    /// Its digest.
    pub head: Digest,
}

impl Tail {
    /// Of a log without lines.
    pub const EMPTY: Self = Self { n: 0, head: Digest::ZERO };

    /// That of a log which ends with these bytes, newline not counted.
    pub fn of(last: &[u8]) -> Result<Self, InvalidLine> {
        let line = Line::decode(last)?;
        Ok(match line.what {
            Entry::Stub { through, head } => Self { n: through, head },
            _ => Self { n: line.n, head: Digest::of(last) },
        })
    }

    /// The next line, which is the last from then on. `up` is in milliseconds.
    pub fn append(&mut self, time: Time, up: u64, session: Option<u64>, what: Entry) -> String {
        let line = Line { n: self.n + 1, time, up, prev: self.head, session, what }.encode();
        *self = Self { n: self.n + 1, head: Digest::of(line.as_bytes()) };
        line
    }
}

/// What is to be put in the place of a log whose older lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The lines of the shortened log.
    pub lines: Vec<String>,
    /// How many went.
    pub erased: u64,
}

/// Takes out the lines from before a time: a stub takes their place, and a new line at the end says so. `None` if there is
/// none. The lines must be those of a log that has been checked.
///
/// Only lines at the beginning go: one that was written with a later time, by a clock that was set back afterwards, keeps
/// all that follow it.
pub fn erase(lines: &[String], before: Time, now: Time, up: u64) -> Result<Option<Erasure>, InvalidLine> {
    let mut last: Option<Tail> = None;
    let (mut gone, mut erased) = (0, 0);
    for bytes in lines {
        let line = Line::decode(bytes.as_bytes())?;
        if !matches!(line.what, Entry::Stub { .. }) {
            if line.time >= before {
                break;
            }
            erased += 1;
        }
        last = Some(Tail::of(bytes.as_bytes())?);
        gone += 1;
    }
    let Some(cut) = last.filter(|_| erased > 0) else { return Ok(None) };
    let mut tail = lines.last().map_or(Ok(Tail::EMPTY), |last| Tail::of(last.as_bytes()))?;
    let (through, head) = (cut.n, cut.head);
    let stub = Line { n: through, time: before, up: 0, prev: head, session: None, what: Entry::Stub { through, head } };
    let said = tail.append(now, up, None, Entry::Erased { through, head, before });
    let lines = [stub.encode()].into_iter().chain(lines[gone..].iter().cloned()).chain([said]).collect();
    Ok(Some(Erasure { lines, erased }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Fingerprint, Permissions};

    #[test]
    fn what_a_peer_says_can_do_nothing_to_a_line() {
        let reason = "a\nb\u{7f}\u{85}\u{202e}\u{2066}\u{2028}\u{61c}\"\\ü";
        let what = Entry::Asked {
            key: Fingerprint([1; 32]),
            name: "Ann".into(),
            proof: None,
            reason: reason.into(),
            permissions: Permissions::CONTROL,
            seconds: 60,
            ticket: Some("INC \"7\"".into()),
            display: None,
        };
        let line = { Tail::EMPTY }.append(Time::from_millis(0), 0, Some(1), what.clone());
        assert!(!line.contains(breaks_line), "{line}");
        assert_eq!(Line::decode(line.as_bytes()).unwrap().what, what);
    }

    #[test]
    fn a_line_is_written_as_the_documentation_has_it() {
        let line = { Tail::EMPTY }.append(Time::from_millis(1), 7, None, Entry::Closed);
        let zeros = "0".repeat(64);
        assert_eq!(
            line,
            format!(
                r#"{{"n":1,"time":"1970-01-01T00:00:00.001Z","up":7,"prev":"{zeros}","session":null,"what":{{"kind":"closed"}}}}"#
            )
        );
        assert_eq!(Line::decode(line.replace(",\"up", ", \"up").as_bytes()), Err(InvalidLine::NotCanonical));
        assert_eq!(Line::decode(&vec![b' '; MAX_LINE + 1]), Err(InvalidLine::TooLong));
    }
}
