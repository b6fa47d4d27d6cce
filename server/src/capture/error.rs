//! Why the screen can't be captured: from the start, or no longer.

use std::fmt;

use super::Backend;

/// No backend works here.
#[derive(Debug, PartialEq, Eq)]
pub struct OpenError {
    tried: Vec<(Backend, Unavailable)>,
}

impl OpenError {
    pub(super) const fn new(tried: Vec<(Backend, Unavailable)>) -> Self {
        Self { tried }
    }

    /// The backends that were tried, in order, and why each does not work.
    pub fn tried(&self) -> &[(Backend, Unavailable)] {
        &self.tried
    }
}

impl fmt::Display for OpenError {
    /// One line; backends that failed for the same reason share its text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this screen can't be captured: ")?;
        if self.tried.is_empty() {
            f.write_str("no capture backend was built in for this platform")?;
        }
        for (index, (_, reason)) in self.tried.iter().enumerate() {
            if self.tried[..index].iter().any(|(_, earlier)| earlier == reason) {
                continue;
            }
            if index > 0 {
                f.write_str("; ")?;
            }
            let same = self.tried.iter().filter(|(_, other)| other == reason);
            let names: Vec<_> = same.map(|(backend, _)| backend.to_string()).collect();
            write!(f, "{}: {reason}", names.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for OpenError {}

/// Why one backend does not work here, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Not part of this program.
    #[error("not built into this program for this platform")]
    NotBuilt,
    /// There is no graphical session in the environment.
    #[error("DISPLAY is not set: start this inside the user's desktop session, or set DISPLAY (such as :0)")]
    NoDisplay,
    /// X11 clients see only each other under Wayland.
    #[error("this is a Wayland session, which X11 programs can't see: log out and choose an X11 (Xorg) session")]
    Wayland,
    /// No display server answers there.
    #[error("no connection to the X server {display}: {reason} (is it running, and do DISPLAY and XAUTHORITY fit?)")]
    Connect {
        /// The value of `DISPLAY`.
        display: String,
        /// What the system says.
        reason: String,
    },
    /// The display server is not able to do what is needed.
    #[error("the display server lacks {0}")]
    Lacks(&'static str),
    /// The screen's pixels have a form that is not understood.
    #[error("{0}: run the display with 24 bits of colour")]
    Pixels(String),
    /// The screen is empty, or larger than the protocol allows.
    #[error("a screen of {width}x{height} pixels is beyond what can be shown: choose one of its displays")]
    Size {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The chosen monitor does not exist.
    #[error("there is no display {number}, only {count}: see `beside-server displays`")]
    NoSuchDisplay {
        /// What was asked for.
        number: u32,
        /// How many there are.
        count: usize,
    },
    /// Windows can't be told from each other, so none can be hidden.
    #[error(
        "windows can't be hidden or shown alone this way: capture with x11, or hide only places of the desktop (rect=X,Y,WxH)"
    )]
    NoWindows,
    /// Anything else that the platform says.
    #[error("{0}")]
    Failed(String),
}

/// Why a screen that was being captured can't be any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The display server is gone: the user has logged out, or it has crashed.
    #[error("the display server is gone: {0}")]
    Lost(String),
    /// The chosen monitor was switched off or taken away.
    #[error("the display {0} is gone: choose another")]
    DisplayGone(String),
    /// The display server refuses; another try may work.
    #[error("the screen could not be fetched: {0}")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_is_listed() {
        let error = OpenError::new(vec![
            (Backend::X11, Unavailable::Lacks("XDamage")),
            (Backend::Scrap, Unavailable::Failed("no".into())),
        ]);
        assert_eq!(
            error.to_string(),
            "this screen can't be captured: x11: the display server lacks XDamage; scrap: no"
        );
    }

    #[test]
    fn equal_reasons_are_told_once() {
        let error = OpenError::new(vec![(Backend::X11, Unavailable::Wayland), (Backend::Scrap, Unavailable::Wayland)]);
        let text = error.to_string();
        assert!(text.contains("x11, scrap: this is a Wayland session"), "{text}");
        assert_eq!(text.matches("Wayland").count(), 1);
    }
}
