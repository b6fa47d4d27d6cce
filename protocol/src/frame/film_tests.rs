//! A film on a screen, from the host's picture to a viewer's.

use super::{Coder, Encoder, Fidelity, Films, Framebuffer, Patch, Picture, Point, Rect, Size, Told};

const SCREEN: Size = Size::new(640, 400);
const FILM: Rect = Rect::new(171, 93, 260, 200);
const CARET: Rect = Rect::new(20, 20, 3, 12);

/// A host whose screen shows text and a film, and viewers.
struct Cinema {
    screen: Framebuffer,
    encoder: Encoder,
    viewers: Vec<Picture>,
    number: u32,
    /// How many specks each of its pictures has.
    dust: u32,
}

/// An update as it travels.
struct Sent {
    number: u64,
    told: Told,
    parts: Vec<Vec<u8>>,
    rects: Vec<Rect>,
}

impl Cinema {
    fn new() -> Self {
        let mut screen = Framebuffer::new(SCREEN);
        for (at, pixel) in screen.pixels_mut().iter_mut().enumerate() {
            *pixel = if (at % 640 / 3 + at / 640 / 4) % 5 == 0 { 0x11_2233 } else { 0xff_ffff };
        }
        let mut encoder = Encoder::new(SCREEN, [7; 16]).unwrap();
        encoder.set_fidelity(Fidelity::Rough);
        encoder.set_films(Films::Readable);
        Self { screen, encoder, viewers: vec![Picture::new(SCREEN, 0).unwrap()], number: 0, dust: 0 }
    }

    /// The film's next picture on the screen: a gradient that wanders, with grain.
    fn play(&mut self) {
        self.number += 1;
        for y in 0..FILM.height {
            for (x, pixel) in (0..).zip(self.screen.row_mut(&FILM, y).unwrap()) {
                let grain = (x * 7 + y * 131 + self.number * 977u32).wrapping_mul(0x9e37_79b9) >> 30;
                let level = (x + 2 * self.number) / 2 % 200 + grain;
                *pixel = level << 16 | (y / 2) << 8 | (230 - level);
            }
        }
        for n in 0..self.dust {
            let random = (n * 977 + self.number * 131).wrapping_mul(0x9e37_79b9);
            let speck =
                Rect::new(FILM.x + random % (FILM.width - 1), FILM.y + (random >> 16) % (FILM.height - 1), 2, 2);
            (0..2).for_each(|y| self.screen.row_mut(&speck, y).unwrap().fill(random & 0x7f_7f7f));
        }
    }

    fn blink(&mut self) {
        self.number += 1;
        (0..CARET.height).for_each(|y| self.screen.row_mut(&CARET, y).unwrap().fill(0xff_0000 | self.number));
    }

    /// The update that takes the screen over.
    fn update(&mut self) -> Sent {
        let bytes: Vec<u8> = self.screen.pixels().iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let patch = Patch::new(SCREEN.rect(), 4 * SCREEN.width as usize, &bytes).unwrap();
        sent(self.encoder.update(&[patch]).unwrap())
    }

    /// The film stops, and becomes exact.
    fn rest(&mut self) {
        assert!(!self.encoder.is_exact());
        // Once for what has come up to now, once for none since.
        self.encoder.settle();
        assert!(self.encoder.refine(Point::default()).is_none());
        self.encoder.settle();
        while let Some(update) = self.encoder.refine(Point::default()) {
            self.show(&sent(update), &[]);
        }
        assert!(self.encoder.is_exact() && self.wrong(0).0.is_empty());
    }

    /// Shows an update to the viewers but those of these numbers, for whom it is void.
    fn show(&mut self, sent: &Sent, without: &[usize]) {
        for (viewer, picture) in self.viewers.iter_mut().enumerate() {
            if without.contains(&viewer) {
                picture.void(sent.number).unwrap();
            } else {
                sent.parts.iter().for_each(|part| drop(picture.part(part).unwrap()));
            }
        }
    }

    fn play_and_show(&mut self, times: u32) {
        for _ in 0..times {
            self.play();
            let sent = self.update();
            self.show(&sent, &[]);
        }
    }

    /// Takes 20 steps, of which `check` looks at each update: the first viewer has the film about right, and all else exactly. Then
    /// the film rests.
    fn play_to_the_end(&mut self, check: impl Fn(&Sent)) {
        let first = self.update();
        self.show(&first, &[]);
        self.play_and_show(12);
        for _ in 0..20 {
            self.play();
            self.blink();
            let sent = self.update();
            check(&sent);
            self.show(&sent, &[]);
            let (places, off) = self.wrong(0);
            assert!(places.iter().all(|(x, y)| Rect::new(*x, *y, 1, 1).intersection(&FILM).is_some()));
            assert!(off < 6.0, "{off}");
        }
        self.rest();
    }

