//! What host and viewer make together: any size, stride and change, any order of arrival, any bytes.

use proptest::prelude::*;

use super::part::Kind;
use super::{Coder, Encoder, Framebuffer, HashKind, Part, PartJob, Patch, Picture, Rect, Region, Size, digest};

/// A captured rectangle of some content; parts of it may lie outside the screen.
#[derive(Clone, Debug)]
struct Capture {
    rect: Rect,
    padding: usize,
    content: Content,
    seed: u32,
}

#[derive(Clone, Copy, Debug)]
enum Content {
    /// What is there already.
    Same,
    Flat,
    Noise,
    /// What is there already but for a pixel here and there.
    Specks,
}

impl Capture {
    /// The bytes of it, with anything in the unused byte and between the rows; `truth` becomes what they show.
    fn take(&self, truth: &mut Framebuffer) -> (usize, Vec<u8>) {
        let stride = self.rect.width as usize * 4 + self.padding;
        let mut bytes = vec![0xa5; stride * self.rect.height as usize];
        let size = truth.size();
        for y in 0..self.rect.height {
            for x in 0..self.rect.width {
                let noise = random(self.seed ^ (y << 16 | x));
                let at = Rect::new(self.rect.x + x, self.rect.y + y, 1, 1);
                let mut nowhere = [0];
                let there = if at.fits(size) { truth.row_mut(&at, 0).unwrap() } else { &mut nowhere };
                there[0] = match self.content {
                    Content::Same => there[0],
                    Content::Flat => self.seed & 0xff_ffff,
                    Content::Specks if !noise.is_multiple_of(97) => there[0],
                    Content::Noise | Content::Specks => noise & 0xff_ffff,
                };
                let pixel = there[0] | noise << 24;
                let start = stride * y as usize + x as usize * 4;
                bytes[start..start + 4].copy_from_slice(&pixel.to_le_bytes());
            }
        }
        (stride, bytes)
    }
}

fn random(seed: u32) -> u32 {
    let mixed = (seed ^ seed >> 16).wrapping_mul(0x7feb_352d);
    (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b) >> 3
}

/// Applies a step's captures to the encoder and checks what it says.
fn step(encoder: &mut Encoder, truth: &mut Framebuffer, captures: &[Capture]) -> Option<super::Update> {
    let before = truth.clone();
    let taken: Vec<_> = captures.iter().map(|capture| (capture.rect, capture.take(truth))).collect();
    let patches: Vec<_> =
        taken.iter().map(|(rect, (stride, bytes))| Patch::new(*rect, *stride, bytes).unwrap()).collect();
    let number = encoder.number();
    let update = encoder.update(&patches);
    assert_eq!(encoder.picture(), truth);
    assert_eq!(encoder.number(), number + u64::from(update.is_some()));
    if let Some(update) = &update {
        assert_eq!(update.number, number + 1);
        assert_eq!(update.jobs.iter().map(PartJob::pixels).sum::<u64>(), update.region.pixels());
        assert!(update.region.rects().iter().all(|rect| rect.fits(truth.size())));
        let mut patched = before.clone();
        update.region.rects().iter().for_each(|rect| patched.copy_from(truth, rect));
        assert_eq!(&patched, truth);
    } else {
        assert_eq!(&before, truth);
    }
    update
}

fn any_capture(size: Size) -> impl Strategy<Value = Capture> {
    let content = prop_oneof![Just(Content::Same), Just(Content::Flat), Just(Content::Noise), Just(Content::Specks)];
    let place = (0..size.width + 3, 0..size.height + 3, 0..=size.width, 0..=size.height);
    let full = Just((0, 0, size.width, size.height));
    let rect = prop_oneof![6 => place, 1 => full].prop_map(|(x, y, width, height)| Rect::new(x, y, width, height));
    (rect, 0..9usize, content, any::<u32>()).prop_map(|(rect, padding, content, seed)| Capture {
        rect,
        padding,
        content,
        seed,
    })
}

fn any_size() -> impl Strategy<Value = Size> {
    prop_oneof![
        12 => (1..300u32, 1..200u32),
        4 => (1..5u32, 1..5u32),
        // More than one part.
        1 => (900..1_400u32, 300..500u32),
        1 => Just((16_384, 33)),
    ]
    .prop_map(|(width, height)| Size::new(width, height))
}

/// What the host does next.
#[derive(Clone, Debug)]
enum Step {
    Update(Vec<Capture>),
    /// An update of which the viewer gets only the parts whose bit is set, and a void.
    Voided(Vec<Capture>, u8),
    Repaint(Rect),
}

