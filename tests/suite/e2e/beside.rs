//! A user's machine and an officer's, each with a display, a state folder and a program of the project.

use super::{
    desktop::Desktop,
    line::{self, Line},
    program::{Program, beside, run},
};
use beside_protocol::frame::{Point, Size};
use beside_test_displays::{Area, Screen, keycode, wait_for, wait_until};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};
use tempfile::TempDir;

/// Allow, once it may be pressed (server/src/desk/look.rs).
const ALLOW: Area = Area { colour: 0x0017_7357, least: 3_000 };
/// Deny.
const DENY: Area = Area { colour: 0x002f_3a49, least: 5_000 };
/// Stop.
const STOP: Area = Area { colour: 0x00d0_2f2f, least: 400 };
/// A switch that is off.
const SWITCH_OFF: Area = Area { colour: 0x008b_96a2, least: 400 };

/// The field in which a word is typed.
const FIELD: Area = Area { colour: 0x00ff_ffff, least: 4_000 };

/// How often the screen is looked at before a word is typed anew.
const LOOKS: usize = 50;

/// A free port of loopback.
pub(super) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// The screens' size.
const SIZE: Size = Size::new(1024, 768);

/// The user's machine.
#[derive(Debug)]
pub(super) struct Host {
    /// `beside-server share`, while it runs.
    pub(super) server: Program,
    /// The user's desktop.
    pub(super) desktop: Desktop,
    /// The display around it, whose pointer and keyboard are the user's hands.
    outer: Screen,
    /// Where it listens, or whom it calls.
    pub(super) address: SocketAddr,
    /// Its key.
    pub(super) key: String,
    state: TempDir,
}

impl Host {
    /// Starts sharing with these further arguments; the user is asked by a window.
    pub(super) fn share(arguments: &[&str]) -> Self {
        Self::sharing(ANY_PORT, |command| Program::start(command.arg("--no-code").args(arguments)))
    }

    /// The same for officers whom nobody has enrolled. Returns the code, too.
    pub(super) fn share_with_code(arguments: &[&str]) -> (Self, String) {
        let mut host = Self::sharing(ANY_PORT, |command| Program::start(command.arg("--print-code").args(arguments)));
        let code = host.next_code();
        (host, code)
    }

    /// The same where that bus is the system's.
    pub(super) fn share_at_bus(address: &str) -> Self {
        Self::sharing(ANY_PORT, |command| {
            Program::start(command.arg("--no-code").env("DBUS_SYSTEM_BUS_ADDRESS", address))
        })
    }

