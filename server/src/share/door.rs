//! Where officers come from: they dial in, or this machine dials one of them.

use super::ShareError;
use beside_protocol::{
    session::GRACE,
    wire::{End, Fingerprint},
};
use beside_shell::{
    identity::Identity,
    net::{DIAL, EndpointKeys, Link, LinkError, Listener, NetError, Refusal, Role, dial, redial},
    store::Officers,
};
use std::{
    collections::BTreeSet,
    fmt,
    future::{Future, pending},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
};

/// How this machine and officers come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Officers dial this address of ours.
    Listen(SocketAddr),
    /// This machine dials an officer who waits at this address. Sharing ends with that session.
    Dial(String),
}

impl fmt::Display for Way {
    /// As the line says it that tells that all is ready.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address) => write!(f, "listen={address}"),
            Self::Dial(address) => write!(f, "to={address}"),
        }
    }
}

/// The door, open.
#[derive(Debug)]
pub(super) enum Door {
    Listen(Listener),
    Dial(Caller),
}

impl Door {
    /// Opens it; where it listens, the address is ours from now on. Must be called inside the tokio runtime.
    pub(super) fn open(
        way: &Way,
        identity: &Arc<Identity>,
        keys: &EndpointKeys,
        officers: &Officers,
        admits_strangers: bool,
    ) -> Result<Self, NetError> {
        Ok(match way {
            Way::Listen(address) => Self::Listen(Listener::bind(*address, Role::Host, identity, keys)?),
            Way::Dial(address) => Self::Dial(Caller::new(address, identity, officers, admits_strangers)),
        })
    }

    /// The way, with the port that the system chose.
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Listen(listener) => Way::Listen(listener.address()),
            Self::Dial(caller) => Way::Dial(caller.address.to_string()),
        }
    }

    /// The next officer. An error means that none will come any more. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Link, ShareError> {
        match self {
            Self::Listen(listener) => {
                listener.accept().await.ok_or_else(|| io::Error::other("the network socket has failed").into())
            }
            Self::Dial(caller) => Ok(caller.next().await?),
        }
    }

    /// An officer is to come back whose link was lost: one who was dialled is dialled again.
    pub(super) fn call_back(&mut self) {
        if let Self::Dial(caller) = self {
            caller.call_again();
        }
    }

    /// Learns that a session is over for good. So is sharing, where the officer was dialled, with this result.
    pub(super) fn ended(&mut self, end: End) -> Option<Result<(), ShareError>> {
        let Self::Dial(caller) = self else { return None };
        let address = caller.address.to_string();
        match (end, caller.turned_away.take()) {
            (_, Some(refusal)) => Some(Err(ShareError::TurnedAway { address, refusal })),
            // The same officer asks anew.
            (End::Replaced, None) => None,
            (end, None) if end.exit_code() == 0 => Some(Ok(())),
            (end, None) => Some(Err(ShareError::Ended { address, end })),
        }
    }

    /// Learns why a link has failed.
    pub(super) fn failed(&mut self, error: &LinkError) {
        if let (Self::Dial(caller), LinkError::TurnedAway(refusal)) = (self, error) {
            caller.turned_away = Some(*refusal);
        }
    }
}

/// Calls one officer.
pub(super) struct Caller {
    address: Arc<str>,
    identity: Arc<Identity>,
    calling: Option<Call>,
    /// Who answered the first time.
    officer: Option<Fingerprint>,
    turned_away: Option<Refusal>,
}

type Call = Pin<Box<dyn Future<Output = Result<Link, NetError>> + Send>>;

impl Caller {
    fn new(address: &str, identity: &Arc<Identity>, officers: &Officers, admits_strangers: bool) -> Self {
        let (address, identity) = (Arc::<str>::from(address), Arc::clone(identity));
        let enrolled: BTreeSet<Fingerprint> = officers.iter().map(|(key, _)| *key).collect();
        let (to, own) = (Arc::clone(&address), Arc::clone(&identity));
        let may_answer = move |key| admits_strangers || enrolled.contains(&key);
        let call = async move { dial(&to, Role::Host, &own, may_answer, DIAL).await };
        Self { address, identity, calling: Some(Box::pin(call)), officer: None, turned_away: None }
    }

    async fn next(&mut self) -> Result<Link, NetError> {
        let Some(call) = &mut self.calling else { return pending().await };
        let answered = call.await;
        self.calling = None;
        answered.inspect(|link| self.officer = Some(link.peer()))
    }

    fn call_again(&mut self) {
        let (None, Some(officer)) = (&self.calling, self.officer) else { return };
        let (to, own) = (Arc::clone(&self.address), Arc::clone(&self.identity));
        self.calling = Some(Box::pin(async move { redial(&to, Role::Host, &own, officer, GRACE).await }));
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("address", &self.address).finish_non_exhaustive()
    }
}
