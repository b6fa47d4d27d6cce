//! The ways to a link: listening on a port, and dialling one.

use super::{
    Role,
    admission::{Admission, Door},
    keys::EndpointKeys,
    link::{Link, LinkError},
    settings,
    tls::{self, Pin},
};
use crate::identity::Identity;
use beside_protocol::wire::Fingerprint;
use futures_util::{StreamExt, stream::FuturesUnordered};
use quinn::{
    ClientConfig, ConnectError, Connecting, ConnectionError, Endpoint, EndpointConfig, Incoming, ServerConfig,
    TokioRuntime, TransportErrorCode,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    fmt, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::lookup_host,
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

/// The UDP port when none is named.
pub const DEFAULT_PORT: u16 = 7443;

/// How long a peer may take to answer the first packet and complete the handshake, for a person who waits for it.
pub const DIAL: Duration = Duration::from_secs(10);

/// How long a stranger may take to prove its key.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connection attempts that nobody has looked at yet.
const MAX_INCOMING: usize = 64;
/// What is kept of the first packets of one attempt, and of all, in bytes: a post-quantum hello is two packets.
const INCOMING_BYTES: (u64, u64) = (64 * 1024, 4 * 1024 * 1024);
/// Links that the program has not taken yet.
const MAX_READY: usize = 8;
/// The head start of one address of a name before the next is tried as well.
const STAGGER: Duration = Duration::from_millis(250);
/// What is asked of the system as room for packets that arrive in a burst, in bytes; it may give less.
const SOCKET_BUFFER: usize = 2 * 1024 * 1024;
/// TLS's alert "no application protocol": the peer speaks QUIC, but not our protocol.
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Another program has the port.
    #[error("{0} is in use: end the program that listens there, or choose another address")]
    AddressInUse(SocketAddr),
    /// The system does not let us use the address.
    #[error("{address} can't be used: {source}")]
    Bind {
        /// The local address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A text that is no address.
    #[error("{0:?} is no address: write HOST, HOST:PORT or [IPV6]:PORT")]
    InvalidAddress(String),
    /// Nothing answers there.
    #[error("{addr} can't be reached: {why}")]
    Unreachable {
        /// What was dialled.
        addr: String,
        /// What is known of the cause, and what to check.
        why: String,
    },
    /// Who answers has presented another key than the one that was expected.
    #[error("who answers there has the key {0}, which is not the one expected; if it should be, enrol it first")]
    WrongPeer(Fingerprint),
    /// The peer has no room for us.
    #[error("{0} refused the connection: too many are waiting there; try again later")]
    Refused(String),
    /// Something else answers there, or a version that we don't understand.
    #[error("{0} does not speak this version of Beside's protocol")]
    Incompatible(String),
    /// The cryptographic library refused our own key or settings.
    #[error("no secure connection can be prepared: {0}")]
    Setup(String),
}

impl NetError {
    pub(super) fn setup(error: impl fmt::Display) -> Self {
        Self::Setup(error.to_string())
    }
}

/// Listens for peers. Each one that completes a handshake has proven its key, and nothing else.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
    address: SocketAddr,
    ready: mpsc::Receiver<Link>,
    task: AbortHandle,
}

impl Listener {
    /// Listens at `address`; `[::]` stands for both families, or for IPv4 where there is no IPv6. Must be called inside the
    /// tokio runtime.
    pub fn bind(address: SocketAddr, role: Role, identity: &Identity, keys: &EndpointKeys) -> Result<Self, NetError> {
        let socket = bind(address)?;
        let mut config = ServerConfig::with_crypto(Arc::new(tls::server(identity)?));
        config
            .transport_config(settings::transport(role))
            .max_incoming(MAX_INCOMING)
            .incoming_buffer_size(INCOMING_BYTES.0)
            .incoming_buffer_size_total(INCOMING_BYTES.1);
        let endpoint = endpoint(keys.config(), Some(config), socket, address)?;
        let address = endpoint.local_addr().map_err(|source| NetError::Bind { address, source })?;
        let (links, ready) = mpsc::channel(MAX_READY);
        let task = tokio::spawn(admit(endpoint.clone(), role, links)).abort_handle();
        Ok(Self { endpoint, address, ready, task })
    }

