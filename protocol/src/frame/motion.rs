//! Where a film is on the screen: what would be sent as photos again and again.

use std::collections::VecDeque;

use super::buffer::Framebuffer;
use super::coder::film;
use super::geometry::{Rect, Size};
use super::moves::{PLACE, each_place};
use super::photos::is_film;
use super::region::Region;

/// What is new so often within the last sixteen updates moves: a film of 24 pictures a second among 60 updates.
const MOVING: u32 = 6;

/// A film is over when less than one of so many of its places was new more than once within the last eight updates.
const ENDED_OF: usize = 4;

/// So many updates tell where the edges of a film are, and how long it keeps a rectangle at least.
const EDGES: usize = 8;
const STEADY: u32 = 16;

/// A film gets another rectangle when that has one of so many pixels more, or is less than half of it.
const MORE_OF: u64 = 8;

/// An update carries a picture of the film when it changes one of so many of its pixels: less is exact sooner by itself.
const CHANGED_OF: u64 = 16;

/// A film begins where all but one of so many places are photos that move, and is one as long as half of it are photos: a
/// subtitle does not end it, nor does a shadow.
const BEGINS_OF: usize = 4;

/// The sides of what is looked at in the middle of each place, to tell whether a film is one still.
const MIDDLE: u32 = 32;

/// So many rows or columns at the edges of a film are looked at together.
const STRIP: u32 = 2;

/// The film on a screen, if there is one, and what updates have changed of late.
#[derive(Debug)]
pub(super) struct Motion {
    screen: Size,
    places: Vec<Place>,
    /// What the last updates changed, the newest last.
    recent: VecDeque<Region>,
    film: Option<Rect>,
    /// How many updates the film has had its rectangle.
    age: u32,
}

/// What has happened in a place; a bit for each of the last updates.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Whether anything was new.
    touched: u16,
    /// Whether most of it was.
    new: u16,
}

impl Motion {
    /// No film, on a screen of a valid size.
    pub(super) fn new(screen: Size) -> Self {
        let places = screen.width.div_ceil(PLACE) * screen.height.div_ceil(PLACE);
        let places = vec![Place::default(); places as usize];
        Self { screen, places, recent: VecDeque::new(), film: None, age: 0 }
    }

    /// Whether nothing is known to move like a film.
    pub(super) const fn is_still(&self) -> bool {
        self.film.is_none()
    }

    /// The film, if an update that changes `changed` is to carry its next picture.
    pub(super) fn next_picture(&mut self, picture: &Framebuffer, changed: &Region) -> Option<Rect> {
        let film = self.film?;
        if !self.is_film(picture, &film) {
            self.film = None;
            return None;
        }
        let mut within = changed.clone();
        within.intersect(film);
        (within.pixels() * CHANGED_OF >= film.pixels()).then_some(film)
    }

    /// Takes note of what an update has changed and no copy could explain, and finds the film that goes on, begins or
    /// ends with it.
    pub(super) fn pass(&mut self, picture: &Framebuffer, changed: Region) {
        let mut counts = vec![0; self.places.len()];
        for rect in changed.rects() {
            each_place(self.screen, rect, |at, pixels| counts[at] += pixels);
        }
        for (place, count) in self.places.iter_mut().zip(counts) {
            place.touched = place.touched << 1 | u16::from(count > 0);
            place.new = place.new << 1 | u16::from(count > PLACE * PLACE / 2);
        }
        if self.recent.len() == EDGES {
            self.recent.pop_front();
        }
        self.recent.push_back(changed);
        self.age += 1;
        let lasting = self.film.filter(|film| self.lasts(film));
        self.film = match lasting {
            Some(film) if self.age < STEADY => Some(film),
            Some(film) => {
                self.age = 0;
                Some(self.find(picture).filter(|other| is_clearly_another(&film, other)).unwrap_or(film))
            }
            None => {
                self.age = 0;
                self.find(picture)
            }
        };
    }

    /// Whether a film still moves.
    fn lasts(&self, film: &Rect) -> bool {
        let (mut moving, mut all) = (0, 0);
        each_place(self.screen, film, |at, _| {
            all += 1;
            moving += usize::from((self.places[at].touched & 0xff).count_ones() > 1);
        });
        moving * ENDED_OF >= all
    }

