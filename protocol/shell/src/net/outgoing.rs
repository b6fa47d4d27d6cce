//! Sending: messages in order on a long-lived stream, and frames each on a stream of its own.
//!
//! What the connection can take is handed to it at once, by the caller; only what it can't is left to a task.

use super::copies::{self, Copier};
use beside_protocol::wire::{Channel, FRAMING, FramePart};
use bytes::Bytes;
use futures_util::FutureExt;
use quinn::{Connection, SendStream, WriteError};
use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
};
use tokio::sync::{Notify, Semaphore};

/// The most bytes that wait for a long-lived stream; a peer that lets more pile up is stuck.
const MAX_WAITING: usize = 1024 * 1024;
/// The most frames that wait for the peer; the session's pacing keeps far below.
const MAX_FRAMES_WAITING: usize = 64;

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// Too much waits already.
    Full,
    /// The stream or the connection is gone.
    Gone,
}

/// The first byte of every stream, from the side that opened it: which channel it carries.
pub(super) const fn tag(channel: Channel) -> u8 {
    match channel {
        Channel::Control => 1,
        Channel::Input => 2,
        Channel::Pointer => 3,
        Channel::Cursor => 4,
        Channel::Frame => 5,
    }
}

/// What goes first when the link is full.
const fn priority(channel: Channel) -> i32 {
    match channel {
        Channel::Control => 100,
        Channel::Input | Channel::Pointer => 90,
        Channel::Cursor => 60,
        Channel::Frame => 50,
    }
}

/// A small part overtakes long ones: what was typed is seen while a picture is under way. Of the long ones the older goes first:
/// nothing can be shown exactly without it. (quinn's own way to have that, `send_fairness(false)`, would let nothing at all
/// pass a stream that has begun, a revocation included.)
fn frame_priority(length: usize, number: u32) -> i32 {
    match FramePart::is_small(length) {
        true => priority(Channel::Frame),
        false => i32::try_from(number).map_or(i32::MIN + 1, |number| -number),
    }
}

/// The sending end of a channel whose messages share one stream.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    channel: Channel,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    opening: Once,
    /// Told whenever a task has written all that waited, or can't.
    settled: Notify,
}

#[derive(Debug)]
enum State {
    /// There is no stream yet; messages wait for it.
    Unopened(Waiting),
    /// Everything is written.
    Ready(SendStream),
    /// A task has the stream and writes; messages wait for it.
    Writing(Waiting),
    /// The stream is gone.
    Gone,
}

/// Bytes in order, in pieces.
#[derive(Debug, Default)]
struct Waiting {
    pieces: VecDeque<Bytes>,
    bytes: usize,
}

impl Lane {
    /// A lane whose stream is still to come.
    pub(super) fn new(channel: Channel) -> Self {
        let state = Mutex::new(State::Unopened(Waiting::default()));
        Self { channel, shared: Arc::new(Shared { state, opening: Once::new(), settled: Notify::new() }) }
    }

    /// Gives the lane a stream that this side has opened.
    pub(super) fn open(&self, stream: SendStream) {
        self.start(stream, Some(Bytes::copy_from_slice(&[tag(self.channel)])));
    }

    /// Gives the lane the answering half of a stream that the peer has opened.
    pub(super) fn attach(&self, stream: SendStream) {
        self.start(stream, None);
    }

    /// Opens a unidirectional stream for the lane, the first time; messages wait while the peer allows none.
    pub(super) fn open_once(&self, connection: &Connection) {
        self.shared.opening.call_once(|| {
            let (lane, connection) = (self.clone(), connection.clone());
            let mut opening = Box::pin(async move {
                match connection.open_uni().await {
                    Ok(stream) => lane.open(stream),
                    Err(_) => *lane.state() = State::Gone,
                }
            });
            if opening.as_mut().now_or_never().is_none() {
                tokio::spawn(opening);
            }
        });
    }

    /// Sends a message after those before it.
    pub(super) fn send(&self, message: Bytes) -> Result<(), Unsent> {
        let mut state = self.state();
        let (mut waiting, stream) = match mem::replace(&mut *state, State::Gone) {
            State::Ready(stream) => (Waiting::default(), Some(stream)),
            State::Unopened(waiting) | State::Writing(waiting) if waiting.bytes >= MAX_WAITING => {
                return Err(Unsent::Full);
            }
            State::Unopened(mut waiting) => {
                waiting.push(message);
                *state = State::Unopened(waiting);
                return Ok(());
            }
            State::Writing(waiting) => (waiting, None),
            State::Gone => return Err(Unsent::Gone),
        };
        waiting.push(message);
        *state = match stream {
            Some(stream) => self.written(stream, waiting),
            None => State::Writing(waiting),
        };
        if matches!(*state, State::Gone) { Err(Unsent::Gone) } else { Ok(()) }
    }