fn any_step(size: Size) -> impl Strategy<Value = Step> {
    let captures = || prop::collection::vec(any_capture(size), 1..4);
    prop_oneof![
        5 => captures().prop_map(Step::Update),
        2 => (captures(), any::<u8>()).prop_map(|(captures, parts)| Step::Voided(captures, parts)),
        2 => any_capture(size).prop_map(|capture| Step::Repaint(capture.rect)),
    ]
}

fn any_story() -> impl Strategy<Value = (Size, Vec<Step>)> {
    any_size().prop_flat_map(|size| (Just(size), prop::collection::vec(any_step(size), 1..8)))
}

/// What reaches the viewer.
#[derive(Clone)]
enum Message {
    Part(Part),
    Void(u64),
}

/// The host's pictures, the messages it sent, and what one viewer lacks in the end.
struct Story {
    pictures: Vec<Framebuffer>,
    messages: Vec<Message>,
    last: Vec<Message>,
}

fn run(jobs: Vec<PartJob>) -> Vec<Part> {
    let mut coder = Coder::new();
    jobs.into_iter().map(|job| job.run(&mut coder)).collect()
}

fn tell(size: Size, steps: &[Step]) -> Story {
    let mut encoder = Encoder::new(size, [8; 16]).unwrap();
    let mut truth = Framebuffer::new(size);
    let mut behind = Region::new();
    let (mut pictures, mut messages) = (vec![truth.clone()], Vec::new());
    for next in steps {
        let (captures, parts) = match next {
            Step::Update(captures) => (captures, None),
            Step::Voided(captures, parts) => (captures, Some(*parts)),
            Step::Repaint(rect) => {
                let jobs = encoder.repaint(&Region::from(*rect)).jobs;
                messages.extend(run(jobs).into_iter().map(Message::Part));
                continue;
            }
        };
        let Some(update) = step(&mut encoder, &mut truth, captures) else { continue };
        pictures.push(truth.clone());
        let coded = run(update.jobs).into_iter();
        match parts {
            None => messages.extend(coded.map(Message::Part)),
            Some(bits) => {
                behind.add_region(&update.region);
                let some = coded.filter(|part| bits >> (part.header.index % 8) & 1 == 1);
                messages.extend(some.map(Message::Part));
                messages.push(Message::Void(update.number));
            }
        }
    }
    let last = run(encoder.repaint(&behind).jobs).into_iter().map(Message::Part).collect();
    Story { pictures, messages, last }
}

/// A viewer, and beside it what it should show by the rules: for each pixel the newest that was taken.
struct Checked {
    picture: Picture,
    presented: Framebuffer,
    newest: Vec<u64>,
    voided: Vec<u64>,
}

impl Checked {
    fn new(size: Size) -> Self {
        let newest = vec![0; size.pixels() as usize];
        Self { picture: Picture::new(size, 0).unwrap(), presented: Framebuffer::new(size), newest, voided: vec![] }
    }

