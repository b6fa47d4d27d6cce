//! What the window says about the session, in words; and when the words change by themselves.

use super::{Figures, Phase, Scale, step_up::Side};
use beside_protocol::wire::{End, Hands, PauseReason, Permission};
use beside_shell::net::Transport;
use std::time::{Duration, Instant};

/// How good the news is: the colour of the mark beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// On the way.
    Waiting,
    /// The session is on.
    Good,
    /// Something is not as it should be, but may mend.
    Doubtful,
    /// Nothing more will come.
    Over,
}

/// The status line, from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tone: Tone,
    pub(super) host: String,
    pub(super) state: String,
    pub(super) figures: String,
    pub(super) keys: String,
    /// The one of them that matters most, where there is no room for all.
    pub(super) control_key: String,
}

/// The message in the middle of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) tone: Tone,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) hint: &'static str,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// With less than this left, seconds are counted.
const SOON: Duration = Duration::from_secs(120);

const GIVE_UP: &str = "Escape gives up";
const LEAVE: &str = "Ctrl+Alt+End leaves";
const CLOSE: &str = "Press Escape or close the window";

/// What the status line says.
pub(super) fn line(
    host: &str,
    phase: &Phase,
    side: &Side,
    figures: Option<&Figures>,
    scale: Scale,
    now: Instant,
) -> Line {
    let (tone, state) = match phase {
        Phase::Connecting => (Tone::Waiting, "Connecting".to_owned()),
        Phase::Listening { .. } => (Tone::Waiting, "Waiting for a call".to_owned()),
        Phase::Asking { check, .. } => (Tone::Waiting, format!("Waiting for the user  ·  check words: {check}")),
        Phase::Live { permissions, hands: Hands::User, until } if permissions.has(Permission::Control) => {
            let wait = "The user is using mouse or keyboard: yours wait";
            (Tone::Doubtful, format!("{wait}  ·  {} left", span(*until, now)))
        }
        Phase::Live { permissions, hands: Hands::Nobody, until } if permissions.has(Permission::Control) => {
            let wait = "The user is being asked: your keys and mouse wait";
            (Tone::Doubtful, format!("{wait}  ·  {} left", span(*until, now)))
        }
        Phase::Live { permissions, until, .. } => {
            let names: Vec<_> = permissions.iter().map(|permission| permission.name()).collect();
            let side = side.words(*permissions, now).map(|words| format!("{words}  ·  ")).unwrap_or_default();
            (Tone::Good, format!("Live  ·  {}  ·  {side}{} left", names.join(", "), span(*until, now)))
        }
        Phase::Paused { until, .. } => (Tone::Doubtful, format!("Paused  ·  {} left", span(*until, now))),
        Phase::Frozen { .. } => (Tone::Doubtful, "Frozen".to_owned()),
        Phase::Lost { .. } => (Tone::Doubtful, "Connection lost".to_owned()),
        Phase::Over(_) | Phase::Failed(_) => (Tone::Over, "Ended".to_owned()),
    };
    let figures = match (phase, figures) {
        (Phase::Live { .. }, Some(figures)) => link(figures),
        _ => String::new(),
    };
    let (keys, control_key) = if phase.is_over() { Default::default() } else { keys(phase, scale) };
    Line { tone, host: host.to_owned(), state, figures, keys, control_key }
}

/// The keys of the window itself; and the one for control alone.
fn keys(phase: &Phase, scale: Scale) -> (String, String) {
    let control = match phase {
        Phase::Live { permissions, .. } if permissions.has(Permission::Control) => Some("Insert: give up control"),
        Phase::Live { .. } => Some("Insert: ask for control"),
        _ => None,
    };
    let home = match scale {
        Scale::Fit => "1:1",
        Scale::OneToOne => "fit",
    };
    let all = control.map(|control| format!("{control}  ·  ")).unwrap_or_default();
    let all = format!("Ctrl+Alt+…   {all}Enter: full screen  ·  Home: {home}  ·  End: leave");
    (all, control.map(|control| format!("Ctrl+Alt+{control}")).unwrap_or_default())
}

