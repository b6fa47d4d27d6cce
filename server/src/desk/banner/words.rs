//! What the banner says.

use super::{Banner, Ending, PanicHint, Session, Wish};
use crate::desk::look;
use beside_protocol::wire::{PauseReason, Permission};
use std::time::Instant;

impl Banner {
    /// The main line: who can do what, with names of at most so many characters.
    pub(super) fn headline(&self, name: usize) -> String {
        match self.wish {
            Wish::Stop => return "Stopped".into(),
            Wish::Pause if !self.is_obeyed() => return "Pausing…".into(),
            Wish::Pause | Wish::On => {}
        }
        let here = || self.sessions.values().filter(|session| session.is_here());
        if here().next().is_some() && here().all(|session| session.paused().is_some()) {
            return "Paused: nobody sees your screen".into();
        }
        let controlling = here().filter(|session| session.controls()).count();
        let mut officers = here();
        match (officers.next(), officers.next(), controlling) {
            (None, ..) => match (self.sessions.values().next(), self.sessions.len()) {
                (Some(only), 1) => format!("{} has lost the connection", short(&only.officer, name)),
                _ => format!("{} officers have lost the connection", self.sessions.len()),
            },
            (Some(only), None, 0) => format!("{} can see your screen", short(&only.officer, name)),
            (Some(only), None, _) => format!("{} can control your computer", short(&only.officer, name)),
            (_, _, 0) => format!("{} officers can see your screen", here().count()),
            (_, _, several) => format!("{} officers can see your screen, {several} can control it", here().count()),
        }
    }

    /// The second line: for how long, on what ground, and what else is to be known.
    pub(super) fn detail(&self, now: Instant) -> String {
        if self.wish == Wish::Stop {
            return "Keyboard and mouse are yours alone. Closing the session…".into();
        }
        if let PanicHint::Fails(key) = &self.panic_key {
            return format!("{key} does not work here: use Stop  ·  {}", self.time(now));
        }
        if self.sessions.len() > 1 {
            return match &self.panic_key {
                PanicHint::Works(key) => format!("Stop ends it for all, and so does {key}"),
                PanicHint::Unknown | PanicHint::Fails(_) => "Stop ends it for all".into(),
            };
        }
        let Some(session) = self.sessions.values().next() else { return String::new() };
        let mut parts = session.parts(now);
        if let (PanicHint::Works(key), 1, true) = (&self.panic_key, parts.len(), session.is_here()) {
            parts.push(format!("{key} stops it, too"));
        }
        parts.join("  ·  ")
    }

    /// How long all of it lasts at most.
    fn time(&self, now: Instant) -> String {
        let until = self.sessions.values().map(|session| session.until).max().unwrap_or(now);
        format!("{} left", left(until, now))
    }
}

impl Session {
    /// What the session's own row says below the name.
    pub(super) fn status(&self, now: Instant) -> String {
        if self.ending == Ending::Asked {
            return "Ending…".into();
        }
        let does = match (self.is_here(), self.controls()) {
            (false, _) => None,
            (true, true) => Some("controls".to_owned()),
            (true, false) => Some("sees".to_owned()),
        };
        does.into_iter().chain(self.parts(now)).collect::<Vec<_>>().join("  ·  ")
    }

    /// For how long, and what else is to be known of it.
    fn parts(&self, now: Instant) -> Vec<String> {
        if !self.is_here() {
            return vec![format!("Nobody looks now; may come back within {}", left(self.until, now))];
        }
        let mut parts = Vec::new();
        if self.paused() == Some(PauseReason::Locked) {
            parts.push("while the screen is locked".into());
        }
        if self.is_standing() {
            parts.push("access agreed earlier".into());
        }
        if self.news(now).is_some() {
            parts.push("now from another network".into());
        }
        parts.push(format!("{} left", left(self.until, now)));
        parts
    }
}

