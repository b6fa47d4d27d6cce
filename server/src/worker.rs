//! The thread that captures one display and codes what changed: from damage to bytes without leaving it.

use crate::capture::{self, Backend, Capture, CaptureError, Grab, Grabbed, Hidden, Hiding, Notice, Notify, Shape};
use crate::coding::Coders;
use crate::cursor::travelling;
use beside_protocol::{
    frame::{Encoder, Fidelity, Films, Part, Quality, Rect, Region, Update},
    session::{
        Pace, Step, Times,
        host::{Coded, Display, Focus, SessionId, Task},
    },
    wire::{CursorShape, FramePart},
};
use std::{
    io,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How long after damage everything is compared once more, in case a hint was wrong.
const FULL_PASS: Duration = Duration::from_secs(1);

/// How long a photo must rest before it becomes exact; at most twice as long.
const REST: Duration = Duration::from_millis(150);

/// The most pixels that are captured when only a small update can be taken: a line of text, whose coding is rarely longer than
/// what overtakes longer parts.
const SMALL: u64 = 32 * 1024;

/// How long after a failed grab the next one is tried.
const RETRY: Duration = Duration::from_millis(250);

/// What a worker has made, as frame streams where it is pixels.
#[derive(Debug)]
pub(crate) enum Made {
    /// A new picture, at this place of the desktop, as after update `number`.
    Begins { epoch: u32, area: Rect, number: u64 },
    /// The next update.
    Update { epoch: u32, update: Coded },
    /// A repaint.
    Repaint { epoch: u32, session: SessionId, streams: Vec<Arc<[u8]>> },
    /// What is hidden of all pictures and updates that follow, and how many windows and places that is. Always the first word.
    Hidden { region: Region, focus: Focus, count: u32 },
    /// All that follows is hidden by the rules with this number.
    Obeys(u64),
    /// The cursor's shape.
    Cursor(CursorShape),
    /// The display can't be captured (any more), and why. The last word.
    Lost(String),
}

/// Where a worker's results go; called from its thread.
pub(crate) type Sink = Box<dyn Fn(Display, Made) + Send>;

/// What a worker needs to begin.
pub(crate) struct Start {
    pub(crate) backend: Backend,
    pub(crate) display: Display,
    /// What is hidden from the beginning.
    pub(crate) hiding: Hiding,
    /// Counts pictures over all workers, so that no two have the same epoch.
    pub(crate) epochs: Arc<AtomicU32>,
    /// For the keyed hash that finds changes; random, new for each worker.
    pub(crate) key: [u8; 16],
    pub(crate) sink: Sink,
}

/// A running worker. Dropping it ends the thread, without waiting for it.
#[derive(Debug)]
pub(crate) struct Worker {
    wake: Sender<Wake>,
}

#[derive(Debug)]
enum Wake {
    Task(Task),
    Hide(Hiding, u64),
    Notice(Notice),
    Stop,
}

impl Worker {
    /// Starts one. The screen is opened in its thread; if that fails, [`Made::Lost`] says why.
    pub(crate) fn start(start: Start) -> io::Result<Self> {
        let (backend, display, hiding) = (start.backend, start.display.map(u32::from), start.hiding.clone());
        let open = move |notify: &Notify| capture::open(backend, display, &hiding, notify);
        Self::over(start, move |notify| open(notify).map_err(|error| error.to_string()))
    }

    /// Starts one that captures what `open` opens.
    fn over(
        start: Start,
        open: impl FnOnce(&Notify) -> Result<Box<dyn Capture>, String> + Send + 'static,
    ) -> io::Result<Self> {
        let (wake, wakes) = channel();
        let notices = wake.clone();
        let notify: Notify = Arc::new(move |notice| {
            // An error means that the worker has ended: nobody wants to know any more.
            let _ = notices.send(Wake::Notice(notice));
        });
        thread::Builder::new().name("capture".into()).spawn(move || {
            let Start { display, sink, .. } = &start;
            let work = || open(&notify).and_then(|capture| Screen::begin(capture, &start)?.run(&wakes));
            // Whoever waits for a picture is told of a panic too. Nothing of what it left behind is used again.
            let result = panic::catch_unwind(AssertUnwindSafe(work));
            if let Err(error) = result.unwrap_or_else(|_| Err("the thread that captures it has failed".into())) {
                sink(*display, Made::Lost(error));
            }
        })?;
        Ok(Self { wake })
    }

    /// Hides by these rules from now on, in the place of those before; [`Made::Obeys`] says when.
    pub(crate) fn hide(&self, hiding: Hiding, number: u64) {
        // As below.
        let _ = self.wake.send(Wake::Hide(hiding, number));
    }

    /// Asks for something.
    pub(crate) fn ask(&self, task: Task) {
        // An error means that the worker has ended, which it has said itself.
        let _ = self.wake.send(Wake::Task(task));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.wake.send(Wake::Stop);
    }
}

/// One display while it is captured.
struct Screen<'a> {
    start: &'a Start,
    capture: Box<dyn Capture>,
    encoder: Encoder,
    /// What is hidden of the encoder's picture.
    hidden: Hidden,
    coders: Coders,
    epoch: u32,
    /// Which updates are wanted.
    wanted: Pace,
    /// Since when there may be something new.
    damaged: Option<Instant>,
    /// When everything is to be compared again.
    full_pass: Option<Instant>,
    photos: Photos,
    /// Whether films may be sent, and how good they and photos are to be.
    films: Films,
    quality: Quality,
    /// The last repaint: officers whose lines failed together lack the same.
    repainted: Option<Repainted>,
}

