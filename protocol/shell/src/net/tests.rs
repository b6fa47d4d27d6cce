//! Links over loopback: what both sides may do, and what a hostile one may not.

use super::{
    DEFAULT_PORT, EndpointKeys, Link, LinkError, Listener, NetError, Role, admission, dial,
    outgoing::tag,
    redial, settings,
    tls::{self, Pin},
};
use crate::{
    identity::{Identity, Keys},
    state::tests::temporary,
};
use beside_protocol::{
    session::{GRACE, Keying},
    wire::{Channel, FramePart, LIMIT_BEFORE_APPROVAL},
};
use bytes::Bytes;
use futures_util::FutureExt;
use quinn::{ClientConfig, Connection, Endpoint, SendStream};
use std::{
    future::Future,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Long enough for a busy machine, and shorter than any timeout that a test must not be saved by.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.expect("it takes too long")
}

pub(super) fn identity() -> Identity {
    Identity::open(&temporary().1, Keys::File).unwrap()
}

pub(super) fn keys() -> EndpointKeys {
    EndpointKeys::open(&temporary().1).unwrap()
}

pub(super) fn listen(role: Role) -> Listener {
    Listener::bind("127.0.0.1:0".parse().unwrap(), role, &identity(), &keys()).unwrap()
}

/// A host that listens, an officer that has dialled it.
async fn pair() -> (Link, Link) {
    let mut listener = listen(Role::Host);
    let address = listener.address().to_string();
    let officer = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    (soon(listener.accept()).await.unwrap(), officer)
}

/// A host, and an officer's connection without our manners.
async fn hostile_officer() -> (Link, Connection, Endpoint) {
    let mut listener = listen(Role::Host);
    let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let tls = tls::client(&identity(), Arc::new(Pin::new(|_| true))).unwrap();
    let mut config = ClientConfig::new(Arc::new(tls));
    config.transport_config(settings::transport(Role::Officer));
    let connection = soon(endpoint.connect_with(config, listener.address(), "x").unwrap()).await.unwrap();
    (soon(listener.accept()).await.unwrap(), connection, endpoint)
}

/// A stream's first byte and a message's length, without the message.
fn head(channel: Channel, length: usize) -> Vec<u8> {
    [vec![tag(channel)], u32::try_from(length).unwrap().to_le_bytes().to_vec()].concat()
}

