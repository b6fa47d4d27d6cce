//! Checks a log line by line: finds the first line that was altered, dropped, moved or cut off.

use super::{
    chain::{InvalidLine, Line, Tail},
    digest::Digest,
    entry::Entry,
    time::Time,
};
use std::fmt;

/// The check of a log under way. Give it all lines in order, then [`finish`](Self::finish) it.
#[derive(Clone, Debug)]
pub struct Check {
    /// The head that the other side has witnessed.
    witness: Option<Digest>,
    /// The number of the line that had the witness as its digest.
    witnessed: Option<u64>,
    /// The number, in the file, of the last line given.
    row: u64,
    tail: Tail,
    /// What the stub at the beginning says: up to where, and from before when.
    stub: Option<(Tail, Time)>,
    /// What the last line about erasing says.
    erased: Option<(Tail, Time)>,
    lines: u64,
    last: Option<Time>,
    backwards: u64,
    torn: u64,
}

/// A log without fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many lines there are.
    pub lines: u64,
    /// Where it ends.
    pub tail: Tail,
    /// How many lines have been erased in order.
    pub erased: u64,
    /// How many lines are newer than the witnessed head, if one was given.
    pub newer: Option<u64>,
    /// How often the wall clock had gone back: a note, not a fault.
    pub backwards: u64,
    /// How often a line was torn by a crash: a note, not a fault.
    pub torn: u64,
}

/// What is wrong with a log, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct Fault {
    /// The line of the file, from 1; for what is missing at the end, the last one that is there.
    pub line: u64,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is no line of a log.
    Malformed(InvalidLine),
    /// The line that follows was chained to another one than this.
    Altered,
    /// Lines before this one are missing: those with these numbers.
    Dropped(u64, u64),
    /// This line has a number that was there before.
    Misplaced(u64),
    /// The stub for erased lines is not what the log says of the erasing.
    Erasure,
    /// The log does not have the head that was witnessed.
    Shortened,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "{why}"),
            Self::Altered => f.write_str("it was altered after it was written: the line that follows was chained to another"),
            Self::Dropped(from, to) if from == to => write!(f, "the line number {from}, which was before it, is missing"),
            Self::Dropped(from, to) => write!(f, "the lines number {from} to {to}, which were before it, are missing"),
            Self::Misplaced(n) => write!(f, "its number is {n}, which belongs to an earlier place: lines were repeated or moved"),
            Self::Erasure => f.write_str("what it says of erased lines is not what the log says elsewhere"),
            Self::Shortened => f.write_str(
                "the head that the other side has witnessed is not in this log: it was shortened, altered at its end, erased so far, or it is another log",
            ),
        }
    }
}

impl Check {
    /// A check against the head that the other side has witnessed, where there is one.
    pub const fn new(witness: Option<Digest>) -> Self {
        Self {
            witness,
            witnessed: None,
            row: 0,
            tail: Tail::EMPTY,
            stub: None,
            erased: None,
            lines: 0,
            last: None,
            backwards: 0,
            torn: 0,
        }
    }

    /// The next line, newline not counted.
    pub fn line(&mut self, bytes: &[u8]) -> Result<Line, Fault> {
        self.row += 1;
        let line = Line::decode(bytes).map_err(|why| self.fault(Wrong::Malformed(why)))?;
        if let Entry::Stub { through, head } = line.what {
            self.begin(&line, Tail { n: through, head })?;
            return Ok(line);
        }
        let next = self.tail.n + 1;
        if line.n != next {
            let wrong = if line.n > next { Wrong::Dropped(next, line.n - 1) } else { Wrong::Misplaced(line.n) };
            return Err(self.fault(wrong));
        }
        if line.prev != self.tail.head {
            // What this line is chained to is the one before; the first is chained to nothing.
            let row = if self.row > 1 { self.row - 1 } else { 1 };
            return Err(Fault {
                line: row,
                wrong: if self.stub.is_some() && row == 1 { Wrong::Erasure } else { Wrong::Altered },
            });
        }
        self.note(&line);
        self.step(Tail { n: line.n, head: Digest::of(bytes) });
        Ok(line)
    }

