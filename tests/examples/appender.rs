//! Writes lines to the audit log in a directory for as long as it lives, and prints the head of each once it is acknowledged:
//! `appender DIR`. For tests that kill it.

use beside_protocol::record::Entry;
use beside_shell::{audit::AuditLog, state::StateDir};
use std::{
    env,
    error::Error,
    io::{Write, stdout},
    path::Path,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: appender DIR")?;
    let mut log = AuditLog::open(&StateDir::open(Some(Path::new(&folder)))?)?;
    loop {
        let written = log.append(None, Entry::Moved { from: "somewhere".to_owned() })?;
        writeln!(stdout(), "{}", written.head)?;
    }
}
