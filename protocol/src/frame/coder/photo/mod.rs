//! Coding of photographs without loss: each byte as what it differs by from a prediction.
//!
//! | file | has |
//! |---|---|
//! | `colour` | colours as brightness and differences |
//! | `rows`, `predict` | rows with their neighbours, and what those tell about a byte |
//! | `context` | how large a residual may be, by those above |
//! | `huffman`, `bits` | codes for residuals, and residuals as bits |
//!
//! Everything that an encoder does but the codes themselves depends on its source alone, row by row, so it is made of vector
//! instructions. Fixed codes cost 1 to 8 % more bytes than arithmetic coding (the smoother the more), and about 0.7 of its time.

mod bits;
mod colour;
mod context;
mod huffman;
mod predict;
mod rows;

use self::bits::{AT_ONCE, Book, Reader, Table};
use self::colour::CHANNELS;
use self::context::Contexts;
use self::huffman::{Lengths, Models};
use self::predict::Predictor;
use self::rows::Rows;
use super::entropy;
use super::models::Unfit;
use crate::frame::buffer::pieces;
use crate::frame::{Rect, varint};

/// One in so many rows is looked at to choose the predictor.
const LOOK_EACH: usize = 16;

/// The decisions that the lengths of all codes may take.
const MOST_DECISIONS: u64 = 1 << 17;

/// Symbols are counted by this many counters in turn: one that has just counted is not ready for the next.
const COUNTERS: usize = 4;

/// Writes photographs; keeps its memory.
#[derive(Debug, Default)]
pub(super) struct PhotoWriter {
    rows: Rows,
    /// Context × 256 + residual of each pixel.
    symbols: [Vec<u16>; CHANNELS],
    books: [Book; CHANNELS],
    stream: Vec<u8>,
}

impl PhotoWriter {
    /// Appends the pixels of `rects`, one rectangle's after the other.
    pub(super) fn write(&mut self, rects: &[Rect], pixels: &[u32], bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        let number = Contexts::number_for(pixels.len());
        let contexts = Contexts::numbered(number).ok_or(Unfit)?;
        let predictor = self.choose(rects, pixels);
        bytes.push((predictor as u8) << 2 | number);
        self.predict(rects, pixels, predictor, &contexts);
        self.write_codes(&contexts, bytes)?;
        for (n, (book, symbols)) in self.books.iter().zip(&self.symbols).enumerate() {
            self.stream.clear();
            book.write(symbols, &mut self.stream);
            if n < CHANNELS - 1 {
                varint::write(bytes, self.stream.len() as u64);
            }
            bytes.extend_from_slice(&self.stream);
        }
        Ok(())
    }

    /// The predictor that leaves the least of the brightness.
    fn choose(&mut self, rects: &[Rect], pixels: &[u32]) -> Predictor {
        let mut left = [0; Predictor::ALL.len()];
        for (rect, pixels) in pieces(rects, pixels) {
            let width = rect.width as usize;
            self.rows.begin(width);
            for pair in pixels.chunks_exact(2 * width).step_by(LOOK_EACH / 2) {
                for row in pair.chunks_exact(width) {
                    self.rows.turn();
                    self.rows.take(row);
                }
                let [light, ..] = &mut self.rows.lanes;
                for (predictor, left) in Predictor::ALL.iter().zip(&mut left) {
                    predictor.apply(light);
                    light.note_sizes();
                    *left += light.distance();
                }
            }
        }
        let least = Predictor::ALL.iter().zip(left).min_by_key(|(_, left)| *left);
        least.map_or(Predictor::Median, |(predictor, _)| *predictor)
    }

