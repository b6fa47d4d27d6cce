//! What the window has of a session: the picture to show, and where it says what the officer does.

use crate::window::Session;
use beside_protocol::{
    frame::{Framebuffer, FramebufferView, Point, Size},
    session::{Step, Viewer},
    wire::Action,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::mpsc;

/// What the officer does, on its way from the window to the driver.
#[derive(Debug)]
pub(crate) enum Command {
    Act(Option<Point>, Action),
    Point(Point),
    AskControl,
    YieldControl,
    Leave,
}

/// What the driver and the window share: the session machine, for the picture in it.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Option<Viewer>>);

impl Shared {
    /// The machine, once the host has been met.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Option<Viewer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The window's side of a session.
#[derive(Debug)]
pub(crate) struct Seat {
    shared: Arc<Shared>,
    /// `None` once the officer has left: the driver learns of it by the channel's end, however full it is.
    commands: Mutex<Option<mpsc::Sender<Command>>>,
}

impl Seat {
    /// The seat of a session whose driver takes these commands.
    pub(crate) const fn new(shared: Arc<Shared>, commands: mpsc::Sender<Command>) -> Self {
        Self { shared, commands: Mutex::new(Some(commands)) }
    }

    /// What finds no room is pressed again.
    fn wish(&self, command: Command) {
        drop(self.commands().as_ref().map(|commands| commands.try_send(command)));
    }

    fn commands(&self) -> MutexGuard<'_, Option<mpsc::Sender<Command>>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session for Seat {
    fn act(&self, at: Option<Point>, action: Action) {
        let command = match (action, at) {
            (Action::Move, Some(at)) => Command::Point(at),
            (action, at) => Command::Act(at, action),
        };
        let sent = self.commands().as_ref().map(|commands| commands.try_send(command));
        // A key that finds no room would be lost, and its release might not be: then nothing more may be sent.
        if let Some(Err(mpsc::error::TrySendError::Full(Command::Act(..)))) = sent {
            tracing::error!("The session does not keep up with what is typed; leaving it");
            self.leave();
        }
    }

    fn with_picture(&self, look: &mut dyn FnMut(FramebufferView<'_>)) {
        match self.shared.lock().as_ref().and_then(Viewer::shown) {
            Some(picture) => look(picture),
            // Before there is one the window shows words alone.
            None => look(Framebuffer::new(Size::default()).view()),
        }
    }

    fn presented(&self, after: Duration) {
        if let Some(viewer) = self.shared.lock().as_mut() {
            viewer.note(Step::Present, after);
        }
    }

    fn ask_control(&self) {
        self.wish(Command::AskControl);
    }

    fn yield_control(&self) {
        self.wish(Command::YieldControl);
    }

    fn leave(&self) {
        *self.commands() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::wire::{Key, Press};
    use mpsc::error::TryRecvError;

    #[test]
    fn a_key_that_finds_no_room_is_the_end_after_those_before_it() {
        let (commands, mut received) = mpsc::channel(2);
        let seat = Seat::new(Arc::default(), commands);
        let key = |number, press| Action::Key(Key(number), press);
        for action in [key(4, Press::Down), key(5, Press::Down), key(4, Press::Up)] {
            seat.act(None, action);
        }
        for number in [4, 5] {
            let command = received.try_recv().expect("a command");
            assert!(matches!(command, Command::Act(None, Action::Key(Key(sent), Press::Down)) if sent == number));
        }
        seat.act(None, key(5, Press::Up));
        assert!(matches!(received.try_recv(), Err(TryRecvError::Disconnected)), "which the driver takes for leaving");
    }
}
