//! What the window shows: the picture in its place, dimmed or hidden when it is not live, and the words over it.

use super::{
    Figures, Options, Phase, Scale,
    layout::{Layout, Place, Zoom},
    paint::Layer,
    render::Renderer,
    status::{self, GROUND},
    step_up::{Side, StepUp},
    surface::Canvas,
    words::{self, Card, Line},
};
use beside_protocol::{
    frame::{FramebufferView, Point, Rect, Size},
    wire::Holder,
};
use beside_shell::paint::Painter;
use egui::vec2;
use std::time::{Duration, Instant};

/// How long the status line stays over the picture in full screen.
const NOTICE: Duration = Duration::from_secs(5);

/// What is shown, and what of it has to be drawn anew.
pub(super) struct View {
    host: String,
    controls: bool,
    /// Since when it covers the screen and shows the status line for a while.
    fullscreen: Option<Instant>,
    scale: Scale,
    size: Size,
    factor: f32,
    phase: Phase,
    side: Side,
    figures: Option<Figures>,
    layout: Option<Layout>,
    line: Option<(Line, Layer)>,
    card: Option<(Card, Layer)>,
    damage: Vec<Rect>,
    renderer: Renderer,
    painter: Painter,
}

/// How the picture may be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Not at all.
    Hidden,
    /// So that nobody takes it for live.
    Dimmed,
    /// As it is.
    Live,
}

impl View {
    /// A view that is connecting.
    pub(super) fn new(options: &Options, now: Instant) -> Self {
        Self {
            host: options.host.clone(),
            controls: options.controls,
            fullscreen: options.fullscreen.then_some(now),
            scale: options.scale,
            size: Size::default(),
            factor: 1.0,
            phase: Phase::Connecting,
            side: Side::default(),
            figures: None,
            layout: None,
            line: None,
            card: None,
            damage: Vec::new(),
            renderer: Renderer::new(),
            painter: Painter::new(),
        }
    }

    /// The phase that is shown.
    pub(super) const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// The window has this size in physical pixels, `factor` of them to a logical one.
    pub(super) fn resize(&mut self, size: Size, factor: f64) {
        self.size = size;
        // In range: a factor is between one half and ten.
        self.factor = factor as f32;
        self.line = None;
        self.card = None;
        self.arrange();
    }

    /// The session stands elsewhere from `now` on.
    pub(super) fn set_phase(&mut self, phase: Phase, now: Instant) {
        let before = std::mem::replace(&mut self.phase, phase);
        self.side.follow(&self.phase);
        if look(&before) != look(&self.phase) {
            self.fullscreen = self.fullscreen.map(|_| now);
            self.damage_all();
        }
    }

    /// It stands so with what the officer has asked for.
    pub(super) const fn set_step_up(&mut self, step_up: StepUp) {
        self.side.step_up = step_up;
    }

    /// How it stands with what the officer has asked for.
    pub(super) const fn step_up(&self) -> StepUp {
        self.side.step_up
    }

    /// That one has control.
    pub(super) const fn set_holder(&mut self, holder: Holder) {
        self.side.holder = holder;
    }

    /// Names the host.
    pub(super) fn set_host(&mut self, host: String) {
        self.host = host;
    }

    /// The link does so.
    pub(super) const fn set_figures(&mut self, figures: Figures) {
        self.figures = Some(figures);
    }

    /// Whether it covers the screen.
    pub(super) const fn is_fullscreen(&self) -> bool {
        self.fullscreen.is_some()
    }

    /// The window covers the screen from `now` on, or does not any more.
    pub(super) fn set_fullscreen(&mut self, fullscreen: bool, now: Instant) {
        self.fullscreen = fullscreen.then_some(now);
        self.arrange();
    }

    /// Changes between fitting and 1:1.
    pub(super) fn toggle_scale(&mut self) {
        self.scale = match self.scale {
            Scale::Fit => Scale::OneToOne,
            Scale::OneToOne => Scale::Fit,
        };
        self.arrange();
    }

