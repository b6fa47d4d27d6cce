//! Whole frames through general coders: zstd, PNG, JPEG.

use std::io;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zstd::bulk::Compressor;

use super::{Peer, Screen};

/// zstd's level.
const LEVEL: i32 = 3;

/// JPEG's quality, of 100, with one colour for four pixels: what sends photographs well.
const QUALITY: u8 = 80;

/// zstd at level 3.
pub struct Zstd {
    compressor: Compressor<'static>,
    packed: Vec<u8>,
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zstd")
    }
}

impl Zstd {
    /// A coder of whole frames.
    ///
    /// # Errors
    /// When zstd refuses its level.
    pub fn new() -> io::Result<Self> {
        Ok(Self { compressor: Compressor::new(LEVEL)?, packed: Vec::new() })
    }
}

impl Peer for Zstd {
    fn send(&mut self, _: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(now.bytes().len()));
        Ok(self.compressor.compress_to_buffer(now.bytes(), &mut self.packed)? as u64)
    }
}

/// PNG as the `png` crate makes it when nothing is set.
#[derive(Debug)]
pub struct Png;

impl Peer for Png {
    fn send(&mut self, _: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        Ok(png(now)?.len() as u64)
    }
}

/// JPEG at quality 80, 4:2:0.
#[derive(Debug)]
pub struct Jpeg;

impl Peer for Jpeg {
    fn send(&mut self, _: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        let size = now.size();
        Ok(jpeg(now.bytes(), size.width, size.height, QUALITY, SamplingFactor::R_4_2_0)?.len() as u64)
    }
}

/// A PNG of the screen.
fn png(screen: &Screen<'_>) -> io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let size = screen.size();
    let mut encoder = png::Encoder::new(&mut file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&screen.rgb(size.rect())).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(file)
}

/// A JPEG of BGRX pixels without padding.
pub(super) fn jpeg(bgrx: &[u8], width: u32, height: u32, quality: u8, sampling: SamplingFactor) -> io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, quality);
    encoder.set_sampling_factor(sampling);
    let side = |pixels: u32| u16::try_from(pixels).map_err(io::Error::other);
    encoder.encode(bgrx, side(width)?, side(height)?, ColorType::Bgra).map_err(io::Error::other)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::screen::tests::{SIZE, noise, text};

    #[test]
    fn flat_is_smaller_than_noise() {
        let peers: [&mut dyn Peer; 3] = [&mut Zstd::new().unwrap(), &mut Png, &mut Jpeg];
        for peer in peers {
            let mut sizes = [text(1), noise(1), text(1)]
                .map(|picture| peer.send(None, &Screen::new(SIZE, &picture).unwrap()).unwrap());
            assert_eq!(sizes[0], sizes[2]);
            sizes.sort_unstable();
            assert!(sizes[2] > sizes[0]);
        }
    }

    #[test]
    fn a_png_shows_the_screen() {
        let picture = text(2);
        let screen = Screen::new(SIZE, &picture).unwrap();
        let file = png(&screen).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, screen.rgb(SIZE.rect()));
    }
}
