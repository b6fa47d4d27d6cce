//! Both session machines joined by seeded links in virtual time, with a synthetic screen and a scripted user.

mod introduced;
mod restart;

use crate::{
    coding::{code, streams},
    link::{Link, Profile},
    notary::{HOST, TestNotary, papers},
    screen::Screen,
};
use beside_protocol::{
    frame::{Coder, Encoder, Fidelity, Films, Part, Point, Quality, Region, Size, Update},
    record::{Entry, Receipt, Tail, Time, Written},
    session::{
        Held, Host, Injection, Keying, Line, Officer, Pace, Rules, Times, Transmit, Viewer,
        contact::Source,
        host::{Answer, Coded, ConnectionId, Display, Event as HostEvent, KeptReturn, RecordId, SessionId, Task},
        viewer::Event as ViewerEvent,
    },
    wire::{Channel, End, Fingerprint, FromOfficer, Message, Question, Request},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

/// The most steps that [`Pair::drive`] takes: more means that the two talk for ever.
const STEPS: usize = 200_000;

/// The most pixels that are captured when only a small update can be taken.
const SMALL: u64 = 32 * 1024;

/// How long a photo rests before it becomes exact.
const REST: Duration = Duration::from_millis(150);

/// A side of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The user's.
    Host,
    /// The officer's.
    Officer,
}

/// A viewer and its links to and from the host.
#[derive(Debug)]
pub struct Seat {
    /// The officer's machine.
    pub viewer: Viewer,
    /// All that it said has happened, but for receipts.
    pub events: Vec<ViewerEvent>,
    /// The receipt that it keeps.
    pub receipt: Option<Box<Receipt>>,
    /// Bytes of frame streams that were sent to it.
    pub frame_bytes: u64,
    /// The last message with which the viewer wanted to go on with its session.
    pub resumption: Option<Arc<[u8]>>,
    connection: ConnectionId,
    /// Those before it, of which the host's transport has not noticed that nobody is there any more.
    dead: Vec<ConnectionId>,
    /// All sessions that it has had; the last one is the present one.
    ids: Vec<SessionId>,
    up: Link,
    down: Link,
    cut: bool,
}

impl Seat {
    /// How the session ended, if it has.
    pub fn end(&self) -> Option<End> {
        self.events.iter().find_map(|event| match event {
            ViewerEvent::Ended(end) => Some(*end),
            _ => None,
        })
    }
}

/// What becomes of lines for the host's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// They are written.
    Good,
    /// They can't be written.
    Full,
    /// Nobody says what becomes of them.
    Stuck,
}

/// A host with a screen, and officers.
#[derive(Debug)]
pub struct Pair {
    /// Virtual time.
    pub now: Instant,
    /// The user's machine.
    pub host: Host,
    /// What is on the user's screen.
    pub screen: Screen,
    /// The officers, in the order of their coming.
    pub seats: Vec<Seat>,
    /// Questions that wait for the user.
    pub questions: Vec<(SessionId, Question)>,
    /// All that reached the user's keyboard and pointer.
    pub injected: Vec<Injection>,
    /// When each of it did, and whether the user was being asked something then.
    pub moments: Vec<(Instant, bool)>,
    /// What is held down there.
    pub held: Held,
    /// The keys that were to be kept as blocked.
    pub blocked: Vec<Fingerprint>,
    /// All other events of the host.
    pub events: Vec<HostEvent>,
    /// The host's log.
    pub log: Vec<String>,
    /// The receipts that the host keeps.
    pub receipts: BTreeMap<SessionId, Box<Receipt>>,
    /// How many updates have been coded, each for everybody.
    pub updates: usize,
    /// How many repaints have been coded, each for one officer.
    pub repainted: usize,
    /// How many copies the updates had from one place of the screen to another.
    pub moves: usize,
    /// And from a shelf to the screen.
    pub returns: usize,
    encoder: Option<(Display, Encoder)>,
    films: Films,
    quality: Quality,
    coder: Coder,
    epoch: u32,
    wanted: Pace,
    connections: u32,
    repaints: Vec<(u32, SessionId, Region, Fidelity)>,
    /// When photos that have not changed since rest.
    rest: Instant,
    disk: Disk,
    /// What officers may come back to after a restart.
    pub kept: BTreeMap<Fingerprint, KeptReturn>,
    tail: Tail,
    /// What has not been written yet.
    unwritten: VecDeque<(RecordId, Option<SessionId>, Entry)>,
    start: Instant,
}

