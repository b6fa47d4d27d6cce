//! How the desk's windows look: colours, sizes, buttons, switches.

use beside_shell::paint::Painter;
use egui::{Align2, Color32, CornerRadius, FontId, Response, RichText, Sense, Stroke, StrokeKind, Ui, Vec2, vec2};

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
pub(super) fn apply(painter: &Painter) {
    let context = painter.context();
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
    apply(&painter);
    painter.measure(room, scale, &mut interface).unwrap_or_default().ceil()
}

/// Text of the usual size.
pub(super) fn text(content: impl Into<String>, colour: Color32) -> RichText {
    RichText::new(content).size(TEXT).color(colour)
}

/// A large button. One that is not `awake` does nothing.
pub(super) fn button(ui: &mut Ui, label: &str, size: Vec2, colour: Color32, awake: bool) -> Response {
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
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A switch; `on` changes when it is pressed. One that is not `awake` shows its state only.
pub(super) fn switch(ui: &mut Ui, on: &mut bool, label: &str, awake: bool) {
    switch_of_size(ui, on, label, awake, vec2(48.0, 28.0));
}

/// The same, in another size.
pub(super) fn switch_of_size(ui: &mut Ui, on: &mut bool, label: &str, awake: bool, size: Vec2) {
    let sense = if awake { Sense::click() } else { Sense::hover() };
    let (area, mut response) = ui.allocate_exact_size(size, sense);
    if response.clicked() {
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
    painter.circle_filled(egui::pos2(knob, area.center().y), radius * 0.75, Color32::WHITE);
    focus_ring(ui, &response, area);
    response.on_hover_cursor(egui::CursorIcon::PointingHand);
}

fn focus_ring(ui: &Ui, response: &Response, area: egui::Rect) {
    if response.has_focus() {
        let ring = Stroke::new(3.0_f32, Color32::from_rgb(0x2b, 0x7d, 0xe9));
        ui.painter().rect_stroke(area.expand(3.0), CornerRadius::same(10), ring, StrokeKind::Outside);
    }
}

/// A time in words: whole minutes, rounded up.
pub(super) fn minutes(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    let plural = |count: u64, unit: &str| if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") };
    match (minutes / 60, minutes % 60) {
        (0, minutes) => plural(minutes, "minute"),
        (hours, 0) => plural(hours, "hour"),
        (hours, minutes) => format!("{} {}", plural(hours, "hour"), plural(minutes, "minute")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_minutes_rounded_up() {
        for (seconds, words) in [
            (0, "0 minutes"),
            (1, "1 minute"),
            (60, "1 minute"),
            (61, "2 minutes"),
            (3600, "1 hour"),
            (8000, "2 hours 14 minutes"),
        ] {
            assert_eq!(minutes(seconds), words);
        }
    }
}
