//! Asking the user on the terminal in which the program runs.

use super::Happening;
use beside_protocol::{
    session::host::{Answer, SessionId},
    wire::{Permission, Permissions, Question},
};
use std::{
    collections::VecDeque,
    io::{self, BufRead, Write},
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::sync::mpsc;

/// The questions that wait for a line from the terminal, the oldest first.
type Open = Arc<Mutex<VecDeque<(SessionId, Question)>>>;

/// The terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    open: Open,
}

impl Terminal {
    /// Starts to read answers from stdin. A terminal that is closed answers nothing: every question runs out.
    pub(super) fn start(reports: &mpsc::Sender<Happening>) -> io::Result<Self> {
        let open = Open::default();
        let (reports, questions) = (reports.clone(), Arc::clone(&open));
        thread::Builder::new().name("terminal".into()).spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                let mut questions = questions.lock().unwrap_or_else(PoisonError::into_inner);
                let Some((id, question)) = questions.pop_front() else { continue };
                if reports.blocking_send(Happening::Answer(id, answer(&line, question.permissions))).is_err() {
                    return;
                }
                if let Some((_, next)) = questions.front() {
                    show(next);
                }
            }
        })?;
        Ok(Self { open })
    }

    /// Puts a question to the user, after those that are still open.
    pub(super) fn ask(&mut self, id: SessionId, question: &Question) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_empty() {
            show(question);
        }
        open.push_back((id, question.clone()));
    }

    /// Takes a question back.
    pub(super) fn withdraw(&mut self, id: SessionId) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = open.front().map(|(id, _)| *id);
        open.retain(|(other, _)| *other != id);
        if shown == Some(id) {
            say("The question is withdrawn.\n");
            if let Some((_, next)) = open.front() {
                show(next);
            }
        }
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

    #[test]
    fn only_a_clear_yes_is_yes() {
        assert_eq!(answer("v", Permissions::CONTROL), Answer::Grant(Permissions::VIEW));
        assert_eq!(answer(" c ", Permissions::CONTROL), Answer::Grant(Permissions::CONTROL));
        for no in ["", "n", "y", "yes", "vc"] {
            assert_eq!(answer(no, Permissions::CONTROL), Answer::Deny);
        }
        assert_eq!(answer("c", Permissions::VIEW), Answer::Deny);
    }
}
