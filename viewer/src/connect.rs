//! A visit: the driver that joins the officer's session machine to the network, the clock and the window.

use crate::{
    door::{Door, Knock, Strangers},
    record::Record,
    report::Report,
    seat::{Command, Seat, Shared},
    window::{self, Figures, Handle, Phase, StepUp, Update, WindowError},
};
use beside_protocol::{
    session::{
        Step, Viewer, check_words,
        contact::{Code, Ends},
        viewer::Event,
    },
    wire::{Channel, End, Fingerprint, More, Permission, Permissions, Request},
};
use beside_shell::{
    audit::AuditError,
    authority::{AuthorityError, kept_certificate},
    identity::Identity,
    name::Name,
    net::{EndpointKeys, EndpointKeysError, Link, LinkError, NetError},
    program::{Failure, runtime, shutdown},
    state::StateDir,
    statistics::Statistics,
    store::{Hosts, StoreError},
};
use bytes::Bytes;
use std::{
    fmt, io,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime::Runtime, sync::mpsc, time};

/// How long the window shows why it is over before it closes by itself.
const LINGER: Duration = Duration::from_secs(10);

/// How often the status line's figures are those of another second.
const FIGURES: Duration = Duration::from_secs(1);

/// Where reports go.
type Tell = Box<dyn FnMut(Report<'_>) + Send>;

/// How many things the officer may have done that the driver has not seen yet: seconds of typing.
const COMMANDS: usize = 1024;

/// How to visit a host, and why.
#[derive(Clone, Debug)]
pub struct Options {
    /// How to come together.
    pub way: Way,
    /// What to ask for.
    pub request: Request,
    /// For how long the window's shortcut asks for control.
    pub control_for: Duration,
    /// How to meet a host where one of both does not know the other.
    pub introduction: Option<Introduction>,
    /// How to show it. The host's name is filled in once it is known.
    pub window: window::Options,
}

/// How to meet a host where one of both does not know the other.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// The code on the user's screen.
    pub code: Code,
    /// What to call the host once its user has let the officer in; by its address if that is not said.
    pub name: Option<Name>,
}

/// How officer and host come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The host listens at this address, and the officer dials it.
    Dial(String),
    /// The officer listens at this address for one of the known hosts to dial out.
    Listen(SocketAddr),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial(address) => f.write_str(address),
            Self::Listen(address) => write!(f, "listening at {address}"),
        }
    }
}

