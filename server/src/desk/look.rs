//! How the desk's windows look and are pressed: colours, sizes, buttons, switches.

use super::reader;
use beside_shell::paint::Painter;
use egui::{
    Align2, Color32, CornerRadius, FontId, Galley, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2,
    accesskit::{Live, Role},
    pos2,
    text::{LayoutJob, TextWrapping},
    vec2,
};
use std::sync::Arc;

/// Behind everything in light windows.
pub(super) const PAPER: Color32 = Color32::from_rgb(0xfb, 0xfb, 0xf9);
/// Behind what belongs together.
pub(super) const CARD: Color32 = Color32::from_rgb(0xf0, 0xf2, 0xf3);
/// Text.
pub(super) const INK: Color32 = Color32::from_rgb(0x1b, 0x24, 0x30);
/// Less important text; still 7:1 on paper.
pub(super) const SOFT_INK: Color32 = Color32::from_rgb(0x4a, 0x55, 0x63);
/// What is allowed.
pub(super) const GREEN: Color32 = Color32::from_rgb(0x17, 0x73, 0x57);
/// What is refused, and dark windows.
pub(super) const SLATE: Color32 = Color32::from_rgb(0x2f, 0x3a, 0x49);
/// What stops.
pub(super) const RED: Color32 = Color32::from_rgb(0xd0, 0x2f, 0x2f);
/// Somebody uses this computer.
pub(super) const AMBER: Color32 = Color32::from_rgb(0xf2, 0xb1, 0x34);
/// Somebody sees this computer.
pub(super) const BLUE: Color32 = Color32::from_rgb(0x6c, 0xb6, 0xff);
/// A button that does nothing yet.
pub(super) const ASLEEP: Color32 = Color32::from_rgb(0xd3, 0xd8, 0xdc);
/// Its text.
pub(super) const ASLEEP_INK: Color32 = Color32::from_rgb(0x7b, 0x86, 0x92);
/// Something that went otherwise than expected.
pub(super) const WARNING: Color32 = Color32::from_rgb(0x9a, 0x45, 0x0b);
/// Text on dark windows.
pub(super) const CHALK: Color32 = Color32::from_rgb(0xf7, 0xf8, 0xf9);
/// Less important text on dark windows.
pub(super) const SOFT_CHALK: Color32 = Color32::from_rgb(0xc2, 0xca, 0xd3);

/// The size of text, in points.
pub(super) const TEXT: f32 = 17.0;

/// Sets what egui decides by itself.
pub(super) fn apply(context: &egui::Context) {
    context.set_theme(egui::Theme::Light);
    context.all_styles_mut(|style| {
        style.interaction.selectable_labels = false;
        style.spacing.item_spacing = vec2(0.0, 0.0);
        style.visuals.override_text_color = None;
    });
}

/// What `interface` returns when it is laid out on `room` points, twice, so that sizes have settled.
pub(super) fn measure(room: Vec2, scale: f32, mut interface: impl FnMut(&mut Ui) -> f32) -> f32 {
    let painter = Painter::new();
    apply(painter.context());
    painter.measure(room, scale, &mut interface).unwrap_or_default().ceil()
}

/// Text of the usual size.
pub(super) fn text(content: impl Into<String>, colour: Color32) -> RichText {
    RichText::new(content).size(TEXT).color(colour)
}

/// What pressing something does to what an officer may do: that decides whether a program may press it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It may give more: never by way of a screen reader's interface, which any program can use.
    Gives,
    /// It ends, denies or takes away.
    Takes,
}

/// A large button; true when it is pressed. One that is not `awake` does nothing.
pub(super) fn button(ui: &mut Ui, label: &str, size: Vec2, colour: Color32, awake: bool, effect: Effect) -> bool {
    large_button(ui, label, size, colour, awake, effect).0
}

