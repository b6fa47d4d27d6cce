//! What the host says, and what the officer's side makes of it.

use super::{Absence, Activity, EARLY_BYTES, EARLY_OVERHEAD, Event, State, Ticket, View, Viewer};
use crate::{
    frame::{Picture, Rect, Size},
    record::Happened,
    session::Held,
    wire::{
        Channel, CursorShape, End, FramePart, FromHost, FromOfficer, Hands, Message, PauseReason, Permissions, Return,
        VERSIONS,
    },
};
use std::time::{Duration, Instant};

impl Viewer {
    pub(super) fn handle_control(&mut self, now: Instant, bytes: &[u8]) -> Result<(), End> {
        let message = FromHost::decode(bytes).map_err(|_| End::Misbehaved)?;
        if !self.may_come(&message) {
            return Err(End::Misbehaved);
        }
        match message {
            FromHost::Welcome { version, .. } if !VERSIONS.contains(&version) => Err(End::Incompatible),
            FromHost::Welcome { name, .. } => {
                self.events.push_back(Event::Welcome { name });
                Ok(())
            }
            FromHost::Asking { seconds } => {
                self.events.push_back(Event::Asking { until: now + Duration::from_secs(seconds.into()) });
                Ok(())
            }
            FromHost::Granted { session, permissions, seconds, paused, returns } => {
                let until = now + Duration::from_secs(seconds.into());
                self.granted(session, permissions, until, paused, returns)
            }
            FromHost::Hands(hands) => self.note_hands(hands),
            FromHost::Gone => match self.state {
                State::Resuming(_) => {
                    self.state = State::Waiting;
                    self.ask();
                    Ok(())
                }
                _ => Err(End::Misbehaved),
            },
            FromHost::View { epoch, size, number } => self.begin(epoch, size, number),
            FromHost::Void { epoch, number } => match &mut self.view {
                Some(view) if view.epoch == epoch => {
                    let changed = view.picture.void(number).map_err(|_| End::Misbehaved)?;
                    self.ack_due = true;
                    self.changed(changed);
                    Ok(())
                }
                _ => Ok(()),
            },
            FromHost::Repaints { epoch, number, parts } => match &mut self.view {
                Some(view) if view.epoch == epoch => {
                    view.picture.await_repaints(number, parts).map_err(|_| End::Misbehaved)
                }
                _ => Ok(()),
            },
            FromHost::Ping { made } => {
                self.made = Duration::from_micros(made.into());
                // The host needs to hear from an officer who holds something, and from nobody else.
                if !self.held.is_empty() {
                    self.send(&FromOfficer::Pong);
                }
                Ok(())
            }
            FromHost::CodeShare { share } => self.handle_code_share(&share),
            FromHost::CodeProof { proof } => self.handle_code_proof(&proof),
            FromHost::Opening(opening) => self.opening(now, *opening),
            FromHost::Closing { closing, signature } => self.closing(*closing, signature),
            FromHost::StepUp(news) => self.note_step_up(now, news),
            FromHost::Control(holder) => self.note_holder(holder),
            FromHost::Bye(end) => self.bye(now, end),
        }
    }

    /// The session is over; after what a restart of the user's computer looks like the officer comes back, if the user allows it.
    fn bye(&mut self, now: Instant, end: End) -> Result<(), End> {
        if !self.may_return(end) {
            return Err(end);
        }
        self.cut(now, end);
        Ok(())
    }

    fn note_hands(&mut self, hands: Hands) -> Result<(), End> {
        let State::Live { hands: known, .. } = &mut self.state else { return Err(End::Misbehaved) };
        *known = hands;
        if hands != Hands::Officer {
            // The host has let go of it.
            self.held = Held::new();
        }
        self.tell_standing();
        Ok(())
    }

