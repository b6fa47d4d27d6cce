//! The banner: who can see or control this computer, for how long, and Stop.

use super::look;
use beside_protocol::wire::{Permission, Permissions};
use egui::{CornerRadius, Frame, Margin, RichText, Stroke, StrokeKind, Ui, vec2};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The height, in points.
pub(super) const HEIGHT: f32 = 64.0;

/// The longest part of an officer's name that is shown, in characters.
const NAME: usize = 32;

/// What all live sessions may do.
#[derive(Debug, Default)]
pub(super) struct Banner {
    sessions: BTreeMap<u64, Session>,
    state: State,
}

#[derive(Debug)]
struct Session {
    officer: String,
    permissions: Permissions,
    until: Instant,
    standing: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    On,
    /// Stop was pressed; the server is to end the sessions.
    Stopping,
}

impl Banner {
    /// A session is live, or has changed.
    pub(super) fn live(
        &mut self,
        session: u64,
        officer: &str,
        permissions: Permissions,
        until: Instant,
        standing: bool,
    ) {
        let officer = match officer.char_indices().nth(NAME) {
            Some((end, _)) => format!("{}…", &officer[..end]),
            None => officer.to_owned(),
        };
        self.sessions.insert(session, Session { officer, permissions, until, standing });
    }

    /// A session is over; false if it was not live.
    pub(super) fn ended(&mut self, session: u64) -> bool {
        let was_live = self.sessions.remove(&session).is_some();
        if self.sessions.is_empty() {
            self.state = State::On;
        }
        was_live
    }

    /// Stop was pressed.
    pub(super) const fn stop(&mut self) {
        self.state = State::Stopping;
    }

    /// Whether there is nothing to show.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// When it will read otherwise: the next full minute of the session that ends first.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        let left = self.sessions.values().map(|session| session.until.saturating_duration_since(now)).min()?;
        let beyond_minute = Duration::from_nanos(u64::try_from(left.as_nanos() % 60_000_000_000).unwrap_or_default());
        (!left.is_zero()).then(|| now + beyond_minute + Duration::from_millis(1))
    }

    /// The main line: who can do what.
    pub(super) fn headline(&self) -> String {
        if self.state == State::Stopping {
            return "Stopped".into();
        }
        let controls = |session: &&Session| session.permissions.has(Permission::Control);
        let controlling = self.sessions.values().filter(controls).count();
        let mut officers = self.sessions.values();
        match (officers.next(), officers.next(), controlling) {
            (Some(only), None, 0) => format!("{} can see your screen", only.officer),
            (Some(only), None, _) => format!("{} can see and control your computer", only.officer),
            (_, _, 0) => format!("{} officers can see your screen", self.sessions.len()),
            (_, _, 1) => format!("{} officers can see your screen, 1 can control it", self.sessions.len()),
            (_, _, several) => {
                format!("{} officers can see your screen, {several} can control it", self.sessions.len())
            }
        }
    }

    /// The second line: for how long, on what ground, who.
    pub(super) fn detail(&self, now: Instant) -> String {
        if self.state == State::Stopping {
            return "Keyboard and mouse are yours alone. Closing the session…".into();
        }
        let left = self.sessions.values().map(|session| session.until.saturating_duration_since(now)).min();
        let left = left.unwrap_or_default();
        let mut parts = Vec::new();
        if self.sessions.len() > 1 {
            let names: Vec<_> = self.sessions.values().take(3).map(|session| session.officer.as_str()).collect();
            parts.push(names.join(", ") + if self.sessions.len() > names.len() { ", …" } else { "" });
        } else if self.sessions.values().any(|session| session.standing) {
            parts.push("Standing access, agreed earlier".into());
        }
        parts.push(format!("{} left", look::minutes(left.as_secs() + u64::from(left.subsec_nanos() > 0))));
        parts.join("  ·  ")
    }

    /// Lays it out and returns whether Stop was pressed, with the width that it would like.
    pub(super) fn show(&self, ui: &mut Ui, now: Instant) -> Shown {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::SLATE);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::SOFT_INK), StrokeKind::Inside);
        let inside = Frame::NONE.inner_margin(Margin { left: 18, right: 12, top: 9, bottom: 9 });
        let shown = inside.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.set_height(HEIGHT - 18.0);
                self.dot(ui);
                ui.add_space(14.0);
                ui.vertical(|ui| {
                    ui.add_space(2.0);
                    let line = |content: String, size, colour| {
                        egui::Label::new(RichText::new(content).size(size).color(colour)).extend()
                    };
                    ui.add(line(self.headline(), 18.0, look::CHALK));
                    ui.add_space(2.0);
                    ui.add(line(self.detail(now), 16.0, look::SOFT_CHALK));
                });
                ui.add_space(22.0);
                let awake = self.state == State::On;
                look::button(ui, "Stop", vec2(96.0, HEIGHT - 18.0), look::RED, awake).clicked()
            })
        });
        Shown { stop: shown.inner.inner, width: shown.response.rect.width() }
    }

    fn dot(&self, ui: &mut Ui) {
        let controls = self.sessions.values().any(|session| session.permissions.has(Permission::Control));
        let colour = match (self.state, controls) {
            (State::Stopping, _) => look::SOFT_CHALK,
            (State::On, true) => look::AMBER,
            (State::On, false) => look::BLUE,
        };
        let (area, _) = ui.allocate_exact_size(vec2(14.0, HEIGHT - 18.0), egui::Sense::hover());
        ui.painter().circle_filled(area.center(), 7.0, colour);
    }
}

