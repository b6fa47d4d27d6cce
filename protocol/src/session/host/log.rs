//! The numbered log of one picture, and what each officer who sees it still lacks.

use super::{
    Coded, ConnectionId, Display, Event, Host, SessionId, Task,
    follower::{Attention, Follower},
    reach::Reach,
    session::Session,
};
use crate::{
    frame::{Fidelity, Films, Quality, Rect, Region, Taken},
    session::{Balance, Figures, Line, Load, Pace, Step, timing::micros},
    wire::{Channel, End, FromHost},
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// One picture. Every update is coded once; each follower gets it, or gets its number voided and is repainted later.
#[derive(Debug, Default)]
pub(super) struct Log {
    source: Source,
    /// The last shape of the cursor over it, as it travels.
    cursor: Option<Arc<[u8]>>,
    begun: Option<Begun>,
    followers: BTreeMap<SessionId, Follower>,
    /// What has been asked to be captured and has not come.
    asked: Pace,
    symbols: Symbols,
    /// Whether films may be sent, as far as has been said.
    films: Films,
    balance: Balance,
    /// What has been said of the quality.
    quality: Quality,
    /// Where input gets.
    pub(super) reach: Reach,
}

/// Whether the display is captured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Source {
    #[default]
    Closed,
    Open,
}

/// The symbols of the present generation, as far as the log must know: whoever has missed one can't use bound updates.
#[derive(Debug, Default)]
struct Symbols {
    /// Whether any have been told.
    told: bool,
    /// How many updates the generation has.
    age: u32,
    /// Whether a new one has been asked for.
    ending: bool,
}

/// How many updates a generation of symbols lasts at least while several officers look: who misses some must not make
/// the others get all symbols anew each time.
const GENERATION: u32 = 60;

/// Whether a picture that has begun is to begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Yes,
    No,
}

/// A picture whose size is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) epoch: u32,
    pub(super) area: Rect,
    pub(super) number: u64,
}

/// What an officer says has arrived.
pub(super) struct Ack {
    /// Of the frame and cursor channels, in all.
    pub(super) received: Load,
    /// The picture that the rest is about.
    pub(super) epoch: u32,
    /// The newest update in the officer's reference.
    pub(super) number: u64,
    pub(super) taken: Taken,
    /// Microseconds.
    pub(super) decode: u32,
    pub(super) present: u32,
}

impl Log {
    /// Starts a new picture: everybody lacks all of it.
    pub(super) fn begin(&mut self, epoch: u32, area: Rect, number: u64) {
        let begun = Begun { epoch, area, number };
        self.begun = Some(begun);
        self.asked = Pace::Nothing;
        self.symbols = Symbols::default();
        for follower in self.followers.values_mut() {
            follower.restart(begun);
        }
    }

    /// The current picture's epoch; 0 before there is one.
    pub(super) fn epoch(&self) -> u32 {
        self.begun.map_or(0, |begun| begun.epoch)
    }

    /// Where on the desktop the picture is.
    pub(super) fn area(&self) -> Option<Rect> {
        self.begun.map(|begun| begun.area)
    }

    /// Whose it is, seen at present or not.
    pub(super) fn followers(&self) -> Vec<SessionId> {
        self.followers.keys().copied().collect()
    }

    /// Takes note of the cursor's shape: whoever has not been sent the one before gets this one only.
    pub(super) fn set_cursor(&mut self, shape: Arc<[u8]>) {
        if self.cursor.as_ref() == Some(&shape) {
            return;
        }
        self.cursor = Some(shape);
        self.followers.values_mut().for_each(|follower| follower.cursor_due = true);
    }

