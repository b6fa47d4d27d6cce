//! The audit log: `audit.jsonl` in the state directory, to which lines are only added, each on the disk before it counts.

mod appender;
mod command;
mod tail;

pub use self::{
    appender::{Appender, Outcome},
    command::{AuditCommand, verify_receipt},
};

use self::tail::{End, Torn};
use crate::{
    platform,
    state::{StateDir, StateError, failed},
};
use beside_protocol::record::{
    self, Check, Digest, Entry, Fault, InvalidLine, Line, MAX_LINE, Report, Tail, Time, Written,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

/// The file's name.
const FILE: &str = "audit.jsonl";

/// Its lock's, which outlives the file when that is replaced.
const LOCK: &str = "audit.lock";

/// This machine's audit log, open for writing. Several programs may have it open at once.
#[derive(Debug)]
pub struct AuditLog {
    state: StateDir,
    started: Instant,
    /// The last line that this program has written.
    last: Tail,
}

/// Why the log can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file or its directory can't be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Others may read or change it.
    #[error("{} can be read or changed by other users of this machine: run `audit verify`, then `chmod 600` it", .0.display())]
    Open(PathBuf),
    /// Its end is no end of a log.
    #[error("the end of {} is damaged: look at it with `audit verify`, keep it, and move it away to begin a new log", .0.display())]
    Damaged(PathBuf),
    /// Lines that this program has written are not there any more.
    #[error("{} was shortened or replaced while this program wrote to it", .0.display())]
    Shortened(PathBuf),
    /// It is not as it was written.
    #[error("{}, {fault}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Fault,
    },
}

impl AuditLog {
    /// Opens the log of this machine, and makes it where there is none. What a crash has left of a line is put aside.
    pub fn open(state: &StateDir) -> Result<Self, AuditError> {
        let mut log = Self { state: state.clone(), started: Instant::now(), last: Tail::EMPTY };
        let _lock = log.lock()?;
        let (mut file, metadata) = log.file()?;
        if platform::others_may_read(&metadata) || platform::others_may_write(&metadata) {
            return Err(AuditError::Open(log.path()));
        }
        log.last = log.mend(&mut file)?;
        Ok(log)
    }

    /// Adds a line. It is on the disk when this returns.
    pub fn append(&mut self, session: Option<u64>, what: Entry) -> Result<Written, AuditError> {
        let _lock = self.lock()?;
        let (mut file, _) = self.file()?;
        let tail = self.mend(&mut file)?;
        if tail.n < self.last.n || tail.n == self.last.n && tail.head != self.last.head {
            return Err(AuditError::Shortened(self.path()));
        }
        self.write(&mut file, tail, session, what)
    }

    /// Takes out the lines that are older than that; tells how many. The log can still be checked afterwards.
    pub fn erase(&mut self, older: Duration) -> Result<u64, AuditError> {
        let _lock = self.lock()?;
        let (mut file, _) = self.file()?;
        self.mend(&mut file)?;
        // Some systems don't replace a file that is open.
        drop(file);
        let mut lines = Vec::new();
        check(&self.state, None, |_, bytes| lines.push(String::from_utf8_lossy(bytes).into_owned()))?;
        let now = Time::from(SystemTime::now());
        let erasure = record::erase(&lines, now.before(older), now, self.up());
        let Some(erasure) = erasure.map_err(|_| AuditError::Damaged(self.path()))? else { return Ok(0) };
        let mut bytes = erasure.lines.join("\n").into_bytes();
        bytes.push(b'\n');
        self.state.replace(FILE, &bytes)?;
        if let Some(last) = erasure.lines.last() {
            self.last = Tail::of(last.as_bytes()).map_err(|_| AuditError::Damaged(self.path()))?;
        }
        Ok(erasure.erased)
    }

    fn write(
        &mut self,
        file: &mut File,
        mut tail: Tail,
        session: Option<u64>,
        what: Entry,
    ) -> Result<Written, AuditError> {
        let path = self.path();
        let time = Time::from(SystemTime::now());
        let line = tail.append(time, self.up(), session, what) + "\n";
        let before = file.metadata().map_err(failed("read", &path))?.len();
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if let Err(refused) = written {
            // What there is of the line counts for nothing; where it can't be taken back, it is put aside the next time.
            let _ = file.set_len(before);
            return Err(failed("written", &path)(refused).into());
        }
        self.last = tail;
        Ok(Written { time, head: tail.head })
    }

    /// Finds the end of the log. What is left there of a line that was never finished is put aside, and a line says so.
    fn mend(&mut self, file: &mut File) -> Result<Tail, AuditError> {
        let path = self.path();
        let End { tail, torn } =
            tail::find(file).map_err(failed("read", &path))?.ok_or_else(|| AuditError::Damaged(path.clone()))?;
        let kept = format!("audit.torn-{}", tail.n + 1);
        if let Some(Torn { at, bytes }) = torn {
            self.state.replace(&kept, &bytes)?;
            file.set_len(at).and_then(|()| file.sync_all()).map_err(failed("mended", &path))?;
        }
        // There is one too where a program died between putting it aside and saying so.
        let Ok(bytes) = std::fs::read(self.state.file(&kept)) else { return Ok(tail) };
        let what = Entry::Torn { bytes: bytes.len() as u64, digest: Digest::of(&bytes), kept };
        self.write(file, tail, None, what)?;
        Ok(self.last)
    }

    fn lock(&self) -> Result<File, AuditError> {
        Ok(self.state.lock(LOCK)?)
    }

    /// The file as it is now: it may have been replaced by another program that has erased lines.
    fn file(&self) -> Result<(File, std::fs::Metadata), AuditError> {
        let path = self.path();
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let file = platform::make_private(options.read(true).append(true).create(true)).open(&path);
        let file = file.map_err(failed("opened", &path))?;
        if is_new {
            platform::sync_dir(self.state.path()).map_err(failed("written", &path))?;
        }
        let metadata = file.metadata().map_err(failed("read", &path))?;
        Ok((file, metadata))
    }

    fn path(&self) -> PathBuf {
        self.state.file(FILE)
    }

    fn up(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Checks this machine's log, against the head that the other side has witnessed where there is one, and gives each line,
/// as it is in the file too, to `each`. A log that does not exist is an empty one.
pub fn check(
    state: &StateDir,
    witness: Option<Digest>,
    mut each: impl FnMut(&Line, &[u8]),
) -> Result<Report, AuditError> {
    let path = state.file(FILE);
    let fault = |fault| AuditError::Fault { path: path.clone(), fault };
    let mut check = Check::new(witness);
    let mut reader = match File::open(&path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return check.finish().map_err(fault),
        Err(error) => return Err(failed("opened", &path)(error).into()),
    };
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // One byte more than a line may have shows that it is too long.
        let read = reader.by_ref().take(MAX_LINE as u64 + 2).read_until(b'\n', &mut bytes);
        if read.map_err(failed("read", &path))? == 0 {
            return check.finish().map_err(fault);
        }
        if bytes.pop_if(|last| *last == b'\n').is_none() && bytes.len() <= MAX_LINE {
            let why = InvalidLine::Malformed("it is cut off".to_owned());
            return Err(fault(check.refuse(why)));
        }
        each(&check.line(&bytes).map_err(fault)?, &bytes);
    }
}

#[cfg(test)]
mod tests;