async fn open_uni(connection: &Connection, bytes: &[u8]) -> SendStream {
    let mut stream = soon(connection.open_uni()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

#[track_caller]
fn assert_misbehaved<T: std::fmt::Debug>(outcome: Result<T, LinkError>, hint: &str) {
    match outcome {
        Err(LinkError::Misbehaved(what)) => assert!(what.contains(hint), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_channel_works_whoever_dials() {
    for listening in [Role::Host, Role::Officer] {
        let mut listener = listen(listening);
        let dialling = if listening == Role::Host { Role::Officer } else { Role::Host };
        let dialled =
            soon(dial(&listener.address().to_string(), dialling, &identity(), |_| true, DEADLINE)).await.unwrap();
        let accepted = soon(listener.accept()).await.unwrap();
        let (mut host, mut officer) = if listening == Role::Host { (accepted, dialled) } else { (dialled, accepted) };
        assert_eq!((host.role(), officer.role()), (Role::Host, Role::Officer));

        officer.send(Channel::Control, Bytes::from_static(b"hello")).unwrap();
        assert_eq!(soon(host.recv()).await.unwrap(), (Channel::Control, Bytes::from_static(b"hello")));
        host.approve();
        host.send(Channel::Control, Bytes::from_static(b"granted")).unwrap();
        assert_eq!(soon(officer.recv()).await.unwrap(), (Channel::Control, Bytes::from_static(b"granted")));
        officer.approve();

        for channel in [Channel::Control, Channel::Input, Channel::Pointer] {
            officer.send(channel, Bytes::from_static(b"from the officer")).unwrap();
            assert_eq!(soon(host.recv()).await.unwrap(), (channel, Bytes::from_static(b"from the officer")));
        }
        for channel in [Channel::Control, Channel::Cursor, Channel::Frame] {
            host.send(channel, Bytes::from_static(b"from the host")).unwrap();
            assert_eq!(soon(officer.recv()).await.unwrap(), (channel, Bytes::from_static(b"from the host")));
        }
    }
}

#[tokio::test]
async fn both_sides_know_the_other_and_agree_on_a_post_quantum_key() {
    let (host_identity, officer_identity) = (identity(), identity());
    let any_port = "127.0.0.1:0".parse().unwrap();
    let mut listener = Listener::bind(any_port, Role::Host, &host_identity, &keys()).unwrap();
    let key = host_identity.fingerprint();
    let address = listener.address().to_string();
    let officer = soon(dial(&address, Role::Officer, &officer_identity, move |k| k == key, DEADLINE)).await.unwrap();
    let host = soon(listener.accept()).await.unwrap();
    assert_eq!((host.peer(), officer.peer()), (officer_identity.fingerprint(), host_identity.fingerprint()));
    assert_eq!((host.key_exchange(), officer.key_exchange()), ("X25519MLKEM768", "X25519MLKEM768"));
    assert_eq!(officer.remote(), listener.address());
}

#[tokio::test]
async fn both_sides_derive_the_same_from_a_connection_and_another_from_each() {
    let ((host, officer), (other, _officer)) = (pair().await, pair().await);
    let (here, there) = (host.keying(), officer.keying());
    let proof = here.proof(7, &here);
    assert_eq!(there.proof(7, &there), proof);
    assert_ne!(other.keying().proof(7, &here), proof, "another secret");
    assert_ne!(here.proof(7, &other.keying()), proof, "another connection");
    assert_ne!(Keying::new([0; 32], [0; 32]).proof(7, &here), proof);
}

#[tokio::test]
async fn an_officer_who_changes_networks_stays_connected_and_is_noticed() {
    let (mut host, officer, endpoint) = hostile_officer().await;
    let (mut stream, _answers) = officer.open_bi().await.unwrap();
    stream.write_all(&head(Channel::Control, 0)).await.unwrap();
    soon(host.recv()).await.unwrap();
    let (before, now) = (host.remote(), Instant::now());
    assert_eq!(host.moved(now), None);
    // Another address, as after a change from one network to another.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let after = socket.local_addr().unwrap();
    endpoint.rebind(socket).unwrap();
    stream.write_all(&0u32.to_le_bytes()).await.unwrap();
    assert_eq!(soon(host.recv()).await.unwrap(), (Channel::Control, Bytes::new()), "the same stream goes on");
    assert_ne!(before, after);
    assert_eq!((host.moved(now), host.remote()), (Some(after), after));
    assert_eq!(host.moved(now), None, "told once");
}

#[tokio::test]
async fn a_peer_is_reached_again_when_it_can_be() {
    // Takes packets and never answers, like a network that is away.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let (host, officer) = (identity(), identity());
    let text = address.to_string();
    let mut again = Box::pin(redial(&text, Role::Officer, &officer, host.fingerprint(), GRACE));
    // More than one attempt begins.
    let outage = Duration::from_secs(2);
    assert!(tokio::time::timeout(outage, &mut again).await.is_err(), "nobody can answer");
    drop(silent);
    let mut listener = Listener::bind(address, Role::Host, &host, &keys()).unwrap();
    assert_eq!(soon(again).await.unwrap().peer(), host.fingerprint());
    assert_eq!(soon(listener.accept()).await.unwrap().peer(), officer.fingerprint());
}

#[tokio::test]
async fn another_key_in_the_place_of_the_lost_peer_ends_the_search() {
    let listener = listen(Role::Host);
    let address = listener.address().to_string();
    let gone = identity().fingerprint();
    let wrong = soon(redial(&address, Role::Officer, &identity(), gone, GRACE)).await.unwrap_err();
    assert!(matches!(wrong, NetError::WrongPeer(_)), "{wrong}");
}

#[tokio::test]
async fn a_wrong_key_is_refused_before_anything_is_said() {
    let host_identity = identity();
    let mut listener = Listener::bind("127.0.0.1:0".parse().unwrap(), Role::Host, &host_identity, &keys()).unwrap();
    let address = listener.address().to_string();
    let refused = soon(dial(&address, Role::Officer, &identity(), |_| false, DEADLINE)).await.unwrap_err();
    assert!(matches!(refused, NetError::WrongPeer(key) if key == host_identity.fingerprint()), "{refused}");
    // The next link is that of the next, proper officer: the refused one never became a link.
    let officer = identity();
    let _link = soon(dial(&address, Role::Officer, &officer, |_| true, DEADLINE)).await.unwrap();
    assert_eq!(soon(listener.accept()).await.unwrap().peer(), officer.fingerprint());
}

#[tokio::test]
async fn messages_stay_in_order_and_frames_pass_each_other() {
    let (mut host, mut officer) = pair().await;
    officer.send(Channel::Control, Bytes::from_static(b"hello")).unwrap();
    soon(host.recv()).await.unwrap();
    host.approve();
    officer.approve();
    // More than the windows hold, so that tasks must write the rest.
    let large = Bytes::from(vec![7; FramePart::MAX_BYTES]);
    for _ in 0..4 {
        host.send(Channel::Frame, large.clone()).unwrap();
    }
    for n in 0..2000u32 {
        host.send(Channel::Control, Bytes::copy_from_slice(&n.to_le_bytes())).unwrap();
    }
    let (mut frames, mut next) = (0, 0u32);
    while frames < 4 || next < 2000 {
        match soon(officer.recv()).await.unwrap() {
            (Channel::Control, message) => {
                assert_eq!(message[..], next.to_le_bytes());
                next += 1;
            }
            (channel, frame) => {
                assert_eq!((channel, frame.len()), (Channel::Frame, large.len()));
                frames += 1;
            }
        }
    }
}

#[tokio::test]
async fn a_dropped_recv_loses_nothing() {
    let (mut host, officer) = pair().await;
    for n in 0..100u8 {
        officer.send(Channel::Control, Bytes::copy_from_slice(&[n; 500])).unwrap();
    }
    let mut next = 0;
    while next < 100 {
        // Polled once and dropped, again and again.
        match host.recv().now_or_never() {
            Some(message) => {
                assert_eq!(message.unwrap(), (Channel::Control, Bytes::copy_from_slice(&[next; 500])));
                next += 1;
            }
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn the_last_message_arrives_before_the_end() {
    let (mut host, officer) = pair().await;
    officer.send(Channel::Control, Bytes::from_static(b"bye")).unwrap();
    let closing = tokio::spawn(officer.close());
    assert_eq!(soon(host.recv()).await.unwrap(), (Channel::Control, Bytes::from_static(b"bye")));
    assert_eq!(soon(host.recv()).await, Err(LinkError::Closed));
    assert_eq!(soon(host.recv()).await, Err(LinkError::Closed));
    soon(closing).await.unwrap();
}

#[tokio::test]
async fn what_waits_for_the_peer_is_bounded() {
    let (host, _officer) = pair().await;
    // The officer has approved nothing, so that no frame can leave.
    let stuck = (0..1000).find_map(|_| host.send(Channel::Frame, Bytes::from_static(b"frame")).err());
    assert!(matches!(stuck, Some(LinkError::Lost(_))), "{stuck:?}");

    let (host, _officer) = pair().await;
    let message = Bytes::from(vec![0; Channel::Control.limit()]);
    let stuck = (0..1000).find_map(|_| host.send(Channel::Control, message.clone()).err());
    assert!(matches!(stuck, Some(LinkError::Lost(_))), "{stuck:?}");
}

#[tokio::test]
async fn a_long_message_is_misbehaviour_until_approval() {
    let message = Bytes::from(vec![0; LIMIT_BEFORE_APPROVAL + 1]);
    let (mut host, officer) = pair().await;
    officer.send(Channel::Control, message.clone()).unwrap();
    assert_misbehaved(soon(host.recv()).await, "too long");

    let (mut host, officer) = pair().await;
    host.approve();
    officer.send(Channel::Control, message.clone()).unwrap();
    assert_eq!(soon(host.recv()).await.unwrap(), (Channel::Control, message));
}

#[tokio::test]
async fn a_second_control_stream_is_refused() {
    let (mut host, officer, _endpoint) = hostile_officer().await;
    let (mut first, answers) = soon(officer.open_bi()).await.unwrap();
    first.write_all(&head(Channel::Control, 100)).await.unwrap();
    assert!(host.recv().now_or_never().is_none());
    host.approve();
    assert!(officer.open_bi().now_or_never().is_none(), "two streams at once");
    drop((first, answers));
    // The first one was cut short.
    assert_misbehaved(soon(host.recv()).await, "cut a message short");
}

#[tokio::test]
async fn streams_that_a_role_may_not_open_are_refused() {
    for channel in [Channel::Cursor, Channel::Frame, Channel::Control, Channel::Pointer] {
        let (mut host, officer, _endpoint) = hostile_officer().await;
        assert!(officer.open_uni().now_or_never().is_none(), "a stream before approval");
        host.approve();
        let _stream = open_uni(&officer, &head(channel, 1)).await;
        assert_misbehaved(soon(host.recv()).await, "may not have");
    }
    let (mut host, officer, _endpoint) = hostile_officer().await;
    host.approve();
    open_uni(&officer, &head(Channel::Input, 0)).await.finish().unwrap();
    assert_eq!(soon(host.recv()).await.unwrap(), (Channel::Input, Bytes::new()));
    let second = head(Channel::Input, 0);
    let (stream, refused) = tokio::join!(open_uni(&officer, &second), soon(host.recv()));
    assert_misbehaved(refused, "a second time");
    drop(stream);
}

#[tokio::test]
async fn a_message_longer_than_its_channel_allows_is_refused_unread() {
    let (mut host, officer, _endpoint) = hostile_officer().await;
    host.approve();
    let _stream = open_uni(&officer, &head(Channel::Input, Channel::Input.limit() + 1)).await;
    assert_misbehaved(soon(host.recv()).await, "too long");
}

#[tokio::test]
async fn datagrams_before_approval_are_refused() {
    let (mut host, officer, _endpoint) = hostile_officer().await;
    officer.send_datagram(Bytes::from_static(b"move")).unwrap();
    assert_misbehaved(soon(host.recv()).await, "datagram");
}

#[tokio::test]
async fn resumption_and_early_data_are_impossible() {
    let mut listener = listen(Role::Host);
    let endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let mut eager = tls::eager_client(&identity()).unwrap();
    eager.transport_config(settings::transport(Role::Officer));
    for _ in 0..2 {
        let connecting = endpoint.connect_with(eager.clone(), listener.address(), "x").unwrap();
        let connecting = connecting.into_0rtt().err().expect("early data was possible");
        let connection = soon(connecting).await.unwrap();
        let mut host = soon(listener.accept()).await.unwrap();
        // A ticket would have come with the first data.
        let (mut stream, _answers) = connection.open_bi().await.unwrap();
        stream.write_all(&head(Channel::Control, 0)).await.unwrap();
        soon(host.recv()).await.unwrap();
    }
}

#[tokio::test]
async fn strangers_from_one_address_are_limited() {
    let mut listener = listen(Role::Host);
    let address = listener.address().to_string();
    let mut inside = Vec::new();
    for _ in 0..admission::FROM_ONE_ADDRESS {
        let officer = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
        inside.push((soon(listener.accept()).await.unwrap(), officer));
    }
    let refused = soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap_err();
    assert!(matches!(refused, NetError::Refused(_)), "{refused}");
    inside[0].0.approve();
    soon(dial(&address, Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
}

#[tokio::test]
async fn all_addresses_means_both_families() {
    let any = SocketAddr::new("::".parse().unwrap(), 0);
    let listener = Listener::bind(any, Role::Host, &identity(), &keys()).unwrap();
    let port = listener.address().port();
    soon(dial(&format!("127.0.0.1:{port}"), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    soon(dial(&format!("localhost:{port}"), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    if listener.address().is_ipv6() {
        soon(dial(&format!("[::1]:{port}"), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let listener = listen(Role::Host);
    let second = Listener::bind(listener.address(), Role::Host, &identity(), &keys());
    assert!(matches!(second, Err(NetError::AddressInUse(address)) if address == listener.address()));
}

#[tokio::test]
async fn nobody_there_and_no_address_are_told_apart() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let brief = Duration::from_millis(50);
    let unreachable = soon(dial(&address, Role::Officer, &identity(), |_| true, brief)).await.unwrap_err();
    assert!(matches!(&unreachable, NetError::Unreachable { addr, .. } if *addr == address), "{unreachable}");
    let invalid = soon(dial("pc7:", Role::Officer, &identity(), |_| true, brief)).await.unwrap_err();
    assert!(matches!(invalid, NetError::InvalidAddress(_)), "{invalid} (the default is {DEFAULT_PORT})");
}

#[tokio::test]
async fn a_killed_and_restarted_listener_is_noticed_at_once() {
    let (host_identity, keys) = (Arc::new(identity()), keys());
    let (tell_address, address) = oneshot::channel();
    let (kill, killed) = oneshot::channel::<()>();
    let doomed = std::thread::spawn({
        let (identity, keys) = (Arc::clone(&host_identity), keys.clone());
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let any_port = "127.0.0.1:0".parse().unwrap();
                let mut listener = Listener::bind(any_port, Role::Host, &identity, &keys).unwrap();
                tell_address.send(listener.address()).unwrap();
                let _host = listener.accept().await.unwrap();
                killed.await.unwrap();
            });
            // Nothing that was sent while the runtime ended has left it: the program is as dead as a killed one.
        }
    });
    let address = soon(address).await.unwrap();
    let mut officer = soon(dial(&address.to_string(), Role::Officer, &identity(), |_| true, DEADLINE)).await.unwrap();
    kill.send(()).unwrap();
    doomed.join().unwrap();
    assert!(officer.recv().now_or_never().is_none(), "the officer was told");
    let _restarted = Listener::bind(address, Role::Host, &host_identity, &keys).unwrap();
    officer.send(Channel::Control, Bytes::from_static(b"still there?")).unwrap();
    let lost = soon(officer.recv()).await;
    assert_eq!(lost, Err(LinkError::Lost("the other side's program was restarted".to_owned())));
}