/// Why a visit failed, where no [`End`] says it.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// There is no window.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// The host was not reached, or is another.
    #[error(transparent)]
    Net(#[from] NetError),
    /// This officer's certificate.
    #[error(transparent)]
    Certificate(#[from] AuthorityError),
    /// The keys of this machine's socket.
    #[error(transparent)]
    Endpoint(#[from] EndpointKeysError),
    /// The record of known hosts.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A known host has another key than before.
    #[error(transparent)]
    Changed(#[from] Changed),
    /// The officer's audit log, without which there is no session.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The system refused a thread.
    #[error("the system refused what the session needs: {0}")]
    System(#[from] io::Error),
    /// The session ended otherwise than normally.
    #[error("{way}: {end}")]
    Ended {
        /// How the host was to be met.
        way: Way,
        /// How it ended.
        end: End,
    },
}

/// Another key answers where a known host should: it was set up anew, or somebody has taken its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "THE KEY OF {name} HAS CHANGED, somebody may have taken its place: it was {known} ({}) and is now {found} ({}); \
     if its user says that it was set up anew, use `beside-viewer forget {known}` and connect with a code",
    known.words(),
    found.words()
)]
pub struct Changed {
    /// What the officer calls the host.
    pub name: Name,
    /// The key by which it is known.
    pub known: Fingerprint,
    /// The key that answers there.
    pub found: Fingerprint,
}

impl From<VisitError> for Failure {
    fn from(error: VisitError) -> Self {
        match error {
            VisitError::Net(error) => error.into(),
            VisitError::Ended { end, .. } => Self::new(end.exit_code(), error.to_string()),
            VisitError::Changed(_) => Self::new(Self::WRONG_PEER, error.to_string()),
            VisitError::Window(_)
            | VisitError::Certificate(_)
            | VisitError::Endpoint(_)
            | VisitError::Store(_)
            | VisitError::Audit(_)
            | VisitError::System(_) => Self::other(error),
        }
    }
}

/// Visits a host: opens the window on this thread, which must be the main one, and returns when it is closed. Where it
/// listens, `ready` is told the address and this machine's key as soon as it does. `tell` gets each second what has
/// arrived, if anything has, and what changes.
pub fn connect(
    state: &StateDir,
    identity: Identity,
    options: Options,
    ready: impl FnOnce(SocketAddr, Fingerprint) + Send + 'static,
    tell: impl FnMut(Report<'_>) + Send + 'static,
) -> Result<(), VisitError> {
    let Options { way, request, control_for, introduction, window: look } = options;
    let identity = Arc::new(identity);
    let record = Record::open(state, &identity, kept_certificate(state)?.map(Box::new))?;
    let hosts = Hosts::open(state)?;
    let keys = EndpointKeys::open(state)?;
    let runtime = runtime()?;
    let (code, strangers) = match introduction {
        Some(Introduction { code, name }) => (Some(code), Strangers::Introduced(name)),
        None => (None, Strangers::Refused),
    };
    let door = runtime.block_on(async { Door::open(&way, identity, hosts, &keys, strangers) })?;
    if let Some((address, key)) = door.listens() {
        ready(address, key);
    }
    let (lingers, tell) = (look.controls, Box::new(tell));
    let (window, handle) = window::open(look)?;
    let (commands, received) = mpsc::channel(COMMANDS);
    let shared = Arc::new(Shared::default());
    let signals = commands.downgrade();
    let visit = Visit {
        way,
        request,
        control_for,
        code,
        door,
        record,
        handle,
        shared: Arc::clone(&shared),
        lingers,
        tell,
        shown: None,
        moves: 0,
    };
    let last_word = LastWord(visit.handle.clone());
    let driver = thread::Builder::new().name("session".into()).spawn(move || {
        let _last_word = last_word;
        visit.run(&runtime, received, signals)
    })?;
    let shown = window.run(Arc::new(Seat::new(shared, commands)));
    let outcome = driver.join().unwrap_or_else(|_| Err(io::Error::other("the session's thread failed").into()));
    shown?;
    outcome
}

/// Closes the window when the driver has ended, in whatever way: no picture is left there that looks live.
struct LastWord(Handle);

impl Drop for LastWord {
    fn drop(&mut self) {
        self.0.update(Update::Exit);
    }
}

/// The driver.
struct Visit {
    way: Way,
    request: Request,
    control_for: Duration,
    /// What has to be proven first.
    code: Option<Code>,
    door: Door,
    record: Record,
    handle: Handle,
    shared: Arc<Shared>,
    lingers: bool,
    tell: Tell,
    /// The figures that the window shows.
    shown: Option<Figures>,
    /// How often the host's network has changed.
    moves: u32,
}

/// Why one connection is over.
enum Outcome {
    /// For good.
    Over(End),
    /// Lost after the session was on: it may go on over another one, until then.
    Lost(Instant),
    /// The session is over, but the user lets the officer come back after a restart, until then.
    Cut(Instant),
    /// There is a new connection to the host, which takes this one's place.
    Again(Box<Link>),
}

impl Visit {
    fn run(
        mut self,
        runtime: &Runtime,
        mut commands: mpsc::Receiver<Command>,
        signals: mpsc::WeakSender<Command>,
    ) -> Result<(), VisitError> {
        // A signal is one more way for the officer to leave.
        runtime.spawn(async move {
            shutdown().await;
            if let Some(commands) = signals.upgrade() {
                drop(commands.send(Command::Leave).await);
            }
        });
        let result = runtime.block_on(self.visit(&mut commands));
        self.handle.update(Update::Phase(match &result {
            Ok(end) => Phase::Over(*end),
            Err(error) => Phase::Failed(error.to_string()),
        }));
        if self.lingers && !matches!(result, Ok(End::OfficerLeft)) {
            runtime.block_on(linger(&mut commands));
        }
        match result? {
            end if end.exit_code() == 0 => Ok(()),
            end => Err(VisitError::Ended { way: self.way, end }),
        }
    }

    /// Meets the host, and meets it anew where the link is lost, until the session is over.
    async fn visit(&mut self, commands: &mut mpsc::Receiver<Command>) -> Result<End, VisitError> {
        let Some(link) = or_leave(commands, self.meet()).await else { return Ok(End::OfficerLeft) };
        let mut link = link?;
        let host = link.peer();
        let name = self.door.name(&host);
        self.record.connected(&link, name.as_deref())?;
        self.record.asks(&self.request)?;
        if let Some(name) = &name {
            self.handle.update(Update::Host(name.clone()));
        }
        let (now, request, papers) = (Instant::now(), self.request.clone(), self.record.papers(host));
        *self.shared.lock() = Some(match self.code.take() {
            None => Viewer::new(now, request, link.keying(), papers),
            Some(code) => {
                let ends = Ends { officer: self.door.key(), host, keying: link.keying() };
                Viewer::introduced(now, request, &code, ends, beside_shell::random()?, papers)
            }
        });
        let mut asks_anew = false;
        loop {
            link = match self.stay(link, commands).await? {
                Outcome::Over(end) => return Ok(end),
                Outcome::Again(link) => *link,
                outcome @ (Outcome::Lost(until) | Outcome::Cut(until)) => {
                    asks_anew |= matches!(outcome, Outcome::Cut(_));
                    match or_leave(commands, self.door.again(host, until)).await {
                        None => return self.without_host(Viewer::leave, End::OfficerLeft),
                        Some(Err(NetError::Unreachable { .. })) => {
                            return self.without_host(Viewer::give_up, End::LinkLost);
                        }
                        Some(again) => again?,
                    }
                }
            };
            tracing::info!(from = %link.remote(), "Connected anew");
            self.record.connected(&link, name.as_deref())?;
            if std::mem::take(&mut asks_anew) {
                self.record.asks(&self.request)?;
            }
            self.with_viewer(|viewer| viewer.reconnected(Instant::now(), link.keying()));
        }
    }

    /// Ends a session whose connection is lost, with what is recorded then.
    fn without_host(&mut self, end: impl FnOnce(&mut Viewer), why: End) -> Result<End, VisitError> {
        let ended = self.with_viewer(|viewer| {
            end(viewer);
            (std::iter::from_fn(|| viewer.poll_event()).collect::<Vec<_>>(), viewer.tally())
        });
        for (event, tally) in ended.into_iter().flat_map(|(events, tally)| events.into_iter().map(move |e| (e, tally)))
        {
            self.record.note(Instant::now(), &event, tally)?;
        }
        Ok(why)
    }

    /// Waits for the host, and says so meanwhile.
    async fn meet(&mut self) -> Result<Link, VisitError> {
        let mut phase = match self.door.listens() {
            None => Phase::Connecting,
            Some((address, _)) => Phase::Listening { address, stranger: None },
        };
        loop {
            self.handle.update(Update::Phase(phase));
            match self.door.first().await? {
                Knock::Admitted(link) => return Ok(*link),
                Knock::Stranger { address, key } => phase = Phase::Listening { address, stranger: Some(key) },
            }
        }
    }

    /// One connection, to its end.
    async fn stay(&mut self, mut link: Link, commands: &mut mpsc::Receiver<Command>) -> Result<Outcome, AuditError> {
        let host = link.peer();
        tracing::info!(host = %host.short(), address = %link.remote(), over = %link.transport(), "Connected");
        let mut figures = time::interval(FIGURES);
        // A closed channel is a closed window, and says so once.
        let mut open = true;
        let outcome = loop {
            if let Some(outcome) = self.settle(&mut link)? {
                break outcome;
            }
            let timeout = self.with_viewer(|viewer| viewer.poll_timeout()).flatten();
            let due = async {
                match timeout {
                    Some(at) => time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                command = commands.recv(), if open => {
                    open = command.is_some();
                    self.obey(command)?;
                }
                message = link.recv() => self.hear(message),
                again = self.door.back(host) => match again {
                    Ok(again) => break Outcome::Again(Box::new(again)),
                    Err(error) => tracing::debug!(%error, "No other way to the host"),
                },
                () = due => self.notice_silence(host),
                _ = figures.tick() => {
                    if let Some(from) = link.moved(Instant::now()) {
                        tracing::info!(%from, "The host's network has changed");
                        self.record.moved(from.to_string())?;
                        self.moves += 1;
                    }
                    self.tell_figures(&link);
                }
            }
        };
        match outcome {
            // A connection that was replaced or lost takes no farewell.
            Outcome::Again(_) | Outcome::Lost(_) => drop(link),
            Outcome::Over(_) | Outcome::Cut(_) => link.close().await,
        }
        Ok(outcome)
    }

    /// The host is silent. When that lasts too long another way to it is looked for, so that it is there when this connection
    /// turns out to be lost. If this one lives after all, `settle` gives that up.
    fn notice_silence(&mut self, host: Fingerprint) {
        let too_long = self.with_viewer(|viewer| {
            viewer.handle_timeout(Instant::now());
            viewer.is_frozen()
        });
        if too_long == Some(true) {
            self.door.look_for(host);
        }
    }

    fn with_viewer<T>(&self, with: impl FnOnce(&mut Viewer) -> T) -> Option<T> {
        self.shared.lock().as_mut().map(with)
    }

    /// Does what the officer did; a closed channel is a closed window.
    fn obey(&mut self, command: Option<Command>) -> Result<(), AuditError> {
        let more = matches!(command, Some(Command::AskControl)).then(|| More {
            reason: self.request.reason.clone(),
            permissions: Permissions::NONE.with(Permission::Control),
            seconds: u32::try_from(self.control_for.as_secs()).unwrap_or(u32::MAX),
        });
        if let Some(more) = &more {
            self.record.asks_more(more)?;
        }
        self.with_viewer(|viewer| match command {
            Some(Command::Act(at, action)) => viewer.act(at, action),
            Some(Command::Point(at)) => viewer.point(at),
            Some(Command::AskControl) => more.into_iter().for_each(|more| viewer.ask_more(more)),
            Some(Command::YieldControl) => viewer.yield_control(),
            Some(Command::Leave) | None => viewer.leave(),
        });
        Ok(())
    }

    fn hear(&self, message: Result<(Channel, Bytes), LinkError>) {
        self.with_viewer(|viewer| match message {
            Ok((channel, bytes)) => {
                let now = Instant::now();
                viewer.handle_message(now, channel, &bytes);
                if channel == Channel::Frame {
                    viewer.note(Step::Decode, now.elapsed());
                }
            }
            Err(error) => {
                tracing::info!(%error, "Connection over");
                viewer.disconnected(Instant::now(), error.end());
            }
        });
    }

    /// Tells the window, and whoever wants it, what the last second was like.
    fn tell_figures(&mut self, link: &Link) {
        let told = self.with_viewer(|viewer| (viewer.figures(), viewer.made()));
        let Some((collected, made)) = told else { return };
        let any = collected.is_some();
        let statistics = Statistics::new(collected.unwrap_or_default(), link);
        if any {
            (self.tell)(Report::Statistics(&statistics));
        }
        let figures = Figures { moves: self.moves, ..figures(&statistics, made) };
        if self.shown.replace(figures) != Some(figures) {
            self.handle.update(Update::Figures(figures));
        }
    }

    /// Sends what is to be sent and tells the window what has happened. Some outcome when this connection is over.
    fn settle(&mut self, link: &mut Link) -> Result<Option<Outcome>, AuditError> {
        let now = Instant::now();
        let shared = Arc::clone(&self.shared);
        let mut shared = shared.lock();
        let Some(viewer) = shared.as_mut() else { return Ok(None) };
        send(viewer, link);
        let mut outcome = viewer.lost_until().map(Outcome::Lost);
        while let Some(event) = viewer.poll_event() {
            self.record.note(now, &event, viewer.tally())?;
            viewer.set_head(self.record.head());
            if let Some(report) = Report::of(&event, now) {
                (self.tell)(report);
            }
            let update = match event {
                Event::Welcome { name } => {
                    tracing::info!(name, "The host has answered");
                    continue;
                }
                Event::Receipt(_) => continue,
                Event::Asking { until } => {
                    self.door.give_up();
                    let check = check_words(&link.keying(), &self.door.key(), &link.peer());
                    tracing::info!(%check, "The user is being asked");
                    Update::Phase(Phase::Asking { until, check })
                }
                Event::Granted { permissions, until, hands } => {
                    self.door.give_up();
                    self.door.remember(link.peer(), link.remote());
                    link.approve();
                    Update::Phase(Phase::Live { permissions, until, hands })
                }
                Event::MoreAsked { until } => Update::StepUp(StepUp::Asking { until }),
                Event::MoreGranted { permissions, until } => Update::StepUp(StepUp::Granted { permissions, until }),
                Event::MoreRefused(why) => Update::StepUp(StepUp::Refused { why, since: now }),
                Event::Control(holder) => Update::Holder(holder),
                Event::Begins(size) => Update::Picture(vec![size.rect()], now),
                Event::Changed(rects) => Update::Picture(rects, now),
                Event::Cursor(shape) => Update::Cursor(shape),
                Event::Frozen { since } => Update::Phase(Phase::Frozen { since }),
                Event::Paused { reason, until } => {
                    self.door.give_up();
                    link.approve();
                    Update::Phase(Phase::Paused { reason, until })
                }
                Event::Thawed { permissions, until, hands } => {
                    self.door.give_up();
                    Update::Phase(Phase::Live { permissions, until, hands })
                }
                Event::Lost { since, until } => Update::Phase(Phase::Lost { since, until }),
                Event::Cut { since, until, .. } => {
                    outcome = Some(Outcome::Cut(until));
                    Update::Phase(Phase::Lost { since, until })
                }
                Event::Ended(end) => {
                    outcome = Some(Outcome::Over(end));
                    continue;
                }
            };
            self.handle.update(update);
        }
        Ok(outcome)
    }
}

/// Sends what is to be sent.
fn send(viewer: &mut Viewer, link: &Link) {
    while let Some(transmit) = viewer.poll_transmit() {
        if let Err(error) = link.send(transmit.channel, Bytes::from_owner(transmit.bytes)) {
            tracing::debug!(%error, "Cannot send");
        }
    }
}

/// The figures of the last second for the status line. `made` is how long pictures take on the host.
fn figures(statistics: &Statistics, made: Duration) -> Figures {
    let Statistics { figures, transport, round_trip, .. } = statistics;
    let took = |step| figures.median(step).unwrap_or_default();
    let late = made + *round_trip / 2 + took(Step::Decode) + took(Step::Present);
    Figures {
        round_trip: *round_trip,
        transport: *transport,
        bytes_per_second: figures.bytes,
        updates_per_second: figures.updates,
        late: (figures.updates > 0 && !made.is_zero()).then_some(late),
        moves: 0,
    }
}

/// The result of `work`, or `None` when the officer leaves first. What else the officer does meanwhile is dropped.
async fn or_leave<T>(commands: &mut mpsc::Receiver<Command>, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            command = commands.recv() => {
                if matches!(command, None | Some(Command::Leave)) {
                    return None;
                }
            }
        }
    }
}

/// Waits until the officer has read why it is over, or closes the window.
async fn linger(commands: &mut mpsc::Receiver<Command>) {
    let _ = time::timeout(LINGER, or_leave(commands, std::future::pending::<()>())).await;
}
