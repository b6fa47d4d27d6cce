//! One host and several viewers in step with it: how much the encoder works for all of them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beside_protocol::frame::{Coder, Encoder, Framebuffer, PartJob, Update};
use beside_protocol::record::{Digest, Notary, PublicKey, Signature, Time, Verify, Written};
use beside_protocol::session::host::{Coded, ConnectionId, Event, Task};
use beside_protocol::session::{Asking, Enrolment, Host, Keying, Officer, Pace, Papers, Rules, Times, Viewer};
use beside_protocol::wire::{FramePart, Permissions, Request};

use crate::case::Case;
use crate::frames::Frames;
use crate::measure::{Fault, KEY};

/// How long the officers may come in without a question, and ask for.
const VISIT: Duration = Duration::from_secs(600);

/// What an encoder did, in pixels: the instructions it takes grow with both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Pixels of captured frames that were compared.
    pub compared: u64,
    /// Pixels that were coded.
    pub coded: u64,
    /// Updates that reached every viewer exactly.
    pub exact: u32,
}

/// Shows a case to so many viewers (1 to 255) over links that take no time, once all of them have joined.
///
/// # Errors
/// When the size is invalid.
pub fn in_step(mut case: Case, viewers: u8) -> Result<Work, Fault> {
    let mut room = Room::new(&case, viewers)?;
    let mut screen = Framebuffer::new(case.size);
    for step in 0..case.seen + case.updates {
        case.scene.draw(&mut screen, step);
        room.frame.set(0, &screen);
        if step == case.seen {
            room.work = Work::default();
        }
        room.damaged = true;
        room.settle();
        room.work.exact += u32::from(room.is_exact());
    }
    Ok(room.work)
}

/// A host, its encoder and the viewers.
struct Room {
    now: Instant,
    host: Host,
    viewers: Vec<(ConnectionId, Viewer)>,
    encoder: Encoder,
    coder: Coder,
    /// What the screen shows, and whether it has changed since it was captured.
    frame: Frames,
    damaged: bool,
    /// Whether the host wants it captured.
    wanted: bool,
    work: Work,
}

/// Takes everything for signed: signatures are not what is measured here.
#[derive(Debug)]
struct Stamp(u8);

impl Stamp {
    const HOST: Self = Self(u8::MAX);
}

impl Notary for Stamp {
    fn key(&self) -> PublicKey {
        PublicKey(vec![self.0])
    }

    fn sign(&self, _message: &[u8]) -> Signature {
        Signature(Vec::new())
    }

    fn verify(&self) -> Verify {
        |_, _, _| true
    }
}

/// The one picture that there is.
const EPOCH: u32 = 1;

impl Room {
    fn new(case: &Case, viewers: u8) -> Result<Self, Fault> {
        let (now, mut host) = (
            Instant::now(),
            Host::new(Rules { officers: 255, ..Rules::new("host", Asking::Nobody) }, Arc::new(Stamp::HOST)),
        );
        let viewer = |number: u8| {
            let permissions = Permissions::VIEW;
            let enrolment =
                Enrolment { standing: Some(VISIT), ..Enrolment::new(&format!("Officer {number}"), permissions) };
            let keying = Keying::new([1; Keying::BYTES], [2; Keying::BYTES]);
            let officer = Officer { key: Stamp(number).key().fingerprint(), enrolment: Some(enrolment) };
            let id = host.connect(now, officer, keying.clone());
            let seconds = VISIT.as_secs() as u32;
            let request = Request { reason: "bench".into(), permissions, seconds, display: None, ticket: None };
            let papers = Papers {
                notary: Arc::new(Stamp(number)),
                host: Stamp::HOST.key().fingerprint(),
                certificate: None,
                head: None,
            };
            (id, Viewer::new(now, request, keying, papers))
        };
        Ok(Self {
            now,
            viewers: (0..viewers).map(viewer).collect(),
            host,
            encoder: Encoder::new(case.size, KEY)?,
            coder: Coder::new(),
            frame: Frames::new(case.size, 0),
            damaged: false,
            wanted: false,
            work: Work::default(),
        })
    }

    /// Carries messages and does what the host wants until nobody has anything to say.
    fn settle(&mut self) {
        loop {
            let mut events: VecDeque<Event> = std::iter::from_fn(|| self.host.poll_event()).collect();
            let mut idle = events.is_empty();
            events.drain(..).for_each(|event| self.obey(event));
            if self.wanted && self.damaged {
                self.capture();
                idle = false;
            }
            while let Some((id, transmit)) = self.host.poll_transmit() {
                let viewer = self.viewers.iter_mut().find(|(viewer, _)| *viewer == id);
                if let Some((_, viewer)) = viewer {
                    viewer.handle_message(self.now, transmit.channel, &transmit.bytes);
                }
                idle = false;
            }
            for (id, viewer) in &mut self.viewers {
                while let Some(transmit) = viewer.poll_transmit() {
                    self.host.handle_message(self.now, *id, transmit.channel, &transmit.bytes);
                    idle = false;
                }
            }
            if idle {
                return;
            }
        }
    }

    fn obey(&mut self, event: Event) {
        match event {
            Event::Open(display) => {
                self.host.picture_begins(display, EPOCH, self.encoder.size().rect(), self.encoder.number());
            }
            Event::Task(_, Task::Capture(pace)) => self.wanted = pace == Pace::Anything,
            Event::Task(_, Task::Forget) => self.encoder.forget(),
            Event::Record(id, ..) => {
                self.host.recorded(self.now, id, Written { time: Time::from_millis(0), head: Digest::ZERO });
            }
            Event::Task(display, Task::Repaint { epoch, session, region, fidelity }) => {
                self.work.coded += region.pixels();
                let jobs = self.encoder.repaint(&region, fidelity).jobs;
                let streams = self.code(jobs);
                self.host.repaint(self.now, display, epoch, session, &streams);
            }
            _ => {}
        }
    }

    fn capture(&mut self) {
        self.damaged = false;
        let patch = self.frame.patch(0, self.encoder.size().rect());
        self.work.compared += patch.rect().pixels();
        // The host goes on wanting until something has changed.
        let Some(update) = self.encoder.update(&[patch]) else { return };
        self.wanted = false;
        self.work.coded += update.change.literals.pixels();
        let Update { number, change, told, jobs } = update;
        let streams = self.code(jobs);
        self.host.update(
            self.now,
            None,
            EPOCH,
            &Coded { number, change, told, streams, rough: 0, times: Times::new() },
        );
    }

    fn code(&mut self, jobs: Vec<PartJob>) -> Vec<Arc<[u8]>> {
        jobs.into_iter().map(|job| FramePart::encode(EPOCH, &job.run(&mut self.coder).bytes)).collect()
    }

    fn is_exact(&self) -> bool {
        self.viewers.iter().all(|(_, viewer)| viewer.shown().is_some_and(|shown| self.frame.shows(0, shown)))
    }
}
