//! A network that lets no UDP through: the session goes over TCP.

use super::beside::{ANY_PORT, Host, Officer, wait_until_same};
use beside_test_displays::{Held, keycode, wait_until};
use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket},
    thread,
};

#[test]
fn where_udp_is_blocked_the_session_goes_over_tcp() {
    let mut host = Host::share(&[]);
    host.screen().paint_noise(1);
    let officer = Officer::known_to(&host);
    let network = Network::before(host.address);
    let mut viewer = officer.connect(network.address);
    host.allow_control();
    wait_until_same(&host, &officer);
    host.desktop.run("xterm", &["-geometry", "60x12+300+200", "-e", "echo exact; read wait"]);
    wait_until_same(&host, &officer);
    officer.screen.point(20, 700);
    officer.screen.key(keycode::SHIFT, true);
    let held = Held { keys: vec![keycode::SHIFT], buttons: vec![] };
    wait_until("a key is down", || host.screen().held() == held);
    host.hands().click(host.stop_button());
    assert_eq!(viewer.exit(), 3, "{}", viewer.errors());
}

/// A way to a host for TCP alone. What is sent there over UDP is never answered, and never refused.
struct Network {
    address: SocketAddr,
    _silence: UdpSocket,
}

impl Network {
    fn before(host: SocketAddr) -> Self {
        let (listener, silence) = loop {
            let listener = TcpListener::bind(ANY_PORT).expect("a port");
            if let Ok(silence) = UdpSocket::bind(listener.local_addr().expect("an address")) {
                break (listener, silence);
            }
        };
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for near in listener.incoming() {
                join(near?, TcpStream::connect(host)?)?;
            }
            io::Result::Ok(())
        });
        Self { address, _silence: silence }
    }
}

/// Forwards between two connections until both have ended.
fn join(near: TcpStream, far: TcpStream) -> io::Result<()> {
    for (mut from, mut to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        thread::spawn(move || {
            // However it ends, the other side is to know.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}