/// What the message in the middle says; none while the picture is live.
pub(super) fn card(host: &str, phase: &Phase, now: Instant) -> Option<Card> {
    let card = |tone, title: &str, text: String, hint| Some(Card { tone, title: title.to_owned(), text, hint });
    match phase {
        Phase::Live { .. } => None,
        Phase::Connecting => card(Tone::Waiting, &format!("Connecting to {host}"), String::new(), GIVE_UP),
        Phase::Listening { address, stranger } => {
            let text = match stranger {
                None => format!("On {address}. The user’s machine dials out with “beside-server share --to”."),
                Some(key) => format!(
                    "On {address}. A machine that is not known here, with the key {}…, has called and was turned away. If it is theirs, compare its whole key with them and use “beside-viewer trust”.",
                    key.short()
                ),
            };
            card(Tone::Waiting, "Waiting for the user’s machine to call", text, GIVE_UP)
        }
        Phase::Asking { until, check } => {
            let title = format!("Waiting for the user’s answer ({})", span(*until, now));
            let text = format!("{host} is showing them the question. Check words, the same on their screen: {check}.");
            card(Tone::Waiting, &title, text, GIVE_UP)
        }
        Phase::Paused { reason, .. } => {
            let title = match reason {
                PauseReason::User => "The user has paused the session",
                PauseReason::Locked => "The user’s screen is locked",
                PauseReason::Unconfirmed => "The user was asked whether it may go on, and has not answered",
            };
            let then = match reason {
                PauseReason::User => "It goes on when the user wants it to.",
                PauseReason::Locked => "It goes on when they unlock it, or ends after two minutes.",
                PauseReason::Unconfirmed => "It goes on when they press Continue, or ends after five minutes.",
            };
            let text = format!("This is an old picture, and what you do is not sent. {then}");
            card(Tone::Doubtful, title, text, LEAVE)
        }
        Phase::Frozen { since } => {
            let title = format!("Frozen for {} s", since_seconds(*since, now));
            card(Tone::Doubtful, &title, "The picture is not live, and what you do is not sent.".to_owned(), LEAVE)
        }
        Phase::Lost { since, until } => {
            let text = format!(
                "The picture is {} s old, and what you do is not sent. Given up in {}.",
                since_seconds(*since, now),
                span(*until, now)
            );
            card(Tone::Doubtful, "Connection lost, trying again…", text, LEAVE)
        }
        Phase::Over(end) => {
            let (title, text) = ending(*end);
            card(Tone::Over, title, text, CLOSE)
        }
        Phase::Failed(reason) => card(Tone::Over, "No session", sentence(reason), CLOSE),
    }
}

/// When the words change next though nothing happens; `None` when they don't.
pub(super) fn next_change(phase: &Phase, now: Instant) -> Option<Instant> {
    match phase {
        Phase::Connecting | Phase::Listening { .. } | Phase::Over(_) | Phase::Failed(_) => None,
        Phase::Asking { until, .. } | Phase::Live { until, .. } | Phase::Paused { until, .. } => {
            span_change(*until, now)
        }
        Phase::Frozen { since } | Phase::Lost { since, .. } => {
            let steps = u32::try_from(since_seconds(*since, now) + 1).ok()?;
            since.checked_add(SECOND * steps)
        }
    }
}

/// How a session ended: a title, and what to do next.
fn ending(end: End) -> (&'static str, String) {
    let (title, next) = match end {
        End::Denied => ("The user said no", "Nothing was shown. Agree with them what is needed, then ask again."),
        End::Unconfirmed => {
            ("The user did not answer", "They were asked whether it may go on. Call them, then ask again.")
        }
        End::Unanswered => ("Nobody answered", "Ask the user to be at the machine, then try again."),
        End::Stopped => ("The user stopped the session", "Ask them before you connect again."),
        End::Locked => ("The user’s screen is locked", "Ask them to unlock it, then try again."),
        End::Expired => ("The time is over", "Connect again to ask for more."),
        End::Unrecorded => ("The user's machine can't record", "Have its disk looked after, then ask again."),
        End::LinkLost => ("The connection was lost", "Check the network on both sides, then connect again."),
        End::Code(_) => return ("Not proven", sentence(&end.to_string())),
        End::Policy(_) => return ("Not allowed", sentence(&end.to_string())),
        _ => return ("The session is over", sentence(&end.to_string())),
    };
    (title, next.to_owned())
}

/// With a capital at the start and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// The link's figures.
fn link(figures: &Figures) -> String {
    let millis = figures.round_trip.as_secs_f64() * 1e3;
    let trip = if millis < 9.95 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") };
    let rate = match figures.bytes_per_second {
        bytes @ 0..1_000 => format!("{bytes} B/s"),
        bytes @ 1_000..1_000_000 => format!("{} kB/s", bytes / 1_000),
        bytes => format!("{}.{} MB/s", bytes / 1_000_000, bytes / 100_000 % 10),
    };
    let way = match figures.transport {
        Transport::Udp => "",
        Transport::Tcp => "over TCP, UDP is blocked  ·  ",
    };
    let moves = match figures.moves {
        0 => String::new(),
        1 => "network changed  ·  ".to_owned(),
        times => format!("network changed {times} times  ·  "),
    };
    let late = figures.late.map(|late| format!("{} ms late  ·  ", late.as_millis().max(1))).unwrap_or_default();
    format!("{moves}{way}{late}{trip}  ·  {rate}  ·  {} fps", figures.updates_per_second)
}

