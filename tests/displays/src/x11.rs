//! A screen: the X server behind it, and what is to be seen on it.
#![expect(clippy::unwrap_used, reason = "a test that loses its display fails")]

mod draw;
mod hands;
mod picture;
mod program;
mod server;
mod windows;

pub use draw::LETTER;
pub use hands::{Held, keycode};
pub use picture::{Area, Picture};
pub use windows::Input;

use beside_protocol::frame::{Point, Rect, Size};
use server::Server;
use std::process::Command;
use x11rb::{
    connection::Connection,
    protocol::{
        xfixes::{self, ConnectionExt as _, GetCursorImageReply},
        xproto::{ConnectionExt as _, ImageFormat, Window},
    },
    rust_connection::RustConnection,
};

/// A connection to a screen, and the X server with it where that was started for it: both end together.
#[derive(Debug)]
pub struct Screen {
    connection: RustConnection,
    root: Window,
    name: String,
    server: Option<Server>,
}

impl Screen {
    /// One in memory with 24 bits of colour: all its input is XTEST's.
    pub fn xvfb(size: Size) -> Self {
        Self::xvfb_of_depth(size, 24)
    }

    /// The same with `depth` bits of colour.
    pub fn xvfb_of_depth(size: Size, depth: u8) -> Self {
        let screen = format!("{}x{}x{depth}", size.width, size.height);
        Self::start(Command::new("Xvfb").args(["-screen", "0", &screen]))
    }

    /// One in a window at the top left of `outer`, whose size sets the screen's. A press on `outer` arrives as one by a
    /// person, since a nested server has devices of its own; only what is done on the screen itself is XTEST's.
    pub fn xephyr(outer: &Self, size: Size) -> Self {
        let screen = format!("{}x{}", size.width, size.height);
        let mut command = Command::new("Xephyr");
        Self::start(command.args(["-screen", &screen, "-resizeable", "-no-host-grab"]).env("DISPLAY", &outer.name))
    }

    /// One whose X server somebody else has started.
    pub fn connect(name: &str) -> Self {
        let (connection, number) = RustConnection::connect(Some(name)).unwrap();
        let root = connection.setup().roots[number].root;
        Self { connection, root, name: name.into(), server: None }
    }

    fn start(command: &mut Command) -> Self {
        let (server, name) = Server::start(command);
        Self { server: Some(server), ..Self::connect(&name) }
    }

    /// What `DISPLAY` is to be for programs on it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Ends its X server, which it must have started, by `kill -9`.
    pub fn kill_server(&mut self) {
        self.server.as_mut().expect("an X server of its own").kill();
    }

    /// Its size now.
    pub fn size(&self) -> Size {
        let root = self.connection.get_geometry(self.root).unwrap().reply().unwrap();
        Size::new(root.width.into(), root.height.into())
    }

    /// What is on it now (24 bits of colour only).
    pub fn picture(&self) -> Picture {
        let size = self.size();
        Picture::new(size.width, self.pixels(size.rect()))
    }

    /// The pixels of a part of it, `0x00RRGGBB`, row after row (24 bits of colour only).
    pub fn pixels(&self, part: Rect) -> Vec<u32> {
        let (x, y) = (place(part.x), place(part.y));
        let (width, height) = (length(part.width), length(part.height));
        let image = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, width, height, u32::MAX);
        let bytes = image.unwrap().reply().unwrap().data;
        bytes.as_chunks().0.iter().map(|bgrx| u32::from_le_bytes(*bgrx) & 0x00ff_ffff).collect()
    }

    /// The middle of an area, if it is there now.
    pub fn find(&self, area: Area) -> Option<Point> {
        self.picture().find(area)
    }

    /// The middle of an area as soon as it is there.
    #[track_caller]
    pub fn wait_for(&self, area: Area) -> Point {
        crate::wait_for(&format!("{area:06x?} on {}", self.name), || self.find(area))
    }

    /// The cursor as it looks now.
    pub fn cursor(&self) -> GetCursorImageReply {
        // Without it the X server takes no other request of this extension.
        let (major, minor) = xfixes::X11_XML_VERSION;
        self.connection.xfixes_query_version(major, minor).unwrap().reply().unwrap();
        self.connection.xfixes_get_cursor_image().unwrap().reply().unwrap()
    }
}

/// A coordinate as X11 has it.
fn place(pixels: u32) -> i16 {
    pixels.try_into().unwrap()
}

/// A length as X11 has it.
fn length(pixels: u32) -> u16 {
    pixels.try_into().unwrap()
}