    /// What follows is no line, for that reason.
    pub const fn refuse(&self, why: InvalidLine) -> Fault {
        Fault { line: self.row + 1, wrong: Wrong::Malformed(why) }
    }

    /// All lines have been given.
    pub fn finish(self) -> Result<Report, Fault> {
        if self.stub != self.erased {
            return Err(Fault { line: 1, wrong: Wrong::Erasure });
        }
        let newer = self.witnessed.map(|n| self.tail.n - n);
        if self.witness.is_some() && newer.is_none() {
            return Err(self.fault(Wrong::Shortened));
        }
        let (lines, tail, backwards, torn) = (self.lines, self.tail, self.backwards, self.torn);
        Ok(Report { lines, tail, erased: self.stub.map_or(0, |(stub, _)| stub.n), newer, backwards, torn })
    }

    /// A stub stands for lines up to this one; only the first line may be one.
    fn begin(&mut self, line: &Line, cut: Tail) -> Result<(), Fault> {
        let chained = (line.n, line.prev) == (cut.n, cut.head) && cut.n > 0;
        if self.row != 1 || !chained || line.up != 0 || line.session.is_some() {
            return Err(self.fault(Wrong::Erasure));
        }
        self.stub = Some((cut, line.time));
        self.step(cut);
        Ok(())
    }

    fn step(&mut self, tail: Tail) {
        self.tail = tail;
        if self.witness == Some(tail.head) {
            self.witnessed = Some(tail.n);
        }
    }

    fn note(&mut self, line: &Line) {
        self.lines += 1;
        self.backwards += u64::from(self.last.is_some_and(|last| line.time < last));
        self.last = Some(line.time);
        match line.what {
            Entry::Erased { through, head, before } => self.erased = Some((Tail { n: through, head }, before)),
            Entry::Torn { .. } => self.torn += 1,
            _ => {}
        }
    }

