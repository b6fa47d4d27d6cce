//! Sharing this desktop: the driver that joins the session machine to the network, the screen, the desk and the clock.

mod door;
mod links;
mod terminal;
mod words;

use self::{
    door::Door,
    links::{Arrival, Links},
};
use crate::{
    capture::{self, Backend, OpenError},
    desk::{self, AskedBy, Desk, DeskError, DeskEvent, FromDesk, ToDesk},
    worker::{Made, Start, Worker},
};
use beside_protocol::{
    session::{
        Asking, Enrolment, Host, Officer, Rules,
        host::{Answer, ConnectionId, Display, Event, Notice, SessionId, Start as Beginning},
    },
    wire::{Channel, End, Fingerprint, Permission, Permissions},
};
use beside_shell::{
    identity::{Identity, IdentityError},
    net::{EndpointKeys, EndpointKeysError, Link, NetError, Refusal},
    program::Failure,
    state::StateDir,
    statistics::Statistics,
    store::{self, Officers, StoreError},
};
use std::{
    collections::BTreeMap,
    future::Future,
    io,
    process::Command,
    sync::{Arc, atomic::AtomicU32},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::mpsc;

pub use self::door::Way;

/// How often the officers' file is looked at while there is a session: a removed key's session ends soon after. And how
/// often their addresses are.
const RECORDS: Duration = Duration::from_secs(2);

/// How often it is told what sessions have been sent.
const STATISTICS: Duration = Duration::from_secs(1);

/// How long the desk may take to show that it can show windows.
const DESK_READY: Duration = Duration::from_secs(10);

/// A desk that lives shorter than this can't be kept alive by starting it again.
const DESK_LIFE: Duration = Duration::from_secs(10);

/// How long farewells may take when sharing ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// How the user is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// By a window on the shared desktop.
    Desk,
    /// On the terminal in which the program runs.
    Terminal,
    /// Not at all: only standing grants are accepted.
    Policy,
}

/// What to share, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How officers come.
    pub way: Way,
    /// How the user is asked.
    pub consent: Consent,
    /// How the screen is captured.
    pub capture: Backend,
    /// What this machine calls itself.
    pub name: String,
    /// How many officers may be there at once.
    pub officers: usize,
}

