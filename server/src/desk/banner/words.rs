//! What the banner says.

use super::{Banner, Ending, PanicHint, Session, Wish};
use crate::desk::words::{Text, Words};
use beside_protocol::wire::PauseReason;
use std::time::{Duration, Instant};

/// What stands between two things that are said in one line.
const BETWEEN: &str = "  ·  ";

impl Banner {
    /// The main line: who can do what, with names of at most so many characters.
    pub(super) fn headline(&self, words: &Words, name: usize) -> String {
        match self.wish {
            Wish::Stop => return words.say(Text::Stopped),
            Wish::Pause if !self.is_obeyed() => return words.say(Text::Pausing),
            Wish::Pause | Wish::On => {}
        }
        let here = || self.sessions.values().filter(|session| session.is_here());
        if here().next().is_some() && here().all(|session| session.paused().is_some()) {
            return words.say(Text::Paused);
        }
        let about = |text, only: &Session| words.with(text, "who", &short(&words.who(&only.officer), name));
        let several = |text, count: usize| words.count(text, "count", count as u64);
        let controlling = here().filter(|session| session.controls()).count();
        let mut officers = here();
        match (officers.next(), officers.next(), controlling) {
            (None, ..) => match (self.sessions.values().next(), self.sessions.len()) {
                (Some(only), 1) => about(Text::OneLost, only),
                _ => several(Text::AllLost, self.sessions.len()),
            },
            (Some(only), None, 0) => about(Text::OneSees, only),
            (Some(only), None, _) => about(Text::OneControls, only),
            (_, _, 0) => several(Text::SeveralSee, here().count()),
            _ => {
                let counts = [("count", here().count().into()), ("controlling", controlling.into())];
                words.tell(Text::SeveralControl, counts)
            }
        }
    }

    /// The second line: for how long, on what ground, and what else is to be known.
    pub(super) fn detail(&self, words: &Words, now: Instant) -> String {
        if self.wish == Wish::Stop {
            return words.say(Text::Stopping);
        }
        if let PanicHint::Fails(key) = &self.panic_key {
            let fails = words.with(Text::PanicKeyFails, "key", key);
            return [fails, self.time(words, now)].join(BETWEEN);
        }
        if self.sessions.len() > 1 {
            return match &self.panic_key {
                PanicHint::Works(key) => words.with(Text::StopForAllKey, "key", key),
                PanicHint::Unknown | PanicHint::Fails(_) => words.say(Text::StopForAll),
            };
        }
        let Some(session) = self.sessions.values().next() else { return String::new() };
        let mut parts = session.parts(words, now);
        if let (PanicHint::Works(key), 1, true) = (&self.panic_key, parts.len(), session.is_here()) {
            parts.push(words.with(Text::PanicKeyWorks, "key", key));
        }
        parts.join(BETWEEN)
    }

    /// How long all of it lasts at most.
    fn time(&self, words: &Words, now: Instant) -> String {
        let until = self.sessions.values().map(|session| session.until).max().unwrap_or(now);
        left(words, Text::TimeLeft, until, now)
    }
}

impl Session {
    /// What the session's own row says below the name.
    pub(super) fn status(&self, words: &Words, now: Instant) -> String {
        if self.ending == Ending::Asked {
            return words.say(Text::Ending);
        }
        let does = match (self.is_here(), self.controls()) {
            (false, _) => None,
            (true, true) => Some(words.say(Text::Controls)),
            (true, false) => Some(words.say(Text::Sees)),
        };
        does.into_iter().chain(self.parts(words, now)).collect::<Vec<_>>().join(BETWEEN)
    }

