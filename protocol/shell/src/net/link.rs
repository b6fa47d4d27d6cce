//! A connection between a host and an officer, as messages on channels.

use super::{
    Role, Transport,
    admission::{self, Admission, Eviction},
    congestion::Window,
    incoming::Inbox,
    moves::Moves,
    outgoing::{Frames, Lane, Unsent},
    settings, tls,
};
use beside_protocol::{
    session::{Keying, Line, contact::Source},
    wire::{Channel, End, Fingerprint},
};
use bytes::Bytes;
use quinn::{
    Connection, ConnectionError, Endpoint, SendDatagramError, crypto::rustls::HandshakeData,
    rustls::pki_types::CertificateDer,
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::timeout;
use zeroize::Zeroize;

/// How long a closing side waits for the peer to have its last control message.
const FLUSH: Duration = Duration::from_secs(1);
/// How long it then stays to repeat that it has closed.
const LINGER: Duration = Duration::from_millis(200);

/// The labels of what both sides derive from the handshake (RFC 5705, with an empty context): for a session's secret, and
/// for the name of the connection in proofs.
const SECRET: &[u8] = b"EXPORTER-beside-session-secret";
const BINDING: &[u8] = b"EXPORTER-beside-connection-name";

/// The codes with which a side closes the connection.
mod code {
    use quinn::VarInt;

    pub(super) const DONE: VarInt = VarInt::from_u32(0);
    pub(super) const STUCK: VarInt = VarInt::from_u32(2);
    pub(super) const NOT_KNOWN: VarInt = VarInt::from_u32(3);
    pub(super) const BUSY: VarInt = VarInt::from_u32(4);
    pub(super) const CROWDED: VarInt = VarInt::from_u32(6);
}

/// A connection to a peer that has proven its key. Until [`Link::approve`] it carries control messages only, and little
/// of them.
///
/// Dropping it closes the connection at once; [`Link::close`] sees to it that the last control message arrives.
#[derive(Debug)]
pub struct Link {
    connection: Connection,
    endpoint: Endpoint,
    role: Role,
    transport: Transport,
    peer: Fingerprint,
    key_exchange: String,
    keying: Keying,
    moves: Moves,
    approved: Arc<AtomicBool>,
    admission: Option<Admission>,
    control: Lane,
    input: Lane,
    cursor: Lane,
    frames: Frames,
    inbox: Inbox,
}

/// Why a link carries no more messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The connection broke, for the reason given.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The peer closed it.
    #[error("the other side closed the connection")]
    Closed,
    /// The peer broke the rules, as described; the link should be closed.
    #[error("the other side broke the protocol: {0}")]
    Misbehaved(&'static str),
    /// An officer who waits for calls took this one not.
    #[error(transparent)]
    TurnedAway(Refusal),
}

/// Why an officer who waits for calls takes one not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The officer knows no machine with that key.
    #[error(
        "the officer does not know this machine's key; have `beside-viewer trust` run there with what `beside-server identity` prints here"
    )]
    NotKnown,
    /// The officer is in a session with another machine.
    #[error("the officer is in another session; try again later")]
    Busy,
}

impl Link {
    /// Makes a link of a connection whose handshake is complete.
    pub(super) async fn new(
        connection: Connection,
        endpoint: Endpoint,
        role: Role,
        transport: Transport,
        admission: Option<Admission>,
    ) -> Result<Self, LinkError> {
        let peer = peer_key(&connection).ok_or(LinkError::Misbehaved("it has shown no key"))?;
        let key_exchange = key_exchange(&connection).ok_or(LinkError::Misbehaved("it has agreed on no key"))?;
        let keying = keying(&connection).ok_or(LinkError::Misbehaved("it has agreed on no secret"))?;
        let moves = Moves::new(remote(&connection));
        let approved = Arc::new(AtomicBool::new(false));
        let control = Lane::new(Channel::Control);
        let answers = match role {
            Role::Host => None,
            Role::Officer => {
                let (stream, answers) = connection.open_bi().await.map_err(|_| LinkError::of(&connection))?;
                control.open(stream);
                Some(answers)
            }
        };
        let inbox = Inbox::new(&connection, role, control.clone(), answers, Arc::clone(&approved));
        Ok(Self {
            connection,
            endpoint,
            role,
            transport,
            peer,
            key_exchange,
            keying,
            moves,
            approved,
            admission,
            control,
            input: Lane::new(Channel::Input),
            cursor: Lane::new(Channel::Cursor),
            frames: Frames::new(),
            inbox,
        })
    }

