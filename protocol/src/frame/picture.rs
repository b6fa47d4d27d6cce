//! The viewer's side: a reference that changes in number order, and a shown picture that waits for nothing.

use std::collections::BTreeMap;

use super::buffer::{FramebufferView, pieces};
use super::coder::{Decoder, Turn};
use super::error::{DecodeError, InvalidSize};
use super::geometry::{Rect, Size};
use super::layers::Layers;
use super::part::{self, Content, Header, Kind};
use super::ranks::Rank;

/// How far an update may be ahead of the reference. A host stops before it: it waits, or voids what is missing.
pub const WINDOW: u64 = 1_024;

/// The most bytes that may wait for a missing part.
pub const MAX_PENDING_BYTES: usize = 64 << 20;

/// What a waiting part costs besides its bytes.
const HELD_OVERHEAD: usize = 128;

/// The host's picture as far as it has arrived.
///
/// Parts may come in any order. The *reference* is the picture after update [`number`](Self::number) and all before
/// it; it changes strictly in number order. The *shown* picture is the reference overlaid by the literals that arrived
/// early, in number order: older pixels never overwrite newer ones. A repaint after *n* is newer than update *n* and
/// older than *n* + 1; one that comes late fills what no newer update has written, be it by a literal or by a copy.
///
/// Copies are run on the reference when the turn of their update comes, before its literals.
///
/// What comes twice, or belongs to an update that is already applied or voided, is ignored. After an error the picture
/// is still sound, but its sender is not to be trusted.
pub struct Picture {
    joined: u64,
    number: u64,
    /// How many parts of the next update have run.
    progress: u32,
    layers: Layers,
    /// Updates ahead of the reference, by number.
    updates: BTreeMap<u64, Pending>,
    /// Repaints that come after an update ahead of the reference, by its number.
    repaints: BTreeMap<u64, Vec<Box<[u8]>>>,
    /// What waits, in bytes with [`HELD_OVERHEAD`].
    held: usize,
    /// The last update that copied.
    copied: u64,
    taken: Taken,
    /// Repaints that copies wait for.
    awaited: Vec<Awaited>,
    decoder: Decoder,
}

/// How many parts of repaints a picture has taken: by this its host knows what later copies may have read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// All of them.
    pub repaints: u64,
    /// Those that came after a newer update had copied, and may have copied what they were to replace.
    pub late: u64,
}

/// Copies of updates after `number` wait until so many parts of repaints have come in all: they read what those replace.
#[derive(Clone, Copy)]
struct Awaited {
    number: u64,
    repaints: u64,
}

/// How many such waits there may be at once; a host has few repaints under way.
const MOST_AWAITED: usize = 64;

/// An update of which something is missing.
struct Pending {
    state: Arrival,
    /// Whether a part that waits copies.
    copies: bool,
    course: Course,
    parts: BTreeMap<u32, Box<[u8]>>,
}

/// How the parts of an update run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    /// Each as soon as those before it have run.
    OneByOne,
    /// Not before all are there: a copy writes on the screen, where it is right only together with the literals.
    Together,
}

/// What is still expected of an update.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// This many parts in all.
    Parts(u32),
    /// No more than has come.
    Voided,
}

