//! A cable that can be cut: forwards datagrams between a listener and whoever dials it; what was dialled before a cut is dead
//! for ever, as behind a router that has forgotten it, and what is dialled after it passes.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// How often the forwarding threads look whether the test is over.
const TICK: Duration = Duration::from_millis(100);

/// The cable. Dropping it ends its threads.
#[derive(Debug)]
pub(super) struct Cable {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_over: AtomicBool,
    cuts: AtomicU64,
}

/// The way of one who dials.
struct Strand {
    socket: Arc<UdpSocket>,
    /// How often the cable had been cut before.
    cuts: u64,
}

impl Cable {
    /// A cable to a listener.
    pub(super) fn to(listener: SocketAddr) -> Self {
        let (near, shared) = (Arc::new(socket()), Arc::new(Shared::default()));
        let address = near.local_addr().expect("an address");
        let own = Arc::clone(&shared);
        thread::spawn(move || forward(&near, listener, &own));
        Self { address, shared }
    }

    /// What is to be dialled.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts what has been dialled so far.
    pub(super) fn cut(&self) {
        self.shared.cuts.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
    }
}

fn forward(near: &Arc<UdpSocket>, listener: SocketAddr, shared: &Arc<Shared>) {
    let mut strands = BTreeMap::<SocketAddr, Strand>::new();
    let mut datagram = [0; 65_536];
    while !shared.is_over.load(Ordering::Relaxed) {
        let Ok((length, from)) = near.recv_from(&mut datagram) else { continue };
        let strand = strands.entry(from).or_insert_with(|| {
            let (socket, cuts) = (Arc::new(socket()), shared.cuts.load(Ordering::Relaxed));
            let (near, far, shared) = (Arc::clone(near), Arc::clone(&socket), Arc::clone(shared));
            thread::spawn(move || back(&far, &near, from, cuts, &shared));
            Strand { socket, cuts }
        });
        if strand.cuts == shared.cuts.load(Ordering::Relaxed) {
            // A refusal by the far end is the sender's to find out.
            let _ = strand.socket.send_to(&datagram[..length], listener);
        }
    }
}

fn back(far: &UdpSocket, near: &UdpSocket, to: SocketAddr, cuts: u64, shared: &Shared) {
    let mut datagram = [0; 65_536];
    while !shared.is_over.load(Ordering::Relaxed) && shared.cuts.load(Ordering::Relaxed) == cuts {
        let Ok(length) = far.recv(&mut datagram) else { continue };
        let _ = near.send_to(&datagram[..length], to);
    }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.set_read_timeout(Some(TICK)).expect("a time-out");
    socket
}