    /// These parts of a picture of this size have changed; an empty one is none. Tells whether there is a picture of a
    /// new size.
    pub(super) fn damage_picture(&mut self, picture: Size, rects: &[Rect]) -> bool {
        let picture = Some(picture).filter(|picture| picture.is_valid());
        if self.layout.map(|layout| layout.picture()) != picture {
            self.layout = picture.map(|picture| self.lay_out(picture, Point::default()));
            self.damage_all();
            return picture.is_some();
        }
        if let (Some(layout), true) = (&self.layout, look(&self.phase) != Look::Hidden) {
            self.damage.extend(rects.iter().filter_map(|rect| layout.window_part(rect)));
        }
        false
    }

    /// Everything has to be drawn anew.
    pub(super) fn damage_all(&mut self) {
        self.damage.clear();
        self.damage.push(self.size.rect());
    }

    /// What has to be drawn anew; none of it twice.
    pub(super) fn take_damage(&mut self) -> Vec<Rect> {
        std::mem::take(&mut self.damage)
    }

    /// Which pixel of the picture is there in the window; `None` without a picture.
    pub(super) fn place(&self, x: f64, y: f64) -> Option<Place> {
        // In range: a window's coordinates are small; the casts round towards the pixel's corner.
        let place = self.layout.as_ref()?.place(x.floor() as i64, y.floor() as i64);
        let covered = self.line.as_ref().is_some_and(|(_, layer)| y >= f64::from(layer.rect.y));
        Some(match place {
            Place::Inside(at) if covered => Place::Outside(at),
            place => place,
        })
    }

    /// Pans the picture by so many pixels; tells whether there was more to see.
    pub(super) fn pan(&mut self, x: i32, y: i32) -> bool {
        let Some(layout) = self.layout else { return false };
        let panned = layout.panned(x, y);
        if panned == layout {
            return false;
        }
        self.layout = Some(panned);
        self.damage.push(panned.shown());
        true
    }

    /// The part of the window that the picture has.
    pub(super) fn area(&self) -> Size {
        let line = if self.has_fixed_line() { self.line_height() } else { 0 };
        Size::new(self.size.width, self.size.height.saturating_sub(line).max(1))
    }

    /// The height of the status line in physical pixels, where there is one beside the picture.
    pub(super) fn line_height(&self) -> u32 {
        (status::LINE_HEIGHT * self.factor).ceil() as u32
    }

    /// Whether the status line has a place of its own.
    pub(super) const fn has_fixed_line(&self) -> bool {
        self.controls && self.fullscreen.is_none()
    }

    /// Brings the words up to date.
    pub(super) fn refresh(&mut self, now: Instant) {
        if self.size.pixels() == 0 {
            return;
        }
        let line = self
            .shows_line(now)
            .then(|| words::line(&self.host, &self.phase, &self.side, self.figures.as_ref(), self.scale, now));
        let card = words::card(&self.host, &self.phase, now);
        if self.line.as_ref().map(|(line, _)| line) != line.as_ref() {
            let layer = line.map(|line| self.line_layer(line));
            let before = std::mem::replace(&mut self.line, layer);
            self.damage_layers(before.map(|(_, layer)| layer.rect), self.line.as_ref().map(|(_, layer)| layer.rect));
        }
        if self.card.as_ref().map(|(card, _)| card) != card.as_ref() {
            let layer = card.map(|card| self.card_layer(card));
            let before = std::mem::replace(&mut self.card, layer);
            self.damage_layers(before.map(|(_, layer)| layer.rect), self.card.as_ref().map(|(_, layer)| layer.rect));
        }
    }

