//! Links over loopback where UDP is blocked, and strangers who come over TCP.

use super::{ALPN, Socket, prepare, tls};
use crate::net::{
    Link, LinkError, Listener, NetError, Role, Transport, admission, dial,
    tests::{DEADLINE, identity, keys, listen, soon},
    tls::Pin,
};
use beside_protocol::wire::Channel;
use bytes::Bytes;
use quinn::{AsyncUdpSocket, udp::Transmit};
use std::{future::poll_fn, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpSocket, TcpStream, UdpSocket},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream, rustls::pki_types::ServerName};

/// A network that lets TCP through to a listener, and swallows UDP.
struct Network {
    address: SocketAddr,
    /// A word for each TCP connection that has ended.
    ended: mpsc::UnboundedReceiver<()>,
    relay: JoinHandle<()>,
    _silent: UdpSocket,
}

impl Network {
    async fn before(listener: &Listener) -> Self {
        let (tcp, silent) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            if let Ok(silent) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (tcp, silent);
            }
        };
        let (address, target) = (tcp.local_addr().unwrap(), listener.address());
        let (tell, ended) = mpsc::unbounded_channel();
        let relay = tokio::spawn(async move {
            loop {
                let (mut near, _) = tcp.accept().await.unwrap();
                let mut far = TcpStream::connect(target).await.unwrap();
                near.set_nodelay(true).unwrap();
                far.set_nodelay(true).unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
                let _ = tell.send(());
            }
        });
        Self { address, ended, relay, _silent: silent }
    }

    /// Breaks what goes through it.
    fn cut(&self) {
        self.relay.abort();
    }
}

/// A host, and an officer who has reached it over TCP alone.
async fn pair() -> (Link, Link, Network) {
    let mut listener = listen(Role::Host);
    let network = Network::before(&listener).await;
    let officer = dial_through(&network).await.unwrap();
    (soon(listener.accept()).await.unwrap(), officer, network)
}

async fn dial_through(network: &Network) -> Result<Link, NetError> {
    soon(dial(&network.address.to_string(), Role::Officer, &identity(), |_| true, DEADLINE)).await
}

