//! The viewer's side: a reference that changes in number order, and a shown picture that waits for nothing.

use std::collections::BTreeMap;

use super::buffer::Framebuffer;
use super::coder::Decoder;
use super::error::{DecodeError, InvalidSize};
use super::geometry::{Rect, Size};
use super::part::{self, Header, Kind, Literal, Operation};

/// How far an update may be ahead of the reference. A host stops before it: it waits, or voids what is missing.
pub const WINDOW: u64 = 1_024;

/// The most bytes that may wait for a missing part.
pub const MAX_PENDING_BYTES: usize = 64 << 20;

/// What a waiting part costs besides its bytes.
const HELD_OVERHEAD: usize = 128;

/// The host's picture as far as it has arrived.
///
/// Parts may come in any order. The *reference* is the picture after update [`number`](Self::number) and all before
/// it; it changes strictly in number order. The *shown* picture is the reference overlaid by everything that arrived
/// early, in number order: older pixels never overwrite newer ones. A repaint after *n* is newer than update *n* and
/// older than *n* + 1; one that comes late fills what no newer update has covered.
///
/// What comes twice, or belongs to an update that is already applied or voided, is ignored. After an error the picture
/// is still sound, but its sender is not to be trusted.
pub struct Picture {
    joined: u64,
    number: u64,
    reference: Framebuffer,
    shown: Framebuffer,
    /// The rank of each shown pixel.
    ranks: Vec<Rank>,
    /// Updates ahead of the reference, by number.
    updates: BTreeMap<u64, Pending>,
    /// Repaints that come after an update ahead of the reference, by its number.
    repaints: BTreeMap<u64, Vec<Box<[u8]>>>,
    /// What waits, in bytes with [`HELD_OVERHEAD`].
    held: usize,
    decoder: Decoder,
}

/// Where pixels stand in the log: the higher one is shown.
type Rank = u32;

/// An update of which something is missing.
struct Pending {
    state: Arrival,
    parts: BTreeMap<u32, Box<[u8]>>,
}

/// What is still expected of an update.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// This many parts in all.
    Parts(u32),
    /// No more than has come.
    Voided,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:?} after update {}, {} ahead)", self.reference, self.number, self.updates.len())
    }
}

impl Picture {
    /// A black picture for a viewer that joins after update `number`: repaints bring what it has missed.
    ///
    /// # Errors
    /// When `size` is not [valid](Size::is_valid).
    pub fn new(size: Size, number: u64) -> Result<Self, InvalidSize> {
        if !size.is_valid() {
            return Err(InvalidSize(size));
        }
        Ok(Self {
            joined: number,
            number,
            reference: Framebuffer::new(size),
            shown: Framebuffer::new(size),
            ranks: vec![0; size.pixels() as usize],
            updates: BTreeMap::new(),
            repaints: BTreeMap::new(),
            held: 0,
            decoder: Decoder::default(),
        })
    }

    /// The picture to present.
    pub const fn shown(&self) -> &Framebuffer {
        &self.shown
    }

    /// The picture after update [`number`](Self::number), exact but for what this viewer has yet to get as repaints.
    pub const fn reference(&self) -> &Framebuffer {
        &self.reference
    }

    /// The last update that the reference has; all before it are applied or voided.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Whether nothing that arrived waits for something missing: what is shown is the reference.
    pub fn is_current(&self) -> bool {
        self.updates.is_empty() && self.repaints.is_empty()
    }

    /// Takes a part, the content of one stream. Returns rectangles around what it changed in the shown picture.
    ///
    /// # Errors
    /// When the part breaks the format or a limit.
    pub fn part(&mut self, bytes: &[u8]) -> Result<Vec<Rect>, DecodeError> {
        let (header, operations) = part::read(bytes, self.shown.size())?;
        if !self.expects(&header, bytes.len())? {
            return Ok(Vec::new());
        }
        let late = header.number <= self.number;
        let mut changed = Vec::new();
        for Operation::Literal(literal) in &operations {
            self.show(rank(&header), literal, late, &mut changed)?;
        }
        if !late {
            self.hold(&header, bytes);
            self.advance()?;
        }
        Ok(changed)
    }

    /// Learns that nothing more of update `number` will come: the host has it in this viewer's behind region. What
    /// has come of it stays. Returns rectangles around what that changed in the shown picture.
    ///
    /// # Errors
    /// When `number` is further ahead than [`WINDOW`].
    pub fn void(&mut self, number: u64) -> Result<Vec<Rect>, DecodeError> {
        self.check_window(number)?;
        if number > self.number {
            let pending = self.updates.entry(number);
            pending.or_insert(Pending { state: Arrival::Voided, parts: BTreeMap::new() }).state = Arrival::Voided;
            self.advance()?;
        }
        // Literals were shown when they arrived, so a step of the reference shows nothing new.
        Ok(Vec::new())
    }