    /// The largest group of neighbouring places that move as photos do, cut to what moves of it.
    fn find(&self, picture: &Framebuffer) -> Option<Rect> {
        let across = self.screen.width.div_ceil(PLACE) as usize;
        let moves = |at: usize| self.places[at].new.count_ones() >= MOVING && is_film(picture, &self.rect_of(at));
        let mut open: Vec<bool> = (0..self.places.len()).map(moves).collect();
        let mut largest = Vec::new();
        for start in 0..open.len() {
            let group = take_group(&mut open, across, start);
            if group.len() > largest.len() {
                largest = group;
            }
        }
        let whole = largest.iter().map(|at| self.rect_of(*at)).reduce(|one, other| one.union(&other))?;
        let mut all = 0;
        each_place(self.screen, &whole, |_, _| all += 1);
        if largest.len() * BEGINS_OF < all * (BEGINS_OF - 1) {
            return None;
        }
        let rect = self.edges(&self.around(whole)?)?;
        even(&trim(picture, rect), self.screen).filter(|rect| film::fits(rect) && self.is_film(picture, rect))
    }

    /// Whether half of `rect` and more shows photos.
    fn is_film(&self, picture: &Framebuffer, rect: &Rect) -> bool {
        let (mut photos, mut all) = (0, 0);
        each_place(self.screen, rect, |at, _| {
            let Rect { x, y, .. } = self.rect_of(at);
            let side = (PLACE - MIDDLE) / 2;
            if let Some(middle) = Rect::new(x + side, y + side, MIDDLE, MIDDLE).intersection(rect) {
                all += 1;
                photos += u32::from(is_film(picture, &middle));
            }
        });
        photos * 2 >= all
    }

    /// The rectangle of a place.
    fn rect_of(&self, at: usize) -> Rect {
        let across = self.screen.width.div_ceil(PLACE);
        let place = Rect::new(at as u32 % across * PLACE, at as u32 / across * PLACE, PLACE, PLACE);
        place.intersection(&self.screen.rect()).unwrap_or_default()
    }

    /// A rectangle around places, and around those beside them of which something moves: their edges.
    fn around(&self, rect: Rect) -> Option<Rect> {
        let (x, y) = (rect.x.saturating_sub(PLACE), rect.y.saturating_sub(PLACE));
        let wide = Rect::new(x, y, rect.right() + PLACE - x, rect.bottom() + PLACE - y);
        let mut all = rect;
        each_place(self.screen, &wide.intersection(&self.screen.rect())?, |at, _| {
            if self.places[at].touched.count_ones() >= MOVING {
                all = all.union(&self.rect_of(at));
            }
        });
        Some(all)
    }

    /// How far within `around` most of the recent updates reached.
    fn edges(&self, around: &Rect) -> Option<Rect> {
        let reach = |changed: &Region| {
            let mut within = changed.clone();
            within.intersect(*around);
            within.bounds()
        };
        let bounds: Vec<Rect> = self.recent.iter().filter_map(reach).collect();
        let most = |edge: fn(&Rect) -> u32, quarters: usize| {
            let mut edges: Vec<u32> = bounds.iter().map(edge).collect();
            edges.sort_unstable();
            edges.get(edges.len() * quarters / 4).or_else(|| edges.last()).copied()
        };
        let (left, top) = (most(|rect| rect.x, 1)?, most(|rect| rect.y, 1)?);
        let (right, bottom) = (most(Rect::right, 3)?, most(Rect::bottom, 3)?);
        (left < right && top < bottom).then(|| Rect::new(left, top, right - left, bottom - top))
    }
}

/// Takes the open places that hang together with `start` away.
fn take_group(open: &mut [bool], across: usize, start: usize) -> Vec<usize> {
    let (mut group, mut next) = (Vec::new(), vec![start]);
    while let Some(at) = next.pop() {
        if !std::mem::take(&mut open[at]) {
            continue;
        }
        group.push(at);
        let left = (at % across > 0).then(|| at - 1);
        let right = (at % across + 1 < across).then_some(at + 1);
        let (above, below) = (at.checked_sub(across), Some(at + across).filter(|at| *at < open.len()));
        next.extend([left, right, above, below].into_iter().flatten());
    }
    group
}

/// Whether a film had better have this other rectangle.
fn is_clearly_another(film: &Rect, other: &Rect) -> bool {
    let shared = film.intersection(other).map_or(0, |shared| shared.pixels());
    (other.pixels() - shared) * MORE_OF > film.pixels() || other.pixels() * 2 < film.pixels()
}

/// `rect` without the strips at its edges that are no photo: text beside a film, or the bars above and below it.
fn trim(picture: &Framebuffer, mut rect: Rect) -> Rect {
    while rect.width > STRIP && !is_busy_down(picture, &Rect { width: STRIP, ..rect }) {
        rect = Rect { x: rect.x + STRIP, width: rect.width - STRIP, ..rect };
    }
    while rect.width > STRIP && !is_busy_down(picture, &Rect { x: rect.right() - STRIP, width: STRIP, ..rect }) {
        rect.width -= STRIP;
    }
    while rect.height > STRIP && !is_busy_across(picture, &Rect { height: STRIP, ..rect }) {
        rect = Rect { y: rect.y + STRIP, height: rect.height - STRIP, ..rect };
    }
    while rect.height > STRIP && !is_busy_across(picture, &Rect { y: rect.bottom() - STRIP, height: STRIP, ..rect }) {
        rect.height -= STRIP;
    }
    rect
}