    /// The pixels that a viewer has wrong, and how far their channels are off on average.
    fn wrong(&self, viewer: usize) -> (Vec<(u32, u32)>, f64) {
        let pairs = self.screen.pixels().iter().zip(self.viewers[viewer].shown().pixels());
        let (mut places, mut off) = (Vec::new(), 0);
        for (at, (truth, shown)) in (0..).zip(pairs).filter(|(_, (truth, shown))| truth != shown) {
            places.push((at % SCREEN.width, at / SCREEN.width));
            let channels = truth.to_le_bytes().into_iter().zip(shown.to_le_bytes());
            off += channels.map(|(truth, shown)| u64::from(truth.abs_diff(shown))).sum::<u64>();
        }
        let count = places.len().max(1);
        (places, off as f64 / (count * 3) as f64)
    }
}

fn sent(update: super::Update) -> Sent {
    let mut coder = Coder::new();
    let parts: Vec<_> = update.jobs.into_iter().map(|job| job.run(&mut coder)).collect();
    let rects = parts.iter().flat_map(|part| part.rects.clone()).collect();
    let parts = parts.into_iter().map(|part| part.bytes.to_vec()).collect();
    Sent { number: update.number, told: update.told, parts, rects }
}

/// Whether the update carries a picture of the film.
fn is_film(sent: &Sent) -> bool {
    assert!(!sent.told.film || sent.rects.contains(&FILM) && sent.told.bound && sent.told.tells);
    sent.told.film
}

#[test]
fn where_films_cant_be_read_what_moves_goes_as_a_photo() {
    let mut cinema = Cinema::new();
    cinema.encoder.set_films(Films::Unreadable);
    cinema.dust = 130;
    cinema.play_to_the_end(|sent| {
        assert!(!is_film(sent) && sent.rects.contains(&FILM), "{:?}", sent.rects);
        assert!(sent.parts.iter().map(Vec::len).sum::<usize>() < 20_000);
    });
}

#[test]
fn same_pictures_same_bytes() {
    let play = || {
        let mut cinema = Cinema::new();
        (0..20)
            .flat_map(|_| {
                cinema.play();
                cinema.update().parts
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(play(), play());
}

#[cfg(feature = "h264")]
mod with_films {
    use super::*;

    #[test]
    fn a_film_is_sent_as_one_and_the_rest_stays_exact() {
        let mut cinema = Cinema::new();
        cinema.play_to_the_end(|sent| {
            assert!(is_film(sent));
            assert!(sent.parts.iter().map(Vec::len).sum::<usize>() < 12_000);
        });
        // It goes on where it was, without a key picture.
        cinema.play();
        let sent = cinema.update();
        assert!(is_film(&sent));
        cinema.show(&sent, &[]);
    }

    #[test]
    fn a_caret_beside_a_film_does_not_carry_it() {
        let mut cinema = Cinema::new();
        cinema.play_and_show(12);
        cinema.blink();
        let sent = cinema.update();
        assert!(!is_film(&sent) && sent.parts.iter().map(Vec::len).sum::<usize>() < 100);
    }

    #[test]
    fn parts_may_come_in_any_order() {
        let mut cinema = Cinema::new();
        cinema.play_and_show(12);
        let mut updates: Vec<Sent> = Vec::new();
        for _ in 0..6 {
            cinema.play();
            cinema.blink();
            updates.push(cinema.update());
        }
        assert!(updates.iter().all(is_film));
        for sent in updates.iter().rev() {
            for part in sent.parts.iter().rev() {
                cinema.viewers[0].part(part).unwrap();
            }
        }
        assert!(cinema.viewers[0].is_current() && cinema.wrong(0).1 < 6.0);
    }

    #[test]
    fn who_has_missed_a_picture_sees_the_next_generation() {
        let mut cinema = Cinema::new();
        cinema.viewers.push(Picture::new(SCREEN, 0).unwrap());
        cinema.play_and_show(12);
        for n in 0..4 {
            cinema.play();
            let sent = cinema.update();
            assert!(is_film(&sent));
            // Every update after the first is bound to it.
            cinema.show(&sent, &[1]);
            assert!(n == 0 || cinema.viewers[1].shown() != cinema.viewers[0].shown());
        }
        cinema.encoder.forget();
        cinema.play();
        let sent = cinema.update();
        assert!(is_film(&sent) && sent.told.fresh);
        cinema.show(&sent, &[]);
        assert_eq!(cinema.viewers[0].shown(), cinema.viewers[1].shown());
    }

    #[test]
    fn without_readers_there_is_no_film() {
        let mut cinema = Cinema::new();
        cinema.play_and_show(12);
        cinema.encoder.set_films(Films::Unreadable);
        for _ in 0..20 {
            cinema.play();
            let sent = cinema.update();
            assert!(!is_film(&sent));
            cinema.show(&sent, &[]);
        }
    }
}
