//! The commands of both programs that show, check and shorten the log, and check receipts.

use super::{AuditLog, check};
use crate::{
    program::{Common, Failure, duration, say},
    receipts,
    state::StateDir,
};
use beside_protocol::record::{Digest, Report};
use serde_json::json;
use std::{path::Path, time::Duration};

/// What can be done with the audit log.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// Prints the log, for people or (with --json) as it is
    Show,
    /// Checks that no line was altered, dropped, moved or cut off
    Verify {
        /// The head of this log as the other side has recorded it (`audit show` there)
        #[arg(long, value_name = "HEX")]
        head: Option<Digest>,
    },
    /// Takes out old lines; the rest can still be checked
    Erase {
        /// How old: 90d, 720h
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        older_than: Duration,
    },
}

impl AuditCommand {
    /// Runs it on the log in that directory.
    pub fn run(&self, common: &Common, state: &StateDir) -> Result<(), Failure> {
        match self {
            Self::Show => show(common, state),
            Self::Verify { head } => {
                let report = check(state, *head, |_, _| {})?;
                let Report { lines, tail, erased, newer, backwards, torn } = report;
                let object = json!({
                    "lines": lines, "head": tail.head, "erased": erased, "newer": newer,
                    "clock_set_back": backwards, "torn": torn,
                });
                common.print(&describe(&report), &object);
                Ok(())
            }
            Self::Erase { older_than } => {
                let erased = AuditLog::open(state)?.erase(*older_than)?;
                common.print(&format!("{erased} lines erased"), &json!({ "erased": erased }));
                Ok(())
            }
        }
    }
}

/// Checks a receipt and prints what it says.
pub fn verify_receipt(common: &Common, path: &Path) -> Result<(), Failure> {
    let (receipt, signatures) = receipts::check(path)?;
    let (offer, answer) = (&receipt.offer, &receipt.opening.answer);
    let object = json!({
        "officer": offer.officer.fingerprint(), "host": offer.host, "reason": offer.request.reason,
        "granted": answer.permissions.to_string(), "seconds": answer.seconds, "time": answer.time,
        "signatures": signatures.to_string(), "end": receipt.closed.as_ref().map(|closed| closed.closing.end),
    });
    common.print(&format!("{receipt}\nThe receipt is good: {signatures}."), &object);
    Ok(())
}

/// Prints the lines up to the first that is bad, which is then the error.
fn show(common: &Common, state: &StateDir) -> Result<(), Failure> {
    check(state, None, |line, bytes| {
        if common.json {
            return say(String::from_utf8_lossy(bytes));
        }
        let session = line.session.map(|session| format!("session {session}: ")).unwrap_or_default();
        say(format_args!("{}  {:>5}  {session}{}", line.time, line.n, line.what));
    })?;
    Ok(())
}

fn describe(report: &Report) -> String {
    let Report { lines, tail, erased, newer, backwards, torn } = report;
    let mut text = format!("good: {lines} lines, head={}", tail.head);
    let mut add = |count: u64, what: &str| {
        if count > 0 {
            text.push_str(&format!("; {count} {what}"));
        }
    };
    add(*erased, "lines were erased because of their age");
    add(*torn, "lines were cut short by a crash before they counted");
    add(*backwards, "times the clock was set back");
    match newer {
        Some(newer) => text + &format!("; the other side's head is in it, and {newer} lines are newer"),
        None => text,
    }
}
