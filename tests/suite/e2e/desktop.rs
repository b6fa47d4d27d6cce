//! Virtual displays: Xvfb, and Xephyr in a window of it.

use super::{
    program::Program,
    x11::{Area, Screen},
};
use std::process::Command;

/// A running X server and a connection to it. Dropping it ends the server.
#[derive(Debug)]
pub(super) struct Desktop {
    // Before the server, so that it is dropped first.
    screen: Screen,
    programs: Vec<Program>,
    name: String,
    _server: Program,
}

impl Desktop {
    /// A display in memory, without a window manager.
    pub(super) fn xvfb(width: u16, height: u16) -> Self {
        Self::start(Command::new("Xvfb").args(["-screen", "0", &format!("{width}x{height}x24")]))
    }

    /// A display in a window at the top left of `outer`, and of its size; a window manager runs in it.
    pub(super) fn xephyr(outer: &Self) -> Self {
        let (width, height) = outer.screen.size();
        let mut command = Command::new("Xephyr");
        command.args(["-screen", &format!("{width}x{height}"), "-no-host-grab"]).env("DISPLAY", &outer.name);
        let mut desktop = Self::start(&mut command);
        desktop.run("openbox", &["--sm-disable"]);
        super::wait_for("openbox manages the display", || desktop.screen.has_window_manager().then_some(()));
        desktop
    }

    fn start(command: &mut Command) -> Self {
        // The server chooses its number. It shall not start anew when its last client leaves: that would free stuck keys.
        let mut server = Program::start(command.args(["-displayfd", "1", "-noreset", "-nolisten", "tcp"]));
        let name = format!(":{}", server.line().trim());
        Self { screen: Screen::connect(&name), programs: Vec::new(), name, _server: server }
    }

    /// Its `DISPLAY`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What is on it, and its pointer and keyboard.
    pub(super) fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Starts a program on it, which ends with it.
    pub(super) fn run(&mut self, program: &str, arguments: &[&str]) {
        let started = Program::start(Command::new(program).args(arguments).env("DISPLAY", &self.name));
        self.programs.push(started);
    }
}

#[test]
fn hands_outside_reach_the_desktop_inside() {
    let outer = Desktop::xvfb(320, 240);
    let inner = Desktop::xephyr(&outer);
    inner.screen().paint_noise(1);
    super::wait_for("the nested display is seen on the outer one", || {
        (outer.screen().picture().difference(&inner.screen().picture()) == 0).then_some(())
    });
    outer.screen().move_to(Area { x: 100, y: 100, width: 2, height: 2 });
    outer.screen().button(1, true);
    super::wait_for("the press arrives", || (inner.screen().held().1 != 0).then_some(()));
    outer.screen().key(0xffe3, true);
    super::wait_for("the key arrives", || (!inner.screen().held().0.is_empty()).then_some(()));
}
