//! What the driver told the window and the window has not read yet: one of each kind, damage merged.

use super::{Figures, Phase, StepUp, Update};
use beside_protocol::{
    frame::Rect,
    wire::{CursorShape, Holder},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use winit::event_loop::EventLoopProxy;

/// Beyond so many rectangles the damage is one box around all: a window that can't keep up must not hoard memory.
const MAX_DAMAGE: usize = 256;

/// Wakes the event loop: there is something in the inbox.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake;

/// Tells the window what happened, from any thread. Never blocks on the window: what it has not read yet is merged.
#[derive(Clone, Debug)]
pub struct Handle {
    inbox: Arc<Mutex<Inbox>>,
    proxy: EventLoopProxy<Wake>,
}

impl Handle {
    pub(super) fn new(proxy: EventLoopProxy<Wake>) -> Self {
        Self { inbox: Arc::default(), proxy }
    }

    /// Tells it; the window shows it as soon as it can. Does nothing once the window is gone.
    pub fn update(&self, update: Update) {
        let first = {
            let mut inbox = self.lock();
            inbox.add(update);
            !std::mem::replace(&mut inbox.announced, true)
        };
        if first {
            // An error means that the event loop has ended: nobody is left to tell.
            let _ = self.proxy.send_event(Wake);
        }
    }

    pub(super) fn take(&self) -> Inbox {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest of each kind of update.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    announced: bool,
    pub(super) phase: Option<Phase>,
    pub(super) step_up: Option<StepUp>,
    pub(super) holder: Option<Holder>,
    pub(super) damage: Vec<Rect>,
    /// When the oldest of the damage was done.
    pub(super) changed: Option<Instant>,
    pub(super) cursor: Option<CursorShape>,
    pub(super) figures: Option<Figures>,
    pub(super) host: Option<String>,
    pub(super) exit: bool,
}

impl Inbox {
    fn add(&mut self, update: Update) {
        match update {
            Update::Phase(phase) => self.phase = Some(phase),
            Update::StepUp(step_up) => self.step_up = Some(step_up),
            Update::Holder(holder) => self.holder = Some(holder),
            Update::Picture(rects, at) => {
                self.changed.get_or_insert(at);
                self.damage.extend(rects);
                if self.damage.len() > MAX_DAMAGE {
                    let all = self.damage.drain(..).fold(Rect::default(), |all, rect| all.union(&rect));
                    self.damage.push(all);
                }
            }
            Update::Cursor(shape) => self.cursor = Some(shape),
            Update::Figures(figures) => self.figures = Some(figures),
            Update::Host(name) => self.host = Some(name),
            Update::Exit => self.exit = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_wins_and_damage_is_bounded() {
        let mut inbox = Inbox::default();
        inbox.add(Update::Cursor(CursorShape::Hidden));
        inbox.add(Update::Phase(Phase::Connecting));
        inbox.add(Update::Phase(Phase::Failed("gone".into())));
        for x in 0..1000 {
            inbox.add(Update::Picture(vec![Rect::new(x, 3, 1, 1)], Instant::now()));
        }
        assert_eq!(inbox.phase, Some(Phase::Failed("gone".into())));
        assert!(inbox.damage.len() <= MAX_DAMAGE);
        let all = inbox.damage.iter().fold(Rect::default(), |all, rect| all.union(rect));
        assert_eq!(all, Rect::new(0, 3, 1000, 1));
    }
}
