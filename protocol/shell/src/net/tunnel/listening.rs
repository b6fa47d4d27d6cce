//! Listening for tunnels, at the same door as for QUIC over UDP.

use super::{ALPN, Tunnel};
use crate::{
    identity::Identity,
    net::{
        Role,
        admission::{Admission, Door},
        attempt::{Failed, welcome},
        endpoint::NetError,
        link::Link,
        tls,
    },
    platform,
};
use quinn::ServerConfig;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_rustls::TlsAcceptor;

/// TCP connections that the system has and nobody has looked at yet.
const BACKLOG: i32 = 64;
/// The pause after the system could not give us a connection, for want of memory or file descriptors.
const PAUSE: Duration = Duration::from_secs(1);

/// What every tunnel passes on its way in.
#[derive(Clone)]
pub(in crate::net) struct Gate {
    pub(super) acceptor: TlsAcceptor,
    pub(super) quic: ServerConfig,
    pub(super) role: Role,
    door: Door,
    links: mpsc::Sender<Link>,
}

impl Gate {
    /// A gate that lets in what `door` does, with `quic` for the connections within, and hands the links to `links`.
    pub(in crate::net) fn new(
        identity: &Identity,
        mut quic: ServerConfig,
        role: Role,
        door: Door,
        links: mpsc::Sender<Link>,
    ) -> Result<Self, NetError> {
        let acceptor = TlsAcceptor::from(Arc::new(tls::server_for(identity, ALPN)?));
        // A tunnel is for one connection.
        quic.max_incoming(1);
        Ok(Self { acceptor, quic, role, door, links })
    }
}

/// A socket at `address`, for both families if it is the unspecified one of IPv6.
pub(in crate::net) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    platform::allow_restart(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

/// Lets peers in, as far as the door allows, for as long as it is polled.
pub(in crate::net) async fn admit(listener: TcpListener, gate: Gate) {
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, remote)) => {
                if let Some((admission, eviction)) = gate.door.admit(Instant::now().into_std(), remote.ip()) {
                    let links = gate.links.clone();
                    handshakes.spawn(welcome(remote, accept(stream, gate.clone(), admission), eviction, links));
                } else {
                    tracing::debug!(%remote, "refused a TCP connection: too many are waiting");
                    refuse(&stream);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "no TCP connection was accepted");
                if !is_of_the_peer(&error) {
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn accept(stream: TcpStream, gate: Gate, admission: Admission) -> Result<Link, Failed> {
    Tunnel::accept(stream, &gate, admission).await
}

/// Forgets a connection at once, so that the system keeps nothing of it.
fn refuse(stream: &TcpStream) {
    // Otherwise it ends in the usual way, which only takes longer.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}

/// Whether this only means that a peer has gone before it was looked at.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}
