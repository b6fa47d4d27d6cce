//! The displays and the programs' windows on an X server, read over a connection of its own.

use x11rb::connection::Connection;

use super::{
    session::arrangement,
    stack::{Member, Top},
    windows::{Standstill, Windows},
};
use crate::capture::{OpenWindow, QUESTION_CLASS, Scenery};

/// The most windows that are told of: more than anybody chooses from.
const MOST: usize = 200;

/// The most of a title that is told, in characters: more than anybody reads.
const LONGEST: usize = 200;

/// Looks once.
pub(in crate::capture) fn scenery() -> Result<Scenery, String> {
    let (conn, screen) = x11rb::connect(None).map_err(|error| error.to_string())?;
    let root = conn.setup().roots[screen].root;
    let (_, displays) = arrangement(&conn, root).map_err(|error| error.to_string())?;
    let windows = Windows::new(&conn, root).map_err(|error| error.to_string())?;
    let seen = {
        let _standstill = Standstill::begin(&conn).map_err(|error| error.to_string())?;
        windows.look(&conn).map_err(|error| error.to_string())?
    };
    let windows = seen.stack.tops.iter().rev().filter_map(program_window).take(MOST).collect();
    Ok(Scenery { displays, windows })
}

/// The window of a program that a child of the root is or holds; `None` for menus, panels without a name and the desk's own.
fn program_window(top: &Top) -> Option<OpenWindow> {
    let is_named = |member: &&Member| !member.classes.is_empty();
    let marked = top.members.iter().find(|member| member.managed).or_else(|| {
        // Where no window manager marks windows, those that are not menus.
        top.members.iter().find(is_named).filter(|_| !top.unmanaged)
    });
    let member =
        marked.filter(is_named).filter(|member| !member.classes.iter().any(|class| class == QUESTION_CLASS))?;
    Some(OpenWindow {
        id: member.id,
        title: member.titles.last().map(|title| title.chars().take(LONGEST).collect()).unwrap_or_default(),
        program: member.classes.last().cloned().unwrap_or_default(),
    })
}