    /// Sets the symbols.
    fn predict(&mut self, rects: &[Rect], pixels: &[u32], predictor: Predictor, contexts: &Contexts) {
        self.symbols.iter_mut().for_each(|symbols| symbols.resize(pixels.len(), 0));
        let mut symbols = self.symbols.each_mut().map(Vec::as_mut_slice);
        for (rect, pixels) in pieces(rects, pixels) {
            let width = rect.width as usize;
            self.rows.begin(width);
            for (y, row) in pixels.chunks_exact(width).enumerate() {
                self.rows.step(contexts);
                self.rows.take(row);
                for (lane, symbols) in self.rows.lanes.iter_mut().zip(&mut symbols) {
                    predictor.in_row(y).apply(lane);
                    lane.note_sizes();
                    let row = symbols.split_off_mut(..width).unwrap_or_default();
                    for (symbol, (residual, context)) in row.iter_mut().zip(lane.residuals.iter().zip(&lane.contexts)) {
                        *symbol = u16::from_le_bytes([*residual, *context]);
                    }
                }
            }
        }
    }

    /// Makes the codes, and appends their lengths.
    fn write_codes(&mut self, contexts: &Contexts, bytes: &mut Vec<u8>) -> Result<(), Unfit> {
        self.stream.clear();
        let mut writer = entropy::Writer::new(&mut self.stream, MOST_DECISIONS);
        let mut models = Models::new();
        for (symbols, book) in self.symbols.iter().zip(&mut self.books) {
            let counts = count(symbols);
            let lengths: Result<Vec<Lengths>, Unfit> = counts[..contexts.count()]
                .iter()
                .map(|counts| huffman::tell(&mut writer, &mut models, &huffman::lengths(counts)))
                .collect();
            book.set(&lengths?)?;
        }
        writer.left().ok_or(Unfit)?;
        writer.finish();
        varint::write(bytes, self.stream.len() as u64);
        bytes.extend_from_slice(&self.stream);
        Ok(())
    }
}

/// How often each residual comes in each context.
fn count(symbols: &[u16]) -> [[u32; 256]; context::MOST] {
    let mut counters = [[0; context::MOST * 256]; COUNTERS];
    let (groups, rest) = symbols.as_chunks::<COUNTERS>();
    for group in groups {
        for (symbol, counter) in group.iter().zip(&mut counters) {
            counter[usize::from(*symbol)] += 1;
        }
    }
    rest.iter().for_each(|symbol| counters[0][usize::from(*symbol)] += 1);
    let mut counts = [[0; 256]; context::MOST];
    for counter in &counters {
        counts.as_flattened_mut().iter_mut().zip(counter).for_each(|(count, more)| *count += more);
    }
    counts
}

/// Reads photographs; keeps its memory.
#[derive(Debug, Default)]
pub(super) struct PhotoReader {
    rows: Rows,
    tables: [Table; CHANNELS],
}

impl PhotoReader {
    /// Reads the pixels of `rects`: as many as there are in `pixels`.
    pub(super) fn read(&mut self, rects: &[Rect], data: &[u8], pixels: &mut [u32]) -> Result<(), Unfit> {
        let mut data = varint::Reader::new(data);
        let head = data.byte()?;
        let contexts = Contexts::numbered(head & 3).ok_or(Unfit)?;
        let predictor = *Predictor::ALL.get(usize::from(head >> 2)).ok_or(Unfit)?;
        self.read_codes(&contexts, data.counted()?)?;
        let [light, green, red] = &self.tables;
        let mut streams =
            [light.reader(data.counted()?)?, green.reader(data.counted()?)?, red.reader(data.take_rest())?];
        let mut rest = pixels;
        for rect in rects {
            self.rows.begin(rect.width as usize);
            for y in 0..rect.height as usize {
                let row = rest.split_off_mut(..rect.width as usize).ok_or(Unfit)?;
                self.rows.step(&contexts);
                read_row(&mut self.rows, &mut streams);
                predictor.in_row(y).undo(&mut self.rows);
                self.rows.give(row);
            }
        }
        if streams.iter().all(Reader::is_at_end) { Ok(()) } else { Err(Unfit) }
    }

    fn read_codes(&mut self, contexts: &Contexts, data: &[u8]) -> Result<(), Unfit> {
        let mut reader = entropy::Reader::new(data, MOST_DECISIONS);
        let mut models = Models::new();
        for table in &mut self.tables {
            let lengths = (0..contexts.count()).map(|_| huffman::tell(&mut reader, &mut models, &[0; 256]));
            table.set(&lengths.collect::<Result<Vec<Lengths>, Unfit>>()?)?;
        }
        reader.left().map(drop).ok_or(Unfit)
    }
}

