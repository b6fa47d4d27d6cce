//! The thread that captures one display and codes what changed: from damage to bytes without leaving it.

use crate::capture::{self, Backend, Capture, CaptureError, Cursor, Grab, Grabbed, Notice, Notify, Shape};
use beside_protocol::{
    frame::{Coder, Encoder, PartJob, Rect, Region},
    session::host::{Display, SessionId},
    wire::{CursorShape, FramePart},
};
use std::{
    io,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How long after the last damage everything is compared once more, in case a hint was wrong.
const FULL_PASS: Duration = Duration::from_secs(1);

/// How long after a failed grab the next one is tried.
const RETRY: Duration = Duration::from_millis(250);

/// What a worker is asked for.
#[derive(Debug)]
pub(crate) enum Job {
    /// Capture once, as soon as something has changed.
    Capture,
    /// Code this region as it is now, for one officer.
    Repaint(SessionId, Region),
}

/// What a worker has made, as frame streams where it is pixels.
#[derive(Debug)]
pub(crate) enum Made {
    /// A new picture, at this place of the desktop, as after update `number`.
    Begins { epoch: u32, area: Rect, number: u64 },
    /// The next update.
    Update { epoch: u32, number: u64, region: Region, streams: Vec<Arc<[u8]>> },
    /// A repaint.
    Repaint { epoch: u32, session: SessionId, streams: Vec<Arc<[u8]>> },
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
    Job(Job),
    Notice(Notice),
    Stop,
}

impl Worker {
    /// Starts one. The screen is opened in its thread; if that fails, [`Made::Lost`] says why.
    pub(crate) fn start(start: Start) -> io::Result<Self> {
        let (wake, wakes) = channel();
        let notices = wake.clone();
        let notify: Notify = Arc::new(move |notice| {
            // An error means that the worker has ended: nobody wants to know any more.
            let _ = notices.send(Wake::Notice(notice));
        });
        thread::Builder::new().name("capture".into()).spawn(move || {
            let display = start.display;
            let sink = Rc::new(start.sink);
            let result = Screen::open(start.backend, display, &notify, start.epochs, start.key, &sink)
                .and_then(|mut screen| screen.run(&wakes));
            if let Err(error) = result {
                sink(display, Made::Lost(error));
            }
        })?;
        Ok(Self { wake })
    }

    /// Asks for something.
    pub(crate) fn ask(&self, job: Job) {
        // An error means that the worker has ended, which it has said itself.
        let _ = self.wake.send(Wake::Job(job));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.wake.send(Wake::Stop);
    }
}

/// One display while it is captured.
struct Screen {
    display: Display,
    capture: Box<dyn Capture>,
    encoder: Encoder,
    coder: Coder,
    epoch: u32,
    epochs: Arc<AtomicU32>,
    key: [u8; 16],
    sink: Rc<Sink>,
    /// An update has been asked for.
    wanted: bool,
    /// Something may have changed since the last grab.
    damaged: bool,
    /// When everything is to be compared again.
    full_pass: Option<Instant>,
}

impl Screen {
    fn open(
        backend: Backend,
        display: Display,
        notify: &Notify,
        epochs: Arc<AtomicU32>,
        key: [u8; 16],
        sink: &Rc<Sink>,
    ) -> Result<Self, String> {
        let capture = capture::open(backend, display.map(u32::from), notify).map_err(|error| error.to_string())?;
        tracing::info!(backend = %capture.backend(), "Capture begins");
        let encoder = Encoder::new(capture.area().size(), key).map_err(|error| error.to_string())?;
        let mut screen = Self {
            display,
            capture,
            encoder,
            coder: Coder::new(),
            epoch: 0,
            epochs,
            key,
            sink: Rc::clone(sink),
            wanted: false,
            damaged: false,
            full_pass: None,
        };
        screen.begin()?;
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
                Ok(Wake::Job(Job::Capture)) => self.wanted = true,
                Ok(Wake::Job(Job::Repaint(session, region))) => self.repaint(session, &region),
                Ok(Wake::Notice(Notice::Damaged | Notice::Resized)) => self.damaged = true,
                Ok(Wake::Notice(Notice::Cursor)) => self.send_cursor()?,
                Ok(Wake::Notice(Notice::Pointer)) => {}
                Ok(Wake::Notice(Notice::Lost(why))) => return Err(why),
            }
        }
    }

    /// When to look at the screen, if an update is wanted and there may be something new.
    fn next_look(&self) -> Option<Instant> {
        match (self.wanted, self.damaged) {
            (true, true) => Some(Instant::now()),
            (true, false) => self.full_pass,
            (false, _) => None,
        }
    }

    /// Captures, and sends an update if something has changed.
    fn look(&mut self) -> Result<(), String> {
        let now = Instant::now();
        let all = self.full_pass.is_some_and(|at| at <= now);
        if all {
            self.full_pass = None;
        }
        if self.damaged {
            self.full_pass.get_or_insert(now + FULL_PASS);
        }
        self.damaged = false;
        let mut update = None;
        let grab = if all { Grab::All } else { Grab::Damaged };
        let grabbed = self.capture.grab(grab, &mut |patches| update = self.encoder.update(patches));
        match (grabbed, update) {
            (Err(CaptureError::Failed(why)), _) => {
                tracing::debug!(why, "A grab failed");
                self.full_pass = Some(now + RETRY);
                Ok(())
            }
            (Err(error), _) => Err(error.to_string()),
            (Ok(Grabbed::Resized), _) => self.begin(),
            (Ok(Grabbed::Picture), None) => Ok(()),
            (Ok(Grabbed::Picture), Some(update)) => {
                self.wanted = false;
                let streams = self.code(update.jobs);
                self.send(Made::Update { epoch: self.epoch, number: update.number, region: update.region, streams });
                Ok(())
            }
        }
    }

    /// Begins a new picture of the screen as it is now. Its first update goes to nobody: everybody is repainted.
    fn begin(&mut self) -> Result<(), String> {
        loop {
            let area = self.capture.area();
            self.encoder = Encoder::new(area.size(), self.key).map_err(|error| error.to_string())?;
            let encoder = &mut self.encoder;
            let grabbed = self.capture.grab(Grab::All, &mut |patches| drop(encoder.update(patches)));
            if grabbed.map_err(|error| error.to_string())? == Grabbed::Picture {
                self.epoch = self.epochs.fetch_add(1, Ordering::Relaxed) + 1;
                self.send(Made::Begins { epoch: self.epoch, area, number: self.encoder.number() });
                return Ok(());
            }
        }
    }

    fn repaint(&mut self, session: SessionId, region: &Region) {
        let streams = self.code(self.encoder.repaint(region).jobs);
        self.send(Made::Repaint { epoch: self.epoch, session, streams });
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
    fn code(&mut self, jobs: Vec<PartJob>) -> Vec<Arc<[u8]>> {
        jobs.into_iter().map(|job| FramePart::encode(self.epoch, &job.run(&mut self.coder).bytes)).collect()
    }

    fn send(&self, made: Made) {
        (self.sink)(self.display, made);
    }
}

/// A captured cursor as it travels: colours no longer multiplied by alpha.
fn travelling(cursor: Cursor) -> CursorShape {
    let side = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
    let mut rgba = cursor.rgba;
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for value in &mut pixel[..3] {
            *value = (u32::from(*value) * 255).checked_div(alpha).map_or(0, |value| value.min(255) as u8);
        }
    }
    CursorShape::Image {
        width: side(cursor.size.width),
        height: side(cursor.size.height),
        hot_x: side(cursor.hotspot.x),
        hot_y: side(cursor.hotspot.y),
        rgba,
    }
}
