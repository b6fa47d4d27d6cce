//! What there is on the screen, for the user to choose what of it is shown.

use super::Display;

/// Displays and windows as they are now.
#[derive(Clone, Debug, Default)]
pub struct Scenery {
    /// As `displays` numbers them.
    pub displays: Vec<Display>,
    /// The windows of programs, the one in front first.
    pub windows: Vec<OpenWindow>,
}

/// A program's window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenWindow {
    /// Its number ([`WindowRule::Id`](super::WindowRule::Id)).
    pub id: u32,
    /// What the program calls it; may be empty.
    pub title: String,
    /// The program's class ([`WindowRule::Class`](super::WindowRule::Class)).
    pub program: String,
}

/// Looks at the screen; there is nothing to choose from where windows can't be found.
pub fn scenery() -> Scenery {
    #[cfg(target_os = "linux")]
    {
        super::x11::scenery().unwrap_or_else(|error| {
            tracing::warn!(error, "the open windows can't be found");
            Scenery::default()
        })
    }
    #[cfg(not(target_os = "linux"))]
    Scenery::default()
}
