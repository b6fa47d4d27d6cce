//! What the encoder is compared with: other ways to find what changed, and to send it.

use std::io;

/// zstd's level of the whole-frame coder.
const LEVEL: i32 = 3;

/// The side of a block, in pixels: what servers that compare two frames use.
const BLOCK: usize = 64;

/// Whether two frames are the same: the C library's `memcmp`, which ends at the first difference.
pub fn equal(old: &[u8], new: &[u8]) -> bool {
    old == new
}

/// How many 64 × 64 blocks of two frames differ. Both are BGRX, `width` pixels across, without padding. A block is
/// compared row by row until one differs.
pub fn changed_blocks(old: &[u8], new: &[u8], width: u32) -> usize {
    let stride = width as usize * 4;
    if stride == 0 {
        return 0;
    }
    let bands = old.chunks(stride * BLOCK).zip(new.chunks(stride * BLOCK));
    let changed = bands.flat_map(|(old, new)| {
        (0..stride).step_by(BLOCK * 4).filter(move |left| {
            let block = *left..stride.min(left + BLOCK * 4);
            let mut rows = old.chunks(stride).zip(new.chunks(stride));
            rows.any(|(old, new)| old.get(block.clone()) != new.get(block.clone()))
        })
    });
    changed.count()
}

/// Sends every frame whole, through zstd at level 3.
pub struct WholeFrame {
    compressor: zstd::bulk::Compressor<'static>,
    packed: Vec<u8>,
}

impl std::fmt::Debug for WholeFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WholeFrame")
    }
}

impl WholeFrame {
    /// A coder of whole frames.
    ///
    /// # Errors
    /// When zstd refuses its level.
    pub fn new() -> io::Result<Self> {
        Ok(Self { compressor: zstd::bulk::Compressor::new(LEVEL)?, packed: Vec::new() })
    }

    /// How many bytes `frame` takes.
    ///
    /// # Errors
    /// When zstd fails.
    pub fn pack(&mut self, frame: &[u8]) -> io::Result<usize> {
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(frame.len()));
        self.compressor.compress_to_buffer(frame, &mut self.packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_counted_once() {
        let (width, height) = (130, 70);
        let old = vec![0; width * height * 4];
        let mut new = old.clone();
        assert_eq!(changed_blocks(&old, &new, width as u32), 0);
        for (x, y) in [(0, 0), (63, 63), (64, 0), (129, 69), (128, 64)] {
            new[(y * width + x) * 4] = 1;
        }
        assert_eq!(changed_blocks(&old, &new, width as u32), 3);
        assert_eq!(changed_blocks(&old, &vec![1; old.len()], width as u32), 6);
        assert!(!equal(&old, &new) && equal(&old, &old.clone()));
    }

    #[test]
    fn a_flat_frame_packs_small() {
        let mut coder = WholeFrame::new().unwrap();
        let sizes = [coder.pack(&[7; 40_000]).unwrap(), coder.pack(&[7; 40_000]).unwrap()];
        assert!(sizes[0] < 100 && sizes[0] == sizes[1]);
    }
}
