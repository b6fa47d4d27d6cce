//! QOIZ, the lossless codec of IronRDP: QOI for each changed rectangle, then one zstd stream for the connection.
//!
//! The QOI coder is IronRDP's own (`qoicoubeh`); the settings of zstd are those of `ironrdp-server` 0.13 (level 3, matching
//! over long distances, a flush for each rectangle), read from its documentation and source.

use std::io;

use beside_protocol::frame::Rect;
use qoi::{EncoderBuilder, RawChannels};
use zstd::zstd_safe::{self, CCtx, CParameter, InBuffer, OutBuffer, zstd_sys::ZSTD_EndDirective};

use super::{Peer, Screen, changed_rects};

/// zstd's level.
const LEVEL: i32 = 3;

/// A connection's coder.
pub struct Qoiz {
    context: CCtx<'static>,
}

impl std::fmt::Debug for Qoiz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Qoiz")
    }
}

impl Qoiz {
    /// A coder as a connection begins.
    ///
    /// # Errors
    /// When zstd refuses its settings.
    pub fn new() -> io::Result<Self> {
        let mut context = CCtx::create();
        for setting in [CParameter::CompressionLevel(LEVEL), CParameter::EnableLongDistanceMatching(true)] {
            context.set_parameter(setting).map_err(named)?;
        }
        Ok(Self { context })
    }

    /// What the connection carries for `rect`.
    fn code(&mut self, screen: &Screen<'_>, rect: &Rect) -> io::Result<Vec<u8>> {
        let plain = EncoderBuilder::new(screen.window(rect), rect.width, rect.height)
            .stride(screen.stride())
            .raw_channels(RawChannels::Bgrx)
            .build()
            .and_then(|encoder| encoder.encode_to_vec())
            .map_err(io::Error::other)?;
        let mut packed = vec![0; plain.len()];
        let (mut input, mut written) = (InBuffer::around(&plain), 0);
        loop {
            let mut output = OutBuffer::around_pos(packed.as_mut_slice(), written);
            let left = self.context.compress_stream2(&mut output, &mut input, ZSTD_EndDirective::ZSTD_e_flush);
            let left = left.map_err(named)?;
            written = output.pos();
            if left == 0 {
                packed.truncate(written);
                return Ok(packed);
            }
            packed.resize(packed.len() + left, 0);
        }
    }
}

impl Peer for Qoiz {
    fn send(&mut self, before: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        let rects = before.map_or_else(|| vec![now.size().rect()], |before| changed_rects(before, now));
        rects.iter().map(|rect| Ok(self.code(now, rect)?.len() as u64)).sum()
    }
}

/// zstd's error in words.
fn named(code: usize) -> io::Error {
    io::Error::other(zstd_safe::get_error_name(code))
}

#[cfg(test)]
mod tests {
    use zstd::stream::raw::{Decoder, Operation};

    use super::*;
    use crate::compare::screen::tests::{SIZE, noise, text};

    #[test]
    fn what_is_sent_comes_back() {
        let (mut coder, mut decoder) = (Qoiz::new().unwrap(), Decoder::new().unwrap());
        let pictures = [text(1), noise(2), text(3), text(1)];
        let rect = Rect::new(3, 5, 90, 70);
        for picture in &pictures {
            let screen = Screen::new(SIZE, picture).unwrap();
            let packed = coder.code(&screen, &rect).unwrap();
            let mut plain = vec![0; 200_000];
            let (mut read, mut written) = (0, 0);
            while read < packed.len() {
                let status = decoder.run_on_buffers(&packed[read..], &mut plain[written..]).unwrap();
                (read, written) = (read + status.bytes_read, written + status.bytes_written);
            }
            let (header, pixels) = qoi::decode_to_vec(&plain[..written]).unwrap();
            assert_eq!((header.width, header.height), (rect.width, rect.height));
            assert_eq!(pixels, screen.rgb(rect));
        }
    }

    #[test]
    fn the_context_remembers() {
        let (mut coder, picture) = (Qoiz::new().unwrap(), noise(1));
        let screen = Screen::new(SIZE, &picture).unwrap();
        let [first, again] = [0; 2].map(|_| coder.send(None, &screen).unwrap());
        assert!(first > 40_000 && again < 400, "{first} {again}");
        assert_eq!(coder.send(Some(&screen), &screen).unwrap(), 0);
    }
}