    /// Waits until the peer has everything, and tells it that there is no more.
    pub(super) async fn finish(&self) {
        loop {
            let settled = self.shared.settled.notified();
            match self.take_stream() {
                Poll::Ready(None) => return,
                Poll::Ready(Some(mut stream)) => {
                    if stream.finish().is_ok() {
                        // Lost or acknowledged: either way there is nothing left to wait for.
                        let _ = stream.stopped().await;
                    }
                    return;
                }
                Poll::Pending => settled.await,
            }
        }
    }

    /// The stream, for good; pending while a task has it.
    fn take_stream(&self) -> Poll<Option<SendStream>> {
        let mut state = self.state();
        match mem::replace(&mut *state, State::Gone) {
            State::Ready(stream) => Poll::Ready(Some(stream)),
            State::Writing(waiting) => {
                *state = State::Writing(waiting);
                Poll::Pending
            }
            State::Unopened(_) | State::Gone => Poll::Ready(None),
        }
    }

    fn start(&self, stream: SendStream, first: Option<Bytes>) {
        let mut state = self.state();
        let State::Unopened(waiting) = &mut *state else { return };
        let mut waiting = mem::take(waiting);
        waiting.pieces.extend(first);
        // The tag goes before what waited.
        waiting.pieces.rotate_right(usize::from(waiting.pieces.len() > 1));
        // An error here shows again at the first write.
        let _ = stream.set_priority(priority(self.channel));
        *state = self.written(stream, waiting);
    }

    /// Writes what the connection takes; the state after it, with a task for the rest.
    fn written(&self, mut stream: SendStream, mut waiting: Waiting) -> State {
        while !waiting.pieces.is_empty() {
            match stream.write_chunks(waiting.pieces.make_contiguous()).now_or_never() {
                Some(Ok(written)) => drop(waiting.pieces.drain(..written.chunks)),
                Some(Err(_)) => return State::Gone,
                None => {
                    waiting.bytes = waiting.pieces.iter().map(Bytes::len).sum();
                    tokio::spawn(self.clone().write_rest(stream));
                    return State::Writing(waiting);
                }
            }
        }
        State::Ready(stream)
    }

    async fn write_rest(self, mut stream: SendStream) {
        while let Some(mut waiting) = self.take_waiting() {
            if stream.write_all_chunks(waiting.pieces.make_contiguous()).await.is_err() {
                *self.state() = State::Gone;
            }
        }
        let mut state = self.state();
        match &*state {
            State::Writing(waiting) if waiting.pieces.is_empty() => *state = State::Ready(stream),
            _ => {}
        }
        drop(state);
        self.shared.settled.notify_waiters();
    }

    /// What the writing task has to write next; `None` when it is done or the stream is gone.
    fn take_waiting(&self) -> Option<Waiting> {
        match &mut *self.state() {
            State::Writing(waiting) if !waiting.pieces.is_empty() => Some(mem::take(waiting)),
            _ => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn push(&mut self, message: Bytes) {
        // A message is bounded by its channel's limit, far below 4 GiB.
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        self.bytes += FRAMING + message.len();
        self.pieces.push_back(Bytes::copy_from_slice(&length.to_le_bytes()));
        self.pieces.push_back(message);
    }
}

/// The sending end of the frame channel.
#[derive(Debug)]
pub(super) struct Frames {
    waiting: Arc<Semaphore>,
    sent: AtomicU32,
    copier: Mutex<Copier>,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(MAX_FRAMES_WAITING)),
            sent: AtomicU32::new(0),
            copier: Mutex::new(Copier::new()),
        }
    }

    /// Sends a frame on a stream of its own; and a copy, where packets are lost.
    pub(super) fn send(&self, connection: &Connection, frame: Bytes) -> Result<(), Unsent> {
        let priority = frame_priority(frame.len(), self.sent.fetch_add(1, Ordering::Relaxed));
        let mut writing = Box::pin(write_frame(connection.clone(), frame.clone(), priority));
        match writing.as_mut().now_or_never() {
            Some(Ok(stream)) => {
                self.copy(connection, stream, frame);
                Ok(())
            }
            Some(Err(_)) => Err(Unsent::Gone),
            None => {
                let place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Unsent::Full)?;
                tokio::spawn(async move {
                    // A lost connection is reported by whatever is received or sent next.
                    let _ = writing.await;
                    drop(place);
                });
                Ok(())
            }
        }
    }

    fn copy(&self, connection: &Connection, stream: u64, frame: Bytes) {
        let now = tokio::time::Instant::now().into_std();
        let mut copier = self.copier.lock().unwrap_or_else(PoisonError::into_inner);
        if copier.wants(now, frame.len(), connection) {
            tokio::spawn(copies::send(connection.clone(), stream, frame));
        }
    }
}

/// The number of the stream.
async fn write_frame(connection: Connection, frame: Bytes, priority: i32) -> Result<u64, WriteError> {
    const TAG: &[u8] = &[tag(Channel::Frame)];
    let mut stream = connection.open_uni().await?;
    stream.set_priority(priority)?;
    stream.write_all_chunks(&mut [Bytes::from_static(TAG), frame]).await?;
    // Fails only for a stream that was finished or reset already.
    let _ = stream.finish();
    Ok(stream.id().index())
}