    const fn fault(&self, wrong: Wrong) -> Fault {
        Fault { line: self.row, wrong }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chain::{Erasure, erase};
    use super::*;
    use crate::wire::End;
    use proptest::prelude::*;

    fn log(lines: u64) -> (Vec<String>, Digest) {
        let mut tail = Tail::EMPTY;
        let log = (0..lines)
            .map(|n| {
                let what = Entry::Ended { end: End::Stopped, strokes: n, moves: 0, bytes: n * n };
                tail.append(Time::from_millis(n * 1000), n, Some(n / 3), what)
            })
            .collect();
        (log, tail.head)
    }

    fn check(log: &[String], witness: Option<Digest>) -> Result<Report, Fault> {
        let mut check = Check::new(witness);
        for line in log {
            check.line(line.as_bytes())?;
        }
        check.finish()
    }

    fn erased(log: &[String], before: u64) -> Erasure {
        erase(log, Time::from_millis(before), Time::from_millis(99_000), 0).unwrap().expect("something to erase")
    }

    #[test]
    fn a_log_as_written_is_good_and_tells_what_is_newer() {
        let (log, head) = log(9);
        let report = check(&log, Some(head)).unwrap();
        assert_eq!((report.lines, report.newer, report.tail.head), (9, Some(0), head));
        let witness = Digest::of(log[4].as_bytes());
        assert_eq!(check(&log, Some(witness)).unwrap().newer, Some(4));
        assert_eq!(check(&[], None).unwrap().tail, Tail::EMPTY);
        let lost = check(&log[..8], Some(head)).unwrap_err();
        assert_eq!(lost, Fault { line: 8, wrong: Wrong::Shortened });
    }

    #[test]
    fn faults_have_their_names_and_places() {
        let (good, _) = log(6);
        let mut bad = good.clone();
        bad[2] = bad[2].replace("Stopped", "Expired");
        assert_eq!(check(&bad, None), Err(Fault { line: 3, wrong: Wrong::Altered }));
        let mut bad = good.clone();
        bad.drain(1..3);
        assert_eq!(check(&bad, None), Err(Fault { line: 2, wrong: Wrong::Dropped(2, 3) }));
        let mut bad = good.clone();
        bad.swap(2, 3);
        assert_eq!(check(&bad, None), Err(Fault { line: 3, wrong: Wrong::Dropped(3, 3) }));
        let mut bad = good.clone();
        bad.insert(3, good[1].clone());
        assert_eq!(check(&bad, None), Err(Fault { line: 4, wrong: Wrong::Misplaced(2) }));
        let mut bad = good;
        bad[5].push(' ');
        assert_eq!(check(&bad, None).unwrap_err().line, 6);
    }

    #[test]
    fn a_clock_that_was_set_back_is_a_note() {
        let mut tail = Tail::EMPTY;
        let log: Vec<_> = [9, 3, 5].map(|time| tail.append(Time::from_millis(time), 0, None, Entry::Closed)).into();
        assert_eq!(check(&log, None).unwrap().backwards, 1);
    }

    #[test]
    fn an_erased_log_is_good_and_can_be_erased_again() {
        let (log, head) = log(9);
        let Erasure { lines: once, erased: gone } = erased(&log, 4_000);
        assert_eq!((gone, once.len()), (4, 7));
        let report = check(&once, Some(head)).unwrap();
        assert_eq!((report.erased, report.newer), (4, Some(1)));
        let Erasure { lines: twice, erased: gone } = erased(&once, 7_000);
        assert_eq!((gone, check(&twice, Some(head)).unwrap().erased), (3, 7));
        // All that there was, the line about erasing too.
        let all = erased(&twice, 100_000).lines;
        assert_eq!(check(&all, None).unwrap().lines, 1);
        assert_eq!(erase(&once, Time::from_millis(0), Time::from_millis(1), 0), Ok(None));
    }

    #[test]
    fn a_stub_must_be_what_the_log_says() {
        let (log, _) = log(9);
        let good = erased(&log, 4_000).lines;
        let other = erased(&log, 5_000).lines;
        let mixed: Vec<_> = [other[0].clone()].into_iter().chain(good[2..].iter().cloned()).collect();
        assert_eq!(check(&mixed, None), Err(Fault { line: 1, wrong: Wrong::Erasure }));
        assert!(check(&good[1..], None).is_err(), "without its stub");
        assert!(check(&good[..good.len() - 1], None).is_err(), "without the line about it");
        let late: Vec<_> = [&good[1..2], &good[..]].concat();
        assert!(check(&late, None).is_err(), "a stub that is not first");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// With the other side's head every change is found; without it every change that leaves something after it.
        #[test]
        fn every_change_is_found(
            lines in 2..12u64, keep in 0..6u64, kind in 0..5u8, at in any::<prop::sample::Index>(),
            with in any::<prop::sample::Index>(), bit in 0..8u8,
        ) {
            let (log, _) = log(lines);
            let before = keep.min(lines - 1) * 1000;
            let log = if before > 0 { erased(&log, before).lines } else { log };
            let head = check(&log, None).unwrap().tail.head;
            let (row, other) = (at.index(log.len()), with.index(log.len()));
            let mut bad: Vec<Vec<u8>> = log.iter().map(|line| line.clone().into_bytes()).collect();
            match kind {
                0 => { let byte = with.index(bad[row].len()); bad[row][byte] ^= 1 << bit; }
                1 => { bad.remove(row); }
                2 => bad.swap(row, other),
                3 => bad.truncate(row),
                _ => { let again = bad[row].clone(); bad.insert(other, again); }
            }
            prop_assume!(bad.iter().map(Vec::as_slice).ne(log.iter().map(String::as_bytes)));
            let run = |witness| {
                let mut check = Check::new(witness);
                bad.iter().try_for_each(|line| check.line(line).map(drop)).and_then(|()| check.finish())
            };
            prop_assert!(run(Some(head)).is_err());
            let at_end = bad.len() <= log.len() && bad.iter().zip(&log).take(bad.len().saturating_sub(1)).all(|(a, b)| a == b.as_bytes());
            prop_assert!(at_end || run(None).is_err());
        }
    }
}
