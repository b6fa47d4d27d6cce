//! Receiving: every stream and datagram of a connection, checked against what this role may be sent.
//!
//! Nothing is read ahead: what the program does not take stays in the connection's window, so a flood stops itself.

use super::{
    Role,
    copies::{Arrivals, Malformed},
    link::LinkError,
    outgoing::{Lane, tag},
};
use beside_protocol::wire::{self, Channel, FRAMING, FramePart, LIMIT_BEFORE_APPROVAL};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use quinn::{Connection, ReadError, ReadExactError, RecvStream, SendStream};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// How long a message may take from its first byte to its last. Longer than the longest silence that a link survives, so
/// that only a peer that drips bytes meets it.
const DRIP: Duration = Duration::from_secs(20);
/// The most bytes of unfinished frames.
const MAX_UNFINISHED: usize = 8 * FramePart::MAX_BYTES;

/// The receiving end of a connection.
pub(super) struct Inbox {
    connection: Connection,
    role: Role,
    approved: Arc<AtomicBool>,
    /// Everything that is being waited for. What is in it survives a dropped `next`.
    sources: FuturesUnordered<Source>,
    /// The long-lived channels that the peer has opened.
    opened: Vec<Channel>,
    /// Where answers on the control stream go.
    control: Lane,
    unfinished: Arc<AtomicUsize>,
    arrivals: Arrivals,
    verdict: Option<LinkError>,
}

type Source = Pin<Box<dyn Future<Output = Result<Event, Fault>> + Send>>;

/// What a source has come to.
enum Event {
    Stream(RecvStream),
    Both(SendStream, RecvStream),
    Tagged(u8, Option<SendStream>, RecvStream),
    Message(Channel, Bytes, RecvStream),
    Frame(u64, Bytes),
    Datagram(Bytes),
    Finished(Channel),
}

/// Why a source has come to nothing.
enum Fault {
    /// The connection is gone, or the peer has taken the frame back.
    Over,
    /// The peer broke the rules.
    Misbehaved(&'static str),
}

impl Inbox {
    /// For a connection on which the peer has opened nothing yet. An officer has opened `control` itself.
    pub(super) fn new(
        connection: &Connection,
        role: Role,
        lane: Lane,
        control: Option<RecvStream>,
        approved: Arc<AtomicBool>,
    ) -> Self {
        let inbox = Self {
            connection: connection.clone(),
            role,
            approved,
            sources: FuturesUnordered::new(),
            opened: Vec::new(),
            control: lane,
            unfinished: Arc::default(),
            arrivals: Arrivals::default(),
            verdict: None,
        };
        inbox.wait_for(accept_uni(connection.clone()));
        inbox.wait_for(accept_bi(connection.clone()));
        inbox.wait_for_datagram();
        if let Some(control) = control {
            inbox.wait_for_message(Channel::Control, control);
        }
        inbox
    }

    /// The next message. Dropping the future loses nothing. After an error there is only that error.
    pub(super) async fn next(&mut self) -> Result<(Channel, Bytes), LinkError> {
        loop {
            if let Some(verdict) = &self.verdict {
                return Err(verdict.clone());
            }
            let outcome = match self.sources.next().await {
                Some(Ok(event)) => self.handle(event),
                Some(Err(Fault::Misbehaved(what))) => Err(LinkError::Misbehaved(what)),
                // Other sources may still hold what arrived before the end.
                Some(Err(Fault::Over)) => Ok(None),
                None => Err(LinkError::of(&self.connection)),
            };
            match outcome {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => {}
                Err(verdict) => self.verdict = Some(verdict),
            }
        }
    }