/// What came of showing a banner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Stop was pressed.
    pub(super) stop: bool,
    /// The width of all of it, in points.
    pub(super) width: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_who_can_do_what_and_for_how_long() {
        let now = Instant::now();
        let until = now + Duration::from_secs(12 * 60);
        let mut banner = Banner::default();
        banner.live(1, "Anna Berger", Permissions::VIEW, until, false);
        assert_eq!(banner.headline(), "Anna Berger can see your screen");
        assert_eq!(banner.detail(now), "12 minutes left");
        banner.live(1, "Anna Berger", Permissions::CONTROL, until, true);
        assert_eq!(banner.headline(), "Anna Berger can see and control your computer");
        assert_eq!(banner.detail(now), "Standing access, agreed earlier  ·  12 minutes left");
        banner.live(2, "Ben Ito", Permissions::VIEW, until, false);
        assert_eq!(banner.headline(), "2 officers can see your screen, 1 can control it");
        assert_eq!(banner.detail(now), "Anna Berger, Ben Ito  ·  12 minutes left");
        banner.stop();
        assert_eq!(banner.headline(), "Stopped");
        assert!(banner.ended(1) && banner.ended(2) && !banner.ended(2) && banner.is_empty());
    }

    #[test]
    fn it_changes_once_a_minute() {
        let now = Instant::now();
        let mut banner = Banner::default();
        assert_eq!(banner.next_change(now), None);
        banner.live(1, "Anna", Permissions::VIEW, now + Duration::from_secs(90), false);
        let next = banner.next_change(now).unwrap();
        assert_eq!(banner.detail(now), "2 minutes left");
        assert_eq!(banner.detail(next), "1 minute left");
        let after = banner.next_change(next).unwrap();
        assert!(after - next > Duration::from_secs(59));
        assert_eq!(banner.next_change(now + Duration::from_secs(91)), None, "nothing more to count");
    }

    #[test]
    fn a_long_name_is_cut() {
        let mut banner = Banner::default();
        banner.live(1, &"ä".repeat(100), Permissions::VIEW, Instant::now(), false);
        assert_eq!(banner.headline(), format!("{}… can see your screen", "ä".repeat(NAME)));
    }
}