    /// When [`refresh`](Self::refresh) has something to do next though nothing happens.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        let words = words::next_change(&self.phase, now).into_iter().chain(self.side.next_change(now)).min();
        let words = words.filter(|_| self.line.is_some() || self.card.is_some());
        let notice = self.fullscreen.map(|since| since + NOTICE).filter(|end| self.controls && *end > now);
        words.into_iter().chain(notice).min()
    }

    /// Draws these parts of the window.
    pub(super) fn draw(&mut self, picture: FramebufferView<'_>, rects: &[Rect], canvas: &mut Canvas<'_>) {
        let look = look(&self.phase);
        for rect in rects {
            let layout = self.layout.filter(|layout| look != Look::Hidden && layout.picture() == picture.size());
            let part = layout.and_then(|layout| Some((layout, layout.shown().intersection(rect)?)));
            if part.is_none_or(|(_, part)| part != *rect) {
                (0..rect.height).for_each(|y| canvas.row(rect, y).fill(GROUND));
            }
            if let Some((layout, part)) = part {
                self.renderer.draw(picture, &layout, &part, canvas);
                if look == Look::Dimmed {
                    (0..part.height).for_each(|y| canvas.row(&part, y).iter_mut().for_each(dim));
                }
            }
            if let Some((_, layer)) = &self.card {
                layer.blend(rect, canvas);
            }
            if let Some((_, layer)) = &self.line {
                layer.blend(rect, canvas);
            }
        }
    }

    /// The window's size that shows a picture of this size as it is.
    pub(super) fn ideal_size(&self, picture: Size) -> Size {
        let line = if self.has_fixed_line() { self.line_height() } else { 0 };
        Size::new(picture.width, picture.height + line)
    }

    /// Whether the whole picture is not seen because it is larger than its part of the window.
    pub(super) fn can_pan(&self) -> bool {
        self.layout
            .is_some_and(|layout| matches!(layout.zoom(), Zoom::Exact(_)) && layout.shown().size() != layout.picture())
    }

    fn shows_line(&self, now: Instant) -> bool {
        self.controls && self.fullscreen.is_none_or(|since| now < since + NOTICE)
    }

    fn lay_out(&self, picture: Size, origin: Point) -> Layout {
        Layout::new(self.area(), picture, self.scale, origin)
    }

    fn arrange(&mut self) {
        self.layout = self.layout.map(|layout| self.lay_out(layout.picture(), layout.origin()));
        self.damage_all();
    }

    fn line_layer(&mut self, line: Line) -> (Line, Layer) {
        let width = self.size.width as f32 / self.factor;
        let mut layer = status::paint_line(&mut self.painter, &line, width, self.factor);
        layer.rect.y = self.size.height.saturating_sub(layer.rect.height);
        (line, layer)
    }

    fn card_layer(&mut self, card: Card) -> (Card, Layer) {
        let area = self.area();
        let room = vec2(area.width as f32, area.height as f32) / self.factor;
        let mut layer = status::paint_card(&mut self.painter, &card, room, self.factor);
        layer.rect.x = area.width.saturating_sub(layer.rect.width) / 2;
        layer.rect.y = area.height.saturating_sub(layer.rect.height) / 2;
        (card, layer)
    }

    fn damage_layers(&mut self, before: Option<Rect>, after: Option<Rect>) {
        self.damage.extend(before.into_iter().chain(after));
    }
}

/// How the picture may be shown. After the end it is not shown any more: what the user granted is over.
const fn look(phase: &Phase) -> Look {
    match phase {
        Phase::Live { .. } => Look::Live,
        Phase::Paused { .. } | Phase::Frozen { .. } | Phase::Lost { .. } => Look::Dimmed,
        Phase::Connecting | Phase::Listening { .. } | Phase::Asking { .. } | Phase::Over(_) | Phase::Failed(_) => {
            Look::Hidden
        }
    }
}

/// Takes the colour and most of the light out of a pixel.
fn dim(pixel: &mut u32) {
    let [blue, green, red, _] = pixel.to_le_bytes().map(u32::from);
    let grey = (2 * red + 5 * green + blue) / 8;
    *pixel = 0x0001_0101 * (grey * 3 / 8 + 12);
}