/// The same, and what egui knows of it.
pub(super) fn large_button(
    ui: &mut Ui,
    label: &str,
    size: Vec2,
    colour: Color32,
    awake: bool,
    effect: Effect,
) -> (bool, Response) {
    let sense = if awake { Sense::click() } else { Sense::hover() };
    let (area, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, awake, label));
    let (fill, ink) = match (awake, response.is_pointer_button_down_on(), response.hovered()) {
        (false, ..) => (ASLEEP, ASLEEP_INK),
        (true, true, _) => (colour.lerp_to_gamma(Color32::BLACK, 0.15), CHALK),
        (true, false, true) => (colour.lerp_to_gamma(Color32::WHITE, 0.1), CHALK),
        (true, false, false) => (colour, CHALK),
    };
    let painter = ui.painter();
    painter.rect_filled(area, CornerRadius::same(8), fill);
    painter.text(area.center(), Align2::CENTER_CENTER, label, FontId::proportional(TEXT + 2.0), ink);
    focus_ring(ui, &response, area);
    let pressed = awake && is_pressed(ui, &response, effect);
    (pressed, response.on_hover_cursor(egui::CursorIcon::PointingHand))
}

/// Whether a control is pressed: by pointer or key, or by a screen reader where that may.
pub(super) fn is_pressed(ui: &Ui, response: &Response, effect: Effect) -> bool {
    response.clicked() || (effect == Effect::Takes && reader::presses(ui.ctx(), response.id))
}

/// A small button for what is done seldom; as wide as its words.
pub(super) fn small_button(ui: &mut Ui, label: &str, awake: bool, effect: Effect) -> bool {
    let ink = if awake { SOFT_INK } else { ASLEEP_INK };
    let words = ui.painter().layout_no_wrap(label.to_owned(), FontId::proportional(TEXT - 2.0), ink);
    let sense = if awake { Sense::click() } else { Sense::hover() };
    let (area, response) = ui.allocate_exact_size(words.size() + vec2(24.0, 8.0), sense);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, awake, label));
    let fill = if awake && response.hovered() { CARD } else { PAPER };
    ui.painter().rect(area, CornerRadius::same(6), fill, Stroke::new(1.0_f32, ASLEEP), StrokeKind::Inside);
    ui.painter().galley(area.min + vec2(12.0, 4.0), words, ink);
    focus_ring(ui, &response, area);
    let pressed = awake && is_pressed(ui, &response, effect);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
    pressed
}

/// One line that leads to a page: what it is about, and what is chosen there. True when it is pressed.
pub(super) fn row(ui: &mut Ui, (what, value): (&str, &str), name: &str, awake: bool) -> bool {
    let size = vec2(ui.available_width(), 28.0);
    let (area, response) = ui.allocate_exact_size(size, if awake { Sense::click() } else { Sense::hover() });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, awake, name));
    let fill = if awake && response.hovered() { ASLEEP } else { CARD };
    ui.painter().rect_filled(area, CornerRadius::same(6), fill);
    let ink = if awake { INK } else { ASLEEP_INK };
    let what = cut(ui, what, TEXT - 1.0, SOFT_INK, size.x / 2.0);
    let left = area.left() + 12.0;
    let room = area.right() - left - what.size().x - 52.0;
    let value = cut(ui, value, TEXT - 1.0, ink, room);
    let down = |words: &Galley| area.center().y - words.size().y / 2.0;
    let right = area.right() - 28.0 - value.size().x;
    let (what_at, value_at) = (pos2(left, down(&what)), pos2(right, down(&value)));
    ui.painter().galley(what_at, what, SOFT_INK);
    ui.painter().galley(value_at, value, ink);
    let tip = pos2(area.right() - 11.0, area.center().y);
    for end in [-5.0, 5.0] {
        ui.painter().line_segment([tip, tip + vec2(-5.0, end)], Stroke::new(1.5_f32, ink));
    }
    focus_ring(ui, &response, area);
    let pressed = awake && is_pressed(ui, &response, Effect::Gives);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
    pressed
}

/// How an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The one of several that is chosen.
    Chosen,
    /// One of several that is not.
    Other,
    /// On, whatever the others are.
    On,
    /// Off, whatever the others are.
    Off,
}

