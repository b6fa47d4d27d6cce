//! QUIC where UDP is blocked: the same packets, through one TLS connection over TCP.
//!
//! The outer TLS has the same keys and the same rules as the inner one, so a stranger gets no further here than over UDP.
//! What counts is the inner one all the same: the session is bound to it, and knows nothing of the outer one.

mod framing;
mod listening;
mod queue;
mod socket;

#[cfg(test)]
mod tests;

pub(super) use listening::{Gate, admit, listen};

use super::{
    Role, Transport,
    admission::Admission,
    attempt::Failed,
    endpoint::NetError,
    link::Link,
    tls::{self, Pin},
};
use crate::{identity::Identity, platform};
use quinn::{ClientConfig, Connecting, Endpoint, EndpointConfig, ServerConfig, TokioRuntime, VarInt};
use socket::{Ended, Socket};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpStream, sync::oneshot::error::RecvError};
use tokio_rustls::{
    TlsConnector, TlsStream,
    rustls::{self, AlertDescription, pki_types::ServerName},
};

/// What the outer TLS connection is for, said in its first packet.
const ALPN: &[u8] = b"beside-tcp/1";

/// The code with which this side ends a connection whose tunnel is no more. It never reaches the peer.
const CUT: VarInt = VarInt::from_u32(5);

/// How a side that dials makes tunnels.
pub(super) struct Dialler {
    connector: TlsConnector,
    quic: ClientConfig,
    role: Role,
}

impl Dialler {
    /// Uses `quic` for the connections within.
    pub(super) fn new(identity: &Identity, pin: Arc<Pin>, quic: ClientConfig, role: Role) -> Result<Self, NetError> {
        let tls = tls::client_for(identity, pin, ALPN)?;
        Ok(Self { connector: TlsConnector::from(Arc::new(tls)), quic, role })
    }

    /// Connects to a listener at `address`.
    pub(super) async fn dial(&self, address: SocketAddr) -> Result<Link, Failed> {
        let tcp = TcpStream::connect(address).await?;
        prepare(&tcp)?;
        // The name is not sent, and not checked: the key is.
        let name = ServerName::try_from("beside").map_err(io::Error::other)?;
        let stream = self.connector.connect(name, tcp).await.map_err(insecure)?;
        let address = stream.get_ref().0.peer_addr()?;
        let tunnel = Tunnel::new(stream.into(), None)?;
        let connecting = tunnel.endpoint.connect_with(self.quic.clone(), address, "beside")?;
        tunnel.link(connecting, self.role, None).await
    }
}

/// An endpoint with one peer.
struct Tunnel {
    endpoint: Endpoint,
    ended: Ended,
}

impl Tunnel {
    fn new(stream: TlsStream<TcpStream>, server: Option<ServerConfig>) -> Result<Self, Failed> {
        if stream.get_ref().1.alpn_protocol() != Some(ALPN) {
            return Err(Failed::Protocol);
        }
        let (socket, ended) = Socket::new(stream)?;
        let (config, runtime) = (EndpointConfig::default(), Arc::new(TokioRuntime));
        let endpoint = Endpoint::new_with_abstract_socket(config, server, Arc::new(socket), runtime)?;
        Ok(Self { endpoint, ended })
    }

    /// Accepts the one connection that this is for.
    async fn accept(tcp: TcpStream, gate: &Gate, admission: Admission) -> Result<Link, Failed> {
        prepare(&tcp)?;
        let stream = gate.acceptor.accept(tcp).await.map_err(insecure)?;
        let mut tunnel = Self::new(stream.into(), Some(gate.quic.clone()))?;
        let incoming = tokio::select! {
            incoming = tunnel.endpoint.accept() => incoming,
            why = &mut tunnel.ended => return Err(ended_early(why)),
        };
        // TCP has shown that the peer receives at its address: no Retry.
        let connecting = incoming.ok_or(Failed::Protocol)?.accept()?;
        tunnel.endpoint.set_server_config(None);
        tunnel.link(connecting, gate.role, Some(admission)).await
    }

    async fn link(self, connecting: Connecting, role: Role, admission: Option<Admission>) -> Result<Link, Failed> {
        let Self { endpoint, mut ended } = self;
        let handshake = async {
            let connection = connecting.await?;
            let link = Link::new(connection.clone(), endpoint, role, Transport::Tcp, admission).await?;
            Ok::<_, Failed>((link, connection))
        };
        let (link, connection) = tokio::select! {
            made = handshake => made?,
            why = &mut ended => return Err(ended_early(why)),
        };
        tokio::spawn(async move {
            tokio::select! {
                _ = connection.closed() => {}
                why = ended => {
                    tracing::debug!(why = why.unwrap_or_default(), "the TCP connection ended");
                    connection.close(CUT, b"");
                }
            }
        });
        Ok(link)
    }
}

/// Makes TCP send what it has at once, and keep little of what it can't send.
fn prepare(tcp: &TcpStream) -> io::Result<()> {
    platform::keep_queue_short(tcp);
    tcp.set_nodelay(true)
}

/// Why the outer TLS connection did not come about.
fn insecure(error: io::Error) -> Failed {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => Failed::Protocol,
        _ => Failed::Tcp(error),
    }
}

fn ended_early(why: Result<String, RecvError>) -> Failed {
    Failed::Tcp(io::Error::other(why.unwrap_or_else(|_| "it was given up".to_owned())))
}