/// The time until then, rounded up: in seconds when it is short.
pub(super) fn span(until: Instant, now: Instant) -> String {
    let left = until.saturating_duration_since(now);
    if left <= SOON {
        return format!("{} s", left.as_nanos().div_ceil(SECOND.as_nanos()));
    }
    let minutes = left.as_nanos().div_ceil(MINUTE.as_nanos());
    if minutes < 60 { format!("{minutes} min") } else { format!("{} h {:02} min", minutes / 60, minutes % 60) }
}

/// When the time until then reads otherwise next.
pub(super) fn span_change(until: Instant, now: Instant) -> Option<Instant> {
    let left = until.checked_duration_since(now).filter(|left| !left.is_zero())?;
    let step = if left <= SOON { SECOND } else { MINUTE };
    // The next whole step below what is left; from minutes to seconds at the border between them.
    let steps = u32::try_from((left.as_nanos() - 1) / step.as_nanos()).ok()?;
    until.checked_sub(step * steps)
}

fn since_seconds(since: Instant, now: Instant) -> u64 {
    now.saturating_duration_since(since).as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::{
        session::{Keying, check_words},
        wire::{Fingerprint, Permissions, PolicyReason},
    };
    use proptest::prelude::*;

    const KEY: Fingerprint = Fingerprint([1; 32]);

    #[test]
    fn spans_are_rounded_up() {
        let now = Instant::now();
        let say = |millis| span(now + Duration::from_millis(millis), now);
        assert_eq!((say(0).as_str(), say(1).as_str(), say(120_000).as_str()), ("0 s", "1 s", "120 s"));
        assert_eq!((say(120_001).as_str(), say(1_800_000).as_str()), ("3 min", "30 min"));
        assert_eq!(say(3_900_000), "1 h 05 min");
    }

    #[test]
    fn figures_are_short() {
        let figures = |millis, bytes_per_second| Figures {
            round_trip: Duration::from_micros(millis),
            bytes_per_second,
            updates_per_second: 60,
            late: None,
            moves: 0,
            transport: Transport::Udp,
        };
        assert_eq!(link(&figures(420, 999)), "0.4 ms  ·  999 B/s  ·  60 fps");
        assert_eq!(link(&figures(42_000, 1_250_000)), "42 ms  ·  1.2 MB/s  ·  60 fps");
        let late = Figures { late: Some(Duration::from_micros(31_900)), ..figures(42_000, 999) };
        assert_eq!(link(&late), "31 ms late  ·  42 ms  ·  999 B/s  ·  60 fps");
        let fallback = Figures { transport: Transport::Tcp, ..figures(42_000, 999) };
        assert_eq!(link(&fallback), "over TCP, UDP is blocked  ·  42 ms  ·  999 B/s  ·  60 fps");
        let moved = Figures { moves: 2, ..figures(42_000, 0) };
        assert_eq!(link(&moved), "network changed 2 times  ·  42 ms  ·  0 B/s  ·  60 fps");
    }

    #[test]
    fn every_end_is_a_title_and_a_sentence() {
        let ends = [End::OfficerLeft, End::Denied, End::Stopped, End::Policy(PolicyReason::Full), End::DeskLost];
        for end in ends {
            let (title, text) = ending(end);
            assert!(!title.ends_with('.') && text.ends_with('.') && text.starts_with(char::is_uppercase), "{text}");
        }
    }

    proptest! {
        /// The words stay until the moment that is told, and are others then: nothing is repainted in vain, nothing late.
        #[test]
        fn words_change_when_they_say(left in 1u64..7_200_000, kind in 0..5) {
            let start = Instant::now();
            let now = start + Duration::from_secs(7_200);
            let until = now + Duration::from_millis(left);
            let since = now - Duration::from_millis(left % 100_000);
            let hands = if left % 2 == 0 { Hands::Officer } else { Hands::User };
            let phase = match kind {
                0 => Phase::Asking { until, check: check_words(&Keying::new([1; 32], [2; 32]), &KEY, &KEY) },
                1 => Phase::Live { permissions: Permissions::CONTROL, until, hands },
                4 => Phase::Paused { reason: PauseReason::User, until },
                2 => Phase::Frozen { since },
                _ => Phase::Lost { since, until: since },
            };
            let say = |at| (line("host", &phase, &Side::default(), None, Scale::Fit, at), card("host", &phase, at));
            let change = next_change(&phase, now).unwrap();
            prop_assert!(change > now || left % 1000 == 0);
            let just_before = change - Duration::from_nanos(1);
            if just_before > now {
                prop_assert_eq!(say(now), say(just_before));
            }
            prop_assert_ne!(say(now), say(change + Duration::from_nanos(1)));
        }
    }
}