    /// Who is to get update `number`; the others lack what it writes from now on.
    pub(super) fn update(&mut self, now: Instant, update: &Coded) -> Vec<SessionId> {
        let Coded { number, change, told, streams, rough, times } = update;
        let (number, load) = (*number, Load::of(streams));
        let asked = std::mem::take(&mut self.asked);
        let Some(begun) = &mut self.begun else { return Vec::new() };
        begun.number = number;
        if told.fresh {
            self.symbols = Symbols::default();
            self.followers.values_mut().for_each(|follower| follower.lacks_symbols = false);
        }
        if *rough > 0 {
            let fastest = self.followers.values().map(|follower| follower.pacer.sending(*rough)).min();
            self.balance.on_update(now, fastest.unwrap_or_default());
        }
        self.symbols.age += 1;
        self.symbols.told |= told.tells;
        let mut takers = Vec::new();
        for (&id, follower) in self.followers.iter_mut().filter(|(_, follower)| follower.is_here()) {
            let is_readable = !told.film || follower.films == Films::Readable;
            let can_read = is_readable && !(told.bound && follower.lacks_symbols);
            // What was made for somebody is not refused because the line is known better by now: a repaint would cost more.
            let is_for = std::mem::take(&mut follower.promised) >= asked.max(Pace::Small) && number <= follower.limit();
            if can_read && follower.told + 1 == number && (is_for || follower.can_take(number, load)) {
                follower.told = number;
                follower.pacer.on_sent(now, load);
                follower.pacer.note(times);
                change.carry(&mut follower.behind);
                change.carry(&mut follower.doubt);
                takers.push(id);
            } else {
                follower.behind.add_region(&change.written());
                follower.lacks_symbols |= told.tells;
            }
        }
        takers
    }

    /// If a follower is to get the repaint that was coded, of so many parts: after which update, and how many parts of repaints
    /// it has been sent then in all. Otherwise the follower lacks it still.
    pub(super) fn repaint(&mut self, now: Instant, id: SessionId, parts: usize, load: Load) -> Option<(u64, u64)> {
        let (Some(begun), Some(follower)) = (self.begun, self.followers.get_mut(&id)) else { return None };
        let region = follower.repainting.take()?;
        if begun.number > follower.limit() || !follower.is_here() {
            return None;
        }
        follower.pacer.on_sent(now, load);
        follower.repaints += parts as u64;
        follower.doubted += 1;
        follower.behind.subtract_region(&region);
        follower.unseen.subtract_region(&region);
        follower.doubt.add_region(&region);
        Some((begun.number, follower.repaints))
    }

    /// Takes note of an acknowledgement; `false` when it claims more than was sent.
    fn acknowledge(&mut self, now: Instant, id: SessionId, ack: &Ack) -> bool {
        let current = ack.epoch == self.epoch();
        let Some(follower) = self.followers.get_mut(&id) else { return true };
        if current && (ack.number > follower.told || ack.taken.repaints > follower.repaints) {
            return false;
        }
        if current {
            follower.reached = follower.reached.max(ack.number);
            follower.learn(ack.taken);
        }
        let shown = [(Step::Decode, ack.decode), (Step::Present, ack.present)]
            .map(|(step, micros)| (step, Duration::from_micros(micros.into())));
        follower.pacer.note(&shown);
        follower.pacer.on_acknowledged(now, ack.received)
    }

    /// What anybody can take, if that is more than has been asked for; from now on it has been.
    fn wants_capture(&mut self) -> Option<Pace> {
        let Begun { number, .. } = self.begun?;
        for follower in self.here() {
            follower.promised = follower.promised.max(follower.pace(number + 1));
        }
        let pace = self.here().map(|follower| follower.promised).max().unwrap_or_default();
        let wanted = (pace > self.asked).then_some(pace);
        self.asked = self.asked.max(pace);
        wanted
    }

    /// Whether a new generation of symbols is to begin, for those who have missed some; if so, it has been asked for now.
    fn wants_fresh_symbols(&mut self) -> bool {
        let due = self.symbols.age >= GENERATION || self.followers.len() == 1;
        let lacking = || {
            self.followers.values().any(|follower| follower.lacks_symbols && follower.pacer.pace() == Pace::Anything)
        };
        let wanted = due && !self.symbols.ending && lacking();
        self.symbols.ending |= wanted;
        wanted
    }

