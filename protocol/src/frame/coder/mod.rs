//! Coding of literal pixels. Parts are coded one by one: all that one may take from those before it are symbols.
//!
//! | file | has |
//! |---|---|
//! | `text` | text and flat content: ground, and symbols in lines |
//! | `ink`, `cuts` | taking a picture apart into ground and ink, and the ink into letters |
//! | `page`, `ground`, `symbols`, `palette` | coding what comes out: lines of symbols, the ground, the symbols' pixels and colours |
//! | `dictionary` | the symbols that a viewer has been told |
//! | `photo` | photographs and whatever else changes from pixel to pixel |
//! | `repeats` | whether zstd is worth a try |
//! | `jpeg` | photographs, roughly |
//! | `film` | what keeps changing like a film, roughly, as video |
//! | `models`, `entropy` | numbers and choices as decisions, and decisions as bits |
//!
//! What is neither text nor flat is coded as a photograph, or where that takes fewer bytes as three bytes a pixel (blue, green,
//! red) through zstd: patterns, and pictures of few colours.

mod cuts;
mod dictionary;
mod entropy;
pub(super) mod film;
mod ground;
mod ink;
pub(super) mod jpeg;
mod models;
mod page;
mod palette;
mod photo;
mod repeats;
mod symbols;
mod text;

use self::dictionary::Dictionary;
use self::film::FilmReader;
use self::models::Unfit;
use self::photo::{PhotoReader, PhotoWriter};
pub use self::text::Told;
pub(super) use self::text::{Binding, TextWriter, Turn};
use super::buffer::{COLOUR, pieces};
use super::error::DecodeError;
use super::geometry::Rect;
use super::rough::Quality;

/// So few pixels are tried by zstd in any case.
const FEW: usize = 4 * 1024;

/// Up to this many pixels there is time for the better level.
const SMALL: usize = 64 * 1024;

/// zstd's levels for small and large parts: level 1 takes half the time of level 3 and 3 to 8 % more bytes.
const LEVEL_SMALL: i32 = 3;
const LEVEL_LARGE: i32 = 1;

/// Text has at least so many pixels of so many that are as their neighbour; anything as small as a letter is taken for it.
const SAME_OF: (usize, usize) = (1, 2);
const GLYPH: usize = 1_024;

/// Of so many rows one is looked at.
const LOOK_EACH: usize = 4;

/// How a literal's pixels are coded; the number is part of the tag on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Three bytes for each pixel.
    Raw = 0,
    /// The same as one zstd frame.
    Zstd = 1,
    /// As `text` has it.
    Text = 2,
    /// As `photo` has it.
    Photo = 3,
    /// As `jpeg` has it: not the pixels themselves.
    Jpeg = 4,
    /// As `film` has it.
    Film = 5,
}

impl Coding {
    /// The coding with this number.
    pub(super) const fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Raw),
            1 => Some(Self::Zstd),
            2 => Some(Self::Text),
            3 => Some(Self::Photo),
            4 => Some(Self::Jpeg),
            5 => Some(Self::Film),
            _ => None,
        }
    }

    /// Whether a part of it may need parts before it, or others may need it: it counts in its turn only.
    pub(super) const fn is_told(self) -> bool {
        matches!(self, Self::Text | Self::Film)
    }

    /// Whether what comes out is not exactly what went in.
    pub(super) const fn is_rough(self) -> bool {
        matches!(self, Self::Jpeg | Self::Film)
    }
}

/// What coding needs between parts: memory only, no state. One for each thread that runs jobs.
#[derive(Default)]
pub struct Coder {
    text: TextWriter,
    photo: PhotoWriter,
    compressor: zstd::bulk::Compressor<'static>,
    plain: Vec<u8>,
    packed: Vec<u8>,
    predicted: Vec<u8>,
}

impl std::fmt::Debug for Coder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Coder")
    }
}

impl Coder {
    /// A coder; it allocates on first use.
    pub fn new() -> Self {
        Self::default()
    }

