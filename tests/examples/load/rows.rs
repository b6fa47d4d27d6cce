//! L1 and L2: who watches, and what that takes.

use crate::{
    server::{Server, Usage},
    table::{Table, percentile},
    viewer::{Seen, Viewer, identity},
    work,
};
use beside_protocol::wire::Permissions;
use beside_shell::identity::Identity;
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// Between paintings, 30 a second and 5.
const FAST: Duration = Duration::from_nanos(33_333_333);
const SLOW: Duration = Duration::from_millis(200);
/// Between keys, on average.
const KEYS: u32 = 130;
/// How long pictures may take to become exact.
const EXACT: Duration = Duration::from_secs(5);

/// L1: one officer who types and nine who watch, 30 pictures a second.
pub(crate) fn a_busy_officer_and_nine_watchers(table: &mut Table) {
    let mut room = Room::new(9);
    room.enter(9);
    room.work(FAST, 90);
    let work = room.work(FAST, 600);
    let exact = room.count_exact();
    let (first, painted, usage) = (work.first, work.painted, work.usage);
    let seen = room.leave();
    let mut pictures: Vec<_> = seen.iter().flat_map(|seen| work::delays(&painted, first, &seen.marks)).collect();
    let least = seen.iter().map(|seen| work::count_seen(seen, first, 600)).min().unwrap_or_default();
    table.most("L1", "screen to decoded, all 10 viewers, p95, ms", percentile(&mut pictures, 95), 60.0);
    table.note("L1", "the same, p50, ms", format!("{:.1}", percentile(&mut pictures, 50)));
    table.note("L1", "pictures of 600 seen by who saw the fewest", least);
    table.most("L1", "key to pixel, p95, ms", percentile(&mut key_delays(&seen[0]), 95), 80.0);
    table.most("L1", "processor, all processes of the server, cores", usage.all.as_secs_f64() / 20.0, 1.0);
    table.most("L1", "memory of all of them, MB", usage.memory, 300.0);
    table.equal("L1", "exact at the end, viewers of 10", exact, 10);
}

/// L2: fifty watchers, 5 pictures a second; the work of coding against that for one.
pub(crate) fn fifty_watchers(table: &mut Table) {
    let mut room = Room::new(50);
    room.enter(1);
    room.work(SLOW, 10);
    let one = room.work(SLOW, 75).usage;
    room.enter(49);
    room.work(SLOW, 10);
    let work = room.work(SLOW, 75);
    let exact = room.count_exact();
    let (first, painted, all) = (work.first, work.painted, work.usage);
    let seen = room.leave();
    let mut pictures: Vec<_> = seen.iter().flat_map(|seen| work::delays(&painted, first, &seen.marks)).collect();
    let dropped = seen.iter().filter(|seen| seen.ended.is_some()).count();
    let least = seen.iter().map(|seen| work::count_seen(seen, first, 75)).min().unwrap_or_default();
    table.equal("L2", "sessions dropped of 51", dropped, 0);
    table.equal("L2", "pictures of 75 seen by who saw the fewest", least, 75);
    table.note("L2", "screen to decoded, all 51 viewers, p95, ms", format!("{:.1}", percentile(&mut pictures, 95)));
    table.most("L2", "memory of all processes of the server, MB", all.memory, 600.0);
    let ratio = all.coding.as_secs_f64() / one.coding.as_secs_f64();
    table.most("L2", "processor of capture and coding, against one watcher", ratio, 1.5);
    table.note("L2", "processor of all of the server, cores", format!("{:.2}", all.all.as_secs_f64() / 15.0));
    table.equal("L2", "exact at the end, viewers of 51", exact, 51);
}

/// How long each key took that was answered.
pub(crate) fn key_delays(seen: &Seen) -> Vec<Duration> {
    work::delays(&seen.keys, 1, &seen.answers)
}

/// A server, an officer with control, and watchers.
struct Room {
    server: Server,
    viewers: Vec<Viewer>,
    waiting: Vec<Identity>,
    painted: u32,
}

/// What was done, and what it took.
struct Work {
    first: u32,
    painted: Vec<Instant>,
    usage: Usage,
}

impl Room {
    /// With the officer in it, and these watchers at the door.
    fn new(watchers: usize) -> Self {
        let officer = identity();
        let waiting: Vec<_> = (0..watchers).map(|_| identity()).collect();
        let server = Server::start(std::iter::once(&officer).chain(&waiting));
        work::answer_keys(&server.screen);
        let officer = Viewer::connect(Arc::new(officer), server.address, server.key, Permissions::CONTROL);
        let viewers = vec![officer.expect("the officer is let in")];
        Self { server, viewers, waiting, painted: 0 }
    }

    fn enter(&mut self, watchers: usize) {
        for officer in self.waiting.drain(..watchers) {
            let watcher = Viewer::connect(Arc::new(officer), self.server.address, self.server.key, Permissions::VIEW);
            self.viewers.push(watcher.expect("a watcher is let in"));
        }
    }

    /// Paints so often, while the officer types.
    fn work(&mut self, period: Duration, count: u32) -> Work {
        let before = self.server.usage();
        let first = self.painted + 1;
        self.painted += count;
        let (painted, memory) = thread::scope(|scope| {
            let painting = scope.spawn(|| {
                let painted = work::scroll_and_type(&self.server.screen, first, count, period);
                thread::sleep(period);
                painted
            });
            let mut memory: f64 = 0.0;
            for key in 1.. {
                if painting.is_finished() {
                    break;
                }
                self.viewers[0].strike();
                memory = memory.max(self.server.usage().memory);
                thread::sleep(Duration::from_millis(u64::from(KEYS / 2 + key * 37 % KEYS)));
            }
            (painting.join().expect("the painter has not failed"), memory)
        });
        let after = self.server.usage();
        let (all, coding) = (after.all - before.all, after.coding - before.coding);
        Work { first, painted, usage: Usage { all, coding, memory } }
    }

    /// How many show the screen as it is, within [`EXACT`].
    fn count_exact(&self) -> usize {
        let deadline = Instant::now() + EXACT;
        loop {
            let picture = Arc::new(work::picture(&self.server.screen));
            let count = self.viewers.iter().filter(|viewer| viewer.shows(&picture)).count();
            if count == self.viewers.len() || Instant::now() > deadline {
                return count;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Everybody leaves; what they have seen.
    fn leave(self) -> Vec<Seen> {
        self.viewers.into_iter().map(Viewer::leave).collect()
    }
}