    /// Whether films may be sent from now on, if that has changed: all followers have to be able to read them.
    fn due_films(&mut self) -> Option<Films> {
        let films = self.followers.values().map(|follower| follower.films).min().unwrap_or_default();
        (std::mem::replace(&mut self.films, films) != films).then_some(films)
    }

    /// How good photos and films are to be from now on, if that has changed: whoever has the best line tells, and others get fewer.
    fn due_quality(&mut self) -> Option<Quality> {
        let quality = self.balance.quality();
        (std::mem::replace(&mut self.quality, quality) != quality).then_some(quality)
    }

    /// The repaints that can be made now.
    fn wanted_repaints(&mut self) -> Vec<(SessionId, Region, Fidelity)> {
        let Some(begun) = self.begun else { return Vec::new() };
        let here = self.followers.iter_mut().filter(|(_, follower)| follower.is_here());
        let wanted = here.filter_map(|(&id, follower)| {
            let (region, fidelity) = follower.next_repaint(begun)?;
            Some((id, region, fidelity))
        });
        wanted.collect()
    }

    /// The updates that are void for somebody and can be told so now.
    fn due_voids(&mut self) -> Vec<(SessionId, u64)> {
        let Some(Begun { number, .. }) = self.begun else { return Vec::new() };
        let mut voids = Vec::new();
        for (&id, follower) in self.followers.iter_mut().filter(|(_, follower)| follower.is_here()) {
            let last = number.min(follower.limit());
            voids.extend((follower.told + 1..=last).map(|number| (id, number)));
            follower.told = follower.told.max(last);
        }
        voids
    }

    /// Who is to get the cursor's shape now, and its bytes.
    fn due_cursors(&mut self) -> Vec<(SessionId, Arc<[u8]>)> {
        let Some(shape) = &self.cursor else { return Vec::new() };
        let ready = self
            .followers
            .iter_mut()
            .filter(|(_, follower)| follower.is_here() && follower.cursor_due && follower.pacer.has_room());
        let send = |(&id, follower): (&SessionId, &mut Follower)| {
            follower.cursor_due = false;
            follower.pacer.on_sent_aside(shape.len() as u64);
            (id, Arc::clone(shape))
        };
        ready.map(send).collect()
    }

    fn here(&mut self) -> impl Iterator<Item = &mut Follower> {
        self.followers.values_mut().filter(|follower| follower.is_here())
    }

    /// Captures the display for those who see it at present; for nobody it is not captured. `again` begins another
    /// picture where there is one.
    fn set_capture(&mut self, again: Again) -> Vec<Source> {
        let wanted = if self.here().next().is_some() { Source::Open } else { Source::Closed };
        let before = std::mem::replace(&mut self.source, wanted);
        let changes = match (before, wanted, again) {
            (Source::Closed, Source::Closed, _) | (Source::Open, Source::Open, Again::No) => return Vec::new(),
            (Source::Open, Source::Open, Again::Yes) => vec![Source::Closed, Source::Open],
            _ => vec![wanted],
        };
        (self.begun, self.asked) = (None, Pace::Nothing);
        changes
    }
}

impl Host {
    /// Learns how the line to an officer is; to be told before each of that officer's control messages, which acknowledge.
    pub fn set_line(&mut self, connection: ConnectionId, line: Line) {
        if let Some(follower) = self.session(connection).and_then(|id| self.follower(id)) {
            follower.pacer.set_line(line);
        }
    }

    /// What an officer was sent since the last heartbeat but one, and how long it took.
    pub fn figures(&mut self, connection: ConnectionId) -> Option<(SessionId, Figures)> {
        let id = self.session(connection)?;
        Some((id, self.follower(id)?.figures.take()?))
    }

    fn follower(&mut self, id: SessionId) -> Option<&mut Follower> {
        let display = self.sessions.get(&id)?.live()?.granted.display;
        self.logs.get_mut(&display)?.followers.get_mut(&id)
    }

    /// Gives a sign of life, with how long pictures take here.
    pub(super) fn ping(&mut self, id: SessionId) {
        let made = self.follower(id).map_or(Duration::ZERO, Follower::close_period);
        self.send(id, &FromHost::Ping { made: micros(made) });
    }

