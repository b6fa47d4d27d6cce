//! The windows that can be seen on an X server, as they are at one moment.
//!
//! A window that moves between the look at the windows and the fetch of the picture would show a sliver of itself beside
//! the place where it is hidden. So both happen while all other programs have to wait: see [`Standstill`].

use beside_protocol::frame::Rect;
use x11rb::{
    connection::Connection,
    cookie::Cookie,
    errors::{ConnectionError, ReplyError},
    protocol::{
        ErrorKind,
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, GetPropertyReply, InputFocus, MapState, QueryTreeReply, Window,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
    x11_utils::TryParse,
};

use super::stack::{Id, Member, Stack, Top};

/// How far below a child of the root a program's window may be. Window managers put one or two of their own between.
const DEEPEST: usize = 4;

/// How long the path from a window to the root may be when one is looked up; programs nest some twenty.
const LONGEST_PATH: usize = 64;

/// The most of a title or class that is read, in units of four bytes: more than any has.
const LONGEST_TEXT: u32 = 4096;

/// While it lives the X server serves nobody else: nothing moves, and nothing is drawn. It ends with the connection at the
/// latest.
#[derive(Debug)]
pub(super) struct Standstill<'a>(&'a RustConnection);

impl<'a> Standstill<'a> {
    pub(super) fn begin(conn: &'a RustConnection) -> Result<Self, ConnectionError> {
        conn.grab_server()?;
        Ok(Self(conn))
    }
}

impl Drop for Standstill<'_> {
    fn drop(&mut self) {
        // Both fail only together with the connection, which ends it too.
        let _ = self.0.ungrab_server().map(drop);
        let _ = self.0.flush();
    }
}

/// Reads the windows.
#[derive(Debug)]
pub(super) struct Windows {
    root: Window,
    id_mask: u32,
    state: Atom,
    title: Atom,
    compositor: Atom,
}

/// What was seen at once.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) stack: Stack,
    /// Which of them has the keyboard.
    pub(super) focus: Holder,
    /// Whether a compositor draws the screen, which is later than the windows are.
    pub(super) is_composited: bool,
}

/// What gets the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// No window.
    Nobody,
    /// The window at this place of the stack.
    Top(usize),
    /// A window that is not among them.
    Unknown,
}

impl Windows {
    /// Prepares to read those of a screen.
    pub(super) fn new(conn: &RustConnection, root: Window) -> Result<Self, ReplyError> {
        let number = conn.setup().roots.iter().position(|screen| screen.root == root).unwrap_or_default();
        let atom = |name: &str| conn.intern_atom(false, name.as_bytes());
        let compositor = format!("_NET_WM_CM_S{number}");
        let (state, title, compositor) = (atom("WM_STATE")?, atom("_NET_WM_NAME")?, atom(&compositor)?);
        Ok(Self {
            root,
            id_mask: conn.setup().resource_id_mask,
            state: state.reply()?.atom,
            title: title.reply()?.atom,
            compositor: compositor.reply()?.atom,
        })
    }

    /// The windows as they are. To be called during a [`Standstill`].
    pub(super) fn look(&self, conn: &RustConnection) -> Result<Seen, ReplyError> {
        let (tree, focus) = (conn.query_tree(self.root)?, conn.get_input_focus()?);
        let (pointer, compositor) = (conn.query_pointer(self.root)?, conn.get_selection_owner(self.compositor)?);
        let mut tops = self.visible(conn, &tree.reply()?.children)?;
        self.read_members(conn, &mut tops)?;
        let stack = Stack { tops, id_mask: self.id_mask };
        let holder = match focus.reply()?.focus {
            0 => None,
            focus if focus == u32::from(InputFocus::POINTER_ROOT) => {
                Some(pointer.reply()?.child).filter(|child| *child != 0)
            }
            focus => Some(focus),
        };
        let focus = holder.map_or(Ok(Holder::Nobody), |id| self.holder(conn, &stack, id))?;
        Ok(Seen { stack, focus, is_composited: compositor.reply()?.owner != x11rb::NONE })
    }

    /// Those of some children of the root that can be seen.
    fn visible(&self, conn: &RustConnection, children: &[Window]) -> Result<Vec<Top>, ReplyError> {
        let mut cookies = Vec::with_capacity(children.len());
        for id in children {
            cookies.push((*id, conn.get_window_attributes(*id)?, conn.get_geometry(*id)?));
        }
        let mut tops = Vec::new();
        for (id, attributes, geometry) in cookies {
            // Both replies are taken, so that none is left behind.
            let (Some(attributes), Some(geometry)) = (there(attributes)?, there(geometry)?) else { continue };
            if attributes.map_state == MapState::VIEWABLE && attributes.class == WindowClass::INPUT_OUTPUT {
                let border = 2 * u32::from(geometry.border_width);
                let (width, height) = (u32::from(geometry.width) + border, u32::from(geometry.height) + border);
                tops.push(Top {
                    rect: on_desktop(geometry.x.into(), geometry.y.into(), width, height),
                    unmanaged: attributes.override_redirect,
                    members: vec![Member { id, ..Member::default() }],
                });
            }
        }
        Ok(tops)
    }

