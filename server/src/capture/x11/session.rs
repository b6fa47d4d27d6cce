//! A connection to the X server of the user's session: what it is, its monitors, its pointer, and whether it lives.

use std::{
    os::{fd::AsFd, unix::net::UnixStream},
    sync::Arc,
    thread::JoinHandle,
};

use beside_protocol::frame::{Point, Rect, Size};
use x11rb::{
    connection::{Connection, RequestConnection},
    errors::{ConnectError, ReplyError},
    protocol::{
        ErrorKind,
        damage::ConnectionExt as _,
        randr::{self, ConnectionExt as _},
        xfixes::{self, ConnectionExt as _},
        xinput::{self, ConnectionExt as _},
        xproto::{AtomEnum, ConnectionExt as _, Window},
    },
    rust_connection::RustConnection,
};

use super::{
    events::{self, Shared},
    pixels::PixelFormat,
};
use crate::capture::{CaptureError, Cursor, Display, MAX_CURSOR_SIDE, Notify, Shape, Unavailable};

/// What the environment says about the graphical session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::capture) struct Environment {
    /// `DISPLAY`.
    pub(in crate::capture) display: Option<String>,
    /// `WAYLAND_DISPLAY`.
    pub(in crate::capture) wayland_display: Option<String>,
    /// `XDG_SESSION_TYPE`.
    pub(in crate::capture) session_type: Option<String>,
}

impl Environment {
    /// The environment of this process.
    pub(in crate::capture) fn read() -> Self {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            display: read("DISPLAY"),
            wayland_display: read("WAYLAND_DISPLAY"),
            session_type: read("XDG_SESSION_TYPE"),
        }
    }

    /// The X server to connect to.
    fn server(&self) -> Result<&str, Unavailable> {
        let wayland = self.wayland_display.is_some() || self.session_type.as_deref() == Some("wayland");
        let missing = if wayland { Unavailable::Wayland } else { Unavailable::NoDisplay };
        self.display.as_deref().ok_or(missing)
    }
}

/// What of the desktop is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::capture) enum Choice {
    /// All of it.
    Desktop,
    /// The monitor with the panel.
    #[cfg(feature = "scrap")]
    Primary,
    /// The monitor with this number.
    Number(u32),
}

impl Choice {
    fn among(self, displays: &[Display]) -> Result<Option<&Display>, Unavailable> {
        let (number, found) = match self {
            Self::Desktop => return Ok(None),
            #[cfg(feature = "scrap")]
            Self::Primary => (1, displays.iter().find(|display| display.primary).or_else(|| displays.first())),
            Self::Number(number) => (number, displays.iter().find(|display| display.number == number)),
        };
        found.map(Some).ok_or(Unavailable::NoSuchDisplay { number, count: displays.len() })
    }
}

/// A connection to an X server with a thread that tells what happens there. Dropping it ends both.
#[derive(Debug)]
pub(in crate::capture) struct Session {
    pub(super) conn: Arc<RustConnection>,
    pub(super) root: Window,
    pub(super) format: PixelFormat,
    pub(super) shared: Arc<Shared>,
    /// A second handle of the connection's socket, to shut it down.
    socket: UnixStream,
    /// The name of the chosen monitor; `None` for the whole desktop.
    chosen: Option<String>,
    pub(super) area: Rect,
    thread: Option<JoinHandle<()>>,
}

