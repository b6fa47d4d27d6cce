//! Officers whom the records don't have: the code that is on offer, and who has proven it.

use super::{ConnectionId, Event, Host, SessionId, session::State};
use crate::{
    session::{
        admission::Introduced,
        contact::{Backoff, Challenge, Code, Ends, Offer, Source},
    },
    wire::{CodeFault, End, FromHost},
};
use std::time::{Duration, Instant};

/// Why a code is worth nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeEnd {
    /// Somebody has proven it. Whether they come in, the user decides.
    Used,
    /// It was tried wrongly as often as it may be.
    Guessed,
    /// Its time is over.
    Expired,
}

/// The code on offer, if there is one, and what has been tried so far.
#[derive(Debug, Default)]
pub(super) struct Contact {
    offer: Option<Offer>,
    /// Counts the offers, so that an exchange about one can't go on about the next.
    serial: u64,
    backoff: Backoff,
}

/// What has come of a code over one connection.
#[derive(Debug, Default)]
pub(super) struct Introduction {
    source: Source,
    progress: Progress,
}

#[derive(Debug, Default)]
enum Progress {
    /// None was tried.
    #[default]
    None,
    /// The officer has to prove it.
    UnderWay { serial: u64, challenge: Challenge },
    /// The officer has proven it.
    Proven,
}

impl Introduction {
    /// Whether the officer has to prove a code before anything else.
    pub(super) const fn is_under_way(&self) -> bool {
        matches!(self.progress, Progress::UnderWay { .. })
    }

    /// Whether an officer whom the records don't have may ask.
    pub(super) const fn introduced(&self) -> Introduced {
        match self.progress {
            Progress::Proven => Introduced::ByCode,
            Progress::None | Progress::UnderWay { .. } => Introduced::No,
        }
    }
}

impl Host {
    /// Offers a code, which the user is shown from now on, in the place of the one before. `seed` is 32 random bytes.
    pub fn offer_code(&mut self, now: Instant, code: Code, seed: [u8; 32]) {
        self.contact.serial += 1;
        self.contact.offer = Some(Offer::new(now, code, seed));
    }

    /// Takes the code back: nobody can use it from now on.
    pub fn withdraw_code(&mut self) {
        self.contact.offer = None;
    }

    /// Whether there is a code on offer.
    pub const fn has_code(&self) -> bool {
        self.contact.offer.is_some()
    }

    /// Whether the user is being asked, or an officer's session is on.
    pub fn is_busy(&self) -> bool {
        self.sessions.values().any(|session| !matches!(session.state, State::Hello(_)))
    }

    /// Tells where a connection comes from, for which codes can't be tried as fast as one likes. Connections of which that
    /// is not told count as one source.
    pub fn set_source(&mut self, connection: ConnectionId, source: Source) {
        if let Some(session) = self.session(connection).and_then(|id| self.sessions.get_mut(&id)) {
            session.introduction.source = source;
        }
    }

    /// When the code on offer ends by itself.
    pub(super) fn code_until(&self) -> Option<Instant> {
        self.contact.offer.as_ref().map(Offer::until)
    }

    pub(super) fn expire_code(&mut self, now: Instant) {
        if self.contact.offer.take_if(|offer| now >= offer.until()).is_some() {
            self.events.push_back(Event::CodeOver(CodeEnd::Expired));
        }
    }

    /// An officer wants to prove a code. Once for each connection.
    pub(super) fn handle_code_share(&mut self, now: Instant, id: SessionId, share: &[u8; 32]) -> Result<(), End> {
        self.expire_code(now);
        let host = self.key();
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        let Contact { offer, serial, backoff } = &mut self.contact;
        let introduction = &mut session.introduction;
        if !matches!(introduction.progress, Progress::None) {
            return Err(End::Misbehaved);
        }
        if let Some(wait) = backoff.wait(now, introduction.source) {
            return Err(End::Code(CodeFault::Wait { seconds: rounded_up(wait) }));
        }
        let offer = offer.as_mut().filter(|offer| !offer.is_spent()).ok_or(End::Code(CodeFault::None))?;
        let ends = Ends { officer: session.officer.key, host, keying: session.keying.clone() };
        let (challenge, share) = offer.answer(&ends, share).ok_or(End::Misbehaved)?;
        backoff.attempt(now, introduction.source);
        introduction.progress = Progress::UnderWay { serial: *serial, challenge };
        self.send(id, &FromHost::CodeShare { share });
        Ok(())
    }

    /// An officer proves a code. The host confirms it to nobody else, and to one officer only.
    pub(super) fn handle_code_proof(&mut self, id: SessionId, proof: &[u8; 32]) -> Result<(), End> {
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        let introduction = &mut session.introduction;
        let Progress::UnderWay { serial, challenge } = std::mem::take(&mut introduction.progress) else {
            return Err(End::Misbehaved);
        };
        let Contact { offer, serial: current, backoff } = &mut self.contact;
        if offer.is_none() || serial != *current {
            return Err(End::Code(CodeFault::None));
        }
        let proof = challenge.confirm(proof).ok_or(End::Code(CodeFault::Wrong))?;
        *offer = None;
        backoff.succeeded(introduction.source);
        introduction.progress = Progress::Proven;
        self.events.push_back(Event::CodeOver(CodeEnd::Used));
        self.send(id, &FromHost::CodeProof { proof });
        Ok(())
    }

    /// A code that has been tried often enough is over with the last who may still prove it.
    pub(super) fn forget_spent_code(&mut self) {
        let under_way = self.sessions.values().any(|session| session.introduction.is_under_way());
        if !under_way && self.contact.offer.take_if(|offer| offer.is_spent()).is_some() {
            self.events.push_back(Event::CodeOver(CodeEnd::Guessed));
        }
    }
}

/// Whole seconds for the wire, none of them too few.
fn rounded_up(wait: Duration) -> u16 {
    u16::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u16::MAX)
}
