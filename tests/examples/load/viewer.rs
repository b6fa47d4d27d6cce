//! An officer who looks, and types: the real link and session machine in a thread of their own, without a window.

use crate::work;
use beside_protocol::{
    session::{Papers, Viewer as Machine, viewer::Event},
    wire::{Action, End, Fingerprint, Key, Permissions, Press, Request},
};
use beside_shell::{
    identity::{Identity, Keys},
    net::{Link, Role, dial},
    program::runtime,
    state::StateDir,
};
use bytes::Bytes;
use std::{
    future::pending,
    net::SocketAddr,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long an officer may take to get in.
pub(crate) const LOGIN: Duration = Duration::from_secs(10);

/// A fresh identity.
pub(crate) fn identity() -> Identity {
    let folder = tempfile::tempdir().expect("a folder");
    let state = StateDir::open(Some(&folder.path().join("state"))).expect("a state folder");
    Identity::open(&state, Keys::File).expect("an identity")
}

/// An officer in a session. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Viewer {
    commands: UnboundedSender<Command>,
    thread: JoinHandle<Seen>,
    /// From dialling to the beginning of the picture.
    pub(crate) login: Duration,
}

/// What an officer has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// When each new mark of the painting was there first.
    pub(crate) marks: Vec<(u32, Instant)>,
    /// The same of the answers to keys.
    pub(crate) answers: Vec<(u32, Instant)>,
    /// When each key went down.
    pub(crate) keys: Vec<Instant>,
    /// How the session ended before it was to.
    pub(crate) ended: Option<String>,
}

#[derive(Debug)]
enum Command {
    Type,
    /// Tell whether the picture is this one.
    Compare(Arc<Vec<u32>>, mpsc::Sender<bool>),
}

impl Viewer {
    /// Dials and asks; an error says why there is no session.
    pub(crate) fn connect(
        officer: Arc<Identity>,
        address: SocketAddr,
        host: Fingerprint,
        permissions: Permissions,
    ) -> Result<Self, String> {
        let (commands, received) = unbounded_channel();
        let (let_in, is_in) = mpsc::channel();
        let begun = Instant::now();
        let visit = async move {
            let dialled = dial(&address.to_string(), Role::Officer, &officer, move |key| key == host, LOGIN).await;
            match dialled {
                Ok(link) => Visit::new(link, officer, permissions, let_in).stay(received).await,
                Err(error) => Seen { ended: Some(error.to_string()), ..Seen::default() },
            }
        };
        let thread = thread::spawn(move || runtime().expect("a runtime").block_on(visit));
        match is_in.recv_timeout(LOGIN) {
            Ok(()) => Ok(Self { commands, thread, login: begun.elapsed() }),
            Err(mpsc::RecvTimeoutError::Timeout) => Err("no answer".to_owned()),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(thread.join().ok().and_then(|seen| seen.ended).unwrap_or_else(|| "it failed".to_owned()))
            }
        }
    }

    /// Presses and releases a key.
    pub(crate) fn strike(&self) {
        // A viewer that has ended tells so at the end.
        let _ = self.commands.send(Command::Type);
    }

    /// Whether the picture is this one.
    pub(crate) fn shows(&self, picture: &Arc<Vec<u32>>) -> bool {
        let (tell, told) = mpsc::channel();
        self.commands.send(Command::Compare(Arc::clone(picture), tell)).is_ok() && told.recv().unwrap_or(false)
    }

    /// Leaves; what was seen until then.
    pub(crate) fn leave(self) -> Seen {
        drop(self.commands);
        self.thread.join().expect("a viewer has not failed")
    }
}

struct Visit {
    link: Link,
    machine: Machine,
    seen: Seen,
    let_in: Option<mpsc::Sender<()>>,
}

impl Visit {
    fn new(link: Link, officer: Arc<Identity>, permissions: Permissions, let_in: mpsc::Sender<()>) -> Self {
        let request = Request { reason: "load".into(), permissions, seconds: 3600, display: None, ticket: None };
        let papers = Papers { notary: officer, host: link.peer(), certificate: None, head: None };
        let machine = Machine::new(Instant::now(), request, link.keying(), papers);
        Self { link, machine, seen: Seen::default(), let_in: Some(let_in) }
    }

    async fn stay(mut self, mut commands: UnboundedReceiver<Command>) -> Seen {
        loop {
            self.settle();
            if self.seen.ended.is_some() {
                return self.seen;
            }
            let timeout = self.machine.poll_timeout();
            let due = async {
                match timeout {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                arrived = self.link.recv() => match arrived {
                    Ok((channel, bytes)) => self.machine.handle_message(Instant::now(), channel, &bytes),
                    Err(error) => self.seen.ended = Some(error.to_string()),
                },
                () = due => self.machine.handle_timeout(Instant::now()),
            }
            self.look();
        }
        self.machine.leave();
        self.settle();
        self.link.close().await;
        self.seen.ended = None;
        self.seen
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Type => {
                self.seen.keys.push(Instant::now());
                for press in [Press::Down, Press::Up] {
                    self.machine.act(None, Action::Key(Key(work::KEY), press));
                }
            }
            Command::Compare(picture, tell) => {
                let shown = self.machine.shown();
                let is_it = shown.is_some_and(|shown| {
                    shown.pixels().iter().map(|pixel| pixel & 0x00ff_ffff).eq(picture.iter().copied())
                });
                // Whoever asked may have given up.
                let _ = tell.send(is_it);
            }
        }
    }

    fn settle(&mut self) {
        while let Some(transmit) = self.machine.poll_transmit() {
            // An error is told again by `recv`.
            let _ = self.link.send(transmit.channel, Bytes::from_owner(transmit.bytes));
        }
        while let Some(event) = self.machine.poll_event() {
            match event {
                Event::Granted { .. } if !self.link.is_approved() => self.link.approve(),
                // Keys need a picture to go to.
                Event::Begins(_) => {
                    // Whoever waits for it may have given up.
                    let _ = self.let_in.take().map(|let_in| let_in.send(()));
                }
                Event::Ended(End::OfficerLeft) => {}
                Event::Ended(end) => self.seen.ended = Some(end.to_string()),
                _ => {}
            }
        }
    }

    fn look(&mut self) {
        let Some(shown) = self.machine.shown() else { return };
        let now = Instant::now();
        for (place, seen) in [(work::MARK, &mut self.seen.marks), (work::ANSWER, &mut self.seen.answers)] {
            let mark = beside_tests::Screen::read_number(shown, place);
            if mark > seen.last().map_or(0, |(last, _)| *last) {
                seen.push((mark, now));
            }
        }
    }
}