/// A repaint as it was coded.
struct Repainted {
    /// The update that it comes after.
    number: u64,
    region: Region,
    fidelity: Fidelity,
    streams: Vec<Arc<[u8]>>,
}

/// What becomes of photos that officers have only roughly.
#[derive(Clone, Copy)]
enum Photos {
    /// There are none.
    Exact,
    /// Those that have not changed until then rest.
    Moving(Instant),
    /// Some rest, and become exact piece by piece while nothing changes.
    Resting,
}

impl<'a> Screen<'a> {
    fn begin(mut capture: Box<dyn Capture>, start: &'a Start) -> Result<Self, String> {
        tracing::info!(backend = %capture.backend(), "Capture begins");
        let (encoder, hidden) = take_in(capture.as_mut(), start.key)?;
        let mut screen = Self {
            start,
            capture,
            encoder,
            hidden: Hidden::default(),
            coders: Coders::new(),
            epoch: 0,
            wanted: Pace::Nothing,
            damaged: None,
            full_pass: None,
            photos: Photos::Exact,
            films: Films::Unreadable,
            quality: Quality::High,
            repainted: None,
        };
        screen.send_hidden(hidden);
        screen.announce();
        screen.send_cursor()?;
        Ok(screen)
    }

    /// Serves jobs and notices until it is stopped or the screen is lost.
    fn run(&mut self, wakes: &Receiver<Wake>) -> Result<(), String> {
        loop {
            let wake = match self.next_look() {
                None => wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => wakes.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match wake {
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) | Ok(Wake::Stop) => return Ok(()),
                Ok(Wake::Task(task)) => self.do_task(task),
                Ok(Wake::Hide(hiding, number)) => {
                    self.capture.hide(hiding);
                    self.send(Made::Obeys(number));
                    self.damaged.get_or_insert_with(Instant::now);
                }
                Ok(Wake::Notice(Notice::Damaged | Notice::Resized)) => {
                    self.damaged.get_or_insert_with(Instant::now);
                }
                Ok(Wake::Notice(Notice::Cursor)) => self.send_cursor()?,
                Ok(Wake::Notice(Notice::Pointer)) => {}
                Ok(Wake::Notice(Notice::Lost(why))) => return Err(why),
            }
        }
    }

    fn do_task(&mut self, task: Task) {
        match task {
            Task::Capture(pace) => self.wanted = self.wanted.max(pace),
            Task::Forget => self.encoder.forget(),
            Task::Look => drop(self.damaged.get_or_insert_with(Instant::now)),
            Task::Films(films) => {
                self.films = films;
                self.encoder.set_films(films);
            }
            Task::Quality(quality) => {
                self.quality = quality;
                self.encoder.set_quality(quality);
            }
            Task::Repaint { epoch, session, region, fidelity } => self.repaint(epoch, session, &region, fidelity),
        }
    }

    /// When to look at the screen, if an update is wanted and there may be something new.
    fn next_look(&self) -> Option<Instant> {
        match (self.wanted, self.damaged.is_some(), self.photos) {
            (Pace::Nothing, ..) => None,
            (Pace::Small, damaged, _) => (damaged && self.capture.damaged() <= SMALL).then(Instant::now),
            (Pace::Anything, true, _) | (Pace::Anything, false, Photos::Resting) => Some(Instant::now()),
            (Pace::Anything, false, Photos::Moving(until)) => Some(self.full_pass.map_or(until, |at| at.min(until))),
            (Pace::Anything, false, Photos::Exact) => self.full_pass,
        }
    }

