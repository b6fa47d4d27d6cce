//! The host's side: its picture, the numbers of its log, and the jobs that code a part each.

use std::sync::Arc;

use super::bands;
use super::buffer::{Framebuffer, Patch};
use super::canvas::Canvas;
use super::change::{Change, CopyRect, Plan};
use super::coder::film::{FilmWriter, Films};
use super::coder::{Binding, Coder, Coding, TextWriter, Told, jpeg};
use super::diff::{Changed, Detail, Differ};
use super::error::InvalidSize;
use super::geometry::{Point, Rect, Size};
use super::hash::{HashKind, SegmentHasher};
use super::letters;
use super::mask::Mask;
use super::motion::Motion;
use super::moves::{Finder, Shelves};
use super::part::{self, Header, Kind};
use super::photos::photo_region;
use super::region::Region;
use super::rough::{Fidelity, Quality, Rough};

/// The host's picture *F* and the number of the last update that made it. One for each view, whatever the number of
/// viewers: an update is coded once.
pub struct Encoder {
    /// What no pixel gets past, whatever it is for.
    mask: Mask,
    picture: Framebuffer,
    /// The picture before the update that is being made, and the shelves.
    previous: Canvas,
    shelves: Shelves,
    differ: Differ,
    fidelity: Fidelity,
    quality: Quality,
    rough: Rough,
    films: Films,
    motion: Motion,
    film: FilmWriter,
    text: TextWriter,
    /// Memory for the pixels of a part: new memory of the system costs more than copying them.
    scratch: Vec<u32>,
    /// Whether a new generation of symbols begins with the next update.
    fresh: bool,
    number: u64,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoder({:?} after update {})", self.picture, self.number)
    }
}

impl Encoder {
    /// An encoder whose picture *F(0)* is black. `key` is random and stays on the host.
    ///
    /// # Errors
    /// When `size` is not [valid](Size::is_valid).
    pub fn new(size: Size, key: [u8; 16]) -> Result<Self, InvalidSize> {
        Self::of(size, SegmentHasher::new(key))
    }

    /// The same with one kind of hashing, to compare them; where the processor lacks it, with the fastest that it has.
    ///
    /// # Errors
    /// When `size` is not [valid](Size::is_valid).
    pub fn with_hash(size: Size, key: [u8; 16], kind: HashKind) -> Result<Self, InvalidSize> {
        Self::of(size, SegmentHasher::of_kind(kind, key).unwrap_or_else(|| SegmentHasher::new(key)))
    }

    fn of(size: Size, hasher: SegmentHasher) -> Result<Self, InvalidSize> {
        if !size.is_valid() {
            return Err(InvalidSize(size));
        }
        Ok(Self {
            mask: Mask::new(size),
            picture: Framebuffer::new(size),
            previous: Canvas::new(size),
            shelves: Shelves::new(size),
            differ: Differ::new(size, hasher),
            fidelity: Fidelity::Exact,
            quality: Quality::High,
            rough: Rough::default(),
            films: Films::Unreadable,
            motion: Motion::new(size),
            film: FilmWriter::default(),
            text: TextWriter::default(),
            scratch: Vec::new(),
            fresh: false,
            number: 0,
        })
    }

    /// The size of the picture.
    pub const fn size(&self) -> Size {
        self.picture.size()
    }

    /// The number *n* of the last update; 0 before the first.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The picture *F(n)*.
    pub const fn picture(&self) -> &Framebuffer {
        &self.picture
    }

    /// How photos in updates are sent from now on; in the beginning exactly.
    pub const fn set_fidelity(&mut self, fidelity: Fidelity) {
        self.fidelity = fidelity;
    }

    /// How good they are from now on when they are sent roughly, films among them; in the beginning as good as can be.
    pub const fn set_quality(&mut self, quality: Quality) {
        self.quality = quality;
    }

    /// Whether what moves like a film may be sent as one, where photos are sent roughly: if all viewers can read films, and
    /// this build can make them. In the beginning it may not.
    pub fn set_films(&mut self, films: Films) {
        let films = films.min(Films::BUILD);
        if films != self.films {
            self.films = films;
            self.film.forget();
        }
    }

