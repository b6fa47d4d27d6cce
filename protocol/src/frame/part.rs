//! The bytes of a part: header, operations, and the limits that a decoder holds them to.

use super::change::CopyRect;
use super::coder::{Coding, film};
use super::error::DecodeError;
use super::geometry::{Point, Rect, Size};
use super::varint::{self, Reader};

/// The longest part in bytes: what a decoder reads before it gives up on a stream.
pub const MAX_PART_BYTES: usize = 4 << 20;

/// The last number of a log (over a year at 60 updates a second).
pub const MAX_NUMBER: u64 = (1 << 31) - 2;

/// The most parts of an update; 64 Mi pixels in bands of 256 Ki make about 270.
const MAX_PARTS: u32 = 1_024;

/// The most pixels that a literal may carry: bounds what a few hostile bytes can make a viewer write.
const MAX_PIXELS: u64 = 1 << 20;

/// The most rectangles of a literal.
const MAX_RECTS: u32 = 1_024;

/// The most copies of an update, and how many times the pixels of the picture they write together at most: once each
/// for what is kept, what is moved, and what comes back.
pub(super) const MAX_COPIES: usize = 256;
pub(super) const MAX_COPIED: u64 = 3;

/// The tag of the operation that copies within the picture.
const COPY: u8 = 2;

/// The tag of the operation that carries pixels, with the number of their coding added; and what one rectangle adds.
const LITERAL: u8 = 16;
const ONE_RECT: u8 = 8;

/// What is added to the kind of an update or repaint in one part.
const WHOLE: u8 = 2;

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
/// | kind | 1 | 1 = update, 2 = repaint, 3 = update in one part, 4 = repaint in one part |
/// | number | 1–5 | the update's number, from 1; for a repaint the update that it comes after; at most 2^31 − 2 |
/// | index | 1–2 | the part's place in the update, from 0; left out in kinds 3 and 4 |
/// | count | 1–2 | how many parts the update has, 2 to 1,024; left out in kinds 3 and 4 |
/// | operations | | until the end of the part, run in this order |
///
/// An operation begins with a tag byte; an unknown tag is an error. LITERAL carries pixels. It is the last operation, and
/// its data go to the end of the part:
///
/// | field | bytes | meaning |
/// |---|---|---|
/// | tag | 1 | 16 to 21: raw, one zstd frame, text, photo, JPEG, or film; and 8 more for one rectangle |
/// | rectangles | 1–2 | how many follow, 2 to 1,024; left out if one |
/// | each: top | 1–3 | rows below the top of the rectangle before (the first: below 0) |
/// | each: left, width, height | 1–3 each | in pixels; not empty, within the picture |
/// | data | | raw and zstd: blue, green, red of each pixel, row by row, rectangle after rectangle |
///
/// COPY takes pixels from another place of the reference as it is after the update before. Below the picture the
/// reference has *shelves*, each as large as the picture, which are never shown: eight of them, or as many as have
/// 16,777,216 pixels together. A copy to a shelf keeps what is about to leave the screen, a copy from one brings it back.
/// In the beginning shelves are black. There is one COPY at most in an update, and it is the first operation of part 0;
/// repaints have none:
///
/// | field | bytes | meaning |
/// |---|---|---|
/// | tag | 1 | 2 |
/// | rectangles | 1–2 | how many follow, 1 to 256; they are copied one after the other |
/// | each: left, top, width, height | 1–3 each | what is written, in pixels; not empty, within picture and shelves |
/// | each: right, down | 1–3 each | where it is read: so far from there, zigzag; within picture and shelves |
///
/// The literal of a part carries 1,048,576 pixels at most (a film 2,097,152), the copies write three times as many as the picture has at
/// most, and a part has at most 4 MiB.
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
        let (kind, whole) = match reader.byte()? {
            1 => (Kind::Update, false),
            2 => (Kind::Repaint, false),
            3 => (Kind::Update, true),
            4 => (Kind::Repaint, true),
            other => return Err(DecodeError::Kind(other)),
        };
        let number = reader.varint()?;
        if number > MAX_NUMBER || (kind == Kind::Update && number == 0) {
            return Err(DecodeError::Number);
        }
        if whole {
            return Ok(Self { kind, number, index: 0, count: 1 });
        }
        let (index, count) = (reader.varint32()?, reader.varint32()?);
        if index >= count || !(2..=MAX_PARTS).contains(&count) {
            return Err(DecodeError::Index { index, count });
        }
        Ok(Self { kind, number, index, count })
    }

    /// The bytes of a part up to its literal.
    pub(super) fn write(&self, copies: &[CopyRect]) -> Vec<u8> {
        let whole = self.count == 1;
        let mut bytes = vec![self.kind as u8 + if whole { WHOLE } else { 0 }];
        varint::write(&mut bytes, self.number);
        if !whole {
            varint::write(&mut bytes, self.index.into());
            varint::write(&mut bytes, self.count.into());
        }
        if copies.is_empty() {
            return bytes;
        }
        bytes.push(COPY);
        varint::write(&mut bytes, copies.len() as u64);
        for CopyRect { to, from } in copies {
            for value in [to.x, to.y, to.width, to.height] {
                varint::write(&mut bytes, value.into());
            }
            varint::write_signed(&mut bytes, from.x.cast_signed() - to.x.cast_signed());
            varint::write_signed(&mut bytes, from.y.cast_signed() - to.y.cast_signed());
        }
        bytes
    }
}

