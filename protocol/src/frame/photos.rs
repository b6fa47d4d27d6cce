//! Tells photographs from text and drawings, cell by cell: by what pixels have in common with their neighbours.

use super::buffer::{Framebuffer, distance};
use super::coder::jpeg;
use super::geometry::Rect;
use super::region::Region;

/// The sides of a cell, which lies on a grid of the screen.
const CELL: u32 = 32;

/// A photo has at least so many pixels: fewer are sent exactly at once.
const MIN_PHOTO: u64 = 1 << 14;

/// Of so many rows one is looked at.
const LOOK_EACH: u32 = 2;

/// Less than one in so many pixels of a photo is as the one to its left: in text and drawings most are.
const SAME: u32 = 3;

/// Less than one in so many jumps from the one to its left: in noise most do.
const JUMPING: u32 = 2;

/// So far do the three channels together go when a pixel jumps: an eighth of the way from black to white.
const JUMP: u32 = 96;

/// Less than one in so many jumps to a colour that goes on to the right or comes from above: the stem of a letter, which
/// has one colour. In photos hardly two pixels side by side are the same, least so at an edge.
const INK: u32 = 256;

/// The same where a film runs: dust in it, or a line of a subtitle, is gone with the next picture. A full line of text has more.
const MOVING_INK: u32 = 48;

/// The part of a region that is a photograph and large enough for a JPEG: whole cells of the screen, as far as they
/// are in it.
pub(super) fn photo_region(picture: &Framebuffer, region: &Region) -> Region {
    if region.pixels() < MIN_PHOTO {
        return Region::new();
    }
    let cells = region.rects().iter().flat_map(|rect| cells(*rect)).filter(|cell| is_photo(picture, cell)).collect();
    let photos = Region::cover(cells, 0);
    let fitting = photos.rects().iter().filter(|rect| jpeg::fits(rect)).copied().collect();
    let photos = Region::cover(fitting, 0);
    if photos.pixels() < MIN_PHOTO { Region::new() } else { photos }
}

/// The pieces of a rectangle in each cell of the screen, row by row.
fn cells(rect: Rect) -> impl Iterator<Item = Rect> {
    let steps = |start: u32, end: u32| {
        (start / CELL..end.div_ceil(CELL)).map(move |cell| ((cell * CELL).max(start), ((cell + 1) * CELL).min(end)))
    };
    let rows = steps(rect.y, rect.bottom());
    rows.flat_map(move |(top, bottom)| {
        steps(rect.x, rect.right()).map(move |(left, right)| Rect::new(left, top, right - left, bottom - top))
    })
}

/// Whether a cell shows a photo, without any text on it.
fn is_photo(picture: &Framebuffer, cell: &Rect) -> bool {
    looks_like_photo(picture, cell, INK)
}

/// Whether a cell that changes again and again shows a film.
pub(super) fn is_film(picture: &Framebuffer, cell: &Rect) -> bool {
    looks_like_photo(picture, cell, MOVING_INK)
}

/// Whether a cell shows a photo, with less than one in `ink_of` pixels of ink on it.
fn looks_like_photo(picture: &Framebuffer, cell: &Rect, ink_of: u32) -> bool {
    // A pixel has a neighbour on either side.
    let Some(inner) = cell.width.checked_sub(2).filter(|inner| *inner > 0) else { return false };
    let rows = (1..cell.height).step_by(LOOK_EACH as usize);
    let seen = inner * rows.len() as u32;
    let rows = rows.filter_map(|y| Some((picture.row(cell, y - 1)?, picture.row(cell, y)?)));
    // Nearly all cells of text and drawings end here, after a few rows.
    let mut same = 0;
    for (_, row) in rows.clone() {
        same += row.iter().zip(&row[1..=inner as usize]).map(|(left, here)| u32::from(left == here)).sum::<u32>();
        if same * SAME >= seen {
            return false;
        }
    }
    let (mut jumps, mut inks) = (0, 0);
    for (above, row) in rows {
        let (jumped, inked) = count_jumps(above, row);
        (jumps, inks) = (jumps + jumped, inks + inked);
    }
    jumps * JUMPING < seen && inks * ink_of < seen
}

