//! The driver: does what the session machine wants done, and brings it what happens.

mod audit;
mod contact;
mod desk;
mod hiding;
mod picks;
mod records;
mod returns;

use super::{
    Options, Report, ShareError,
    door::Door,
    links::{Arrival, Links},
    terminal::{Heard, Terminal},
};
use crate::{
    desk::{Desk, DeskEvent, ToDesk},
    worker::{Made, Start, Worker},
};
use beside_protocol::{
    session::{
        Host,
        contact::Code,
        host::{Answer, ConnectionId, Display, Event, SessionId, Start as Beginning},
    },
    wire::{Channel, Purpose},
};
use beside_shell::{
    organisations::Circle,
    state::StateDir,
    statistics::Statistics,
    store::{BlockedKeys, Officers},
    team::MachineTeam,
    way_back::WaysBack,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU32},
    time::Instant,
};
use tokio::sync::mpsc;

pub(super) use audit::Audit;
pub(super) use desk::{desk_ready, start_desk};
pub(super) use hiding::Questions;
pub(super) use picks::Picks;

/// What other threads report to the driver. Those of a worker or desk that has been replaced may come late.
#[derive(Debug)]
pub(super) enum Happening {
    Made(Display, Serial, Made),
    Desk(Serial, DeskEvent),
    /// A line from the terminal.
    Line(String),
}

/// Tells a worker or desk from those before it.
pub(super) type Serial = u64;

/// All that sharing has besides the door for new officers.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) options: Options,
    pub(super) host: Host,
    pub(super) audit: Audit,
    pub(super) door: Door,
    pub(super) links: Links,
    pub(super) officers: Officers,
    pub(super) circle: Circle,
    pub(super) machine_team: MachineTeam,
    pub(super) state: StateDir,
    pub(super) blocked: BlockedKeys,
    pub(super) ways_back: WaysBack,
    pub(super) desk: Desk,
    pub(super) desk_serial: Serial,
    pub(super) desk_started: Instant,
    pub(super) terminal: Option<Terminal>,
    pub(super) questions: Questions,
    pub(super) picks: Picks,
    pub(super) workers: BTreeMap<Display, (Serial, Worker)>,
    /// The last that was given to a worker or desk.
    pub(super) serial: Serial,
    pub(super) epochs: Arc<AtomicU32>,
    pub(super) reports: mpsc::Sender<Happening>,
    /// A code that is still to be reported.
    pub(super) code: Option<Code>,
    /// Set when sharing is over because a session is.
    pub(super) over: Option<Result<(), ShareError>>,
}

impl Driver {
    /// Does what the session machine wants done, and sends what it wants sent.
    pub(super) fn settle(&mut self) -> Result<(), ShareError> {
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
            Event::Record(id, session, entry) => self.audit.write(id, session, entry),
            Event::Receipt(_, receipt) => self.audit.keep(receipt),
            Event::Block(key) => self.block(key),
            Event::Returning(what) => self.obey_returning(what),
            Event::Inject(injection) => self.tell(ToDesk::Inject(injection.to_pipe()))?,
            Event::Task(display, task) => {
                if let Some((_, worker)) = self.workers.get(&display) {
                    worker.ask(task);
                }
            }
            Event::Ask(id, question) => {
                if question.purpose == Purpose::Session {
                    // A session that begins is over the connection with which it began.
                    self.links.keep(ConnectionId(id.0));
                }
                self.hide_code()?;
                match &mut self.terminal {
                    Some(terminal) => terminal.ask(Instant::now(), id, &question),
                    None => self.ask_at_desk(id, question)?,
                }
            }
            Event::Withdraw(id) => match &mut self.terminal {
                Some(terminal) => terminal.withdraw(Instant::now(), id),
                None => self.withdraw_at_desk(Instant::now(), id)?,
            },
            Event::Attached { session, connection, start } => self.attach(session, connection, start),
            Event::Live(id, notice) => self.show_live(id, notice)?,
            Event::Suspended { session, officer, until } => self.show_suspended(session, officer, until)?,
            Event::CodeOver(end) => self.code_over(end)?,
            Event::NotResumed(connection) => {
                tracing::warn!(connection = connection.0, "Not resumed: there is no such session of this officer");
            }
            Event::Disconnect(connection) => self.links.close(connection),
            Event::Ended { session, end, was_live, account } => self.show_end(session, end, was_live, account)?,
            Event::Open(display) => self.open_worker(display)?,
            Event::Close(display) => self.close_worker(display)?,
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

    fn open_worker(&mut self, display: Display) -> Result<(), ShareError> {
        self.serial += 1;
        let (serial, reports) = (self.serial, self.reports.clone());
        let worker = Worker::start(Start {
            backend: self.options.capture,
            display,
            hiding: self.hiding(),
            epochs: Arc::clone(&self.epochs),
            key: beside_shell::random()?,
            // An error means that sharing has ended.
            sink: Box::new(move |display, made| drop(reports.blocking_send(Happening::Made(display, serial, made)))),
        })?;
        self.workers.insert(display, (serial, worker));
        Ok(())
    }

    pub(super) fn take(&mut self, happening: Happening) -> Result<(), ShareError> {
        let now = Instant::now();
        match happening {
            Happening::Made(display, serial, made) => {
                if self.workers.get(&display).is_some_and(|(current, _)| *current == serial) {
                    self.take_made(now, display, made)?;
                }
            }
            Happening::Line(line) => match self.terminal.as_mut().and_then(|terminal| terminal.hear(now, &line)) {
                Some(Heard::Answer(id, answer)) => {
                    if let Answer::Grant(choice) = answer {
                        self.tell(ToDesk::Allowed { session: id.0, permissions: choice.permissions })?;
                    }
                    self.host.answer(now, id, answer);
                }
                Some(Heard::NewCode) => self.renew_code()?,
                None => {}
            },
            Happening::Desk(serial, _) if serial != self.desk_serial => {}
            Happening::Desk(_, DeskEvent::Gone) => self.replace_desk("it ended as soon as it was started")?,
            Happening::Desk(_, DeskEvent::Said(message)) => self.hear_desk(now, message)?,
        }
        Ok(())
    }

    fn take_made(&mut self, now: Instant, display: Display, made: Made) -> Result<(), ShareError> {
        match made {
            Made::Begins { epoch, area, number } => self.host.picture_begins(display, epoch, area, number),
            Made::Update { epoch, update } => self.host.update(now, display, epoch, &update),
            Made::Repaint { epoch, session, streams } => self.host.repaint(now, display, epoch, session, &streams),
            Made::Hidden { region, focus, count } => self.host.hidden(display, region, focus, count),
            Made::Obeys(rules) => self.hear_obedience(display, rules)?,
            Made::Cursor(shape) => self.host.cursor(display, &shape),
            Made::Lost(why) => {
                tracing::error!(why, "The screen can't be captured");
                self.host.picture_lost(display);
            }
        }
        Ok(())
    }

    pub(super) fn arrive(&mut self, (id, arrival): Arrival) {
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

    pub(super) fn tell_statistics(&mut self, tell: &mut impl FnMut(Report<'_>)) {
        for (connection, link) in self.links.iter() {
            if let Some((id, figures)) = self.host.figures(connection) {
                tell(Report::Statistics(id, &Statistics::new(figures, link)));
            }
        }
    }
}
