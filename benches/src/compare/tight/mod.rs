//! VNC's Tight, by the rules of TigerVNC's server at its default settings (compress level 2, quality 8) and of the RFB
//! protocol's public description: changed rectangles, one-coloured parts first, rectangles of at most 65,536 pixels, each
//! with a palette or without, through zlib streams that live as long as the connection.

mod changed;
mod palette;
mod solid;
mod streams;

use std::io;

use beside_protocol::frame::Rect;
use jpeg_encoder::SamplingFactor;

use self::palette::Palette;
use self::streams::{Stream, Streams};
use super::{Peer, Screen, whole};

/// The most pixels of a rectangle, and the widest one.
const MOST_PIXELS: u32 = 65_536;
const WIDEST: u32 = 2_048;

/// The most colours of a palette.
const COLOURS: usize = 256;

/// The same where everything else may become a JPEG.
const COLOURS_JPEG: usize = 96;

/// Without JPEG, a palette has at most one colour for this many pixels.
const PIXELS_PER_COLOUR: u64 = 16;

/// JPEG's quality at VNC's level 8, without reduced colours.
const QUALITY: u8 = 92;

/// Control bytes: which stream, whether a filter follows, or what there is instead of a stream.
const FILTER_FOLLOWS: u8 = 0x40;
const FILL: u8 = 0x80;
const JPEG: u8 = 0x90;
const FILTER_PALETTE: u8 = 1;

/// What becomes of parts with many colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Three bytes for each pixel, through zlib.
    Lossless,
    /// A JPEG.
    Jpeg,
}

/// A connection's coder.
pub struct Tight {
    mode: Mode,
    streams: Streams,
    /// What is sent of one update.
    sent: Vec<u8>,
}

impl std::fmt::Debug for Tight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tight({:?})", self.mode)
    }
}

impl Peer for Tight {
    fn send(&mut self, before: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        self.sent.clear();
        let rects = before.map_or_else(|| vec![now.size().rect()], |before| changed::rects(before, now));
        for rect in rects {
            let parts = solid::split(now, rect);
            for part in parts.solid {
                self.fill(now, &part);
            }
            for part in parts.mixed.into_iter().flat_map(pieces) {
                self.code(now, part)?;
            }
        }
        Ok(self.sent.len() as u64)
    }
}

impl Tight {
    /// A coder as a connection begins.
    pub fn new(mode: Mode) -> Self {
        Self { mode, streams: Streams::new(), sent: Vec::new() }
    }

    /// A part of one colour.
    fn fill(&mut self, screen: &Screen<'_>, part: &Rect) {
        let [blue, green, red, _] = screen.row(part, 0)[0];
        self.sent.extend([FILL, red, green, blue]);
    }

    /// A part that fits the limits.
    fn code(&mut self, screen: &Screen<'_>, part: Rect) -> io::Result<()> {
        let limit = match self.mode {
            Mode::Lossless => ((part.pixels() / PIXELS_PER_COLOUR) as usize).clamp(2, COLOURS),
            Mode::Jpeg => COLOURS_JPEG,
        };
        match Palette::of(screen, part, limit) {
            Some(palette) if palette.colours().len() == 1 => self.fill(screen, &part),
            Some(palette) if palette.colours().len() == 2 => {
                self.palette(Stream::Mono, &palette);
                let bits = mono(screen, part, palette.colours()[1]);
                self.streams.pack(Stream::Mono, &bits, &mut self.sent)?;
            }
            Some(palette) => {
                self.palette(Stream::Indexed, &palette);
                let mut indices = Vec::with_capacity(part.pixels() as usize);
                for row in screen.rows(part) {
                    indices.extend(row.iter().map(|pixel| palette.index(*pixel)));
                }
                self.streams.pack(Stream::Indexed, &indices, &mut self.sent)?;
            }
            None if self.mode == Mode::Jpeg => {
                let pixels = screen.bgrx(part);
                let file = whole::jpeg(&pixels, part.width, part.height, QUALITY, SamplingFactor::R_4_4_4)?;
                self.sent.push(JPEG);
                streams::put_length(file.len(), &mut self.sent);
                self.sent.extend(file);
            }
            None => {
                self.sent.push((Stream::Full as u8) << 4);
                self.streams.pack(Stream::Full, &screen.rgb(part), &mut self.sent)?;
            }
        }
        Ok(())
    }

    /// What comes before pixels that are places in a palette.
    fn palette(&mut self, stream: Stream, palette: &Palette) {
        let last = (palette.colours().len() - 1) as u8;
        self.sent.extend([(stream as u8) << 4 | FILTER_FOLLOWS, FILTER_PALETTE, last]);
        self.sent.extend(palette.colours().iter().flat_map(|[blue, green, red, _]| [*red, *green, *blue]));
    }
}

/// Cuts `rect` so that each piece fits the limits.
fn pieces(rect: Rect) -> impl Iterator<Item = Rect> {
    let width = rect.width.min(WIDEST);
    let height = (MOST_PIXELS / width.max(1)).min(rect.height).max(1);
    let rows = (rect.y..rect.bottom()).step_by(height as usize);
    rows.flat_map(move |y| {
        let columns = (rect.x..rect.right()).step_by(width.max(1) as usize);
        columns.filter_map(move |x| Rect::new(x, y, width, height).intersection(&rect))
    })
}

/// One bit for each pixel, set where it is of `colour`; each row begins with a byte.
fn mono(screen: &Screen<'_>, part: Rect, colour: [u8; 4]) -> Vec<u8> {
    let mut bits = Vec::with_capacity(part.width.div_ceil(8) as usize * part.height as usize);
    for row in screen.rows(part) {
        bits.extend(row.chunks(8).map(|pixels| {
            let set = |(n, pixel): (usize, &[u8; 4])| u8::from(pixel[..3] == colour[..3]) << (7 - n);
            pixels.iter().enumerate().map(set).fold(0, |byte, bit| byte | bit)
        }));
    }
    bits
}

#[cfg(test)]
mod tests;