/// Why sharing could not begin, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// The screen can't be captured.
    #[error(transparent)]
    Capture(#[from] OpenError),
    /// The desk can't be shown, so nobody could be asked, or see that a session is on.
    #[error("the window that asks the user and shows that a session is on can't be shown: {0}")]
    Desk(String),
    /// The network.
    #[error(transparent)]
    Net(#[from] NetError),
    /// This machine's key.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The keys of this machine's socket.
    #[error(transparent)]
    Endpoint(#[from] EndpointKeysError),
    /// The record of the officers.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The officer who was dialled did not take the call.
    #[error("{address}: {refusal}")]
    TurnedAway {
        /// Whom we dialled.
        address: String,
        /// Why not.
        refusal: Refusal,
    },
    /// The session with the officer who was dialled ended otherwise than normally.
    #[error("{address}: {}", words::to_user(*end))]
    Ended {
        /// Whom we dialled.
        address: String,
        /// How it ended.
        end: End,
    },
    /// The system refused a thread, a process or random numbers.
    #[error("the system refused what sharing needs: {0}")]
    System(#[from] io::Error),
}

impl From<ShareError> for Failure {
    fn from(error: ShareError) -> Self {
        let code = match error {
            ShareError::Net(error) => return error.into(),
            ShareError::Capture(_) | ShareError::Desk(_) => Self::DISPLAY,
            ShareError::TurnedAway { .. } => Self::POLICY,
            ShareError::Ended { end, .. } => end.exit_code(),
            ShareError::Identity(_) | ShareError::Endpoint(_) | ShareError::Store(_) | ShareError::System(_) => {
                Self::OTHER
            }
        };
        Self::new(code, error.to_string())
    }
}

/// This desktop, ready to be shared.
#[derive(Debug)]
pub struct Share {
    driver: Driver,
    happenings: mpsc::Receiver<Happening>,
    key: Fingerprint,
}

/// What other threads report to the driver. Those of a worker or desk that has been replaced may come late.
#[derive(Debug)]
enum Happening {
    Made(Display, Serial, Made),
    Desk(Serial, DeskEvent),
    /// A line from the terminal.
    Line(String),
}

/// Whether the officers' file could be read when it was last looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Records {
    Good,
    Unreadable,
}

/// Tells a worker or desk from those before it.
type Serial = u64;

/// How many reports may wait. Workers are paced by the session machine; beyond this they wait.
const HAPPENINGS: usize = 64;

/// All that sharing has besides the door for new officers.
#[derive(Debug)]
struct Driver {
    options: Options,
    host: Host,
    door: Door,
    links: Links,
    officers: Officers,
    desk: Desk,
    desk_serial: Serial,
    desk_started: Instant,
    terminal: Option<terminal::Terminal>,
    workers: BTreeMap<Display, (Serial, Worker)>,
    /// The last that was given to a worker or desk.
    serial: Serial,
    epochs: Arc<AtomicU32>,
    reports: mpsc::Sender<Happening>,
    /// Set when sharing is over because a session is.
    over: Option<Result<(), ShareError>>,
}

impl Share {
    /// Makes everything ready: the screen can be captured, the desk can be shown, the address is ours.
    pub async fn open(state: &StateDir, options: Options) -> Result<Self, ShareError> {
        let identity = Identity::open(state)?;
        let officers = Officers::open(state)?;
        probe_capture(options.capture)?;
        let key = identity.fingerprint();
        let door = Door::open(&options.way, identity, &EndpointKeys::open(state)?, &officers)?;
        let (reports, mut happenings) = mpsc::channel(HAPPENINGS);
        let first = 1;
        let desk = start_desk(options.consent, first, &reports)?;
        desk_ready(&mut happenings).await?;
        let asking = match options.consent {
            Consent::Desk | Consent::Terminal => Asking::User,
            Consent::Policy => Asking::Nobody,
        };
        let terminal =
            (options.consent == Consent::Terminal).then(|| terminal::Terminal::start(&reports)).transpose()?;
        let driver = Driver {
            host: Host::new(Rules { officers: options.officers, ..Rules::new(&options.name, asking) }),
            options,
            door,
            links: Links::default(),
            officers,
            desk,
            desk_serial: first,
            desk_started: Instant::now(),
            terminal,
            workers: BTreeMap::new(),
            serial: first,
            epochs: Arc::default(),
            reports,
            over: None,
        };
        Ok(Self { driver, happenings, key })
    }

    /// How officers come, with the port that the system chose.
    pub fn way(&self) -> Way {
        self.driver.door.way()
    }

    /// This machine's key.
    pub const fn key(&self) -> Fingerprint {
        self.key
    }

    /// Serves officers until `shutdown` is ready, or it can't go on; then says goodbye to them. Each second `tell` gets what
    /// each session has been sent, if it was anything.
    pub async fn run(
        mut self,
        shutdown: impl Future<Output = ()>,
        tell: impl FnMut(SessionId, &Statistics),
    ) -> Result<(), ShareError> {
        let served = self.serve(shutdown, tell).await;
        self.driver.host.end_all(End::HostLeft);
        let settled = self.driver.settle();
        self.driver.links.farewell(FAREWELL).await;
        served.and(settled)
    }

    async fn serve(
        &mut self,
        shutdown: impl Future<Output = ()>,
        mut tell: impl FnMut(SessionId, &Statistics),
    ) -> Result<(), ShareError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut records = tokio::time::interval(RECORDS);
        records.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut statistics = tokio::time::interval(STATISTICS);
        let driver = &mut self.driver;
        loop {
            driver.settle()?;
            if let Some(outcome) = driver.over.take() {
                return outcome;
            }
            let timeout = driver.host.poll_timeout();
            let due = async {
                match timeout {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(()),
                // Before what others can make plenty of: no flood puts off the end of a grant.
                () = due => driver.host.handle_timeout(Instant::now()),
                _ = records.tick(), if driver.host.officers().next().is_some() => {
                    driver.check_records();
                    driver.note_moves()?;
                }
                _ = statistics.tick(), if driver.host.officers().next().is_some() => driver.tell_statistics(&mut tell),
                Some(happening) = self.happenings.recv() => driver.take(happening)?,
                arrival = driver.links.next() => driver.arrive(arrival),
                link = driver.door.next() => driver.admit(link?),
            }
        }
    }
}

impl Driver {
    /// Does what the session machine wants done, and sends what it wants sent.
    fn settle(&mut self) -> Result<(), ShareError> {
        loop {
            while let Some((id, transmit)) = self.host.poll_transmit() {
                self.links.send(id, transmit);
            }
            match self.host.poll_event() {
                Some(event) => self.obey(event)?,
                None => return Ok(()),
            }
        }
    }

    fn obey(&mut self, event: Event) -> Result<(), ShareError> {
        match event {
            Event::Inject(injection) => self.tell(ToDesk::Inject(injection.to_pipe()))?,
            Event::Task(display, task) => {
                if let Some((_, worker)) = self.workers.get(&display) {
                    worker.ask(task);
                }
            }
            Event::Ask(id, question) => {
                // A session that asks is over the connection with which it began.
                self.links.keep(ConnectionId(id.0));
                match &mut self.terminal {
                    Some(terminal) => terminal.ask(Instant::now(), id, &question),
                    None => self.tell(ToDesk::Ask { session: id.0, question })?,
                }
            }
            Event::Withdraw(id) => match &mut self.terminal {
                Some(terminal) => terminal.withdraw(Instant::now(), id),
                None => self.tell(ToDesk::Withdraw { session: id.0 })?,
            },
            Event::Attached { session, connection, start } => self.attach(session, connection, start),
            Event::Live(id, notice) => self.show_live(id, notice)?,
            Event::Suspended { session, officer, until } => self.show_suspended(session, officer, until)?,
            Event::NotResumed(connection) => {
                tracing::warn!(connection = connection.0, "Not resumed: there is no such session of this officer");
            }
            Event::Disconnect(connection) => self.links.close(connection),
            Event::Ended { session, end, was_live } => self.show_end(session, end, was_live)?,
            Event::Open(display) => self.open_worker(display)?,
            Event::Close(display) => drop(self.workers.remove(&display)),
        }
        Ok(())
    }

    fn attach(&mut self, session: SessionId, connection: ConnectionId, start: Beginning) {
        self.links.approve(connection);
        if start == Beginning::Resumed {
            let from = self.links.remote(connection).map(tracing::field::display);
            tracing::info!(session = session.0, connection = connection.0, from, "Session resumed");
        }
    }

    fn show_live(&mut self, id: SessionId, notice: Notice) -> Result<(), ShareError> {
        tracing::info!(session = id.0, permissions = %notice.permissions, standing = notice.standing, "Session live");
        self.tell(ToDesk::Live {
            session: id.0,
            officer: notice.officer,
            permissions: notice.permissions,
            seconds_left: seconds_left(notice.until),
            standing: notice.standing,
        })
    }

    fn show_suspended(&mut self, id: SessionId, officer: String, until: Instant) -> Result<(), ShareError> {
        let seconds_left = seconds_left(until);
        tracing::info!(session = id.0, seconds_left, "Session suspended: its connection is lost");
        self.door.call_back();
        self.tell(ToDesk::Suspended { session: id.0, officer, seconds_left })
    }

    fn show_end(&mut self, id: SessionId, end: End, was_live: bool) -> Result<(), ShareError> {
        tracing::info!(session = id.0, ?end, "Session over");
        if end == End::LinkLost && self.host.awaits_return() {
            // The way back was lost again before it led to the session.
            self.door.call_back();
        } else {
            self.over = self.over.take().or_else(|| self.door.ended(end));
        }
        if was_live {
            self.tell(ToDesk::Ended { session: id.0, text: words::to_user(end).to_owned() })?;
        }
        Ok(())
    }

    /// Tells of officers who have come into another network.
    fn note_moves(&mut self) -> Result<(), ShareError> {
        for (connection, from) in self.links.moved(Instant::now()) {
            tracing::info!(connection = connection.0, %from, "The officer's network has changed");
            if let Some(session) = self.host.session(connection) {
                self.tell(ToDesk::Moved { session: session.0 })?;
            }
        }
        Ok(())
    }

    /// Tells the desk; if it does not listen, no session goes on.
    fn tell(&mut self, message: ToDesk) -> Result<(), ShareError> {
        match self.desk.tell(message) {
            Ok(()) => Ok(()),
            // It reports its end itself.
            Err(DeskError::Gone) => {
                self.host.end_all(End::DeskLost);
                Ok(())
            }
            // What waits for it, releases of keys among it, would come too late: its end releases them.
            Err(DeskError::Stuck) => self.replace_desk("it does not react"),
        }
    }

    fn open_worker(&mut self, display: Display) -> Result<(), ShareError> {
        self.serial += 1;
        let (serial, reports) = (self.serial, self.reports.clone());
        let worker = Worker::start(Start {
            backend: self.options.capture,
            display,
            epochs: Arc::clone(&self.epochs),
            key: beside_shell::random()?,
            // An error means that sharing has ended.
            sink: Box::new(move |display, made| drop(reports.blocking_send(Happening::Made(display, serial, made)))),
        })?;
        self.workers.insert(display, (serial, worker));
        Ok(())
    }

    fn take(&mut self, happening: Happening) -> Result<(), ShareError> {
        let now = Instant::now();
        match happening {
            Happening::Made(display, serial, made) => {
                if self.workers.get(&display).is_some_and(|(current, _)| *current == serial) {
                    self.take_made(now, display, made);
                }
            }
            Happening::Line(line) => {
                let answer = self.terminal.as_mut().and_then(|terminal| terminal.hear(now, &line));
                if let Some((id, answer)) = answer {
                    self.host.answer(now, id, answer);
                }
            }
            Happening::Desk(serial, _) if serial != self.desk_serial => {}
            Happening::Desk(_, DeskEvent::Gone) => self.replace_desk("it ended as soon as it was started")?,
            Happening::Desk(_, DeskEvent::Said(message)) => self.hear_desk(now, message),
        }
        Ok(())
    }

    fn tell_statistics(&mut self, tell: &mut impl FnMut(SessionId, &Statistics)) {
        for (connection, link) in self.links.iter() {
            if let Some((id, figures)) = self.host.figures(connection) {
                tell(id, &Statistics::new(figures, link));
            }
        }
    }

    /// Ends all sessions and the desk, which releases what is held, and starts another one.
    fn replace_desk(&mut self, why: &str) -> Result<(), ShareError> {
        tracing::error!("The desk has failed; all sessions end");
        self.host.end_all(End::DeskLost);
        if self.desk_started.elapsed() < DESK_LIFE {
            return Err(ShareError::Desk(why.to_owned()));
        }
        self.serial += 1;
        self.desk = start_desk(self.options.consent, self.serial, &self.reports)?;
        (self.desk_serial, self.desk_started) = (self.serial, Instant::now());
        Ok(())
    }

    fn take_made(&mut self, now: Instant, display: Display, made: Made) {
        match made {
            Made::Begins { epoch, area, number } => self.host.picture_begins(display, epoch, area, number),
            Made::Update { epoch, update } => self.host.update(now, display, epoch, &update),
            Made::Repaint { epoch, session, streams } => self.host.repaint(now, display, epoch, session, &streams),
            Made::Cursor(shape) => self.host.cursor(display, &shape),
            Made::Lost(why) => {
                tracing::error!(why, "The screen can't be captured");
                self.host.picture_lost(display);
            }
        }
    }

    fn hear_desk(&mut self, now: Instant, message: FromDesk) {
        match message {
            FromDesk::Ready => {}
            FromDesk::Stop => self.host.end_all(End::Stopped),
            FromDesk::Answer { session, answer } => {
                let answer = match answer {
                    desk::Answer::Grant(permissions) => Answer::Grant(permissions),
                    desk::Answer::Deny | desk::Answer::Close => Answer::Deny,
                    desk::Answer::TimedOut => Answer::Unanswered,
                };
                self.host.answer(now, SessionId(session), answer);
            }
            FromDesk::InjectorLost => tracing::warn!("The injector was lost and has been replaced"),
            FromDesk::ControlUnavailable(why) => {
                tracing::error!(why, "Keyboard and pointer can't be controlled");
                let sessions: Vec<_> = self.host.officers().map(|(id, _)| id).collect();
                let all: Permissions = Permission::ALL.into_iter().collect();
                for id in sessions {
                    self.host.narrow(now, id, all.without(Permission::Control));
                }
            }
        }
    }

    fn admit(&mut self, link: Link) {
        let key = link.peer();
        let enrolment = match self.check_records() {
            Records::Good => enrolment(&self.officers, &key),
            Records::Unreadable => None,
        };
        let (enrolled, from, over) = (enrolment.is_some(), link.remote(), link.transport());
        let id = self.host.connect(Instant::now(), Officer { key, enrolment }, link.keying());
        tracing::info!(connection = id.0, officer = %key.short(), enrolled, %from, %over, "Officer connected");
        self.links.add(id, link);
    }

    fn arrive(&mut self, (id, arrival): Arrival) {
        match arrival {
            Ok((channel, bytes)) => {
                // Not before each place of a fast mouse: what the line is like is news only with an acknowledgement.
                if let (Channel::Control, Some(line)) = (channel, self.links.line(id)) {
                    self.host.set_line(id, line);
                }
                self.host.handle_message(Instant::now(), id, channel, &bytes);
            }
            Err(error) => {
                tracing::info!(connection = id.0, %error, "Connection over");
                self.door.failed(&error);
                self.host.disconnected(Instant::now(), id, error.end());
            }
        }
    }

    /// Applies what has changed in the officers' file to the sessions that are on.
    fn check_records(&mut self) -> Records {
        if !self.officers.changed() {
            return Records::Good;
        }
        if let Err(error) = self.officers.reload() {
            // Those who are connected were let in by records that were good; nobody new is, until they are again.
            tracing::error!(%error, "The officers' file can't be read; nobody new is let in until it can");
            return Records::Unreadable;
        }
        let sessions: Vec<_> = self.host.officers().map(|(id, officer)| (id, officer.key)).collect();
        for (id, key) in sessions {
            self.host.enrolled(Instant::now(), id, enrolment(&self.officers, &key));
        }
        Records::Good
    }
}

fn seconds_left(until: Instant) -> u32 {
    let left = until.saturating_duration_since(Instant::now());
    u32::try_from(left.as_secs()).unwrap_or(u32::MAX)
}

/// What this machine's records say of a key.
fn enrolment(officers: &Officers, key: &Fingerprint) -> Option<Enrolment> {
    let now = SystemTime::now();
    let store::Enrolment { name, permit, standing_until } = officers.lookup(key, now)?;
    // A standing grant whose end has passed is left out by the look-up.
    let standing = standing_until.map(|until| until.duration_since(now).unwrap_or_default());
    Some(Enrolment { name: name.into(), permit, standing })
}

/// Whether the screen can be captured at all, before anybody is told that it is shared.
fn probe_capture(backend: Backend) -> Result<(), OpenError> {
    let ignore: capture::Notify = Arc::new(|_| {});
    capture::open(backend, None, &ignore).map(drop)
}

fn start_desk(consent: Consent, serial: Serial, reports: &mpsc::Sender<Happening>) -> io::Result<Desk> {
    let asked_by = match consent {
        Consent::Desk => AskedBy::Desk,
        Consent::Terminal | Consent::Policy => AskedBy::Server,
    };
    let reports = reports.clone();
    // An error means that sharing has ended.
    Desk::start(Command::new(std::env::current_exe()?), asked_by, move |event| {
        drop(reports.blocking_send(Happening::Desk(serial, event)))
    })
}

async fn desk_ready(happenings: &mut mpsc::Receiver<Happening>) -> Result<(), ShareError> {
    match tokio::time::timeout(DESK_READY, happenings.recv()).await {
        Ok(Some(Happening::Desk(_, DeskEvent::Said(FromDesk::Ready)))) => Ok(()),
        Ok(_) => Err(ShareError::Desk("it ended as soon as it was started".into())),
        Err(_) => Err(ShareError::Desk("it does not answer".into())),
    }
}
