//! Strangers: first packets by the thousand, handshakes that nobody goes on with, and proofs that prove nothing. Each comes from
//! one of many addresses of this machine's own network, and none from another machine.

use crate::viewer::identity;
use beside_protocol::{
    frame::Films,
    session::Keying,
    wire::{Channel, FromHost, FromOfficer, Message, VERSIONS},
};
use beside_shell::{
    identity::Identity,
    net::{Role, dial},
};
use bytes::Bytes;
use std::{
    collections::BTreeSet,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{net::UdpSocket, sync::Semaphore, task::JoinSet, time::timeout};

/// How many addresses a crowd has.
const ADDRESSES: u32 = 1_000;
/// How many different dials first packets are taken from: the same one comes again only after a while.
const DIALS: usize = 1_000;
/// How long a stranger goes on dialling who gets no answer.
const BRIEF: Duration = Duration::from_millis(1_500);
/// The most strangers with proofs at once.
const TOGETHER: usize = 16;

/// The kinds of long packets of QUIC version 1 (RFC 9000, section 17.2), in the first byte.
const KIND: u8 = 0xf0;
const INITIAL: u8 = 0xc0;
const RETRY: u8 = 0xf0;

/// Address `number` of a crowd: never the one from which everybody else comes.
const fn address(number: u32) -> Ipv4Addr {
    let number = number % ADDRESSES;
    Ipv4Addr::new(127, 16 + (number / 250) as u8, (number % 250) as u8, 1)
}

/// First packets as our own program sends them, by dialling somebody who does not answer.
pub(crate) async fn first_packets() -> io::Result<Vec<Vec<u8>>> {
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let (to, stranger) = (nobody.local_addr()?.to_string(), Arc::new(identity()));
    let (mut packets, mut names, mut dialling) = (Vec::new(), BTreeSet::new(), JoinSet::new());
    let mut packet = [0; 2048];
    while names.len() < DIALS {
        while dialling.len() < 20 {
            let (to, stranger) = (to.clone(), Arc::clone(&stranger));
            dialling.spawn(async move { drop(dial(&to, Role::Officer, &stranger, |_| true, BRIEF / 10).await) });
        }
        tokio::select! {
            received = nobody.recv(&mut packet) => {
                let packet = &packet[..received?];
                // What the client calls the server comes after the version and its own length.
                let name = packet.get(6..6 + usize::from(packet.get(5).copied().unwrap_or_default()));
                if let Some(name) = name.filter(|_| packet[0] & KIND == INITIAL && names.insert(packet[6..14].to_vec())) {
                    debug_assert!(!name.is_empty());
                    packets.push(packet.to_vec());
                }
            }
            _ = dialling.join_next() => {}
        }
    }
    Ok(packets)
}

/// Sends so many of these packets to a server, evenly, from all addresses in turn, and reads no answer.
pub(crate) fn flood(server: SocketAddr, packets: &[Vec<u8>], count: u32, within: Duration) -> io::Result<()> {
    let sockets: Vec<_> =
        (0..ADDRESSES).map(|n| std::net::UdpSocket::bind((address(n), 0))).collect::<Result<_, _>>()?;
    let begun = Instant::now();
    for (number, (socket, packet)) in (0..count).zip(sockets.iter().cycle().zip(packets.iter().cycle())) {
        if number % 50 == 0 {
            let due = begun + within * number / count;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        socket.send_to(packet, server)?;
    }
    Ok(())
}

/// So many strangers, one after the other within that time, who show that they receive at their addresses and then say no more.
pub(crate) async fn half_open(server: SocketAddr, count: u32, within: Duration) {
    let (stranger, mut strangers) = (Arc::new(identity()), JoinSet::new());
    for number in 0..count {
        let stranger = Arc::clone(&stranger);
        strangers.spawn(async move {
            let Ok(relay) = Relay::open(address(number), server).await else { return };
            let to = relay.near.local_addr().map(|to| to.to_string()).unwrap_or_default();
            let dialling = dial(&to, Role::Officer, &stranger, |_| true, BRIEF);
            tokio::select! {
                _ = dialling => {}
                _ = relay.carry(|answer| answer[0] & KIND == RETRY) => {}
            }
        });
        tokio::time::sleep(within / count).await;
    }
    strangers.join_all().await;
}

/// So many strangers within that time who complete the handshake, half of them with the key of an officer, want to go on with a
/// session that is not theirs, and vanish without a word. How many of them were refused, which is all that they may be.
pub(crate) async fn wrong_proofs(
    server: SocketAddr,
    officer: Arc<Identity>,
    session: u64,
    count: u32,
    within: Duration,
) -> u32 {
    let (begun, stranger, refused) = (Instant::now(), Arc::new(identity()), Arc::new(AtomicU32::new(0)));
    let (places, mut forgers) = (Arc::new(Semaphore::new(TOGETHER)), JoinSet::new());
    for number in 0..count {
        tokio::time::sleep_until((begun + within * number / count).into()).await;
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        while forgers.try_join_next().is_some() {}
        let forger = Arc::clone(if number % 2 == 0 { &stranger } else { &officer });
        let refused = Arc::clone(&refused);
        forgers.spawn(async move {
            if let Ok(Ok(true)) = timeout(BRIEF * 4, forge(server, number, &forger, session)).await {
                refused.fetch_add(1, Ordering::Relaxed);
            }
            drop(place);
        });
    }
    forgers.join_all().await;
    refused.load(Ordering::Relaxed)
}

/// Whether one such stranger is refused.
async fn forge(server: SocketAddr, number: u32, forger: &Identity, session: u64) -> io::Result<bool> {
    let relay = Relay::open(address(number), server).await?;
    let to = relay.near.local_addr()?.to_string();
    let visit = async {
        let mut link = dial(&to, Role::Officer, forger, |_| true, BRIEF * 2).await.map_err(io::Error::other)?;
        let (lowest, highest) = (*VERSIONS.start(), *VERSIONS.end());
        let hello = FromOfficer::Hello { lowest, highest, films: Films::Unreadable };
        let resume = FromOfficer::Resume { session, proof: [number as u8; Keying::BYTES] };
        for message in [hello, resume] {
            link.send(Channel::Control, Bytes::from(message.encode())).map_err(io::Error::other)?;
        }
        loop {
            let Ok((_, bytes)) = link.recv().await else { return Ok(true) };
            match FromHost::decode(&bytes) {
                Ok(FromHost::Welcome { .. }) => {}
                Ok(FromHost::Gone | FromHost::Bye(_)) => return Ok(true),
                _ => return Ok(false),
            }
        }
    };
    tokio::select! {
        refused = visit => refused,
        broken = relay.carry(|_| true) => broken.map(|()| false),
    }
}

/// Gives a dialler, who can't choose, an address of the crowd.
struct Relay {
    near: UdpSocket,
    far: UdpSocket,
}

impl Relay {
    async fn open(from: Ipv4Addr, server: SocketAddr) -> io::Result<Self> {
        let near = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let far = UdpSocket::bind((from, 0)).await?;
        far.connect(server).await?;
        Ok(Self { near, far })
    }

    /// Carries packets, of the server's those that `passes`, for as long as it is polled.
    async fn carry(&self, passes: impl Fn(&[u8]) -> bool) -> io::Result<()> {
        let (mut up, mut down, mut dialler) = ([0; 2048], [0; 2048], None);
        loop {
            tokio::select! {
                received = self.near.recv_from(&mut up) => {
                    let (length, from) = received?;
                    dialler = Some(from);
                    self.far.send(&up[..length]).await?;
                }
                received = self.far.recv(&mut down) => {
                    let packet = &down[..received?];
                    if let Some(dialler) = dialler.filter(|_| !packet.is_empty() && passes(packet)) {
                        self.near.send_to(packet, dialler).await?;
                    }
                }
            }
        }
    }
}