    /// The peer's key; it has proven that it has the private half.
    pub fn peer(&self) -> Fingerprint {
        self.peer
    }

    /// This side's part in the session.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What carries its packets.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Where the peer's packets come from at present.
    pub fn remote(&self) -> SocketAddr {
        remote(&self.connection)
    }

    /// What the peer is counted under where it may not try as often as it likes: its IPv4 address, or its IPv6 network.
    pub fn source(&self) -> Source {
        admission::source(self.remote().ip())
    }

    /// Where the peer is now, if its network has changed since this was last asked; of more than five changes in a minute
    /// the rest is not told. Only the side that was dialled learns of them.
    pub fn moved(&mut self, now: Instant) -> Option<SocketAddr> {
        let remote = self.remote();
        self.moves.is_news(now, remote).then_some(remote)
    }

    /// What both sides, and nobody else, know of this connection.
    pub fn keying(&self) -> Keying {
        self.keying.clone()
    }

    /// The round trip time, smoothed.
    pub fn rtt(&self) -> Duration {
        self.connection.rtt()
    }

    /// How the line is, as far as the connection knows.
    pub fn line(&self) -> Line {
        let path = self.connection.stats().path;
        let controller = self.connection.congestion_state().into_any().downcast::<Window>().ok();
        let rate = controller.as_ref().and_then(|controller| controller.rate());
        let round_trip = controller.and_then(|controller| controller.round_trip()).unwrap_or(path.min_rtt);
        Line { window: path.cwnd, rate, round_trip }
    }

    /// The key exchange that was negotiated, for the audit log: normally `X25519MLKEM768`.
    pub fn key_exchange(&self) -> &str {
        &self.key_exchange
    }

    /// Whether [`Link::approve`] was called.
    pub fn is_approved(&self) -> bool {
        self.approved.load(Ordering::Relaxed)
    }

    /// The peer waits for the user's answer, and does not have to make room for strangers meanwhile.
    pub fn keep(&self) {
        if let Some(admission) = &self.admission {
            admission.keep();
        }
    }

    /// Closes the connection if the peer has to make room before [`Link::approve`] or [`Link::keep`].
    pub(super) fn make_room_on(&self, eviction: Eviction) {
        let connection = self.connection.clone();
        tokio::spawn(async move {
            if eviction.await.is_ok() {
                connection.close(code::CROWDED, b"too many are waiting");
            }
        });
    }

    /// Opens all channels and widens the limits: to be called when the session has been granted, on both sides.
    pub fn approve(&mut self) {
        self.approved.store(true, Ordering::Relaxed);
        self.admission = None;
        settings::widen(&self.connection, self.role);
    }

    /// Sends a message; never waits. Must be called inside the tokio runtime.
    ///
    /// Messages of one channel arrive in order, except that each frame travels alone, and a pointer position that can't
    /// be sent at once is dropped for the next. When the peer takes so little that messages pile up, the link is closed.
    pub fn send(&self, channel: Channel, message: Bytes) -> Result<(), LinkError> {
        debug_assert!(message.len() <= channel.limit(), "a message on {channel:?} is too long");
        let sent = match channel {
            Channel::Control => self.control.send(message),
            Channel::Input => self.send_on(&self.input, message),
            Channel::Cursor => self.send_on(&self.cursor, message),
            Channel::Frame => self.frames.send(&self.connection, message),
            Channel::Pointer => self.send_datagram(message),
        };
        sent.map_err(|unsent| {
            let error = match unsent {
                Unsent::Full => LinkError::Lost("the other side takes no more data".to_owned()),
                Unsent::Gone => LinkError::of(&self.connection),
            };
            if unsent == Unsent::Full {
                self.connection.close(code::STUCK, b"stuck");
            }
            error
        })
    }