/// The first characters of a name.
fn short(name: &str, length: usize) -> String {
    match name.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
        None => name.to_owned(),
    }
}

/// A permission as the user reads it beside a switch.
pub(super) const fn switch(permission: Permission) -> &'static str {
    match permission {
        Permission::View => "See",
        Permission::Control => "Control",
        Permission::Clipboard => "Clipboard",
        Permission::Files => "Files",
        Permission::Diagnose => "Facts",
        Permission::Terminal => "Commands",
    }
}

fn left(until: Instant, now: Instant) -> String {
    let left = until.saturating_duration_since(now);
    look::minutes(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{NAME, NEWS, tests::anna, view::Action},
        *,
    };
    use crate::desk::message::LiveSession;
    use beside_protocol::wire::Permissions;
    use std::time::Duration;

    #[test]
    fn it_says_who_can_do_what_and_for_how_long() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::VIEW, 720), now);
        assert_eq!(banner.headline(NAME), "Anna Berger can see your screen");
        assert_eq!(banner.detail(now), "12 minutes left");
        banner.set_panic_key(PanicHint::Works("Ctrl+Alt+Pause".into()));
        assert_eq!(banner.detail(now), "12 minutes left  ·  Ctrl+Alt+Pause stops it, too");
        banner.live(1, &LiveSession { standing: true, ..anna(Permissions::CONTROL, 720) }, now);
        assert_eq!(banner.headline(NAME), "Anna Berger can control your computer");
        assert_eq!(banner.detail(now), "access agreed earlier  ·  12 minutes left");
        banner.live(2, &LiveSession { officer: "Ben Ito".into(), ..anna(Permissions::VIEW, 300) }, now);
        assert_eq!(banner.headline(NAME), "2 officers can see your screen, 1 can control it");
        assert_eq!(banner.sessions[&2].status(now), "sees  ·  5 minutes left");
        banner.set_panic_key(PanicHint::Fails("Ctrl+Alt+Pause".into()));
        assert_eq!(banner.detail(now), "Ctrl+Alt+Pause does not work here: use Stop  ·  12 minutes left");
        banner.act(Action::Stop);
        assert_eq!(banner.headline(NAME), "Stopped");
    }

    #[test]
    fn it_says_that_it_is_paused_when_it_is() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::CONTROL, 720), now);
        banner.act(Action::Pause);
        assert_eq!(banner.headline(NAME), "Pausing…");
        banner.live(1, &LiveSession { paused: Some(PauseReason::User), ..anna(Permissions::CONTROL, 720) }, now);
        assert_eq!(banner.headline(NAME), "Paused: nobody sees your screen");
    }

    #[test]
    fn it_says_who_is_away_and_may_come_back() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::CONTROL, 1800), now);
        banner.suspended(1, "Anna Berger", now + Duration::from_secs(300));
        assert_eq!(banner.headline(NAME), "Anna Berger has lost the connection");
        assert_eq!(banner.detail(now), "Nobody looks now; may come back within 5 minutes");
        banner.live(2, &LiveSession { officer: "Ben Ito".into(), ..anna(Permissions::VIEW, 720) }, now);
        assert_eq!(banner.headline(NAME), "Ben Ito can see your screen");
    }

    #[test]
    fn another_network_is_news_for_a_while() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::VIEW, 710), now);
        banner.moved(1, now);
        assert_eq!(banner.detail(now), "now from another network  ·  12 minutes left");
        let old = banner.next_change(now).unwrap();
        assert_eq!((old - now, banner.detail(old).as_str()), (NEWS, "12 minutes left"));
    }

    #[test]
    fn a_long_name_is_cut() {
        let mut banner = Banner::default();
        let long = LiveSession { officer: "ä".repeat(100), ..anna(Permissions::VIEW, 60) };
        banner.live(1, &long, Instant::now());
        assert_eq!(banner.headline(8), format!("{}… can see your screen", "ä".repeat(8)));
    }
}