impl Session {
    /// Connects, and looks at what is chosen.
    pub(in crate::capture) fn open(
        environment: &Environment,
        choice: Choice,
        notify: Notify,
    ) -> Result<Self, Unavailable> {
        let server = environment.server()?;
        let no_connection = |reason: String| Unavailable::Connect { display: server.to_owned(), reason };
        let (conn, screen) = RustConnection::connect(Some(server)).map_err(|error| no_connection(told(&error)))?;
        let socket = conn.stream().as_fd().try_clone_to_owned().map_err(|error| no_connection(error.to_string()))?;
        let screen = &conn.setup().roots[screen];
        let (root, format) = (screen.root, PixelFormat::of_root(conn.setup(), screen)?);
        check_extensions(&conn)?;
        let (whole, displays) = arrangement(&conn, root).map_err(|error| no_connection(error.to_string()))?;
        // Windows of other Wayland programs are black in XWayland's picture.
        if is_xwayland(&conn, &displays) {
            return Err(Unavailable::Wayland);
        }
        let chosen = choice.among(&displays)?;
        let area = chosen.map_or(whole, |display| display.rect);
        check_size(area.size())?;
        select_events(&conn, root).map_err(|error| no_connection(error.to_string()))?;

        let (conn, shared) = (Arc::new(conn), Arc::new(Shared::new(area)));
        let thread = events::spawn(Arc::clone(&conn), Arc::clone(&shared), notify)
            .map_err(|error| Unavailable::Failed(format!("no thread for X11 events: {error}")))?;
        let chosen = chosen.map(|display| display.name.clone());
        Ok(Self { conn, root, format, shared, socket: socket.into(), chosen, area, thread: Some(thread) })
    }

    /// What is captured, in pixels of the desktop.
    pub(in crate::capture) const fn area(&self) -> Rect {
        self.area
    }

    /// The monitors as they are now.
    pub(in crate::capture) fn displays(&self) -> Result<Vec<Display>, CaptureError> {
        Ok(arrangement(&self.conn, self.root).map_err(|error| self.failure(error))?.1)
    }

    /// Whether pixels are BGRX bytes.
    #[cfg(feature = "scrap")]
    pub(in crate::capture) fn is_bgrx(&self) -> bool {
        self.format.is_bgrx()
    }

    /// How many screens the X server has, each with monitors of its own.
    #[cfg(feature = "scrap")]
    pub(in crate::capture) fn screens(&self) -> usize {
        self.conn.setup().roots.len()
    }

    /// Whether the X server is on this machine, on a socket that passes file descriptors.
    pub(super) fn is_local(&self) -> bool {
        self.socket.local_addr().is_ok()
    }

    /// Looks at the monitors again if there was news of them; whether the area has become another.
    pub(in crate::capture) fn refresh(&mut self) -> Result<bool, CaptureError> {
        if let Some(reason) = self.shared.lost() {
            return Err(CaptureError::Lost(reason));
        }
        if self.shared.answer_geometry() { self.measure() } else { Ok(false) }
    }

    /// Asks the X server for the monitors, which shows that it lives; whether the area has become another.
    pub(in crate::capture) fn measure(&mut self) -> Result<bool, CaptureError> {
        self.shared.answer_geometry();
        let (whole, displays) = arrangement(&self.conn, self.root).map_err(|error| self.failure(error))?;
        let area = match &self.chosen {
            None => whole,
            Some(name) => {
                let display = displays.iter().find(|display| display.name == *name);
                display.ok_or_else(|| CaptureError::DisplayGone(name.clone()))?.rect
            }
        };
        check_size(area.size()).map_err(|error| CaptureError::Failed(error.to_string()))?;
        let changed = area != self.area;
        if changed {
            self.area = area;
            self.shared.set_area(area);
        }
        Ok(changed)
    }