    /// The same for a user whose home is that folder.
    pub(super) fn share_from_home(home: &Path) -> Self {
        Self::sharing(ANY_PORT, |command| {
            for folder in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
                command.env_remove(folder);
            }
            Program::start(command.arg("--no-code").env("HOME", home).env("XDG_RUNTIME_DIR", home))
        })
    }

    /// What a command of `beside-server` about this machine prints, which has to succeed.
    pub(super) fn command(&self, arguments: &[&str]) -> String {
        succeed(beside("beside-server").args(arguments).arg("--state-dir").arg(self.state.path()))
    }

    /// The code that the server prints next.
    pub(super) fn next_code(&mut self) -> String {
        let line = self.server.line();
        line.strip_prefix("code=").unwrap_or_else(|| panic!("no code: {line:?}")).to_owned()
    }

    /// The files of its state folder, with what is in them.
    pub(super) fn records(&self) -> Records {
        records(&self.state)
    }

    /// The same at the end of a line.
    pub(super) fn share_over(line: &Line, arguments: &[&str]) -> Self {
        Self::sharing(line::HOST, |command| line.start_at_host(command.arg("--no-code").args(arguments)))
    }

    fn sharing(address: SocketAddr, start: impl FnOnce(&mut Command) -> Program) -> Self {
        let (state, outer) = (state(), Screen::xvfb(SIZE));
        let desktop = Desktop::inside(&outer);
        let mut server = start(share(&state, address).env("DISPLAY", desktop.screen().name()));
        let (address, key) = ready(&server.line());
        Self { server, desktop, outer, address, key, state }
    }

    /// Shares again at the same address, after the server has ended; `start` may change how it is started.
    pub(super) fn share_again(&mut self, start: impl FnOnce(&mut Command) -> Program) {
        let mut command = share(&self.state, self.address);
        self.server = start(command.arg("--no-code").env("DISPLAY", self.desktop.screen().name()));
        assert_eq!(ready(&self.server.line()), (self.address, self.key.clone()));
    }

    /// Enrols an officer who waits for calls at `address`, and calls. The officer does not know this machine.
    pub(super) fn call(officer: &Officer, address: SocketAddr) -> Self {
        Self::introduced(officer, address, |_| {})
    }

    /// The same, but the officer knows it.
    pub(super) fn call_known(officer: &Officer, address: SocketAddr) -> Self {
        Self::introduced(officer, address, |key| officer.trust(key))
    }

    fn introduced(officer: &Officer, address: SocketAddr, introduce: impl FnOnce(&str)) -> Self {
        let (state, outer) = (state(), Screen::xvfb(SIZE));
        let desktop = Desktop::inside(&outer);
        let key = identity("beside-server", &state);
        introduce(&key);
        allow(&state, officer);
        let server = dial_out(&state, &desktop, address);
        Self { server, desktop, outer, address, key, state }
    }

    /// Calls again, after the server has ended.
    pub(super) fn call_again(&mut self) {
        self.server = dial_out(&self.state, &self.desktop, self.address);
    }

    /// Enrols an officer with permission to see and to control.
    pub(super) fn allow(&self, officer: &Officer) {
        allow(&self.state, officer);
    }

    /// Its state folder.
    pub(super) fn state(&self) -> &Path {
        self.state.path()
    }

    /// The user allows what is asked for, control too where it is.
    pub(super) fn allow_control(&self) {
        let switch = self.find("the switch for control", SWITCH_OFF);
        self.hands().click(switch);
        wait_until("the switch is on", || self.screen().find(SWITCH_OFF).is_none());
        self.hands().click(self.allow_button());
    }

    /// Where the question's Allow is, once it may be pressed.
    pub(super) fn allow_button(&self) -> Point {
        self.find("the button Allow", ALLOW)
    }

    /// The user types that word into the question, as it asks for, until Allow is there. On a busy machine the window may
    /// have the keyboard only some time after the click, so the word is typed anew if letters were lost.
    pub(super) fn confirm(&self, word: &str) {
        self.early_deny_button();
        self.hands().click(self.find("the field for the word", FIELD));
        wait_for("Allow, once the word is typed", || {
            (0..2 * word.len()).for_each(|_| self.hands().strike(keycode::BACKSPACE));
            self.hands().type_text(word);
            (0..LOOKS).find_map(|_| self.screen().find(ALLOW))
        });
    }

    /// Where Deny is in a question about a stranger, which is awake before Allow.
    pub(super) fn early_deny_button(&self) -> Point {
        self.find("the button Deny", DENY)
    }

    /// Where its Deny is; shown from the start, but only awake together with Allow.
    pub(super) fn deny_button(&self) -> Point {
        self.allow_button();
        self.find("the button Deny", DENY)
    }

    /// Where the banner's Stop is.
    pub(super) fn stop_button(&self) -> Point {
        self.find("the button Stop", STOP)
    }

    /// The user's own hands: what they do comes from a device.
    pub(super) fn hands(&self) -> &Screen {
        &self.outer
    }

    /// The user's desktop; what is done through it is done by a program.
    pub(super) fn screen(&self) -> &Screen {
        self.desktop.screen()
    }

    fn find(&self, what: &str, area: Area) -> Point {
        wait_for(what, || self.screen().find(area))
    }
}

/// The officer's machine.
#[derive(Debug)]
pub(super) struct Officer {
    /// Its screen, pointer and keyboard.
    pub(super) screen: Screen,
    /// Its key.
    pub(super) key: String,
    state: TempDir,
}

impl Officer {
    /// A machine that nobody knows yet.
    pub(super) fn new() -> Self {
        let state = state();
        let key = identity("beside-viewer", &state);
        Self { screen: Screen::xvfb(SIZE), key, state }
    }

    /// One that knows `host` and is known there.
    pub(super) fn known_to(host: &Host) -> Self {
        let officer = Self::new();
        officer.trust(&host.key);
        host.allow(&officer);
        officer
    }

    /// Its state folder.
    pub(super) fn state(&self) -> &Path {
        self.state.path()
    }

    /// What a command of `beside-viewer` about this machine prints, which has to succeed.
    pub(super) fn command(&self, arguments: &[&str]) -> String {
        succeed(beside("beside-viewer").args(arguments).arg("--state-dir").arg(self.state.path()))
    }

    /// Takes a key for that of the user's machine.
    pub(super) fn trust(&self, key: &str) {
        self.trust_as(key, "user's machine");
    }

    /// The same by a name.
    pub(super) fn trust_as(&self, key: &str, name: &str) {
        let mut command = beside("beside-viewer");
        succeed(command.args(["trust", key, "--name", name]).arg("--state-dir").arg(self.state.path()));
    }

    /// Asks for a session with control; the window shows the picture alone, pixel by pixel.
    pub(super) fn connect(&self, address: SocketAddr) -> Program {
        Program::start(&mut self.view("connect", address))
    }

    /// Asks to see only, and reports; the window's key asks for control for that long.
    pub(super) fn watch(&self, address: SocketAddr, control_for: &str) -> Program {
        let mut viewer = beside("beside-viewer");
        viewer.args(["connect", &address.to_string(), "--reason", "ticket 9", "--view-only", "--json"]);
        viewer.args(["--control-for", control_for, "--fullscreen", "--scale", "1:1", "--no-controls", "--state-dir"]);
        Program::start(viewer.arg(self.state.path()).env("DISPLAY", self.screen.name()))
    }

