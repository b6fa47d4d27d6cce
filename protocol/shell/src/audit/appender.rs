//! A thread that writes the log and keeps receipts, so that nothing else waits for the disk.

use super::AuditError;
use beside_protocol::record::{Entry, Receipt, Written};
use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long after a failure a line is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What became of a line.
#[derive(Debug)]
pub enum Outcome<T> {
    /// The line of this ticket is on the disk.
    Written(T, Written),
    /// The line that is due can't be written. It is tried again each second; those after it wait.
    Failing(AuditError),
}

/// Writes lines one after the other, in the order in which they were given. Dropping it waits for those that can be written.
#[derive(Debug)]
pub struct Appender<T> {
    jobs: Option<Sender<Job<T>>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Job<T> {
    Line { ticket: T, session: Option<u64>, what: Entry },
    Receipt(Box<Receipt>),
}

impl<T: Send + 'static> Appender<T> {
    /// Starts the thread. Outside of tests `write` is [`AuditLog::append`](super::AuditLog::append) and `keep`
    /// [`receipts::keep`](crate::receipts::keep). All three are called on the thread.
    pub fn start(
        write: impl FnMut(Option<u64>, Entry) -> Result<Written, AuditError> + Send + 'static,
        keep: impl FnMut(&Receipt) + Send + 'static,
        tell: impl FnMut(Outcome<T>) + Send + 'static,
    ) -> io::Result<Self> {
        let (jobs, received) = channel();
        let thread = thread::Builder::new().name("audit".into()).spawn(move || run(&received, write, keep, tell))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Has a line written; never waits. What becomes of it is told with its ticket.
    pub fn append(&self, ticket: T, session: Option<u64>, what: Entry) {
        self.give(Job::Line { ticket, session, what });
    }

    /// Has a receipt kept, after the lines that were given before; never waits.
    pub fn keep(&self, receipt: Box<Receipt>) {
        self.give(Job::Receipt(receipt));
    }

    fn give(&self, job: Job<T>) {
        if let Some(jobs) = &self.jobs {
            // The thread ends after this is dropped, so it takes the job.
            let _ = jobs.send(job);
        }
    }
}

impl<T> Drop for Appender<T> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run<T>(
    jobs: &Receiver<Job<T>>,
    mut write: impl FnMut(Option<u64>, Entry) -> Result<Written, AuditError>,
    mut keep: impl FnMut(&Receipt),
    mut tell: impl FnMut(Outcome<T>),
) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = jobs.recv() else { return };
            waiting.push_back(job);
        }
        let Some(job) = waiting.pop_front() else { continue };
        let (ticket, session, what) = match job {
            Job::Receipt(receipt) => {
                keep(&receipt);
                continue;
            }
            Job::Line { ticket, session, what } => (ticket, session, what),
        };
        match write(session, what.clone()) {
            Ok(written) => tell(Outcome::Written(ticket, written)),
            Err(error) => {
                tell(Outcome::Failing(error));
                waiting.push_front(Job::Line { ticket, session, what });
                match jobs.recv_timeout(RETRY) {
                    Ok(job) => waiting.push_back(job),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::StateError;
    use beside_protocol::record::{Digest, Tail, Time};

    #[test]
    fn lines_wait_in_order_for_a_disk_that_fails() {
        let (news, told) = channel();
        let (mut tries, mut tail) = (0, Tail::EMPTY);
        let write = move |session, what| {
            tries += 1;
            if tries < 3 {
                return Err(AuditError::State(StateError::NoHome));
            }
            let time = Time::from_millis(tries);
            tail.append(time, 0, session, what);
            Ok(Written { time, head: tail.head })
        };
        let appender = Appender::start(write, |_| {}, move |outcome| drop(news.send(outcome))).unwrap();
        for ticket in [7, 8] {
            appender.append(ticket, None, Entry::Closed);
        }
        let told: Vec<_> = told.iter().take(4).collect();
        drop(appender);
        assert!(matches!(told[..2], [Outcome::Failing(_), Outcome::Failing(_)]), "{told:?}");
        assert!(
            matches!(told[2..], [Outcome::Written(7, _), Outcome::Written(8, Written { head, .. })] if head != Digest::ZERO)
        );
    }
}
