//! The machine that is watched: a display in memory, the real server on it, and what both take of this machine.

use beside_protocol::{
    frame::Size,
    wire::{Fingerprint, Permissions},
};
use beside_shell::{
    identity::{Identity, Keys},
    state::StateDir,
    store::{Enrolment, Officers},
};
use beside_test_displays::Screen;
use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

pub(crate) const SIZE: Size = Size::new(1920, 1080);

/// How many clock ticks the kernel counts in a second of processor time, on every Linux of today.
const TICKS: f64 = 100.0;

/// A server that lets the officers in whom it was given, without a question. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) screen: Screen,
    pub(crate) address: SocketAddr,
    pub(crate) key: Fingerprint,
    process: Child,
    _state: TempDir,
}

/// What the server's processes have taken, or have, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time of all of them.
    pub(crate) all: Duration,
    /// Of this that of the thread that captures, finds what changed and codes it.
    pub(crate) coding: Duration,
    /// Memory, in MB: what each has resident, shared libraries in each.
    pub(crate) memory: f64,
}

impl Server {
    pub(crate) fn start<'a>(officers: impl IntoIterator<Item = &'a Identity>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateDir::open(Some(&folder.path().join("state"))).expect("a state folder");
        let key = Identity::open(&state, Keys::File).expect("an identity").fingerprint();
        let mut records = Officers::open(&state).expect("no officers yet");
        for (number, officer) in officers.into_iter().enumerate() {
            let name = format!("Officer {number}").parse().expect("a name");
            let standing_until = SystemTime::now().checked_add(Duration::from_secs(3600));
            let enrolment = Enrolment { standing_until, ..Enrolment::new(name, Permissions::CONTROL) };
            records.put(officer.fingerprint(), enrolment).expect("an officer is enrolled");
        }
        let screen = Screen::xvfb(SIZE);
        let this = env::current_exe().expect("this program has a place");
        let program = this.ancestors().nth(2).expect("examples/ is in the programs' folder").join("beside-server");
        let mut process = Command::new(program)
            .args(["share", "--listen", "127.0.0.1:0", "--consent", "policy", "--officers", "64", "--state-dir"])
            .arg(state.path())
            .env("DISPLAY", screen.name())
            .env("BESIDE_ALLOW_ROOT", "1")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts: `make load` builds it first");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.strip_prefix("ready listen=").and_then(|rest| rest.split(' ').next());
        let address = address.and_then(|address| address.parse().ok()).expect("the server is ready");
        Self { screen, address, key, process, _state: folder }
    }

    /// Of the server and the processes that it has started.
    pub(crate) fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for process in family(self.process.id()) {
            let Some(stat) = stat(&format!("/proc/{process}")) else { continue };
            usage.all += stat.time;
            usage.memory += memory(process);
            let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
            let threads = threads.filter_map(|thread| self::stat(&thread.path().display().to_string()));
            usage.coding +=
                threads.filter(|thread| thread.name == "capture").map(|thread| thread.time).sum::<Duration>();
        }
        usage
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A process and all that it has started.
fn family(first: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, stat(&format!("/proc/{number}"))?.parent))
        })
        .collect();
    let mut family = vec![first];
    for index in 0.. {
        let Some(&parent) = family.get(index) else { break };
        family.extend(all.iter().filter(|(_, of)| *of == parent).map(|(number, _)| number));
    }
    family
}

/// The line `stat` of a process or a thread.
struct Stat {
    name: String,
    parent: u32,
    time: Duration,
}

fn stat(folder: &str) -> Option<Stat> {
    let text = fs::read_to_string(format!("{folder}/stat")).ok()?;
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    let time = Duration::from_secs_f64((ticks(11)? + ticks(12)?) / TICKS);
    Some(Stat { name: name.to_owned(), parent: fields.get(1)?.parse().ok()?, time })
}

/// What a process has resident, in MB.
fn memory(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1024.0
}