    /// Hides these pixels of the screen, and no others, from the next update on: whatever patches show there, the picture has a
    /// [`hatch`](super::hatch). The next update fills what is newly hidden, even without a patch. Of what is hidden
    /// no longer it has to be given patches.
    pub fn hide(&mut self, hidden: &Region) {
        self.mask.set(hidden);
    }

    /// Compares captured patches with the picture and takes them over, in order. `None` when nothing changed;
    /// otherwise the picture is *F(n + 1)* and the update carries what changed.
    ///
    /// Patches may have any place and stride and may overlap; what lies outside the screen is ignored.
    pub fn update(&mut self, patches: &[Patch<'_>]) -> Option<Update> {
        let detail = if self.shelves.expect_move() && self.motion.is_still() { Detail::Bounds } else { Detail::Boxes };
        let mut changed = self.scan(patches, detail)?;
        let moving = self.moving(&changed.region);
        // Nothing is searched in what moves: it is sent whole.
        let mut moved = Region::new();
        if let Some(Moving { rect, .. }) = &moving {
            moved = changed.region.clone();
            moved.intersect(*rect);
            changed.region.subtract(rect);
            changed = Changed::boxed(changed.region);
        }
        let mut finder = Finder::new(&mut self.shelves);
        let find = |plan: &mut Plan<'_>, new: &_, changed: &_| finder.find(plan, new, changed);
        let change = compose(&mut self.previous, &self.picture, &mut self.differ, changed, find);
        if self.fidelity == Fidelity::Rough {
            moved.add_region(&change.literals);
            self.motion.pass(&self.picture, moved);
        }
        Some(self.finish(change, moving, Binding::Bound))
    }

    /// The same for a small change that is to be seen before the updates under way have arrived: it needs nothing of them, and
    /// takes more bytes.
    pub fn update_alone(&mut self, patches: &[Patch<'_>]) -> Option<Update> {
        let changed = self.scan(patches, Detail::Boxes)?;
        let change = compose(&mut self.previous, &self.picture, &mut self.differ, changed, |_, _, _| {});
        Some(self.finish(change, None, Binding::Free))
    }

    /// The picture and its shelves.
    #[cfg(test)]
    pub(super) const fn canvas(&self) -> &Framebuffer {
        self.previous.all()
    }

    /// The same as [`Encoder::update`] with copies that `find` proposes, sensible or not.
    #[cfg(test)]
    pub(super) fn update_with(
        &mut self,
        patches: &[Patch<'_>],
        find: impl FnMut(&mut Plan<'_>, &Framebuffer, &Changed),
    ) -> Option<Update> {
        let changed = self.scan(patches, Detail::Boxes)?;
        let change = compose(&mut self.previous, &self.picture, &mut self.differ, changed, find);
        Some(self.finish(change, None, Binding::Bound))
    }

    /// Takes patches over. What that changed, if anything.
    fn scan(&mut self, patches: &[Patch<'_>], detail: Detail) -> Option<Changed> {
        let changed = self.differ.scan(&mut self.picture, &self.mask.cut(patches), detail);
        self.mask.filled();
        (!changed.region.is_empty()).then_some(changed)
    }

    /// What moves like a film, if anything does and an update that changes `changed` is to carry its next picture.
    fn moving(&mut self, changed: &Region) -> Option<Moving> {
        if self.fidelity == Fidelity::Exact {
            return None;
        }
        let rect = self.motion.next_picture(&self.picture, changed)?;
        if self.films == Films::Unreadable {
            return Some(Moving { rect, film: None });
        }
        let film = self.film.write(&rect, pixels_of(&self.picture, &[rect], &mut self.scratch), self.quality);
        if film.is_none() {
            // Too much for a film; perhaps it is one again in a while.
            self.motion = Motion::new(self.size());
        }
        Some(Moving { rect, film })
    }

    /// Makes the update that changes the picture so, and carries the next picture of what moves.
    fn finish(&mut self, mut change: Change, moving: Option<Moving>, binding: Binding) -> Update {
        if let Some(Moving { rect, .. }) = &moving {
            change.literals.subtract(rect);
        }
        let mut photos = self.photos(&change.literals, self.fidelity);
        let mut rough = photos.clone();
        let mut film = None;
        if let Some(moving) = moving {
            change.literals.add(moving.rect);
            rough.add(moving.rect);
            film = moving.film.map(|data| FilmPicture { rect: moving.rect, data });
            if film.is_none() {
                photos.add(moving.rect);
            }
        }
        change.literals.rects().iter().for_each(|rect| self.previous.copy_from(&self.picture, rect));
        self.shelves.pass(&change.literals);
        self.rough.update(&change, &rough);
        self.tell(change, &photos, film, binding)
    }

    /// The next update, which carries `photos` and `film` of its literals roughly.
    fn tell(&mut self, change: Change, photos: &Region, film: Option<FilmPicture>, binding: Binding) -> Update {
        self.number += 1;
        let mut told = Told { fresh: std::mem::take(&mut self.fresh), ..Told::default() };
        let jobs = frames(Kind::Update, self.number, &change, photos, film).map(|(frame, way)| {
            if let Way::Film(picture) = way {
                (told.bound, told.tells, told.film) = (true, true, true);
                return PartJob { frame, body: Body::Told(Coding::Film, picture) };
            }
            let pixels = pixels_of(&self.picture, &frame.rects, &mut self.scratch);
            if way == Way::Photo {
                return PartJob { frame, body: Body::Photo(pixels.to_vec(), self.quality) };
            }
            if binding == Binding::Free {
                return PartJob { frame, body: Body::Other(pixels.to_vec()) };
            }
            let mut data = Vec::new();
            let body = match self.text.try_text(Binding::Bound, &frame.rects, pixels, &mut data) {
                Some(part) => {
                    (told.bound, told.tells) = (told.bound || part.bound, told.tells || part.tells);
                    Body::Told(Coding::Text, data)
                }
                None => Body::Other(pixels.to_vec()),
            };
            PartJob { frame, body }
        });
        let jobs = jobs.collect();
        if self.text.is_full() {
            self.forget();
        }
        Update { number: self.number, change, told, jobs }
    }

    /// What of a region is sent roughly.
    fn photos(&self, region: &Region, fidelity: Fidelity) -> Region {
        match fidelity {
            Fidelity::Rough => photo_region(&self.picture, region),
            Fidelity::Exact => Region::new(),
        }
    }

    /// Whether no viewer who has got all updates has a photo on the screen only roughly.
    pub fn is_exact(&self) -> bool {
        self.rough.is_exact(self.size())
    }

    /// Says that some time has passed: photos that have not changed since the last call rest, and may become exact. One that
    /// came since is counted from this call on.
    pub fn settle(&mut self) {
        self.rough.settle();
    }

    /// The next update, if a photo rests that somebody has only roughly: it changes nothing and carries a piece of that
    /// exactly, the one nearest to `near`. It is worth sending when the link has nothing else to do.
    pub fn refine(&mut self, near: Point) -> Option<Update> {
        let piece = self.rough.take(self.size(), near)?;
        Some(self.tell(Change { copies: Vec::new(), literals: piece.into() }, &Region::new(), None, Binding::Bound))
    }

    /// Names no symbol any more that has been told up to now, and begins a film anew: for viewers who have missed some.
    pub fn forget(&mut self) {
        self.text.forget();
        self.film.forget();
        self.fresh = true;
    }

    /// The current picture of `region`, for a viewer that is behind there; what leaves the screen is ignored.
    ///
    /// It belongs right after update [`number`](Self::number) in that viewer's log. It may arrive after later updates:
    /// until the viewer has said otherwise, what these copy from `region` is in doubt ([`Change::carry`]). What it has
    /// roughly becomes exact later, with an update for everybody.
    pub fn repaint(&mut self, region: &Region, fidelity: Fidelity) -> Repaint {
        let mut region = region.clone();
        region.intersect(self.size().rect());
        let change = Change { copies: Vec::new(), literals: region };
        let photos = self.photos(&change.literals, fidelity);
        self.rough.add(&photos);
        let jobs = frames(Kind::Repaint, self.number, &change, &photos, None).map(|(frame, way)| {
            let pixels = gathered(&self.picture, &frame.rects);
            let body = if way == Way::Photo { Body::Photo(pixels, self.quality) } else { Body::Any(pixels) };
            PartJob { frame, body }
        });
        let jobs = jobs.collect();
        Repaint { after: self.number, region: change.literals, jobs }
    }
}

/// What changed from *F(number − 1)* to *F(number)*.
#[derive(Debug)]
pub struct Update {
    /// Its place in the log, from 1.
    pub number: u64,
    /// What it does. Its literals carry all that differs after the copies, and a few pixels more.
    pub change: Change,
    /// What it has to do with symbols: a viewer who has missed some of them can't use it.
    pub told: Told,
    /// One for each part, in any order, on any thread.
    pub jobs: Vec<PartJob>,
}

/// The picture as it is after update `after`, for one viewer.
#[derive(Debug)]
pub struct Repaint {
    /// The update that it comes right after.
    pub after: u64,
    /// Exactly the pixels that it carries.
    pub region: Region,
    /// One for each part, in any order, on any thread.
    pub jobs: Vec<PartJob>,
}

/// The coding of one part, still to be done; owns its pixels (256 Ki at most), so that it may run on another thread.
pub struct PartJob {
    frame: Frame,
    body: Body,
}

/// A part without its pixels.
struct Frame {
    header: Header,
    copies: Vec<CopyRect>,
    rects: Vec<Rect>,
}

/// How a part's pixels are sent.
#[derive(PartialEq, Eq)]
enum Way {
    /// Exactly.
    Exact,
    /// Roughly, as a photo.
    Photo,
    /// Roughly, as this picture of a film.
    Film(Vec<u8>),
}

/// What moves, and its next picture as a film if that can be made.
struct Moving {
    rect: Rect,
    film: Option<Vec<u8>>,
}

/// A film's next picture.
struct FilmPicture {
    rect: Rect,
    data: Vec<u8>,
}

/// The pixels of a part's rectangles.
enum Body {
    /// Any, not looked at yet.
    Any(Vec<u32>),
    /// No text.
    Other(Vec<u32>),
    /// A photo, to be sent roughly.
    Photo(Vec<u32>, Quality),
    /// Coded already, as it tells others something: text or a film.
    Told(Coding, Vec<u8>),
}

impl std::fmt::Debug for PartJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PartJob({:?}, {} pixels)", self.frame.header, self.pixels())
    }
}

impl PartJob {
    /// How many pixels are still to be coded: a measure of its time. A few thousand are not worth a thread.
    pub fn pixels(&self) -> u64 {
        match &self.body {
            Body::Any(pixels) | Body::Other(pixels) | Body::Photo(pixels, _) => pixels.len() as u64,
            Body::Told(..) => 0,
        }
    }

    /// How many pixels the part carries.
    #[cfg(test)]
    pub(super) fn area(&self) -> u64 {
        self.frame.rects.iter().map(Rect::pixels).sum()
    }

    /// Codes the part. The bytes are the same with any coder.
    pub fn run(self, coder: &mut Coder) -> Part {
        let Frame { header, copies, rects } = self.frame;
        let mut bytes = header.write(&copies);
        let (coding, data) = match &self.body {
            Body::Any(pixels) => coder.encode(&rects, pixels),
            Body::Other(pixels) => coder.encode_other(&rects, pixels),
            Body::Photo(pixels, quality) => coder.encode_photo(&rects, pixels, *quality),
            Body::Told(coding, data) => (*coding, data.as_slice()),
        };
        // An update may do nothing but copy.
        if !rects.is_empty() {
            part::write_literal(&mut bytes, &rects, coding, data);
        }
        let fidelity = if coding.is_rough() { Fidelity::Rough } else { Fidelity::Exact };
        Part { header, copies, rects, fidelity, bytes: bytes.into() }
    }
}

/// A coded part, as it goes out on a stream of its own.
#[derive(Clone)]
pub struct Part {
    /// Which part of what.
    pub header: Header,
    /// The copies that it tells of, in the order in which they run.
    pub copies: Vec<CopyRect>,
    /// The rectangles whose pixels it carries, disjoint, by their top.
    pub rects: Vec<Rect>,
    /// Whether their pixels are exact.
    fidelity: Fidelity,
    /// The whole content of the stream.
    pub bytes: Arc<[u8]>,
}

impl Part {
    /// How many of its bytes are pixels that are not exact: all or none.
    pub fn rough_bytes(&self) -> u64 {
        match self.fidelity {
            Fidelity::Exact => 0,
            Fidelity::Rough => self.bytes.len() as u64,
        }
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Part({:?}, {} bytes)", self.header, self.bytes.len())
    }
}

/// What makes `picture` of the previous one, which gets the copies. They differ where it `changed`. `find` adds copies to the
/// plan, given where the two still differ; it is asked again until it has no more for the screen.
fn compose(
    previous: &mut Canvas,
    picture: &Framebuffer,
    differ: &mut Differ,
    mut changed: Changed,
    mut find: impl FnMut(&mut Plan<'_>, &Framebuffer, &Changed),
) -> Change {
    let size = picture.size();
    let mut plan = Plan::new(previous, differ, size);
    loop {
        let before = plan.copies().len();
        find(&mut plan, picture, &changed);
        let mut written = Region::new();
        let added = plan.copies()[before..].iter();
        added.filter_map(|copy| copy.to.intersection(&size.rect())).for_each(|rect| written.add(rect));
        if written.is_empty() && changed.detail == Detail::Boxes {
            return Change { copies: plan.into_copies(), literals: letters::whole(picture, changed.region) };
        }
        written.add_region(&changed.region);
        changed = Changed::boxed(plan.compare(picture, &written));
    }
}

/// The parts for a change and how their pixels are sent; the first has the copies, then come `photos`, and at last `film`.
fn frames(
    kind: Kind,
    number: u64,
    change: &Change,
    photos: &Region,
    film: Option<FilmPicture>,
) -> impl Iterator<Item = (Frame, Way)> {
    let mut exact = change.literals.clone();
    exact.subtract_region(photos);
    if let Some(film) = &film {
        exact.subtract(&film.rect);
    }
    let exact = bands::cut(&exact, |_| 1).into_iter().map(|rects| (rects, Way::Exact));
    let photos = bands::cut(photos, jpeg::least_rows).into_iter().map(|rects| (rects, Way::Photo));
    let film = film.map(|film| (vec![film.rect], Way::Film(film.data)));
    let mut parts: Vec<_> = exact.chain(photos).chain(film).collect();
    if parts.is_empty() && !change.copies.is_empty() {
        parts.push((Vec::new(), Way::Exact));
    }
    let count = parts.len() as u32;
    (0..).zip(parts).map(move |(index, (rects, way))| {
        let copies = if index == 0 { change.copies.clone() } else { Vec::new() };
        (Frame { header: Header { kind, number, index, count }, copies, rects }, way)
    })
}

/// The pixels of rectangles, one rectangle's after the other: where they lie so already, and else in `memory`.
fn pixels_of<'a>(picture: &'a Framebuffer, rects: &[Rect], memory: &'a mut Vec<u32>) -> &'a [u32] {
    if let [rect] = rects
        && let Some(pixels) = picture.whole_rows(rect)
    {
        return pixels;
    }
    gather(picture, rects, memory);
    memory
}

/// Copies the pixels of rectangles, one rectangle's after the other.
fn gather(picture: &Framebuffer, rects: &[Rect], pixels: &mut Vec<u32>) {
    pixels.clear();
    pixels.reserve(rects.iter().map(Rect::pixels).sum::<u64>() as usize);
    for row in rects.iter().flat_map(|rect| (0..rect.height).filter_map(|y| picture.row(rect, y))) {
        pixels.extend_from_slice(row);
    }
}

/// The same in memory of their own.
fn gathered(picture: &Framebuffer, rects: &[Rect]) -> Vec<u32> {
    let mut pixels = Vec::new();
    gather(picture, rects, &mut pixels);
    pixels
}
