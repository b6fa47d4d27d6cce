//! A viewer's film: the stream that is on, and its decoder.

use rusty_h264_decoder::Decoder;

use super::header::{self, Place};
use super::{PIXELS_PER_BYTE, colours, fits};
use crate::frame::coder::text::Turn;
use crate::frame::error::DecodeError;
use crate::frame::geometry::Rect;

/// Reads films, one after the other.
#[derive(Default)]
pub(in crate::frame) struct FilmReader {
    stream: Option<Stream>,
    units: Vec<u8>,
}

struct Stream {
    rect: Rect,
    place: Place,
    decoder: Decoder,
}

impl FilmReader {
    /// The pixels of the one rectangle. A picture needs the one before it, so it is read in its turn only.
    pub(in crate::frame) fn read(
        &mut self,
        rects: &[Rect],
        data: &[u8],
        pixels: &mut [u32],
        turn: Turn,
    ) -> Result<(), DecodeError> {
        if turn != Turn::Now {
            return Err(DecodeError::Data);
        }
        let stream = self.next(rects, data, pixels);
        self.stream = stream;
        if self.stream.is_some() { Ok(()) } else { Err(DecodeError::Data) }
    }

    /// The stream after its next picture, whose pixels it sets.
    fn next(&mut self, rects: &[Rect], data: &[u8], pixels: &mut [u32]) -> Option<Stream> {
        let before = self.stream.take();
        let &[rect] = rects else { return None };
        if data.len() as u64 * PIXELS_PER_BYTE > rect.pixels() {
            return None;
        }
        let place = Place::of(data)?;
        self.units.clear();
        let decoder = match place {
            Place::First if fits(&rect) => {
                self.units.extend(header::parameter_sets(rect.size()));
                Decoder::new()
            }
            Place::First => return None,
            Place::Later(_) => before.filter(|stream| stream.rect == rect && stream.place.next() == place)?.decoder,
        };
        self.units.extend(header::START);
        self.units.extend(data);
        let mut stream = Stream { rect, place, decoder };
        let picture = stream.decoder.decode(&self.units).ok()??;
        let (width, height) = (rect.width as usize, rect.height as usize);
        let is_whole = picture.is_valid() && (picture.width, picture.height) == (width, height);
        if !is_whole || pixels.len() != width * height {
            return None;
        }
        colours::pixels_of(width, &picture.y, &picture.u, &picture.v, pixels);
        Some(stream)
    }
}
