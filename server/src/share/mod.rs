//! Sharing this desktop: the driver that joins the session machine to the network, the screen, the desk and the clock.

mod door;
mod driver;
mod error;
mod links;
mod terminal;
mod words;

use self::{
    door::Door,
    driver::{Audit, Driver, Happening, Picks, Questions, desk_ready, start_desk},
    links::Links,
};
use crate::{
    capture::{self, Backend, Hiding, OpenError},
    desk::{Language, PanicKey},
};
use beside_protocol::{
    record::Entry,
    session::{
        Asking, Host, Rules, Strangers,
        contact::Code,
        host::{Display, RecordId, SessionId},
    },
    wire::{End, Fingerprint, Return},
};
use beside_shell::{
    audit::Outcome,
    identity::Identity,
    net::EndpointKeys,
    organisations::Circle,
    policy,
    program::Shutdown,
    state::StateDir,
    statistics::Statistics,
    store::{BlockedKeys, Officers},
    team::MachineTeam,
    way_back::{BEAT, WaysBack},
};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

pub use self::{door::Way, error::ShareError};

/// How often the officers' file is looked at while there is a session: a removed key's session ends soon after. And how
/// often their addresses are.
const RECORDS: Duration = Duration::from_secs(2);

/// How often it is told what sessions have been sent.
const STATISTICS: Duration = Duration::from_secs(1);

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

impl Consent {
    const fn asking(self) -> Asking {
        match self {
            Self::Desk | Self::Terminal => Asking::User,
            Self::Policy => Asking::Nobody,
        }
    }
}

/// Whether an officer whom nobody has enrolled can come in by a one-time code, and where the user finds it. The code is always
/// where the user is asked: none lives on unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// There are none: only enrolled officers may ask.
    None,
    /// The user sees it.
    Shown,
    /// The user sees it, and it is reported too ([`Report::Code`]).
    Reported,
}

/// What is told while this desktop is shared.
#[derive(Clone, Copy, Debug)]
pub enum Report<'a> {
    /// What a session has been sent in the last second, if it was anything.
    Statistics(SessionId, &'a Statistics),
    /// There is a new code.
    Code(&'a Code),
}

/// What to share, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How officers come.
    pub way: Way,
    /// How the user is asked.
    pub consent: Consent,
    /// Whether there are one-time codes; where nobody is asked there are none.
    pub codes: Codes,
    /// How the screen is captured.
    pub capture: Backend,
    /// The one monitor that is shared, or `None` for all of them.
    pub display: Display,
    /// What of it is hidden.
    pub hiding: Hiding,
    /// What this machine calls itself.
    pub name: String,
    /// How many officers may be there at once.
    pub officers: usize,
    /// What stops all sessions, wherever the user is.
    pub panic_key: PanicKey,
    /// What the desk says is in this language.
    pub language: Language,
    /// How old lines of the audit log may be when sharing begins; those that are older go. `None` keeps all.
    pub keep_audit: Option<Duration>,
}

/// How many reports may wait. Workers are paced by the session machine; beyond this they wait.
const HAPPENINGS: usize = 64;

/// This desktop, ready to be shared.
#[derive(Debug)]
pub struct Share {
    driver: Driver,
    happenings: mpsc::Receiver<Happening>,
    /// What becomes of lines for the audit log. Not bounded, so that the thread that writes it never waits for this one.
    outcomes: mpsc::UnboundedReceiver<Outcome<RecordId>>,
    key: Fingerprint,
}

impl Share {
    /// Makes everything ready: the screen can be captured, the desk can be shown, the address is ours.
    pub async fn open(state: &StateDir, identity: Identity, mut options: Options) -> Result<Self, ShareError> {
        let (mut policy, ways_back) = (policy::read(state)?, WaysBack::new(state));
        if !ways_back.are_possible() {
            policy.restarts = Return::AskAgain;
        }
        if options.consent == Consent::Policy || policy.strangers == Strangers::Refused {
            options.codes = Codes::None;
        }
        let identity = Arc::new(identity);
        let (officers, blocked) = (Officers::open(state)?, BlockedKeys::open(state)?);
        let circle = Circle::open(state)?;
        let (audit, outcomes) = Audit::open(state, identity.fingerprint(), options.keep_audit)?;
        probe_capture(&options)?;
        let key = identity.fingerprint();
        // Who is not enrolled has to prove something else before anything is asked.
        let admits_strangers = options.codes != Codes::None || !circle.is_empty();
        let door = Door::open(&options.way, &identity, &EndpointKeys::open(state)?, &officers, admits_strangers)?;
        let (reports, mut happenings) = mpsc::channel(HAPPENINGS);
        let first = 1;
        let desk = start_desk(&options, first, &reports)?;
        desk_ready(&mut happenings).await?;
        let terminal =
            (options.consent == Consent::Terminal).then(|| terminal::Terminal::start(&reports)).transpose()?;
        let driver = Driver {
            host: Host::new(
                Rules {
                    officers: options.officers,
                    display: options.display,
                    policy,
                    ..Rules::new(&options.name, options.consent.asking())
                },
                identity,
            ),
            audit,
            options,
            door,
            links: Links::default(),
            officers,
            circle,
            machine_team: MachineTeam::new(),
            state: state.clone(),
            blocked,
            ways_back,
            desk,
            desk_serial: first,
            desk_started: Instant::now(),
            terminal,
            questions: Questions::default(),
            picks: Picks::default(),
            workers: BTreeMap::new(),
            serial: first,
            epochs: Arc::default(),
            reports,
            code: None,
            over: None,
        };
        let mut share = Self { driver, happenings, outcomes, key };
        share.driver.apply_blocks();
        share.driver.learn_trust();
        Ok(share)
    }

