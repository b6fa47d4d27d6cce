//! The numbered log of one picture, and what each officer who sees it still lacks.

use super::{Display, Event, Host, SessionId};
use crate::{
    frame::{Rect, Region},
    session::{Pacer, Transmit},
    wire::{Channel, CursorShape, End, FromHost, Message},
};
use std::{collections::BTreeMap, sync::Arc};

/// The most pixels in one repaint: a quarter of a 1080p screen, so that a thin link is never filled by one.
const REPAINT_PIXELS: u64 = 1 << 19;

/// One picture. Every update is coded once; each follower gets it, or gets its number voided and is repainted later.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The last shape of the cursor over it.
    pub(super) cursor: Option<CursorShape>,
    begun: Option<Begun>,
    followers: BTreeMap<SessionId, Follower>,
    capturing: bool,
}

/// A picture whose size is known.
#[derive(Clone, Copy, Debug)]
struct Begun {
    epoch: u32,
    area: Rect,
    number: u64,
}

/// What one officer has been sent, and what that officer lacks.
#[derive(Debug, Default)]
struct Follower {
    pacer: Pacer,
    /// Where the officer's picture differs from the host's: to be repainted from the current picture.
    behind: Region,
    /// Whether a repaint is being coded.
    repainting: bool,
}

/// What one officer gets of an update.
#[derive(Debug)]
pub(super) enum Delivery {
    /// These frame streams.
    Streams(Vec<Arc<[u8]>>),
    /// Nothing: the number is void.
    Void { epoch: u32, number: u64 },
}

impl Log {
    /// Starts a new picture: everybody lacks all of it.
    pub(super) fn begin(&mut self, epoch: u32, area: Rect, number: u64) {
        self.begun = Some(Begun { epoch, area, number });
        self.capturing = false;
        for follower in self.followers.values_mut() {
            follower.restart(area);
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

    /// Who sees it.
    pub(super) fn followers(&self) -> Vec<SessionId> {
        self.followers.keys().copied().collect()
    }

    /// What each follower gets of update `number`.
    pub(super) fn update(&mut self, number: u64, region: &Region, streams: &[Arc<[u8]>]) -> Vec<(SessionId, Delivery)> {
        self.capturing = false;
        let Some(begun) = &mut self.begun else { return Vec::new() };
        begun.number = number;
        let epoch = begun.epoch;
        let deliver = |(&id, follower): (&SessionId, &mut Follower)| {
            if follower.pacer.is_ready() {
                (id, Delivery::Streams(follower.send(streams)))
            } else {
                follower.behind.add_region(region);
                (id, Delivery::Void { epoch, number })
            }
        };
        self.followers.iter_mut().map(deliver).collect()
    }

    /// What a follower gets of a repaint.
    pub(super) fn repaint(&mut self, id: SessionId, streams: &[Arc<[u8]>]) -> Option<Delivery> {
        let follower = self.followers.get_mut(&id)?;
        follower.repainting = false;
        Some(Delivery::Streams(follower.send(streams)))
    }

    /// Whether anybody can take another update and none is being captured; if so, one is from now on.
    fn wants_capture(&mut self) -> bool {
        let wanted = self.begun.is_some() && !self.capturing && self.followers.values().any(|f| f.pacer.is_ready());
        self.capturing |= wanted;
        wanted
    }

    /// The repaints that can be made now.
    fn wanted_repaints(&mut self) -> Vec<(SessionId, Region)> {
        if self.begun.is_none() {
            return Vec::new();
        }
        self.followers.iter_mut().filter_map(|(&id, follower)| Some((id, follower.next_repaint()?))).collect()
    }
}

impl Follower {
    fn restart(&mut self, area: Rect) {
        self.behind = Region::new();
        self.behind.add(area.size().rect());
        self.repainting = false;
    }

    /// Takes note of what is sent.
    fn send(&mut self, streams: &[Arc<[u8]>]) -> Vec<Arc<[u8]>> {
        self.pacer.on_sent(streams.iter().map(|stream| stream.len() as u64).sum());
        streams.to_vec()
    }

    fn next_repaint(&mut self) -> Option<Region> {
        if self.repainting || self.behind.is_empty() || !self.pacer.is_ready() {
            return None;
        }
        self.repainting = true;
        Some(self.behind.take(REPAINT_PIXELS))
    }
}

impl Host {
    /// An officer begins to see a display; the first one opens it.
    pub(super) fn join_log(&mut self, id: SessionId, display: Display) {
        let log = self.logs.entry(display).or_insert_with(|| {
            self.events.push_back(Event::Open(display));
            Log::default()
        });
        let mut follower = Follower::default();
        if let Some(area) = log.area() {
            follower.restart(area);
        }
        log.followers.insert(id, follower);
        if log.begun.is_some() {
            self.show_picture(display, id);
            self.serve(display);
        }
    }

    /// An officer sees a display no more; the last one closes it.
    pub(super) fn leave_log(&mut self, id: SessionId, display: Display) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        log.followers.remove(&id);
        if log.followers.is_empty() {
            self.logs.remove(&display);
            self.events.push_back(Event::Close(display));
        }
    }

    /// Tells an officer of the picture as it is: its size, and the cursor's shape.
    pub(super) fn show_picture(&mut self, display: Display, id: SessionId) {
        let Some(log) = self.logs.get(&display) else { return };
        let Some(Begun { epoch, area, number }) = log.begun else { return };
        let cursor = log.cursor.as_ref().map(|shape| shape.encode().into());
        self.send(id, &FromHost::View { epoch, size: area.size(), number });
        if let Some(bytes) = cursor {
            self.transmits.push_back((id, Transmit { channel: Channel::Cursor, bytes }));
        }
    }

    pub(super) fn deliver(&mut self, id: SessionId, delivery: Delivery) {
        match delivery {
            Delivery::Streams(streams) => {
                let transmits = streams.into_iter().map(|bytes| (id, Transmit { channel: Channel::Frame, bytes }));
                self.transmits.extend(transmits);
            }
            Delivery::Void { epoch, number } => self.send(id, &FromHost::Void { epoch, number }),
        }
    }

    pub(super) fn handle_ack(&mut self, display: Display, id: SessionId, bytes: u64) -> Result<(), End> {
        let Some(follower) = self.logs.get_mut(&display).and_then(|log| log.followers.get_mut(&id)) else {
            return Ok(());
        };
        if !follower.pacer.on_acknowledged(bytes) {
            return Err(End::Misbehaved);
        }
        self.serve(display);
        Ok(())
    }

    /// Asks for what can be coded now: the next update, and repaints of what officers lack.
    pub(super) fn serve(&mut self, display: Display) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        for (id, region) in log.wanted_repaints() {
            self.events.push_back(Event::Repaint(display, id, region));
        }
        if log.wants_capture() {
            self.events.push_back(Event::Capture(display));
        }
    }
}
