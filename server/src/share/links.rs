//! The connections of all officers, as one source of messages.

use beside_protocol::{
    session::{Line, Transmit, host::ConnectionId},
    wire::Channel,
};
use beside_shell::net::{Link, LinkError};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// A message over one connection, or why it is over.
pub(super) type Arrival = (ConnectionId, Result<(Channel, Bytes), LinkError>);

/// The connections.
#[derive(Debug)]
pub(super) struct Links {
    links: BTreeMap<ConnectionId, Link>,
    /// Whom to listen to first: the one after who spoke last, so that nobody drowns out the others.
    first: ConnectionId,
    closing: JoinSet<()>,
}

impl Default for Links {
    fn default() -> Self {
        Self { links: BTreeMap::new(), first: ConnectionId(0), closing: JoinSet::new() }
    }
}

impl Links {
    pub(super) fn add(&mut self, id: ConnectionId, link: Link) {
        self.links.insert(id, link);
    }

    /// The next message over any connection. Never ready while there is no connection; may be dropped and called again.
    pub(super) async fn next(&mut self) -> Arrival {
        let (first, links) = (&mut self.first, &mut self.links);
        poll_fn(|context| {
            let order: Vec<_> = links.range(*first..).chain(links.range(..*first)).map(|(&id, _)| id).collect();
            for id in order {
                let Some(link) = links.get_mut(&id) else { continue };
                if let Poll::Ready(arrival) = pin!(link.recv()).poll(context) {
                    *first = ConnectionId(id.0 + 1);
                    return Poll::Ready((id, arrival));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Sends over a connection; if that fails, [`Links::next`] says why.
    pub(super) fn send(&mut self, id: ConnectionId, transmit: Transmit) {
        let Some(link) = self.links.get(&id) else { return };
        if let Err(error) = link.send(transmit.channel, Bytes::from_owner(transmit.bytes)) {
            tracing::debug!(connection = id.0, %error, "Cannot send");
        }
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ConnectionId, &Link)> {
        self.links.iter().map(|(&id, link)| (id, link))
    }

    /// How the line of a session is.
    pub(super) fn line(&self, id: ConnectionId) -> Option<Line> {
        self.links.get(&id).map(Link::line)
    }

    /// Which officers' networks have changed since this was last asked, and where they are now.
    pub(super) fn moved(&mut self, now: Instant) -> Vec<(ConnectionId, SocketAddr)> {
        self.links.iter_mut().filter_map(|(&id, link)| Some((id, link.moved(now)?))).collect()
    }

    /// Where an officer's packets come from.
    pub(super) fn remote(&self, id: ConnectionId) -> Option<SocketAddr> {
        self.links.get(&id).map(Link::remote)
    }

    /// The user is being asked for this one: it does not have to make room for strangers.
    pub(super) fn keep(&self, id: ConnectionId) {
        if let Some(link) = self.links.get(&id) {
            link.keep();
        }
    }

    /// Lifts the limits for strangers.
    pub(super) fn approve(&mut self, id: ConnectionId) {
        if let Some(link) = self.links.get_mut(&id) {
            link.approve();
        }
    }

    /// Closes a connection once what was sent has arrived.
    pub(super) fn close(&mut self, id: ConnectionId) {
        while self.closing.try_join_next().is_some() {}
        if let Some(link) = self.links.remove(&id) {
            self.closing.spawn(link.close());
        }
    }

    /// Waits until all closing connections are closed.
    pub(super) async fn farewell(&mut self, patience: Duration) {
        for id in self.links.keys().copied().collect::<Vec<_>>() {
            self.close(id);
        }
        let all = async { while self.closing.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::debug!("Some farewells took too long");
        }
    }
}