    /// Reads what windows say of themselves, from the children of the root down to the programs' own windows; one round trip
    /// for each generation.
    fn read_members(&self, conn: &RustConnection, tops: &mut [Top]) -> Result<(), ReplyError> {
        let mut generation: Vec<(usize, Id)> = tops
            .iter_mut()
            .enumerate()
            .flat_map(|(at, top)| top.members.drain(..).map(move |member| (at, member.id)))
            .collect();
        for _ in 0..DEEPEST {
            let mut cookies = Vec::with_capacity(generation.len());
            for (at, id) in generation.drain(..) {
                cookies.push((at, self.ask(conn, id)?));
            }
            for (at, asked) in cookies {
                let Some((member, children)) = asked.answer()? else { continue };
                if !member.managed {
                    generation.extend(children.into_iter().map(|child| (at, child)));
                }
                tops[at].members.push(member);
            }
        }
        Ok(())
    }

    fn ask<'a>(&self, conn: &'a RustConnection, id: Id) -> Result<Asked<'a>, ConnectionError> {
        let property = |property: Atom, longest| conn.get_property(false, id, property, AtomEnum::ANY, 0, longest);
        Ok(Asked {
            id,
            tree: conn.query_tree(id)?,
            state: property(self.state, 0)?,
            class: property(AtomEnum::WM_CLASS.into(), LONGEST_TEXT)?,
            name: property(AtomEnum::WM_NAME.into(), LONGEST_TEXT)?,
            title: property(self.title, LONGEST_TEXT)?,
            transient_for: property(AtomEnum::WM_TRANSIENT_FOR.into(), 1)?,
        })
    }

    /// Which window of the stack holds a window.
    fn holder(&self, conn: &RustConnection, stack: &Stack, mut id: Id) -> Result<Holder, ReplyError> {
        for _ in 0..LONGEST_PATH {
            if id == self.root {
                return Ok(Holder::Nobody);
            }
            if let Some(at) = stack.position(id) {
                return Ok(Holder::Top(at));
            }
            let Some(QueryTreeReply { parent, .. }) = there(conn.query_tree(id)?)? else { break };
            // Without a parent it is the root of another screen.
            if parent == x11rb::NONE || parent == self.root {
                break;
            }
            id = parent;
        }
        Ok(Holder::Unknown)
    }
}

/// What one window was asked.
struct Asked<'a> {
    id: Id,
    tree: Cookie<'a, RustConnection, QueryTreeReply>,
    state: Cookie<'a, RustConnection, GetPropertyReply>,
    class: Cookie<'a, RustConnection, GetPropertyReply>,
    name: Cookie<'a, RustConnection, GetPropertyReply>,
    title: Cookie<'a, RustConnection, GetPropertyReply>,
    transient_for: Cookie<'a, RustConnection, GetPropertyReply>,
}

impl Asked<'_> {
    /// What it says, and the windows in it; `None` when it is no more.
    fn answer(self) -> Result<Option<(Member, Vec<Window>)>, ReplyError> {
        let (tree, state, class) = (there(self.tree)?, there(self.state)?, there(self.class)?);
        let (name, title, transient_for) = (there(self.name)?, there(self.title)?, there(self.transient_for)?);
        let (Some(tree), Some(state), Some(class)) = (tree, state, class) else { return Ok(None) };
        let (Some(name), Some(title), Some(transient_for)) = (name, title, transient_for) else { return Ok(None) };
        let member = Member {
            id: self.id,
            classes: class.value.split(|byte| *byte == 0).filter(|part| !part.is_empty()).map(utf8).collect(),
            titles: [text(&name), text(&title)].into_iter().flatten().collect(),
            transient_for: transient_for.value32().and_then(|mut ids| ids.next()),
            managed: state.type_ != x11rb::NONE,
        };
        Ok(Some((member, tree.children)))
    }
}

/// The reply to a question about a window; `None` when there is no such window any more.
fn there<R: TryParse>(cookie: Cookie<'_, RustConnection, R>) -> Result<Option<R>, ReplyError> {
    match cookie.reply() {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(error)) if matches!(error.error_kind, ErrorKind::Window | ErrorKind::Drawable) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The text of a property, if it is set.
fn text(property: &GetPropertyReply) -> Option<String> {
    match AtomEnum::from(u8::try_from(property.type_).unwrap_or_default()) {
        _ if property.type_ == x11rb::NONE => None,
        // Latin 1, whose bytes are the first characters of Unicode.
        AtomEnum::STRING => Some(property.value.iter().map(|byte| char::from(*byte)).collect()),
        _ => Some(utf8(&property.value)),
    }
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A rectangle of the desktop, without what is left of it or above.
fn on_desktop(x: i32, y: i32, width: u32, height: u32) -> Rect {
    let side =
        |start: i32, length: u32| (start.max(0).unsigned_abs(), length.saturating_sub(start.min(0).unsigned_abs()));
    let ((x, width), (y, height)) = (side(x, width), side(y, height));
    Rect::new(x, y, width, height)
}