    fn handle(&mut self, event: Event) -> Result<Option<(Channel, Bytes)>, LinkError> {
        match event {
            Event::Stream(stream) => {
                self.wait_for(accept_uni(self.connection.clone()));
                self.wait_for(tagged(None, stream));
            }
            Event::Both(answers, stream) => {
                self.wait_for(accept_bi(self.connection.clone()));
                self.wait_for(tagged(Some(answers), stream));
            }
            Event::Tagged(tag, answers, stream) => self.admit(tag, answers, stream)?,
            Event::Message(channel, message, stream) => {
                self.wait_for_message(channel, stream);
                return Ok(Some((channel, message)));
            }
            Event::Frame(stream, frame) if self.arrivals.take(stream) => return Ok(Some((Channel::Frame, frame))),
            Event::Frame(..) => {}
            Event::Datagram(datagram) => {
                self.wait_for_datagram();
                return self.check_datagram(datagram);
            }
            Event::Finished(Channel::Control) => return Err(LinkError::Closed),
            Event::Finished(_) => {}
        }
        Ok(None)
    }

    /// Starts to read a stream of the peer, if it may have it.
    fn admit(&mut self, first: u8, answers: Option<SendStream>, stream: RecvStream) -> Result<(), LinkError> {
        let channels: &[Channel] = match (self.role, answers.is_some()) {
            (Role::Host, true) => &[Channel::Control],
            (Role::Host, false) => &[Channel::Input],
            (Role::Officer, true) => &[],
            (Role::Officer, false) => &[Channel::Cursor, Channel::Frame],
        };
        let channel = channels.iter().copied().find(|&channel| tag(channel) == first);
        let channel = channel.ok_or(LinkError::Misbehaved("it opened a stream that it may not have"))?;
        if channel == Channel::Frame {
            self.wait_for(frame(stream, Unfinished::new(&self.unfinished)));
            return Ok(());
        }
        if self.opened.contains(&channel) {
            return Err(LinkError::Misbehaved("it opened a channel a second time"));
        }
        self.opened.push(channel);
        if let Some(answers) = answers {
            self.control.attach(answers);
        }
        self.wait_for_message(channel, stream);
        Ok(())
    }

    /// An officer's datagram is a place of the pointer, a host's is a piece of a frame's copy.
    fn check_datagram(&mut self, datagram: Bytes) -> Result<Option<(Channel, Bytes)>, LinkError> {
        let misbehaved = LinkError::Misbehaved("it sent a datagram that it may not send");
        match self.role {
            _ if !self.approved.load(Ordering::Relaxed) => Err(misbehaved),
            Role::Host if datagram.len() > Channel::Pointer.limit() => Err(misbehaved),
            Role::Host => Ok(Some((Channel::Pointer, datagram))),
            Role::Officer => match self.arrivals.add(datagram) {
                Ok(frame) => Ok(frame.map(|frame| (Channel::Frame, frame))),
                Err(Malformed) => Err(misbehaved),
            },
        }
    }

    fn wait_for_datagram(&self) {
        match self.role {
            Role::Host => self.wait_for(newest_datagram(self.connection.clone())),
            Role::Officer => self.wait_for(datagram(self.connection.clone())),
        }
    }

    fn wait_for(&self, source: impl Future<Output = Result<Event, Fault>> + Send + 'static) {
        self.sources.push(Box::pin(source));
    }

