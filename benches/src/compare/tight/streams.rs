//! The zlib streams of a connection: one for each kind of data, flushed after each rectangle.

use std::io;

use flate2::{Compress, Compression, FlushCompress};

/// Shorter data is sent as it is, without its length.
const SHORT: usize = 12;

/// A stream's number on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    /// Three bytes for each pixel.
    Full = 0,
    /// One bit.
    Mono = 1,
    /// One byte, a place in a palette.
    Indexed = 2,
}

/// All of them, in the order of their numbers.
pub(super) struct Streams([Compress; 3]);

impl Streams {
    /// Streams as a connection begins: zlib's levels of compress level 2.
    pub(super) fn new() -> Self {
        Self([2, 3, 3].map(|level| Compress::new(Compression::new(level), true)))
    }

    /// Appends `data` to `sent`, through its stream.
    pub(super) fn pack(&mut self, stream: Stream, data: &[u8], sent: &mut Vec<u8>) -> io::Result<()> {
        if data.len() < SHORT {
            sent.extend(data);
            return Ok(());
        }
        let zlib = &mut self.0[stream as usize];
        let start = zlib.total_in();
        let mut packed = Vec::with_capacity(data.len() / 4 + 64);
        loop {
            let read = (zlib.total_in() - start) as usize;
            zlib.compress_vec(&data[read..], &mut packed, FlushCompress::Sync).map_err(io::Error::other)?;
            // What is left fits when the flush has room to spare.
            if packed.len() < packed.capacity() {
                break;
            }
            packed.reserve(packed.len());
        }
        put_length(packed.len(), sent);
        sent.extend(packed);
        Ok(())
    }
}

/// Appends a length: seven bits a byte, the lowest first, at most three bytes.
pub(super) fn put_length(length: usize, sent: &mut Vec<u8>) {
    let (low, middle, high) = ((length & 0x7f) as u8, (length >> 7 & 0x7f) as u8, (length >> 14) as u8);
    match length {
        ..0x80 => sent.push(low),
        0x80..0x4000 => sent.extend([low | 0x80, middle]),
        _ => sent.extend([low | 0x80, middle | 0x80, high]),
    }
}
