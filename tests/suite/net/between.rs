//! A machine between officer and host that relays between two TLS connections: it learns nothing and gets nowhere.

use super::{
    rig::{Credentials, now},
    run,
};
use crate::people::request;
use beside_protocol::{
    session::{
        Asking, Host, Officer, Papers, Rules, Viewer,
        contact::{Code, Ends},
        host::{CodeEnd, ConnectionId, Event as HostEvent},
        viewer::Event,
    },
    wire::{CodeFault, End, Permissions},
};
use beside_shell::net::{
    Link, Role,
    emulator::{Network, Profile},
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};

const LINE: Profile = Profile::thin(20_000, 5, 0, 100);
const WITHIN: Duration = Duration::from_secs(20);

/// The host, the officer, and the ends of what connects them.
struct Table {
    host: Host,
    connection: ConnectionId,
    hosts_end: Link,
    viewer: Viewer,
    officers_end: Link,
    events: Vec<HostEvent>,
    end: Option<End>,
}

/// Both ends of a connection that `dialler` makes to `listener`, who takes the host's part.
async fn connect(dialler: &Credentials, listener: &Credentials) -> (Link, Link) {
    let network = Network::default();
    let mut listening = network.listen(Role::Host, &listener.identity, &listener.keys).expect("a listener");
    let line = network.line(LINE, LINE, 1);
    let dialling = line.dial(Role::Officer, &dialler.identity, |_| true, WITHIN);
    let (near, far) = tokio::join!(dialling, listening.accept());
    (near.expect("a link"), far.expect("a link"))
}

fn code() -> Code {
    "123 456 789".parse().expect("a code")
}

fn host(credentials: &Credentials) -> Host {
    let mut host = Host::new(Rules::new("desk 12", Asking::User), Arc::clone(&credentials.identity) as _);
    host.offer_code(now(), code(), [3; 32]);
    host
}

impl Table {
    /// Officer and host, at these ends.
    fn lay(mut host: Host, hosts_end: Link, officer: &Credentials, officers_end: Link, seed: u8) -> Self {
        let stranger = Officer { key: hosts_end.peer(), enrolment: None };
        let connection = host.connect(now(), stranger, hosts_end.keying());
        let key = officer.identity.fingerprint();
        let ends = Ends { officer: key, host: officers_end.peer(), keying: officers_end.keying() };
        let papers = Papers {
            notary: Arc::clone(&officer.identity) as _,
            host: officers_end.peer(),
            certificate: None,
            head: None,
        };
        let viewer = Viewer::introduced(now(), request(Permissions::VIEW), &code(), ends, [seed; 32], papers);
        Self { host, connection, hosts_end, viewer, officers_end, events: Vec::new(), end: None }
    }

    /// Sends what is to be sent, and notes what has happened.
    fn settle(&mut self) {
        while let Some(said) = self.viewer.poll_transmit() {
            let _ = self.officers_end.send(said.channel, Bytes::from_owner(said.bytes));
        }
        while let Some((_, said)) = self.host.poll_transmit() {
            let _ = self.hosts_end.send(said.channel, Bytes::from_owner(said.bytes));
        }
        while let Some(event) = self.viewer.poll_event() {
            if let Event::Ended(end) = event {
                self.end = Some(end);
            }
        }
        self.events.extend(std::iter::from_fn(|| self.host.poll_event()));
    }

    fn is_settled(&self) -> bool {
        self.end.is_some() || self.events.iter().any(|event| matches!(event, HostEvent::Ask(..)))
    }

    fn asked(&self) -> bool {
        self.events.iter().any(|event| matches!(event, HostEvent::Ask(..)))
    }

    /// Until the officer has left or the user is asked. Between the two ends may be who relays each message.
    async fn play(&mut self, mut between: Option<(Link, Link)>) {
        loop {
            self.settle();
            if self.is_settled() {
                return;
            }
            tokio::select! {
                heard = self.officers_end.recv() => match heard {
                    Ok((channel, bytes)) => self.viewer.handle_message(now(), channel, &bytes),
                    Err(error) => self.viewer.disconnected(now(), error.end()),
                },
                heard = self.hosts_end.recv() => match heard {
                    Ok((channel, bytes)) => self.host.handle_message(now(), self.connection, channel, &bytes),
                    Err(error) => self.host.disconnected(now(), self.connection, error.end()),
                },
                () = relay(&mut between) => {}
            }
        }
    }
}

/// Passes one message on, in whichever direction. Never ready where nobody is between.
async fn relay(between: &mut Option<(Link, Link)>) {
    let Some((near, far)) = between else { return std::future::pending().await };
    let (from, to) = tokio::select! {
        heard = near.recv() => (heard, &*far),
        heard = far.recv() => (heard, &*near),
    };
    match from {
        Ok((channel, bytes)) => drop(to.send(channel, bytes)),
        Err(_) => *between = None,
    }
}

#[test]
fn with_nobody_between_the_code_leads_to_the_question() {
    run(async {
        let (officer, user) = (Credentials::new(), Credentials::new());
        let (officers_end, hosts_end) = connect(&officer, &user).await;
        let mut table = Table::lay(host(&user), hosts_end, &officer, officers_end, 1);
        table.play(None).await;
        assert!(table.asked() && table.events.contains(&HostEvent::CodeOver(CodeEnd::Used)));
    });
}

/// Officer and host have the same code, and all that they say reaches the other; but over two connections with two keys.
#[test]
fn a_machine_in_the_middle_gets_nowhere_and_uses_up_the_code() {
    run(async {
        let (officer, user, middle) = (Credentials::new(), Credentials::new(), Credentials::new());
        let mut machine = host(&user);
        let mut ends = Vec::new();
        for attempt in 1..=4 {
            let (officers_end, near) = connect(&officer, &middle).await;
            let (far, hosts_end) = connect(&middle, &user).await;
            let mut table = Table::lay(machine, hosts_end, &officer, officers_end, attempt);
            table.play(Some((near, far))).await;
            assert!(!table.asked() && !table.events.contains(&HostEvent::CodeOver(CodeEnd::Used)));
            ends.extend(table.end);
            machine = table.host;
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        let (wrong, none) = (End::Code(CodeFault::Wrong), End::Code(CodeFault::None));
        assert_eq!(ends, [wrong, wrong, wrong, none], "three guesses, and no more");
        assert!(!machine.has_code());
    });
}
