//! The sockets of the emulated network, as quinn wants them.

use super::{Network, State, Wire};
use quinn::{
    AsyncUdpSocket, UdpPoller,
    udp::{RecvMeta, Transmit},
};
use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    future::Future,
    io::{self, IoSliceMut},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Instant,
};
use tokio::time::{Sleep, sleep_until};

/// A socket on the backbone, or at a line's end.
#[derive(Debug)]
pub(super) struct Socket {
    network: Network,
    place: Place,
    mailbox: Arc<Mailbox>,
    timer: Mutex<Pin<Box<Sleep>>>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Backbone(SocketAddr),
    Line(usize),
}

/// What is on its way to a socket.
#[derive(Debug, Default)]
pub(super) struct Mailbox(Mutex<Mail>);

#[derive(Debug, Default)]
struct Mail {
    packets: BinaryHeap<Reverse<Packet>>,
    count: u64,
    waker: Option<Waker>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Packet {
    arrives: Instant,
    /// Keeps those in order that arrive at the same time.
    number: u64,
    from: SocketAddr,
    bytes: Vec<u8>,
}

impl Socket {
    pub(super) fn on_backbone(network: &Network, address: SocketAddr) -> Self {
        Self::new(network, Place::Backbone(address), address)
    }

    /// The newest socket of a line gets all that arrives there.
    pub(super) fn at_line(network: &Network, index: usize) -> Self {
        let address = network.lock().lines[index].address;
        Self::new(network, Place::Line(index), address)
    }

    fn new(network: &Network, place: Place, address: SocketAddr) -> Self {
        let mailbox = Arc::<Mailbox>::default();
        network.lock().mailboxes.insert(address, Arc::clone(&mailbox));
        let timer = Mutex::new(Box::pin(sleep_until(tokio::time::Instant::now())));
        Self { network: network.clone(), place, mailbox, timer }
    }
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, arrives: Instant, from: SocketAddr, bytes: Vec<u8>) {
        let mut mail = self.lock();
        mail.count += 1;
        let number = mail.count;
        mail.packets.push(Reverse(Packet { arrives, number, from, bytes }));
        if let Some(waker) = mail.waker.take() {
            waker.wake();
        }
    }
}

impl State {
    /// Sends one packet from a place to an address; nobody is told if there is none.
    fn send(&mut self, now: Instant, place: Place, to: SocketAddr, bytes: &[u8]) {
        let (path, from) = match place {
            Place::Line(index) => {
                let Wire { up, address, .. } = &mut self.lines[index];
                (up, *address)
            }
            Place::Backbone(from) => match self.lines.iter_mut().find(|wire| wire.address == to) {
                Some(wire) => (&mut wire.down, from),
                None => return,
            },
        };
        let Some(mailbox) = self.mailboxes.get(&to) else { return };
        path.send(now, bytes.len(), |arrives, condition| {
            let mut bytes = bytes.to_vec();
            condition.befall(&mut bytes);
            mailbox.put(arrives, from, bytes);
        });
    }
}

impl AsyncUdpSocket for Socket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(AlwaysWritable)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let now = tokio::time::Instant::now().into_std();
        let mut state = self.network.lock();
        let packets = transmit.contents.chunks(transmit.segment_size.unwrap_or(transmit.contents.len()).max(1));
        packets.for_each(|packet| state.send(now, self.place, transmit.destination, packet));
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = tokio::time::Instant::now().into_std();
            let mut mail = self.mailbox.lock();
            let mut taken = 0;
            for (buf, meta) in bufs.iter_mut().zip(meta.iter_mut()) {
                if mail.packets.peek().is_none_or(|Reverse(packet)| packet.arrives > now) {
                    break;
                }
                let Some(Reverse(packet)) = mail.packets.pop() else { break };
                let len = packet.bytes.len().min(buf.len());
                buf[..len].copy_from_slice(&packet.bytes[..len]);
                *meta = RecvMeta { addr: packet.from, len, stride: len, ecn: None, dst_ip: None };
                taken += 1;
            }
            if taken > 0 {
                return Poll::Ready(Ok(taken));
            }
            mail.waker = Some(cx.waker().clone());
            let Some(Reverse(next)) = mail.packets.peek() else { return Poll::Pending };
            timer.as_mut().reset(next.arrives.into());
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(match self.place {
            Place::Backbone(address) => address,
            Place::Line(index) => self.network.lock().lines[index].address,
        })
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

/// Packets that find no room are dropped on the line, so that there is always room in the socket.
#[derive(Debug)]
struct AlwaysWritable;

impl UdpPoller for AlwaysWritable {
    fn poll_writable(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
