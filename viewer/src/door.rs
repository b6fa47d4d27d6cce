//! Where links to a host come from: the officer dials it, or waits for it to call.

use crate::connect::{VisitError, Way};
use beside_protocol::wire::Fingerprint;
use beside_shell::{
    identity::Identity,
    net::{DIAL, EndpointKeys, Link, Listener, NetError, RETRY, Refusal, Role, dial, redial},
    store::{Hosts, StoreError},
};
use std::{collections::BTreeSet, net::SocketAddr};
use tokio::time::timeout;

/// The way to a host, known or not yet.
#[derive(Debug)]
pub(crate) struct Door {
    way: Open,
    identity: Identity,
    hosts: Hosts,
}

#[derive(Debug)]
enum Open {
    Dial(String),
    Listen(Listener),
}

/// Who has come.
#[derive(Debug)]
pub(crate) enum Knock {
    /// A host that the officer knows.
    Known(Box<Link>),
    /// A machine that called and is not known; it has been turned away.
    Stranger {
        /// Where this side listens.
        address: SocketAddr,
        /// The machine's key.
        key: Fingerprint,
    },
}

impl Door {
    /// Opens the door; where it listens, the address is ours from now on. Must be called inside the tokio runtime.
    pub(crate) fn open(way: &Way, identity: Identity, hosts: Hosts, keys: &EndpointKeys) -> Result<Self, NetError> {
        let way = match way {
            Way::Dial(address) => Open::Dial(address.clone()),
            Way::Listen(address) => Open::Listen(Listener::bind(*address, Role::Officer, &identity, keys)?),
        };
        Ok(Self { way, identity, hosts })
    }

    /// Where it listens, and with which key, if it does.
    pub(crate) fn listens(&self) -> Option<(SocketAddr, Fingerprint)> {
        match &self.way {
            Open::Dial(_) => None,
            Open::Listen(listener) => Some((listener.address(), self.identity.fingerprint())),
        }
    }

    /// What the officer calls a host.
    pub(crate) fn name(&self, host: &Fingerprint) -> String {
        self.hosts.get(host).map(|host| host.name.to_string()).unwrap_or_default()
    }

    /// The next machine: the one that was dialled, or any that calls.
    pub(crate) async fn first(&mut self) -> Result<Knock, VisitError> {
        match &mut self.way {
            Open::Dial(address) => {
                let known: BTreeSet<_> = self.hosts.iter().map(|(key, _)| *key).collect();
                let known = move |key| known.contains(&key);
                let link = dial(address, Role::Officer, &self.identity, known, DIAL).await?;
                Ok(Knock::Known(Box::new(link)))
            }
            Open::Listen(listener) => {
                let link = accept(listener).await?;
                let (address, key) = (listener.address(), link.peer());
                if self.knows(&key)? {
                    return Ok(Knock::Known(Box::new(link)));
                }
                tracing::warn!(%key, from = %link.remote(), "A machine has called that is not known; see `trust`");
                link.turn_away(Refusal::NotKnown);
                Ok(Knock::Stranger { address, key })
            }
        }
    }

    /// Whether a machine is known by now: that may change while we wait.
    fn knows(&mut self, key: &Fingerprint) -> Result<bool, StoreError> {
        if self.hosts.changed() {
            self.hosts.reload()?;
        }
        Ok(self.hosts.get(key).is_some())
    }

    /// The same host once more, after its link was lost.
    pub(crate) async fn again(&mut self, host: Fingerprint) -> Result<Link, NetError> {
        match &self.way {
            Open::Dial(address) => redial(address, Role::Officer, &self.identity, host).await,
            Open::Listen(listener) => {
                let addr = listener.address().to_string();
                timeout(RETRY, self.back(host)).await.map_err(|_| {
                    let why = "the machine has not called again".to_owned();
                    NetError::Unreachable { addr, why }
                })
            }
        }
    }

    /// Ready when `host` calls and is known still, all others being turned away: never where the officer dials. Dropping the future loses
    /// nothing.
    pub(crate) async fn back(&mut self, host: Fingerprint) -> Link {
        while let Open::Listen(listener) = &mut self.way {
            let Some(link) = listener.accept().await else { break };
            // Nobody is let in by records that can't be read.
            match self.knows(&link.peer()) {
                Ok(true) if link.peer() == host => return link,
                Ok(true) => link.turn_away(Refusal::Busy),
                Ok(false) | Err(_) => link.turn_away(Refusal::NotKnown),
            }
        }
        std::future::pending().await
    }
}

async fn accept(listener: &mut Listener) -> Result<Link, NetError> {
    let addr = listener.address().to_string();
    let why = "the network socket has failed".to_owned();
    listener.accept().await.ok_or(NetError::Unreachable { addr, why })
}