    /// How officers come, with the port that the system chose.
    pub fn way(&self) -> Way {
        self.driver.door.way()
    }

    /// This machine's key.
    pub const fn key(&self) -> Fingerprint {
        self.key
    }

    /// Serves officers until `shutdown` is ready, or it can't go on; then says goodbye to them. `tell` gets the reports.
    pub async fn run(
        mut self,
        shutdown: impl Future<Output = Shutdown>,
        tell: impl FnMut(Report<'_>),
    ) -> Result<(), ShareError> {
        let served = self.serve(shutdown, tell).await;
        self.driver.host.end_all(End::HostLeft);
        let settled = self.part().await;
        self.driver.links.farewell(FAREWELL).await;
        self.driver.host.note(None, Entry::Closed);
        let recorded = self.driver.settle();
        served.and(settled).and(recorded)
    }

    /// Lets officers sign what became of their sessions, for a while.
    async fn part(&mut self) -> Result<(), ShareError> {
        let deadline = tokio::time::Instant::now() + FAREWELL;
        let driver = &mut self.driver;
        loop {
            driver.settle()?;
            if !driver.host.is_parting() {
                return Ok(());
            }
            let due = tokio::time::sleep_until(driver.host.poll_timeout().map_or(deadline, Into::into));
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return Ok(()),
                () = due => driver.host.handle_timeout(Instant::now()),
                Some(outcome) = self.outcomes.recv() => driver.take_outcome(outcome),
                arrival = driver.links.next() => driver.arrive(arrival),
            }
        }
    }

    async fn serve(
        &mut self,
        shutdown: impl Future<Output = Shutdown>,
        mut tell: impl FnMut(Report<'_>),
    ) -> Result<(), ShareError> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut records = tokio::time::interval(RECORDS);
        records.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut beat = tokio::time::interval(BEAT);
        let mut statistics = tokio::time::interval(STATISTICS);
        let driver = &mut self.driver;
        driver.renew_code()?;
        loop {
            driver.settle()?;
            if let Some(code) = driver.code.take() {
                tell(Report::Code(&code));
            }
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
                by = &mut shutdown => {
                    if by == Shutdown::Person {
                        // Who ends it by hand does not mean a restart.
                        driver.host.forget_returns(Instant::now());
                    }
                    return Ok(());
                }
                // Before what others can make plenty of: no flood puts off the end of a grant.
                () = due => driver.host.handle_timeout(Instant::now()),
                Some(outcome) = self.outcomes.recv() => driver.take_outcome(outcome),
                _ = records.tick(), if driver.host.officers().next().is_some() => {
                    driver.check_records();
                    driver.check_trust();
                    driver.note_moves()?;
                    driver.uncover(Instant::now());
                }
                _ = beat.tick(), if driver.host.returns().next().is_some() => driver.beat(),
                _ = statistics.tick(), if driver.host.officers().next().is_some() => driver.tell_statistics(&mut tell),
                Some(happening) = self.happenings.recv() => driver.take(happening)?,
                arrival = driver.links.next() => driver.arrive(arrival),
                link = driver.door.next() => driver.admit(link?),
            }
        }
    }
}

/// Whether the screen can be captured at all, and all hidden that is to be, before anybody is told that it is shared.
fn probe_capture(options: &Options) -> Result<(), OpenError> {
    let ignore: capture::Notify = Arc::new(|_| {});
    capture::open(options.capture, options.display.map(u32::from), &options.hiding, &ignore).map(drop)
}
