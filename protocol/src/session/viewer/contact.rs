//! First contact from the officer's side: nothing is asked of a host before it has proven that it has the officer's code.

use super::{Papers, State, Viewer};
use crate::{
    session::contact::{Code, Ends, Expected, Opening},
    wire::{CodeFault, End, FromHost, FromOfficer, Request},
};
use std::time::Instant;

/// How far that is.
#[derive(Debug)]
pub(super) enum Introducing {
    /// The host has to answer this share.
    Opened(Opening),
    /// The host has to prove the code.
    Answered(Expected),
}

impl Viewer {
    /// Asks for a session over a new connection between `ends` with a host that may not know this officer, nor be known:
    /// proves the user's code first. `seed` is 32 random bytes.
    pub fn introduced(now: Instant, request: Request, code: &Code, ends: Ends, seed: [u8; 32], papers: Papers) -> Self {
        let keying = ends.keying.clone();
        let (opening, share) = Opening::new(code, ends, seed);
        let state = State::Introducing(Introducing::Opened(opening));
        let mut viewer = Self::meet(now, request, keying, state, papers);
        viewer.send(&FromOfficer::CodeShare { share });
        viewer
    }

    /// Whether the host may say that now: one that has proven nothing yet can't do more than prove it, or go.
    pub(super) const fn may_come(&self, message: &FromHost) -> bool {
        let introduces = matches!(message, FromHost::CodeShare { .. } | FromHost::CodeProof { .. });
        match self.state {
            State::Introducing(_) => introduces || matches!(message, FromHost::Welcome { .. } | FromHost::Bye(_)),
            _ => !introduces,
        }
    }

    pub(super) fn handle_code_share(&mut self, share: &[u8; 32]) -> Result<(), End> {
        let State::Introducing(Introducing::Opened(opening)) = std::mem::replace(&mut self.state, State::Ended) else {
            return Err(End::Misbehaved);
        };
        let (proof, expected) = opening.answer(share).ok_or(End::Misbehaved)?;
        self.state = State::Introducing(Introducing::Answered(expected));
        self.send(&FromOfficer::CodeProof { proof });
        Ok(())
    }

    pub(super) fn handle_code_proof(&mut self, proof: &[u8; 32]) -> Result<(), End> {
        let State::Introducing(Introducing::Answered(expected)) = std::mem::replace(&mut self.state, State::Ended)
        else {
            return Err(End::Misbehaved);
        };
        if !expected.is(proof) {
            return Err(End::Code(CodeFault::Wrong));
        }
        self.state = State::Waiting;
        self.ask();
        Ok(())
    }
}
