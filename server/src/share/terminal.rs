//! Asking the user on the terminal in which the program runs.

use super::Happening;
use crate::desk::NoCode;
use beside_protocol::{
    session::{
        contact::Code,
        host::{Answer, SessionId},
    },
    wire::{Permission, Permissions, Proof, Purpose, Question, Who},
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

/// How long a question about an officer for whom nobody vouches has to be read before a yes counts.
const READING: Duration = Duration::from_secs(10);

/// The line that asks for a new code.
const NEW_CODE: &str = "code";

/// The answer that is no for ever.
const BLOCK: &str = "b";

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The answer to a question.
    Answer(SessionId, Answer),
    /// There shall be a new code.
    NewCode,
}

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

    /// What a line means, if anything.
    pub(super) fn hear(&mut self, now: Instant, line: &str) -> Option<Heard> {
        let Some((_, question)) = self.open.front() else {
            return (line.trim() == NEW_CODE).then_some(Heard::NewCode);
        };
        let answer = answer(line, question);
        let asleep = if matches!(answer, Answer::GrantStranger(_)) { READING } else { ASLEEP };
        if self.shown.is_none_or(|shown| now < shown + asleep) {
            self.show_first(now);
            return None;
        }
        let (id, _) = self.open.pop_front()?;
        self.show_first(now);
        Some(Heard::Answer(id, answer))
    }

    /// Shows a new code.
    pub(super) fn show_code(&self, code: &Code) {
        say(&format!(
            "\nYour code: {}   (or: {})\nGive it only to somebody whom you have called yourself. It is good once, for {} min.\n",
            code.digits(),
            code.words(),
            Code::LIFE.as_secs() / 60,
        ));
    }

    /// Says why there is no code any more.
    pub(super) fn show_no_code(&self, why: NoCode) {
        let why = match why {
            NoCode::Used => "Somebody has used your code.",
            NoCode::Guessed => "Three wrong codes were tried, so yours is void.",
            NoCode::Hidden => "Your code is void: it was not shown for a while.",
        };
        say(&format!("\n{why} Type “{NEW_CODE}” for a new one.\n"));
    }

    fn show_first(&mut self, now: Instant) {
        self.shown = self.open.front().map(|(_, question)| {
            show(question);
            now
        });
    }
}

/// What a line means. During a session `y` is yes, else `v` to see, `c` to see and control, anything else is no. For an officer
/// for whom nobody vouches, the first check word is the yes.
fn answer(line: &str, question: &Question) -> Answer {
    if question.purpose != Purpose::Session {
        return if line.trim() == "y" { Answer::Grant(question.permissions.into()) } else { Answer::Deny };
    }
    match (&question.proof, line.trim()) {
        (Proof::Code, word) if word.eq_ignore_ascii_case(question.check.first()) => {
            Answer::GrantStranger(Permissions::VIEW.into())
        }
        (_, BLOCK) => Answer::Block,
        (Proof::Enrolled | Proof::Organisation { .. }, "v") => Answer::Grant(Permissions::VIEW.into()),
        (Proof::Enrolled | Proof::Organisation { .. }, "c") if question.permissions.has(Permission::Control) => {
            Answer::Grant(Permissions::CONTROL.into())
        }
        _ => Answer::Deny,
    }
}

fn show(question: &Question) {
    match (&question.purpose, &question.proof) {
        (Purpose::Session, Proof::Enrolled) => {
            show_known(question, &format!("proven by the key {}", question.key.words()))
        }
        (Purpose::Session, Proof::Organisation { name }) => {
            show_known(question, &format!("vouched for by {name}, which you allowed"))
        }
        (Purpose::Session, Proof::Code) => show_stranger(question),
        (Purpose::More { holder }, _) => show_more(question, holder.as_ref()),
        (Purpose::Again { lasted }, _) => show_again(question, *lasted),
    }
}

fn show_more(question: &Question, holder: Option<&Who>) {
    let from = holder.map(|holder| format!("  Control goes from {holder} to {}.\n", question.officer));
    say(&format!(
        "\n{} asks for {} as well, for {} s.\n{}  why, in their words: {}\n\
         Answer within {} s, or it is no: y = yes, n = no: ",
        question.officer,
        question.permissions,
        question.duration.as_secs(),
        from.unwrap_or_default(),
        question.reason,
        question.patience.as_secs(),
    ));
}

fn show_again(question: &Question, lasted: Duration) {
    say(&format!(
        "\n{} has been helping you for {} min. Go on?\n\
         Answer within {} s, or it is paused: y = go on, n = end it: ",
        question.officer,
        lasted.as_secs() / 60,
        question.patience.as_secs(),
    ));
}