impl Pair {
    /// A host with a screen of that size, and nobody connected.
    pub fn new(rules: Rules, size: Size) -> Self {
        Self {
            now: Instant::now(),
            host: Host::new(rules, TestNotary::of(HOST)),
            screen: Screen::new(size, 7),
            seats: Vec::new(),
            questions: Vec::new(),
            injected: Vec::new(),
            moments: Vec::new(),
            held: Held::new(),
            blocked: Vec::new(),
            events: Vec::new(),
            log: Vec::new(),
            receipts: BTreeMap::new(),
            updates: 0,
            repainted: 0,
            moves: 0,
            returns: 0,
            encoder: None,
            films: Films::Unreadable,
            quality: Quality::High,
            coder: Coder::new(),
            epoch: 0,
            wanted: Pace::Nothing,
            connections: 0,
            repaints: Vec::new(),
            rest: Instant::now(),
            disk: Disk::Good,
            kept: BTreeMap::new(),
            tail: Tail::EMPTY,
            unwritten: VecDeque::new(),
            start: Instant::now(),
        }
    }

    /// An officer connects over a link of that kind and asks. Returns the seat's index.
    pub fn connect(&mut self, officer: Officer, request: Request, profile: Profile) -> usize {
        let keying = self.keying();
        let viewer = Viewer::new(self.now, request, keying.clone(), papers(officer.key));
        self.take_seat(officer, viewer, keying, profile)
    }

    fn take_seat(&mut self, officer: Officer, viewer: Viewer, keying: Keying, profile: Profile) -> usize {
        let connection = self.host.connect(self.now, officer, keying);
        self.host.set_source(connection, Source(connection.0.into()));
        self.seats.push(Seat {
            viewer,
            events: Vec::new(),
            receipt: None,
            frame_bytes: 0,
            resumption: None,
            connection,
            dead: Vec::new(),
            ids: vec![first_session(connection)],
            up: Link::new(profile),
            down: Link::new(down(profile)),
            cut: false,
        });
        self.settle();
        self.seats.len() - 1
    }

    /// A seat's viewer comes over a new connection, whether the one before is known to be lost or not.
    pub fn reconnect(&mut self, seat: usize, officer: Officer, profile: Profile) {
        let keying = self.keying();
        let connection = self.host.connect(self.now, officer, keying.clone());
        let seat = &mut self.seats[seat];
        seat.dead.push(std::mem::replace(&mut seat.connection, connection));
        seat.cut = false;
        seat.ids.insert(0, first_session(connection));
        (seat.up, seat.down) = (Link::new(profile), Link::new(down(profile)));
        seat.viewer.reconnected(self.now, keying);
        self.settle();
    }

    fn becomes_present(&mut self, session: SessionId) {
        if let Some(seat) = self.seat(session) {
            let ids = &mut self.seats[seat].ids;
            ids.retain(|id| *id != session);
            ids.push(session);
        }
    }

    /// What a further connection derives from its handshake.
    fn keying(&mut self) -> Keying {
        self.connections += 1;
        let (mut secret, mut binding) = ([1; 32], [2; 32]);
        secret[..4].copy_from_slice(&self.connections.to_le_bytes());
        binding[..4].copy_from_slice(&self.connections.to_le_bytes());
        Keying::new(secret, binding)
    }

    /// How good the host wants photos and films to be.
    pub const fn quality(&self) -> Quality {
        self.quality
    }

    /// The host's number for a seat's session.
    pub fn id(&self, seat: usize) -> SessionId {
        *self.seats[seat].ids.last().expect("every seat begins with one")
    }

    /// The seat that has, or had, this session.
    pub fn seat(&self, id: SessionId) -> Option<usize> {
        self.seats.iter().position(|seat| seat.ids.contains(&id))
    }

