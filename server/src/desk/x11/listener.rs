//! A thread that hears the events of an X connection of its own, until it is dropped.

use std::{sync::Arc, thread};
use x11rb::{
    COPY_FROM_PARENT,
    connection::Connection,
    protocol::{
        Event,
        xproto::{ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, Window, WindowClass},
    },
    rust_connection::RustConnection,
};

/// Why an X server can't be listened to.
pub(super) type ListenError = Box<dyn std::error::Error + Send + Sync>;

/// What is heard is no more when this is dropped, and with the connection go its grabs.
#[derive(Debug)]
pub(super) struct Listener {
    connection: Arc<RustConnection>,
    /// Where the word arrives that it is over.
    mailbox: Window,
}

impl Listener {
    /// Opens a connection, asks there for what `prepare` wants, and tells the thread's `hear` all that comes of it.
    pub(super) fn open<H>(
        name: &str,
        prepare: impl FnOnce(&RustConnection, Window) -> Result<H, ListenError>,
    ) -> Result<Self, ListenError>
    where
        H: FnMut(&RustConnection, Event) -> Result<(), ListenError> + Send + 'static,
    {
        let (connection, screen) = x11rb::connect(None)?;
        let root = connection.setup().roots[screen].root;
        let mailbox = connection.generate_id()?;
        let nothing = CreateWindowAux::new();
        connection
            .create_window(0, mailbox, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, COPY_FROM_PARENT, &nothing)?
            .check()?;
        let mut hear = prepare(&connection, root)?;
        let connection = Arc::new(connection);
        let own = Arc::clone(&connection);
        let body = move || {
            while let Ok(event) = own.wait_for_event() {
                let heard = match event {
                    Event::ClientMessage(message) if message.window == mailbox => return,
                    event => hear(&own, event),
                };
                if let Err(error) = heard {
                    tracing::warn!(error, "no more events of keyboard and pointer");
                    return;
                }
            }
        };
        thread::Builder::new().name(name.into()).spawn(body)?;
        Ok(Self { connection, mailbox })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let over = ClientMessageEvent::new(8, self.mailbox, 1u32, [0u8; 20]);
        // Without an event mask it goes to who made the window: this connection.
        let sent = self.connection.send_event(false, self.mailbox, EventMask::NO_EVENT, over);
        if sent.is_err() || self.connection.flush().is_err() {
            tracing::debug!("the X server is gone, and with it what was listened to");
        }
    }
}