    /// Codes the pixels of `rects`, one rectangle's after the other; the bytes are good until the next call.
    pub(super) fn encode(&mut self, rects: &[Rect], pixels: &[u32]) -> (Coding, &[u8]) {
        self.packed.clear();
        if self.text.try_text(Binding::Free, rects, pixels, &mut self.packed).is_some() {
            return (Coding::Text, &self.packed);
        }
        self.encode_other(rects, pixels)
    }

    /// The same for a photo that need not be exact.
    pub(super) fn encode_photo(&mut self, rects: &[Rect], pixels: &[u32], quality: Quality) -> (Coding, &[u8]) {
        self.packed.clear();
        match jpeg::write(rects, pixels, quality, &mut self.packed) {
            Ok(()) => (Coding::Jpeg, &self.packed),
            Err(Unfit) => self.encode_other(rects, pixels),
        }
    }

    /// The same for pixels that are no text: the shortest of what is tried. zstd is only where pixels come again, or are few.
    pub(super) fn encode_other(&mut self, rects: &[Rect], pixels: &[u32]) -> (Coding, &[u8]) {
        let raw = pixels.len() * 3;
        self.predicted.clear();
        let photo = match self.photo.write(rects, pixels, &mut self.predicted) {
            Ok(()) => self.predicted.len(),
            Err(_) => usize::MAX,
        };
        let try_zstd = pixels.len() <= FEW || repeats::are_many(rects, pixels);
        let zstd = if try_zstd || photo >= raw { self.compress(pixels) } else { usize::MAX };
        if photo < raw.min(zstd) {
            (Coding::Photo, &self.predicted)
        } else if zstd < raw {
            (Coding::Zstd, &self.packed)
        } else {
            (Coding::Raw, &self.plain)
        }
    }

    /// Sets the pixels' bytes, and what zstd makes of them. Returns how much that is.
    fn compress(&mut self, pixels: &[u32]) -> usize {
        self.plain.resize(pixels.len() * 3, 0);
        for (bytes, pixel) in self.plain.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
            let [blue, green, red, _] = pixel.to_le_bytes();
            *bytes = [blue, green, red];
        }
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(self.plain.len()));
        let level = if pixels.len() <= SMALL { LEVEL_SMALL } else { LEVEL_LARGE };
        self.compressor
            .set_compression_level(level)
            .and_then(|()| self.compressor.compress_to_buffer(&self.plain, &mut self.packed))
            .unwrap_or(usize::MAX)
    }
}

impl TextWriter {
    /// Appends the pixels of `rects` to `bytes` if they look like text and become fewer bytes so.
    pub(super) fn try_text(
        &mut self,
        binding: Binding,
        rects: &[Rect],
        pixels: &[u32],
        bytes: &mut Vec<u8>,
    ) -> Option<Told> {
        if rects.is_empty() || !looks_like_text(rects, pixels) {
            return None;
        }
        self.write(binding, rects, pixels, bytes).ok()
    }
}

/// Whether enough pixels are as the one to their left or above: in text most are, in photos few. Looks at some rows only.
fn looks_like_text(rects: &[Rect], pixels: &[u32]) -> bool {
    if pixels.len() <= GLYPH {
        return true;
    }
    let rows = |rect: &Rect| (rect.height as usize - 1).div_ceil(LOOK_EACH);
    let seen: usize = rects.iter().map(|rect| rows(rect) * (rect.width as usize - 1)).sum();
    let enough = (seen * SAME_OF.0).div_ceil(SAME_OF.1);
    let mut same = 0;
    for (rect, these) in pieces(rects, pixels) {
        let width = rect.width as usize;
        let rows = these[width..].chunks_exact(width).zip(these.chunks_exact(width));
        for (row, above) in rows.step_by(LOOK_EACH) {
            let neighbours = row[1..].iter().zip(&above[1..]).zip(row);
            let as_one = |((here, above), left): ((&u32, _), _)| u32::from((here == above) | (here == left));
            same += neighbours.map(as_one).sum::<u32>() as usize;
            if same >= enough {
                return true;
            }
        }
    }
    same >= enough
}

