//! The pages where the user chooses: for how long, what is shown, what is hidden, what follows a restart. Nothing can be allowed
//! there.

use super::{Hint, Page, Prompt};
use crate::{
    capture::OpenWindow,
    desk::{
        look::{self, Effect, Mark, text},
        message::{Offer, Scope},
        words::{Text, Words},
    },
};
use beside_protocol::wire::Return;
use egui::{ScrollArea, Ui};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The times that are offered, as far as they are less than what is asked for.
const TIMES: [Duration; 3] = [Duration::from_secs(15 * 60), Duration::from_secs(30 * 60), Duration::from_secs(3600)];

/// What is below the options, in points.
const BELOW: f32 = 178.0;

/// The least that options take before they scroll, in points.
const LEAST: f32 = 120.0;

impl Prompt {
    /// What is chosen besides permissions, a line each; pressing one opens its page.
    pub(super) fn rows(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let time = (Page::Time, Text::RowTime, words.time(self.choice.duration));
        let shown = || (Page::Shown, Text::RowShown, self.scope_in_words(words));
        let hidden = || match self.choice.hide.len() {
            0 => (Page::Hidden, Text::RowHidden, words.say(Text::NothingHidden)),
            count => (Page::Hidden, Text::RowHidden, words.count(Text::ProgramsHidden, "count", count as u64)),
        };
        let mut rows = match self.offer {
            Offer::Everything | Offer::OneDisplay => vec![time, shown(), hidden()],
            Offer::OneWindow => vec![time, hidden()],
            Offer::Nothing => vec![time],
        };
        if self.question.returns == Return::Once {
            rows.push((Page::Restart, Text::RowRestart, words.say(self.return_in_words())));
        }
        for (page, what, value) in rows {
            let offered = page != Page::Restart || self.offers_return();
            let what = words.say(what);
            let name = words.tell(Text::Row, [("what", what.as_str().into()), ("value", value.as_str().into())]);
            if look::row(ui, (&what, &value), &name, awake && offered && self.hint != Some(Hint::CannotTell)) {
                self.page = page;
            }
            ui.add_space(3.0);
        }
    }

    /// Whether the officer may be let back after a restart: not if the user has picked what nobody would know of then.
    fn offers_return(&self) -> bool {
        !matches!(self.choice.scope, Scope::Window(_)) && self.choice.hide.is_empty()
    }

    /// The user has picked something.
    fn picked(&mut self) {
        if !self.offers_return() {
            self.choice.returns = Return::AskAgain;
        }
    }

    fn return_in_words(&self) -> Text {
        match self.choice.returns {
            Return::AskAgain => Text::RestartAsk,
            Return::Once => Text::RestartOnce,
        }
    }

    fn scope_in_words(&self, words: &Words) -> String {
        match self.choice.scope {
            Scope::Whole => words.say(Text::WholeScreen),
            Scope::Display(number) => words.count(Text::OneDisplay, "number", number.into()),
            Scope::Window(id) => {
                let window = self.scenery.windows.iter().find(|window| window.id == id);
                words.with(Text::OneWindow, "title", window.map_or("", name))
            }
        }
    }

    /// The page that is open.
    pub(super) fn offer_options(&mut self, ui: &mut Ui, words: &Words, now: Instant) {
        let awake = self.is_awake(now);
        let (title, means) = match self.page {
            Page::Question | Page::Time => (Text::TimePage, None),
            Page::Shown => (Text::ShownPage, Some(Text::ShownMeans)),
            Page::Hidden => (Text::HiddenPage, Some(Text::HiddenMeans)),
            Page::Restart => (Text::RestartPage, Some(Text::RestartMeans)),
        };
        look::heading(ui, words.say(title), 23.0);
        ui.add_space(6.0);
        if let Some(means) = means {
            ui.label(text(words.say(means), look::SOFT_INK));
            ui.add_space(6.0);
        }
        let room = (ui.available_height() - BELOW).max(LEAST);
        ScrollArea::vertical().id_salt("options").auto_shrink(false).max_height(room).show(ui, |ui| match self.page {
            Page::Question | Page::Time => self.times(ui, words, awake),
            Page::Shown => self.scopes(ui, words, awake),
            Page::Hidden => self.programs(ui, words, awake),
            Page::Restart => self.returns(ui, words, awake),
        });
        ui.add_space(10.0);
    }

    fn times(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let asked = self.question.duration;
        let less = TIMES.into_iter().filter(|time| *time < asked).map(|time| (time, words.time(time)));
        let all = words.with(Text::TimeAsked, "time", &words.time(asked));
        for (time, label) in less.chain([(asked, all)]) {
            let mark = if self.choice.duration == time { Mark::Chosen } else { Mark::Other };
            if look::option(ui, mark, &label, "", awake, Effect::Gives) {
                self.choice.duration = time;
            }
        }
    }

    fn scopes(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let mut scopes = vec![(Scope::Whole, words.say(Text::WholeScreen), String::new())];
        if self.offer == Offer::Everything && self.scenery.displays.len() > 1 {
            for display in &self.scenery.displays {
                let Ok(number) = u16::try_from(display.number) else { continue };
                let (width, height) = (display.rect.width, display.rect.height);
                let size = [("number", number.into()), ("width", width.into()), ("height", height.into())];
                scopes.push((Scope::Display(number), words.tell(Text::DisplayOfSize, size), String::new()));
            }
        }
        for window in &self.scenery.windows {
            let title = words.with(Text::OneWindow, "title", name(window));
            scopes.push((Scope::Window(window.id), title, window.program.clone()));
        }
        for (scope, label, program) in scopes {
            let mark = if self.choice.scope == scope { Mark::Chosen } else { Mark::Other };
            if look::option(ui, mark, &label, &program, awake, Effect::Gives) {
                self.choice.scope = scope;
                self.picked();
            }
        }
    }

    fn returns(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let once = (words.say(Text::RestartOnceLong), words.say(Text::RestartWithin));
        let choices = [
            (Return::AskAgain, (words.say(Text::RestartAskLong), String::new()), Effect::Takes),
            (Return::Once, once, Effect::Gives),
        ];
        for (returns, (label, more), effect) in choices {
            let mark = if self.choice.returns == returns { Mark::Chosen } else { Mark::Other };
            if look::option(ui, mark, &label, &more, awake, effect) {
                self.choice.returns = returns;
            }
        }
    }

    fn programs(&mut self, ui: &mut Ui, words: &Words, awake: bool) {
        let mut programs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for window in &self.scenery.windows {
            programs.entry(&window.program).or_default().push(name(window));
        }
        if programs.is_empty() {
            ui.label(text(words.say(Text::NoWindows), look::SOFT_INK));
        }
        for (program, titles) in programs {
            let (mark, effect) = match self.choice.hide.contains(program) {
                true => (Mark::On, Effect::Gives),
                false => (Mark::Off, Effect::Takes),
            };
            if look::option(ui, mark, program, &titles.join(", "), awake, effect) {
                match mark {
                    Mark::On => self.choice.hide.remove(program),
                    _ => self.choice.hide.insert(program.to_owned()),
                };
                self.choice.returns = Return::AskAgain;
            }
        }
    }
}

/// What to call a window.
fn name(window: &OpenWindow) -> &str {
    if window.title.trim().is_empty() { &window.program } else { &window.title }
}
