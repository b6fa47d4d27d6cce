//! Captures of real programs: whole frames in one zstd stream that reaches back far enough to find the frame before.
//!
//! A file is [`MAGIC`], width and height (four bytes each, the lowest first), then zstd of the frames one after the other,
//! BGRX rows without padding. It ends where the stream ends.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use beside_protocol::frame::{COLOUR, Framebuffer, Size};
use zstd::stream::raw::CParameter;
use zstd::stream::{read::Decoder, write::Encoder};

use crate::workload::Scene;

/// The first bytes of a capture.
const MAGIC: &[u8; 8] = b"captured";

/// The end of a capture's file name.
const ENDING: &str = "capture";

/// zstd's level and the logarithm of its window: 128 MB hold fifteen frames of 1080p.
const LEVEL: i32 = 3;
const WINDOW: u32 = 27;

/// Writes a capture.
pub struct Recorder {
    frames: Encoder<'static, BufWriter<File>>,
    size: Size,
    last: Vec<u8>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({:?})", self.size)
    }
}

impl Recorder {
    /// Creates the file at `path`.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn create(path: &Path, size: Size) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&size.width.to_le_bytes())?;
        file.write_all(&size.height.to_le_bytes())?;
        let mut frames = Encoder::new(file, LEVEL)?;
        frames.set_parameter(CParameter::WindowLog(WINDOW))?;
        frames.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        Ok(Self { frames, size, last: Vec::new() })
    }

    /// Adds a frame, unless it is the one before; returns whether it is not. Unused bytes are cleared.
    ///
    /// # Errors
    /// When the frame does not have the capture's size, or can't be written.
    pub fn frame(&mut self, bgrx: &[u8]) -> io::Result<bool> {
        if bgrx.len() as u64 != self.size.pixels() * 4 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a frame of another size"));
        }
        let mut frame = bgrx.to_vec();
        frame.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| pixel[3] = 0);
        if frame == self.last {
            return Ok(false);
        }
        self.frames.write_all(&frame)?;
        self.last = frame;
        Ok(true)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn finish(self) -> io::Result<()> {
        self.frames.finish()?.flush()
    }
}

/// A capture that is played; its last frame stays when it is over.
pub struct Capture {
    name: String,
    size: Size,
    frames: Decoder<'static, BufReader<BufReader<File>>>,
    updates: u32,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Capture({}, {:?})", self.name, self.size)
    }
}

impl Capture {
    /// Opens the capture at `path` and counts its frames.
    ///
    /// # Errors
    /// When it can't be read or is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (size, mut frames) = begin(path)?;
        let count = io::copy(&mut frames, &mut io::sink())? / (size.pixels() * 4);
        let updates = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
        let (_, frames) = begin(path)?;
        Ok(Self { name, size, frames, updates })
    }

    /// The captures in `folder`, by their names.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == ENDING));
        paths.sort();
        Ok(paths)
    }

    /// Its file's name without the ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size of its frames.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// How many frames follow the first.
    pub const fn updates(&self) -> u32 {
        self.updates
    }
}

impl Scene for Capture {
    fn draw(&mut self, picture: &mut Framebuffer, _: u32) {
        let mut frame = vec![0; self.size.pixels() as usize * 4];
        if self.frames.read_exact(&mut frame).is_ok() {
            for (pixel, bgrx) in picture.pixels_mut().iter_mut().zip(frame.as_chunks::<4>().0) {
                *pixel = u32::from_le_bytes(*bgrx) & COLOUR;
            }
        }
    }
}

/// Reads what comes before the frames.
fn begin(path: &Path) -> io::Result<(Size, Decoder<'static, BufReader<BufReader<File>>>)> {
    let mut file = BufReader::new(File::open(path)?);
    let (mut magic, mut width, mut height) = ([0; MAGIC.len()], [0; 4], [0; 4]);
    file.read_exact(&mut magic)?;
    file.read_exact(&mut width)?;
    file.read_exact(&mut height)?;
    let size = Size::new(u32::from_le_bytes(width), u32::from_le_bytes(height));
    if magic != *MAGIC || !size.is_valid() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} is no capture", path.display())));
    }
    let mut frames = Decoder::new(file)?;
    frames.window_log_max(WINDOW)?;
    Ok((size, frames))
}
