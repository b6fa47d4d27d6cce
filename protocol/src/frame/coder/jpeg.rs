//! Photographs as JPEGs: the first, inexact picture of them. One for each rectangle, its length before it.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::models::Unfit;
use crate::frame::buffer::{COLOUR, pieces};
use crate::frame::varint::{self, Reader};
use crate::frame::{Quality, Rect};

/// The quality, of 100. With the best one photos look the same beside each other, at about 40 dB, until the exact pixels come; with
/// the others a noisy photograph takes 0.8 and 0.6 of the bytes (a test below holds it).
const fn quality_of(quality: Quality) -> u8 {
    match quality {
        Quality::High => 80,
        Quality::Middle => 60,
        Quality::Low => 30,
    }
}

/// Smaller or narrower rectangles are not worth a JPEG, and cost a decoder more for each pixel than it has time: its blocks
/// are of 16 × 16 pixels, and each JPEG brings its tables.
const MIN_SIDE: u32 = 16;
const MIN_PIXELS: u32 = 1 << 12;

/// The last bytes of the markers that a JPEG of ours has (ITU-T T.81, table B.1), each once but the tables.
mod marker {
    pub(super) const START: u8 = 0xd8;
    pub(super) const END: u8 = 0xd9;
    pub(super) const BASELINE: u8 = 0xc0;
    pub(super) const CODES: u8 = 0xc4;
    pub(super) const SCAN: u8 = 0xda;
    pub(super) const QUANTISERS: u8 = 0xdb;
    pub(super) const JFIF: u8 = 0xe0;
}

/// Whether a rectangle is large enough for a JPEG.
pub(in crate::frame) const fn fits(rect: &Rect) -> bool {
    rect.height >= least_rows(rect.width) && rect.width >= MIN_SIDE
}

/// How high a rectangle of this width has to be.
pub(in crate::frame) const fn least_rows(width: u32) -> u32 {
    let rows = MIN_PIXELS.div_ceil(if width == 0 { 1 } else { width });
    if rows < MIN_SIDE { MIN_SIDE } else { rows }
}

/// Appends the pixels of `rects`, one rectangle's after the other, roughly.
pub(super) fn write(rects: &[Rect], pixels: &[u32], quality: Quality, bytes: &mut Vec<u8>) -> Result<(), Unfit> {
    check_rects(rects)?;
    let (mut jpeg, mut plain) = (Vec::new(), Vec::new());
    for (rect, pixels) in pieces(rects, pixels) {
        plain.resize(pixels.len() * 4, 0);
        for (bytes, pixel) in plain.as_chunks_mut::<4>().0.iter_mut().zip(pixels) {
            *bytes = pixel.to_le_bytes();
        }
        let [width, height] = [rect.width, rect.height].map(u16::try_from);
        let (width, height) = (width.map_err(|_| Unfit)?, height.map_err(|_| Unfit)?);
        jpeg.clear();
        let mut encoder = Encoder::new(&mut jpeg, quality_of(quality));
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.encode(&plain, width, height, ColorType::Bgra).map_err(|_| Unfit)?;
        varint::write(bytes, jpeg.len() as u64);
        bytes.extend_from_slice(&jpeg);
    }
    Ok(())
}

/// Reads the pixels of `rects` from what [`write`] has written.
pub(super) fn read(rects: &[Rect], data: &[u8], pixels: &mut [u32]) -> Result<(), Unfit> {
    check_rects(rects)?;
    let mut reader = Reader::new(data);
    let mut rest = pixels;
    let mut plain = Vec::new();
    for rect in rects {
        let (these, others) = rest.split_at_mut(rect.pixels() as usize);
        rest = others;
        let jpeg = reader.counted()?;
        check(jpeg, rect)?;
        plain.resize(these.len() * 3, 0);
        let options = DecoderOptions::default()
            .set_strict_mode(true)
            .set_max_width(rect.width as usize)
            .set_max_height(rect.height as usize)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        JpegDecoder::new_with_options(ZCursor::new(jpeg), options).decode_into(&mut plain).map_err(|_| Unfit)?;
        for (pixel, [red, green, blue]) in these.iter_mut().zip(plain.as_chunks::<3>().0) {
            *pixel = u32::from_le_bytes([*blue, *green, *red, 0]) & COLOUR;
        }
    }
    if reader.is_empty() { Ok(()) } else { Err(Unfit) }
}

/// Whether all rectangles are large enough.
fn check_rects(rects: &[Rect]) -> Result<(), Unfit> {
    if rects.iter().all(fits) { Ok(()) } else { Err(Unfit) }
}

