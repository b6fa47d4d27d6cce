//! The server's end: starts the desk, talks to it, ends it.

use super::{
    child,
    message::{FromDesk, ToDesk},
    panic_key::PanicKey,
    words::Language,
};
use crate::pipe;
use std::{
    io::{self, BufReader},
    process::{self, Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
    time::{Duration, Instant},
};

/// How many messages may wait for the desk: seconds of input. More, and the desk has failed.
const QUEUE: usize = 4096;

/// How long the desk may take to end by itself before it is killed.
const FAREWELL: Duration = Duration::from_secs(2);

/// Who puts the question to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// The desk. It then lets control through only where its own answer granted it, or by a standing grant.
    Desk,
    /// Somebody else (a terminal, a policy): the server's word counts.
    Server,
}

/// What the desk does when the server has not done within 2 s what the user pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSilence {
    /// Ends the process that has started it, so that no picture leaves either.
    EndServer,
    /// Waits on: for a process that is more than the server.
    Wait,
}

/// How the desk is to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who puts the question.
    pub asked_by: AskedBy,
    /// What stops all sessions.
    pub panic_key: PanicKey,
    /// What becomes of a server that does not obey.
    pub on_silence: OnSilence,
    /// What the user reads is in this language.
    pub language: Language,
}

/// What the desk has to say, or that it is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskEvent {
    /// A message.
    Said(FromDesk),
    /// The desk has ended: no session may go on. The last event.
    Gone,
}

/// Why a message did not reach the desk: no session may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// The desk has ended.
    #[error("the desk, which shows the user that a session is on, has ended")]
    Gone,
    /// The desk takes no messages.
    #[error("the desk, which shows the user that a session is on, does not react")]
    Stuck,
}

/// The desk process. Dropping it ends the process, its windows and all injection.
#[derive(Debug)]
pub struct Desk {
    child: Child,
    /// `None` only while it is being dropped.
    queue: Option<SyncSender<ToDesk>>,
}

impl Desk {
    /// Starts the desk; `on_event` is called from another thread with all that it says, in order. It is of use once it
    /// has said [`FromDesk::Ready`]. `command` starts `beside-server` without arguments: for that program itself,
    /// `Command::new(std::env::current_exe()?)`.
    pub fn start(
        mut command: Command,
        settings: &Settings,
        on_event: impl FnMut(DeskEvent) + Send + 'static,
    ) -> io::Result<Self> {
        command.arg("desk");
        if settings.asked_by == AskedBy::Desk {
            command.arg("--asks");
        }
        command.arg("--panic-key").arg(settings.panic_key.to_string());
        command.arg("--language").arg(settings.language.to_string());
        if settings.on_silence == OnSilence::EndServer {
            command.arg("--server").arg(process::id().to_string());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        child::detach(&mut command);
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the desk has no pipes"));
        };
        let (queue, messages) = sync_channel(QUEUE);
        thread::Builder::new().name("to desk".into()).spawn(move || send(stdin, &messages))?;
        thread::Builder::new().name("from desk".into()).spawn(move || receive(stdout, on_event))?;
        Ok(Self { child, queue: Some(queue) })
    }

    /// Sends a message without waiting.
    pub fn tell(&self, message: ToDesk) -> Result<(), DeskError> {
        let queue = self.queue.as_ref().ok_or(DeskError::Gone)?;
        queue.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => DeskError::Stuck,
            TrySendError::Disconnected(_) => DeskError::Gone,
        })
    }

    /// The desk's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // The sending thread ends and closes the desk's stdin, on which the desk ends.
        self.queue = None;
        child::end(&mut self.child, Instant::now() + FAREWELL);
    }
}

fn send(mut stdin: ChildStdin, messages: &Receiver<ToDesk>) {
    for message in messages {
        if let Err(error) = pipe::write(&mut stdin, &message) {
            tracing::warn!(%error, "cannot write to the desk");
            return;
        }
    }
}

fn receive(stdout: ChildStdout, mut on_event: impl FnMut(DeskEvent)) {
    let mut stdout = BufReader::new(stdout);
    loop {
        match pipe::read(&mut stdout) {
            Ok(Some(message)) => on_event(DeskEvent::Said(message)),
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "cannot read from the desk");
                break;
            }
        }
    }
    on_event(DeskEvent::Gone);
}