    /// Whether a part is new. Fails when it cannot be taken.
    fn expects(&self, header: &Header, length: usize) -> Result<bool, DecodeError> {
        self.check_window(header.number)?;
        if header.number > self.number && self.held + length + HELD_OVERHEAD > MAX_PENDING_BYTES {
            return Err(DecodeError::Pending(self.number + 1));
        }
        if header.kind == Kind::Repaint {
            let joined = self.joined;
            let fits = header.number >= joined;
            return if fits { Ok(true) } else { Err(DecodeError::BeforeJoin { number: header.number, joined }) };
        }
        let Some(pending) = self.updates.get(&header.number) else { return Ok(header.number > self.number) };
        match pending.state {
            Arrival::Voided => Ok(false),
            Arrival::Parts(count) if count == header.count => Ok(!pending.parts.contains_key(&header.index)),
            Arrival::Parts(_) => Err(DecodeError::Index { index: header.index, count: header.count }),
        }
    }

    const fn check_window(&self, number: u64) -> Result<(), DecodeError> {
        if number > self.number.saturating_add(WINDOW) {
            return Err(DecodeError::Ahead { number, reference: self.number });
        }
        Ok(())
    }

    /// Keeps a part until its turn; as bytes, so that what waits is bounded by what was sent.
    fn hold(&mut self, header: &Header, bytes: &[u8]) {
        self.held += bytes.len() + HELD_OVERHEAD;
        match header.kind {
            Kind::Repaint => self.repaints.entry(header.number).or_default().push(bytes.into()),
            Kind::Update => {
                let new = Pending { state: Arrival::Parts(header.count), parts: BTreeMap::new() };
                self.updates.entry(header.number).or_insert(new).parts.insert(header.index, bytes.into());
            }
        }
    }

    /// Applies to the reference what is complete, in number order.
    fn advance(&mut self) -> Result<(), DecodeError> {
        while let Some(entry) = self.updates.first_entry() {
            let pending = entry.get();
            let complete = match pending.state {
                Arrival::Parts(count) => pending.parts.len() == count as usize,
                Arrival::Voided => true,
            };
            if *entry.key() != self.number + 1 || !complete {
                break;
            }
            self.number += 1;
            let parts = entry.remove().parts.into_values();
            let repaints = self.repaints.remove(&self.number).unwrap_or_default();
            for bytes in parts.chain(repaints) {
                self.held -= bytes.len() + HELD_OVERHEAD;
                self.apply(&bytes)?;
            }
        }
        Ok(())
    }