    /// An officer begins to see a display; the first one opens it.
    pub(super) fn join_log(&mut self, id: SessionId, display: Display, films: Films, attention: Attention) {
        let log = self.logs.entry(display).or_default();
        let mut follower = Follower { attention, films, cursor_due: log.cursor.is_some(), ..Follower::default() };
        if let Some(begun) = log.begun {
            follower.restart(begun);
        }
        follower.lacks_symbols = log.symbols.told;
        log.followers.insert(id, follower);
        let hidden = log.reach.count;
        self.count_hidden(id, hidden);
        self.set_capture(display, Again::No);
        self.show_picture(display, id);
        self.serve(display);
    }

    /// Some officers do not see a display for a while, or do again: then with another picture, since in the one before
    /// there may be what was on the screen meanwhile, and is no more.
    pub(super) fn attend(&mut self, display: Display, again: Again) {
        self.set_capture(display, again);
        self.serve(display);
    }

    /// Notes whether an officer sees a display at present; [`Host::attend`] is to follow where that has changed.
    pub(super) fn set_attention(&mut self, id: SessionId, attention: Attention) -> bool {
        let Some(follower) = self.follower(id) else { return false };
        follower.cursor_due = true;
        std::mem::replace(&mut follower.attention, attention) != attention
    }

    fn set_capture(&mut self, display: Display, again: Again) {
        let changes = self.logs.get_mut(&display).map(|log| log.set_capture(again)).unwrap_or_default();
        self.events.extend(changes.into_iter().map(|source| match source {
            Source::Open => Event::Open(display),
            Source::Closed => Event::Close(display),
        }));
    }