impl Pending {
    const fn new(state: Arrival) -> Self {
        Self { state, copies: false, course: Course::OneByOne, parts: BTreeMap::new() }
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:?} after update {}, {} ahead)", self.shown(), self.number, self.updates.len())
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
            progress: 0,
            layers: Layers::new(size),
            updates: BTreeMap::new(),
            repaints: BTreeMap::new(),
            held: 0,
            copied: number,
            taken: Taken::default(),
            awaited: Vec::new(),
            decoder: Decoder::default(),
        })
    }

    /// The picture to present.
    pub fn shown(&self) -> FramebufferView<'_> {
        self.layers.shown()
    }

    /// The pixels of the picture after update [`number`](Self::number), row after row, exact but for what this viewer has
    /// yet to get as repaints.
    pub fn reference(&self) -> &[u32] {
        self.layers.reference()
    }

    /// The last update that the reference has; all before it are applied or voided.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Whether some parts of the next update have run, and others not yet.
    #[cfg(test)]
    pub(super) const fn is_between(&self) -> bool {
        self.progress > 0
    }

    /// What has come of repaints.
    pub const fn taken(&self) -> Taken {
        self.taken
    }

    /// Whether nothing that arrived waits for something missing: what is shown is the reference.
    pub fn is_current(&self) -> bool {
        self.progress == 0 && self.updates.is_empty() && self.repaints.is_empty()
    }

    /// Takes a part, the content of one stream. Returns rectangles around what it changed in the shown picture.
    ///
    /// # Errors
    /// When the part breaks the format or a limit.
    pub fn part(&mut self, bytes: &[u8]) -> Result<Vec<Rect>, DecodeError> {
        let content = self.read(bytes)?;
        let header = content.header;
        if !self.expects(&header, bytes.len())? {
            return Ok(Vec::new());
        }
        if header.kind == Kind::Repaint {
            self.taken.repaints += 1;
            self.taken.late += u64::from(header.number < self.copied);
            let taken = self.taken.repaints;
            self.awaited.retain(|awaited| awaited.repaints > taken);
        }
        let mut changed = Vec::new();
        if header.number <= self.number {
            self.paint(&content, &mut changed, Layers::write_late)?;
            self.advance(&mut changed)?;
        } else if header.kind == Kind::Update
            && (header.number, header.index) == (self.number + 1, self.progress)
            && (header.count == 1 || !content.moves(self.layers.size()))
            && (content.copies.is_empty() || !self.awaits(header.number))
        {
            self.expect_parts(&header);
            self.run(&content, Turn::Now, &mut changed)?;
            self.progress += 1;
            self.advance(&mut changed)?;
        } else {
            // What needs parts that have not come is not shown before they have.
            let shown = self.paint(&content, &mut changed, Layers::show_early);
            shown.or_else(|error| if content.is_told() { Ok(()) } else { Err(error) })?;
            self.hold(&content, bytes);
            self.advance(&mut changed)?;
        }
        Ok(changed)
    }

    /// Learns that a repaint is on its way, of pixels as after update `number`, with which so many parts of repaints will have come in all.
    /// Copies of newer updates wait for it.
    ///
    /// # Errors
    /// When more is awaited than a host would have on its way.
    pub fn await_repaints(&mut self, number: u64, repaints: u64) -> Result<(), DecodeError> {
        self.check_window(number)?;
        if repaints > self.taken.repaints {
            if self.awaited.len() == MOST_AWAITED {
                return Err(DecodeError::Pending(self.number + 1));
            }
            self.awaited.push(Awaited { number, repaints });
        }
        Ok(())
    }

    /// Whether the copies of an update have to wait for a repaint.
    fn awaits(&self, number: u64) -> bool {
        self.awaited.iter().any(|awaited| awaited.number < number)
    }

    /// Learns that nothing more of update `number` will come: the host has it in this viewer's behind region. The
    /// literals that have come of it stay; its copies do not run. Returns rectangles around what that changed in the
    /// shown picture.
    ///
    /// # Errors
    /// When `number` is further ahead than [`WINDOW`].
    pub fn void(&mut self, number: u64) -> Result<Vec<Rect>, DecodeError> {
        self.check_window(number)?;
        let mut changed = Vec::new();
        if number > self.number {
            let pending = self.updates.entry(number);
            pending.or_insert(Pending::new(Arrival::Voided)).state = Arrival::Voided;
            self.advance(&mut changed)?;
        }
        Ok(changed)
    }

    fn read<'a>(&self, bytes: &'a [u8]) -> Result<Content<'a>, DecodeError> {
        part::read(bytes, self.layers.size(), self.layers.whole())
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
        let has_run = header.number == self.number + 1 && header.index < self.progress;
        match pending.state {
            Arrival::Voided => Ok(false),
            Arrival::Parts(count) if count == header.count => {
                Ok(!has_run && !pending.parts.contains_key(&header.index))
            }
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
    fn hold(&mut self, content: &Content<'_>, bytes: &[u8]) {
        self.held += bytes.len() + HELD_OVERHEAD;
        let (header, moves) = (&content.header, content.moves(self.layers.size()));
        match header.kind {
            Kind::Repaint => self.repaints.entry(header.number).or_default().push(bytes.into()),
            Kind::Update => {
                let pending = self.expect_parts(header);
                pending.parts.insert(header.index, bytes.into());
                pending.copies |= !content.copies.is_empty();
                if moves {
                    pending.course = Course::Together;
                }
            }
        }
    }

    fn expect_parts(&mut self, header: &Header) -> &mut Pending {
        self.updates.entry(header.number).or_insert_with(|| Pending::new(Arrival::Parts(header.count)))
    }

    /// Applies to the reference all whose turn it is: part by part, update by update.
    fn advance(&mut self, changed: &mut Vec<Rect>) -> Result<(), DecodeError> {
        loop {
            let waits = self.awaits(self.number + 1);
            let Some(pending) = self.updates.get_mut(&(self.number + 1)) else { break };
            match pending.state {
                Arrival::Voided => {
                    for bytes in std::mem::take(&mut pending.parts).into_values() {
                        self.run_voided(&bytes, changed)?;
                    }
                }
                Arrival::Parts(count) if self.progress < count => {
                    let whole = self.progress > 0 || pending.parts.len() == count as usize;
                    if pending.course == Course::Together && !whole || pending.copies && waits && self.progress == 0 {
                        break;
                    }
                    let Some(bytes) = pending.parts.remove(&self.progress) else { break };
                    self.run_held(&bytes, changed)?;
                    self.progress += 1;
                    continue;
                }
                Arrival::Parts(_) => {}
            }
            self.updates.remove(&(self.number + 1));
            self.number += 1;
            self.progress = 0;
            self.run_repaints(changed)?;
        }
        if self.is_current() {
            self.layers.settle();
        }
        Ok(())
    }

    /// Runs the repaints that come right after the update that the reference has reached.
    fn run_repaints(&mut self, changed: &mut Vec<Rect>) -> Result<(), DecodeError> {
        for bytes in self.repaints.remove(&self.number).unwrap_or_default() {
            self.run_held(&bytes, changed)?;
        }
        Ok(())
    }

    fn run_held(&mut self, bytes: &[u8], changed: &mut Vec<Rect>) -> Result<(), DecodeError> {
        self.held -= bytes.len() + HELD_OVERHEAD;
        let content = self.read(bytes)?;
        self.run(&content, Turn::Now, changed)
    }

    /// Runs what has come of a voided update: its literals, as far as they can be read without the rest.
    fn run_voided(&mut self, bytes: &[u8], changed: &mut Vec<Rect>) -> Result<(), DecodeError> {
        self.held -= bytes.len() + HELD_OVERHEAD;
        let mut content = self.read(bytes)?;
        content.copies.clear();
        match self.run(&content, Turn::Other, changed) {
            Err(_) if content.is_told() => Ok(()),
            run => run,
        }
    }

    /// Runs a part on the reference.
    fn run(&mut self, content: &Content<'_>, turn: Turn, changed: &mut Vec<Rect>) -> Result<(), DecodeError> {
        let rank = rank(&content.header);
        for copy in &content.copies {
            changed.extend(self.layers.copy(rank, copy));
            self.copied = content.header.number;
        }
        let Some(literal) = &content.literal else { return Ok(()) };
        // What tells others something is read in its turn even if it has come early.
        if !literal.coding.is_told() && literal.rects.iter().all(|rect| self.layers.keep_early(rank, rect)) {
            return Ok(());
        }
        let pixels = self.decoder.decode(literal.coding, literal.data, &literal.rects, literal.pixels, turn)?;
        for (rect, pixels) in pieces(&literal.rects, pixels) {
            self.layers.write(rank, rect, pixels);
            changed.push(*rect);
        }
        Ok(())
    }

    /// Writes the literal of a part as `write` does, which tells whether that changed what is shown.
    fn paint(
        &mut self,
        content: &Content<'_>,
        changed: &mut Vec<Rect>,
        write: fn(&mut Layers, Rank, &Rect, &[u32]) -> bool,
    ) -> Result<(), DecodeError> {
        let Some(literal) = &content.literal else { return Ok(()) };
        let pixels = self.decoder.decode(literal.coding, literal.data, &literal.rects, literal.pixels, Turn::Other)?;
        let painted = pieces(&literal.rects, pixels)
            .filter(|(rect, pixels)| write(&mut self.layers, rank(&content.header), rect, pixels));
        changed.extend(painted.map(|(rect, _)| *rect));
        Ok(())
    }
}