/// Appends a literal: `rects` by their top, and the coded pixels of all of them. Nothing can follow.
pub(super) fn write_literal(bytes: &mut Vec<u8>, rects: &[Rect], coding: Coding, data: &[u8]) {
    bytes.reserve(data.len() + rects.len() * 12 + 8);
    bytes.push(LITERAL + coding as u8 + if rects.len() == 1 { ONE_RECT } else { 0 });
    if rects.len() != 1 {
        varint::write(bytes, rects.len() as u64);
    }
    let mut top = 0;
    for rect in rects {
        for value in [rect.y - top, rect.x, rect.width, rect.height] {
            varint::write(bytes, value.into());
        }
        top = rect.y;
    }
    bytes.extend_from_slice(data);
}

/// What a part says, checked against the limits and the picture; its pixels are not decoded yet.
pub(super) struct Content<'a> {
    pub(super) header: Header,
    /// To be run in this order, before the literals of all parts of the update.
    pub(super) copies: Vec<CopyRect>,
    pub(super) literal: Option<Literal<'a>>,
}

impl Content<'_> {
    /// Whether it copies to the screen, of this size, and not only to the shelves below it.
    pub(super) fn moves(&self, screen: Size) -> bool {
        self.copies.iter().any(|copy| copy.to.y < screen.height)
    }

    /// Whether its pixels may need what other parts tell.
    pub(super) fn is_told(&self) -> bool {
        self.literal.as_ref().is_some_and(|literal| literal.coding.is_told())
    }
}

/// Pixels for rectangles.
pub(super) struct Literal<'a> {
    pub(super) rects: Vec<Rect>,
    pub(super) coding: Coding,
    pub(super) data: &'a [u8],
    /// How many pixels all the rectangles have.
    pub(super) pixels: usize,
}

/// Splits a part of a picture of `size` into its header and its operations. Copies stay within `whole`, the size of the
/// picture with its shelves.
pub(super) fn read(bytes: &[u8], size: Size, whole: Size) -> Result<Content<'_>, DecodeError> {
    if bytes.len() > MAX_PART_BYTES {
        return Err(DecodeError::TooLong(bytes.len()));
    }
    let mut reader = Reader::new(bytes);
    let header = Header::parse(&mut reader)?;
    let mut content = Content { header, copies: Vec::new(), literal: None };
    let mut first = header.kind == Kind::Update && header.index == 0;
    while !reader.is_empty() {
        match reader.byte()? {
            COPY if first => content.copies = copies(&mut reader, size, whole)?,
            COPY => return Err(DecodeError::Misplaced(COPY)),
            tag => content.literal = Some(literal(&mut reader, tag, size)?),
        }
        first = false;
    }
    Ok(content)
}

