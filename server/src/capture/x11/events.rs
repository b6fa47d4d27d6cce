//! The thread that waits for the X server's events and turns them into notices.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beside_protocol::frame::Rect;
use x11rb::{
    connection::Connection,
    protocol::{Event, damage, xproto::Rectangle},
    rust_connection::RustConnection,
};

use super::damage::Damage;
use crate::capture::{Notice, Notify};

/// What the event thread and the capture thread share.
#[derive(Debug)]
pub(super) struct Shared(Mutex<State>);

#[derive(Debug)]
struct State {
    life: Life,
    /// What is captured, in pixels of the desktop.
    area: Rect,
    damage: Damage,
    damaged: Signal,
    cursor: Signal,
    pointer: Signal,
    geometry: Signal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Life {
    Live,
    /// The session is being dropped: the end of the connection is no news.
    Closing,
    Lost(String),
}

/// A notice that is told once until somebody has acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Quiet,
    Raised,
    Told,
}

impl Signal {
    fn raise(&mut self) {
        if *self == Self::Quiet {
            *self = Self::Raised;
        }
    }

    /// Whether it is to be told now.
    fn tell(&mut self) -> bool {
        let raised = *self == Self::Raised;
        if raised {
            *self = Self::Told;
        }
        raised
    }

    /// Makes it quiet; whether it had been raised.
    fn answer(&mut self) -> bool {
        std::mem::replace(self, Self::Quiet) != Self::Quiet
    }
}

impl Shared {
    pub(super) const fn new(area: Rect) -> Self {
        Self(Mutex::new(State {
            life: Life::Live,
            area,
            damage: Damage::new(area.size()),
            damaged: Signal::Quiet,
            cursor: Signal::Quiet,
            pointer: Signal::Quiet,
            geometry: Signal::Quiet,
        }))
    }

    /// Takes the damage, relative to the area; from now on new damage is told again.
    pub(super) fn take_damage(&self) -> Vec<Rect> {
        let mut state = self.lock();
        state.damaged.answer();
        state.damage.take()
    }

    /// How many pixels of damage wait.
    pub(super) fn damaged(&self) -> u64 {
        self.lock().damage.pixels()
    }

    /// From now on a new shape of the pointer is told again.
    pub(super) fn answer_cursor(&self) {
        self.lock().cursor.answer();
    }

    /// From now on a new place of the pointer is told again.
    pub(super) fn answer_pointer(&self) {
        self.lock().pointer.answer();
    }

    /// Whether the monitors may have changed; from now on another change is told again.
    pub(super) fn answer_geometry(&self) -> bool {
        self.lock().geometry.answer()
    }

    /// Another area is captured from now on; damage to the old one is forgotten.
    pub(super) fn set_area(&self, area: Rect) {
        let mut state = self.lock();
        state.area = area;
        state.damage = Damage::new(area.size());
    }

    /// Why the X server is gone, when it is.
    pub(super) fn lost(&self) -> Option<String> {
        match &self.lock().life {
            Life::Lost(reason) => Some(reason.clone()),
            Life::Live | Life::Closing => None,
        }
    }

    /// The connection is about to be ended by this side.
    pub(super) fn close(&self) {
        self.lock().life = Life::Closing;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread, which ends with the connection.
pub(super) fn spawn(
    conn: Arc<RustConnection>,
    shared: Arc<Shared>,
    notify: Notify,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("x11 events".into()).spawn(move || run(&conn, &shared, &notify))
}

fn run(conn: &RustConnection, shared: &Shared, notify: &Notify) {
    let error = loop {
        let mut event = match conn.wait_for_event() {
            Ok(event) => Some(event),
            Err(error) => break error,
        };
        // Events that came together are told together, so that one grab fetches the damage of all of them.
        let mut state = shared.lock();
        while let Some(happened) = event {
            state.happened(&happened);
            // An error will be seen again by the next wait.
            event = conn.poll_for_event().unwrap_or(None);
        }
        let notices = state.notices();
        drop(state);
        notices.into_iter().for_each(|notice| notify(notice));
    };
    let mut state = shared.lock();
    if state.life == Life::Live {
        state.life = Life::Lost(error.to_string());
        drop(state);
        notify(Notice::Lost(error.to_string()));
    }
}

impl State {
    fn happened(&mut self, event: &Event) {
        match event {
            Event::DamageNotify(damage::NotifyEvent { area, .. }) => {
                if let Some(rect) = within(area, &self.area) {
                    self.damage.add(&rect);
                    self.damaged.raise();
                }
            }
            Event::XfixesCursorNotify(_) => self.cursor.raise(),
            Event::XinputRawMotion(_) => self.pointer.raise(),
            Event::RandrScreenChangeNotify(_) | Event::RandrNotify(_) => self.geometry.raise(),
            // A failure of a request that nobody waits for: dropping a segment or damage of a server that resets.
            Event::Error(error) => tracing::debug!(?error, "X11 request failed"),
            _ => {}
        }
    }

    fn notices(&mut self) -> Vec<Notice> {
        let signals = [
            (&mut self.geometry, Notice::Resized),
            (&mut self.damaged, Notice::Damaged),
            (&mut self.cursor, Notice::Cursor),
            (&mut self.pointer, Notice::Pointer),
        ];
        signals.into_iter().filter_map(|(signal, notice)| signal.tell().then_some(notice)).collect()
    }
}

/// The part of `rectangle` (of the desktop) that lies within `area`, relative to it.
fn within(rectangle: &Rectangle, area: &Rect) -> Option<Rect> {
    // A rectangle may begin left of or above the desktop.
    let edge = |at: i16, length: u16, limit: u32| {
        let start = i64::from(at).max(0);
        let end = (i64::from(at) + i64::from(length)).clamp(start, i64::from(limit));
        Some((u32::try_from(start).ok()?, u32::try_from(end - start).ok()?))
    };
    let (x, width) = edge(rectangle.x, rectangle.width, area.right())?;
    let (y, height) = edge(rectangle.y, rectangle.height, area.bottom())?;
    let part = Rect::new(x, y, width, height).intersection(area)?;
    Some(Rect::new(part.x - area.x, part.y - area.y, part.width, part.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_told_once_until_it_is_answered() {
        let mut signal = Signal::Quiet;
        assert!(!signal.tell());
        signal.raise();
        signal.raise();
        assert!(signal.tell());
        signal.raise();
        assert!(!signal.tell());
        assert!(signal.answer());
        signal.raise();
        assert!(signal.tell());
    }

    #[test]
    fn damage_is_clipped_to_the_area() {
        let area = Rect::new(100, 50, 200, 100);
        let rectangle = |x, y, width, height| Rectangle { x, y, width, height };
        assert_eq!(within(&rectangle(90, 60, 20, 500), &area), Some(Rect::new(0, 10, 10, 90)));
        assert_eq!(within(&rectangle(-5, -5, 10, 10), &Rect::new(0, 0, 8, 8)), Some(Rect::new(0, 0, 5, 5)));
        assert_eq!(within(&rectangle(0, 0, 100, 50), &area), None);
        assert_eq!(within(&rectangle(-20, 0, 10, 10), &Rect::new(0, 0, 8, 8)), None);
        assert_eq!(within(&rectangle(300, 0, 100, 300), &area), None);
    }
}
