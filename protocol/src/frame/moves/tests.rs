//! Moves as screens make them, coded by the encoder and decoded by a picture.

use proptest::prelude::*;

use super::super::{Change, Coder, CopyRect, Encoder, Framebuffer, Patch, Picture, Point, Rect, Region, Size};

const PAPER: u32 = 0x00ff_ffff;
const INK: u32 = 0x0020_2428;
/// From one line of text to the next.
const LINE: u32 = 17;

/// A host with a screen to draw on, and its viewer.
struct Desk {
    screen: Framebuffer,
    encoder: Encoder,
    viewer: Picture,
}

impl Desk {
    fn new(width: u32, height: u32) -> Self {
        let size = Size::new(width, height);
        let mut screen = Framebuffer::new(size);
        screen.pixels_mut().fill(PAPER);
        let encoder = Encoder::new(size, [1; 16]).unwrap();
        Self { screen, encoder, viewer: Picture::new(size, 0).unwrap() }
    }

    /// Sends what has changed. Returns what the update does on the screen, and its bytes.
    fn send(&mut self) -> (Change, usize) {
        let bytes: Vec<u8> = self.screen.pixels().iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let size = self.screen.size();
        let patch = Patch::new(size.rect(), size.width as usize * 4, &bytes).unwrap();
        let Some(mut update) = self.encoder.update(&[patch]) else { return Default::default() };
        let parts: Vec<_> = update.jobs.into_iter().map(|job| job.run(&mut Coder::new()).bytes).collect();
        parts.iter().for_each(|part| drop(self.viewer.part(part).unwrap()));
        assert_eq!(self.viewer.shown(), self.screen.view());
        update.change.copies.retain(|copy| copy.to.fits(size));
        (update.change, parts.iter().map(|part| part.len()).sum())
    }

    fn fill(&mut self, rect: Rect, colour: u32) {
        (0..rect.height).for_each(|y| self.screen.row_mut(&rect, y).unwrap().fill(colour));
    }

    /// Shows the part of an endless text that begins `down` pixels below its top and `right` pixels from its left edge.
    fn text(&mut self, rect: Rect, (right, down): (u32, u32), seed: u32) {
        for y in 0..rect.height {
            let row = self.screen.row_mut(&rect, y).unwrap();
            (0..).zip(row).for_each(|(x, pixel)| *pixel = text_at(x + right, y + down, seed));
        }
    }

    /// Noise, of which no two places are alike.
    fn noise(&mut self, rect: Rect, seed: u32) {
        for y in 0..rect.height {
            let row = self.screen.row_mut(&rect, y).unwrap();
            (0..).zip(row).for_each(|(x, pixel)| *pixel = random(seed ^ (y << 12 | x)) & 0x00ff_ffff);
        }
    }

    fn move_rect(&mut self, to: Rect, x: u32, y: u32) {
        self.screen.copy_rect(&CopyRect { to, from: Point { x, y } });
    }
}

fn random(seed: u32) -> u32 {
    let mixed = (seed ^ seed >> 16).wrapping_mul(0x7feb_352d);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
    mixed ^ mixed >> 16
}

/// A text in a fixed width of 8 pixels: 40 letters of random strokes, words, lines of any length, every fifth blank.
fn text_at(x: u32, y: u32, seed: u32) -> u32 {
    let (line, column) = (y / LINE, x / 8);
    let length = random(seed ^ line) % 110;
    let letter = random(seed ^ line << 8 ^ column << 20) % 48;
    if line % 5 == 4 || column >= length || letter >= 40 || y % LINE >= 12 || x % 8 == 7 {
        return PAPER;
    }
    let bits = random((letter << 4) + y % LINE);
    if bits >> (x % 8 / 2) & 1 == 1 { INK } else { PAPER }
}

#[test]
fn a_pane_that_scrolls_beside_a_fixed_bar() {
    for rows in (1..=100).filter(|rows| rows % 7 == 1 || rows % LINE == 0) {
        let mut desk = Desk::new(800, 600);
        let pane = Rect::new(203, 41, 550, 507);
        desk.text(Rect::new(0, 0, 800, 600), (3, 5), 1);
        desk.text(pane, (0, 300), 2);
        desk.send();
        for down in [300 + rows, 300] {
            desk.text(pane, (0, down), 2);
            let (change, _) = desk.send();
            // The first and the last line are sent whole.
            let new = u64::from((rows + rows.min(LINE)) * pane.width);
            assert!(!change.copies.is_empty(), "{rows} rows: {change:?}");
            assert!(change.literals.pixels() < new * 5 / 4 + 1_000, "{rows} rows: {:?}", change.literals.pixels());
            // What comes back after it has scrolled out was kept, if it is more than a few strokes.
            let known = down == 300 && rows >= LINE;
            assert!(!known || change.literals.pixels() < new / 4 + 1_000, "{rows} rows: {change:?}");
        }
    }
}