/// The other direction of [`Coder`].
#[derive(Default)]
pub(super) struct Decoder {
    /// The symbols that have been told.
    dictionary: Dictionary,
    photo: PhotoReader,
    film: FilmReader,
    decompressor: zstd::bulk::Decompressor<'static>,
    plain: Vec<u8>,
    pixels: Vec<u32>,
}

impl Decoder {
    /// Exactly `count` pixels, those of `rects`, from `data`. The caller has bounded `count`: it is what gets allocated. zstd decodes
    /// straight into that buffer and needs no window of its own.
    pub(super) fn decode(
        &mut self,
        coding: Coding,
        data: &[u8],
        rects: &[Rect],
        count: usize,
        turn: Turn,
    ) -> Result<&[u32], DecodeError> {
        let length = count * 3;
        let plain = match coding {
            Coding::Text => {
                self.pixels.resize(count, 0);
                text::read(rects, data, &mut self.pixels, &mut self.dictionary, turn).map_err(|_| DecodeError::Data)?;
                return Ok(&self.pixels);
            }
            Coding::Photo => {
                self.pixels.resize(count, 0);
                self.photo.read(rects, data, &mut self.pixels).map_err(|_| DecodeError::Data)?;
                return Ok(&self.pixels);
            }
            Coding::Jpeg => {
                self.pixels.resize(count, 0);
                jpeg::read(rects, data, &mut self.pixels).map_err(|_| DecodeError::Data)?;
                return Ok(&self.pixels);
            }
            Coding::Film => {
                self.pixels.resize(count, 0);
                self.film.read(rects, data, &mut self.pixels, turn)?;
                return Ok(&self.pixels);
            }
            Coding::Raw => data,
            Coding::Zstd => {
                self.plain.resize(length, 0);
                let done = self.decompressor.decompress_to_buffer(data, self.plain.as_mut_slice());
                if !done.is_ok_and(|written| written == length) {
                    return Err(DecodeError::Data);
                }
                &self.plain
            }
        };
        if plain.len() != length {
            return Err(DecodeError::Data);
        }
        self.pixels.clear();
        let (colours, _) = plain.as_chunks::<3>();
        self.pixels
            .extend(colours.iter().map(|[blue, green, red]| u32::from_le_bytes([*blue, *green, *red, 0]) & COLOUR));
        Ok(&self.pixels)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(width: u32, pixels: &[u32]) -> (Coding, usize) {
        let mut coder = Coder::new();
        let rects = [Rect::new(3, 4, width, pixels.len() as u32 / width)];
        let (coding, data) = coder.encode(&rects, pixels);
        assert_eq!(Decoder::default().decode(coding, data, &rects, pixels.len(), Turn::Now).unwrap(), pixels);
        (coding, data.len())
    }

    /// Something like lines of letters on a ground, with a frame around.
    fn page(width: usize, height: usize, letters: &[u32]) -> Vec<u32> {
        let mut pixels = vec![0x00f8_f8f8; width * height];
        for (n, letter) in letters.iter().enumerate() {
            let (x, y) = (5 + n * 9 % (width - 12), 4 + n * 9 / (width - 12) * 14 % (height - 12));
            for bit in 0..30 {
                if (letter % 26 * 0x9e3_7791) >> bit & 1 == 1 {
                    pixels[(y + bit / 5) * width + x + bit % 5] = 0x0011_2233 * (1 + letter % 3);
                }
            }
        }
        (0..width).for_each(|x| pixels[x] = 0x0055_5555);
        (0..height).for_each(|y| pixels[y * width] = 0x0055_5555);
        pixels
    }

    proptest! {
        #[test]
        fn any_pixels_come_back(width in 1..80u32, pixels in prop::collection::vec(0..=COLOUR, 1..5_000)) {
            let whole = (pixels.len() as u32).div_ceil(width) * width;
            let pixels: Vec<u32> = pixels.iter().copied().cycle().take(whole as usize).collect();
            round_trip(width, &pixels);
        }

        #[test]
        fn pages_come_back(width in 20..300usize, height in 20..200usize, letters: Vec<u32>) {
            let pixels = page(width, height, &letters);
            prop_assert_eq!(round_trip(width as u32, &pixels).0, Coding::Text);
        }

        #[test]
        fn broken_data_is_refused_or_decoded(data: Vec<u8>, count in 1..2_000u32) {
            let (mut decoder, rects) = (Decoder::default(), [Rect::new(0, 0, count, 1)]);
            let count = count as usize;
            prop_assert!(decoder.decode(Coding::Zstd, &data, &rects, count, Turn::Now).is_err());
            prop_assert_eq!(decoder.decode(Coding::Raw, &data, &rects, count, Turn::Now).is_ok(), data.len() == count * 3);
            let _ = decoder.decode(Coding::Text, &data, &rects, count, Turn::Now);
            let _ = decoder.decode(Coding::Photo, &data, &rects, count, Turn::Now);
            prop_assert!(decoder.decode(Coding::Jpeg, &data, &rects, count, Turn::Now).is_err());
        }

        #[test]
        fn a_changed_page_is_refused_or_decoded(letters: [u32; 60], at: prop::sample::Index, flip in 1..=255u8) {
            let (rects, pixels) = ([Rect::new(0, 0, 200, 60)], page(200, 60, &letters));
            let mut coder = Coder::new();
            let (coding, data) = coder.encode(&rects, &pixels);
            let mut data = data.to_vec();
            let at = at.index(data.len());
            data[at] ^= flip;
            let _ = Decoder::default().decode(coding, &data, &rects, pixels.len(), Turn::Now);
        }
    }

    #[test]
    fn flat_is_small_and_noise_is_raw() {
        let (coding, length) = round_trip(1_000, &vec![0x12_3456; 300_000]);
        assert_eq!(coding, Coding::Text);
        assert!(length < 20, "{length}");
        let noise: Vec<u32> =
            (1..50_001u32).map(|n| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 32) & COLOUR).collect();
        assert_eq!(round_trip(500, &noise), (Coding::Raw, noise.len() * 3));
    }