    fn take(&mut self, message: &Message, pictures: &[Framebuffer]) {
        let width = self.presented.size().width;
        let changed = match message {
            Message::Void(number) => {
                self.voided.push(*number);
                self.picture.void(*number).unwrap()
            }
            Message::Part(part) => {
                let ignored = part.header.kind == Kind::Update && self.voided.contains(&part.header.number);
                let rank = part.header.number * 2 + u64::from(part.header.kind == Kind::Repaint);
                for rect in part.rects.iter().filter(|_| !ignored) {
                    for y in rect.y..rect.bottom() {
                        let start = (y * width + rect.x) as usize;
                        let row = &mut self.newest[start..start + rect.width as usize];
                        row.iter_mut().for_each(|newest| *newest = rank.max(*newest));
                    }
                }
                self.picture.part(&part.bytes).unwrap()
            }
        };
        for rect in changed {
            self.presented.copy_from(self.picture.shown(), &rect);
        }
        assert_eq!(&self.presented, self.picture.shown(), "every change is reported");
        let expected = self.newest.iter().enumerate().map(|(at, rank)| pictures[(rank / 2) as usize].pixels()[at]);
        assert!(expected.eq(self.picture.shown().pixels().iter().copied()), "the newest that arrived is shown");
        let number = self.picture.number();
        let reference = self.picture.reference();
        let settled = self.newest.iter().map(|rank| rank / 2 <= number);
        let alike = reference.pixels().iter().zip(self.picture.shown().pixels()).map(|(kept, shown)| kept == shown);
        assert!(settled.zip(alike).all(|(settled, alike)| alike || !settled), "only early pixels differ");
        if self.voided.is_empty() {
            assert_eq!(reference, &pictures[number as usize], "the reference is the picture of its number");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_change_arrives(
        (size, steps) in any_size().prop_flat_map(|size| {
            (Just(size), prop::collection::vec(prop::collection::vec(any_capture(size), 0..5), 1..6))
        }),
        key: [u8; 16],
    ) {
        let mut encoder = Encoder::new(size, key).unwrap();
        let mut truth = Framebuffer::new(size);
        let mut picture = Picture::new(size, 0).unwrap();
        for captures in steps {
            for part in step(&mut encoder, &mut truth, &captures).map(|update| run(update.jobs)).unwrap_or_default() {
                picture.part(&part.bytes).unwrap();
            }
            prop_assert_eq!(picture.shown(), &truth);
            prop_assert_eq!(picture.number(), encoder.number());
            prop_assert_eq!(digest(picture.reference()), digest(&truth));
        }
    }

    #[test]
    fn every_kind_of_hashing_finds_the_same(
        (size, steps) in any_size().prop_flat_map(|size| {
            (Just(size), prop::collection::vec(prop::collection::vec(any_capture(size), 0..5), 1..6))
        }),
        key: [u8; 16],
    ) {
        let kinds = HashKind::available().into_iter();
        let mut encoders: Vec<_> = kinds.map(|kind| Encoder::with_hash(size, key, kind).unwrap()).collect();
        let mut truth = Framebuffer::new(size);
        for captures in steps {
            let before = truth.clone();
            let mut regions = encoders.iter_mut().map(|encoder| {
                truth = before.clone();
                step(encoder, &mut truth, &captures).map(|update| update.region)
            });
            let first = regions.next();
            prop_assert!(regions.all(|region| Some(region) == first));
        }
    }

    #[test]
    fn any_order_is_right_at_every_moment(
        (size, steps) in any_story(),
        order in prop::collection::vec(any::<u16>(), 64),
        twice in any::<u64>(),
    ) {
        let story = tell(size, &steps);
        let sent = story.messages.iter().enumerate();
        let again = sent.clone().filter(|(at, _)| twice >> (at % 64) & 1 == 1);
        let mut arriving: Vec<_> = sent.chain(again).map(|(_, message)| message).collect();
        let mut places = order.iter().cycle();
        arriving.sort_by_cached_key(|_| places.next());

        let mut viewer = Checked::new(size);
        for message in arriving.into_iter().chain(&story.last) {
            viewer.take(message, &story.pictures);
        }
        prop_assert!(viewer.picture.is_current());
        prop_assert_eq!(viewer.picture.number(), story.pictures.len() as u64 - 1);
        prop_assert_eq!(Some(viewer.picture.shown()), story.pictures.last());
    }

    #[test]
    fn a_late_joiner_catches_up((size, steps) in any_story(), after in any_capture(Size::new(200, 200))) {
        let mut encoder = Encoder::new(size, [8; 16]).unwrap();
        let mut truth = Framebuffer::new(size);
        for next in &steps {
            if let Step::Update(captures) = next {
                step(&mut encoder, &mut truth, captures);
            }
        }
        let mut picture = Picture::new(size, encoder.number()).unwrap();
        let missed = run(encoder.repaint(&Region::from(size.rect())).jobs);
        let update = step(&mut encoder, &mut truth, &[after]).map(|update| run(update.jobs)).unwrap_or_default();
        for part in update.iter().chain(&missed) {
            picture.part(&part.bytes).unwrap();
        }
        prop_assert_eq!(picture.shown(), &truth);
        prop_assert_eq!(picture.reference(), &truth);
        prop_assert_eq!(picture.number(), encoder.number());
    }

    #[test]
    fn broken_bytes_do_no_harm(
        (size, steps) in any_story(),
        faults in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut picture = Picture::new(size, 0).unwrap();
        let _ = picture.part(&noise);
        for message in tell(size, &steps).messages {
            let Message::Part(part) = message else { continue };
            let mut bytes = part.bytes.to_vec();
            for (at, value, cut) in &faults {
                let at = at.index(bytes.len().clamp(1, 64));
                if *cut { bytes.truncate(at + 5) } else if let Some(byte) = bytes.get_mut(at) { *byte = *value }
            }
            let _ = picture.part(&bytes);
            let _ = picture.part(&part.bytes);
        }
        prop_assert!(picture.shown().pixels().iter().all(|pixel| *pixel <= 0xff_ffff));
    }
}