    /// The user answers the oldest open question; false when there is none.
    pub fn answer(&mut self, answer: Answer) -> bool {
        if self.questions.is_empty() {
            return false;
        }
        let (id, _) = self.questions.remove(0);
        self.host.answer(self.now, id, answer);
        self.settle();
        true
    }

    /// From now on lines for the log are treated like that; those that wait are written if they can be.
    pub fn set_disk(&mut self, disk: Disk) {
        self.disk = disk;
        self.write_log();
        self.settle();
    }

    /// What the host's wall clock shows.
    pub fn time(&self) -> Time {
        Time::from_millis(1_800_000_000_000).after(self.now.duration_since(self.start))
    }

    fn write_log(&mut self) {
        match self.disk {
            Disk::Good => {}
            // What is wrong is found out by writing.
            Disk::Full if self.unwritten.is_empty() => return,
            Disk::Full => return self.host.not_recorded(self.now),
            Disk::Stuck => return,
        }
        while let Some((id, session, entry)) = self.unwritten.pop_front() {
            let up = self.now.duration_since(self.start);
            let time = self.time();
            let session = session.map(|session| session.0);
            self.log.push(self.tail.append(time, u64::try_from(up.as_millis()).unwrap_or_default(), session, entry));
            self.host.recorded(self.now, id, Written { time, head: self.tail.head });
        }
    }

    /// The user's screen gets another size, and is black.
    pub fn resize(&mut self, size: Size) {
        self.screen = Screen::new(size, u64::from(self.epoch));
        if let Some(display) = self.encoder.as_ref().map(|(display, _)| *display) {
            self.begin(display);
        }
        self.settle();
    }

    /// Cuts a seat's link: nothing arrives any more, on either side.
    pub fn cut(&mut self, seat: usize) {
        self.seats[seat].cut = true;
    }

    /// Both sides' transports notice that a seat's link is gone.
    pub fn lose(&mut self, seat: usize) {
        self.cut(seat);
        self.seats[seat].viewer.disconnected(self.now, End::LinkLost);
        let Seat { dead, connection, .. } = &mut self.seats[seat];
        for connection in dead.drain(..).chain([*connection]) {
            self.host.disconnected(self.now, connection, End::LinkLost);
        }
        self.settle();
    }

    /// Sends bytes to the host as a seat's viewer would not.
    pub fn misbehave(&mut self, seat: usize, channel: Channel, bytes: &[u8]) {
        self.host.handle_message(self.now, self.seats[seat].connection, channel, bytes);
        self.settle();
    }

    /// Lets `duration` pass, event by event.
    pub fn drive(&mut self, duration: Duration) {
        let until = self.now + duration;
        self.settle();
        for _ in 0..STEPS {
            let Some(next) = self.next_time().filter(|next| *next <= until) else {
                self.now = until;
                return self.settle();
            };
            self.now = self.now.max(next);
            self.deliver();
            self.settle();
        }
        panic!("still talking after {STEPS} steps");
    }

    /// Lets it be `now`, and does what is due by then.
    pub fn wake(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.time_out();
        self.settle();
    }

    /// A message reaches the host, or the viewer, of a seat whose link is not ours.
    pub fn arrive(&mut self, seat: usize, at: Role, channel: Channel, bytes: &[u8]) {
        let Seat { viewer, connection, .. } = &mut self.seats[seat];
        match at {
            Role::Host => self.host.handle_message(self.now, *connection, channel, bytes),
            Role::Officer => viewer.handle_message(self.now, channel, bytes),
        }
        self.settle();
    }

    /// The host learns how the line of a seat is whose link is not ours.
    pub fn set_line(&mut self, seat: usize, line: Line) {
        self.host.set_line(self.seats[seat].connection, line);
    }

    /// One side of a seat whose link is not ours learns that it is over.
    pub fn disconnected(&mut self, seat: usize, at: Role, end: End) {
        let Seat { viewer, connection, .. } = &mut self.seats[seat];
        match at {
            Role::Host => self.host.disconnected(self.now, *connection, end),
            Role::Officer => viewer.disconnected(self.now, end),
        }
        self.settle();
    }