/// Whether most pixels differ from the one to their left: in photos they do, in text few.
fn is_busy_across(picture: &Framebuffer, rect: &Rect) -> bool {
    let rows = (0..rect.height).filter_map(|y| picture.row(rect, y));
    let (edges, all) = rows.fold((0, 0), |(edges, all), row| (edges + differing(row, &row[1..]), all + row.len()));
    edges * 2 > all
}

/// The same from each row to the one below it, for what is narrow.
fn is_busy_down(picture: &Framebuffer, rect: &Rect) -> bool {
    let rows: Vec<&[u32]> = (0..rect.height).filter_map(|y| picture.row(rect, y)).collect();
    let edges: usize = rows.iter().zip(rows.iter().skip(1)).map(|(above, below)| differing(above, below)).sum();
    edges as u64 * 2 > rect.pixels()
}

/// How many pixels of two rows differ.
fn differing(one: &[u32], other: &[u32]) -> usize {
    one.iter().zip(other).map(|(one, other)| u32::from(one != other)).sum::<u32>() as usize
}

/// `rect` with even sides: a pixel wider or higher where there is room, else less.
fn even(rect: &Rect, screen: Size) -> Option<Rect> {
    let side = |start: u32, length: u32, limit: u32| match (length % 2, start) {
        (0, _) => (start, length),
        _ if start + length < limit => (start, length + 1),
        (_, 1..) => (start - 1, length + 1),
        (_, 0) => (start, length - 1),
    };
    let ((x, width), (y, height)) = (side(rect.x, rect.width, screen.width), side(rect.y, rect.height, screen.height));
    (width > 0 && height > 0).then(|| Rect::new(x, y, width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size::new(801, 603);
    const FILM: Rect = Rect::new(150, 101, 320, 241);

    /// A screen whose updates paint films or text.
    struct Screen {
        picture: Framebuffer,
        motion: Motion,
        number: u32,
        /// Where there is text on a film.
        captions: Vec<Rect>,
    }

    impl Screen {
        fn new() -> Self {
            Self { picture: Framebuffer::new(SCREEN), motion: Motion::new(SCREEN), number: 0, captions: Vec::new() }
        }

        /// A gradient that wanders, with grain.
        fn film(&mut self, rect: &Rect) {
            for y in 0..rect.height {
                let row = self.picture.row_mut(rect, y).unwrap();
                for (x, pixel) in (0u32..).zip(row) {
                    let place = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b);
                    let grain = (place ^ self.number.wrapping_mul(0xc2b2_ae35)) >> 17 & 7;
                    let way = (x + 2 * self.number) / 2 % 400;
                    let level = way.min(400 - way) + grain;
                    *pixel = level << 16 | (y / 3 + grain) << 8 | (230 - level);
                }
            }
        }

        /// Each line is a word of its own.
        fn text(&mut self, rect: &Rect, paper: Option<u32>) {
            for y in 0..rect.height {
                let row = self.picture.row_mut(rect, y).unwrap();
                for (x, pixel) in (0..).zip(row) {
                    match (paper, (x / 4 + y / 5 + self.number).is_multiple_of(3)) {
                        (_, true) => *pixel = 0,
                        (Some(paper), false) => *pixel = paper,
                        (None, false) => {}
                    }
                }
            }
        }

        fn updates(&mut self, count: u32, photos: &[Rect], texts: &[Rect]) {
            for _ in 0..count {
                self.update(photos, texts);
            }
        }

        /// An update of these; the film whose next picture it carries, if any.
        fn update(&mut self, photos: &[Rect], texts: &[Rect]) -> Option<Rect> {
            self.number += 1;
            let mut changed = Region::new();
            photos.iter().chain(texts).for_each(|rect| changed.add(*rect));
            photos.iter().for_each(|rect| self.film(rect));
            texts.iter().for_each(|rect| self.text(rect, Some(0xff_ffff)));
            self.captions.clone().iter().for_each(|rect| self.text(rect, None));
            let film = self.motion.next_picture(&self.picture, &changed);
            self.motion.pass(&self.picture, changed);
            film
        }
    }

    /// With even sides.
    const FOUND: Rect = Rect::new(150, 101, 320, 242);

    #[test]
    fn a_film_is_found_where_it_is_and_soon() {
        let mut screen = Screen::new();
        let found: Vec<Option<Rect>> = (0..100).map(|_| screen.update(&[FILM], &[])).collect();
        let first = found.iter().position(Option::is_some).unwrap();
        assert!(first <= 8, "{first}");
        assert!(found[first..].iter().all(|film| *film == Some(FOUND)), "{found:?}");
    }

    #[test]
    fn what_was_painted_before_does_not_matter() {
        let mut screen = Screen::new();
        screen.update(&[], &[SCREEN.rect()]);
        screen.updates(12, &[FILM], &[]);
        assert_eq!(screen.update(&[FILM], &[]), Some(FOUND));
    }

    #[test]
    fn text_is_no_film_and_not_drawn_into_one() {
        let mut screen = Screen::new();
        let beside = [Rect::new(480, 90, 200, 300), Rect::new(20, 351, 500, 200), Rect::new(100, 101, 40, 200)];
        let all: Vec<Option<Rect>> = (0..40).map(|_| screen.update(&[], &beside)).collect();
        assert_eq!(all, vec![None; 40]);
        screen.updates(30, &[FILM], &beside);
        let film = screen.update(&[FILM], &beside).unwrap();
        assert!(FOUND.contains(&film) && film.pixels() * 8 > FOUND.pixels() * 7, "{film:?}");
    }

    #[test]
    fn text_on_photos_is_no_film_and_a_subtitle_does_not_end_one() {
        let mut screen = Screen::new();
        screen.captions = vec![FILM];
        let all: Vec<Option<Rect>> = (0..40).map(|_| screen.update(&[FILM], &[])).collect();
        assert_eq!(all, vec![None; 40]);
        screen.captions = vec![Rect::new(230, 305, 160, 24)];
        screen.updates(20, &[FILM], &[]);
        assert_eq!(screen.update(&[FILM], &[]), Some(FOUND));
        screen.captions = vec![FILM];
        assert_eq!(screen.update(&[FILM], &[]), None);
    }

    #[test]
    fn a_film_among_more_frequent_updates_is_found() {
        let (mut screen, caret) = (Screen::new(), Rect::new(700, 500, 8, 16));
        let films = (0..100).filter_map(|n| screen.update(if n % 5 < 2 { &[FILM] } else { &[] }, &[caret]));
        let films: Vec<Rect> = films.collect();
        assert!(films.len() > 25 && films.iter().all(|film| *film == FOUND), "{films:?}");
    }

    #[test]
    fn what_changes_little_is_no_picture_of_it() {
        let mut screen = Screen::new();
        screen.updates(20, &[FILM], &[]);
        assert_eq!(screen.update(&[Rect::new(200, 200, 30, 30)], &[]), None);
        assert_eq!(screen.update(&[FILM], &[]), Some(FOUND));
    }

    #[test]
    fn a_film_ends_when_it_stops_or_is_covered() {
        let (mut screen, caret) = (Screen::new(), Rect::new(700, 500, 8, 16));
        screen.updates(20, &[FILM], &[]);
        assert_eq!(screen.update(&[], &[FILM]), None, "a window over it");
        assert_eq!(screen.motion.film, None);
        let mut screen = Screen::new();
        screen.updates(20, &[FILM], &[]);
        screen.updates(8, &[], &[caret]);
        assert_eq!(screen.motion.film, None);
    }

    #[test]
    fn a_film_that_grows_or_goes_elsewhere_is_followed() {
        let (mut screen, large) = (Screen::new(), Rect::new(100, 50, 600, 400));
        screen.updates(20, &[FILM], &[]);
        screen.updates(30, &[large], &[]);
        assert_eq!(screen.update(&[large], &[]), Some(large));
        let away = Rect::new(400, 300, 300, 200);
        screen.updates(40, &[away], &[]);
        assert_eq!(screen.update(&[away], &[]), Some(away));
    }

    #[test]
    fn small_photos_are_no_film() {
        let mut screen = Screen::new();
        assert!((0..40).all(|_| screen.update(&[Rect::new(64, 64, 120, 128)], &[]).is_none()));
    }

    #[test]
    fn sides_become_even_within_the_screen() {
        assert_eq!(even(&Rect::new(3, 3, 5, 6), SCREEN), Some(Rect::new(3, 3, 6, 6)));
        assert_eq!(even(&Rect::new(796, 3, 5, 6), SCREEN), Some(Rect::new(795, 3, 6, 6)));
        assert_eq!(even(&SCREEN.rect(), SCREEN), Some(Rect::new(0, 0, 800, 602)));
        assert_eq!(even(&Rect::new(0, 0, 1, 1), Size::new(1, 1)), None);
    }
}