    fn wait_for_message(&self, channel: Channel, stream: RecvStream) {
        self.wait_for(message(channel, stream, Arc::clone(&self.approved)));
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("role", &self.role).field("opened", &self.opened).finish_non_exhaustive()
    }
}

async fn accept_uni(connection: Connection) -> Result<Event, Fault> {
    connection.accept_uni().await.map(Event::Stream).map_err(|_| Fault::Over)
}

async fn accept_bi(connection: Connection) -> Result<Event, Fault> {
    connection.accept_bi().await.map(|(answers, stream)| Event::Both(answers, stream)).map_err(|_| Fault::Over)
}

async fn datagram(connection: Connection) -> Result<Event, Fault> {
    connection.read_datagram().await.map(Event::Datagram).map_err(|_| Fault::Over)
}

/// The newest datagram: of several that wait, the older ones are worth nothing.
async fn newest_datagram(connection: Connection) -> Result<Event, Fault> {
    let mut newest = connection.read_datagram().await.map_err(|_| Fault::Over)?;
    while let Some(Ok(newer)) = connection.read_datagram().now_or_never() {
        newest = newer;
    }
    Ok(Event::Datagram(newest))
}

/// The first byte of a stream.
async fn tagged(answers: Option<SendStream>, mut stream: RecvStream) -> Result<Event, Fault> {
    let mut first = [0];
    in_time(stream.read_exact(&mut first)).await?;
    Ok(Event::Tagged(first[0], answers, stream))
}

/// The next message of a long-lived stream.
async fn message(channel: Channel, mut stream: RecvStream, approved: Arc<AtomicBool>) -> Result<Event, Fault> {
    let mut prefix = [0; FRAMING];
    let begun = match stream.read(&mut prefix).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Ok(Event::Finished(channel)),
        Err(error) => return Err(fault(&error)),
    };
    in_time(stream.read_exact(&mut prefix[begun..])).await?;
    let limit = match channel {
        Channel::Control if !approved.load(Ordering::Relaxed) => LIMIT_BEFORE_APPROVAL,
        _ => channel.limit(),
    };
    let length =
        wire::length(prefix, limit).map_err(|_| Fault::Misbehaved("it announced a message that is too long"))?;
    let mut body = vec![0; length];
    in_time(stream.read_exact(&mut body)).await?;
    Ok(Event::Message(channel, body.into(), stream))
}

/// The bytes of a frame's stream, up to its end. A frame of one packet is not copied.
async fn frame(mut stream: RecvStream, mut unfinished: Unfinished) -> Result<Event, Fault> {
    let number = stream.id().index();
    let mut next = async || match stream.read_chunk(FramePart::MAX_BYTES, true).await {
        Ok(chunk) => Ok(chunk.map(|chunk| chunk.bytes)),
        Err(ReadError::Reset(_)) => Err(Fault::Over),
        Err(error) => Err(fault(&error)),
    };
    let Some(first) = next().await? else { return Ok(Event::Frame(number, Bytes::new())) };
    unfinished.add(first.len())?;
    let Some(second) = next().await? else { return Ok(Event::Frame(number, first)) };
    let mut frame = BytesMut::from(first);
    let mut piece = Some(second);
    while let Some(bytes) = piece {
        unfinished.add(bytes.len())?;
        frame.extend_from_slice(&bytes);
        piece = next().await?;
    }
    Ok(Event::Frame(number, frame.freeze()))
}

/// A read that may not be dripped.
async fn in_time(read: impl Future<Output = Result<(), ReadExactError>>) -> Result<(), Fault> {
    match timeout(DRIP, read).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ReadExactError::FinishedEarly(_))) => Err(Fault::Misbehaved("it cut a message short")),
        Ok(Err(ReadExactError::ReadError(error))) => Err(fault(&error)),
        Err(_) => Err(Fault::Misbehaved("it did not finish a message in time")),
    }
}

fn fault(error: &ReadError) -> Fault {
    match error {
        ReadError::ConnectionLost(_) | ReadError::ClosedStream => Fault::Over,
        ReadError::Reset(_) => Fault::Misbehaved("it broke off a channel"),
        ReadError::IllegalOrderedRead | ReadError::ZeroRttRejected => Fault::Misbehaved("it sent early data"),
    }
}

/// A frame's share of the bytes that unfinished frames may have; given back when dropped.
struct Unfinished {
    of_all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Unfinished {
    fn new(of_all: &Arc<AtomicUsize>) -> Self {
        Self { of_all: Arc::clone(of_all), bytes: 0 }
    }

    fn add(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes += bytes;
        let of_all = bytes + self.of_all.fetch_add(bytes, Ordering::Relaxed);
        if self.bytes > FramePart::MAX_BYTES {
            Err(Fault::Misbehaved("it sent a frame that is too long"))
        } else if of_all > MAX_UNFINISHED {
            Err(Fault::Misbehaved("it began too many frames"))
        } else {
            Ok(())
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.of_all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