    /// Takes what the host, or the viewer, of a seat has sent: for a seat whose link is not ours.
    pub fn take_sent(&mut self, seat: usize, by: Role) -> Vec<Transmit> {
        let Seat { up, down, .. } = &mut self.seats[seat];
        match by {
            Role::Host => down.take_all(),
            Role::Officer => up.take_all(),
        }
    }

    /// When something happens next, if nothing arrives from elsewhere.
    pub fn next_time(&self) -> Option<Instant> {
        let seats = self.seats.iter().flat_map(|seat| {
            let flying = [seat.up.next_arrival(), seat.down.next_arrival()];
            let flying = if seat.cut { [None, None] } else { flying };
            [flying[0], flying[1], seat.viewer.poll_timeout()]
        });
        seats.chain([self.host.poll_timeout()]).flatten().min()
    }

    /// Hands over all that has arrived by now.
    fn deliver(&mut self) {
        for seat in self.seats.iter_mut().filter(|seat| !seat.cut) {
            while let Some((channel, bytes)) = seat.up.receive(self.now) {
                self.host.handle_message(self.now, seat.connection, channel, &bytes);
            }
            while let Some((channel, bytes)) = seat.down.receive(self.now) {
                seat.viewer.handle_message(self.now, channel, &bytes);
            }
        }
        self.time_out();
    }

    fn time_out(&mut self) {
        if self.host.poll_timeout().is_some_and(|at| at <= self.now) {
            self.host.handle_timeout(self.now);
        }
        for seat in &mut self.seats {
            if seat.viewer.poll_timeout().is_some_and(|at| at <= self.now) {
                seat.viewer.handle_timeout(self.now);
            }
        }
    }

    /// Carries out what both sides want done, until they want nothing more.
    pub fn settle(&mut self) {
        loop {
            self.capture();
            let event = self.host.poll_event();
            let idle = event.is_none() && !self.repaint();
            if let Some(event) = event {
                self.obey(event);
            }
            self.transmit();
            if idle && !(self.wants_damage()) {
                return;
            }
        }
    }

    fn transmit(&mut self) {
        while let Some((id, transmit)) = self.host.poll_transmit() {
            let Some(seat) = self.seats.iter_mut().find(|seat| seat.connection == id) else { continue };
            if transmit.channel == Channel::Frame {
                seat.frame_bytes += transmit.bytes.len() as u64;
            }
            seat.down.send(self.now, transmit);
        }
        for seat in &mut self.seats {
            while let Some(transmit) = seat.viewer.poll_transmit() {
                if matches!(FromOfficer::decode(&transmit.bytes), Ok(FromOfficer::Resume { .. })) {
                    seat.resumption = Some(Arc::clone(&transmit.bytes));
                }
                seat.up.send(self.now, transmit);
            }
            while let Some(event) = seat.viewer.poll_event() {
                match event {
                    ViewerEvent::Receipt(receipt) => seat.receipt = Some(receipt),
                    event => seat.events.push(event),
                }
            }
        }
    }

    fn obey(&mut self, event: HostEvent) {
        match event {
            HostEvent::Ask(id, question) => {
                self.becomes_present(id);
                self.questions.push((id, question));
            }
            HostEvent::Block(key) => self.blocked.push(key),
            HostEvent::Withdraw(id) => self.questions.retain(|(other, _)| *other != id),
            HostEvent::Record(id, session, entry) => {
                self.unwritten.push_back((id, session, entry));
                self.write_log();
            }
            HostEvent::Receipt(session, receipt) => drop(self.receipts.insert(session, receipt)),
            HostEvent::Inject(injection) => {
                self.held.note(injection.action());
                self.injected.push(injection);
                self.moments.push((self.now, !self.questions.is_empty()));
            }
            HostEvent::Open(display) => self.begin(display),
            HostEvent::Close(_) => {
                self.encoder = None;
                self.wanted = Pace::Nothing;
            }
            HostEvent::Task(_, task) => self.do_task(task),
            HostEvent::Attached { session, .. } => self.becomes_present(session),
            // The host listens to that connection no more; what it sent before still arrives.
            HostEvent::Disconnect(_) | HostEvent::NotResumed(_) => {}
            HostEvent::Returning(what) => self.obey_returning(what),
            event @ (HostEvent::Live(..)
            | HostEvent::Suspended { .. }
            | HostEvent::Ended { .. }
            | HostEvent::CodeOver(_)) => self.events.push(event),
        }
    }