/// A line to choose, with more about it below if there is any. True when it is pressed.
pub(super) fn option(ui: &mut Ui, mark: Mark, label: &str, more: &str, awake: bool, effect: Effect) -> bool {
    let size = vec2(ui.available_width(), if more.is_empty() { 32.0 } else { 46.0 });
    let (area, response) = ui.allocate_exact_size(size, if awake { Sense::click() } else { Sense::hover() });
    let (kind, is_on) = match mark {
        Mark::Chosen | Mark::Other => (egui::WidgetType::RadioButton, mark == Mark::Chosen),
        Mark::On | Mark::Off => (egui::WidgetType::Checkbox, mark == Mark::On),
    };
    response.widget_info(|| egui::WidgetInfo::selected(kind, awake, is_on, format!("{label} {more}").trim_end()));
    let fill = if awake && response.hovered() { CARD } else { PAPER };
    ui.painter().rect_filled(area, CornerRadius::same(6), fill);
    let corner = if kind == egui::WidgetType::RadioButton { 9 } else { 3 };
    let sign = egui::Rect::from_center_size(pos2(area.left() + 18.0, area.center().y), vec2(18.0, 18.0));
    ui.painter().rect_stroke(sign, CornerRadius::same(corner), Stroke::new(1.5_f32, SOFT_INK), StrokeKind::Inside);
    if is_on {
        ui.painter().rect_filled(sign.shrink(4.5), CornerRadius::same(corner / 2), GREEN);
    }
    let room = area.right() - sign.right() - 20.0;
    let (label, more) = (cut(ui, label, TEXT, INK, room), cut(ui, more, TEXT - 3.0, SOFT_INK, room));
    let top = area.center().y - (label.size().y + if more.is_empty() { 0.0 } else { more.size().y }) / 2.0;
    let (left, below) = (sign.right() + 12.0, top + label.size().y);
    ui.painter().galley(pos2(left, top), label, INK);
    ui.painter().galley(pos2(left, below), more, SOFT_INK);
    focus_ring(ui, &response, area);
    let pressed = awake && is_pressed(ui, &response, effect);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
    pressed
}

/// One line of words that others have chosen, cut where its room ends.
fn cut(ui: &Ui, words: &str, size: f32, ink: Color32, room: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(words.to_owned(), FontId::proportional(size), ink);
    job.wrap = TextWrapping::truncate_at_width(room.max(0.0));
    ui.painter().layout_job(job)
}

/// A switch; `on` changes when it is pressed. One that is not `awake` shows its state only.
pub(super) fn switch(ui: &mut Ui, on: &mut bool, label: &str, awake: bool) {
    switch_of_size(ui, on, label, awake, vec2(48.0, 28.0));
}

/// The same, in another size.
pub(super) fn switch_of_size(ui: &mut Ui, on: &mut bool, label: &str, awake: bool, size: Vec2) {
    let sense = if awake { Sense::click() } else { Sense::hover() };
    let (area, mut response) = ui.allocate_exact_size(size, sense);
    let effect = if *on { Effect::Takes } else { Effect::Gives };
    if awake && is_pressed(ui, &response, effect) {
        *on = !*on;
        response.mark_changed();
    }
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Checkbox, awake, *on, label));
    let colour = match (*on, awake) {
        (true, true) => GREEN,
        (true, false) => GREEN.lerp_to_gamma(PAPER, 0.45),
        (false, true) => Color32::from_rgb(0x8b, 0x96, 0xa2),
        (false, false) => ASLEEP,
    };
    let radius = area.height() / 2.0;
    let knob = if *on { area.right() - radius } else { area.left() + radius };
    let painter = ui.painter();
    painter.rect_filled(area, radius, colour);
    painter.circle_filled(pos2(knob, area.center().y), radius * 0.75, Color32::WHITE);
    focus_ring(ui, &response, area);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
}

/// The words that a window is about: a screen reader reads them first, and again when they change.
pub(super) fn heading(ui: &mut Ui, content: impl Into<String>, size: f32) {
    let response = ui.label(RichText::new(content).size(size).color(INK));
    announce(ui, &response);
}

/// Has a screen reader read a label when it appears or changes.
pub(super) fn announce(ui: &Ui, response: &Response) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        let content = node.value().unwrap_or_default().to_owned();
        node.set_role(Role::Heading);
        // A label's text is its value; that of other roles is read only by their name.
        node.set_label(content);
        node.clear_value();
        node.set_live(Live::Polite);
    });
}

/// Has a screen reader read out a sentence when it appears.
pub(super) fn read_out(ui: &Ui, response: &Response) {
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
}

fn focus_ring(ui: &Ui, response: &Response, area: egui::Rect) {
    if response.has_focus() {
        let ring = Stroke::new(3.0_f32, Color32::from_rgb(0x2b, 0x7d, 0xe9));
        ui.painter().rect_stroke(area.expand(3.0), CornerRadius::same(10), ring, StrokeKind::Outside);
    }
}
