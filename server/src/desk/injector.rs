//! The injector as the desk sees it: running only while the gate is open, replaced when it dies.

use super::{
    child::{self, Ending},
    gate::Gate,
    hands::{Touch, UserHands},
    message::{FromDesk, LiveSession},
};
use crate::{inject::FromInjector, pipe};
use beside_protocol::{
    session::{Held, Injection},
    wire::Hands,
};
use std::{
    io,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long the injector may take to release what it holds before it is killed and another does it.
const FAREWELL: Duration = Duration::from_millis(500);

/// Lets input through to the injector, or not. Shared by the desk's threads.
#[derive(Clone)]
pub(super) struct Input(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Tells the server.
    report: Box<dyn Fn(FromDesk) + Send + Sync>,
}

struct State {
    gate: Gate,
    hands: UserHands,
    /// What has passed and is down: for when the injector dies.
    held: Held,
    running: Option<Running>,
    /// Counts injectors, to tell them apart.
    started: u64,
}

struct Running {
    number: u64,
    child: Child,
    /// Apart from the state, so that a write which blocks keeps nobody from stopping.
    stdin: Arc<Mutex<ChildStdin>>,
}

impl Input {
    /// No injector runs before the gate opens. `report` is called from any thread.
    pub(super) fn new(gate: Gate, report: impl Fn(FromDesk) + Send + Sync + 'static) -> Self {
        let state = State { gate, hands: UserHands::default(), held: Held::new(), running: None, started: 0 };
        Self(Arc::new(Shared { state: Mutex::new(state), report: Box::new(report) }))
    }

    /// Changes the gate; the injector is started or ended as the gate then is.
    pub(super) fn change(&self, change: impl FnOnce(&mut Gate)) {
        let mut state = self.state();
        change(&mut state.gate);
        self.follow(&mut state);
    }

    /// The server says how a session stands.
    pub(super) fn live(&self, session: u64, live: &LiveSession) {
        let now = Instant::now();
        self.change(|gate| gate.live(now, session, live));
    }

    /// The user does something at the machine itself: what the officer holds comes up, and the officer's input waits.
    /// Returns whether it did not before.
    pub(super) fn touch(&self, touch: Touch) -> bool {
        let (now, mut state) = (Instant::now(), self.state());
        let begins = state.hands.until(now).is_none();
        if state.gate.controls_until(now).is_none() || !state.hands.touch(now, touch) {
            return false;
        }
        state.gate.set_hands(Hands::User);
        self.follow(&mut state);
        begins
    }

    /// Lets the officer's input pass again, if the user's hands have rested for long enough. Until when they have not.
    pub(super) fn rest(&self) -> Option<Instant> {
        let (now, mut state) = (Instant::now(), self.state());
        let until = state.hands.until(now).filter(|_| state.gate.controls_until(now).is_some());
        state.gate.set_hands(if until.is_some() { Hands::User } else { Hands::Officer });
        self.follow(&mut state);
        until
    }

    /// Until when an officer may control, as soon as the user's own hands rest; `None` if none may.
    pub(super) fn controls_until(&self) -> Option<Instant> {
        self.state().gate.controls_until(Instant::now())
    }

    /// Starts or ends the injector as the gate now is.
    fn follow(&self, state: &mut State) {
        match (state.gate.is_open(Instant::now()), state.running.is_some()) {
            (true, false) => self.start(state, Vec::new()),
            (false, true) => drop(self.end(state)),
            (true, true) | (false, false) => {}
        }
    }

    /// Passes an injection on, if the gate is open.
    pub(super) fn forward(&self, bytes: &[u8]) {
        let Ok(injection) = Injection::from_pipe(bytes) else {
            tracing::warn!("the server sent something that is no input");
            return;
        };
        let stdin = {
            let mut state = self.state();
            let Some(running) = state.gate.is_open(Instant::now()).then_some(state.running.as_ref()).flatten() else {
                return;
            };
            let stdin = Arc::clone(&running.stdin);
            state.held.note(injection.action());
            stdin
        };
        let written = pipe::write_bytes(&mut *lock(&stdin), bytes);
        if let Err(error) = written {
            // Who watches its stdout sees to it.
            tracing::debug!(%error, "the injector is gone");
        }
    }

    /// Ends the injector for good and waits for it.
    pub(super) fn close(&self) {
        let farewell = {
            let mut state = self.state();
            state.gate.stop();
            self.end(&mut state)
        };
        if let Some(farewell) = farewell
            && farewell.join().is_err()
        {
            tracing::error!("could not wait for the injector");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    /// Starts an injector that begins with `releases`.
    fn start(&self, state: &mut State, releases: Vec<Injection>) {
        state.started += 1;
        let number = state.started;
        let started = spawn().and_then(|(child, mut stdin, stdout)| {
            // Few and small: they fit into the pipe's buffer, so this does not wait.
            for release in &releases {
                pipe::write_bytes(&mut stdin, &release.to_pipe()).map_err(io::Error::other)?;
            }
            let input = self.clone();
            thread::Builder::new().name("from injector".into()).spawn(move || input.watch(number, stdout))?;
            Ok(Running { number, child, stdin: Arc::new(Mutex::new(stdin)) })
        });
        match started {
            Ok(running) => state.running = Some(running),
            Err(error) => (self.0.report)(FromDesk::ControlUnavailable(format!("cannot start the injector: {error}"))),
        }
    }

    /// Closes the injector's stdin, on which it releases everything and ends. If it does not, another one does it.
    fn end(&self, state: &mut State) -> Option<thread::JoinHandle<()>> {
        let Running { mut child, stdin, .. } = state.running.take()?;
        let releases = state.held.release_all();
        drop(stdin);
        let farewell = move || {
            if child::end(&mut child, Instant::now() + FAREWELL) != Ending::Well {
                release(&releases);
            }
        };
        thread::Builder::new().name("farewell".into()).spawn(farewell).ok()
    }

    /// Listens to injector `number` until it ends; if nobody told it to, replaces it.
    fn watch(&self, number: u64, mut stdout: ChildStdout) {
        let mut ready = false;
        let mut unavailable = None;
        while let Ok(Some(message)) = pipe::read(&mut stdout) {
            match message {
                FromInjector::Ready => ready = true,
                FromInjector::Unavailable(why) => unavailable = Some(why),
            }
        }
        let mut state = self.state();
        let Some(mut running) = state.running.take_if(|running| running.number == number) else { return };
        child::end(&mut running.child, Instant::now() + FAREWELL);
        let releases = state.held.release_all();
        if ready {
            tracing::warn!("the injector died; another takes over");
            self.start(&mut state, releases);
            drop(state);
            (self.0.report)(FromDesk::InjectorLost);
        } else {
            drop(state);
            let why = unavailable.unwrap_or_else(|| "the injector ended before it had begun".into());
            (self.0.report)(FromDesk::ControlUnavailable(why));
        }
    }
}

/// Has a new injector release what one that was killed may have left down.
fn release(releases: &[Injection]) {
    if releases.is_empty() {
        return;
    }
    let released = spawn().and_then(|(mut child, mut stdin, _stdout)| {
        for release in releases {
            pipe::write_bytes(&mut stdin, &release.to_pipe()).map_err(io::Error::other)?;
        }
        drop(stdin);
        Ok(child::end(&mut child, Instant::now() + FAREWELL))
    });
    if !matches!(released, Ok(Ending::Well)) {
        tracing::error!("keys or buttons may be stuck: press and release them once");
    }
}

fn spawn() -> io::Result<(Child, ChildStdin, ChildStdout)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("injector").stdin(Stdio::piped()).stdout(Stdio::piped());
    child::detach(&mut command);
    let mut child = command.spawn()?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => Ok((child, stdin, stdout)),
        _ => Err(io::Error::other("it has no pipes")),
    }
}

/// A thread that panicked while it held the lock leaves the state as whole as any: each change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