/// The rank of a part's pixels, never 0. It fits: a number has 31 bits.
const fn rank(header: &Header) -> Rank {
    let number = header.number as Rank * 2;
    match header.kind {
        Kind::Update => number,
        Kind::Repaint => number + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::coder::Coding;
    use super::super::{Coder, CopyRect, Encoder, Patch, Point};
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
        (picture.shown().pixels()[0], picture.reference()[0])
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
        assert_eq!(picture.shown().pixels(), picture.reference());
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
    fn copies_wait_for_a_repaint_that_is_on_its_way() {
        let mut picture = Picture::new(SIZE, 0).unwrap();
        picture.await_repaints(0, 1).unwrap();
        assert_eq!(picture.part(&copy(1, 1, 5, 0)), Ok(vec![]));
        assert_eq!((picture.number(), picture.is_current()), (0, false));
        picture.part(&column(Kind::Repaint, 0, (0, 1), 0, 7)).unwrap();
        assert_eq!((picture.number(), picture.taken().late, picture.is_current()), (1, 0, true));
        assert_eq!(picture.shown().pixels()[5], picture.shown().pixels()[0]);
        assert_ne!(picture.shown().pixels()[5], 0);
        assert!((1..100).map(|count| picture.await_repaints(1, 1 + count)).any(|awaited| awaited.is_err()));
    }

    /// A part that copies column `from` to column `to`, and one that paints column `at` in a colour.
    fn copy(number: u64, count: u32, to: u32, from: u32) -> Vec<u8> {
        let header = Header { kind: Kind::Update, number, index: 0, count };
        header.write(&[CopyRect { to: Rect::new(to, 0, 1, 2), from: Point { x: from, y: 0 } }])
    }

    fn column(kind: Kind, number: u64, (index, count): (u32, u32), at: u32, colour: u8) -> Vec<u8> {
        let mut bytes = Header { kind, number, index, count }.write(&[]);
        part::write_literal(&mut bytes, &[Rect::new(at, 0, 1, 2)], Coding::Raw, &[colour, 0, 0].repeat(2));
        bytes
    }

    fn row(picture: &Picture) -> Vec<u32> {
        assert!(!picture.is_current() || picture.reference() == picture.shown().pixels());
        picture.shown().pixels()[..4].to_vec()
    }

    #[test]
    fn a_copy_reads_the_reference_and_spares_what_is_newer() {
        let mut picture = Picture::new(SIZE, 0).unwrap();
        let literal = |number, part, at, colour| column(Kind::Update, number, part, at, colour);
        picture.part(&literal(1, (0, 1), 0, 10)).unwrap();
        // Early, over the source and the destination of what is still to be copied.
        picture.part(&literal(3, (0, 1), 0, 30)).unwrap();
        picture.part(&literal(2, (1, 2), 2, 22)).unwrap();
        assert_eq!(row(&picture), [30, 0, 22, 0]);
        let changed = picture.part(&copy(2, 2, 1, 0)).unwrap();
        assert_eq!((row(&picture), changed), (vec![30, 10, 22, 0], vec![Rect::new(1, 0, 1, 2)]));
        assert_eq!(picture.number(), 3);
        // Literals outrank the copies of their update.
        picture.part(&literal(4, (1, 2), 1, 41)).unwrap();
        picture.part(&copy(4, 2, 1, 2)).unwrap();
        assert_eq!(row(&picture), [30, 41, 22, 0]);
        assert!(picture.is_current());
    }

    #[test]
    fn a_copy_waits_for_its_turn_and_not_for_a_void() {
        let mut picture = Picture::new(SIZE, 0).unwrap();
        assert_eq!(picture.part(&copy(3, 1, 1, 0)), Ok(vec![]));
        picture.void(2).unwrap();
        assert_eq!(picture.part(&copy(2, 2, 2, 0)), Ok(vec![]));
        let changed = picture.part(&column(Kind::Update, 1, (0, 1), 0, 10));
        assert_eq!(changed, Ok(vec![Rect::new(0, 0, 1, 2), Rect::new(1, 0, 1, 2)]));
        assert_eq!(row(&picture), [10, 10, 0, 0]);
    }

    #[test]
    fn late_repaints_are_counted_and_spare_what_was_copied() {
        let mut picture = Picture::new(SIZE, 0).unwrap();
        let repaint = |number, at, colour| column(Kind::Repaint, number, (0, 1), at, colour);
        picture.part(&repaint(1, 0, 10)).unwrap();
        picture.part(&column(Kind::Update, 1, (0, 1), 3, 13)).unwrap();
        picture.part(&copy(2, 1, 1, 0)).unwrap();
        assert_eq!((row(&picture), picture.taken()), (vec![10, 10, 0, 13], Taken { repaints: 1, late: 0 }));
        // The reference takes a late one even where something early is shown.
        picture.part(&column(Kind::Update, 4, (0, 1), 2, 42)).unwrap();
        picture.part(&repaint(1, 1, 99)).unwrap();
        picture.part(&repaint(1, 2, 12)).unwrap();
        assert_eq!((row(&picture), picture.taken()), (vec![10, 10, 42, 13], Taken { repaints: 3, late: 2 }));
        picture.part(&copy(3, 1, 3, 2)).unwrap();
        assert_eq!(row(&picture), [10, 10, 42, 12]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut picture = Picture::new(SIZE, 5).unwrap();
        let part = |kind, number, count| {
            let mut bytes = Header { kind, number, index: 0, count }.write(&[]);
            part::write_literal(&mut bytes, &[Rect::new(0, 0, 1, 1)], Coding::Raw, &[0; 3]);
            bytes
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
        let mut bytes = header.write(&[]);
        part::write_literal(&mut bytes, &[size.rect()], Coding::Raw, &[7; 3 << 20]);
        let fit = MAX_PENDING_BYTES / (bytes.len() + HELD_OVERHEAD);
        (0..fit).for_each(|_| assert!(picture.part(&bytes).is_ok()));
        assert_eq!(picture.part(&bytes), Err(DecodeError::Pending(1)));
        picture.void(1).unwrap();
        assert_eq!((picture.held, picture.is_current()), (0, true));
        assert_eq!(picture.reference(), picture.shown().pixels());
    }
}