/// Whether it is a JPEG as we write them, of this size: one baseline scan of three components. Others, which are
/// legal, may take a decoder long, or much memory.
fn check(jpeg: &[u8], rect: &Rect) -> Result<(), Unfit> {
    let mut reader = Reader::new(jpeg);
    if reader.take(2)? != [0xff, marker::START] {
        return Err(Unfit);
    }
    let mut frames = 0;
    loop {
        let [0xff, kind, high, low] = reader.take(4)? else { return Err(Unfit) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let content = reader.take(length.checked_sub(2).ok_or(Unfit)?)?;
        match *kind {
            marker::JFIF | marker::QUANTISERS | marker::CODES => {}
            marker::BASELINE => {
                frames += 1;
                check_frame(content, rect)?;
            }
            marker::SCAN if frames == 1 => break,
            _ => return Err(Unfit),
        }
    }
    check_scan(reader.take_rest())
}

/// Whether a frame header says this size, and three components that are sampled as ours.
fn check_frame(content: &[u8], rect: &Rect) -> Result<(), Unfit> {
    let [8, high, low, wide, narrow, 3, components @ ..] = content else { return Err(Unfit) };
    let side = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
    let fits = (side(wide, narrow), side(high, low)) == (rect.width, rect.height);
    let sampled: Vec<u8> = components.chunks(3).filter_map(|component| component.get(1)).copied().collect();
    if fits && sampled == [0x22, 0x11, 0x11] { Ok(()) } else { Err(Unfit) }
}

/// Whether no marker is within a scan, and the one at its end is that of the picture.
fn check_scan(scan: &[u8]) -> Result<(), Unfit> {
    let Some((data, [0xff, marker::END])) = scan.split_last_chunk() else { return Err(Unfit) };
    let markers = data.windows(2).filter(|pair| pair[0] == 0xff && pair[1] != 0);
    if markers.count() == 0 && data.last() != Some(&0xff) { Ok(()) } else { Err(Unfit) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Waves of several lengths, with a little grain.
    fn photo(width: u32, height: u32) -> Vec<u32> {
        let pixel = |x: u32, y: u32| {
            let wave = |n: f32| (100.0 + 60.0 * (x as f32 / n).sin() + 50.0 * (y as f32 / n / 1.3).cos()) as u32;
            let grain = (x * 7 + y * 13) % 3;
            (wave(31.0) + grain) << 16 | (wave(57.0) + grain) << 8 | (wave(90.0) + grain)
        };
        (0..height).flat_map(|y| (0..width).map(move |x| pixel(x, y))).collect()
    }

    fn noise_ratio(one: &[u32], other: &[u32]) -> f64 {
        let channels =
            one.iter().zip(other).flat_map(|(one, other)| one.to_le_bytes().into_iter().zip(other.to_le_bytes()));
        let squares: u64 = channels.map(|(one, other)| u64::from(one.abs_diff(other)).pow(2)).sum();
        10.0 * (255.0 * 255.0 * 3.0 * one.len() as f64 / squares as f64).log10()
    }

    proptest! {
        #[test]
        fn photos_look_the_same(sides in prop::collection::vec((64..130u32, 64..100u32), 1..4)) {
            let rects: Vec<Rect> = sides.iter().map(|(width, height)| Rect::new(0, 0, *width, *height)).collect();
            let pixels: Vec<u32> = sides.iter().flat_map(|(width, height)| photo(*width, *height)).collect();
            let mut bytes = Vec::new();
            write(&rects, &pixels, Quality::High, &mut bytes).unwrap();
            let mut shown = vec![0; pixels.len()];
            prop_assert_eq!(read(&rects, &bytes, &mut shown), Ok(()));
            prop_assert!(noise_ratio(&pixels, &shown) > 30.0);
            for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
                prop_assert_eq!(read(&rects, &bytes[..cut], &mut shown), Err(Unfit));
            }
        }

        #[test]
        fn changed_ones_are_refused_or_shown(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let (rects, pixels) = ([Rect::new(0, 0, 75, 61)], photo(75, 61));
            let mut bytes = Vec::new();
            write(&rects, &pixels, Quality::High, &mut bytes).unwrap();
            let length = bytes.len();
            changes.iter().for_each(|(at, value)| bytes[at.index(length)] = *value);
            let mut shown = vec![0; pixels.len()];
            let _ = read(&rects, &bytes, &mut shown);
            prop_assert!(shown.iter().all(|pixel| *pixel <= COLOUR));
        }
    }

    #[test]
    fn each_quality_takes_less_than_the_better_one() {
        let (rects, pixels) = ([Rect::new(0, 0, 512, 384)], photo(512, 384));
        let length = |quality| {
            let mut bytes = Vec::new();
            write(&rects, &pixels, quality, &mut bytes).unwrap();
            bytes.len() as f64
        };
        let [low, middle, high] = [Quality::Low, Quality::Middle, Quality::High].map(length);
        assert!(middle < high * 0.8 && low < middle * 0.8, "{low} {middle} {high}");
    }

    #[test]
    fn small_and_narrow_ones_are_refused() {
        for (width, height) in [(1, 1), (63, 64), (15, 1_000), (4_096, 1)] {
            let (rects, pixels) = ([Rect::new(0, 0, width, height)], photo(width, height));
            assert_eq!(write(&rects, &pixels, Quality::High, &mut Vec::new()), Err(Unfit));
            assert_eq!(read(&rects, &[], &mut vec![0; pixels.len()]), Err(Unfit));
        }
    }

    #[test]
    fn other_kinds_are_refused() {
        let (rect, pixels) = (Rect::new(0, 0, 40, 30), photo(40, 30));
        let plain: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let made = |width, set: fn(&mut Encoder<&mut Vec<u8>>)| {
            let mut jpeg = Vec::new();
            let mut encoder = Encoder::new(&mut jpeg, 80);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            set(&mut encoder);
            encoder.encode(&plain, width, 30, ColorType::Bgra).unwrap();
            jpeg
        };
        assert_eq!(check(&made(40, |_| ()), &rect), Ok(()));
        for jpeg in [
            made(20, |_| ()),
            made(40, |encoder| encoder.set_progressive(true)),
            made(40, |encoder| encoder.set_sampling_factor(SamplingFactor::F_1_1)),
            made(40, |encoder| encoder.set_restart_interval(1)),
            made(40, |encoder| encoder.add_app_segment(2, vec![0; 9]).unwrap()),
        ] {
            assert_eq!(check(&jpeg, &rect), Err(Unfit));
        }
    }
}