    /// Runs a part on the reference.
    fn apply(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let (header, operations) = part::read(bytes, self.reference.size())?;
        for Operation::Literal(literal) in &operations {
            if literal.rects.iter().all(|rect| self.shows_only(rank(&header), rect)) {
                // Its pixels are still shown: no need to decode them again.
                for rect in &literal.rects {
                    self.reference.copy_from(&self.shown, rect);
                }
                continue;
            }
            let mut pixels = self.decoder.decode(literal.coding, literal.data, &literal.rects, literal.pixels)?;
            for rect in &literal.rects {
                for y in 0..rect.height {
                    let (row, rest) = pixels.split_at(rect.width as usize);
                    pixels = rest;
                    if let Some(to) = self.reference.row_mut(rect, y) {
                        to.copy_from_slice(row);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether every shown pixel of `rect` has this rank.
    fn shows_only(&self, rank: Rank, rect: &Rect) -> bool {
        let width = self.shown.size().width as usize;
        (rect.y..rect.bottom()).all(|y| {
            let start = y as usize * width + rect.x as usize;
            self.ranks[start..start + rect.width as usize].iter().all(|shown| *shown == rank)
        })
    }

    /// Paints a literal where nothing newer is shown. One that comes `late` belongs into the reference as well:
    /// where something newer is shown, the reference has that too, or gets it in its turn.
    fn show(
        &mut self,
        rank: Rank,
        literal: &Literal<'_>,
        late: bool,
        changed: &mut Vec<Rect>,
    ) -> Result<(), DecodeError> {
        let width = self.shown.size().width as usize;
        let mut pixels = self.decoder.decode(literal.coding, literal.data, &literal.rects, literal.pixels)?;
        for rect in &literal.rects {
            let mut painted = false;
            for y in rect.y..rect.bottom() {
                let (row, rest) = pixels.split_at(rect.width as usize);
                pixels = rest;
                let start = y as usize * width + rect.x as usize;
                let span = start..start + rect.width as usize;
                let ranks = &mut self.ranks[span.clone()];
                if late {
                    painted |= paint(&mut self.reference.pixels_mut()[span.clone()], row, ranks, rank);
                }
                painted |= paint(&mut self.shown.pixels_mut()[span], row, ranks, rank);
                ranks.iter_mut().for_each(|shown| *shown = rank.max(*shown));
            }
            if painted {
                changed.push(*rect);
            }
        }
        Ok(())
    }
}

/// The rank of a part's pixels. It fits: a number has 31 bits.
const fn rank(header: &Header) -> Rank {
    let number = header.number as Rank * 2;
    match header.kind {
        Kind::Update => number,
        Kind::Repaint => number + 1,
    }
}

/// Writes a row of pixels where nothing newer is shown; whether there was such a place.
fn paint(to: &mut [u32], from: &[u32], shown: &[Rank], rank: Rank) -> bool {
    if shown.iter().all(|shown| *shown <= rank) {
        to.copy_from_slice(from);
        return true;
    }
    let mut painted = false;
    for ((to, from), shown) in to.iter_mut().zip(from).zip(shown) {
        if *shown <= rank {
            *to = *from;
            painted = true;
        }
    }
    painted
}

#[cfg(test)]
mod tests {
    use super::super::coder::Coding;
    use super::super::{Coder, Encoder, Patch};
    use super::*;

    const SIZE: Size = Size::new(8, 2);

    /// Updates 1, 2, … of which number *n* paints column *n* and column 0 in colour *n*.
    fn updates(count: u32) -> Vec<Vec<u8>> {
        let mut encoder = Encoder::new(SIZE, [3; 16]).unwrap();
        let mut part = |n: u32| {
            let bytes = n.to_le_bytes().repeat(2);
            let column = |x| Patch::new(Rect::new(x, 0, 1, 2), 4, &bytes).unwrap();
            let update = encoder.update(&[column(0), column(n % 8)]).unwrap();
            let job = update.jobs.into_iter().next().unwrap();
            job.run(&mut Coder::new()).bytes.to_vec()
        };
        (1..=count).map(&mut part).collect()
    }

    fn first(picture: &Picture) -> (u32, u32) {
        (picture.shown().pixels()[0], picture.reference().pixels()[0])
    }

    #[test]
    fn early_pixels_are_shown_and_kept() {
        let (parts, mut picture) = (updates(3), Picture::new(SIZE, 0).unwrap());
        picture.part(&parts[2]).unwrap();
        assert_eq!((first(&picture), picture.number(), picture.is_current()), ((3, 0), 0, false));
        picture.part(&parts[0]).unwrap();
        assert_eq!((first(&picture), picture.number(), picture.is_current()), ((3, 1), 1, false));
        picture.part(&parts[1]).unwrap();
        assert_eq!((first(&picture), picture.number(), picture.is_current()), ((3, 3), 3, true));
        assert_eq!(picture.shown(), picture.reference());
    }

    #[test]
    fn a_void_lets_the_next_one_pass() {
        let (parts, mut picture) = (updates(3), Picture::new(SIZE, 0).unwrap());
        picture.part(&parts[1]).unwrap();
        picture.void(1).unwrap();
        assert_eq!((first(&picture), picture.number()), ((2, 2), 2));
        assert_eq!(picture.part(&parts[0]), Ok(vec![]));
        picture.void(2).unwrap();
        picture.part(&parts[2]).unwrap();
        assert_eq!((first(&picture), picture.number(), picture.is_current()), ((3, 3), 3, true));
    }

    #[test]
    fn duplicates_are_ignored() {
        let (parts, mut picture) = (updates(2), Picture::new(SIZE, 0).unwrap());
        assert!(!picture.part(&parts[1]).unwrap().is_empty());
        assert_eq!(picture.part(&parts[1]), Ok(vec![]));
        picture.part(&parts[0]).unwrap();
        assert_eq!(picture.part(&parts[0]), Ok(vec![]));
        assert_eq!((first(&picture), picture.number(), picture.held), ((2, 2), 2, 0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut picture = Picture::new(SIZE, 5).unwrap();
        let part = |kind, number, count| {
            Header { kind, number, index: 0, count }.write(&[Rect::new(0, 0, 1, 1)], Coding::Raw, &[0; 3])
        };
        assert_eq!(
            picture.part(&part(Kind::Update, 6 + WINDOW, 1)),
            Err(DecodeError::Ahead { number: 6 + WINDOW, reference: 5 })
        );
        assert_eq!(picture.void(6 + WINDOW), Err(DecodeError::Ahead { number: 6 + WINDOW, reference: 5 }));
        let early = picture.part(&part(Kind::Repaint, 4, 1));
        assert_eq!(early, Err(DecodeError::BeforeJoin { number: 4, joined: 5 }));
        assert!(picture.part(&part(Kind::Update, 8, 2)).is_ok());
        assert_eq!(picture.part(&part(Kind::Update, 8, 3)), Err(DecodeError::Index { index: 0, count: 3 }));
        assert_eq!(picture.number(), 5);
        assert!(Picture::new(Size::new(0, 1), 0).is_err());
    }

    #[test]
    fn what_waits_is_bounded() {
        let size = Size::new(1_024, 1_024);
        let mut picture = Picture::new(size, 0).unwrap();
        let header = Header { kind: Kind::Repaint, number: 1, index: 0, count: 1 };
        let bytes = header.write(&[size.rect()], Coding::Raw, &[7; 3 << 20]);
        let fit = MAX_PENDING_BYTES / (bytes.len() + HELD_OVERHEAD);
        (0..fit).for_each(|_| assert!(picture.part(&bytes).is_ok()));
        assert_eq!(picture.part(&bytes), Err(DecodeError::Pending(1)));
        picture.void(1).unwrap();
        assert_eq!((picture.held, picture.is_current()), (0, true));
        assert_eq!(picture.reference(), picture.shown());
    }
}
