//! The numbered log of one picture, and what each officer who sees it still lacks.

use super::{Display, Event, Host, SessionId, session::Session};
use crate::{
    frame::{Rect, Region, WINDOW},
    session::{Pacer, Transmit},
    wire::{Channel, End, FromHost},
};
use std::{collections::BTreeMap, sync::Arc};

/// The most pixels in one repaint: a quarter of a 1080p screen, so that a thin link is never filled by one.
const REPAINT_PIXELS: u64 = 1 << 19;

/// One picture. Every update is coded once; each follower gets it, or gets its number voided and is repainted later.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The last shape of the cursor over it, as it travels.
    cursor: Option<Arc<[u8]>>,
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
    /// What is being coded of it.
    repainting: Option<Region>,
    /// The newest update that the officer's reference is known to hold.
    reached: u64,
    /// The newest update that has been sent or voided; voids wait while they would be too far ahead of `reached`.
    told: u64,
    /// Whether the cursor has a shape that has not been sent.
    cursor_due: bool,
}

impl Log {
    /// Starts a new picture: everybody lacks all of it.
    pub(super) fn begin(&mut self, epoch: u32, area: Rect, number: u64) {
        let begun = Begun { epoch, area, number };
        self.begun = Some(begun);
        self.capturing = false;
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

    /// Who sees it.
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

    /// Who is to get update `number`; the others lack `region` from now on.
    pub(super) fn update(&mut self, number: u64, region: &Region, bytes: u64) -> Vec<SessionId> {
        self.capturing = false;
        let Some(begun) = &mut self.begun else { return Vec::new() };
        begun.number = number;
        let mut takers = Vec::new();
        for (&id, follower) in &mut self.followers {
            if follower.told + 1 == number && follower.can_take(number) {
                follower.told = number;
                follower.pacer.on_sent(bytes);
                takers.push(id);
            } else {
                follower.behind.add_region(region);
            }
        }
        takers
    }

    /// Whether a follower is to get the repaint that was coded; if not, the follower lacks it still.
    pub(super) fn repaint(&mut self, id: SessionId, bytes: u64) -> bool {
        let (Some(begun), Some(follower)) = (self.begun, self.followers.get_mut(&id)) else { return false };
        let Some(region) = follower.repainting.take() else { return false };
        let fits = begun.number <= follower.limit();
        if fits {
            follower.pacer.on_sent(bytes);
        } else {
            follower.behind.add_region(&region);
        }
        fits
    }

    /// Takes note of an acknowledgement; `false` when it claims more than was sent.
    fn acknowledge(&mut self, id: SessionId, bytes: u64, epoch: u32, number: u64) -> bool {
        let current = epoch == self.epoch();
        let Some(follower) = self.followers.get_mut(&id) else { return true };
        if current && number > follower.told {
            return false;
        }
        if current {
            follower.reached = follower.reached.max(number);
        }
        follower.pacer.on_acknowledged(bytes)
    }

    /// Whether anybody can take another update and none is being captured; if so, one is from now on.
    fn wants_capture(&mut self) -> bool {
        let Some(Begun { number, .. }) = self.begun else { return false };
        let wanted = !self.capturing && self.followers.values().any(|follower| follower.can_take(number + 1));
        self.capturing |= wanted;
        wanted
    }

    /// The repaints that can be made now.
    fn wanted_repaints(&mut self) -> Vec<(SessionId, Region)> {
        let Some(Begun { number, .. }) = self.begun else { return Vec::new() };
        self.followers.iter_mut().filter_map(|(&id, follower)| Some((id, follower.next_repaint(number)?))).collect()
    }

    /// The updates that are void for somebody and can be told so now.
    fn due_voids(&mut self) -> Vec<(SessionId, u64)> {
        let Some(Begun { number, .. }) = self.begun else { return Vec::new() };
        let mut voids = Vec::new();
        for (&id, follower) in &mut self.followers {
            let last = number.min(follower.limit());
            voids.extend((follower.told + 1..=last).map(|number| (id, number)));
            follower.told = follower.told.max(last);
        }
        voids
    }

    /// Who is to get the cursor's shape now, and its bytes.
    fn due_cursors(&mut self) -> Vec<(SessionId, Arc<[u8]>)> {
        let Some(shape) = &self.cursor else { return Vec::new() };
        let ready = self.followers.iter_mut().filter(|(_, follower)| follower.cursor_due && follower.pacer.has_room());
        let send = |(&id, follower): (&SessionId, &mut Follower)| {
            follower.cursor_due = false;
            follower.pacer.on_sent_aside(shape.len() as u64);
            (id, Arc::clone(shape))
        };
        ready.map(send).collect()
    }
}

impl Follower {
    fn restart(&mut self, begun: Begun) {
        self.behind = begun.area.size().rect().into();
        self.repainting = None;
        (self.reached, self.told) = (begun.number, begun.number);
    }