#[test]
fn what_goes_on_and_what_turns_back_are_both_found() {
    let (mut desk, pane) = (Desk::new(640, 480), Rect::new(100, 40, 400, 400));
    let mut at = 200;
    desk.text(pane, (0, at), 3);
    desk.send();
    for way in [51, 51, 51, -34, -34, 17, 0, 17] {
        at = at.wrapping_add_signed(way);
        desk.text(pane, (0, at), 3);
        let (change, _) = desk.send();
        let new = u64::from(way.unsigned_abs() * pane.width);
        assert!(change.literals.pixels() <= new, "{way}: {change:?}");
    }
}

#[test]
fn sideways_and_slanting() {
    for (right, down) in [(8, 0), (33, 0), (1, 1), (40, 17), (100, 3)] {
        let mut desk = Desk::new(700, 500);
        let pane = Rect::new(70, 30, 500, 400);
        desk.text(Rect::new(0, 0, 700, 500), (0, 0), 1);
        desk.text(pane, (100, 100), 2);
        desk.send();
        for (right, down) in [(100 + right, 100 + down), (100, 100), (100 + right, 100 - down)] {
            desk.text(pane, (right, down), 2);
            let (change, _) = desk.send();
            assert!(!change.copies.is_empty(), "{right}, {down}");
            assert!(change.literals.pixels() < 100_000, "{right}, {down}: {:?}", change.literals.pixels());
        }
    }
}

#[test]
fn two_panes_at_once() {
    let mut desk = Desk::new(900, 600);
    let panes = [Rect::new(0, 30, 450, 560), Rect::new(453, 30, 430, 300)];
    desk.text(panes[0], (0, 50), 1);
    desk.text(panes[1], (0, 50), 2);
    desk.send();
    desk.text(panes[0], (0, 50 + 3 * LINE), 1);
    desk.text(panes[1], (0, 50 - LINE), 2);
    let (change, _) = desk.send();
    assert_eq!(change.copies.len(), 2);
    let lines = 3 * panes[0].width + panes[1].width;
    assert!(change.literals.pixels() < u64::from(lines * LINE));
}

#[test]
fn a_caret_and_a_bar_of_its_own_pace_do_not_stop_it() {
    let mut desk = Desk::new(640, 480);
    let pane = Rect::new(20, 20, 600, 440);
    for down in [0, 2 * LINE] {
        desk.text(pane, (0, down), 1);
        desk.fill(Rect::new(300, 200, 2, 14), INK);
        desk.fill(Rect::new(610, 20, 10, 440), 0x00dd_dddd);
        desk.fill(Rect::new(610, 100 + down / 4, 10, 50), 0x0088_8888);
        let (change, _) = desk.send();
        if down > 0 {
            assert_eq!(change.copies.len(), 1);
            assert!(change.literals.pixels() < u64::from(2 * LINE * pane.width));
        }
    }
}

#[test]
fn a_window_that_is_dragged_over_a_wallpaper() {
    let mut desk = Desk::new(1_000, 700);
    let mut wallpaper = Desk::new(1_000, 700);
    wallpaper.noise(Rect::new(0, 0, 1_000, 700), 5);
    let window = |x, y| Rect::new(x, y, 600, 400);
    let mut last = (50, 60);
    for (x, y) in [last, (63, 55), (63, 90), (20, 20), (21, 20)] {
        desk.screen.clone_from(&wallpaper.screen);
        desk.text(window(x, y), (0, 0), 2);
        let (change, _) = desk.send();
        if (x, y) != last {
            let mut uncovered = Region::from(window(last.0, last.1));
            uncovered.subtract(&window(x, y));
            assert!(!change.copies.is_empty());
            assert!(change.literals.pixels() < uncovered.pixels() * 5 / 4, "{} pixels", change.literals.pixels());
        }
        last = (x, y);
    }
}

#[test]
fn a_wallpaper_that_was_seen_comes_back_under_a_dragged_window() {
    let mut desk = Desk::new(1_000, 700);
    desk.noise(Rect::new(0, 0, 1_000, 700), 5);
    let wallpaper = desk.screen.clone();
    desk.send();
    for step in 0..40 {
        desk.screen.clone_from(&wallpaper);
        desk.text(Rect::new(50 + step % 20 * 9, 60 + step * 3, 600, 400), (0, 0), 2);
        let (change, bytes) = desk.send();
        assert!(step == 0 || bytes < 1_000, "step {step}: {bytes} bytes, {change:?}");
    }
}