    /// Where it listens, with the port that the system chose if it was 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next peer; `None` when the socket has failed. Dropping the future loses nothing.
    pub async fn accept(&mut self) -> Option<Link> {
        self.ready.recv().await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
        // Links that live on keep the socket, but nobody new comes in.
        self.endpoint.set_server_config(None);
    }
}

/// Connects to `addr` (`HOST`, `HOST:PORT` or `[IPV6]:PORT`), provided that the key there is one that `expected` accepts.
///
/// All addresses of a name are tried, each with a short head start before the next. Must be called inside the tokio
/// runtime.
pub async fn dial(
    addr: &str,
    role: Role,
    identity: &Identity,
    expected: impl Fn(Fingerprint) -> bool + Send + Sync + 'static,
    within: Duration,
) -> Result<Link, NetError> {
    let unreachable = |why: String| NetError::Unreachable { addr: addr.to_owned(), why };
    let (host, port) = split(addr).ok_or_else(|| NetError::InvalidAddress(addr.to_owned()))?;
    let pin = Arc::new(Pin::new(expected));
    let mut config = ClientConfig::new(Arc::new(tls::client(identity, Arc::clone(&pin))?));
    config.transport_config(settings::transport(role));
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let endpoint = endpoint(EndpointConfig::default(), None, bind(any)?, any)?;
    let attempt = async {
        let found: Vec<_> = lookup_host((host, port))
            .await
            .map_err(|error| unreachable(format!("the name is not known ({error})")))?
            .collect();
        let mut attempts: FuturesUnordered<_> = (0..)
            .zip(found)
            .map(|(turn, address)| dial_one(&endpoint, &config, address, role, STAGGER * turn))
            .collect();
        let mut failure = unreachable("the name has no address".to_owned());
        while let Some(outcome) = attempts.next().await {
            match outcome {
                Ok(link) => return Ok(link),
                Err(_) if pin.rejected().is_some() => break,
                Err(error) => failure = explain(addr, &error),
            }
        }
        Err(pin.rejected().map_or(failure, NetError::WrongPeer))
    };
    timeout(within, attempt).await.unwrap_or_else(|_| {
        let seconds = within.as_secs_f32();
        Err(unreachable(format!(
            "no answer in {seconds} s; is it running there, and does the firewall let UDP through?"
        )))
    })
}

/// A failed attempt.
enum Failed {
    Start(ConnectError),
    Handshake(ConnectionError),
    Link(LinkError),
}

async fn dial_one(
    endpoint: &Endpoint,
    config: &ClientConfig,
    address: SocketAddr,
    role: Role,
    delay: Duration,
) -> Result<Link, Failed> {
    sleep(delay).await;
    // The name is not sent, and not checked: the key is.
    let connecting = endpoint.connect_with(config.clone(), address, "beside").map_err(Failed::Start)?;
    let connection = connecting.await.map_err(Failed::Handshake)?;
    Link::new(connection, endpoint.clone(), role, None).await.map_err(Failed::Link)
}

fn explain(addr: &str, failed: &Failed) -> NetError {
    let addr = addr.to_owned();
    match failed {
        Failed::Handshake(ConnectionError::ConnectionClosed(close))
            if close.error_code == TransportErrorCode::CONNECTION_REFUSED =>
        {
            NetError::Refused(addr)
        }
        Failed::Handshake(ConnectionError::ConnectionClosed(close))
            if close.error_code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) =>
        {
            NetError::Incompatible(addr)
        }
        Failed::Handshake(ConnectionError::VersionMismatch) => NetError::Incompatible(addr),
        Failed::Handshake(error) => NetError::Unreachable { addr, why: error.to_string() },
        Failed::Start(error) => NetError::Unreachable { addr, why: error.to_string() },
        Failed::Link(error) => NetError::Unreachable { addr, why: error.to_string() },
    }
}

/// Lets peers in, as far as the door allows, until the endpoint is closed.
async fn admit(endpoint: Endpoint, role: Role, links: mpsc::Sender<Link>) {
    let door = Door::default();
    let mut handshakes = JoinSet::new();
    while let Some(incoming) = endpoint.accept().await {
        while handshakes.try_join_next().is_some() {}
        if let Some((connecting, admission)) = greet(incoming, &door) {
            handshakes.spawn(shake_hands(connecting, endpoint.clone(), role, admission, links.clone()));
        }
    }
}

