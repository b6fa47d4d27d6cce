//! A session without a connection, and the way back to it.

use super::{
    Event, Host, SessionId, Start,
    session::{Greeting, State, Suspended},
};
use crate::{
    session::{GRACE, Keying},
    wire::{End, FromHost, PolicyReason},
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
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let State::Live(live) = &session.state else { return };
        let granted = live.granted;
        session.state = State::Suspended(Suspended { granted, patience: now + GRACE });
        self.leave_log(id, granted.display);
        self.hang_up(id);
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
            if self.resume(now, id, older).is_some() {
                return Ok(());
            }
        }
        if !is_enrolled {
            return Err(End::Policy(PolicyReason::NotEnrolled));
        }
        if let Some(newcomer) = self.sessions.get_mut(&id) {
            newcomer.state = State::Hello(Greeting::NotResumed);
        }
        self.events.extend(self.connection(id).map(Event::NotResumed));
        self.send(id, &FromHost::Gone);
        Ok(())
    }

    /// Whether the officer of `id` has begun the granted session `older`. A stranger does not learn whether there is one.
    fn is_owner(&self, id: SessionId, older: SessionId, proof: &[u8; Keying::BYTES]) -> bool {
        let (Some(newcomer), Some(session)) = (self.sessions.get(&id), self.sessions.get(&older)) else { return false };
        session.granted().is_some()
            && session.officer.key == newcomer.officer.key
            && session.keying.is_proven(older.0, &newcomer.keying, proof)
    }

    /// Gives the connection of `id`, which is no session of its own any more, to the session `older`. `None` if that has
    /// ended.
    fn resume(&mut self, now: Instant, id: SessionId, older: SessionId) -> Option<()> {
        self.detach(now, older);
        if matches!(&self.sessions.get(&older)?.state, State::Suspended(waiting) if now >= waiting.until()) {
            self.end(older, End::LinkLost);
        }
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