    /// The same with a ticket.
    pub(super) fn connect_with_ticket(&self, address: SocketAddr, ticket: &str) -> Program {
        Program::start(self.view("connect", address).args(["--ticket", ticket]))
    }

    /// The same from the other end of a line.
    pub(super) fn connect_over(&self, line: &Line, address: SocketAddr) -> Program {
        line.start_at_officer(&self.view("connect", address))
    }

    /// Waits for a machine to call; the window is the same.
    pub(super) fn listen(&self) -> (Program, SocketAddr) {
        let mut viewer = Program::start(&mut self.view("listen", ANY_PORT));
        let (address, key) = ready(&viewer.line());
        assert_eq!(key, self.key);
        (viewer, address)
    }

    /// Asks to see, with this line for the code.
    pub(super) fn connect_with_code(&self, address: SocketAddr, code: &str) -> Program {
        let mut command = beside("beside-viewer");
        command.args(["connect", &address.to_string(), "--code", "-", "--reason", "ticket 8"]);
        command.args(["--fullscreen", "--scale", "1:1", "--no-controls", "--log", "trace", "--state-dir"]);
        command.arg(self.state.path()).env("DISPLAY", self.screen.name());
        Program::start_with(&mut command, code)
    }

    /// What it knows of machines, as `hosts` lists it.
    pub(super) fn hosts(&self) -> String {
        succeed(beside("beside-viewer").args(["hosts", "--state-dir"]).arg(self.state.path()))
    }

    /// The files of its state folder, with what is in them.
    pub(super) fn records(&self) -> Records {
        records(&self.state)
    }

    fn view(&self, command: &str, address: SocketAddr) -> Command {
        let mut viewer = beside("beside-viewer");
        viewer.args([command, &address.to_string(), "--reason", "ticket 7", "--control"]);
        viewer.args(["--fullscreen", "--scale", "1:1", "--no-controls", "--state-dir"]).arg(self.state.path());
        viewer.env("DISPLAY", self.screen.name());
        viewer
    }
}

/// The command that shares a desktop, listening on `address`.
pub(super) fn share(state: &TempDir, address: SocketAddr) -> Command {
    let mut command = beside("beside-server");
    command.args(["share", "--language", "en", "--listen", &address.to_string(), "--name", "user's machine"]);
    command.arg("--state-dir").arg(state.path());
    command
}

/// Shares a desktop with the officer who waits at `address`.
fn dial_out(state: &TempDir, desktop: &Desktop, address: SocketAddr) -> Program {
    let mut command = beside("beside-server");
    command.args(["share", "--no-code", "--to", &address.to_string(), "--state-dir"]).arg(state.path());
    let mut server = Program::start(command.env("DISPLAY", desktop.screen().name()));
    let line = server.line();
    assert!(line.starts_with(&format!("ready to={address} key=")), "{line}");
    server
}

/// Enrols an officer with permission to see and to control.
fn allow(state: &TempDir, officer: &Officer) {
    let mut command = beside("beside-server");
    command.args(["allow", &officer.key, "--name", "Ann Officer", "--permit", "view,control"]);
    succeed(command.arg("--state-dir").arg(state.path()));
}

/// The key of a machine.
fn identity(program: &str, state: &TempDir) -> String {
    succeed(beside(program).arg("identity").arg("--state-dir").arg(state.path()))
}

/// Files by name: who is known, and keys. The log and the receipts tell of what happens.
pub(super) type Records = BTreeMap<OsString, Vec<u8>>;

fn records(state: &TempDir) -> Records {
    let files = fs::read_dir(state.path()).expect("a state folder").map(|file| file.expect("a file"));
    let kept = files.filter(|file| file.path().is_file() && file.file_name() != "audit.jsonl");
    kept.map(|file| (file.file_name(), fs::read(file.path()).expect("a readable file"))).collect()
}

/// An empty state folder.
pub(super) fn state() -> TempDir {
    tempfile::Builder::new().prefix("beside-test-").tempdir().expect("a temporary folder")
}

/// Address and key from the line that says that the server is ready.
fn ready(line: &str) -> (SocketAddr, String) {
    let parts = line.strip_prefix("ready listen=").and_then(|rest| rest.split_once(" key="));
    let (address, key) = parts.unwrap_or_else(|| panic!("not the line that scripts wait for: {line:?}"));
    (address.parse().expect("an address"), key.to_owned())
}

fn succeed(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, 0, "{command:?} failed:\n{stderr}");
    stdout
}

/// Waits until the officer sees exactly what is on the user's screen.
pub(super) fn wait_until_same(host: &Host, officer: &Officer) {
    wait_until("the officer's picture equals the user's, pixel by pixel", || {
        officer.screen.picture().difference(&host.screen().picture()) == 0
    });
}
