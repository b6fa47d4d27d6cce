//! L6: what a flood of strangers takes from a session, and from an officer who comes meanwhile.

use crate::{
    crowd,
    rows::key_delays,
    server::Server,
    table::{Table, percentile},
    viewer::{Seen, Viewer, identity},
    work,
};
use beside_protocol::wire::Permissions;
use beside_shell::{identity::Identity, program::runtime};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// First packets, and within what time they come.
const INITIALS: (u32, Duration) = (50_000, Duration::from_secs(10));
/// Handshakes that are begun only.
const HALF_OPEN: (u32, Duration) = (1_000, Duration::from_secs(10));
/// Proofs that prove nothing.
const PROOFS: (u32, Duration) = (10_000, Duration::from_secs(60));

/// Between two keys.
const KEYS: Duration = Duration::from_millis(50);
/// How long the session runs before, so that it has all the memory that it needs.
const BEFORE: Duration = Duration::from_secs(10);
/// How long after a flood began the other officer comes.
const MEANWHILE: Duration = Duration::from_secs(3);

/// One session with control, one flood after the other, and another officer who comes in each.
pub(crate) fn a_session_in_a_flood(table: &mut Table) {
    let runtime = runtime().expect("a runtime");
    let (officer, other) = (identity(), Arc::new(identity()));
    let packets = runtime.block_on(crowd::first_packets()).expect("first packets");
    let mut scene = Scene::new(officer, Arc::clone(&other));
    scene.during("nothing", || thread::sleep(BEFORE));
    let (address, before) = (scene.server.address, scene.server.usage().memory);
    scene.during("50,000 Initials from 1,000 addresses", || {
        crowd::flood(address, &packets, INITIALS.0, INITIALS.1).expect("packets can be sent");
    });
    scene.during("1,000 half-open connections", || {
        runtime.block_on(crowd::half_open(address, HALF_OPEN.0, HALF_OPEN.1));
    });
    let mut refused = 0;
    scene.during("10,000 wrong proofs", || {
        refused = runtime.block_on(crowd::wrong_proofs(address, Arc::clone(&other), 1, PROOFS.0, PROOFS.1));
    });
    let growth = scene.memory - before;
    table.equal("L6", "wrong proofs refused of 10,000", refused, PROOFS.0);
    table.most("L6", "memory, the most in all floods against before, MB", growth, 16.0);
    scene.tell(table);
}

struct Scene {
    server: Server,
    officer: Viewer,
    /// The key with which the second officer comes.
    other: Arc<Identity>,
    memory: f64,
    floods: Vec<Flood>,
}

/// What one flood did.
struct Flood {
    name: &'static str,
    /// The keys that were pressed in it, by their numbers.
    keys: std::ops::Range<usize>,
    login: Result<Duration, String>,
    took: Duration,
    cores: f64,
}

impl Scene {
    fn new(officer: Identity, other: Arc<Identity>) -> Self {
        let server = Server::start([&officer, &*other]);
        work::answer_keys(&server.screen);
        let officer = Viewer::connect(Arc::new(officer), server.address, server.key, Permissions::CONTROL);
        Self { server, officer: officer.expect("the officer is let in"), other, memory: 0.0, floods: Vec::new() }
    }

    /// Types while that happens; meanwhile the other officer comes and goes.
    fn during(&mut self, name: &'static str, happens: impl FnOnce() + Send) {
        let (begun, before, first) = (Instant::now(), self.server.usage(), self.keys());
        let (login, pressed) = thread::scope(|scope| {
            let flood = scope.spawn(happens);
            let (other, address, key) = (Arc::clone(&self.other), self.server.address, self.server.key);
            let visit = scope.spawn(move || {
                thread::sleep(MEANWHILE);
                let visitor = Viewer::connect(other, address, key, Permissions::VIEW)?;
                let login = visitor.login;
                visitor.leave();
                Ok(login)
            });
            let mut pressed = 0;
            while !(flood.is_finished() && visit.is_finished()) {
                self.officer.strike();
                pressed += 1;
                self.memory = self.memory.max(self.server.usage().memory);
                thread::sleep(KEYS);
            }
            (visit.join().expect("the visitor has not failed"), pressed)
        });
        let took = begun.elapsed();
        let cores = (self.server.usage().all - before.all).as_secs_f64() / took.as_secs_f64();
        self.floods.push(Flood { name, keys: first..first + pressed, login, took, cores });
    }

    /// How many keys have been pressed.
    fn keys(&self) -> usize {
        self.floods.last().map_or(0, |flood| flood.keys.end)
    }

    fn tell(self, table: &mut Table) {
        let seen: Seen = self.officer.leave();
        table.equal("L6", "the session lives", seen.ended.is_none(), true);
        let delays = key_delays(&seen);
        for Flood { name, keys, login, took, cores } in self.floods {
            let mut delays: Vec<_> = delays.get(keys.start..keys.end.min(delays.len())).unwrap_or_default().to_vec();
            let lost = keys.len() - delays.len();
            table.note("L6", &format!("{name}: took, s"), format!("{:.0}", took.as_secs_f64()));
            table.note("L6", "  processor of the server, cores", format!("{cores:.2}"));
            table.note("L6", "  key to pixel, p50, ms", format!("{:.1}", percentile(&mut delays, 50)));
            table.most("L6", "  key to pixel, p99, ms", percentile(&mut delays, 99), 150.0);
            table.equal("L6", "  keys without an answer", lost, 0);
            match login {
                Ok(login) => table.most("L6", "  another officer is let in after, ms", login.as_secs_f64() * 1e3, 1e3),
                Err(why) => table.equal("L6", "  another officer is let in", why.as_str(), "yes"),
            }
        }
    }
}
