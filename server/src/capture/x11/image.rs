//! Fetching pixels: into memory shared with the X server, or through the connection where there is none.

use std::{fs::File, io};

use beside_protocol::frame::{Patch, Rect, Size};
use memmap2::{MmapOptions, MmapRaw};
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        shm::{self, ConnectionExt as _},
        xproto::{ConnectionExt as _, ImageFormat, Window},
    },
    rust_connection::RustConnection,
};

use super::pixels::PixelFormat;

/// Fetches pieces of the root window.
#[derive(Debug)]
pub(super) struct Images {
    format: PixelFormat,
    source: Source,
    /// Pixels that had to be converted to BGRX.
    converted: Vec<u8>,
}

#[derive(Debug)]
enum Source {
    Shared(Segment),
    /// For X servers on other machines: one reply for each piece.
    Connection(Vec<Vec<u8>>),
}

/// Memory that the X server has made and passed to us as a file descriptor. It has no name in the system and ends
/// with the two processes, however they end.
#[derive(Debug)]
struct Segment {
    id: shm::Seg,
    memory: MmapRaw,
}

/// A piece to fetch, and where its bytes will lie.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Relative to the area.
    rect: Rect,
    stride: usize,
    offset: usize,
}

impl Images {
    /// Prepares to fetch pictures of `size`; `local` tells whether the X server can pass file descriptors to us.
    pub(super) fn new(conn: &RustConnection, format: PixelFormat, size: Size, local: bool) -> Self {
        let shared = if local { Segment::new(conn, format.stride(size.width) * size.height as usize) } else { None };
        let source = shared.map_or_else(|| Source::Connection(Vec::new()), Source::Shared);
        Self { format, source, converted: Vec::new() }
    }

    /// Whether pixels come through shared memory.
    #[cfg(test)]
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self.source, Source::Shared(_))
    }

    /// Gives the memory back to the X server.
    pub(super) fn release(self, conn: &RustConnection) {
        if let Source::Shared(segment) = self.source {
            // Fails only together with the connection, which gives it back too.
            let _ = conn.shm_detach(segment.id);
        }
    }

    /// Fetches `rects` (relative to `area`, a part of `root`): all requests go out at once, and the time of
    /// one round trip is waited.
    pub(super) fn fetch(
        &mut self,
        conn: &RustConnection,
        root: Window,
        area: &Rect,
        rects: &[Rect],
    ) -> Result<Vec<Patch<'_>>, ReplyError> {
        let pieces = self.lay_out(area, rects);
        match &mut self.source {
            Source::Shared(segment) => segment.fetch(conn, root, area, &pieces)?,
            Source::Connection(replies) => *replies = fetch_plain(conn, root, area, &pieces)?,
        }
        Ok(self.patches(&pieces))
    }

    /// Where each of `rects` goes: one behind the other, or all of the area when they would need more memory than that.
    fn lay_out(&self, area: &Rect, rects: &[Rect]) -> Vec<Piece> {
        let bytes = |rect: &Rect| self.format.stride(rect.width) * rect.height as usize;
        let whole = area.size().rect();
        let rects = if rects.iter().map(bytes).sum::<usize>() > bytes(&whole) { &[whole][..] } else { rects };
        let mut offset = 0;
        let piece = |rect: &Rect| {
            let piece = Piece { rect: *rect, stride: self.format.stride(rect.width), offset };
            offset += bytes(rect);
            piece
        };
        rects.iter().map(piece).collect()
    }

    fn patches(&mut self, pieces: &[Piece]) -> Vec<Patch<'_>> {
        let source = &self.source;
        let image = |(index, piece): (usize, &Piece)| {
            let length = piece.stride * piece.rect.height as usize;
            let bytes = match source {
                Source::Shared(segment) => segment.bytes().get(piece.offset..),
                Source::Connection(replies) => replies.get(index).map(Vec::as_slice),
            };
            bytes.and_then(|bytes| bytes.get(..length))
        };
        let images = pieces.iter().zip(pieces.iter().enumerate().map(image));
        if self.format.is_bgrx() {
            return images.filter_map(|(piece, bytes)| Patch::new(piece.rect, piece.stride, bytes?)).collect();
        }
        self.converted.clear();
        for (piece, bytes) in images {
            self.format.convert(bytes.unwrap_or_default(), piece.rect.width, &mut self.converted);
        }
        let mut rest = self.converted.as_slice();
        let patch = |piece: &Piece| {
            let stride = piece.rect.width as usize * 4;
            let (bytes, after) = rest.split_at_checked(stride * piece.rect.height as usize)?;
            rest = after;
            Patch::new(piece.rect, stride, bytes)
        };
        pieces.iter().map_while(patch).collect()
    }
}

impl Segment {
    /// A segment of `length` bytes; `None` when the X server has no such thing to give.
    fn new(conn: &RustConnection, length: usize) -> Option<Self> {
        let segment = Self::create(conn, length);
        if let Err(error) = &segment {
            tracing::info!(%error, "no shared memory with the X server: pixels come through the connection");
        }
        segment.ok()
    }

    fn create(conn: &RustConnection, length: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let version = conn.shm_query_version()?.reply()?;
        if (version.major_version, version.minor_version) < (1, 2) {
            return Err("MIT-SHM is older than 1.2".into());
        }
        let id = conn.generate_id()?;
        let reply = conn.shm_create_segment(id, u32::try_from(length)?, false)?.reply()?;
        let file = File::from(reply.shm_fd);
        // Reading beyond the end of the file would be a bus error.
        if file.metadata()?.len() < length as u64 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let memory = MmapOptions::new().len(length).map_raw_read_only(&file)?;
        Ok(Self { id, memory })
    }

    fn fetch(&mut self, conn: &RustConnection, root: Window, area: &Rect, pieces: &[Piece]) -> Result<(), ReplyError> {
        let mut cookies = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (x, y, width, height) = on_root(area, &piece.rect);
            let (format, offset) = (u8::from(ImageFormat::Z_PIXMAP), u32::try_from(piece.offset).unwrap_or(u32::MAX));
            cookies.push(conn.shm_get_image(root, x, y, width, height, ALL_PLANES, format, self.id, offset)?);
        }
        // Every reply is waited for, also after an error: none may be written while the memory is read.
        cookies.into_iter().map(|cookie| cookie.reply().map(drop)).fold(Ok(()), Result::and)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping is readable and `len()` bytes long, and lives as long as `self`; the file behind it is at
        // least as long. The X server writes to it only to answer `fetch`, which takes `self` exclusively
        // and has waited for all answers before it returns.
        unsafe { std::slice::from_raw_parts(self.memory.as_ptr(), self.memory.len()) }
    }
}

/// All bits of every pixel.
const ALL_PLANES: u32 = u32::MAX;

fn fetch_plain(conn: &RustConnection, root: Window, area: &Rect, pieces: &[Piece]) -> Result<Vec<Vec<u8>>, ReplyError> {
    let mut cookies = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (x, y, width, height) = on_root(area, &piece.rect);
        cookies.push(conn.get_image(ImageFormat::Z_PIXMAP, root, x, y, width, height, ALL_PLANES)?);
    }
    cookies.into_iter().map(|cookie| Ok(cookie.reply()?.data)).collect()
}

/// `rect` of `area` as X11 counts on the root window. No root window is larger than these types can say.
fn on_root(area: &Rect, rect: &Rect) -> (i16, i16, u16, u16) {
    let place = |at: u32| i16::try_from(at).unwrap_or(i16::MAX);
    let length = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    (place(area.x + rect.x), place(area.y + rect.y), length(rect.width), length(rect.height))
}
