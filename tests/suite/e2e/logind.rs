//! A session manager (logind) of the test's own, on a private bus: it knows one session, and whether that is locked.

use super::program::Program;
use futures_util::StreamExt;
use std::{collections::BTreeMap, process::Command, thread};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::{Connection, Message, MessageStream, ObjectPath, Variant, connection::Builder, message::Type};

const NAME: &str = "org.freedesktop.login1";
const SESSION: &str = "/org/freedesktop/login1/session/test";

/// A property of the session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Property {
    /// Whether the screen is locked.
    LockedHint,
    /// Whether it is the session in front.
    Active,
}

/// The session manager. Dropping it ends the bus.
#[derive(Debug)]
pub(super) struct Logind {
    _bus: Program,
    address: String,
    changes: UnboundedSender<(Property, bool)>,
}

impl Logind {
    /// Starts bus and manager; the session is in front, and not locked.
    pub(super) fn start() -> Self {
        let mut bus = Program::start(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address"]));
        let address = bus.line();
        let (changes, received) = unbounded_channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let at = address.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let bus = Builder::address(at.as_str()).build().await.expect("a connection to the bus");
                let calls = MessageStream::from(&bus);
                bus.request_name(NAME).await.expect("the name on the bus");
                ready.send(()).expect("the test waits");
                serve(&bus, calls, received).await;
            });
        });
        is_ready.recv().expect("the session manager starts");
        Self { _bus: bus, address, changes }
    }

    /// The bus's address.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Changes the session.
    pub(super) fn set(&self, property: Property, value: bool) {
        self.changes.send((property, value)).expect("the session manager runs");
    }
}

/// Answers calls and tells of changes, until the test is over.
async fn serve(bus: &Connection, mut calls: MessageStream, mut changes: UnboundedReceiver<(Property, bool)>) {
    let (mut locked, mut active) = (false, true);
    loop {
        tokio::select! {
            change = changes.recv() => {
                let Some((property, value)) = change else { return };
                let name = match property {
                    Property::LockedHint => {
                        locked = value;
                        "LockedHint"
                    }
                    Property::Active => {
                        active = value;
                        "Active"
                    }
                };
                let changed = BTreeMap::from([(name, Variant::from(value))]);
                let body = (format!("{NAME}.Session"), changed, Vec::<String>::new());
                let told = bus
                    .emit_signal(None::<&str>, SESSION, "org.freedesktop.DBus.Properties", "PropertiesChanged", &body)
                    .await;
                told.expect("the bus takes it");
            }
            call = calls.next() => match call {
                Some(Ok(call)) => answer(bus, &call, locked, active).await,
                Some(Err(_)) | None => return,
            },
        }
    }
}

async fn answer(bus: &Connection, call: &Message, locked: bool, active: bool) {
    let header = call.header();
    if header.message_type() != Type::MethodCall {
        return;
    }
    let property = || call.body().deserialize::<(String, String)>().map(|(_, name)| name).unwrap_or_default();
    let answered = match header.member().map(|member| member.as_str()) {
        Some("GetSession") => bus.reply(&header, &ObjectPath::try_from(SESSION).expect("a path")).await,
        Some("Get") if property() == "LockedHint" => bus.reply(&header, &Variant::from(locked)).await,
        Some("Get") if property() == "Active" => bus.reply(&header, &Variant::from(active)).await,
        _ => bus.reply_error(&header, "org.freedesktop.DBus.Error.UnknownMethod", &"not here").await,
    };
    answered.expect("the bus takes it");
}
