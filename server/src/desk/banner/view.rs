//! How the banner looks: one line with Pause and Stop, and below it a row for each officer where there is more to say.

use super::{Banner, Ending, NAME, Rows, SHORTEST_NAME, Session, Wish};
use crate::desk::{
    look::{self, Effect},
    words::{Text, Words},
};
use beside_protocol::wire::Permission;
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Layout, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui,
    pos2, vec2,
};
use std::time::Instant;

/// The width, in points: always the same, so that Stop stays where it is.
pub(in crate::desk) const WIDTH: f32 = 820.0;

/// The main line's height, in points.
const HEIGHT: f32 = 64.0;

/// The size of the main line's words.
const HEADLINE: f32 = 18.0;

/// The smallest size to which a long line shrinks.
const SMALLEST: f32 = 12.5;

/// A row's.
const ROW: f32 = 48.0;

/// The most officers with a row of their own.
const ROWS: usize = 3;

/// Round everything in it, and between its buttons.
const MARGIN: f32 = 9.0;

const STOP: f32 = 100.0;
const PAUSE: f32 = 100.0;
const END: f32 = 64.0;

/// A switch and the room for its name.
const SWITCH: egui::Vec2 = vec2(40.0, 22.0);

/// What the user has pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::desk) enum Action {
    /// Ends all sessions.
    Stop,
    /// Nothing is to be shown or done.
    Pause,
    /// It is to go on.
    Continue,
    /// Ends one session.
    End {
        /// Which.
        session: u64,
    },
    /// A switch has been pressed.
    Switch {
        /// Whose.
        session: u64,
        /// For what.
        permission: Permission,
        /// How it is to be.
        on: bool,
    },
}

impl Action {
    /// Whether an officer gets more by it: that may not come from a program.
    pub(in crate::desk) const fn gives(self) -> bool {
        matches!(self, Self::Continue | Self::Switch { on: true, .. })
    }
}

/// What came of showing a banner.
#[derive(Clone, Copy, Debug)]
pub(in crate::desk) struct Shown {
    /// What was pressed.
    pub(in crate::desk) action: Option<Action>,
    /// The height of all of it, in points.
    pub(in crate::desk) height: f32,
}

impl Banner {
    /// Lays it out.
    pub(in crate::desk) fn show(&self, ui: &mut Ui, words: &Words, now: Instant) -> Shown {
        let area = ui.ctx().content_rect();
        ui.painter().rect_filled(area, CornerRadius::ZERO, look::SLATE);
        ui.painter().rect_stroke(area, 0.0, Stroke::new(1.0_f32, look::SOFT_INK), StrokeKind::Inside);
        let mut action = self.main_line(ui, words, now);
        let mut top = HEIGHT;
        let mut rows: Vec<_> = if self.has_rows() { self.sessions.iter().collect() } else { Vec::new() };
        // Who controls comes first, who is away last.
        rows.sort_by_key(|(_, session)| (!session.controls(), !session.is_here()));
        for (id, session) in rows.iter().take(ROWS) {
            let row = Rect::from_min_size(pos2(0.0, top), vec2(WIDTH, ROW));
            // Before the others are asked: each has to be laid out.
            let pressed = self.row(ui, words, row, (**id, session), now);
            action = action.or(pressed);
            top += ROW;
        }
        if let more @ 1.. = rows.len().saturating_sub(ROWS) {
            let area = Rect::from_min_max(pos2(46.0, top), pos2(WIDTH - MARGIN, top + 24.0));
            line(ui, area, words.count(Text::AndMore, "count", more as u64), 15.0, look::SOFT_CHALK);
            top += 30.0;
        }
        Shown { action, height: top }
    }

    /// Whether the main line does not say it all.
    fn has_rows(&self) -> bool {
        self.wish != Wish::Stop
            && self.rows == Rows::Shown
            && (self.sessions.len() > 1 || self.sessions.values().any(|session| session.switches().len() > 1))
    }

