//! A session without a connection, and the way back to it.

use super::{
    Event, Host, SessionId, Start,
    record::{Pending, Purpose},
    session::{Greeting, State, Suspended},
};
use crate::{
    record::{Entry, Happened, Time},
    session::{GRACE, Keying},
    wire::{End, FromHost, PolicyReason, Refusal},
};
use std::time::Instant;

impl Host {
    /// Whether a session waits for its officer to come back.
    pub fn awaits_return(&self) -> bool {
        self.sessions.values().any(|session| matches!(session.state, State::Suspended(_)))
    }

    /// The connection of a live session is lost: it waits, and both the user and the log of pictures are told.
    pub(super) fn suspend(&mut self, now: Instant, id: SessionId) {
        self.detach(now, id);
        self.announce(now, id);
    }

    /// Takes a live session off its connection, and from it all that needs one: what it holds comes up, control is free
    /// for others, and nothing is captured for it.
    fn detach(&mut self, now: Instant, id: SessionId) {
        self.release_control(id);
        self.leave_question(now, id);
        self.withdraw_more(id, End::LinkLost, Refusal::Changed);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let State::Live(live) = &session.state else { return };
        let granted = live.granted;
        session.state = State::Suspended(Suspended { granted, patience: now + GRACE });
        self.leave_log(id, granted.display);
        self.hang_up(id);
        self.record(Some(id), Entry::Suspended, Purpose::Fact(id, Happened::Suspended));
    }

    /// Has the connection of a session closed, if it has one.
    pub(super) fn hang_up(&mut self, id: SessionId) {
        if let Some(connection) = self.connection(id) {
            self.connections.remove(&connection);
            self.events.push_back(Event::Disconnect(connection));
        }
    }

    /// An officer who has connected anew wants to go on with the session `older`. With a proof, it takes this connection
    /// in the place of the one it had; without one nothing becomes of it, and the officer may ask for a new one.
    pub(super) fn handle_resume(
        &mut self,
        now: Instant,
        id: SessionId,
        older: SessionId,
        proof: &[u8; Keying::BYTES],
    ) -> Result<(), End> {
        let Some(newcomer) = self.sessions.get(&id) else { return Ok(()) };
        let enrolment = newcomer.enrolment(now);
        let is_enrolled = enrolment.is_some();
        if self.is_owner(id, older, proof) {
            // What the records said when this connection came holds for the whole session.
            self.enrolled(now, older, enrolment);
            if self.record_return(now, id, older)? {
                return Ok(());
            }
        }
        // Who has a certificate may ask with it.
        if !is_enrolled && self.trust.organisations.is_empty() {
            return Err(End::Policy(PolicyReason::NotEnrolled));
        }
        self.turn_away(id);
        Ok(())
    }

    /// Lets who can't go on with a session ask for a new one.
    fn turn_away(&mut self, id: SessionId) {
        if let Some(newcomer) = self.sessions.get_mut(&id) {
            newcomer.state = State::Hello(Greeting::NotResumed);
        }
        self.events.extend(self.connection(id).map(Event::NotResumed));
        self.send(id, &FromHost::Gone);
    }

    /// Whether the officer of `id` has begun the granted session `older`. A stranger does not learn whether there is one.
    fn is_owner(&self, id: SessionId, older: SessionId, proof: &[u8; Keying::BYTES]) -> bool {
        let (Some(newcomer), Some(session)) = (self.sessions.get(&id), self.sessions.get(&older)) else { return false };
        session.granted().is_some()
            && session.officer.key == newcomer.officer.key
            && session.keying.is_proven(older.0, &newcomer.keying, proof)
    }

    /// Has the return of an officer recorded, and lets go of the connection before; whether there is a session to return to.
    fn record_return(&mut self, now: Instant, id: SessionId, older: SessionId) -> Result<bool, End> {
        self.check_log()?;
        self.detach(now, older);
        let Some(State::Suspended(waiting)) = self.sessions.get(&older).map(|session| &session.state) else {
            return Ok(false);
        };
        if now >= waiting.until() {
            self.end(older, End::LinkLost);
            return Ok(false);
        }
        let Some(newcomer) = self.sessions.get_mut(&id) else { return Ok(false) };
        newcomer.state = State::Recording(Pending::Resume);
        self.record(Some(older), Entry::Resumed, Purpose::Return { newcomer: id, older });
        Ok(true)
    }

    /// The return is recorded: the officer is back, unless the session has ended meanwhile.
    pub(super) fn complete_return(&mut self, now: Instant, time: Time, id: SessionId, older: SessionId) {
        let Some(name) = self.sessions.get(&id).map(|newcomer| newcomer.keying.name()) else {
            // Gone again. The connection before has been let go of, and nobody was told of that yet.
            return self.announce(now, older);
        };
        if self.resume(now, id, older).is_none() {
            return self.turn_away(id);
        }
        self.note_fact(older, time, Happened::Resumed(name));
    }

    /// Gives the connection of `id`, which is no session of its own any more, to the session `older`. `None` if that has
    /// ended.
    fn resume(&mut self, now: Instant, id: SessionId, older: SessionId) -> Option<()> {
        let granted = *self.sessions.get(&older)?.granted()?;
        let connection = self.connection(id)?;
        let newcomer = self.sessions.remove(&id)?;
        self.connections.insert(connection, older);
        let session = self.sessions.get_mut(&older)?;
        (session.films, session.heard) = (newcomer.films, now);
        self.attach(now, older, granted, Start::Resumed);
        Some(())
    }
}