    /// The newest update that may be sent or voided: beyond it the viewer would not wait for what is missing.
    const fn limit(&self) -> u64 {
        self.reached.saturating_add(WINDOW)
    }

    fn can_take(&self, number: u64) -> bool {
        self.pacer.is_ready() && number <= self.limit()
    }

    fn next_repaint(&mut self, number: u64) -> Option<Region> {
        if self.repainting.is_some() || self.behind.is_empty() || !self.can_take(number) {
            return None;
        }
        let region = self.behind.take(REPAINT_PIXELS);
        self.repainting = Some(region.clone());
        Some(region)
    }
}

impl Host {
    /// An officer begins to see a display; the first one opens it.
    pub(super) fn join_log(&mut self, id: SessionId, display: Display) {
        let log = self.logs.entry(display).or_insert_with(|| {
            self.events.push_back(Event::Open(display));
            Log::default()
        });
        let mut follower = Follower { cursor_due: log.cursor.is_some(), ..Follower::default() };
        if let Some(begun) = log.begun {
            follower.restart(begun);
        }
        log.followers.insert(id, follower);
        self.show_picture(display, id);
        self.serve(display);
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

    /// Tells an officer of the picture that has begun, if one has.
    pub(super) fn show_picture(&mut self, display: Display, id: SessionId) {
        let Some(Begun { epoch, area, number }) = self.logs.get(&display).and_then(|log| log.begun) else { return };
        self.send(id, &FromHost::View { epoch, size: area.size(), number });
    }

    pub(super) fn handle_ack(&mut self, id: SessionId, bytes: u64, epoch: u32, number: u64) -> Result<(), End> {
        let Some(display) = self.sessions.get(&id).and_then(Session::live).map(|live| live.display) else {
            return Ok(());
        };
        if !self.logs.get_mut(&display).is_none_or(|log| log.acknowledge(id, bytes, epoch, number)) {
            return Err(End::Misbehaved);
        }
        self.serve(display);
        Ok(())
    }

    /// Does what can be done now: tells what is void, sends the cursor, and asks for repaints and for the next update.
    pub(super) fn serve(&mut self, display: Display) {
        let Some(log) = self.logs.get_mut(&display) else { return };
        let (epoch, voids, cursors) = (log.epoch(), log.due_voids(), log.due_cursors());
        for (id, region) in log.wanted_repaints() {
            self.events.push_back(Event::Repaint { display, epoch, session: id, region });
        }
        if log.wants_capture() {
            self.events.push_back(Event::Capture(display));
        }
        for (id, number) in voids {
            self.send(id, &FromHost::Void { epoch, number });
        }
        for (id, bytes) in cursors {
            self.transmits.push_back((id, Transmit { channel: Channel::Cursor, bytes }));
        }
    }

    pub(super) fn send_frames(&mut self, id: SessionId, streams: &[Arc<[u8]>]) {
        let transmits =
            streams.iter().map(|bytes| (id, Transmit { channel: Channel::Frame, bytes: Arc::clone(bytes) }));
        self.transmits.extend(transmits);
    }
}

/// The bytes of frame streams, all together.
pub(super) fn length(streams: &[Arc<[u8]>]) -> u64 {
    streams.iter().map(|stream| stream.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repaint_that_comes_too_late_is_owed_still() {
        let (id, area) = (SessionId(1), Rect::new(0, 0, 64, 48));
        let mut log = Log::default();
        log.followers.insert(id, Follower::default());
        log.begin(1, area, 0);
        assert_eq!(log.wanted_repaints(), [(id, Region::from(area))]);
        for number in 1..=WINDOW + 1 {
            log.update(number, &Region::new(), 1);
        }
        assert!(!log.repaint(id, 1), "the viewer does not wait for it yet");
        assert_eq!(log.due_voids().last(), Some(&(id, WINDOW)));
        assert!(log.acknowledge(id, Pacer::UPDATES as u64, 1, WINDOW));
        assert_eq!(log.wanted_repaints(), [(id, Region::from(area))]);
    }
}