#[tokio::test]
async fn every_channel_works_where_udp_is_blocked() {
    let (mut host, mut officer, _network) = pair().await;
    assert_eq!((host.transport(), officer.transport()), (Transport::Tcp, Transport::Tcp));
    assert_eq!((host.key_exchange(), officer.key_exchange()), ("X25519MLKEM768", "X25519MLKEM768"));
    officer.send(Channel::Control, Bytes::from_static(b"hello")).unwrap();
    soon(host.recv()).await.unwrap();
    host.approve();
    officer.approve();
    for channel in [Channel::Control, Channel::Input, Channel::Pointer] {
        officer.send(channel, Bytes::from_static(b"from the officer")).unwrap();
        assert_eq!(soon(host.recv()).await.unwrap(), (channel, Bytes::from_static(b"from the officer")));
    }
    let large: Bytes = (0..3_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (channel, message) in [
        (Channel::Control, Bytes::from_static(b"from the host")),
        (Channel::Cursor, large.slice(..200_000)),
        (Channel::Frame, large),
    ] {
        host.send(channel, message.clone()).unwrap();
        assert!(soon(officer.recv()).await.unwrap() == (channel, message), "{channel:?}");
    }
}

#[tokio::test]
async fn where_udp_works_it_is_taken() {
    let mut listener = listen(Role::Host);
    let address = listener.address().to_string();
    let officer = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    assert_eq!(officer.transport(), Transport::Udp);
    assert_eq!(soon(listener.accept()).await.unwrap().transport(), Transport::Udp);
}

#[tokio::test]
async fn a_wrong_key_is_refused_over_tcp_too() {
    let host = identity();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), Role::Host, &host, &keys()).unwrap();
    let mut network = Network::before(&listener).await;
    let address = network.address.to_string();
    let refused = soon(dial(&address, Role::Officer, &identity(), |_| false, DEADLINE)).await.unwrap_err();
    assert!(matches!(refused, NetError::WrongPeer(key) if key == host.fingerprint()), "{refused}");
    soon(network.ended.recv()).await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_said_of_both_ways() {
    let listener = listen(Role::Host);
    let network = Network::before(&listener).await;
    network.cut();
    drop(listener);
    let wait = Duration::from_millis(2500);
    let error = soon(dial(&network.address.to_string(), Role::Officer, &identity(), |_| true, wait)).await.unwrap_err();
    assert!(matches!(&error, NetError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("neither UDP (no answer in 2.5s) nor TCP ("), "{error}");
}

#[tokio::test]
async fn a_dropped_link_closes_its_tcp_connection() {
    let (mut host, officer, mut network) = pair().await;
    drop(officer);
    assert_eq!(soon(host.recv()).await, Err(LinkError::Closed));
    drop(host);
    soon(network.ended.recv()).await.unwrap();
}

#[tokio::test]
async fn a_closed_link_has_sent_its_last_message() {
    let (mut host, officer, _network) = pair().await;
    officer.send(Channel::Control, Bytes::from_static(b"bye")).unwrap();
    soon(officer.close()).await;
    assert_eq!(soon(host.recv()).await, Ok((Channel::Control, Bytes::from_static(b"bye"))));
    assert_eq!(soon(host.recv()).await, Err(LinkError::Closed));
}

#[tokio::test]
async fn a_tcp_connection_that_breaks_is_noticed_at_once() {
    let (mut host, mut officer, network) = pair().await;
    network.cut();
    for link in [&mut host, &mut officer] {
        let lost = soon(link.recv()).await;
        assert!(matches!(&lost, Err(LinkError::Lost(why)) if why.contains("TCP")), "{lost:?}");
    }
}

#[tokio::test]
async fn a_dropped_listener_takes_no_more_tunnels() {
    let mut listener = listen(Role::Host);
    let network = Network::before(&listener).await;
    let officer = dial_through(&network).await.unwrap();
    let mut host = soon(listener.accept()).await.unwrap();
    let address = listener.address();
    drop(listener);
    soon(async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Those who are there stay.
    officer.send(Channel::Control, Bytes::from_static(b"still here")).unwrap();
    assert_eq!(soon(host.recv()).await, Ok((Channel::Control, Bytes::from_static(b"still here"))));
}

#[tokio::test]
async fn where_the_tcp_port_is_taken_udp_does_alone() {
    let (other, mut listener) = loop {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(listener) = Listener::bind(other.local_addr().unwrap(), Role::Host, &identity(), &keys()) {
            break (other, listener);
        }
    };
    let address = other.local_addr().unwrap().to_string();
    let officer = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    assert_eq!(soon(listener.accept()).await.unwrap().transport(), officer.transport());
}

/// The outer connection of someone who does as he likes within.
async fn hostile(listener: &Listener, alpn: &[u8]) -> io::Result<TlsStream<TcpStream>> {
    let tls = tls::client_for(&identity(), Arc::new(Pin::new(|_| true)), alpn).unwrap();
    let stream = TcpStream::connect(listener.address()).await.unwrap();
    soon(TlsConnector::from(Arc::new(tls)).connect(ServerName::try_from("x").unwrap(), stream)).await
}

/// Waits until the other side has closed it.
async fn closed(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut buffer = [0; 4096];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}

#[tokio::test]
async fn a_packet_of_hostile_length_ends_the_tunnel() {
    let listener = listen(Role::Host);
    for length in [[0, 0], [0xff, 0xff]] {
        let mut stream = hostile(&listener, ALPN).await.unwrap();
        stream.write_all(&length).await.unwrap();
        stream.flush().await.unwrap();
        soon(closed(&mut stream)).await;
    }
}

#[tokio::test]
async fn another_protocol_is_refused() {
    let listener = listen(Role::Host);
    assert!(hostile(&listener, b"http/1.1").await.is_err());
    // It has the right name, but no QUIC within.
    let mut stream = hostile(&listener, ALPN).await.unwrap();
    let noise = [[100, 0].as_slice(), &[7; 100]].concat();
    for _ in 0..200 {
        stream.write_all(&noise).await.unwrap();
    }
    drop(stream);
    // Something else that speaks TLS is no peer.
    let address = {
        let mut tls = tls::server_for(&identity(), b"h2").unwrap();
        tls.alpn_protocols.clear();
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        tokio::spawn(async move {
            let stream = tcp.accept().await.unwrap().0;
            drop(TlsAcceptor::from(Arc::new(tls)).accept(stream).await);
        });
        address.to_string()
    };
    let refused = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap_err();
    assert!(matches!(refused, NetError::Incompatible(_)), "{refused}");
}

#[tokio::test]
async fn strangers_over_tcp_are_few_and_have_little_time() {
    let mut listener = listen(Role::Host);
    let address = listener.address();
    let mut inside = Vec::new();
    for _ in 0..admission::FROM_ONE_ADDRESS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The beginning of a hello that never ends.
        stream.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
        inside.push(stream);
    }
    let mut late = TcpStream::connect(address).await.unwrap();
    soon(closed(&mut late)).await;
    // The door is the same for UDP.
    let refused = soon(dial(&address.to_string(), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap_err();
    assert!(matches!(refused, NetError::Refused(_)), "{refused}");
    for mut stream in inside {
        timeout(2 * DEADLINE, closed(&mut stream)).await.expect("half a handshake lasts");
    }
    soon(dial(&address.to_string(), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    soon(listener.accept()).await.unwrap();
}

#[tokio::test]
async fn little_waits_when_the_peer_takes_nothing() {
    let (dialled, accepted) = secured().await;
    let (socket, _ended) = Socket::new(dialled.into()).unwrap();
    let socket = Arc::new(socket);
    let mut room = Arc::clone(&socket).create_io_poller();
    let packet = [7; 1200];
    let mut transmit = Transmit {
        destination: ([127, 0, 0, 1], 1).into(),
        ecn: None,
        contents: &packet,
        segment_size: None,
        src_ip: None,
    };
    let mut taken = 0;
    // Until there has been no room for a while.
    while timeout(Duration::from_millis(300), poll_fn(|context| room.as_mut().poll_writable(context))).await.is_ok() {
        while socket.try_send(&transmit).is_ok() {
            taken += packet.len();
        }
        assert!(taken < 4_000_000, "there is room for ever");
    }
    // Two batches, and what the system keeps on both sides, of which the receiver's is the larger part.
    assert!(taken < 256 * 1024, "{taken} bytes wait");
    transmit.segment_size = Some(100);
    assert_eq!(socket.try_send(&transmit).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(accepted);
}

/// Two ends of an outer connection, the second of which has little room for what it does not read.
async fn secured() -> (TlsStream<TcpStream>, tokio_rustls::server::TlsStream<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let server = tls::server_for(&identity(), ALPN).unwrap();
    let client = tls::client_for(&identity(), Arc::new(Pin::new(|_| true)), ALPN).unwrap();
    let accept = async {
        let tcp = listener.accept().await.unwrap().0;
        TlsAcceptor::from(Arc::new(server)).accept(tcp).await.unwrap()
    };
    let dial = async {
        let tcp = TcpStream::connect(address).await.unwrap();
        prepare(&tcp).unwrap();
        TlsConnector::from(Arc::new(client)).connect(ServerName::try_from("x").unwrap(), tcp).await.unwrap()
    };
    soon(async { tokio::join!(dial, accept) }).await
}