    /// Dot, words, the only officer's switch, Pause and Stop.
    fn main_line(&self, ui: &mut Ui, words: &Words, now: Instant) -> Option<Action> {
        let button = HEIGHT - 2.0 * MARGIN;
        let stop = Rect::from_min_size(pos2(WIDTH - MARGIN - STOP, MARGIN), vec2(STOP, button));
        let pause = Rect::from_min_size(pos2(stop.left() - MARGIN - PAUSE, MARGIN), vec2(PAUSE, button));
        self.mark(ui, pos2(27.0, HEIGHT / 2.0));
        let awake = self.wish != Wish::Stop;
        let mut action = None;
        let mut right = pause.left() - 16.0;
        if let (false, 1, Some((&session, only))) = (self.has_rows(), self.sessions.len(), self.sessions.iter().next())
            && awake
        {
            let middle = HEIGHT / 2.0;
            (action, right) = switches(ui, words, (session, only), right, middle);
        }
        let place = Rect::from_min_max(pos2(46.0, MARGIN), pos2(right - 8.0, HEIGHT - MARGIN));
        let headline = self.fitting_headline(ui, words, place.width());
        let headline = line(ui, place.with_max_y(MARGIN + 24.0), headline, HEADLINE, look::CHALK);
        look::announce(ui, &headline);
        line(ui, place.with_min_y(MARGIN + 25.0), self.detail(words, now), 15.5, look::SOFT_CHALK);
        if awake {
            let (label, colour, pressed, effect) = match self.is_paused() {
                true => (Text::Continue, look::GREEN, Action::Continue, Effect::Gives),
                false => (Text::Pause, look::SOFT_INK, Action::Pause, Effect::Takes),
            };
            let label = words.say(label);
            let clicked = in_place(ui, pause, |ui| look::button(ui, &label, pause.size(), colour, true, effect));
            action = clicked.then_some(pressed).or(action);
        }
        let label = words.say(Text::Stop);
        let clicked = in_place(ui, stop, |ui| look::button(ui, &label, stop.size(), look::RED, awake, Effect::Takes));
        clicked.then_some(Action::Stop).or(action)
    }

    /// The main line, with names as long as there is room for: what the officers can do is never cut.
    fn fitting_headline(&self, ui: &Ui, words: &Words, width: f32) -> String {
        let fits = |text: &String| {
            let font = FontId::proportional(HEADLINE);
            ui.painter().layout_no_wrap(text.clone(), font, look::CHALK).size().x <= width
        };
        let shorter = (SHORTEST_NAME..=NAME).rev().map(|name| self.headline(words, name)).find(fits);
        shorter.unwrap_or_else(|| self.headline(words, SHORTEST_NAME))
    }

    /// One officer: dot, name and state, switches, End.
    fn row(
        &self,
        ui: &mut Ui,
        words: &Words,
        row: Rect,
        (id, session): (u64, &Session),
        now: Instant,
    ) -> Option<Action> {
        ui.painter().hline(14.0..=WIDTH - 14.0, row.top(), Stroke::new(1.0_f32, look::SOFT_INK));
        ui.painter().circle_filled(pos2(27.0, row.center().y), 5.0, colour(session));
        let end = Rect::from_center_size(pos2(WIDTH - MARGIN - END / 2.0, row.center().y), vec2(END, 28.0));
        let awake = session.ending == Ending::No;
        // The only one is ended by Stop.
        let is_one_of_several = self.sessions.len() > 1;
        let (mut action, mut right) = (None, if is_one_of_several { end.left() - 16.0 } else { end.right() });
        if awake {
            (action, right) = switches(ui, words, (id, session), right, row.center().y);
        }
        let who = words.who(&session.officer);
        let place = Rect::from_min_max(pos2(46.0, row.top()), pos2(right - 8.0, row.bottom()));
        let (name, status) = (row.top() + 6.0, row.top() + 25.0);
        line(ui, place.with_min_y(name).with_max_y(status), who.clone(), 15.5, look::CHALK);
        line(
            ui,
            place.with_min_y(status).with_max_y(status + 16.0),
            session.status(words, now),
            13.5,
            look::SOFT_CHALK,
        );
        if is_one_of_several && in_place(ui, end, |ui| small_button(ui, words, &who, end.size(), awake)) {
            action = Some(Action::End { session: id });
        }
        action
    }

