//! How the window's words look: the status line and the message in the middle.

use super::{
    paint::Layer,
    words::{Card, Line, Tone},
};
use beside_shell::paint::Painter;
use egui::{Align2, Color32, CornerRadius, FontId, Stroke, StrokeKind, Vec2, pos2, vec2};

/// The status line's height in logical pixels.
pub(super) const LINE_HEIGHT: f32 = 26.0;

/// What is around the picture, and under the messages: `0x00RRGGBB`.
pub(super) const GROUND: u32 = 0x0016_181d;

const BAR: Color32 = Color32::from_rgb(0x23, 0x26, 0x2d);
const EDGE: Color32 = Color32::from_rgb(0x3a, 0x3f, 0x4a);
const STRONG: Color32 = Color32::from_rgb(0xf2, 0xf4, 0xf8);
const PLAIN: Color32 = Color32::from_rgb(0xc3, 0xc9, 0xd4);
const FAINT: Color32 = Color32::from_rgb(0x8d, 0x95, 0xa5);

/// The widest message in logical pixels, and the room within its edge.
const CARD_WIDTH: f32 = 440.0;
const CARD_MARGIN: Vec2 = vec2(28.0, 24.0);

/// Paints the status line, as wide as the window (in logical pixels).
pub(super) fn paint_line(tools: &mut Painter, line: &Line, width: f32, factor: f32) -> Layer {
    let size = vec2(width, LINE_HEIGHT);
    Layer::paint(tools, size, factor, |painter| {
        painter.rect_filled(painter.clip_rect(), CornerRadius::ZERO, BAR);
        painter.hline(0.0..=width, 0.5, Stroke::new(1.0_f32, EDGE));
        let middle = LINE_HEIGHT / 2.0 + 0.5;
        painter.circle_filled(pos2(15.0, middle), 4.0, colour(line.tone));
        let font = FontId::proportional(13.0);
        let left = |x: f32, text: &str, colour| {
            painter.text(pos2(x, middle), Align2::LEFT_CENTER, text, font.clone(), colour).right()
        };
        let end = left(27.0, &line.host, STRONG);
        let free = left(end + 12.0, &line.state, PLAIN) + 24.0;
        // What there is no room for is left out, the keys first.
        let mut right = width - 12.0;
        let wide = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), FAINT).size().x;
        for (text, colour) in fitting(line, free, right, wide) {
            let place = painter.text(pos2(right, middle), Align2::RIGHT_CENTER, text, font.clone(), colour);
            right = place.left() - 24.0;
        }
        size
    })
}

/// The texts at the right, from the right, as far as there is room for them.
fn fitting(line: &Line, left: f32, right: f32, wide: impl Fn(&str) -> f32) -> Vec<(&str, Color32)> {
    let room = right - left;
    let figures = wide(&line.figures);
    let fits = |keys: &&String| wide(keys) + 24.0 + figures <= room;
    match [&line.keys, &line.control_key].into_iter().find(fits) {
        Some(keys) => vec![(keys, FAINT), (&line.figures, PLAIN)],
        None if figures <= room && !line.figures.is_empty() => vec![(&line.figures, PLAIN)],
        None => Vec::new(),
    }
}

/// Paints the message in the middle, for a window with so much room (in logical pixels).
pub(super) fn paint_card(tools: &mut Painter, card: &Card, room: Vec2, factor: f32) -> Layer {
    let width = CARD_WIDTH.min(room.x - 16.0).max(120.0);
    Layer::paint(tools, room.max(vec2(width, 400.0)), factor, |painter| {
        let background = painter.add(egui::Shape::Noop);
        let height = write_card(painter, card, width);
        let size = vec2(width, height);
        let frame = egui::Rect::from_min_size(egui::Pos2::ZERO, size);
        painter.set(
            background,
            egui::Shape::Vec(vec![
                egui::epaint::RectShape::filled(frame, CornerRadius::same(10), BAR).into(),
                egui::epaint::RectShape::stroke(
                    frame,
                    CornerRadius::same(10),
                    Stroke::new(1.0_f32, EDGE),
                    StrokeKind::Inside,
                )
                .into(),
            ]),
        );
        size
    })
}

/// Writes the message's texts; tells the height of the card.
fn write_card(painter: &egui::Painter, card: &Card, width: f32) -> f32 {
    let inner = width - 2.0 * CARD_MARGIN.x;
    let mut top = CARD_MARGIN.y;
    let mut put = |text: &str, size: f32, colour, indent: f32, gap: f32| {
        let galley = painter.layout(text.to_owned(), FontId::proportional(size), colour, inner - indent);
        painter.galley(pos2(CARD_MARGIN.x + indent, top), std::sync::Arc::clone(&galley), colour);
        let middle = top + galley.rows.first().map_or(0.0, |row| row.height()) / 2.0;
        top += galley.size().y + gap;
        middle
    };
    let middle = put(&card.title, 20.0, STRONG, 22.0, 10.0);
    if !card.text.is_empty() {
        put(&card.text, 14.5, PLAIN, 22.0, 16.0);
    }
    put(card.hint, 13.0, FAINT, 22.0, 0.0);
    painter.circle_filled(pos2(CARD_MARGIN.x + 5.0, middle + 1.0), 5.0, colour(card.tone));
    top + CARD_MARGIN.y
}

const fn colour(tone: Tone) -> Color32 {
    match tone {
        Tone::Waiting => Color32::from_rgb(0x6f, 0xa8, 0xff),
        Tone::Good => Color32::from_rgb(0x4c, 0xc3, 0x8a),
        Tone::Doubtful => Color32::from_rgb(0xf2, 0xb1, 0x3c),
        Tone::Over => Color32::from_rgb(0xef, 0x6a, 0x62),
    }
}