/// Reads a literal with this tag, which takes all that is left.
fn literal<'a>(reader: &mut Reader<'a>, tag: u8, size: Size) -> Result<Literal<'a>, DecodeError> {
    let one = tag & ONE_RECT != 0;
    let coding = (tag & !ONE_RECT).checked_sub(LITERAL).and_then(Coding::numbered);
    let coding = coding.ok_or(DecodeError::Operation(tag))?;
    let count = if one { 1 } else { reader.varint32()? };
    if !one && !(2..=MAX_RECTS).contains(&count) {
        return Err(DecodeError::Rect);
    }
    let most = if coding == Coding::Film { film::MAX_PIXELS } else { MAX_PIXELS };
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
        if pixels > most {
            return Err(DecodeError::Pixels);
        }
        rects.push(rect);
    }
    Ok(Literal { rects, coding, data: reader.take_rest(), pixels: pixels as usize })
}

fn copies(reader: &mut Reader<'_>, size: Size, whole: Size) -> Result<Vec<CopyRect>, DecodeError> {
    let count = reader.varint32()? as usize;
    if count == 0 || count > MAX_COPIES {
        return Err(DecodeError::Rect);
    }
    let mut copies = Vec::with_capacity(count);
    let mut room = size.pixels() * MAX_COPIED;
    for _ in 0..count {
        let to = Rect::new(reader.varint32()?, reader.varint32()?, reader.varint32()?, reader.varint32()?);
        let place = |start: u32, way| start.checked_add_signed(way).ok_or(DecodeError::Rect);
        let from = Point { x: place(to.x, reader.signed()?)?, y: place(to.y, reader.signed()?)? };
        let copy = CopyRect { to, from };
        if !copy.fits(whole) {
            return Err(DecodeError::Rect);
        }
        room = room.checked_sub(to.pixels()).ok_or(DecodeError::Pixels)?;
        copies.push(copy);
    }
    Ok(copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size::new(100, 50);
    const WHOLE: Size = Size::new(100, 450);

    fn header() -> Header {
        Header { kind: Kind::Update, number: 300, index: 2, count: 5 }
    }

    fn literal(rects: &[Rect], data: &[u8]) -> Vec<u8> {
        let mut bytes = header().write(&[]);
        write_literal(&mut bytes, rects, Coding::Raw, data);
        bytes
    }

    fn refused(bytes: &[u8]) -> DecodeError {
        read(bytes, SIZE, WHOLE).err().unwrap()
    }

    #[test]
    fn bytes_are_as_documented() {
        let bytes = literal(&[Rect::new(7, 3, 1, 1), Rect::new(0, 5, 2, 1)], &[9; 9]);
        let head = [1, 0xac, 2, 2, 5, 16, 2, 3, 7, 1, 1, 2, 0, 2, 1];
        assert_eq!(bytes, [head.as_slice(), &[9; 9]].concat());
        let content = read(&bytes, SIZE, WHOLE).unwrap();
        assert_eq!((content.header, Header::read(&bytes)), (header(), Ok(header())));
        let (Some(literal), []) = (content.literal, content.copies.as_slice()) else { panic!("one literal") };
        assert_eq!(literal.rects, [Rect::new(7, 3, 1, 1), Rect::new(0, 5, 2, 1)]);
        assert_eq!((literal.pixels, literal.data), (3, [9; 9].as_slice()));
    }

    #[test]
    fn copies_are_as_documented() {
        let copies = [
            CopyRect { to: Rect::new(7, 3, 80, 40), from: Point { x: 6, y: 8 } },
            CopyRect { to: Rect::new(0, 0, 100, 1), from: Point { x: 0, y: 49 } },
        ];
        let first = Header { kind: Kind::Update, number: 1, index: 0, count: 1 };
        let bytes = first.write(&copies);
        assert_eq!(bytes, [3, 1, 2, 2, 7, 3, 80, 40, 1, 10, 0, 0, 100, 1, 0, 98]);
        let content = read(&bytes, SIZE, WHOLE).unwrap();
        assert_eq!((content.header, content.copies, content.literal.is_none()), (first, copies.to_vec(), true));
        for length in 3..bytes.len() {
            assert_eq!(refused(&bytes[..length]), DecodeError::Truncated, "{length} bytes");
        }
    }

    #[test]
    fn copies_come_first_and_once() {
        let copy = [2, 1, 0, 0, 1, 1, 2, 0];
        let literal = [24, 0, 0, 1, 1, 9, 9, 9];
        let part = |head: [u8; 4], operations: &[&[u8]]| [head.as_slice(), &operations.concat()].concat();
        assert_eq!(read(&part([1, 1, 0, 2], &[&copy, &literal]), SIZE, WHOLE).unwrap().literal.unwrap().data, [9; 3]);
        for misplaced in
            [part([1, 1, 1, 2], &[&copy]), part([2, 1, 0, 2], &[&copy]), part([1, 1, 0, 2], &[&copy, &copy])]
        {
            assert_eq!(refused(&misplaced), DecodeError::Misplaced(2));
        }
    }

    #[test]
    fn shelves_are_below_the_picture() {
        let moves = |to: Rect, from: Point| {
            let first = Header { kind: Kind::Update, number: 1, index: 0, count: 1 };
            read(&first.write(&[CopyRect { to, from }]), SIZE, WHOLE).unwrap().moves(SIZE)
        };
        let (screen, shelf) = (Rect::new(9, 49, 20, 1), Rect::new(9, 50, 20, 400));
        assert!(moves(screen, Point { x: 0, y: 449 }));
        assert!(!moves(shelf, Point { x: 0, y: 0 }));
        assert!(moves(screen.union(&shelf), Point { x: 0, y: 0 }));
    }

    #[test]
    fn copies_stay_within_the_picture() {
        let copy = |fields: &[u8]| refused(&[&[3, 1, 2], fields].concat());
        assert_eq!(copy(&[0]), DecodeError::Rect);
        assert_eq!(copy(&[0x81, 2]), DecodeError::Rect);
        assert_eq!(copy(&[1, 0, 0, 0, 1, 0, 0]), DecodeError::Rect);
        assert_eq!(copy(&[1, 99, 0, 2, 1, 1, 0]), DecodeError::Rect);
        assert_eq!(copy(&[1, 99, 0, 1, 1, 2, 0]), DecodeError::Rect);
        assert_eq!(copy(&[1, 0, 0, 1, 1, 1, 0]), DecodeError::Rect);
        assert_eq!(copy(&[1, 0, 0, 1, 1, 0, 0x84, 7]), DecodeError::Rect);
        assert_eq!(copy(&[1, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0]), DecodeError::Number);
        let whole = [0, 0, 100, 50, 0, 0];
        assert_eq!(copy(&[&[4], whole.repeat(3).as_slice(), &[0, 0, 1, 1, 0, 0]].concat()), DecodeError::Pixels);
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = literal(&[Rect::new(7, 3, 1, 1), Rect::new(0, 5, 2, 1)], &[9; 9]);
        // After the header nothing need follow, and after the rectangles the data do as long as they are.
        for length in (0..bytes.len() - 9).filter(|length| *length != 5) {
            assert_eq!(refused(&bytes[..length]), DecodeError::Truncated, "{length} bytes");
        }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(refused(&vec![1; MAX_PART_BYTES + 1]), DecodeError::TooLong(MAX_PART_BYTES + 1));
        assert_eq!(refused(&[5, 1]), DecodeError::Kind(5));
        assert_eq!(refused(&[3, 0]), DecodeError::Number);
        assert_eq!(refused(&[3, 0xff, 0xff, 0xff, 0xff, 7]), DecodeError::Number);
        assert_eq!(refused(&[1, 1, 2, 2]), DecodeError::Index { index: 2, count: 2 });
        assert_eq!(refused(&[1, 1, 0, 1]), DecodeError::Index { index: 0, count: 1 });
        assert_eq!(refused(&[1, 1, 0, 0x81, 8]), DecodeError::Index { index: 0, count: 1_025 });
        for tag in [0, 1, 3, 15, 22, 23, 30, 31, 32, 0xff] {
            assert_eq!(refused(&[3, 1, tag]), DecodeError::Operation(tag));
        }
        assert_eq!(refused(&[3, 1, 16, 1]), DecodeError::Rect);
        assert_eq!(refused(&[3, 1, 24, 0, 0, 0, 1]), DecodeError::Rect);
        assert_eq!(refused(&[3, 1, 24, 0, 1, 100, 1]), DecodeError::Rect);
        let wide = Size::new(2_048, 2_048);
        let many = [3, 1, 16, 2, 0, 0, 0x80, 16, 0x80, 8, 0, 0, 1, 1];
        assert_eq!(read(&many, wide, wide).err(), Some(DecodeError::Pixels));
    }
}
