//! What a receipt says, in plain words.

use super::receipt::{Happened, Receipt};
use std::fmt::{self, Write};

impl fmt::Display for Receipt {
    /// Several lines: who, why, what was allowed, what happened, and how it ended.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (offer, answer) = (&self.offer, &self.opening.answer);
        writeln!(f, "The officer with the key {}", offer.officer.fingerprint())?;
        writeln!(f, "({})", answer.proof)?;
        writeln!(f, "asked the machine with the key {}", offer.host)?;
        let request = &offer.request;
        writeln!(f, "for {} for {}, because: {}", request.permissions, Span(request.seconds), request.reason)?;
        if let Some(ticket) = &request.ticket {
            writeln!(f, "The ticket: {ticket}")?;
        }
        writeln!(
            f,
            "{}  granted by {}: {} for {}",
            answer.time,
            answer.by.name(),
            answer.permissions,
            Span(answer.seconds)
        )?;
        let Some(closed) = &self.closed else { return f.write_str("The receipt does not say how the session ended.") };
        for fact in &closed.closing.facts {
            writeln!(f, "{}  {}", fact.time, fact.what)?;
        }
        if closed.closing.omitted > 0 {
            writeln!(f, "and {} more such lines that had no room", closed.closing.omitted)?;
        }
        write!(f, "{}  ended: {}", closed.closing.time, closed.closing.end)
    }
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permissions(left) if left.is_empty() => f.write_str("all permissions were taken"),
            Self::Permissions(left) => write!(f, "permissions became {left}"),
            Self::Suspended => f.write_str("the connection was lost"),
            Self::Resumed(_) => f.write_str("the officer came back over another connection"),
            Self::Allowed { permissions, seconds } => {
                write!(f, "the user allowed {permissions} as well, for {}", Span(*seconds))
            }
            Self::Confirmed => f.write_str("the user was asked again and let it go on"),
        }
    }
}

/// A number of seconds, in the largest units that say it exactly.
struct Span(u32);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        let mut first = true;
        for (count, unit) in [(hours, "h"), (minutes, "min"), (seconds, "s")] {
            if count > 0 {
                if !std::mem::take(&mut first) {
                    f.write_char(' ')?;
                }
                write!(f, "{count} {unit}")?;
            }
        }
        if first { f.write_str("0 s") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_shortly() {
        let said = [0, 59, 60, 3_600, 5_430].map(|seconds| Span(seconds).to_string());
        assert_eq!(said, ["0 s", "59 s", "1 min", "1 h", "1 h 30 min 30 s"]);
    }
}
