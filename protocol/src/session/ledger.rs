//! What a session's receipt will say: collected on both sides while the session lasts.

use crate::{
    record::{Closed, Closing, Digest, Fact, Happened, MAX_FACTS, Offer, Opening, Receipt, Signature, Statement, Time},
    wire::End,
};

/// What is known by now of what a receipt will say.
#[derive(Debug)]
pub(super) struct Ledger {
    offer: Offer,
    /// The officer's, of the offer.
    signature: Signature,
    opening: Option<Opening>,
    facts: Vec<Fact>,
    omitted: u32,
}

impl Ledger {
    /// Of a session that was asked for.
    pub(super) const fn new(offer: Offer, signature: Signature) -> Self {
        Self { offer, signature, opening: None, facts: Vec::new(), omitted: 0 }
    }

    pub(super) const fn offer(&self) -> &Offer {
        &self.offer
    }

    /// What was granted, once it is known.
    pub(super) const fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// The session was granted.
    pub(super) fn open(&mut self, opening: Opening) {
        self.opening = Some(opening);
    }

    /// Something has happened. What has no room any more is counted.
    pub(super) fn note(&mut self, time: Time, what: Happened) {
        if self.facts.len() < MAX_FACTS {
            self.facts.push(Fact { time, what });
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// What became of the session, if it was granted.
    pub(super) fn closing(&self, end: End, time: Time, head: Option<Digest>) -> Option<Closing> {
        let answer = self.opening.as_ref()?.answer.digest();
        Some(Closing { answer, facts: self.facts.clone(), omitted: self.omitted, end, time, head })
    }

    /// Whether another's closing leaves out nothing of what is known here. It may know more: what was under way when the
    /// connection was lost. When a connection was lost each side sees for itself.
    pub(super) fn agrees(&self, closing: &Closing) -> bool {
        let answer = self.opening.as_ref().map(|opening| opening.answer.digest());
        let mut theirs = closing.facts.iter().map(|fact| fact.what);
        let mut own = self.facts.iter().map(|fact| fact.what).filter(|what| *what != Happened::Suspended);
        let complete = closing.omitted > 0 || own.all(|what| theirs.any(|other| other == what));
        answer == Some(closing.answer) && complete
    }

    /// The receipt as it is by now, if the session was granted.
    pub(super) fn receipt(&self, closed: Option<Closed>) -> Option<Box<Receipt>> {
        let (offer, signature) = (self.offer.clone(), self.signature.clone());
        Some(Box::new(Receipt { offer, signature, opening: self.opening.clone()?, closed }))
    }
}