    /// The next message. Dropping the future loses nothing; after an error there is only that error.
    ///
    /// What arrived before the connection ended is returned first.
    pub async fn recv(&mut self) -> Result<(Channel, Bytes), LinkError> {
        self.inbox.next().await
    }

    /// Closes the link once the peer has all control messages, or after a second.
    pub async fn close(self) {
        // A peer that does not answer is left without.
        let _ = timeout(FLUSH, self.control.finish()).await;
        self.connection.close(code::DONE, b"");
        let _ = timeout(LINGER, self.endpoint.wait_idle()).await;
    }

    /// Closes the link at once and says why.
    pub fn turn_away(self, refusal: Refusal) {
        let (code, why) = match refusal {
            Refusal::NotKnown => (code::NOT_KNOWN, "not known"),
            Refusal::Busy => (code::BUSY, "busy"),
        };
        self.connection.close(code, why.as_bytes());
    }

    fn send_on(&self, lane: &Lane, message: Bytes) -> Result<(), Unsent> {
        lane.open_once(&self.connection);
        lane.send(message)
    }

    fn send_datagram(&self, message: Bytes) -> Result<(), Unsent> {
        match self.connection.send_datagram(message) {
            Ok(()) => Ok(()),
            Err(SendDatagramError::ConnectionLost(_)) => Err(Unsent::Gone),
            // Lost like a datagram on the way: the next position tells the same.
            Err(SendDatagramError::TooLarge | SendDatagramError::Disabled | SendDatagramError::UnsupportedByPeer) => {
                Ok(())
            }
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.connection.close(code::DONE, b"");
    }
}

impl LinkError {
    /// How a session ends whose link fails so.
    pub const fn end(&self) -> End {
        match self {
            Self::Misbehaved(_) => End::Misbehaved,
            Self::Lost(_) | Self::Closed | Self::TurnedAway(_) => End::LinkLost,
        }
    }

    /// Why this connection, which has failed us, is no more.
    pub(super) fn of(connection: &Connection) -> Self {
        let lost = |why: &str| Self::Lost(why.to_owned());
        match connection.close_reason() {
            None => Self::Misbehaved("it stopped a stream"),
            Some(ConnectionError::ApplicationClosed(close)) => match close.error_code {
                code::DONE => Self::Closed,
                code::NOT_KNOWN => Self::TurnedAway(Refusal::NotKnown),
                code::BUSY => Self::TurnedAway(Refusal::Busy),
                code::CROWDED => lost("too many are waiting there; try again later"),
                _ => lost("the other side says that this side takes no more data"),
            },
            Some(ConnectionError::ConnectionClosed(_)) => lost("the other side broke it off"),
            Some(ConnectionError::Reset) => lost("the other side's program was restarted"),
            Some(ConnectionError::TimedOut) => lost("nothing came from the other side any more"),
            Some(ConnectionError::LocallyClosed) => {
                lost("it was closed here, or the TCP connection that carried it ended")
            }
            Some(error @ (ConnectionError::TransportError(_) | ConnectionError::VersionMismatch)) => {
                Self::Lost(error.to_string())
            }
            Some(ConnectionError::CidsExhausted) => lost("too many connections"),
        }
    }
}

fn remote(connection: &Connection) -> SocketAddr {
    let address = connection.remote_address();
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn keying(connection: &Connection) -> Option<Keying> {
    let (mut secret, mut binding) = ([0; Keying::BYTES], [0; Keying::BYTES]);
    connection.export_keying_material(&mut secret, SECRET, b"").ok()?;
    connection.export_keying_material(&mut binding, BINDING, b"").ok()?;
    let keying = Keying::new(secret, binding);
    secret.zeroize();
    Some(keying)
}

fn peer_key(connection: &Connection) -> Option<Fingerprint> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    tls::key_of(chain.first()?).ok()
}

fn key_exchange(connection: &Connection) -> Option<String> {
    let handshake = connection.handshake_data()?.downcast::<HandshakeData>().ok()?;
    Some(format!("{:?}", handshake.negotiated_key_exchange_group))
}
