//! Coding of literal pixels: three bytes each (blue, green, red), through zstd where that makes them fewer.
//!
//! Interleaved BGR was the smallest of the plain layouts on an editor screen, from a glyph to the whole: about 6 %
//! under BGRX, and 15 to 40 % under three planes. A part is coded on its own: no state lives from one to the next.

use super::buffer::COLOUR;
use super::error::DecodeError;

/// Up to this many pixels there is time for the better level.
const SMALL: usize = 64 * 1024;

/// zstd's levels for small and large parts: level 1 takes half the time of level 3 and 3 to 8 % more bytes.
const LEVEL_SMALL: i32 = 3;
const LEVEL_LARGE: i32 = 1;

/// How a literal's pixels are coded; the number is the byte on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Three bytes for each pixel.
    Raw = 0,
    /// The same as one zstd frame.
    Zstd = 1,
}

impl TryFrom<u8> for Coding {
    type Error = DecodeError;

    fn try_from(byte: u8) -> Result<Self, DecodeError> {
        match byte {
            0 => Ok(Self::Raw),
            1 => Ok(Self::Zstd),
            other => Err(DecodeError::Coding(other)),
        }
    }
}

/// What coding needs between parts: memory only, no state. One for each thread that runs jobs.
#[derive(Default)]
pub struct Coder {
    compressor: zstd::bulk::Compressor<'static>,
    plain: Vec<u8>,
    packed: Vec<u8>,
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

    /// Codes pixels; the bytes are good until the next call.
    pub(super) fn encode(&mut self, pixels: &[u32]) -> (Coding, &[u8]) {
        self.plain.resize(pixels.len() * 3, 0);
        for (bytes, pixel) in self.plain.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
            let [blue, green, red, _] = pixel.to_le_bytes();
            *bytes = [blue, green, red];
        }
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(self.plain.len()));
        let level = if pixels.len() <= SMALL { LEVEL_SMALL } else { LEVEL_LARGE };
        let packed = self
            .compressor
            .set_compression_level(level)
            .and_then(|()| self.compressor.compress_to_buffer(&self.plain, &mut self.packed));
        match packed {
            Ok(length) if length < self.plain.len() => (Coding::Zstd, &self.packed),
            _ => (Coding::Raw, &self.plain),
        }
    }
}

/// The other direction of [`Coder`].
#[derive(Default)]
pub(super) struct Decoder {
    decompressor: zstd::bulk::Decompressor<'static>,
    plain: Vec<u8>,
    pixels: Vec<u32>,
}

impl Decoder {
    /// Exactly `count` pixels from `data`. The caller has bounded `count`: it is what gets allocated. zstd decodes
    /// straight into that buffer and needs no window of its own.
    pub(super) fn decode(&mut self, coding: Coding, data: &[u8], count: usize) -> Result<&[u32], DecodeError> {
        let length = count * 3;
        let plain = match coding {
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

    fn round_trip(pixels: &[u32]) -> (Coding, usize) {
        let mut coder = Coder::new();
        let (coding, data) = coder.encode(pixels);
        assert_eq!(Decoder::default().decode(coding, data, pixels.len()).unwrap(), pixels);
        (coding, data.len())
    }

    proptest! {
        #[test]
        fn any_pixels_come_back(pixels in prop::collection::vec(0..=COLOUR, 1..5_000)) {
            round_trip(&pixels);
        }

        #[test]
        fn broken_data_is_refused_or_decoded(data: Vec<u8>, count in 1..2_000usize) {
            let mut decoder = Decoder::default();
            prop_assert!(decoder.decode(Coding::Zstd, &data, count).is_err());
            prop_assert_eq!(decoder.decode(Coding::Raw, &data, count).is_ok(), data.len() == count * 3);
        }
    }

    #[test]
    fn flat_is_small_and_noise_is_raw() {
        let (coding, length) = round_trip(&vec![0x12_3456; 300_000]);
        assert_eq!(coding, Coding::Zstd);
        assert!(length < 200, "{length}");
        let noise: Vec<u32> =
            (1..50_000u32).map(|n| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 32) & COLOUR).collect();
        assert_eq!(round_trip(&noise), (Coding::Raw, noise.len() * 3));
    }

    #[test]
    fn a_coder_keeps_nothing() {
        let text: Vec<u32> = (0..9_000).map(|n| [0, 0xff_ffff, 0x80_8080][n * n % 3]).collect();
        let mut used = Coder::new();
        used.encode(&text);
        assert_eq!(used.encode(&text), Coder::new().encode(&text));
    }

    #[test]
    fn other_lengths_are_refused() {
        let mut coder = Coder::new();
        let (coding, data) = coder.encode(&[5; 400]);
        for count in [1, 399, 401, 4_000] {
            assert_eq!(Decoder::default().decode(coding, data, count), Err(DecodeError::Data));
        }
    }
}