/// Starts a handshake with a peer that has shown that it receives at its address, if there is room for it.
fn greet(incoming: Incoming, door: &Door) -> Option<(Connecting, Admission)> {
    let remote = incoming.remote_address();
    if !incoming.remote_address_validated() {
        // Fails only for addresses that are validated already.
        let _ = incoming.retry();
        return None;
    }
    let Some(admission) = door.admit(remote.ip()) else {
        tracing::debug!(%remote, "refused a connection: too many are waiting");
        incoming.refuse();
        return None;
    };
    match incoming.accept() {
        Ok(connecting) => Some((connecting, admission)),
        Err(error) => {
            tracing::debug!(%remote, %error, "a connection attempt failed");
            None
        }
    }
}

async fn shake_hands(
    connecting: Connecting,
    endpoint: Endpoint,
    role: Role,
    admission: Admission,
    links: mpsc::Sender<Link>,
) {
    let remote = connecting.remote_address();
    let handshake = async {
        let connection = connecting.await.map_err(|error| error.to_string())?;
        Link::new(connection, endpoint, role, Some(admission)).await.map_err(|error| error.to_string())
    };
    match timeout(HANDSHAKE, handshake).await {
        // The receiver is gone only when the listener is.
        Ok(Ok(link)) => drop(links.send(link).await),
        Ok(Err(error)) => tracing::debug!(%remote, %error, "a handshake failed"),
        Err(_) => tracing::debug!(%remote, "a handshake took too long"),
    }
}

/// The host and port of an address text.
fn split(addr: &str) -> Option<(&str, u16)> {
    let bare = |host: &'_ str| !host.is_empty() && !host.contains(['[', ']', ' ']);
    if let Some((host, rest)) = addr.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let port = if rest.is_empty() { DEFAULT_PORT } else { rest.strip_prefix(':')?.parse().ok()? };
        return host.parse::<Ipv6Addr>().is_ok().then_some((host, port));
    }
    match addr.rsplit_once(':') {
        // An IPv6 address without brackets has no room for a port.
        Some(_) if addr.parse::<Ipv6Addr>().is_ok() => Some((addr, DEFAULT_PORT)),
        Some((host, port)) => Some((host, port.parse().ok()?)).filter(|(host, _)| bare(host) && !host.contains(':')),
        None => Some((addr, DEFAULT_PORT)).filter(|(host, _)| bare(host)),
    }
}

fn endpoint(
    config: EndpointConfig,
    server: Option<ServerConfig>,
    socket: UdpSocket,
    address: SocketAddr,
) -> Result<Endpoint, NetError> {
    Endpoint::new(config, server, socket, Arc::new(TokioRuntime)).map_err(|source| NetError::Bind { address, source })
}

/// A socket at `address`, for both families where that means all addresses.
fn bind(address: SocketAddr) -> Result<UdpSocket, NetError> {
    let bound = match bind_to(address) {
        // A machine without IPv6.
        Err(error) if address.ip() == Ipv6Addr::UNSPECIFIED && error.kind() != io::ErrorKind::AddrInUse => {
            bind_to((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    };
    bound.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => NetError::AddressInUse(address),
        _ => NetError::Bind { address, source },
    })
}

fn bind_to(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Whatever the system gives will do.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split() {
        for (text, host, port) in [
            ("pc7", "pc7", DEFAULT_PORT),
            ("pc7.example.org:9", "pc7.example.org", 9),
            ("192.0.2.1", "192.0.2.1", DEFAULT_PORT),
            ("[::1]:9", "::1", 9),
            ("[::1]", "::1", DEFAULT_PORT),
            ("fe80::1", "fe80::1", DEFAULT_PORT),
        ] {
            assert_eq!(split(text), Some((host, port)), "{text}");
        }
        for text in ["", ":9", "pc7:", "pc7:99999", "[::1", "[::1]9", "[pc7]:9", "a:b:9", "pc 7"] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
