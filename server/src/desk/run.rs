//! The desk process: its threads, and what they say to each other.

use super::{
    app::{App, Settings, Wake},
    gate::Gate,
    injector::Input,
    message::{FromDesk, ToDesk},
    panic_key::PanicKey,
    parent::AskedBy,
    platform, presence,
    server_process::ServerProcess,
    words::Language,
};
use crate::pipe;
use std::{
    io::{self, BufReader},
    sync::Arc,
    thread,
};
use winit::{error::EventLoopError, event_loop::EventLoopProxy};

/// Why the desk ended other than by the end of its stdin: no session may go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no desktop to show windows on.
    #[error("the question and the banner can't be shown: {0}")]
    NoDesktop(#[from] EventLoopError),
    /// What shows the user that a session is on could not be shown, or was taken away.
    #[error("the banner can't be shown: {0}")]
    NoBanner(String),
    /// A thread could not be started.
    #[error("the desk could not start: {0}")]
    Start(#[from] io::Error),
}

/// The body of the desk process, started by the server: returns when stdin ends, or with why it can't go on.
/// `server` is the process id of the server, if that is to be ended when it does not obey. To be called on the main thread.
pub fn run(asked_by: AskedBy, panic_key: PanicKey, language: Language, server: Option<u32>) -> Result<(), RunError> {
    let event_loop = platform::event_loop::<Wake>()?;
    let input = Input::new(Gate::new(asked_by), say);
    let (proxy, forwarding) = (event_loop.create_proxy(), input.clone());
    thread::Builder::new().name("from server".into()).spawn(move || listen(&proxy, &forwarding))?;
    let watching = event_loop.create_proxy();
    // An error means that the windows are gone, and with them this process.
    presence::watch(move |presence| drop(watching.send_event(Wake::Presence(presence))))?;
    let settings = Settings { panic_key, language, server: server.map(ServerProcess::new) };
    let mut app = App::new(input.clone(), event_loop.create_proxy(), Arc::new(say), settings);
    let ran = event_loop.run_app(&mut app);
    input.close();
    ran?;
    app.into_outcome()
}

/// Tells the server. If it is gone, stdin has ended too, and the desk ends by that.
fn say(message: FromDesk) {
    if let Err(error) = pipe::write(&mut io::stdout().lock(), &message) {
        tracing::debug!(%error, "the server is gone");
    }
}

/// Reads what the server says. Input goes straight on; the rest is for the windows.
fn listen(proxy: &EventLoopProxy<Wake>, input: &Input) {
    let mut stdin = BufReader::new(io::stdin().lock());
    loop {
        let message = match pipe::read(&mut stdin) {
            Ok(Some(message)) => message,
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(%error, "cannot read from the server");
                break;
            }
        };
        match &message {
            ToDesk::Inject(bytes) => {
                input.forward(bytes);
                continue;
            }
            ToDesk::Live { session, live } => input.live(*session, live),
            ToDesk::Suspended { session, .. } => input.change(|gate| gate.suspended(*session)),
            ToDesk::Ended { session, .. } => input.change(|gate| gate.ended(*session)),
            ToDesk::Ask { session, .. } => input.change(|gate| gate.asks(*session)),
            ToDesk::Allowed { session, permissions } => {
                input.change(|gate| gate.added_elsewhere(*session, *permissions))
            }
            ToDesk::Withdraw { .. }
            | ToDesk::Moved { .. }
            | ToDesk::Code { .. }
            | ToDesk::CodeOver { .. }
            | ToDesk::HideCode => {}
        }
        if proxy.send_event(Wake::Server(message)).is_err() {
            return;
        }
    }
    input.close();
    // If that fails, the event loop has ended already.
    let _ended = proxy.send_event(Wake::ServerGone);
}
