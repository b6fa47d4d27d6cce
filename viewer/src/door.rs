//! Where links to a host come from: the officer dials it, or waits for it to call.

use crate::connect::{Changed, VisitError, Way};
use beside_protocol::wire::{Fingerprint, Return};
use beside_shell::{
    identity::Identity,
    name::Name,
    net::{DIAL, EndpointKeys, Link, Listener, NetError, Refusal, Role, dial, redial},
    store::{Hosts, KnownHost, StoreError},
};
use std::{collections::BTreeSet, fmt, future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Instant};
use tokio::time::timeout_at;

/// The way to a host, known or not yet.
#[derive(Debug)]
pub(crate) struct Door {
    way: Open,
    identity: Arc<Identity>,
    hosts: Hosts,
    strangers: Strangers,
}

/// What becomes of machines that are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// They are turned away.
    Refused,
    /// They have to prove a code. Then they are known by this name, or by their address.
    Introduced(Option<Name>),
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
    /// A host that the officer knows, or one that has to prove a code.
    Admitted(Box<Link>),
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
        strangers: Strangers,
    ) -> Result<Self, NetError> {
        let way = match way {
            Way::Dial(address) => Open::Dial(Caller { address: address.as_str().into(), again: None }),
            Way::Listen(address) => Open::Listen(Listener::bind(*address, Role::Officer, &identity, keys)?),
        };
        Ok(Self { way, identity, hosts, strangers })
    }

    /// Where it listens, and with which key, if it does.
    pub(crate) fn listens(&self) -> Option<(SocketAddr, Fingerprint)> {
        match &self.way {
            Open::Dial(_) => None,
            Open::Listen(listener) => Some((listener.address(), self.identity.fingerprint())),
        }
    }

    /// This machine's key.
    pub(crate) fn key(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    /// What the officer calls a host, if it is known.
    pub(crate) fn name(&self, host: &Fingerprint) -> Option<String> {
        self.hosts.get(host).map(|host| host.name.to_string())
    }

    /// Makes a host known that has proven a code, and whose user has let the officer in: not before both.
    pub(crate) fn remember(&mut self, host: Fingerprint, from: SocketAddr) {
        if self.strangers == Strangers::Refused || self.hosts.get(&host).is_some() {
            return;
        }
        let Some(name) = self.new_name(from) else {
            return tracing::warn!(key = %host, "The address is no name; see --name and `trust`");
        };
        match self.hosts.introduce(host, KnownHost { name: name.clone() }) {
            Ok(()) => tracing::info!(key = %host, %name, "The machine is known from now on"),
            // The session goes on; the next one takes a code again.
            Err(error) => tracing::warn!(%error, "The machine can't be made known"),
        }
    }

    /// What a machine is to be called that is not known and comes from there.
    fn new_name(&self, from: SocketAddr) -> Option<Name> {
        match (&self.strangers, &self.way) {
            (Strangers::Introduced(Some(name)), _) => Some(name.clone()),
            (_, Open::Dial(Caller { address, .. })) => address.parse().ok(),
            (_, Open::Listen(_)) => from.ip().to_string().parse().ok(),
        }
    }

    /// Refuses a machine that is not known in the place of one that is: a code does not make up for another key.
    fn check_unchanged(&self, found: Fingerprint) -> Result<(), Changed> {
        if self.hosts.get(&found).is_some() {
            return Ok(());
        }
        let chosen = if let Strangers::Introduced(name) = &self.strangers { name.clone() } else { None };
        let dialled = if let Open::Dial(caller) = &self.way { caller.address.parse().ok() } else { None };
        for name in chosen.into_iter().chain(dialled) {
            if let Some(known) = self.hosts.namesake(&found, &name) {
                return Err(Changed { name, known, found });
            }
        }
        Ok(())
    }

    /// The next machine: the one that was dialled, or any that calls.
    pub(crate) async fn first(&mut self) -> Result<Knock, VisitError> {
        match &mut self.way {
            Open::Dial(Caller { address, .. }) => {
                let known: BTreeSet<_> = self.hosts.iter().map(|(key, _)| *key).collect();
                let introduced = self.strangers != Strangers::Refused;
                let may_answer = move |key| introduced || known.contains(&key);
                match dial(address, Role::Officer, &self.identity, may_answer, DIAL).await {
                    Ok(link) => {
                        self.check_unchanged(link.peer())?;
                        Ok(Knock::Admitted(Box::new(link)))
                    }
                    Err(NetError::WrongPeer(found)) => {
                        self.check_unchanged(found)?;
                        Err(NetError::WrongPeer(found).into())
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Open::Listen(listener) => {
                let link = accept(listener).await?;
                let (address, key) = (listener.address(), link.peer());
                if self.knows(&key)? {
                    return Ok(Knock::Admitted(Box::new(link)));
                }
                if self.strangers != Strangers::Refused {
                    self.check_unchanged(key)?;
                    return Ok(Knock::Admitted(Box::new(link)));
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

    /// The same host once more until then, after its link was lost.
    pub(crate) async fn again(&mut self, host: Fingerprint, until: Instant) -> Result<Link, NetError> {
        let addr = match &self.way {
            Open::Dial(caller) => caller.address.to_string(),
            Open::Listen(listener) => listener.address().to_string(),
        };
        self.look_for(host);
        timeout_at(until.into(), self.back(host)).await.unwrap_or_else(|_| {
            let why = "the machine has not called again".to_owned();
            Err(NetError::Unreachable { addr, why })
        })
    }

    /// Begins to dial the host anew, unless that has begun: [`Door::back`] is ready with the link. Where it is the host who
    /// dials this does nothing. It is dialled for as long as a restart of its computer may take.
    pub(crate) fn look_for(&mut self, host: Fingerprint) {
        if let Open::Dial(Caller { address, again: again @ None }) = &mut self.way {
            let (to, own) = (Arc::clone(address), Arc::clone(&self.identity));
            *again = Some(Box::pin(async move { redial(&to, Role::Officer, &own, host, Return::WITHIN).await }));
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
