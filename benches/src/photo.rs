//! A picture with the statistics of a photograph: detail at every scale, soft colours, a sensor's grain.

use beside_protocol::frame::{Framebuffer, Size};

use crate::paint::grain;
use crate::random::random;

/// Sides of the lattices whose sum is the picture, in pixels; each adds half as much as the one before.
const BRIGHTNESS: &[u32] = &[256, 128, 64, 32, 16, 8, 4];

/// The same for what a channel differs from the brightness: photographs hold little fine colour.
const COLOURS: &[u32] = &[256, 128, 64];

/// How far grain moves a channel.
const GRAIN: u8 = 2;

/// A photo-like picture.
pub(crate) fn photo(size: Size, seed: u64) -> Framebuffer {
    let field = |n: u64, lattices: &'static [u32]| Field { seed: random(seed, n), lattices };
    let brightness = field(0, BRIGHTNESS);
    let colours = [field(1, COLOURS), field(2, COLOURS), field(3, COLOURS)];
    let noise = random(seed, 4);
    let mut picture = Framebuffer::new(size);
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    for ((x, y), pixel) in places.zip(picture.pixels_mut()) {
        let light = brightness.at(x, y);
        let channels = colours.each_ref().map(|colour| (128 + light + colour.at(x, y) / 3).clamp(0, 255) as u8);
        let smooth = u32::from_le_bytes([channels[0], channels[1], channels[2], 0]);
        *pixel = grain(smooth, random(noise, u64::from(y) << 32 | u64::from(x)), GRAIN);
    }
    picture
}

/// A sum of value noise, about −100 to 100.
struct Field {
    seed: u64,
    lattices: &'static [u32],
}

impl Field {
    fn at(&self, x: u32, y: u32) -> i32 {
        let octaves = (1..).zip(self.lattices);
        octaves.map(|(octave, side)| self.lattice(*side as i32, x as i32, y as i32) >> octave).sum()
    }

    /// Between the four random corners of the cell around `x`, `y`: −200 to 200.
    fn lattice(&self, side: i32, x: i32, y: i32) -> i32 {
        let (column, row) = (x / side, y / side);
        let (right, down) = (x % side, y % side);
        let corner = |dx: i32, dy: i32| {
            let place = (side as u64) << 48 | ((row + dy) as u64) << 24 | (column + dx) as u64;
            (random(self.seed, place) % 401) as i32 - 200
        };
        let above = corner(0, 0) * (side - right) + corner(1, 0) * right;
        let below = corner(0, 1) * (side - right) + corner(1, 1) * right;
        (above * (side - down) + below * down) / (side * side)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_smooth_and_no_two_pixels_need_be_equal() {
        let picture = photo(Size::new(200, 100), 5);
        assert_eq!(picture, photo(Size::new(200, 100), 5));
        assert_ne!(picture, photo(Size::new(200, 100), 6));
        let greens: Vec<u8> = picture.pixels().iter().map(|pixel| (pixel >> 8) as u8).collect();
        let steps = greens.windows(2).map(|pair| u32::from(pair[0].abs_diff(pair[1])));
        assert!(steps.sum::<u32>() / 20_000 < 8);
        assert!(picture.pixels().iter().collect::<BTreeSet<_>>().len() > 5_000);
    }
}