    /// An officer sees a display no more; the last one closes it.
    pub(super) fn leave_log(&mut self, id: SessionId, display: Display) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        log.followers.remove(&id);
        let is_empty = log.followers.is_empty();
        self.set_capture(display, Again::No);
        if is_empty {
            self.logs.remove(&display);
        }
    }

    /// Tells an officer who sees it of the picture that has begun, if one has.
    pub(super) fn show_picture(&mut self, display: Display, id: SessionId) {
        let Some(log) = self.logs.get(&display) else { return };
        let Some(Begun { epoch, area, number }) = log.begun else { return };
        if !log.followers.get(&id).is_some_and(Follower::is_here) {
            return;
        }
        self.send(id, &FromHost::View { epoch, size: area.size(), number });
    }

    pub(super) fn handle_ack(&mut self, now: Instant, id: SessionId, ack: &Ack) -> Result<(), End> {
        let Some(display) = self.sessions.get(&id).and_then(Session::live).map(|live| live.granted.display) else {
            return Ok(());
        };
        if !self.logs.get_mut(&display).is_none_or(|log| log.acknowledge(now, id, ack)) {
            return Err(End::Misbehaved);
        }
        self.serve(display);
        Ok(())
    }

    /// Does what can be done now: tells what is void, sends the cursor, and asks for repaints and for the next update.
    pub(super) fn serve(&mut self, display: Display) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        let (epoch, voids, cursors) = (log.epoch(), log.due_voids(), log.due_cursors());
        let mut ask = |task| self.events.push_back(Event::Task(display, task));
        // Before a new generation: that must be one for all.
        log.due_films().map(Task::Films).into_iter().for_each(&mut ask);
        log.due_quality().map(Task::Quality).into_iter().for_each(&mut ask);
        for (session, region, fidelity) in log.wanted_repaints() {
            ask(Task::Repaint { epoch, session, region, fidelity });
        }
        if log.wants_fresh_symbols() {
            ask(Task::Forget);
        }
        log.wants_capture().map(Task::Capture).into_iter().for_each(&mut ask);
        for (id, number) in voids {
            self.send(id, &FromHost::Void { epoch, number });
        }
        for (id, bytes) in cursors {
            self.transmit(id, Channel::Cursor, bytes);
        }
    }

    pub(super) fn send_frames(&mut self, id: SessionId, streams: &[Arc<[u8]>]) {
        for bytes in streams {
            self.transmit(id, Channel::Frame, Arc::clone(bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        frame::{Change, CopyRect, Point, Told, WINDOW},
        session::{Times, host::follower::REPAINTS},
    };

    /// A part of one byte.
    const ONE: Load = Load { all: 1, small: 1 };

    /// An update of one byte.
    fn coded(number: u64, change: Change, told: Told) -> Coded {
        Coded { number, change, told, streams: vec![Arc::new([0])], rough: 0, times: Times::new() }
    }

    #[test]
    fn a_repaint_that_comes_too_late_is_owed_still() {
        let now = Instant::now();
        let (id, area) = (SessionId(1), Rect::new(0, 0, 64, 48));
        let mut log = Log::default();
        log.followers.insert(id, Follower::default());
        log.begin(1, area, 0);
        assert_eq!(log.wanted_repaints(), [(id, Region::from(area), Fidelity::Rough)]);
        for number in 1..=WINDOW + 1 {
            let takers = log.update(now, &coded(number, Change::default(), Told::default()));
            assert_eq!(takers.is_empty(), number > WINDOW);
            log.acknowledge(now, id, &ack(number, 0, 0, 0));
        }
        assert_eq!(log.repaint(now, id, 1, ONE), None, "the viewer does not wait for it yet");
        assert_eq!(log.due_voids(), []);
        assert!(log.acknowledge(now, id, &ack(WINDOW, WINDOW, 0, 0)));
        assert_eq!(log.wanted_repaints(), [(id, Region::from(area), Fidelity::Rough)]);
    }

    fn ack(bytes: u64, number: u64, repaints: u64, late: u64) -> Ack {
        Ack {
            received: Load { all: bytes, small: bytes },
            epoch: 1,
            number,
            taken: Taken { repaints, late },
            decode: 0,
            present: 0,
        }
    }

    /// A log of one picture, whose one follower has nothing behind but `behind`.
    fn log_with(id: SessionId, behind: Rect) -> Log {
        let mut log = Log::default();
        log.followers.insert(id, Follower::default());
        log.begin(1, Rect::new(0, 0, 64, 48), 0);
        let follower = log.followers.get_mut(&id).unwrap();
        follower.behind = behind.into();
        follower.unseen.clear();
        log
    }

    /// An update that copies the rectangle at 0, 0 of 8 × 8 to 40, 20.
    fn copying() -> Change {
        let copy = CopyRect { to: Rect::new(40, 20, 8, 8), from: Point { x: 0, y: 0 } };
        Change { copies: vec![copy], literals: Region::new() }
    }

    #[test]
    fn what_is_copied_from_behind_is_behind() {
        let now = Instant::now();
        let (id, behind) = (SessionId(1), Rect::new(4, 4, 8, 2));
        let mut log = log_with(id, behind);
        assert_eq!(log.wanted_repaints(), [(id, Region::from(behind), Fidelity::Exact)]);
        assert_eq!(log.update(now, &coded(1, copying(), Told::default())), [id]);
        assert!(log.repaint(now, id, 1, ONE).is_some());
        assert_eq!(log.followers[&id].behind.rects(), [Rect::new(44, 24, 4, 2)]);
        assert_eq!(log.followers[&id].doubt.rects(), [behind]);
    }

    #[test]
    fn a_repaint_leaves_doubt_until_it_is_known_not_to_be_late() {
        let now = Instant::now();
        for late in [0, 1] {
            let (id, behind) = (SessionId(1), Rect::new(4, 4, 2, 2));
            let mut log = log_with(id, behind);
            log.wanted_repaints();
            assert!(log.repaint(now, id, 2, ONE).is_some());
            log.update(now, &coded(1, copying(), Told::default()));
            assert!(log.acknowledge(now, id, &ack(2, 1, 1, 0)));
            assert_eq!(log.followers[&id].doubt.pixels(), 8, "one part is still on its way");
            assert!(log.acknowledge(now, id, &ack(2, 1, 2, late)));
            assert!(log.followers[&id].doubt.is_empty());
            assert_eq!(log.followers[&id].behind.pixels(), 8 * late);
            assert!(!log.acknowledge(now, id, &ack(2, 1, 3, late)), "nobody takes what was not sent");
        }
    }

    #[test]
    fn repaints_wait_for_the_fourth_before_them() {
        let now = Instant::now();
        let id = SessionId(1);
        let mut log = log_with(id, Rect::new(0, 0, 1, 1));
        for sent in 1..=u64::from(REPAINTS) {
            assert_eq!(log.wanted_repaints().len(), 1);
            assert!(log.repaint(now, id, 1, ONE).is_some());
            assert!(log.acknowledge(now, id, &ack(sent, 0, sent - 1, 0)));
            log.followers.get_mut(&id).unwrap().behind = Rect::new(0, 0, 1, 1).into();
        }
        assert_eq!(log.wanted_repaints(), []);
        assert!(log.acknowledge(now, id, &ack(4, 0, 4, 0)));
        assert_eq!(log.wanted_repaints().len(), 1);
    }

    #[test]
    fn who_has_missed_symbols_is_repainted_until_a_new_generation() {
        let now = Instant::now();
        let (first, second, area) = (SessionId(1), SessionId(2), Rect::new(0, 0, 64, 48));
        let mut log = Log::default();
        log.followers.insert(first, Follower::default());
        log.begin(1, area, 0);
        let change = Change { copies: Vec::new(), literals: Rect::new(0, 0, 9, 9).into() };
        let bound = Told { bound: true, ..Told::default() };
        let tells = Told { tells: true, ..bound };
        assert_eq!(log.update(now, &coded(1, change.clone(), tells)), [first]);
        // One who joins now has been told nothing.
        log.followers.insert(second, Follower { told: 1, reached: 1, lacks_symbols: true, ..Follower::default() });
        assert_eq!(log.update(now, &coded(2, change.clone(), bound)), [first]);
        assert_eq!(log.followers[&second].behind, change.literals);
        assert!(!log.wants_fresh_symbols(), "the generation is young");
        assert_eq!(log.due_voids(), [(second, 2)]);
        for number in 3..=u64::from(GENERATION) {
            log.acknowledge(now, first, &ack(number - 1, number - 1, 0, 0));
            assert_eq!(log.update(now, &coded(number, change.clone(), bound)), [first]);
            assert_eq!(log.due_voids(), [(second, number)]);
        }
        assert!(log.wants_fresh_symbols());
        assert!(!log.wants_fresh_symbols(), "once is enough");
        log.acknowledge(now, first, &ack(u64::from(GENERATION), u64::from(GENERATION), 0, 0));
        let fresh = Told { fresh: true, ..tells };
        assert_eq!(log.update(now, &coded(u64::from(GENERATION) + 1, change.clone(), fresh)), [first, second]);
    }

    #[test]
    fn films_are_for_those_who_can_read_them() {
        let now = Instant::now();
        let (first, second) = (SessionId(1), SessionId(2));
        let mut log = log_with(first, Rect::new(0, 0, 1, 1));
        log.followers.get_mut(&first).unwrap().films = Films::Readable;
        assert_eq!([log.due_films(), log.due_films()], [Some(Films::Readable), None]);
        log.followers.insert(second, Follower::default());
        // One that was under way still.
        let change = Change { copies: Vec::new(), literals: Rect::new(0, 0, 9, 9).into() };
        let film = Told { bound: true, tells: true, film: true, ..Told::default() };
        assert_eq!(log.update(now, &coded(1, change.clone(), film)), [first]);
        assert_eq!(log.followers[&second].behind, change.literals);
        assert_eq!(log.due_films(), Some(Films::Unreadable));
        log.followers.remove(&second);
        assert_eq!(log.due_films(), Some(Films::Readable));
    }

    #[test]
    fn the_only_one_does_not_wait_for_a_new_generation() {
        let id = SessionId(1);
        let mut log = log_with(id, Rect::new(0, 0, 1, 1));
        log.followers.get_mut(&id).unwrap().lacks_symbols = true;
        assert!(log.wants_fresh_symbols());
    }
}
