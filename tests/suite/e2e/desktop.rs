//! A user's desktop: a display in a window of another, with a window manager and programs.

use super::program::Program;
use beside_protocol::frame::Size;
use beside_test_displays::{Screen, keycode, wait_until};
use std::process::Command;

/// A desktop. Dropping it ends its programs, then its display.
#[derive(Debug)]
pub(super) struct Desktop {
    programs: Vec<Program>,
    screen: Screen,
}

impl Desktop {
    /// One at the top left of `outer`, and of its size.
    pub(super) fn inside(outer: &Screen) -> Self {
        let mut desktop = Self { programs: Vec::new(), screen: Screen::xephyr(outer, outer.size()) };
        desktop.run("openbox", &["--sm-disable"]);
        wait_until("openbox manages the display", || desktop.screen.has_window_manager());
        desktop
    }

    /// What is on it, and its pointer and keyboard.
    pub(super) fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Starts a program on it, which ends with it.
    pub(super) fn run(&mut self, program: &str, arguments: &[&str]) {
        let started = Program::start(Command::new(program).args(arguments).env("DISPLAY", self.screen.name()));
        self.programs.push(started);
    }
}

#[test]
fn hands_outside_reach_the_desktop_inside() {
    let outer = Screen::xvfb(Size::new(320, 240));
    let inner = Desktop::inside(&outer);
    inner.screen().paint_noise(1);
    wait_until("the nested display is seen on the outer one", || {
        outer.picture().difference(&inner.screen().picture()) == 0
    });
    outer.point(101, 101);
    outer.button(1, true);
    wait_until("the press arrives", || !inner.screen().held().buttons.is_empty());
    outer.key(keycode::CONTROL, true);
    wait_until("the key arrives", || !inner.screen().held().keys.is_empty());
}