    /// Captures, and sends an update if something has changed, or else if a photo rests.
    fn look(&mut self) -> Result<(), String> {
        let now = Instant::now();
        let all = self.wanted == Pace::Anything && self.full_pass.is_some_and(|at| at <= now);
        if self.damaged.is_none() && !all {
            return self.refine(now);
        }
        if all {
            self.full_pass = None;
        }
        if self.damaged.is_some() {
            self.full_pass.get_or_insert(now + FULL_PASS);
        }
        let wait = self.damaged.take().map(|since| (Step::Wait, now.saturating_duration_since(since)));
        let (mut made, mut hides) = (None, None);
        let grab = if all { Grab::All } else { Grab::Damaged };
        let grabbed = self.capture.grab(grab, &mut |patches, hidden| {
            let captured = Instant::now();
            self.encoder.hide(&hidden.region);
            hides = Some(hidden.clone());
            let update = match self.wanted {
                Pace::Small => self.encoder.update_alone(patches),
                Pace::Nothing | Pace::Anything => self.encoder.update(patches),
            };
            made = update.map(|update| (update, [(Step::Capture, captured - now), (Step::Diff, captured.elapsed())]));
        });
        if let Some(hidden) = hides {
            self.tell_hidden(hidden);
        }
        if let Some((update, times)) = made {
            self.send_update(update, wait.into_iter().chain(times).collect());
        }
        match grabbed {
            Ok(Grabbed::Picture) => Ok(()),
            Ok(Grabbed::Resized) => {
                let (encoder, hidden) = take_in(self.capture.as_mut(), self.start.key)?;
                self.encoder = encoder;
                self.tell_hidden(hidden);
                self.encoder.set_films(self.films);
                self.encoder.set_quality(self.quality);
                self.announce();
                Ok(())
            }
            Err(CaptureError::Failed(why)) => {
                tracing::debug!(why, "A grab failed");
                self.full_pass = Some(now + RETRY);
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sends a piece of a photo that rests, if there is one.
    fn refine(&mut self, now: Instant) -> Result<(), String> {
        if let Photos::Moving(until) = self.photos {
            if until > now {
                return Ok(());
            }
            self.encoder.settle();
        }
        let near = self.capture.pointer().map_err(|error| error.to_string())?.unwrap_or_default();
        self.photos = match self.encoder.refine(near) {
            Some(update) => {
                self.send_update(update, Times::new());
                Photos::Resting
            }
            None => Photos::Exact,
        };
        self.await_rest();
        Ok(())
    }

    /// Has photos become exact when they rest, if there are any.
    fn await_rest(&mut self) {
        if matches!(self.photos, Photos::Exact) && !self.encoder.is_exact() {
            self.photos = Photos::Moving(Instant::now() + REST);
        }
    }

    fn send_update(&mut self, update: Update, mut times: Times) {
        let Update { number, change, told, jobs } = update;
        self.wanted = Pace::Nothing;
        let begun = Instant::now();
        let parts = self.coders.run(jobs);
        times.push((Step::Encode, begun.elapsed()));
        let (streams, rough) = (self.streams(&parts), parts.iter().map(Part::rough_bytes).sum());
        self.send(Made::Update { epoch: self.epoch, update: Coded { number, change, told, streams, rough, times } });
        self.await_rest();
    }

    /// Says what is hidden, if that has changed.
    fn tell_hidden(&mut self, hidden: Hidden) {
        if self.hidden != hidden {
            self.send_hidden(hidden);
        }
    }

    fn send_hidden(&mut self, hidden: Hidden) {
        if self.hidden.count != hidden.count {
            tracing::info!(hidden = hidden.count, "Windows and places are hidden");
        }
        let count = u32::try_from(hidden.count).unwrap_or(u32::MAX);
        self.send(Made::Hidden { region: hidden.region.clone(), focus: hidden.focus, count });
        self.hidden = hidden;
    }

    /// Says that a new picture begins, as the encoder has it: everybody is repainted.
    fn announce(&mut self) {
        self.repainted = None;
        self.epoch = self.start.epochs.fetch_add(1, Ordering::Relaxed) + 1;
        self.send(Made::Begins { epoch: self.epoch, area: self.capture.area(), number: self.encoder.number() });
    }

    fn repaint(&mut self, epoch: u32, session: SessionId, region: &Region, fidelity: Fidelity) {
        if epoch != self.epoch {
            return;
        }
        let number = self.encoder.number();
        let is_same = |last: &Repainted| (last.number, &last.region, last.fidelity) == (number, region, fidelity);
        let streams = match self.repainted.take().filter(is_same) {
            Some(last) => last.streams,
            None => {
                let parts = self.coders.run(self.encoder.repaint(region, fidelity).jobs);
                self.streams(&parts)
            }
        };
        self.repainted = Some(Repainted { number, region: region.clone(), fidelity, streams: streams.clone() });
        self.send(Made::Repaint { epoch: self.epoch, session, streams });
        self.await_rest();
    }

    fn send_cursor(&mut self) -> Result<(), String> {
        let cursor = self.capture.cursor().map_err(|error| error.to_string())?;
        match cursor {
            Shape::Unknown => {}
            Shape::Hidden => self.send(Made::Cursor(CursorShape::Hidden)),
            Shape::Image(cursor) => self.send(Made::Cursor(travelling(cursor))),
        }
        Ok(())
    }

    /// The frame streams of coded parts.
    fn streams(&self, parts: &[Part]) -> Vec<Arc<[u8]>> {
        parts.iter().map(|part| FramePart::encode(self.epoch, &part.bytes)).collect()
    }

    fn send(&self, made: Made) {
        (self.start.sink)(self.start.display, made);
    }
}

/// An encoder that has the screen as it is now, and what is hidden of that; its first update goes to nobody.
fn take_in(capture: &mut dyn Capture, key: [u8; 16]) -> Result<(Encoder, Hidden), String> {
    loop {
        let mut encoder = Encoder::new(capture.area().size(), key).map_err(|error| error.to_string())?;
        let mut hides = Hidden::default();
        let grabbed = capture.grab(Grab::All, &mut |patches, hidden| {
            encoder.hide(&hidden.region);
            hides = hidden.clone();
            drop(encoder.update(patches));
        });
        if grabbed.map_err(|error| error.to_string())? == Grabbed::Picture {
            // Nobody has been told its symbols.
            encoder.forget();
            encoder.set_fidelity(Fidelity::Rough);
            return Ok((encoder, hides));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Display as Monitor, Sink};
    use beside_protocol::frame::{Patch, Point, Size};

    const SIZE: Size = Size::new(4, 2);

    /// A screen whose grabs each show another colour and come out as told; without more to tell, grabbing panics.
    #[derive(Debug)]
    struct Script {
        colour: u8,
        hidden: Hidden,
        outcomes: Receiver<Result<Grabbed, CaptureError>>,
    }

    impl Capture for Script {
        fn backend(&self) -> Backend {
            Backend::Auto
        }

        fn displays(&mut self) -> Result<Vec<Monitor>, CaptureError> {
            Ok(Vec::new())
        }

        fn area(&self) -> Rect {
            SIZE.rect()
        }

        fn hide(&mut self, hiding: Hiding) {
            self.hidden = Hidden { region: hiding.areas[0].into(), count: 1, ..Hidden::default() };
        }

        fn grab(&mut self, _: Grab, sink: &mut Sink<'_>) -> Result<Grabbed, CaptureError> {
            let outcome = self.outcomes.try_recv().expect("no more grabs were expected");
            self.colour += 1;
            if !matches!(outcome, Ok(Grabbed::Resized)) {
                let bytes = vec![self.colour; SIZE.pixels() as usize * 4];
                let patch = Patch::new(SIZE.rect(), SIZE.width as usize * 4, &bytes).expect("a patch");
                sink(&[patch], &self.hidden);
            }
            outcome
        }

        fn cursor(&mut self) -> Result<Shape, CaptureError> {
            Ok(Shape::Hidden)
        }

        fn pointer(&mut self) -> Result<Option<Point>, CaptureError> {
            Ok(None)
        }
    }

    /// A worker over a script, after its picture has begun.
    fn worker(outcomes: Vec<Result<Grabbed, CaptureError>>) -> (Worker, Receiver<Made>) {
        let (tell, told) = channel();
        for outcome in [Ok(Grabbed::Picture)].into_iter().chain(outcomes) {
            tell.send(outcome).expect("the script");
        }
        let (sink, made) = channel();
        let start = Start {
            backend: Backend::Auto,
            display: None,
            hiding: Hiding::default(),
            epochs: Arc::default(),
            key: [1; 16],
            sink: Box::new(move |_, made| drop(sink.send(made))),
        };
        let script = Script { colour: 0, hidden: Hidden::default(), outcomes: told };
        let worker = Worker::over(start, move |_| Ok(Box::new(script))).expect("a thread");
        // The worker before it may have hidden something.
        assert!(matches!(next(&made), Made::Hidden { count: 0, .. }));
        assert!(matches!(next(&made), Made::Begins { epoch: 1, number: 1, .. }));
        assert!(matches!(next(&made), Made::Cursor(CursorShape::Hidden)));
        (worker, made)
    }

    fn next(made: &Receiver<Made>) -> Made {
        made.recv_timeout(Duration::from_secs(30)).expect("the worker says something")
    }

    fn damage(worker: &Worker) {
        worker.wake.send(Wake::Notice(Notice::Damaged)).expect("the worker runs");
    }

    #[test]
    fn damage_and_the_wish_for_an_update_make_one_in_either_order() {
        let (worker, made) = worker(vec![Ok(Grabbed::Picture), Ok(Grabbed::Picture)]);
        worker.ask(Task::Capture(Pace::Anything));
        damage(&worker);
        assert!(matches!(next(&made), Made::Update { update: Coded { number: 2, .. }, .. }));
        damage(&worker);
        worker.ask(Task::Capture(Pace::Anything));
        assert!(matches!(next(&made), Made::Update { update: Coded { number: 3, .. }, .. }));
    }

    #[test]
    fn no_number_is_left_out_when_a_grab_fails_late() {
        let failed = Err(CaptureError::Failed("for once".into()));
        let (worker, made) = worker(vec![failed, Ok(Grabbed::Picture)]);
        for number in [2, 3] {
            worker.ask(Task::Capture(Pace::Anything));
            damage(&worker);
            assert!(matches!(next(&made), Made::Update { update: Coded { number: made, .. }, .. } if made == number));
        }
    }

    #[test]
    fn a_repaint_of_a_picture_that_is_over_is_not_made() {
        let (worker, made) = worker(vec![Ok(Grabbed::Resized), Ok(Grabbed::Picture)]);
        let session = SessionId(1);
        let repaint = |epoch| Task::Repaint { epoch, session, region: SIZE.rect().into(), fidelity: Fidelity::Rough };
        worker.ask(Task::Capture(Pace::Anything));
        damage(&worker);
        assert!(matches!(next(&made), Made::Begins { epoch: 2, .. }));
        worker.ask(repaint(1));
        worker.ask(repaint(2));
        assert!(matches!(next(&made), Made::Repaint { epoch: 2, .. }));
        drop(worker);
        assert!(made.recv_timeout(Duration::from_secs(30)).is_err(), "it ends without a word");
    }

    #[test]
    fn officers_who_lack_the_same_get_the_same() {
        let (worker, made) = worker(vec![Ok(Grabbed::Picture)]);
        let repaint = |session| {
            let (session, region) = (SessionId(session), SIZE.rect().into());
            worker.ask(Task::Repaint { epoch: 1, session, region, fidelity: Fidelity::Rough });
            let Made::Repaint { streams, session: to, .. } = next(&made) else { panic!("no repaint") };
            assert_eq!(to, session);
            streams
        };
        let (one, other) = (repaint(1), repaint(2));
        assert!(Arc::ptr_eq(&one[0], &other[0]), "coded once");
        worker.ask(Task::Capture(Pace::Anything));
        damage(&worker);
        assert!(matches!(next(&made), Made::Update { .. }));
        assert_ne!(repaint(3), one, "the picture is another");
    }

    #[test]
    fn what_is_hidden_is_told_before_the_update_that_hides_it() {
        let (worker, made) = worker(vec![Ok(Grabbed::Picture)]);
        let place = Rect::new(1, 0, 2, 2);
        worker.ask(Task::Capture(Pace::Anything));
        worker.hide(Hiding { areas: vec![place], ..Hiding::default() }, 7);
        assert!(matches!(next(&made), Made::Obeys(7)));
        assert!(matches!(next(&made), Made::Hidden { region, count: 1, .. } if region == place.into()));
        assert!(matches!(next(&made), Made::Update { update: Coded { number: 2, .. }, .. }));
    }

    #[test]
    fn a_panic_is_told_as_a_loss() {
        let (worker, made) = worker(Vec::new());
        worker.ask(Task::Capture(Pace::Anything));
        damage(&worker);
        assert!(matches!(next(&made), Made::Lost(_)));
    }
}
