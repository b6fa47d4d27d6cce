//! Asking the user on the terminal in which the program runs.

use super::Happening;
use beside_protocol::{
    session::host::{Answer, SessionId},
    wire::{Permission, Permissions, Question},
};
use std::{
    collections::VecDeque,
    io::{self, BufRead, Write},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// For so long after a question has appeared, a line is no answer to it: it was meant for something else.
const ASLEEP: Duration = Duration::from_secs(1);

/// The questions that wait for a line from the terminal; the first is the one that is shown.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    open: VecDeque<(SessionId, Question)>,
    /// When the first was shown.
    shown: Option<Instant>,
}

impl Terminal {
    /// Starts to read lines from stdin. A terminal that is closed answers nothing: every question runs out.
    pub(super) fn start(reports: &mpsc::Sender<Happening>) -> io::Result<Self> {
        let reports = reports.clone();
        thread::Builder::new().name("terminal".into()).spawn(move || {
            for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if reports.blocking_send(Happening::Line(line)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self::default())
    }

    /// Puts a question to the user, after those that are still open.
    pub(super) fn ask(&mut self, now: Instant, id: SessionId, question: &Question) {
        self.open.push_back((id, question.clone()));
        if self.open.len() == 1 {
            self.show_first(now);
        }
    }

    /// Takes a question back.
    pub(super) fn withdraw(&mut self, now: Instant, id: SessionId) {
        let first = self.open.front().is_some_and(|(shown, _)| *shown == id);
        self.open.retain(|(other, _)| *other != id);
        if first {
            say("The question is withdrawn.\n");
            self.show_first(now);
        }
    }

    /// What a line answers, if anything.
    pub(super) fn hear(&mut self, now: Instant, line: &str) -> Option<(SessionId, Answer)> {
        let awake = self.shown.is_some_and(|shown| now >= shown + ASLEEP);
        if !awake {
            self.show_first(now);
            return None;
        }
        let (id, question) = self.open.pop_front()?;
        self.show_first(now);
        Some((id, answer(line, question.permissions)))
    }

    fn show_first(&mut self, now: Instant) {
        self.shown = self.open.front().map(|(_, question)| {
            show(question);
            now
        });
    }
}

/// What a line means: `v` to see, `c` to see and control, anything else is no.
fn answer(line: &str, asked: Permissions) -> Answer {
    match line.trim() {
        "v" => Answer::Grant(Permissions::VIEW),
        "c" if asked.has(Permission::Control) => Answer::Grant(Permissions::CONTROL),
        _ => Answer::Deny,
    }
}

fn show(question: &Question) {
    let control = if question.permissions.has(Permission::Control) { ", c = see and control" } else { "" };
    say(&format!(
        "\n{} wants to see{} this screen for {} min.\n  proven by the key {}\n  why, in their words: {}\n\
         Answer within {} s, or it is no: v = see only{control}, n = no: ",
        question.officer,
        if control.is_empty() { "" } else { " and control" },
        question.duration.as_secs().div_ceil(60),
        question.key.short(),
        question.reason,
        question.patience.as_secs(),
    ));
}

/// Writes to the terminal; there is nobody to tell when that fails, and saying nothing means no.
fn say(text: &str) {
    let mut terminal = io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::wire::Fingerprint;

    fn question(officer: &str) -> Question {
        Question {
            officer: officer.into(),
            key: Fingerprint([1; 32]),
            reason: "printer".into(),
            permissions: Permissions::CONTROL,
            duration: Duration::from_secs(600),
            patience: Duration::from_secs(60),
        }
    }

    #[test]
    fn only_a_clear_yes_is_yes() {
        assert_eq!(answer("v", Permissions::CONTROL), Answer::Grant(Permissions::VIEW));
        assert_eq!(answer(" c ", Permissions::CONTROL), Answer::Grant(Permissions::CONTROL));
        for no in ["", "n", "y", "yes", "vc"] {
            assert_eq!(answer(no, Permissions::CONTROL), Answer::Deny);
        }
        assert_eq!(answer("c", Permissions::VIEW), Answer::Deny);
    }

    #[test]
    fn a_line_answers_only_what_was_there_to_be_read() {
        let (ann, bob) = (SessionId(1), SessionId(2));
        let mut terminal = Terminal::default();
        let start = Instant::now();
        assert_eq!(terminal.hear(start, "c"), None, "typed before any question");
        terminal.ask(start, ann, &question("Ann"));
        terminal.ask(start, bob, &question("Bob"));
        assert_eq!(terminal.hear(start + ASLEEP / 2, "c"), None, "typed while the question appeared");
        let later = start + 3 * ASLEEP;
        terminal.withdraw(later, ann);
        assert_eq!(terminal.hear(later, "c"), None, "meant for Ann");
        assert_eq!(terminal.hear(later + ASLEEP, "c"), Some((bob, Answer::Grant(Permissions::CONTROL))));
        assert_eq!(terminal.hear(later + 3 * ASLEEP, "c"), None, "there is nothing left to answer");
    }
}
