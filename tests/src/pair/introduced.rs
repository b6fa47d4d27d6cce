//! Officers whom the host's records don't have, and what speaks for them; and somebody who speaks as our viewers don't.

use super::{Pair, first_session};
use crate::{
    link::Profile,
    notary::{host_key, papers},
};
use beside_protocol::{
    record::Certificate,
    session::{
        Officer, Papers, Viewer,
        contact::{Code, Ends},
        host::SessionId,
    },
    wire::{Channel, End, Request},
};

impl Pair {
    /// An officer who has a code of the host connects and asks. Each comes from where nobody has come from.
    pub fn introduce(&mut self, officer: Officer, request: Request, code: &Code) -> usize {
        let keying = self.keying();
        let ends = Ends { officer: officer.key, host: host_key(), keying: keying.clone() };
        let seed = [self.connections as u8; 32];
        let viewer = Viewer::introduced(self.now, request, code, ends, seed, papers(officer.key));
        self.take_seat(officer, viewer, keying, Profile::LAN)
    }

    /// An officer whom an organisation certifies connects and asks.
    pub fn certify(&mut self, officer: Officer, request: Request, certificate: Certificate) -> usize {
        let keying = self.keying();
        let papers = Papers { certificate: Some(Box::new(certificate)), ..papers(officer.key) };
        let viewer = Viewer::new(self.now, request, keying.clone(), papers);
        self.take_seat(officer, viewer, keying, Profile::LAN)
    }

    /// Somebody with that officer's key, and without a viewer of ours, connects and says these things. Returns what the
    /// session would be.
    pub fn intrude(&mut self, officer: Officer, messages: &[&[u8]]) -> SessionId {
        let keying = self.keying();
        let connection = self.host.connect(self.now, officer, keying);
        for message in messages {
            self.host.handle_message(self.now, connection, Channel::Control, message);
        }
        self.settle();
        self.host.disconnected(self.now, connection, End::LinkLost);
        self.settle();
        first_session(connection)
    }
}
