//! A live session: its input, gated by the control permission and the one control token, and what the user is told.

use super::{
    Event, Host, Notice, SessionId, Task,
    log::Log,
    session::{Granted, Session, State, seconds},
};
use crate::{
    session::{Injection, admission::Grant},
    wire::{End, FromHost, Hands, Message, Permission, PointerMove, Stroke},
};
use std::time::Instant;

impl Host {
    /// Gives the control token to a session that may have it, if it is free; otherwise the session may only watch.
    pub(super) fn take_control(&mut self, id: SessionId) {
        let Some(live) = self.sessions.get(&id).and_then(Session::live) else { return };
        let permissions = live.granted.grant.permissions;
        if !permissions.has(Permission::Control) {
            return;
        }
        match self.control {
            None => self.control = Some(id),
            Some(_) => self.set_permissions(id, permissions.without(Permission::Control)),
        }
    }

    /// Takes the token from a session, if it has it; everything it holds is released first.
    pub(super) fn release_control(&mut self, id: SessionId) {
        self.release_held(id);
        if self.control == Some(id) {
            self.control = None;
            self.tell_holder();
        }
    }

    /// Releases every key and button that a session holds.
    pub(super) fn release_held(&mut self, id: SessionId) {
        let Some(live) = self.sessions.get_mut(&id).and_then(Session::live_mut) else { return };
        self.events.extend(live.controls.release_all().into_iter().map(Event::Inject));
    }

    /// Tells both sides how a granted session stands now.
    pub(super) fn announce(&mut self, now: Instant, id: SessionId) {
        self.keep_return(id);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let officer = session.who();
        match &session.state {
            State::Live(live) => {
                let Granted { grant, ceiling, until, pause, extras, .. } = live.granted;
                let Grant { permissions, ground, returns, .. } = grant;
                let paused = pause.reason();
                session.allowed = session.allowed.either(permissions);
                let left = seconds(until.saturating_duration_since(now));
                // The user may switch off what was added, too.
                let (extra, ceiling) = (extras.notice(), ceiling.either(extras.permissions()));
                let notice = Notice { officer, permissions, ceiling, paused, until, ground, extra };
                self.events.push_back(Event::Live(id, notice));
                self.send(id, &FromHost::Granted { session: id.0, permissions, seconds: left, paused, returns });
                let hands = self.whose_hands();
                if self.control == Some(id) && hands != Hands::Officer {
                    self.send(id, &FromHost::Hands(hands));
                }
            }
            State::Suspended(suspended) => {
                self.events.push_back(Event::Suspended { session: id, officer, until: suspended.until() });
            }
            State::Hello(_) | State::AwaitConsent(_) | State::Recording(_) => {}
        }
    }

    pub(super) fn handle_stroke(&mut self, id: SessionId, bytes: &[u8]) -> Result<(), End> {
        let stroke = Stroke::decode(bytes).map_err(|_| End::Misbehaved)?;
        self.inject(id, |session, log| {
            session.tally.strokes += 1;
            session.live_mut()?.controls.stroke(log.area()?, &log.reach, stroke)
        });
        Ok(())
    }

    pub(super) fn handle_pointer(&mut self, id: SessionId, bytes: &[u8]) -> Result<(), End> {
        let moved = PointerMove::decode(bytes).map_err(|_| End::Misbehaved)?;
        self.inject(id, |session, log| {
            session.tally.moves += 1;
            session.live_mut()?.controls.pointer(log.area()?, moved)
        });
        Ok(())
    }

    /// The one place where input becomes an injection. Input without the permission (it may have been on its way when
    /// the permission was taken), without the token, during a pause, while the user's own hands are at work or the user is
    /// being asked anything, or before there is a picture to point into, does nothing.
    fn inject(&mut self, id: SessionId, make: impl FnOnce(&mut Session, &Log) -> Option<Injection>) {
        let hands = self.whose_hands();
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let Some(live) = session.live() else { return };
        let granted = &live.granted;
        if self.control != Some(id) || !granted.grant.permissions.has(Permission::Control) {
            return;
        }
        if !granted.pause.is_off() || hands != Hands::Officer {
            return;
        }
        let display = granted.display;
        let Some(log) = self.logs.get(&display) else { return };
        let shut = log.reach.shuts_keyboard();
        match make(session, log) {
            Some(injection) => self.events.push_back(Event::Inject(injection)),
            None if shut => self.events.push_back(Event::Task(display, Task::Look)),
            None => {}
        }
    }
}
