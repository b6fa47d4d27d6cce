//! The bytes of a part: header, operations, and the limits that a decoder holds them to.

use super::coder::Coding;
use super::error::DecodeError;
use super::geometry::{Rect, Size};
use super::varint::{self, Reader};

/// The longest part in bytes: what a decoder reads before it gives up on a stream.
pub const MAX_PART_BYTES: usize = 4 << 20;

/// The last number of a log (over a year at 60 updates a second).
pub const MAX_NUMBER: u64 = (1 << 31) - 2;

/// The most parts of an update; 64 Mi pixels in bands of 256 Ki make about 270.
const MAX_PARTS: u32 = 1_024;

/// The most pixels that all operations of a part may carry: bounds what a few hostile bytes can make a viewer write.
const MAX_PIXELS: u64 = 1 << 20;

/// The most rectangles of a part.
const MAX_RECTS: u32 = 1_024;

/// The tag of an operation that carries pixels. Further operations get further tags.
const LITERAL: u8 = 1;

/// What the numbered log says about a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One part of the update with this number.
    Update = 1,
    /// Pixels of the picture as it was right after the update with this number; it has no number of its own.
    Repaint = 2,
}

/// The start of a part.
///
/// A part is the whole content of one stream. All numbers but single bytes are varints: seven bits a byte, low bits
/// first, the top bit says that more follow.
///
/// | field | bytes | meaning |
/// |---|---|---|
/// | kind | 1 | 1 = update, 2 = repaint |
/// | number | 1–5 | the update's number, from 1; for a repaint the update that it comes after; at most 2^31 − 2 |
/// | index | 1–2 | the part's place in the update, from 0 |
/// | count | 1–2 | how many parts the update has, at most 1,024 |
/// | operations | | until the end of the part, run in this order |
///
/// An operation begins with a tag byte; an unknown tag is an error. There is one so far, LITERAL:
///
/// | field | bytes | meaning |
/// |---|---|---|
/// | tag | 1 | 1 |
/// | rectangles | 1–2 | how many follow, 1 to 1,024 in a part |
/// | each: top | 1–3 | rows below the top of the rectangle before (the first: below 0) |
/// | each: left, width, height | 1–3 each | in pixels; not empty, within the picture |
/// | coding | 1 | 0 = raw, 1 = one zstd frame, 2 = text |
/// | length | 1–4 | bytes of data |
/// | data | length | blue, green, red of each pixel, row by row, rectangle after rectangle |
///
/// All operations of a part carry 1,048,576 pixels at most, and a part has at most 4 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// An update's part, or a repaint's.
    pub kind: Kind,
    /// The update's number, or the number that a repaint comes after.
    pub number: u64,
    /// The part's place, from 0.
    pub index: u32,
    /// How many parts the update or repaint has.
    pub count: u32,
}

impl Header {
    /// Reads the start of a part, to know what arrived; [`Picture::part`](super::Picture::part) takes the whole.
    ///
    /// # Errors
    /// When the bytes do not start as a part does, or the fields cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::parse(&mut Reader::new(bytes))
    }

    fn parse(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = match reader.byte()? {
            1 => Kind::Update,
            2 => Kind::Repaint,
            other => return Err(DecodeError::Kind(other)),
        };
        let number = reader.varint()?;
        if number > MAX_NUMBER || (kind == Kind::Update && number == 0) {
            return Err(DecodeError::Number);
        }
        let (index, count) = (reader.varint32()?, reader.varint32()?);
        if index >= count || count > MAX_PARTS {
            return Err(DecodeError::Index { index, count });
        }
        Ok(Self { kind, number, index, count })
    }

    /// The bytes of a part with one literal: `rects` by their top, and the coded pixels of all of them.
    pub(super) fn write(&self, rects: &[Rect], coding: Coding, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(data.len() + rects.len() * 12 + 24);
        bytes.push(self.kind as u8);
        varint::write(&mut bytes, self.number);
        varint::write(&mut bytes, self.index.into());
        varint::write(&mut bytes, self.count.into());
        bytes.push(LITERAL);
        varint::write(&mut bytes, rects.len() as u64);
        let mut top = 0;
        for rect in rects {
            for value in [rect.y - top, rect.x, rect.width, rect.height] {
                varint::write(&mut bytes, value.into());
            }
            top = rect.y;
        }
        bytes.push(coding as u8);
        varint::write(&mut bytes, data.len() as u64);
        bytes.extend_from_slice(data);
        bytes
    }
}

/// A step of a part, checked against the limits and the picture; its pixels are not decoded yet.
pub(super) enum Operation<'a> {
    /// Pixels for rectangles.
    Literal(Literal<'a>),
}

/// Pixels for rectangles.
pub(super) struct Literal<'a> {
    pub(super) rects: Vec<Rect>,
    pub(super) coding: Coding,
    pub(super) data: &'a [u8],
    /// How many pixels all the rectangles have.
    pub(super) pixels: usize,
}

