//! A wire with a meter: forwards datagrams between an officer and a host and counts the bytes that the host sends.

use std::{
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

/// More than a handshake with its certificates and a minute of heartbeats, far less than a picture of noise.
pub(super) const NO_PICTURE: u64 = 64 * 1024;

/// The wire. Dropping it cuts it.
#[derive(Debug)]
pub(super) struct Meter {
    address: SocketAddr,
    sent_by_host: Arc<AtomicU64>,
    is_cut: Arc<AtomicBool>,
}

impl Meter {
    /// A wire to `host` for one officer.
    pub(super) fn to(host: SocketAddr) -> Self {
        let socket = || {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
            socket.set_read_timeout(Some(TICK)).expect("a time-out");
            socket
        };
        let (near, far) = (socket(), socket());
        far.connect(host).expect("an address");
        let address = near.local_addr().expect("an address");
        let (sent_by_host, is_cut) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (near_back, far_back) = (near.try_clone().expect("a socket"), far.try_clone().expect("a socket"));
        let (counted, cut) = (Arc::clone(&sent_by_host), Arc::clone(&is_cut));
        let there = Arc::clone(&is_cut);
        thread::spawn(move || {
            let mut datagram = [0; 65_536];
            while !there.load(Ordering::Relaxed) {
                let Ok((length, officer)) = near.recv_from(&mut datagram) else { continue };
                // The answers go to whom was heard last; a refusal by the far end is the officer's to find out.
                let _ = near.connect(officer);
                let _ = far.send(&datagram[..length]);
            }
        });
        thread::spawn(move || {
            let mut datagram = [0; 65_536];
            while !cut.load(Ordering::Relaxed) {
                let Ok(length) = far_back.recv(&mut datagram) else { continue };
                counted.fetch_add(length as u64, Ordering::Relaxed);
                let _ = near_back.send(&datagram[..length]);
            }
        });
        Self { address, sent_by_host, is_cut }
    }

    /// Where the officer has to connect to.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many bytes the host has sent so far.
    pub(super) fn sent_by_host(&self) -> u64 {
        self.sent_by_host.load(Ordering::Relaxed)
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }
}