    /// The sign at the left: a dot, or during a pause two bars.
    fn mark(&self, ui: &Ui, at: egui::Pos2) {
        let here = self.sessions.values().filter(|session| session.is_here());
        let strongest = here.max_by_key(|session| session.controls());
        if self.wish != Wish::Stop && self.is_paused() {
            for x in [-4.0, 4.0] {
                let bar = Rect::from_center_size(at + vec2(x, 0.0), vec2(4.5, 15.0));
                ui.painter().rect_filled(bar, CornerRadius::same(2), look::CHALK);
            }
            return;
        }
        let colour = match (self.wish, strongest) {
            (Wish::Stop, _) | (_, None) => look::SOFT_CHALK,
            (_, Some(session)) => colour(session),
        };
        ui.painter().circle_filled(at, 7.0, colour);
    }
}

fn colour(session: &Session) -> Color32 {
    match (session.is_here() && session.paused().is_none(), session.controls()) {
        (false, _) => look::SOFT_CHALK,
        (true, true) => look::AMBER,
        (true, false) => look::BLUE,
    }
}

/// The switches of a session with their names, from `right` to the left. Returns what was pressed, and where they begin.
fn switches(
    ui: &mut Ui,
    words: &Words,
    (session, shown): (u64, &Session),
    right: f32,
    middle: f32,
) -> (Option<Action>, f32) {
    let (mut action, mut right) = (None, right);
    for (permission, is_on) in shown.switches().into_iter().rev() {
        let area = Rect::from_min_size(pos2(right - SWITCH.x, middle - SWITCH.y / 2.0), SWITCH);
        let name = words.permission_short(permission);
        let mut on = is_on;
        let label = [("what", name.as_str().into()), ("who", words.who(&shown.officer).into())];
        let label = words.tell(Text::SwitchOf, label);
        in_place(ui, area, |ui| look::switch_of_size(ui, &mut on, &label, true, SWITCH));
        if on != is_on {
            action = Some(Action::Switch { session, permission, on });
        }
        let at = pos2(area.left() - 8.0, middle);
        let text = ui.painter().text(at, Align2::RIGHT_CENTER, name, FontId::proportional(15.0), look::CHALK);
        right = text.left() - 14.0;
    }
    (action, right)
}

/// One line of text: smaller where it is long, and cut where its room ends even so.
fn line(ui: &mut Ui, area: Rect, content: String, size: f32, colour: Color32) -> Response {
    let width = |size| {
        let font = FontId::proportional(size);
        ui.painter().layout_no_wrap(content.clone(), font, colour).size().x
    };
    let sizes = std::iter::successors(Some(size), |size| Some(size - 0.5).filter(|size| *size >= SMALLEST));
    let size = sizes.into_iter().find(|size| width(*size) <= area.width()).unwrap_or(SMALLEST);
    let text = RichText::new(&content).size(size).color(colour);
    in_place(ui, area, |ui| ui.add(egui::Label::new(text).truncate()))
}

/// A button that is not the main one of the window.
fn small_button(ui: &mut Ui, words: &Words, whose: &str, size: egui::Vec2, awake: bool) -> bool {
    let (label, name) = (words.say(Text::End), words.with(Text::EndOf, "who", whose));
    let (area, response) = ui.allocate_exact_size(size, if awake { Sense::click() } else { Sense::hover() });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, awake, &name));
    let fill = if response.hovered() && awake { look::SOFT_INK } else { look::SLATE };
    ui.painter().rect(area, CornerRadius::same(6), fill, Stroke::new(1.0_f32, look::SOFT_CHALK), StrokeKind::Inside);
    let ink = if awake { look::CHALK } else { look::ASLEEP_INK };
    ui.painter().text(area.center(), Align2::CENTER_CENTER, label, FontId::proportional(15.0), ink);
    let pressed = awake && look::is_pressed(ui, &response, Effect::Takes);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
    pressed
}

fn in_place<R>(ui: &mut Ui, area: Rect, add: impl FnOnce(&mut Ui) -> R) -> R {
    let place = egui::UiBuilder::new().max_rect(area).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(place, add).inner
}
