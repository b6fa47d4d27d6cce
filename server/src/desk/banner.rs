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

/// How long it says that an officer has come into another network.
const NEWS: Duration = Duration::from_secs(30);

/// What all sessions may do, and who has lost the connection to one.
#[derive(Debug, Default)]
pub(super) struct Banner {
    sessions: BTreeMap<u64, Session>,
    state: State,
}

#[derive(Debug)]
struct Session {
    officer: String,
    /// When it ends: the session, or the time in which the officer may come back.
    until: Instant,
    presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// The officer is connected; `moved` tells when the network was another for the last time.
    Here { permissions: Permissions, standing: bool, moved: Option<Instant> },
    /// The officer's connection is lost.
    Away,
}

impl Session {
    const fn is_here(&self) -> bool {
        matches!(self.presence, Presence::Here { .. })
    }

    const fn is_standing(&self) -> bool {
        matches!(self.presence, Presence::Here { standing: true, .. })
    }

    fn controls(&self) -> bool {
        matches!(self.presence, Presence::Here { permissions, .. } if permissions.has(Permission::Control))
    }

    /// Until when the change of network is news, if it is.
    fn news(&self, now: Instant) -> Option<Instant> {
        let Presence::Here { moved: Some(moved), .. } = self.presence else { return None };
        Some(moved + NEWS).filter(|end| *end > now)
    }
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
        let presence = Presence::Here { permissions, standing, moved: None };
        self.sessions.insert(session, Session { officer: short(officer), until, presence });
    }

    /// A session's connection is lost; the officer may come back until then.
    pub(super) fn suspended(&mut self, session: u64, officer: &str, until: Instant) {
        self.sessions.insert(session, Session { officer: short(officer), until, presence: Presence::Away });
    }

    /// The officer of a session has come into another network.
    pub(super) fn moved(&mut self, session: u64, now: Instant) {
        if let Some(Session { presence: Presence::Here { moved, .. }, .. }) = self.sessions.get_mut(&session) {
            *moved = Some(now);
        }
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

    /// When it will read otherwise: the next full minute of the session that ends first, or when news are old.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        let left = self.sessions.values().map(|session| session.until.saturating_duration_since(now)).min()?;
        let beyond_minute = Duration::from_nanos(u64::try_from(left.as_nanos() % 60_000_000_000).unwrap_or_default());
        let minute = (!left.is_zero()).then(|| now + beyond_minute + Duration::from_millis(1));
        self.sessions.values().filter_map(|session| session.news(now)).chain(minute).min()
    }

    /// The main line: who can do what.
    pub(super) fn headline(&self) -> String {
        if self.state == State::Stopping {
            return "Stopped".into();
        }
        let here = || self.sessions.values().filter(|session| session.is_here());
        let controlling = here().filter(|session| session.controls()).count();
        let mut officers = here();
        match (officers.next(), officers.next(), controlling) {
            (None, ..) => match (self.sessions.values().next(), self.sessions.len()) {
                (Some(only), 1) => format!("{} has lost the connection", only.officer),
                _ => format!("{} officers have lost the connection", self.sessions.len()),
            },
            (Some(only), None, 0) => format!("{} can see your screen", only.officer),
            (Some(only), None, _) => format!("{} can see and control your computer", only.officer),
            (_, _, 0) => format!("{} officers can see your screen", here().count()),
            (_, _, 1) => format!("{} officers can see your screen, 1 can control it", here().count()),
            (_, _, several) => {
                format!("{} officers can see your screen, {several} can control it", here().count())
            }
        }
    }

    /// The second line: for how long, on what ground, who.
    pub(super) fn detail(&self, now: Instant) -> String {
        if self.state == State::Stopping {
            return "Keyboard and mouse are yours alone. Closing the session…".into();
        }
        let (here, away): (Vec<_>, Vec<_>) = self.sessions.values().partition(|session| session.is_here());
        let left = |sessions: &[&Session], which: fn(Instant, Instant) -> Instant| {
            let until = sessions.iter().map(|session| session.until).reduce(which).unwrap_or(now);
            let left = until.saturating_duration_since(now);
            look::minutes(left.as_secs() + u64::from(left.subsec_nanos() > 0))
        };
        if here.is_empty() {
            let minutes = left(&away, Instant::max);
            return format!("Nobody sees your screen now  ·  may come back within {minutes}, without a question");
        }
        let mut parts = Vec::new();
        if here.len() > 1 {
            parts.push(names(&here));
        } else if here.iter().any(|session| session.is_standing()) {
            parts.push("Standing access, agreed earlier".into());
        }
        if here.iter().any(|session| session.news(now).is_some()) {
            parts.push("now from another network".into());
        }
        if !away.is_empty() {
            parts.push(format!("{} may come back", names(&away)));
        }
        parts.push(format!("{} left", left(&here, Instant::min)));
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
        let controls = self.sessions.values().any(Session::controls);
        let here = self.sessions.values().any(Session::is_here);
        let colour = match (self.state, here, controls) {
            (State::Stopping, ..) | (State::On, false, _) => look::SOFT_CHALK,
            (State::On, true, true) => look::AMBER,
            (State::On, true, false) => look::BLUE,
        };
        let (area, _) = ui.allocate_exact_size(vec2(14.0, HEIGHT - 18.0), egui::Sense::hover());
        ui.painter().circle_filled(area.center(), 7.0, colour);
    }
}

/// A name that leaves room for what else is to be said.
fn short(officer: &str) -> String {
    match officer.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &officer[..end]),
        None => officer.to_owned(),
    }
}

/// The first names of several.
fn names(sessions: &[&Session]) -> String {
    let names: Vec<_> = sessions.iter().take(3).map(|session| session.officer.as_str()).collect();
    names.join(", ") + if sessions.len() > names.len() { ", …" } else { "" }
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
    fn it_says_who_is_away_and_may_come_back() {
        let now = Instant::now();
        let minutes = |count: u64| now + Duration::from_secs(count * 60);
        let mut banner = Banner::default();
        banner.live(1, "Anna Berger", Permissions::CONTROL, minutes(30), false);
        banner.suspended(1, "Anna Berger", minutes(5));
        assert_eq!(banner.headline(), "Anna Berger has lost the connection");
        let detail = "Nobody sees your screen now  ·  may come back within 5 minutes, without a question";
        assert_eq!(banner.detail(now), detail);
        banner.live(2, "Ben Ito", Permissions::VIEW, minutes(12), false);
        assert_eq!(banner.headline(), "Ben Ito can see your screen");
        assert_eq!(banner.detail(now), "Anna Berger may come back  ·  12 minutes left");
        banner.live(1, "Anna Berger", Permissions::CONTROL, minutes(28), false);
        assert_eq!(banner.headline(), "2 officers can see your screen, 1 can control it");
    }

    #[test]
    fn another_network_is_news_for_a_while() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, "Anna", Permissions::VIEW, now + Duration::from_secs(710), false);
        banner.moved(1, now);
        assert_eq!(banner.detail(now), "now from another network  ·  12 minutes left");
        let old = banner.next_change(now).unwrap();
        assert_eq!((old - now, banner.detail(old).as_str()), (NEWS, "12 minutes left"));
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