    /// The shape of the pointer.
    pub(in crate::capture) fn cursor(&self) -> Result<Shape, CaptureError> {
        self.shared.answer_cursor();
        let asked = self.conn.xfixes_get_cursor_image().map_err(ReplyError::from);
        match asked.and_then(|cookie| cookie.reply()) {
            Ok(image) => Ok(shape(&image).map_or(Shape::Hidden, Shape::Image)),
            // There is no cursor at all.
            Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Cursor => Ok(Shape::Hidden),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// The place of the pointer, relative to the area.
    pub(in crate::capture) fn pointer(&self) -> Result<Option<Point>, CaptureError> {
        self.shared.answer_pointer();
        let asked = self.conn.query_pointer(self.root).map_err(ReplyError::from);
        let place = asked.and_then(|cookie| cookie.reply()).map_err(|error| self.failure(error))?;
        let relative = |at: i16, start: u32, length: u32| {
            u32::try_from(at).ok()?.checked_sub(start).filter(|distance| *distance < length)
        };
        let x = relative(place.root_x, self.area.x, self.area.width);
        let y = relative(place.root_y, self.area.y, self.area.height);
        Ok(x.zip(y).map(|(x, y)| Point { x, y }))
    }

    /// What the failure of a request means for the capture.
    pub(super) fn failure(&self, error: ReplyError) -> CaptureError {
        match error {
            ReplyError::ConnectionError(error) => {
                CaptureError::Lost(self.shared.lost().unwrap_or_else(|| error.to_string()))
            }
            ReplyError::X11Error(error) => {
                let request = error.request_name.unwrap_or("a request");
                CaptureError::Failed(format!("the X server refuses {request} ({:?})", error.error_kind))
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared.close();
        // Ends the event thread's wait at once, also when the X server hangs; it frees all that we had there.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The reason for a failed connection in the words of the system or of the X server.
fn told(error: &ConnectError) -> String {
    match error {
        ConnectError::IoError(error) => error.to_string(),
        ConnectError::SetupFailed(failed) => String::from_utf8_lossy(&failed.reason).trim().to_owned(),
        error => error.to_string(),
    }
}

/// Tells the X server which versions we know, which it requires before anything else.
fn check_extensions(conn: &RustConnection) -> Result<(), Unavailable> {
    let fixes = conn.xfixes_query_version(5, 0).map_err(ReplyError::from).and_then(|cookie| cookie.reply());
    fixes.map_err(|_| Unavailable::Lacks("the XFIXES extension"))?;
    let damage = conn.damage_query_version(1, 1).map_err(ReplyError::from).and_then(|cookie| cookie.reply());
    damage.map_err(|_| Unavailable::Lacks("the DAMAGE extension"))?;
    let randr = conn.randr_query_version(1, 5).map_err(ReplyError::from).and_then(|cookie| cookie.reply());
    match randr {
        Ok(version) if (version.major_version, version.minor_version) >= (1, 5) => Ok(()),
        _ => Err(Unavailable::Lacks("the RANDR extension, version 1.5")),
    }
}

fn select_events(conn: &RustConnection, root: Window) -> Result<(), ReplyError> {
    let monitors = randr::NotifyMask::SCREEN_CHANGE | randr::NotifyMask::CRTC_CHANGE | randr::NotifyMask::OUTPUT_CHANGE;
    conn.randr_select_input(root, monitors)?.check()?;
    conn.xfixes_select_cursor_input(root, xfixes::CursorNotifyMask::DISPLAY_CURSOR)?.check()?;
    if let Err(error) = select_motion(conn, root) {
        tracing::info!(%error, "no XInput 2: the pointer's moves are not noticed");
    }
    Ok(())
}

/// Raw motion is told whichever window has the pointer, and without holding any.
fn select_motion(conn: &RustConnection, root: Window) -> Result<(), ReplyError> {
    conn.xinput_xi_query_version(2, 2)?.reply()?;
    let mask = vec![xinput::XIEventMask::RAW_MOTION];
    let masks = [xinput::EventMask { deviceid: xinput::Device::ALL_MASTER.into(), mask }];
    conn.xinput_xi_select_events(root, &masks)?.check()
}

/// The desktop's rectangle and the monitors on it.
pub(super) fn arrangement(conn: &RustConnection, root: Window) -> Result<(Rect, Vec<Display>), ReplyError> {
    let (root_cookie, monitors) = (conn.get_geometry(root)?, conn.randr_get_monitors(root, true)?);
    let scale = scale(conn, root)?;
    let desktop = root_cookie.reply()?;
    let whole = Rect::new(0, 0, desktop.width.into(), desktop.height.into());
    let mut displays = Vec::new();
    for (number, monitor) in (1..).zip(monitors.reply()?.monitors) {
        let place = |at: i16| u32::try_from(at).unwrap_or(0);
        let rect = Rect::new(place(monitor.x), place(monitor.y), monitor.width.into(), monitor.height.into());
        let name = conn.get_atom_name(monitor.name)?.reply()?.name;
        displays.push(Display {
            number,
            name: String::from_utf8_lossy(&name).into_owned(),
            // While monitors change, one can reach beyond the desktop.
            rect: rect.intersection(&whole).unwrap_or_default(),
            scale,
            primary: monitor.primary,
        });
    }
    Ok((whole, displays))
}

/// X11 has one scale for all monitors: the resource `Xft.dpi`, which desktops set.
fn scale(conn: &RustConnection, root: Window) -> Result<f32, ReplyError> {
    /// In units of four bytes; the resources of a desktop are a few thousand bytes.
    const MOST: u32 = 65_536 / 4;
    let property = AtomEnum::RESOURCE_MANAGER;
    let resources = conn.get_property(false, root, property, AtomEnum::STRING, 0, MOST)?.reply()?.value;
    Ok(scale_of(&String::from_utf8_lossy(&resources)).unwrap_or(1.0))
}

fn scale_of(resources: &str) -> Option<f32> {
    let dpi = resources.lines().find_map(|line| line.strip_prefix("Xft.dpi:"))?;
    let dpi: f32 = dpi.trim().parse().ok()?;
    (dpi.is_finite() && dpi > 0.0).then_some(dpi / 96.0)
}

fn is_xwayland(conn: &RustConnection, displays: &[Display]) -> bool {
    matches!(conn.extension_information("XWAYLAND"), Ok(Some(_)))
        || displays.iter().any(|display| display.name.starts_with("XWAYLAND"))
}

fn check_size(size: Size) -> Result<(), Unavailable> {
    let Size { width, height } = size;
    if size.is_valid() { Ok(()) } else { Err(Unavailable::Size { width, height }) }
}

/// The cursor as XFixes tells it (pre-multiplied ARGB); `None` when nothing of it can be seen.
fn shape(image: &xfixes::GetCursorImageReply) -> Option<Cursor> {
    let (width, height) = (u32::from(image.width), u32::from(image.height));
    let size = Size::new(width.min(MAX_CURSOR_SIDE), height.min(MAX_CURSOR_SIDE));
    if size.pixels() == 0 || image.cursor_image.iter().all(|argb| argb >> 24 == 0) {
        return None;
    }
    let rows = image.cursor_image.chunks_exact(width as usize).take(size.height as usize);
    let rgba = rows.flat_map(|row| &row[..size.width as usize]).flat_map(|argb| {
        let [alpha, red, green, blue] = argb.to_be_bytes();
        [red, green, blue, alpha]
    });
    let hotspot = Point { x: u32::from(image.xhot).min(size.width - 1), y: u32::from(image.yhot).min(size.height - 1) };
    Some(Cursor { size, hotspot, rgba: rgba.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: u16, height: u16, argb: u32) -> xfixes::GetCursorImageReply {
        let cursor_image = vec![argb; usize::from(width) * usize::from(height)];
        xfixes::GetCursorImageReply { width, height, xhot: width - 1, yhot: 1, cursor_image, ..Default::default() }
    }

    #[test]
    fn cursors_are_turned_to_rgba() {
        let cursor = shape(&image(2, 2, 0x8011_2233)).unwrap();
        assert_eq!(cursor.size, Size::new(2, 2));
        assert_eq!(cursor.hotspot, Point { x: 1, y: 1 });
        assert_eq!(cursor.rgba, [0x11, 0x22, 0x33, 0x80].repeat(4));
    }

    #[test]
    fn large_cursors_are_cut_and_clear_ones_hidden() {
        let cursor = shape(&image(300, 4, 0xff00_0000)).unwrap();
        assert_eq!((cursor.size, cursor.hotspot.x), (Size::new(256, 4), 255));
        assert_eq!(cursor.rgba.len(), 256 * 4 * 4);
        assert_eq!(shape(&image(4, 4, 0)), None);
    }

    #[test]
    fn scale_is_read_from_resources() {
        assert_eq!(scale_of("Xcursor.size:\t24\nXft.dpi:\t144\n"), Some(1.5));
        assert_eq!(scale_of("Xft.dpi: none"), None);
        assert_eq!(scale_of(""), None);
    }

    #[test]
    fn without_an_x_server_the_session_is_named() {
        let mut environment = Environment::default();
        assert_eq!(environment.server(), Err(Unavailable::NoDisplay));
        environment.session_type = Some("wayland".into());
        assert_eq!(environment.server(), Err(Unavailable::Wayland));
        environment.display = Some(":0".into());
        assert_eq!(environment.server(), Ok(":0"));
    }
}