    /// The officer has left: of what was under way only the farewell is of interest.
    pub(super) fn hear_farewell(&mut self, channel: Channel, bytes: &[u8]) -> Result<(), End> {
        match channel {
            Channel::Control => match FromHost::decode(bytes).map_err(|_| End::OfficerLeft)? {
                FromHost::Closing { closing, signature } => {
                    // What can't be signed is kept as it is.
                    let _ = self.closing(*closing, signature);
                    Err(End::OfficerLeft)
                }
                FromHost::Bye(_) => Err(End::OfficerLeft),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn granted(
        &mut self,
        session: u64,
        permissions: Permissions,
        until: Instant,
        paused: Option<PauseReason>,
        returns: Return,
    ) -> Result<(), End> {
        let (mut ticket, before, happened) = match std::mem::replace(&mut self.state, State::Ended) {
            State::Waiting => {
                let keying = self.keying.clone();
                (Ticket { session, keying, returns }, Activity::Active, None)
            }
            State::Live { ticket, activity, permissions: before, .. } if ticket.session == session => {
                (ticket, activity, (before != permissions).then_some(Happened::Permissions(permissions)))
            }
            // What was shown before the connection was lost goes: from now on it would be taken for live.
            State::Resuming(Absence { ticket, .. }) if ticket.session == session => {
                (ticket, Activity::Active, Some(Happened::Resumed(self.keying.name())))
            }
            _ => return Err(End::Misbehaved),
        };
        ticket.returns = returns;
        let activity = match (paused, before) {
            (Some(reason), _) => Activity::Paused(reason),
            (None, Activity::Active) => Activity::Active,
            (None, Activity::Paused(_) | Activity::Continuing) => Activity::Continuing,
        };
        happened.into_iter().for_each(|what| self.note_fact(what));
        self.state = State::Live { ticket, permissions, until, activity, hands: Hands::Officer };
        if !self.may_control() {
            // The host has let go of it.
            self.held = Held::new();
        }
        self.tell_standing();
        Ok(())
    }

    /// Says how the session that is on stands.
    fn tell_standing(&mut self) {
        let State::Live { permissions, until, activity, hands, .. } = self.state else { return };
        match activity {
            Activity::Active => self.events.push_back(Event::Granted { permissions, until, hands }),
            Activity::Paused(reason) => self.events.push_back(Event::Paused { reason, until }),
            // Said when there is a picture: until then the last one still looks as it did during the pause.
            Activity::Continuing => {}
        }
    }

    fn begin(&mut self, epoch: u32, size: Size, number: u64) -> Result<(), End> {
        if !matches!(self.state, State::Live { .. }) || self.view.as_ref().is_some_and(|view| view.epoch >= epoch) {
            return Err(End::Misbehaved);
        }
        let picture = Picture::new(size, number).map_err(|_| End::Misbehaved)?;
        self.view = Some(View { epoch, picture });
        if let State::Live { activity, .. } = &mut self.state
            && *activity == Activity::Continuing
        {
            *activity = Activity::Active;
            self.tell_standing();
        }
        self.events.push_back(Event::Begins(size));
        self.early_bytes = 0;
        self.ack_due |= !self.early.is_empty();
        for bytes in std::mem::take(&mut self.early) {
            self.apply(&bytes)?;
        }
        Ok(())
    }

    pub(super) fn handle_cursor(&mut self, bytes: &[u8]) -> Result<(), End> {
        let shape = CursorShape::decode(bytes).map_err(|_| End::Misbehaved)?;
        self.received.all += bytes.len() as u64;
        self.ack_due = true;
        self.events.push_back(Event::Cursor(shape));
        Ok(())
    }

    pub(super) fn handle_part(&mut self, bytes: &[u8]) -> Result<(), End> {
        self.received = self.received.with(bytes.len());
        self.meter.count(0, bytes.len() as u64);
        self.ack_due = true;
        self.apply(bytes)
    }

    /// Applies a part to the picture that it belongs to; one of an older picture is dropped, of a coming one kept.
    fn apply(&mut self, bytes: &[u8]) -> Result<(), End> {
        let FramePart { epoch, part } = FramePart::decode(bytes).map_err(|_| End::Misbehaved)?;
        let current = self.view.as_ref().map_or(0, |view| view.epoch);
        match &mut self.view {
            Some(view) if view.epoch == epoch => {
                let changed = view.picture.part(part).map_err(|_| End::Misbehaved)?;
                self.changed(changed);
                Ok(())
            }
            _ if epoch < current => Ok(()),
            _ if self.early_bytes + bytes.len() + EARLY_OVERHEAD > EARLY_BYTES => Err(End::Misbehaved),
            _ => {
                self.early_bytes += bytes.len() + EARLY_OVERHEAD;
                self.early.push_back(bytes.to_vec());
                Ok(())
            }
        }
    }

    fn changed(&mut self, rects: Vec<Rect>) {
        if !rects.is_empty() {
            self.meter.count(1, 0);
            self.events.push_back(Event::Changed(rects));
        }
    }
}
