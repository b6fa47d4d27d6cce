//! The end of the log's file: the last whole line, and what a crash may have left after it.

use beside_protocol::record::{MAX_LINE, Tail};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// As much of the file's end as is looked at: a torn line, and the whole one before it.
const WINDOW: u64 = 2 * (MAX_LINE as u64 + 1);

/// Where a log ends.
#[derive(Debug)]
pub(super) struct End {
    pub(super) tail: Tail,
    pub(super) torn: Option<Torn>,
}

/// What is there of a line that was never finished.
#[derive(Debug)]
pub(super) struct Torn {
    /// Where it begins in the file.
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
}

/// Finds the end of the log in that file. `None` if what is there is no end of a log.
pub(super) fn find(file: &mut File) -> io::Result<Option<End>> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(WINDOW);
    file.seek(SeekFrom::Start(from))?;
    let mut window = Vec::new();
    file.by_ref().take(length - from).read_to_end(&mut window)?;
    if window.is_empty() {
        return Ok(Some(End { tail: Tail::EMPTY, torn: None }));
    }
    // With a newline at the end all is whole, if the last line can be read: a machine that lost its power may have left
    // the file longer than what was written.
    if let Some(whole) = window.strip_suffix(b"\n")
        && let Ok(tail) = Tail::of(last_line(whole))
    {
        return Ok(Some(End { tail, torn: None }));
    }
    let body = window.strip_suffix(b"\n").unwrap_or(&window);
    let start = body.len() - last_line(body).len();
    if from > 0 && start == 0 {
        return Ok(None);
    }
    let before = window[..start].strip_suffix(b"\n").map(last_line);
    let tail = match before {
        None => Some(Tail::EMPTY),
        Some(line) => Tail::of(line).ok(),
    };
    let torn = Torn { at: from + start as u64, bytes: window[start..].to_vec() };
    Ok(tail.map(|tail| End { tail, torn: Some(torn) }))
}

/// What follows the last newline.
fn last_line(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    &bytes[start..]
}
