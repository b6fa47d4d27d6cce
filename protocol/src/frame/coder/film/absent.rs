//! Films in a build without the feature `h264`: none is made, and none can be read.

use crate::frame::coder::text::Turn;
use crate::frame::error::DecodeError;
use crate::frame::geometry::Rect;
use crate::frame::rough::Quality;

/// Makes no film.
#[derive(Debug, Default)]
pub(in crate::frame) struct FilmWriter {}

impl FilmWriter {
    pub(in crate::frame) const fn forget(&mut self) {}

    pub(in crate::frame) const fn write(&mut self, _: &Rect, _: &[u32], _: Quality) -> Option<Vec<u8>> {
        None
    }
}

/// Reads no film.
#[derive(Debug, Default)]
pub(in crate::frame) struct FilmReader {}

impl FilmReader {
    pub(in crate::frame) const fn read(
        &mut self,
        _: &[Rect],
        _: &[u8],
        _: &mut [u32],
        _: Turn,
    ) -> Result<(), DecodeError> {
        Err(DecodeError::Film)
    }
}
