//! Where links to a host come from: the officer dials it, or waits for it to call.

use crate::connect::{VisitError, Way};
use beside_protocol::wire::Fingerprint;
use beside_shell::{
    identity::Identity,
    net::{DIAL, EndpointKeys, Link, Listener, NetError, RETRY, Refusal, Role, dial, redial},
    store::{Hosts, StoreError},
};
use std::{collections::BTreeSet, fmt, future::Future, net::SocketAddr, pin::Pin, sync::Arc};
use tokio::time::timeout;

/// The way to a host, known or not yet.
#[derive(Debug)]
pub(crate) struct Door {
    way: Open,
    identity: Arc<Identity>,
    hosts: Hosts,
}

#[derive(Debug)]
enum Open {
    Dial(Caller),
    Listen(Listener),
}

/// Dials one host, and dials it again.
struct Caller {
    address: Arc<str>,
    /// The way back to it, while that is looked for.
    again: Option<Call>,
}

type Call = Pin<Box<dyn Future<Output = Result<Link, NetError>> + Send>>;

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("address", &self.address).finish_non_exhaustive()
    }
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
    pub(crate) fn open(
        way: &Way,
        identity: Arc<Identity>,
        hosts: Hosts,
        keys: &EndpointKeys,
    ) -> Result<Self, NetError> {
        let way = match way {
            Way::Dial(address) => Open::Dial(Caller { address: address.as_str().into(), again: None }),
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
            Open::Dial(Caller { address, .. }) => {
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
        let addr = match &self.way {
            Open::Dial(caller) => caller.address.to_string(),
            Open::Listen(listener) => listener.address().to_string(),
        };
        self.look_for(host);
        timeout(RETRY, self.back(host)).await.unwrap_or_else(|_| {
            let why = "the machine has not called again".to_owned();
            Err(NetError::Unreachable { addr, why })
        })
    }

    /// Begins to dial the host anew, unless that has begun: [`Door::back`] is ready with the link. Where it is the host who
    /// dials this does nothing.
    pub(crate) fn look_for(&mut self, host: Fingerprint) {
        if let Open::Dial(Caller { address, again: again @ None }) = &mut self.way {
            let (to, own) = (Arc::clone(address), Arc::clone(&self.identity));
            *again = Some(Box::pin(async move { redial(&to, Role::Officer, &own, host).await }));
        }
    }

    /// Dials no longer.
    pub(crate) fn give_up(&mut self) {
        if let Open::Dial(caller) = &mut self.way {
            caller.again = None;
        }
    }

    /// Ready when `host` is here over a new link: when it has called and is known still, all others being turned away; or
    /// where it is dialled, when it has answered or is not to be reached. Dropping the future loses nothing.
    pub(crate) async fn back(&mut self, host: Fingerprint) -> Result<Link, NetError> {
        if let Open::Dial(caller) = &mut self.way
            && let Some(call) = &mut caller.again
        {
            let outcome = call.await;
            caller.again = None;
            return outcome;
        }
        while let Open::Listen(listener) = &mut self.way {
            let Some(link) = listener.accept().await else { break };
            // Nobody is let in by records that can't be read.
            match self.knows(&link.peer()) {
                Ok(true) if link.peer() == host => return Ok(link),
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
