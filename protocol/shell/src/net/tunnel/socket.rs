//! A tunnel as quinn's UDP socket: what a datagram would carry goes through one TLS stream.

use super::{
    framing::Deframer,
    queue::{Full, Queue},
};
use quinn::{
    AsyncUdpSocket, UdpPoller,
    udp::{RecvMeta, Transmit},
};
use std::{
    fmt,
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf, split},
    net::TcpStream,
    sync::oneshot,
    time::sleep,
};
use tokio_rustls::TlsStream;

/// How long the last packets may take to leave when the endpoint is gone.
const LINGER: Duration = Duration::from_secs(1);

/// Resolves when nothing more comes through the tunnel, with the reason; with an error when the socket is gone.
pub(super) type Ended = oneshot::Receiver<String>;

/// The socket of an endpoint with one peer. Dropping it closes the TCP connection.
pub(super) struct Socket {
    local: SocketAddr,
    reader: Mutex<Reader>,
    queue: Arc<Queue>,
    /// Tells the writing task, by being dropped, that no more packets come.
    _in_use: oneshot::Sender<()>,
}

struct Reader {
    peer: SocketAddr,
    stream: ReadHalf<TlsStream<TcpStream>>,
    deframer: Deframer,
    /// Taken when the tunnel has ended.
    end: Option<oneshot::Sender<String>>,
}

impl Socket {
    /// Makes a socket of a stream that is secured. Must be called inside the tokio runtime.
    pub(super) fn new(stream: TlsStream<TcpStream>) -> io::Result<(Self, Ended)> {
        let (local, peer) = {
            let tcp = stream.get_ref().0;
            (tcp.local_addr()?, tcp.peer_addr()?)
        };
        let (read, write) = split(stream);
        let queue = Arc::new(Queue::new());
        let (in_use, unused) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        tokio::spawn(write_until(unused, Arc::clone(&queue), write));
        let reader = Reader { peer, stream: read, deframer: Deframer::new(), end: Some(end) };
        Ok((Self { local, reader: Mutex::new(reader), queue, _in_use: in_use }, ended))
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Room(Arc::clone(&self.queue)))
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let length = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
        self.queue.push(transmit.contents.chunks(length)).map_err(|Full| io::ErrorKind::WouldBlock.into())
    }

    /// Never an error: quinn would write it to the log as its own. Whoever made the tunnel is told by [`Ended`].
    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.end.is_none() {
            return Poll::Pending;
        }
        let outcome = reader.poll_packets(context, buffers, meta);
        let Poll::Ready(Err(why)) = outcome else { return outcome };
        // Where nobody listens any more, nobody has to be told.
        let _ = reader.end.take().map(|end| end.send(why.to_string()));
        Poll::Pending
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Reader {
    /// Fills the buffers with packets, at least one.
    fn poll_packets(
        &mut self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut count = 0;
        loop {
            while count < buffers.len().min(meta.len()) {
                let Some(packet) = self.deframer.next().map_err(io::Error::other)? else { break };
                // One that is longer than the endpoint has said it takes is lost.
                let Some(buffer) = buffers[count].get_mut(..packet.len()) else { continue };
                buffer.copy_from_slice(packet);
                let length = packet.len();
                meta[count] = RecvMeta { addr: self.peer, len: length, stride: length, ecn: None, dst_ip: None };
                count += 1;
            }
            if count > 0 {
                return Poll::Ready(Ok(count));
            }
            let mut spare = ReadBuf::new(self.deframer.spare());
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut spare))?;
            let arrived = spare.filled().len();
            if arrived == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.deframer.arrived(arrived);
        }
    }
}

/// Says when there is room in the queue.
#[derive(Debug)]
struct Room(Arc<Queue>);

impl UdpPoller for Room {
    fn poll_writable(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_room(context).map(Ok)
    }
}

/// Writes what is in the queue until it fails, or the socket is gone and all is written or has taken too long.
async fn write_until(unused: oneshot::Receiver<()>, queue: Arc<Queue>, mut stream: WriteHalf<TlsStream<TcpStream>>) {
    let last_call = async {
        // It only ever fails: that is the signal.
        let _ = unused.await;
        queue.close();
        sleep(LINGER).await;
    };
    tokio::select! {
        written = write(&queue, &mut stream) => drop(written),
        () = last_call => {}
    }
    queue.break_off();
}

async fn write(queue: &Queue, stream: &mut WriteHalf<TlsStream<TcpStream>>) -> io::Result<()> {
    let mut batch = Vec::new();
    while queue.next(&mut batch).await {
        stream.write_all(&batch).await?;
        // What TLS keeps of it must leave before more is taken.
        stream.flush().await?;
        batch.clear();
    }
    stream.shutdown().await
}
