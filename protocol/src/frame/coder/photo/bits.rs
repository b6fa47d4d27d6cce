//! The residuals of a channel as bits, each by the code of its context. The first bit is the lowest of the first byte.

use super::super::models::Unfit;
use super::context;
use super::huffman::{Code, LONGEST, Lengths, codes};

/// So many codes are read together, and written: both fit 64 bits with up to seven that wait for their byte to be full.
pub(super) const AT_ONCE: usize = 4;
const WRITTEN: usize = 5;

/// The symbols of a channel: residual + 256 × context.
const SYMBOLS: usize = context::MOST.next_power_of_two() * 256;

/// Groups of codes whose bytes are gathered before they are appended.
const GROUPS: usize = 256;

/// How a channel is written: the code of each symbol.
#[derive(Debug, Default)]
pub(super) struct Book(Vec<Code>);

impl Book {
    /// Sets the codes of each context.
    pub(super) fn set(&mut self, contexts: &[Lengths]) -> Result<(), Unfit> {
        self.0.clear();
        for lengths in contexts {
            self.0.extend(codes(lengths)?);
        }
        self.0.resize(SYMBOLS, Code::default());
        Ok(())
    }

    /// Appends symbols.
    pub(super) fn write(&self, symbols: &[u16], bytes: &mut Vec<u8>) {
        let Some(codes) = self.0.first_chunk() else { return };
        let (groups, rest) = symbols.as_chunks::<WRITTEN>();
        let mut held = Held::default();
        for groups in groups.chunks(GROUPS) {
            let mut gathered = [0; GROUPS * 8];
            let mut used = 0;
            for group in groups {
                group.iter().for_each(|symbol| held.add(*symbol, codes));
                if let Some(room) = gathered[used..].first_chunk_mut() {
                    *room = held.bits.to_le_bytes();
                }
                used += held.forget_whole_bytes();
            }
            bytes.extend_from_slice(&gathered[..used]);
        }
        rest.iter().for_each(|symbol| held.add(*symbol, codes));
        bytes.extend_from_slice(&held.bits.to_le_bytes()[..held.count.div_ceil(8) as usize]);
    }
}

/// Bits that are still to be written.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    bits: u64,
    count: u32,
}

impl Held {
    #[inline(always)]
    fn add(&mut self, symbol: u16, codes: &[Code; SYMBOLS]) {
        let code = &codes[usize::from(symbol) % SYMBOLS];
        self.bits |= u64::from(code.bits) << self.count;
        self.count += code.length;
    }

    /// Drops all but the bits of the last byte, if that is not full. Returns how many bytes were.
    #[inline(always)]
    fn forget_whole_bytes(&mut self) -> usize {
        let bytes = self.count / 8;
        self.bits >>= bytes * 8;
        self.count %= 8;
        bytes as usize
    }
}

/// How a channel is read: by context and the next [`LONGEST`] bits, which residual they begin with, and its length.
#[derive(Debug, Default)]
pub(super) struct Table(Vec<[u8; 2]>);

const ENTRIES: usize = context::MOST.next_power_of_two() << LONGEST;

impl Table {
    /// Sets the codes of each context.
    pub(super) fn set(&mut self, contexts: &[Lengths]) -> Result<(), Unfit> {
        self.0.resize(ENTRIES, [0; 2]);
        for (lengths, table) in contexts.iter().zip(self.0.chunks_exact_mut(1 << LONGEST)) {
            let alone = (0..=u8::MAX).find(|residual| lengths[usize::from(*residual)] > 0);
            table.fill([alone.unwrap_or_default(), 0]);
            for (residual, code) in (0..=u8::MAX).zip(codes(lengths)?).filter(|(_, code)| code.length > 0) {
                let entries = table.iter_mut().skip(code.bits as usize).step_by(1 << code.length);
                entries.for_each(|entry| *entry = [residual, code.length as u8]);
            }
        }
        Ok(())
    }

    /// A reader of what a [`Book`] of the same codes has written.
    pub(super) fn reader<'a>(&'a self, bytes: &'a [u8]) -> Result<Reader<'a>, Unfit> {
        Ok(Reader { bytes, table: self.0.first_chunk().ok_or(Unfit)?, next: 0, bits: 0, count: 0 })
    }
}

/// Reads residuals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    table: &'a [[u8; 2]; ENTRIES],
    /// The byte after those that are held.
    next: usize,
    bits: u64,
    /// How many bits are held; there may be more, which are read again.
    count: u32,
}

impl Reader<'_> {
    /// The residuals with these contexts.
    #[inline(always)]
    pub(super) fn group(&mut self, contexts: &[u8; AT_ONCE], residuals: &mut [u8; AT_ONCE]) {
        self.fill();
        for (context, residual) in contexts.iter().zip(residuals) {
            *residual = self.residual(*context);
        }
    }

    /// The same for fewer than a group.
    pub(super) fn rest(&mut self, contexts: &[u8], residuals: &mut [u8]) {
        self.fill();
        for (context, residual) in contexts.iter().zip(residuals) {
            *residual = self.residual(*context);
        }
    }

    /// Whether all bytes have been read, and no more.
    pub(super) const fn is_at_end(&self) -> bool {
        (self.next * 8 - self.count as usize).div_ceil(8) == self.bytes.len()
    }

    /// Holds at least 56 bits. After the last byte come zeros.
    #[inline(always)]
    fn fill(&mut self) {
        let bytes = self.bytes.get(self.next..).and_then(<[u8]>::first_chunk);
        let more = bytes.map_or_else(|| self.last(), |bytes| u64::from_le_bytes(*bytes));
        self.bits |= more << self.count;
        self.next += (63 - self.count as usize) / 8;
        self.count |= 56;
    }

    #[cold]
    fn last(&self) -> u64 {
        let mut last = [0; 8];
        let bytes = self.bytes.get(self.next..).unwrap_or_default();
        last[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(last)
    }

    #[inline(always)]
    fn residual(&mut self, context: u8) -> u8 {
        let entry = usize::from(context) << LONGEST | (self.bits as usize & ((1 << LONGEST) - 1));
        let [residual, length] = self.table[entry % ENTRIES];
        self.bits >>= length;
        self.count -= u32::from(length);
        residual
    }
}