    fn do_task(&mut self, task: Task) {
        let encoder = self.encoder.as_mut().map(|(_, encoder)| encoder);
        match task {
            Task::Capture(pace) => self.wanted = self.wanted.max(pace),
            Task::Forget => encoder.into_iter().for_each(Encoder::forget),
            Task::Look => {}
            Task::Films(films) => {
                self.films = films;
                encoder.into_iter().for_each(|encoder| encoder.set_films(films));
            }
            Task::Quality(quality) => {
                self.quality = quality;
                encoder.into_iter().for_each(|encoder| encoder.set_quality(quality));
            }
            Task::Repaint { epoch, session, region, fidelity } => {
                self.repaints.push((epoch, session, region, fidelity));
            }
        }
    }

    /// Codes a repaint that waits, when there is nothing else to do: so updates come between it and the wish for it.
    fn repaint(&mut self) -> bool {
        let Some((epoch, session, region, fidelity)) = self.repaints.pop() else { return false };
        if let Some((display, encoder)) = self.encoder.as_mut().filter(|_| epoch == self.epoch) {
            self.repainted += 1;
            let parts = code(encoder.repaint(&region, fidelity).jobs, &mut self.coder);
            self.host.repaint(self.now, *display, epoch, session, &streams(epoch, &parts));
        }
        true
    }

    fn begin(&mut self, display: Display) {
        let size = self.screen.picture().size();
        let mut encoder = Encoder::new(size, [3; 16]).expect("a valid size");
        self.screen.capture(true, |patches| drop(encoder.update(patches)));
        encoder.forget();
        encoder.set_fidelity(Fidelity::Rough);
        encoder.set_films(self.films);
        encoder.set_quality(self.quality);
        self.epoch += 1;
        self.host.picture_begins(display, self.epoch, size.rect(), encoder.number());
        self.encoder = Some((display, encoder));
    }

    /// Whether there is something new that may be captured.
    fn wants_damage(&self) -> bool {
        match self.wanted {
            Pace::Nothing => false,
            Pace::Small => self.screen.is_damaged() && self.screen.damaged() <= SMALL,
            Pace::Anything => self.screen.is_damaged(),
        }
    }

    /// Makes the update that is wanted, if something has changed or a photo rests.
    fn capture(&mut self) {
        let may_look = self.wants_damage();
        let Some((display, encoder)) = self.encoder.as_mut().filter(|_| self.wanted != Pace::Nothing) else {
            return;
        };
        let mut update = None;
        if self.screen.is_damaged() {
            if !may_look {
                return;
            }
            let small = self.wanted == Pace::Small;
            self.screen.capture(false, |patches| {
                update = if small { encoder.update_alone(patches) } else { encoder.update(patches) };
            });
        } else if self.wanted == Pace::Anything && !encoder.is_exact() {
            if self.now >= self.rest {
                encoder.settle();
                self.rest = self.now + REST;
            }
            update = encoder.refine(Point::default());
        }
        let Some(update) = update else { return };
        self.wanted = Pace::Nothing;
        let size = encoder.size();
        let shown = update.change.copies.iter().filter(|copy| copy.to.fits(size));
        let (all, moves) = (shown.clone().count(), shown.filter(|copy| copy.source().fits(size)).count());
        self.moves += moves;
        self.returns += all - moves;
        self.updates += 1;
        let Update { number, change, told, jobs } = update;
        let parts = code(jobs, &mut self.coder);
        let rough = parts.iter().map(Part::rough_bytes).sum();
        let streams = streams(self.epoch, &parts);
        let coded = Coded { number, change, told, streams, rough, times: Times::new() };
        self.host.update(self.now, *display, self.epoch, &coded);
    }
}

/// The session that begins over a connection.
const fn first_session(connection: ConnectionId) -> SessionId {
    SessionId(connection.0)
}

/// The way back over a link of that kind.
const fn down(profile: Profile) -> Profile {
    Profile { seed: profile.seed.wrapping_mul(31) + 5, ..profile }
}