    /// For how long, and what else is to be known of it.
    fn parts(&self, words: &Words, now: Instant) -> Vec<String> {
        if !self.is_here() {
            return vec![left(words, Text::Away, self.until, now)];
        }
        let mut parts = Vec::new();
        if self.paused() == Some(PauseReason::Locked) {
            parts.push(words.say(Text::WhileLocked));
        }
        if self.paused() == Some(PauseReason::Unconfirmed) {
            parts.push(words.say(Text::Unconfirmed));
        }
        if let Some((permissions, left)) = self.extra(now) {
            let names: Vec<_> = permissions.iter().map(|permission| words.permission_short(permission)).collect();
            let added = [("what", names.join(", ").into()), ("time", countdown(left).into())];
            parts.push(words.tell(Text::Added, added));
        }
        if self.is_standing() {
            parts.push(words.say(Text::AgreedEarlier));
        }
        if self.news(now).is_some() {
            parts.push(words.say(Text::AnotherNetwork));
        }
        parts.push(left(words, Text::TimeLeft, self.until, now));
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

/// What is left of what ends soon, in minutes and seconds.
fn countdown(left: Duration) -> String {
    let seconds = left.as_nanos().div_ceil(1_000_000_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn left(words: &Words, text: Text, until: Instant, now: Instant) -> String {
    words.with(text, "time", &words.time(until.saturating_duration_since(now)))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            NAME, NEWS,
            tests::{anna, english},
            view::Action,
        },
        *,
    };
    use crate::desk::message::{Extra, LiveSession};
    use beside_protocol::wire::{Permission, Permissions, Who};

    #[test]
    fn it_says_who_can_do_what_and_for_how_long() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::VIEW, 720), now);
        assert_eq!(banner.headline(&english(), NAME), "Anna Berger can see your screen");
        assert_eq!(banner.detail(&english(), now), "12 minutes left");
        banner.set_panic_key(PanicHint::Works("Ctrl+Alt+Pause".into()));
        assert_eq!(banner.detail(&english(), now), "12 minutes left  ·  Ctrl+Alt+Pause stops it, too");
        banner.live(1, &LiveSession { standing: true, ..anna(Permissions::CONTROL, 720) }, now);
        assert_eq!(banner.headline(&english(), NAME), "Anna Berger can control your computer");
        assert_eq!(banner.detail(&english(), now), "access agreed earlier  ·  12 minutes left");
        banner.live(2, &LiveSession { officer: "Ben Ito".into(), ..anna(Permissions::VIEW, 300) }, now);
        assert_eq!(banner.headline(&english(), NAME), "2 officers can see your screen, 1 can control it");
        assert_eq!(banner.sessions[&2].status(&english(), now), "sees  ·  5 minutes left");
        banner.set_panic_key(PanicHint::Fails("Ctrl+Alt+Pause".into()));
        assert_eq!(banner.detail(&english(), now), "Ctrl+Alt+Pause does not work here  ·  12 minutes left");
        banner.act(Action::Stop);
        assert_eq!(banner.headline(&english(), NAME), "Stopped");
    }

    #[test]
    fn it_says_that_it_is_paused_when_it_is() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::CONTROL, 720), now);
        banner.act(Action::Pause);
        assert_eq!(banner.headline(&english(), NAME), "Pausing…");
        banner.live(1, &LiveSession { paused: Some(PauseReason::User), ..anna(Permissions::CONTROL, 720) }, now);
        assert_eq!(banner.headline(&english(), NAME), "Paused: nobody sees your screen");
    }

    #[test]
    fn it_says_who_is_away_and_may_come_back() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::CONTROL, 1800), now);
        banner.suspended(1, "Anna Berger".into(), now + Duration::from_secs(300));
        assert_eq!(banner.headline(&english(), NAME), "Anna Berger has lost the connection");
        assert_eq!(banner.detail(&english(), now), "Nobody looks now; may come back within 5 minutes");
        banner.live(2, &LiveSession { officer: "Ben Ito".into(), ..anna(Permissions::VIEW, 720) }, now);
        assert_eq!(banner.headline(&english(), NAME), "Ben Ito can see your screen");
    }

    #[test]
    fn it_counts_down_what_was_added() {
        let now = Instant::now();
        let mut banner = Banner::default();
        let extra = Some(Extra { permissions: Permissions::NONE.with(Permission::Control), seconds_left: 300 });
        banner.live(1, &LiveSession { extra, ..anna(Permissions::CONTROL, 710) }, now);
        assert_eq!(banner.detail(&english(), now), "Control: 5:00 more  ·  12 minutes left");
        let next = banner.next_change(now).unwrap();
        assert_eq!(banner.detail(&english(), next), "Control: 4:59 more  ·  12 minutes left");
        assert_eq!(banner.detail(&english(), now + Duration::from_secs(300)), "7 minutes left");
    }

    #[test]
    fn another_network_is_news_for_a_while() {
        let now = Instant::now();
        let mut banner = Banner::default();
        banner.live(1, &anna(Permissions::VIEW, 710), now);
        banner.moved(1, now);
        assert_eq!(banner.detail(&english(), now), "now from another network  ·  12 minutes left");
        let old = banner.next_change(now).unwrap();
        assert_eq!((old - now, banner.detail(&english(), old).as_str()), (NEWS, "12 minutes left"));
    }

    #[test]
    fn a_long_name_is_cut() {
        let mut banner = Banner::default();
        let long = LiveSession { officer: Who::Named("ä".repeat(100)), ..anna(Permissions::VIEW, 60) };
        banner.live(1, &long, Instant::now());
        assert_eq!(banner.headline(&english(), 8), format!("{}… can see your screen", "ä".repeat(8)));
    }
}
