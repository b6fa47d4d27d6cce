//! A process of a test: its lines are read as they come, and it ends with the test whatever happens.

use beside_test_displays::{DEADLINE, wait_within};
use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Program {
    name: String,
    child: Child,
    lines: Receiver<String>,
    errors: Arc<Mutex<String>>,
}

impl Program {
    /// Starts `command` without stdin.
    pub(super) fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        Self::start_as(name, command)
    }

    /// Starts `command` with a line on its stdin.
    pub(super) fn start_with(command: &mut Command, line: &str) -> Self {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        writeln!(writer, "{line}").expect("room in the pipe");
        let name = command.get_program().to_string_lossy().into_owned();
        Self::spawn(name, command.stdin(reader))
    }

    /// The same for a command that starts the program of this name in its turn.
    pub(super) fn start_as(name: String, command: &mut Command) -> Self {
        Self::spawn(name, command.stdin(Stdio::null()))
    }

    fn spawn(name: String, command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| {
            panic!("{name} does not start ({e}): install what is missing with scripts/install.sh test")
        });
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let kept = Arc::clone(&errors);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut chunk) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_str(&String::from_utf8_lossy(&chunk[..length]));
            }
        });
        Self { name, child, lines, errors }
    }

    /// The next line of its stdout.
    pub(super) fn line(&mut self) -> String {
        self.lines.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{} prints nothing:\n{}", self.name, self.errors()))
    }

    /// What it has written to stderr so far.
    pub(super) fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its exit code once it has ended by itself, within `patience`.
    pub(super) fn exit_within(&mut self, patience: Duration) -> i32 {
        let ends = format!("{} ends", self.name);
        let status = wait_within(patience, &ends, || self.child.try_wait().expect("a child can be waited for"));
        status.code().unwrap_or(-1)
    }

    /// The same within the usual deadline.
    pub(super) fn exit(&mut self) -> i32 {
        self.exit_within(DEADLINE)
    }

    /// Whether it has not ended.
    pub(super) fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- {} said on stderr:\n{}", self.name, self.errors());
        }
    }
}

/// One of the project's programs, as `make programs` built it, next to this test.
pub(super) fn beside(name: &str) -> Command {
    let test = env::current_exe().expect("the test knows where it is");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests are in target/…/deps");
    let program: PathBuf = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(program.exists(), "{} is missing: build the programs first with `make programs`", program.display());
    let mut command = Command::new(program);
    // Test machines often run everything as root, nothing of the person's own settings shall matter, and no key of a test
    // shall get into their keyring.
    command.env("BESIDE_ALLOW_ROOT", "1").env("BESIDE_KEYS", "file");
    command.env_remove("WAYLAND_DISPLAY").env_remove("DISPLAY");
    command
}

/// Runs a command to its end and gives its exit code, its stdout and its stderr.
pub(super) fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
