//! Nothing is cut off and nothing overlaps, in the language with the longest words too.

use super::*;
use egui::{Rect, Shape, epaint::ClippedShape, pos2, vec2};

/// What is left of the lowest usual screen, 768 pixels, below a panel and a window's frame, in points.
const ROOM: f32 = 680.0;

/// What rounding may move, in points.
const SLACK: f32 = 1.0;

/// What a window shows, and how much of the room it takes.
fn paint(scene: &mut Scene, scale: f32, height: f32) -> (Vec<ClippedShape>, f32) {
    let context = egui::Context::default();
    look::apply(&context);
    let mut used = 0.0;
    let mut shapes = Vec::new();
    for _ in 0..3 {
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(scene.width, height)));
        let mut input = egui::RawInput { screen_rect, ..egui::RawInput::default() };
        input.viewports.entry(input.viewport_id).or_default().native_pixels_per_point = Some(scale);
        let output = context.run_ui(input, |ui| {
            (scene.show)(ui);
            used = ui.min_rect().height();
        });
        shapes = output.shapes;
    }
    (shapes, used)
}

/// The texts that can be seen, with where they are and where they may be seen.
fn texts(shapes: &[ClippedShape]) -> Vec<(String, Rect, Rect)> {
    let mut found = Vec::new();
    for ClippedShape { clip_rect, shape } in shapes {
        if let Shape::Text(text) = shape
            && !text.galley.text().trim().is_empty()
        {
            assert!(!text.galley.elided, "cut: {}", text.galley.text());
            let rect = text.galley.rect.translate(text.pos.to_vec2());
            if clip_rect.intersects(rect) {
                found.push((text.galley.text().to_owned(), rect, *clip_rect));
            }
        }
    }
    found
}

/// The filled boxes of buttons and cards.
fn boxes(shapes: &[ClippedShape]) -> Vec<Rect> {
    let filled = |shape: &ClippedShape| match &shape.shape {
        Shape::Rect(rect) if rect.fill.a() == 255 => Some(rect.rect),
        _ => None,
    };
    shapes.iter().filter_map(filled).collect()
}

#[test]
fn every_window_is_whole_in_every_language() {
    for language in Language::ALL {
        for scale in [1.0, 2.0] {
            for mut scene in scenes(language) {
                let place = format!("{language}, {} at {scale}", scene.name);
                let (_, height) = paint(&mut scene, scale, 2000.0);
                assert!(height <= ROOM, "{place}: {height} points high");
                let (shapes, _) = paint(&mut scene, scale, height.max(40.0));
                let (texts, boxes) = (texts(&shapes), boxes(&shapes));
                assert!(!texts.is_empty(), "{place}");
                for (index, (text, rect, clip)) in texts.iter().enumerate() {
                    let seen = clip.expand(SLACK);
                    let scrolls = clip.height() < height - SLACK;
                    let across = seen.left() <= rect.left() && rect.right() <= seen.right();
                    assert!(across && (scrolls || seen.contains_rect(*rect)), "{place}: {text:?} is cut off");
                    for around in boxes.iter().filter(|around| around.contains(rect.center())) {
                        let inside = around.expand(SLACK).x_range().contains(rect.left())
                            && around.expand(SLACK).x_range().contains(rect.right());
                        assert!(inside, "{place}: {text:?} is wider than what it is in");
                    }
                    for (other, taken, hers) in &texts[..index] {
                        let both = taken.shrink(SLACK).intersect(rect.shrink(SLACK)).intersect(*clip).intersect(*hers);
                        assert!(!both.is_positive(), "{place}: {text:?} lies over {other:?}");
                    }
                }
            }
        }
    }
}
