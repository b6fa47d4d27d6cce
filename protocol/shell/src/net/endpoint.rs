//! The ways to a link: listening on a port, and dialling one.

use super::{
    Role, Transport,
    admission::{Admission, Door, Eviction},
    attempt::{Failed, either, welcome},
    keys::EndpointKeys,
    link::Link,
    settings,
    tls::{self, Pin},
    tunnel::{self, Gate},
};
use crate::identity::Identity;
use beside_protocol::wire::Fingerprint;
use futures_util::{StreamExt, stream::FuturesUnordered};
use quinn::{
    AsyncUdpSocket, ClientConfig, Connecting, Endpoint, EndpointConfig, Incoming, Runtime, ServerConfig, TokioRuntime,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    fmt,
    future::pending,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, lookup_host},
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, timeout_at},
};

/// The port, of UDP and of TCP, when none is named.
pub const DEFAULT_PORT: u16 = 7443;

/// How long a peer may take to answer the first packet and complete the handshake, for a person who waits for it.
pub const DIAL: Duration = Duration::from_secs(10);

/// Connection attempts that nobody has looked at yet.
const MAX_INCOMING: usize = 64;
/// What is kept of the first packets of one attempt, and of all, in bytes: a post-quantum hello is two packets.
const INCOMING_BYTES: (u64, u64) = (64 * 1024, 4 * 1024 * 1024);
/// Links that the program has not taken yet.
const MAX_READY: usize = 8;
/// The head start of one address of a name before the next is tried as well.
const STAGGER: Duration = Duration::from_millis(250);
/// How often the system may choose a port that TCP can't have.
const CHOICES: u32 = 8;
/// What is asked of the system as room for packets that arrive in a burst, in bytes; it may give less.
const SOCKET_BUFFER: usize = 2 * 1024 * 1024;
/// Any port, of both families.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0);

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
    /// Listens at `address`, on UDP and on TCP; `[::]` stands for both families, or for IPv4 where there is no IPv6. Where TCP's
    /// port is taken, on UDP alone. Must be called inside the tokio runtime.
    pub fn bind(address: SocketAddr, role: Role, identity: &Identity, keys: &EndpointKeys) -> Result<Self, NetError> {
        let (udp, tcp) = bind_both(address)?;
        let tcp = tcp.inspect_err(|error| {
            tracing::warn!(%address, %error, "Only UDP is listened to, not TCP: peers whose network blocks UDP can't come in");
        });
        Self::over(wrap(udp, address)?, tcp.ok(), address, role, identity, keys)
    }

    /// Listens at `address` through sockets that are there already.
    pub(super) fn over(
        socket: Arc<dyn AsyncUdpSocket>,
        tcp: Option<TcpListener>,
        address: SocketAddr,
        role: Role,
        identity: &Identity,
        keys: &EndpointKeys,
    ) -> Result<Self, NetError> {
        let mut config = ServerConfig::with_crypto(Arc::new(tls::server(identity)?));
        config
            .transport_config(settings::transport(role))
            .max_incoming(MAX_INCOMING)
            .incoming_buffer_size(INCOMING_BYTES.0)
            .incoming_buffer_size_total(INCOMING_BYTES.1);
        let endpoint = endpoint(keys.config(), Some(config.clone()), socket, address)?;
        let address = endpoint.local_addr().map_err(|source| NetError::Bind { address, source })?;
        let (links, ready) = mpsc::channel(MAX_READY);
        let door = Door::default();
        let gate = Gate::new(identity, config, role, door.clone(), links.clone())?;
        let datagrams = admit(endpoint.clone(), role, door, links);
        let tunnels = async move {
            match tcp {
                Some(listener) => tunnel::admit(listener, gate).await,
                None => pending().await,
            }
        };
        // Without UDP there is no listener, without TCP there is.
        let both = async {
            tokio::select! {
                () = datagrams => {}
                () = tunnels => {}
            }
        };
        let task = tokio::spawn(both).abort_handle();
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
/// All addresses of a name are tried, each with a short head start before the next; when nothing answers over UDP, TCP is
/// tried as well. Must be called inside the tokio runtime.
pub async fn dial(
    addr: &str,
    role: Role,
    identity: &Identity,
    expected: impl Fn(Fingerprint) -> bool + Send + Sync + 'static,
    within: Duration,
) -> Result<Link, NetError> {
    let begun = Instant::now();
    let dialling = Dialling::prepare(wrap(bind(ANY)?, ANY)?, addr, role, identity, expected, begun + within).await?;
    let tunnels = tunnel::Dialler::new(identity, Arc::clone(&dialling.pin), dialling.config.clone(), role)?;
    let tcp = one_of(addr, &dialling.pin, dialling.found.iter().map(|&address| tunnels.dial(address)));
    either(addr, dialling.udp(addr, role), tcp, begun, within).await
}

/// Connects to `addr` over UDP alone, through a socket that is there already; see [`dial`].
#[cfg(feature = "emulator")]
pub(super) async fn dial_over(
    socket: Arc<dyn AsyncUdpSocket>,
    addr: &str,
    role: Role,
    identity: &Identity,
    expected: impl Fn(Fingerprint) -> bool + Send + Sync + 'static,
    within: Duration,
) -> Result<Link, NetError> {
    let deadline = Instant::now() + within;
    let dialling = Dialling::prepare(socket, addr, role, identity, expected, deadline).await?;
    timeout_at(deadline, dialling.udp(addr, role)).await.unwrap_or_else(|_| {
        Err(NetError::Unreachable { addr: addr.to_owned(), why: format!("no answer in {within:?}") })
    })
}

/// What it takes to dial.
struct Dialling {
    endpoint: Endpoint,
    config: ClientConfig,
    pin: Arc<Pin>,
    found: Vec<SocketAddr>,
}

impl Dialling {
    async fn prepare(
        socket: Arc<dyn AsyncUdpSocket>,
        addr: &str,
        role: Role,
        identity: &Identity,
        expected: impl Fn(Fingerprint) -> bool + Send + Sync + 'static,
        deadline: Instant,
    ) -> Result<Self, NetError> {
        let (host, port) = split(addr).ok_or_else(|| NetError::InvalidAddress(addr.to_owned()))?;
        let pin = Arc::new(Pin::new(expected));
        let mut config = ClientConfig::new(Arc::new(tls::client(identity, Arc::clone(&pin))?));
        config.transport_config(settings::transport(role));
        let endpoint = endpoint(EndpointConfig::default(), None, socket, ANY)?;
        let found = resolve(addr, host, port, deadline).await?;
        Ok(Self { endpoint, config, pin, found })
    }

    /// Tries all addresses over UDP.
    async fn udp(&self, addr: &str, role: Role) -> Result<Link, NetError> {
        let attempts = self.found.iter().map(|&address| dial_udp(&self.endpoint, &self.config, address, role));
        one_of(addr, &self.pin, attempts).await
    }
}

/// All addresses of a name.
async fn resolve(addr: &str, host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, NetError> {
    let unreachable = |why: String| NetError::Unreachable { addr: addr.to_owned(), why };
    match timeout_at(deadline, lookup_host((host, port))).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(unreachable(format!("the name is not known ({error})"))),
        Err(_) => Err(unreachable("it took too long to look the name up".to_owned())),
    }
}

/// The first link of these attempts, each having a short head start before the next.
async fn one_of(
    addr: &str,
    pin: &Pin,
    attempts: impl Iterator<Item = impl Future<Output = Result<Link, Failed>>>,
) -> Result<Link, NetError> {
    let delayed = |(turn, attempt)| async move {
        sleep(STAGGER * turn).await;
        attempt.await
    };
    let mut attempts: FuturesUnordered<_> = (0..).zip(attempts).map(delayed).collect();
    let mut failure = NetError::Unreachable { addr: addr.to_owned(), why: "the name has no address".to_owned() };
    while let Some(outcome) = attempts.next().await {
        match outcome {
            Ok(link) => return Ok(link),
            Err(_) if pin.rejected().is_some() => break,
            Err(failed) => failure = failed.explain(addr),
        }
    }
    Err(pin.rejected().map_or(failure, NetError::WrongPeer))
}

async fn dial_udp(endpoint: &Endpoint, config: &ClientConfig, address: SocketAddr, role: Role) -> Result<Link, Failed> {
    // The name is not sent, and not checked: the key is.
    let connecting = endpoint.connect_with(config.clone(), address, "beside")?;
    Ok(Link::new(connecting.await?, endpoint.clone(), role, Transport::Udp, None).await?)
}

/// Lets peers in, as far as the door allows, until the endpoint is closed.
async fn admit(endpoint: Endpoint, role: Role, door: Door, links: mpsc::Sender<Link>) {
    let mut handshakes = JoinSet::new();
    while let Some(incoming) = endpoint.accept().await {
        while handshakes.try_join_next().is_some() {}
        if let Some((connecting, admission, eviction)) = greet(incoming, &door) {
            let remote = connecting.remote_address();
            let handshake = shake_hands(connecting, endpoint.clone(), role, admission);
            handshakes.spawn(welcome(remote, handshake, eviction, links.clone()));
        }
    }
}

/// Starts a handshake with a peer that has shown that it receives at its address, if there is room for it.
fn greet(incoming: Incoming, door: &Door) -> Option<(Connecting, Admission, Eviction)> {
    let remote = incoming.remote_address();
    if !incoming.remote_address_validated() {
        // Fails only for addresses that are validated already.
        let _ = incoming.retry();
        return None;
    }
    let Some((admission, eviction)) = door.admit(Instant::now().into_std(), remote.ip()) else {
        tracing::debug!(%remote, "refused a connection: too many are waiting");
        incoming.refuse();
        return None;
    };
    match incoming.accept() {
        Ok(connecting) => Some((connecting, admission, eviction)),
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
) -> Result<Link, Failed> {
    Ok(Link::new(connecting.await?, endpoint, role, Transport::Udp, Some(admission)).await?)
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
    socket: Arc<dyn AsyncUdpSocket>,
    address: SocketAddr,
) -> Result<Endpoint, NetError> {
    Endpoint::new_with_abstract_socket(config, server, socket, Arc::new(TokioRuntime))
        .map_err(|source| NetError::Bind { address, source })
}

/// Sockets for UDP and TCP with one port, TCP's only if it can be had. Where the system is to choose the port it is asked again
/// when TCP's is taken.
fn bind_both(address: SocketAddr) -> Result<(UdpSocket, io::Result<TcpListener>), NetError> {
    let mut choices = if address.port() == 0 { CHOICES } else { 1 };
    loop {
        let udp = bind(address)?;
        let tcp = udp.local_addr().and_then(tunnel::listen);
        choices -= 1;
        if tcp.is_ok() || choices == 0 {
            return Ok((udp, tcp));
        }
    }
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

/// The socket as quinn wants it.
fn wrap(socket: UdpSocket, address: SocketAddr) -> Result<Arc<dyn AsyncUdpSocket>, NetError> {
    TokioRuntime.wrap_udp_socket(socket).map_err(|source| NetError::Bind { address, source })
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