    /// Smooth, with some grain.
    fn photo(width: usize, height: usize) -> Vec<u32> {
        let grain = |n: usize| (n as u32).wrapping_mul(0x9e37_79b9) >> 27;
        let pixel = |x, y| (100 + x as u32 / 3 + grain(x * x + 31 * y) / 8) * 0x1_0101 + y as u32 / 7 * 256;
        (0..height).flat_map(|y| (0..width).map(move |x| pixel(x, y))).collect()
    }

    #[test]
    fn each_content_has_its_coding() {
        let (coding, length) = round_trip(400, &photo(400, 300));
        assert_eq!(coding, Coding::Photo);
        assert!(length < 400 * 300, "{length}");
        let woven = |n: u32| (n / 300 % 16 * 16 + n % 300 % 16).wrapping_mul(0x9e37_79b1) >> 8;
        assert_eq!(round_trip(300, &(0..90_000).map(woven).collect::<Vec<u32>>()).0, Coding::Zstd);
    }

    #[test]
    fn letters_that_come_again_cost_little() {
        let letters: Vec<u32> = (0..600).map(|n| n * n % 26).collect();
        let (coding, length) = round_trip(400, &page(400, 250, &letters));
        assert_eq!(coding, Coding::Text);
        assert!(length < 2_000, "{length}");
    }

    #[test]
    fn a_coder_keeps_nothing() {
        let text = page(90, 100, &[1, 2, 3, 4, 5, 6, 7]);
        let rects = [Rect::new(0, 0, 90, 100)];
        let mut used = Coder::new();
        used.encode(&rects, &text);
        assert_eq!(used.encode(&rects, &text), Coder::new().encode(&rects, &text));
    }
}