/// Reads the residuals of a row, by turns for each channel: none of them waits for another.
fn read_row(rows: &mut Rows, streams: &mut [Reader<'_>; CHANNELS]) {
    let groups = rows.lanes[0].residuals.len() / AT_ONCE;
    let mut lanes = rows.lanes.each_mut().map(|lane| {
        (&lane.contexts.as_chunks::<AT_ONCE>().0[..groups], &mut lane.residuals.as_chunks_mut::<AT_ONCE>().0[..groups])
    });
    // A copy, so that it need not be in memory.
    let mut fast = *streams;
    for group in 0..groups {
        for (stream, (contexts, residuals)) in fast.iter_mut().zip(&mut lanes) {
            stream.group(&contexts[group], &mut residuals[group]);
        }
    }
    *streams = fast;
    for (stream, lane) in streams.iter_mut().zip(&mut rows.lanes) {
        stream.rest(lane.contexts.as_chunks::<AT_ONCE>().1, lane.residuals.as_chunks_mut::<AT_ONCE>().1);
        lane.note_sizes();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rectangles that have so many pixels together.
    fn rects(sizes: &[(u32, u32)]) -> (Vec<Rect>, usize) {
        let rects: Vec<Rect> = sizes.iter().map(|(width, height)| Rect::new(0, 0, *width, *height)).collect();
        let pixels = rects.iter().map(Rect::pixels).sum::<u64>();
        (rects, pixels as usize)
    }

    /// From flat to noise, by how much `reach` leaves of random bits.
    fn pixels(count: usize, seed: u32, reach: u32) -> Vec<u32> {
        let random = |n: u32| (n ^ seed).wrapping_mul(0x9e37_79b9).rotate_left(n % 31).wrapping_mul(0x85eb_ca6b);
        let smooth = |n: u32| (n / 9 % 64 + 90) * 0x1_0101;
        (0..count as u32).map(|n| (smooth(n) ^ random(n) & reach) & 0xff_ffff).collect()
    }

    fn assert_comes_back(sizes: &[(u32, u32)], seed: u32, reach: u32) -> Vec<u8> {
        let (rects, count) = rects(sizes);
        let (pixels, mut bytes) = (pixels(count, seed, reach), Vec::new());
        PhotoWriter::default().write(&rects, &pixels, &mut bytes).unwrap();
        let mut back = vec![0; count];
        PhotoReader::default().read(&rects, &bytes, &mut back).unwrap();
        assert!(back == pixels);
        bytes
    }

    proptest! {
        #[test]
        fn all_pixels_come_back(sizes in prop::collection::vec((1..90u32, 1..60u32), 1..5), seed: u32, reach: u32) {
            assert_comes_back(&sizes, seed, reach);
        }

        #[test]
        fn changed_bytes_are_refused_or_read(
            seed: u32,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
            cut: prop::sample::Index,
        ) {
            let sizes = [(40, 30), (7, 3), (100, 50)];
            let mut bytes = assert_comes_back(&sizes, seed, 0x07_0f03);
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let (rects, count) = rects(&sizes);
            let mut reader = PhotoReader::default();
            let _ = reader.read(&rects, &bytes, &mut vec![0; count]);
            prop_assert!(reader.read(&rects, &bytes[..cut.index(bytes.len())], &mut vec![0; count]).is_err());
        }
    }

    #[test]
    fn few_and_many_contexts_come_back() {
        for sizes in [&[(1, 1)][..], &[(1, 5_000)], &[(5_000, 1)], &[(200, 200), (3, 3)], &[(64, 64)]] {
            for reach in [0, 0x01_0101, 0x03_0f3f, u32::MAX] {
                assert_comes_back(sizes, 7, reach);
            }
        }
    }

    #[test]
    fn what_follows_is_refused() {
        let sizes = [(40, 30)];
        let mut bytes = assert_comes_back(&sizes, 7, 0x07_0707);
        let (rects, count) = rects(&sizes);
        bytes.push(0);
        assert!(PhotoReader::default().read(&rects, &bytes, &mut vec![0; count]).is_err());
    }
}