fn show_stranger(question: &Question) {
    say(&format!(
        "\n!! NOBODY ON THIS COMPUTER HAS VOUCHED FOR THIS PERSON !!\n{} wants to see this screen for {} min.\n  \
         why, in their words: {}{}\n  check words, the same on their screen: {}\n\
         We never call you first. Never let anybody see your bank, and never move money for a caller.\n\
         If you called them yourself and the check words agree, read on for {} s and then type the word “{}”.\n\
         Anything else, or nothing within {} s, is no; “{BLOCK}” is no, and blocks them for good: ",
        question.officer,
        question.duration.as_secs().div_ceil(60),
        question.reason,
        ticket(question),
        question.check,
        READING.as_secs(),
        question.check.first(),
        question.patience.as_secs(),
    ));
}

fn show_known(question: &Question, proof: &str) {
    let control = if question.permissions.has(Permission::Control) { ", c = see and control" } else { "" };
    say(&format!(
        "\n{} wants to see{} this screen for {} min.\n  {proof}\n  why, in their words: {}{}\n  \
         check words, the same on their screen: {}\n\
         Answer within {} s, or it is no: v = see only{control}, n = no, {BLOCK} = no, and block them for good: ",
        question.officer,
        if control.is_empty() { "" } else { " and control" },
        question.duration.as_secs().div_ceil(60),
        question.reason,
        ticket(question),
        question.check,
        question.patience.as_secs(),
    ));
}

/// The line about the ticket.
fn ticket(question: &Question) -> String {
    question.ticket.as_ref().map(|ticket| format!("\n  ticket: {ticket}")).unwrap_or_default()
}

/// Writes to the terminal; there is nobody to tell when that fails, and saying nothing means no.
fn say(text: &str) {
    let mut terminal = io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::{
        session::{Keying, check_words},
        wire::{Fingerprint, Return},
    };

    fn question(officer: &str) -> Question {
        Question {
            purpose: Purpose::Session,
            officer: officer.into(),
            proof: Proof::Enrolled,
            key: Fingerprint([1; 32]),
            check: check_words(&Keying::new([1; 32], [2; 32]), &Fingerprint([1; 32]), &Fingerprint([2; 32])),
            reason: "printer".into(),
            ticket: None,
            permissions: Permissions::CONTROL,
            duration: Duration::from_secs(600),
            returns: Return::AskAgain,
            patience: Duration::from_secs(60),
        }
    }

    #[test]
    fn only_a_clear_yes_is_yes() {
        let control = question("Ann");
        let view = Question { permissions: Permissions::VIEW, ..control.clone() };
        assert_eq!(answer("v", &control), Answer::Grant(Permissions::VIEW.into()));
        assert_eq!(answer(" c ", &control), Answer::Grant(Permissions::CONTROL.into()));
        for no in ["", "n", "y", "yes", "vc", control.check.first()] {
            assert_eq!(answer(no, &control), Answer::Deny);
        }
        assert_eq!(answer("c", &view), Answer::Deny);
        let more = Question { purpose: Purpose::More { holder: None }, ..control.clone() };
        assert_eq!(answer(" y ", &more), Answer::Grant(more.permissions.into()));
        assert_eq!((answer("c", &more), answer("", &more)), (Answer::Deny, Answer::Deny));
        assert_eq!(answer("b", &control), Answer::Block);
        let stranger = Question { proof: Proof::Code, ..control };
        for no in ["", "v", "c", "y", "yes"] {
            assert_eq!(answer(no, &stranger), Answer::Deny);
        }
    }

    #[test]
    fn a_yes_to_a_stranger_takes_the_word_and_ten_seconds() {
        let (mut terminal, start) = (Terminal::default(), Instant::now());
        let stranger = Question { proof: Proof::Code, ..question("Someone") };
        terminal.ask(start, SessionId(1), &stranger);
        let word = stranger.check.first();
        assert_eq!(terminal.hear(start + READING / 2, word), None, "nobody has read it by then");
        let yes = Heard::Answer(SessionId(1), Answer::GrantStranger(Permissions::VIEW.into()));
        assert_eq!(terminal.hear(start + 2 * READING, word), Some(yes));
        terminal.ask(start, SessionId(2), &stranger);
        assert_eq!(terminal.hear(start + ASLEEP, "n"), Some(Heard::Answer(SessionId(2), Answer::Deny)), "a no at once");
        assert_eq!(terminal.hear(start + 3 * READING, " code "), Some(Heard::NewCode));
        assert_eq!(terminal.hear(start + 3 * READING, word), None);
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
        assert_eq!(
            terminal.hear(later + ASLEEP, "c"),
            Some(Heard::Answer(bob, Answer::Grant(Permissions::CONTROL.into())))
        );
        assert_eq!(terminal.hear(later + 3 * ASLEEP, "c"), None, "there is nothing left to answer");
    }
}
