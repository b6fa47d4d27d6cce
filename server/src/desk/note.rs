//! The note after a session: that it is over, why, and what happened in it. It goes away by itself.

use super::{
    look::{self, text},
    message::Summary,
    words::{Text, Words},
};
use beside_protocol::{
    session::host::{Kept, Used},
    wire::{End, Permission, Permissions},
};
use egui::{CornerRadius, Frame, Margin, Stroke, StrokeKind, Ui};
use std::time::{Duration, Instant};

/// The width, in points.
pub(super) const WIDTH: f32 = 420.0;

/// How long it stays, and how much longer for each session of which it tells what happened: two or three sentences, read slowly.
const STAY: Duration = Duration::from_secs(8);
const READING: Duration = Duration::from_secs(12);

/// Of how many sessions that end one after the other it tells.
const MOST: usize = 3;

/// Why nothing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// As the server says.
    Session(End),
    /// The server did not obey, and was ended.
    ServerEnded,
}

/// Whether other sessions go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Some do.
    GoOn,
    /// This was the last.
    None,
}

/// A session that is over.
#[derive(Clone, Debug)]
struct Over {
    why: Why,
    summary: Option<Summary>,
}

/// One note.
#[derive(Debug)]
pub(super) struct Note {
    /// The last first; never empty.
    sessions: Vec<Over>,
    /// How many before them are not told of any more.
    more: usize,
    others: Others,
    until: Instant,
}

impl Note {
    /// A note that appears at `now`, in the place of `earlier`, which may not have been read: it tells what that did, too.
    pub(super) fn new(why: Why, summary: Option<Summary>, others: Others, earlier: Option<Self>, now: Instant) -> Self {
        let mut more = 0;
        let mut sessions = vec![Over { why, summary }];
        if let Some(earlier) = earlier.filter(|note| note.until > now) {
            more = earlier.more;
            sessions.extend(earlier.sessions);
        }
        more += sessions.len().saturating_sub(MOST);
        sessions.truncate(MOST);
        let reading = sessions.iter().filter(|over| over.summary.is_some()).map(|_| READING).sum::<Duration>();
        Self { sessions, more, others, until: now + STAY + reading }
    }

    /// When it goes away.
    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    /// Lays it out.
    pub(super) fn show(&self, ui: &mut Ui, words: &Words) {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::PAPER);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::ASLEEP_INK), StrokeKind::Inside);
        Frame::NONE.inner_margin(Margin::symmetric(22, 16)).show(ui, |ui| {
            look::heading(ui, words.say(Text::SessionEnded), 20.0);
            let mut before = None;
            for Over { why, summary } in &self.sessions {
                ui.add_space(6.0);
                if before.replace(*why) != Some(*why) {
                    ui.label(text(reason(*why, words), look::SOFT_INK));
                }
                if let Some(summary) = summary {
                    tell(ui, summary, words);
                }
            }
            if self.more > 0 {
                ui.label(text(words.count(Text::AndMore, "count", self.more as u64), look::SOFT_INK));
            }
            let kept = |over: &&Over| over.summary.as_ref().is_some_and(|summary| summary.kept == Kept::Receipt);
            let kept = self.sessions.iter().filter(kept).count();
            let mut last = Vec::new();
            if kept > 0 {
                last.push(words.count(Text::ReceiptKept, "count", kept as u64));
            }
            if self.others == Others::None {
                last.push(words.say(Text::NobodySees));
            }
            if !last.is_empty() {
                ui.add_space(6.0);
                ui.label(text(last.join(" "), look::SOFT_INK));
            }
        });
    }
}

fn reason(why: Why, words: &Words) -> String {
    match why {
        Why::Session(end) => words.end(end),
        Why::ServerEnded => words.say(Text::ServerEnded),
    }
}

/// What happened in a session: who was there, for how long, and what they did or could have done.
fn tell(ui: &mut Ui, summary: &Summary, words: &Words) {
    let Summary { officer, seconds, allowed, added, used, standing, .. } = summary;
    let was_here = match (used, allowed.has(Permission::Control)) {
        (Used::Yes, _) => Text::WasHereUsed,
        (Used::No, true) => Text::WasHereUnused,
        (Used::No, false) => Text::WasHereSaw,
    };
    let time = words.span(Duration::from_secs((*seconds).into()));
    let who = words.who(officer);
    let response = ui.label(text(words.tell(was_here, [("who", who.into()), ("time", time.into())]), look::INK));
    look::read_out(ui, &response);
    let named = |permissions: Permissions| {
        permissions.iter().map(|permission| words.permission_short(permission)).collect::<Vec<_>>().join(", ")
    };
    let always = allowed.except(*added).except(Permissions::CONTROL);
    let mut rest = Vec::new();
    if !always.is_empty() {
        rest.push(words.with(Text::AlsoAllowed, "what", &named(always)));
    }
    if !added.is_empty() {
        rest.push(words.with(Text::AddedForAWhile, "what", &named(*added)));
    }
    if *standing {
        rest.push(words.say(Text::NobodyAsked));
    }
    if !rest.is_empty() {
        ui.label(text(rest.join(" "), look::SOFT_INK));
    }
}