/// Splits a part into its header and its operations.
pub(super) fn read(bytes: &[u8], size: Size) -> Result<(Header, Vec<Operation<'_>>), DecodeError> {
    if bytes.len() > MAX_PART_BYTES {
        return Err(DecodeError::TooLong(bytes.len()));
    }
    let mut reader = Reader::new(bytes);
    let header = Header::parse(&mut reader)?;
    let mut room = Room { rects: MAX_RECTS, pixels: MAX_PIXELS };
    let mut operations = Vec::new();
    while !reader.is_empty() {
        operations.push(match reader.byte()? {
            LITERAL => Operation::Literal(literal(&mut reader, size, &mut room)?),
            other => return Err(DecodeError::Operation(other)),
        });
    }
    Ok((header, operations))
}

/// What the rest of a part may still hold.
struct Room {
    rects: u32,
    pixels: u64,
}

fn literal<'a>(reader: &mut Reader<'a>, size: Size, room: &mut Room) -> Result<Literal<'a>, DecodeError> {
    let count = reader.varint32()?;
    if count == 0 || count > room.rects {
        return Err(DecodeError::Rect);
    }
    room.rects -= count;
    let mut rects = Vec::with_capacity(count as usize);
    let (mut top, mut pixels) = (0u32, 0);
    for _ in 0..count {
        let below = reader.varint32()?;
        top = top.checked_add(below).ok_or(DecodeError::Rect)?;
        let rect = Rect::new(reader.varint32()?, top, reader.varint32()?, reader.varint32()?);
        if rect.is_empty() || !rect.fits(size) {
            return Err(DecodeError::Rect);
        }
        pixels += rect.pixels();
        if pixels > room.pixels {
            return Err(DecodeError::Pixels);
        }
        rects.push(rect);
    }
    room.pixels -= pixels;
    let coding = Coding::try_from(reader.byte()?)?;
    let length = reader.varint32()?;
    let data = reader.take(length as usize)?;
    Ok(Literal { rects, coding, data, pixels: pixels as usize })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(100, 50);

    fn header() -> Header {
        Header { kind: Kind::Update, number: 300, index: 2, count: 5 }
    }

    fn refused(bytes: &[u8]) -> DecodeError {
        read(bytes, SIZE).err().unwrap()
    }

    #[test]
    fn bytes_are_as_documented() {
        let bytes = header().write(&[Rect::new(7, 3, 1, 1), Rect::new(0, 5, 2, 1)], Coding::Raw, &[9; 9]);
        let head = [1, 0xac, 2, 2, 5, 1, 2, 3, 7, 1, 1, 2, 0, 2, 1, 0, 9];
        assert_eq!(bytes, [head.as_slice(), &[9; 9]].concat());
        let (read_header, operations) = read(&bytes, SIZE).unwrap();
        assert_eq!((read_header, Header::read(&bytes)), (header(), Ok(header())));
        let [Operation::Literal(literal)] = operations.as_slice() else { panic!("one operation") };
        assert_eq!(literal.rects, [Rect::new(7, 3, 1, 1), Rect::new(0, 5, 2, 1)]);
        assert_eq!((literal.pixels, literal.data), (3, [9; 9].as_slice()));
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = header().write(&[Rect::new(7, 3, 1, 1)], Coding::Raw, &[9; 3]);
        let whole = [5, bytes.len()];
        for length in (0..bytes.len()).filter(|length| !whole.contains(length)) {
            assert_eq!(refused(&bytes[..length]), DecodeError::Truncated, "{length} bytes");
        }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(refused(&vec![1; MAX_PART_BYTES + 1]), DecodeError::TooLong(MAX_PART_BYTES + 1));
        assert_eq!(refused(&[3, 1, 0, 1]), DecodeError::Kind(3));
        assert_eq!(refused(&[1, 0, 0, 1]), DecodeError::Number);
        assert_eq!(refused(&[1, 0xff, 0xff, 0xff, 0xff, 7, 0, 1]), DecodeError::Number);
        assert_eq!(refused(&[1, 1, 1, 1]), DecodeError::Index { index: 1, count: 1 });
        assert_eq!(refused(&[1, 1, 0, 0x81, 8]), DecodeError::Index { index: 0, count: 1_025 });
        assert_eq!(refused(&[1, 1, 0, 1, 2]), DecodeError::Operation(2));
        assert_eq!(refused(&[1, 1, 0, 1, 1, 0]), DecodeError::Rect);
        assert_eq!(refused(&[1, 1, 0, 1, 1, 1, 0, 0, 0, 1]), DecodeError::Rect);
        assert_eq!(refused(&[1, 1, 0, 1, 1, 1, 0, 1, 100, 1]), DecodeError::Rect);
        assert_eq!(refused(&[1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 3]), DecodeError::Coding(3));
        let wide = Size::new(2_048, 2_048);
        let many = [1, 1, 0, 1, 1, 2, 0, 0, 0x80, 16, 0x80, 8, 0, 0, 1];
        assert_eq!(read(&many, wide).err(), Some(DecodeError::Pixels));
    }
}
