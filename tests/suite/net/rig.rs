//! Both session machines joined by real QUIC over an emulated network, on tokio's clock, which tests pause.

use beside_protocol::{
    frame::Size,
    session::{Asking, Enrolment, Officer, Rules, host::Event as HostEvent, viewer::Event as ViewerEvent},
    wire::{Channel, Permissions, Request},
};
use beside_shell::{
    identity::{Identity, Keys},
    net::{
        self, EndpointKeys, Link, LinkError, Listener,
        emulator::{Line, Network, Profile as Way},
    },
    state::StateDir,
};
use beside_tests::{Pair, Profile, Role, Screen, key_of};
use bytes::Bytes;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::time::sleep_until;

/// Now, on the clock that tests pause.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Identity and socket keys of one side, in a folder that lasts as long as they do.
pub(crate) struct Credentials {
    pub(crate) identity: Arc<Identity>,
    pub(crate) keys: EndpointKeys,
}

impl Credentials {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateDir::open(Some(&folder.path().join("state"))).expect("a state folder");
        let identity = Identity::open(&state, Keys::File).expect("an identity");
        Self { identity: Arc::new(identity), keys: EndpointKeys::open(&state).expect("keys") }
    }
}

/// A host, and officers who dial it.
pub(crate) struct Rig {
    pub(crate) network: Network,
    pub(crate) pair: Pair,
    pub(crate) seats: Vec<Seat>,
    host: Credentials,
    listener: Listener,
}

/// One officer's ends of the connection.
pub(crate) struct Seat {
    pub(crate) line: Line,
    /// Both ends, as long as they are good.
    host: Option<Link>,
    viewer: Option<Link>,
    /// Why each of them is over.
    pub(crate) over: Vec<(Role, LinkError)>,
    /// When each new mark was shown first.
    pub(crate) shown: Vec<(u32, Instant)>,
    /// Bytes of frames that have arrived.
    pub(crate) bytes: u64,
}

enum Happening {
    Arrived(usize, Role, Result<(Channel, Bytes), LinkError>),
    Due,
}

impl Rig {
    /// A host with a screen of that size, which lets enrolled officers in without a question.
    pub(crate) fn new(size: Size) -> Self {
        let (network, host) = (Network::default(), Credentials::new());
        let listener = network.listen(net::Role::Host, &host.identity, &host.keys).expect("a listener");
        let mut pair = Pair::new(Rules { officers: 64, ..Rules::new("desk 12", Asking::Nobody) }, size);
        pair.now = now();
        Self { network, pair, seats: Vec::new(), host, listener }
    }

    /// An officer dials over such a line (to the host and back), asks, and is let in.
    pub(crate) async fn connect(&mut self, up: Way, down: Way, permissions: Permissions) -> usize {
        let seat = self.seats.len();
        let line = self.network.line(up, down, seat as u64 + 1);
        let officer = Credentials::new();
        let host = self.host.identity.fingerprint();
        let within = Duration::from_secs(20);
        let dialling = line.dial(net::Role::Officer, &officer.identity, move |key| key == host, within);
        let (viewer, host) = tokio::join!(dialling, self.listener.accept());
        let (viewer, host) = (viewer.expect("a link"), host.expect("a link"));
        let standing = Some(Duration::from_secs(8 * 3600));
        let enrolment = Enrolment { standing, ..Enrolment::new(&format!("Officer {seat}"), permissions) };
        let request = Request { reason: "a bad line".into(), permissions, seconds: 3600, display: None, ticket: None };
        self.pair.wake(now());
        // What the officer signs with is the test kit's; that a link proves its key is tested elsewhere.
        let key = key_of(u8::try_from(seat + 1).expect("a few officers"));
        self.pair.connect(Officer { key, enrolment: Some(enrolment) }, request, Profile::LAN);
        self.seats.push(Seat {
            line,
            host: Some(host),
            viewer: Some(viewer),
            over: Vec::new(),
            shown: Vec::new(),
            bytes: 0,
        });
        seat
    }

    /// Lets time pass, with all that happens in it.
    pub(crate) async fn drive(&mut self, duration: Duration) {
        let until = now() + duration;
        loop {
            self.settle();
            let due = self.pair.next_time().map_or(until, |next| next.min(until));
            if now() >= until {
                return;
            }
            match self.next(due).await {
                Happening::Due => {}
                Happening::Arrived(seat, at, Ok((channel, bytes))) => {
                    if at == Role::Officer && channel == Channel::Frame {
                        self.seats[seat].bytes += bytes.len() as u64;
                    }
                    self.pair.now = now();
                    if let (Role::Host, Channel::Control, Some(link)) = (at, channel, &self.seats[seat].host) {
                        self.pair.set_line(seat, link.line());
                    }
                    self.pair.arrive(seat, at, channel, &bytes);
                }
                Happening::Arrived(seat, at, Err(error)) => self.lose(seat, at, error),
            }
        }
    }

    /// The host's end of a seat's connection.
    pub(crate) fn host_link(&self, seat: usize) -> &Link {
        self.seats[seat].host.as_ref().expect("the link is good")
    }

    fn lose(&mut self, seat: usize, at: Role, error: LinkError) {
        match at {
            Role::Host => self.seats[seat].host = None,
            Role::Officer => self.seats[seat].viewer = None,
        }
        self.pair.disconnected(seat, at, error.end());
        self.seats[seat].over.push((at, error));
    }

    /// The next thing that happens; whoever spoke first is heard first.
    async fn next(&mut self, due: Instant) -> Happening {
        let mut sleep = pin!(sleep_until(due.into()));
        poll_fn(|cx| {
            for (index, seat) in self.seats.iter_mut().enumerate() {
                for (role, link) in [(Role::Host, &mut seat.host), (Role::Officer, &mut seat.viewer)] {
                    let Some(link) = link else { continue };
                    if let Poll::Ready(arrived) = pin!(link.recv()).poll(cx) {
                        return Poll::Ready(Happening::Arrived(index, role, arrived));
                    }
                }
            }
            sleep.as_mut().poll(cx).map(|()| Happening::Due)
        })
        .await
    }

    /// Does what is due, sends what is to be sent, and notes what is shown.
    fn settle(&mut self) {
        self.pair.wake(now());
        self.approve();
        for (index, seat) in self.seats.iter_mut().enumerate() {
            for (role, link) in [(Role::Host, &seat.host), (Role::Officer, &seat.viewer)] {
                for transmit in self.pair.take_sent(index, role) {
                    if let Some(link) = link {
                        // An error is told again by `recv`.
                        let _ = link.send(transmit.channel, Bytes::from_owner(transmit.bytes));
                    }
                }
            }
            let Some(picture) = self.pair.seats[index].viewer.shown() else { continue };
            let mark = Screen::read_mark(picture);
            if seat.shown.last().is_none_or(|(last, _)| *last < mark) {
                seat.shown.push((mark, now()));
            }
        }
    }

    /// Opens the channels of those who have been let in.
    fn approve(&mut self) {
        for event in std::mem::take(&mut self.pair.events) {
            if let HostEvent::Live(id, _) = event {
                let seat = self.pair.seat(id).and_then(|seat| self.seats[seat].host.as_mut());
                if let Some(link) = seat {
                    link.approve();
                }
            }
        }
        for (seat, pair) in self.seats.iter_mut().zip(&self.pair.seats) {
            let granted = pair.events.iter().any(|event| matches!(event, ViewerEvent::Granted { .. }));
            if let Some(link) = seat.viewer.as_mut().filter(|link| granted && !link.is_approved()) {
                link.approve();
            }
        }
    }
}
