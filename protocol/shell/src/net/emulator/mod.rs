//! A network for tests: sockets below quinn that are joined by lines with delay, loss and queues of their own, from a seed.
//!
//! Nothing leaves the process. With tokio's clock paused a minute on a bad line takes as long as its packets, and comes
//! out the same each time. [`Path`] is one direction of a line and knows nothing of sockets: it serves lines between processes too.

mod path;
mod socket;

pub use path::{Condition, HEADERS, Path, Profile, Traffic};

use super::{EndpointKeys, Link, Listener, NetError, Role, endpoint};
use crate::identity::Identity;
use beside_protocol::wire::Fingerprint;
use socket::{Mailbox, Socket};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The network. Listeners are on its backbone; every dialler has a line to it.
#[derive(Clone, Debug, Default)]
pub struct Network(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    mailboxes: BTreeMap<SocketAddr, Arc<Mailbox>>,
    lines: Vec<Wire>,
    addresses: u32,
}

/// The two directions of a line, and under which address its packets are seen.
#[derive(Debug)]
struct Wire {
    up: Path,
    down: Path,
    address: SocketAddr,
}

/// A dialler's line to the network.
#[derive(Clone, Debug)]
pub struct Line {
    network: Network,
    index: usize,
}

/// The address that tests listen at.
pub const LISTENER: &str = "10.0.0.1:7443";

impl Network {
    /// Listens at [`LISTENER`], on the backbone. Must be called inside the tokio runtime.
    pub fn listen(&self, role: Role, identity: &Identity, keys: &EndpointKeys) -> Result<Listener, NetError> {
        let address = LISTENER.parse().map_err(|_| NetError::InvalidAddress(LISTENER.to_owned()))?;
        Listener::over(Arc::new(Socket::on_backbone(self, address)), None, address, role, identity, keys)
    }

    /// A new line, whose faults come from the seed.
    pub fn line(&self, up: Profile, down: Profile, seed: u64) -> Line {
        let mut state = self.lock();
        let address = state.fresh_address();
        let (up, down) = (Path::new(up, seed), Path::new(down, !seed));
        state.lines.push(Wire { up, down, address });
        Line { network: self.clone(), index: state.lines.len() - 1 }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fresh_address(&mut self) -> SocketAddr {
        self.addresses += 1;
        SocketAddr::from((Ipv4Addr::from_bits(0x0a01_0000 + self.addresses), 40_000))
    }
}

impl Line {
    /// Dials [`LISTENER`] over this line, with a socket of its own; see [`dial`](super::dial).
    pub async fn dial(
        &self,
        role: Role,
        identity: &Identity,
        expected: impl Fn(Fingerprint) -> bool + Send + Sync + 'static,
        within: Duration,
    ) -> Result<Link, NetError> {
        let socket = Arc::new(Socket::at_line(&self.network, self.index));
        endpoint::dial_over(socket, LISTENER, role, identity, expected, within).await
    }

    /// Changes what the line does to packets from now on.
    pub fn set(&self, up: Profile, down: Profile) {
        let mut state = self.network.lock();
        let wire = &mut state.lines[self.index];
        (wire.up.profile, wire.down.profile) = (up, down);
    }

    /// What the listener has sent so far to this line's end.
    pub fn sent_down(&self) -> Traffic {
        self.network.lock().lines[self.index].down.sent
    }

    /// Gives the line another address, as when a phone leaves the Wi-Fi: what is sent to the old one is lost.
    pub fn rebind(&self) {
        let mut state = self.network.lock();
        let (old, new) = (state.lines[self.index].address, state.fresh_address());
        state.lines[self.index].address = new;
        let mailbox = state.mailboxes.remove(&old);
        state.mailboxes.extend(mailbox.map(|mailbox| (new, mailbox)));
    }
}