/// How many pixels of a row jump, and how many of these may be a letter's.
fn count_jumps(above: &[u32], row: &[u32]) -> (u32, u32) {
    let count = row.len() - 2;
    let (left, here, right, above) = (&row[..count], &row[1..=count], &row[2..], &above[1..=count]);
    let (mut jumps, mut inks) = (0, 0);
    for x in 0..count {
        let jump = u32::from(distance(left[x], here[x]) >= JUMP);
        let goes_on = u32::from(here[x] == right[x]) | u32::from(here[x] == above[x]);
        jumps += jump;
        inks += jump & goes_on;
    }
    (jumps, inks)
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Size;
    use super::*;

    const SIZE: Size = Size::new(640, 384);

    fn drawn(pixel: impl Fn(u32, u32) -> u32) -> Framebuffer {
        let mut picture = Framebuffer::new(SIZE);
        let places = (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y)));
        picture.pixels_mut().iter_mut().zip(places).for_each(|(shown, (x, y))| *shown = pixel(x, y));
        picture
    }

    /// Waves with grain: what a camera sees.
    fn photo(x: u32, y: u32) -> u32 {
        let wave = |length: f32| (120.0 + 70.0 * (x as f32 / length).sin() + 50.0 * (y as f32 / length).cos()) as u32;
        let grain = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)) >> 17 & 3;
        (wave(40.0) + grain) << 16 | (wave(77.0) + grain) << 8 | (wave(123.0) + grain)
    }

    /// The share of a letter's stroke that covers a pixel: stems and bars of about one pixel and a half, with soft edges.
    fn ink(x: u32, y: u32) -> u32 {
        match (x % 9, y % 16) {
            (2, 3..12) | (2..7, 3 | 7) => 255,
            (3 | 6, 3..12) => 120,
            _ => 0,
        }
    }

    fn blend(paper: u32, ink: u32, share: [u32; 3]) -> u32 {
        let channel = |shift: u32, share: u32| {
            let [paper, ink] = [paper, ink].map(|colour| colour >> shift & 0xff);
            ((paper * (255 - share) + ink * share) / 255) << shift
        };
        channel(0, share[0]) | channel(8, share[1]) | channel(16, share[2])
    }

    fn photos(picture: &Framebuffer) -> Region {
        photo_region(picture, &SIZE.rect().into())
    }

    #[test]
    fn a_photo_is_one() {
        assert_eq!(photos(&drawn(photo)).rects(), [SIZE.rect()]);
    }

    #[test]
    fn text_is_none_whatever_its_colours_edges_and_paper() {
        for (paper, letters) in [(0x00ff_ffff, 0), (0x0020_2428, 0x00d0_d8e0), (0x0030_0a24, 0x00ff_8800)] {
            let grey = drawn(|x, y| blend(paper, letters, [ink(x, y); 3]));
            assert_eq!(photos(&grey), Region::new());
            let edges = |x, y| [ink(x, y), ink(x + 1, y) / 2 + ink(x, y) / 2, ink(x + 1, y)];
            assert_eq!(photos(&drawn(|x, y| blend(paper, letters, edges(x, y)))), Region::new());
        }
        for letters in [0, 0x00ff_ffff] {
            let captioned = drawn(|x, y| blend(photo(x, y), letters, [ink(x, y); 3]));
            assert_eq!(photos(&captioned), Region::new(), "text on a photo");
        }
    }

    #[test]
    fn drawings_and_noise_are_none() {
        let noise = |x: u32, y: u32| (x * 31 + y).wrapping_mul(0x9e37_79b1).rotate_left(x ^ y) & 0x00ff_ffff;
        for pixel in [
            |_, _| 0x12_3456,
            |x: u32, y: u32| ((x / 40) ^ (y / 30)) & 1,
            |x: u32, y: u32| (x ^ y) % 2 * 0xff_ffff,
            noise,
        ] {
            assert_eq!(photos(&drawn(pixel)), Region::new());
        }
    }

    #[test]
    fn a_photo_in_a_page_is_cut_out() {
        let place = Rect::new(200, 96, 320, 200);
        let page = drawn(|x, y| {
            if place.contains(&Rect::new(x, y, 1, 1)) { photo(x, y) } else { blend(0x00f8_f8f8, 0, [ink(x, y); 3]) }
        });
        let found = photos(&page);
        assert!(found.rects().iter().all(|rect| place.contains(rect)), "{found:?}");
        assert!(found.pixels() * 10 > place.pixels() * 7, "{found:?}");
        assert_eq!(photo_region(&page, &Rect::new(210, 100, 100, 100).into()), Region::new(), "too small");
    }
}
