//! A synthetic screen: something to look at that changes by command and is captured like a real one.

use crate::link::Random;
use beside_protocol::frame::{CopyRect, Framebuffer, FramebufferView, Patch, Point, Rect, Region, Size};

/// How many pixels a mark has.
const MARK: u32 = 24;

/// A screen whose changes are remembered as damage until they are captured.
#[derive(Debug)]
pub struct Screen {
    picture: Framebuffer,
    damage: Vec<Rect>,
    random: Random,
    /// What was under the windows that are open, the last one last.
    covered: Vec<(Rect, Framebuffer)>,
}

impl Screen {
    /// A black screen.
    pub fn new(size: Size, seed: u64) -> Self {
        Self { picture: Framebuffer::new(size), damage: Vec::new(), random: Random(seed | 1), covered: Vec::new() }
    }

    /// What is on it.
    pub const fn picture(&self) -> &Framebuffer {
        &self.picture
    }

    /// Whether something has changed since it was last captured.
    pub const fn is_damaged(&self) -> bool {
        !self.damage.is_empty()
    }

    /// How many pixels have changed, at most.
    pub fn damaged(&self) -> u64 {
        self.damage.iter().map(Rect::pixels).sum()
    }

    /// Fills a rectangle with something text-like: few colours, short runs.
    pub fn scribble(&mut self, rect: Rect) {
        let colours = [0x00ff_ffff, 0x0020_2020, self.random.next() as u32 & 0x00ff_ffff];
        for y in 0..rect.height {
            let Some(row) = self.picture.row_mut(&rect, y) else { continue };
            for pixel in row {
                *pixel = colours[self.random.below(3) as usize];
            }
        }
        self.damage.push(rect);
    }

    /// Fills a rectangle with something like a noisy photograph, another one for each `step`.
    pub fn film(&mut self, rect: Rect, step: u32) {
        for y in 0..rect.height {
            let Some(row) = self.picture.row_mut(&rect, y) else { continue };
            for (x, pixel) in (0..).zip(row) {
                let wave = |along: u32| ((along + step * 3) as f64 / 40.0).sin() * 90.0 + 128.0;
                let grain = self.random.below(16) as f64;
                let channel = |value: f64| (value + grain) as u32 & 0xff;
                *pixel = channel(wave(x)) << 16 | channel(wave(y)) << 8 | channel(wave(x + y));
            }
        }
        self.damage.push(rect);
    }

    /// Scribbles somewhere.
    pub fn scribble_somewhere(&mut self) {
        let size = self.picture.size();
        let (x, y) = (self.random.below(size.width.into()) as u32, self.random.below(size.height.into()) as u32);
        let width = 1 + self.random.below((size.width - x).into()) as u32;
        let height = 1 + self.random.below((size.height - y).min(40).into()) as u32;
        self.scribble(Rect::new(x, y, width, height.min(size.height - y)));
    }

    /// Scrolls or shifts a large part of it, and scribbles on what that uncovers.
    pub fn move_somewhere(&mut self) {
        let Size { width, height } = self.picture.size();
        let (right, down) =
            (self.random.below(u64::from(width / 4)) as u32, self.random.below(u64::from(height / 4)) as u32);
        let moved = Rect::new(0, 0, width - right, height - down);
        let ways = [(right, down), (0, down), (right, 0)];
        let (right, down) = ways[self.random.below(3) as usize];
        let there = Rect::new(right, down, moved.width.min(width - right), moved.height.min(height - down));
        let back = self.random.below(2) == 0;
        let (to, from) =
            if back { (Rect { x: 0, y: 0, ..there }, there) } else { (there, Rect { x: 0, y: 0, ..there }) };
        self.picture.copy_rect(&CopyRect { to, from: Point { x: from.x, y: from.y } });
        let mut uncovered = Region::from(from);
        uncovered.subtract(&to);
        self.damage.push(to);
        uncovered.rects().iter().for_each(|rect| self.scribble(*rect));
    }

    /// Scrolls a rectangle up by some rows, and scribbles on what that uncovers.
    pub fn scroll(&mut self, rect: Rect, rows: u32) {
        let kept = Rect { height: rect.height.saturating_sub(rows), ..rect };
        self.picture
            .copy_rect(&CopyRect { to: kept, from: Point { x: rect.x, y: rect.y + rect.height - kept.height } });
        self.damage.push(kept);
        self.scribble(Rect { y: kept.y + kept.height, height: rect.height - kept.height, ..rect });
    }

    /// Shows a number in the topmost row, a bit in each pixel: black or white.
    pub fn mark(&mut self, number: u32) {
        let rect = Rect::new(0, 0, MARK.min(self.picture.size().width), 1);
        for (bit, pixel) in self.picture.row_mut(&rect, 0).into_iter().flatten().enumerate() {
            *pixel = if number >> bit & 1 == 1 { 0x00ff_ffff } else { 0 };
        }
        self.damage.push(rect);
    }

    /// The number that a picture shows.
    pub fn read_mark(picture: FramebufferView<'_>) -> u32 {
        Self::read_number(picture, Rect::new(0, 0, MARK.min(picture.size().width), 1))
    }

    /// The number that a row of 32 pixels at most stands for: a bit each.
    pub fn read_number(picture: FramebufferView<'_>, place: Rect) -> u32 {
        let bits = picture.row(&place, 0).into_iter().flatten().enumerate();
        bits.fold(0, |number, (bit, pixel)| number | u32::from(pixel & 0x00ff_ffff != 0) << bit)
    }

    /// Opens a window over a large part of it, or closes the last one: what was under it is there again.
    pub fn open_or_close(&mut self) {
        match self.covered.pop() {
            Some((window, under)) if self.covered.len() == 3 || self.random.below(2) == 0 => {
                self.picture.copy_from(&under, &window);
                self.damage.push(window);
            }
            kept => {
                self.covered.extend(kept);
                let Size { width, height } = self.picture.size();
                let (x, y) = (
                    self.random.below(u64::from(width / 2) + 1) as u32,
                    self.random.below(u64::from(height / 2) + 1) as u32,
                );
                let window = Rect::new(x, y, (width / 2).max(1).min(width - x), (height / 2).max(1).min(height - y));
                self.covered.push((window, self.picture.clone()));
                self.scribble(window);
            }
        }
    }

    /// Hands over what has changed, or everything, as a capture backend does.
    pub fn capture(&mut self, all: bool, look: impl FnOnce(&[Patch<'_>])) {
        let size = self.picture.size();
        let bytes: Vec<u8> =
            self.picture.pixels().iter().flat_map(|pixel| (pixel | 0xa500_0000).to_le_bytes()).collect();
        let stride = size.width as usize * 4;
        let rects = if all { vec![size.rect()] } else { std::mem::take(&mut self.damage) };
        let patches: Vec<_> = rects
            .iter()
            .filter_map(|rect| Patch::new(*rect, stride, &bytes[rect.y as usize * stride + rect.x as usize * 4..]))
            .collect();
        self.damage.clear();
        look(&patches);
    }
}
