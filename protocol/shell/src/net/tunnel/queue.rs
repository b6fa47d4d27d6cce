//! The packets that wait to be written: few, so that what is urgent never waits long behind what is not.

use super::framing::{MAX_PACKET, frame};
use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::sync::Notify;

/// From here on QUIC must wait, in bytes: eight of the longest packets. While they wait for TCP it can still decide what
/// comes next, by priority.
const FULL: usize = 8 * MAX_PACKET;

/// A queue between the connections of a QUIC endpoint and the task that writes for them.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug)]
struct Waiting {
    /// Packets, framed.
    bytes: Vec<u8>,
    senders: Vec<Waker>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// No more packets come.
    Closed,
    /// Packets are no longer written.
    Broken,
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Queue {
    pub(super) fn new() -> Self {
        let waiting = Waiting { bytes: Vec::new(), senders: Vec::new(), state: State::Open };
        Self { waiting: Mutex::new(waiting), changed: Notify::new() }
    }

    /// Adds packets, all or none. When nobody writes any more they are lost, as on a network.
    pub(super) fn push<'a>(&self, packets: impl Iterator<Item = &'a [u8]>) -> Result<(), Full> {
        let mut waiting = self.lock();
        match waiting.state {
            State::Open if waiting.bytes.len() >= FULL => return Err(Full),
            State::Open => packets.for_each(|packet| frame(packet, &mut waiting.bytes)),
            State::Closed | State::Broken => {}
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Ready when there is room for a packet.
    pub(super) fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        let mut waiting = self.lock();
        if waiting.state != State::Open || waiting.bytes.len() < FULL {
            return Poll::Ready(());
        }
        if !waiting.senders.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.senders.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// Waits for packets and swaps all of them for the empty `batch`; `false` when there are none and none will come.
    pub(super) async fn next(&self, batch: &mut Vec<u8>) -> bool {
        loop {
            {
                let mut waiting = self.lock();
                if !waiting.bytes.is_empty() {
                    mem::swap(batch, &mut waiting.bytes);
                    waiting.senders.drain(..).for_each(Waker::wake);
                    return true;
                }
                if waiting.state != State::Open {
                    return false;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Ends it on the side of the connections: what is in it is still written.
    pub(super) fn close(&self) {
        self.end(State::Closed);
    }

    /// Ends it on the side of the network: what is in it is lost.
    pub(super) fn break_off(&self) {
        self.end(State::Broken);
    }

    fn end(&self, state: State) {
        let mut waiting = self.lock();
        waiting.state = state;
        waiting.senders.drain(..).for_each(Waker::wake);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
