//! Organisations that vouch for officers, and keys that are revoked.

use super::{Host, SessionId, State};
use crate::{
    record::{Certificate, Time},
    session::{Trust, admission::Introduced, policy::Certified},
    wire::{End, Permission, PolicyReason},
};
use std::time::Instant;

impl Host {
    /// What the records say now of organisations and revoked keys. Sessions of revoked keys end, and those of officers for whom an
    /// organisation vouched that may not any more; one that permits less now narrows them.
    pub fn trust(&mut self, now: Instant, trust: Trust) {
        (self.trust, self.trusted) = (trust, Some(now));
        for id in self.sessions.keys().copied().collect::<Vec<_>>() {
            if let Err(end) = self.check_revoked(id).and_then(|()| self.check_vouched(now, id)) {
                self.end(id, end);
            }
        }
    }

    /// Nothing that who has a revoked key says has an effect.
    pub(super) fn check_revoked(&self, id: SessionId) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let revoked = self.trust.revoked.contains(&session.officer.key);
        if revoked { Err(End::Policy(PolicyReason::Revoked)) } else { Ok(()) }
    }

    /// Notes who an organisation says that an officer is, of whom the records have nothing. A certificate that proves nothing is
    /// a reason to refuse who has nothing else.
    pub(super) fn look_at_certificate(
        &mut self,
        now: Instant,
        id: SessionId,
        certificate: Option<&Certificate>,
    ) -> Result<(), End> {
        let Some(session) = self.sessions.get(&id) else { return Ok(()) };
        let Some(certificate) = certificate.filter(|_| session.officer.enrolment.is_none()) else { return Ok(()) };
        let vouched = match self.rules.policy.certified {
            Certified::Refused => Err(End::Policy(PolicyReason::Forbidden)),
            Certified::MayAsk => {
                let key = session.officer.key;
                let others = self.sessions.values().filter(|other| other.officer.key != key);
                let others = others.filter_map(|other| other.vouched.as_ref().map(|vouched| vouched.name.as_str()));
                let (time, verify) = (self.wall_clock(now), self.verify());
                self.trust.vouched(now, time, certificate, &key, others, verify).map_err(End::Certificate)
            }
        };
        match (vouched, session.introduction.introduced()) {
            (Ok(vouched), _) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.vouched = Some(vouched);
                }
                Ok(())
            }
            // The code is good all the same.
            (Err(_), Introduced::ByCode) => Ok(()),
            (Err(end), _) => Err(end),
        }
    }

    /// Takes back what the organisation that vouches for an officer may not give any more.
    fn check_vouched(&mut self, now: Instant, id: SessionId) -> Result<(), End> {
        let Some(session) = self.sessions.get_mut(&id) else { return Ok(()) };
        let Some(vouched) = session.vouched.as_mut().filter(|_| session.officer.enrolment.is_none()) else {
            return Ok(());
        };
        let Some(organisation) = self.trust.organisations.get(&vouched.issuer) else {
            return Err(End::Policy(PolicyReason::Removed));
        };
        vouched.permit = vouched.permit.both(organisation.permit);
        let permit = vouched.permit;
        if let State::AwaitConsent(waiting) = &mut session.state {
            waiting.question.permissions = waiting.question.permissions.both(permit);
            if !waiting.question.permissions.has(Permission::View) {
                return Err(End::Policy(PolicyReason::NotPermitted));
            }
        }
        self.narrow(now, id, permit);
        Ok(())
    }

    /// What the wall clock shows, as far as is known. Without any news of it no certificate holds.
    fn wall_clock(&self, now: Instant) -> Time {
        match self.trusted {
            Some(since) => self.trust.time.after(now.saturating_duration_since(since)),
            None => self.trust.time,
        }
    }
}