#[test]
fn windows_come_back_where_they_were_and_elsewhere() {
    let mut desk = Desk::new(1_000, 700);
    let windows =
        |turn: u32| [(Rect::new(40 + turn * 37, 30 + turn * 21, 600, 400), 2), (Rect::new(300, 200, 650, 480), 3)];
    for step in 0..14 {
        desk.fill(Rect::new(0, 0, 1_000, 700), 0x0044_6688);
        let mut windows = windows(step / 2);
        windows.rotate_left(step as usize % 2);
        windows.iter().for_each(|(window, seed)| desk.text(*window, (0, 0), *seed));
        // A caret, each time elsewhere.
        let (front, _) = windows[1];
        desk.fill(Rect::new(front.x + 50 + step * 8, front.y + 60 + step * 17, 2, 14), INK);
        let (c, bytes) = desk.send();
        eprintln!("step {step}: {bytes} bytes {c:?}");
    }
}

#[test]
fn menus_open_and_close_over_a_text() {
    let mut desk = Desk::new(900, 600);
    for step in 0..12u32 {
        desk.text(Rect::new(0, 0, 900, 600), (0, 0), 1);
        let menu = step / 2 % 2;
        if step % 2 == 1 {
            desk.text(Rect::new(20 + menu * 90, 30, 250, 300), (0, 0), 7 + menu);
        }
        let (_, bytes) = desk.send();
        // Two menus are opened for the first time, and then seen again.
        assert!([0, 1, 3].contains(&step) || bytes < 60, "step {step}: {bytes} bytes");
    }
}

#[test]
fn more_than_fits_pushes_out_what_was_not_used() {
    let mut desk = Desk::new(700, 500);
    let show = |desk: &mut Desk, slide: u32| {
        // A clock, so that slides are not all that changes.
        for second in 0..8 {
            desk.fill(Rect::new(5, 5, 8, 12), second);
            desk.send();
        }
        desk.text(Rect::new(0, 20, 700, 480), (0, 0), slide);
        desk.send().1
    };
    let first: Vec<usize> = (0..14).map(|slide| show(&mut desk, slide)).collect();
    for slide in (7..13).rev() {
        let bytes = show(&mut desk, slide);
        assert!(bytes < 60, "slide {slide}: {bytes} bytes");
    }
    assert!(show(&mut desk, 0) > first[0] / 3, "symbols at best");
}

#[test]
fn a_film_is_not_kept() {
    let mut desk = Desk::new(600, 400);
    let shelf = |desk: &mut Desk, seed| {
        desk.noise(Rect::new(40, 40, 400, 300), seed);
        let before = desk.encoder.canvas().pixels()[600 * 400..].to_vec();
        desk.send();
        before != desk.encoder.canvas().pixels()[600 * 400..]
    };
    let kept = (0..60).filter(|frame| shelf(&mut desk, random(*frame))).count();
    assert!(kept < 6, "{kept} frames of a film were kept");
}

#[test]
fn what_repeats_is_right_and_what_does_not_fit_is_no_copy() {
    let mut desk = Desk::new(600, 400);
    for shift in [0, 1, 4, 9] {
        for y in 0..400 {
            let row = desk.screen.row_mut(&Rect::new(0, y, 600, 1), 0).unwrap();
            (0..).zip(row).for_each(|(x, pixel)| *pixel = if (x + y + shift) % 10 < 5 { INK } else { PAPER });
        }
        desk.send();
    }
    desk.text(Rect::new(0, 0, 600, 400), (0, 0), 7);
    assert_eq!(desk.send().0.copies, []);
    desk.noise(Rect::new(0, 0, 600, 400), 8);
    assert_eq!(desk.send().0.copies, []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_rectangle_in_noise_is_found(
        (width, height) in (64..300u32, 64..200u32),
        (from_x, from_y) in (0..200u32, 0..200u32),
        (to_x, to_y) in (0..200u32, 0..200u32),
        seed: u32,
    ) {
        prop_assume!((from_x, from_y) != (to_x, to_y));
        let mut desk = Desk::new(500, 400);
        desk.noise(Rect::new(0, 0, 500, 400), seed);
        desk.send();
        // What it leaves behind shows something else.
        let to = Rect::new(to_x, to_y, width, height);
        desk.move_rect(to, from_x, from_y);
        let mut uncovered = Region::from(Rect::new(from_x, from_y, width, height));
        uncovered.subtract(&to);
        uncovered.rects().iter().for_each(|rect| desk.fill(*rect, PAPER));
        let (change, bytes) = desk.send();
        prop_assert_eq!(change.copies.len(), 1);
        prop_assert!(change.literals.pixels() <= to.pixels());
        // The boxes of what it leaves behind take in a little of what it has moved over.
        prop_assert!(bytes < 200 || uncovered.pixels() < to.pixels(), "{} bytes", bytes);
    }
}
