//! What host and viewer make together: any size, stride and change, any order of arrival, any bytes.

use proptest::prelude::*;

use super::{
    Change, Coder, CopyRect, Encoder, Fidelity, Framebuffer, HashKind, Part, PartJob, Patch, Picture, Point, Rect,
    Region, Size,
};

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
    /// Slopes with grain.
    Photo,
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
                    Content::Photo => (self.seed % 90 + (x + y) / 8 % 160) * 0x1_0101 + (noise & 0x01_0301),
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

/// What changes on the screen in one step, and what copies the encoder is told to use for it, sensible or not.
#[derive(Clone, Debug)]
struct Scene {
    captures: Vec<Capture>,
    copies: Vec<CopyRect>,
}

/// Applies a scene to the encoder and checks what it says.
fn step(encoder: &mut Encoder, truth: &mut Framebuffer, scene: &Scene) -> Option<super::Update> {
    let Scene { captures, copies } = scene;
    let (before, mut canvas) = (truth.clone(), encoder.canvas().clone());
    let taken: Vec<_> = captures.iter().map(|capture| (capture.rect, capture.take(truth))).collect();
    let patches: Vec<_> =
        taken.iter().map(|(rect, (stride, bytes))| Patch::new(*rect, *stride, bytes).unwrap()).collect();
    let number = encoder.number();
    let mut proposals = copies.iter();
    let update = encoder.update_with(&patches, |plan, new, _| {
        assert_eq!(new, truth);
        assert!(!plan.copies().is_empty() || plan.canvas().pixels().starts_with(before.pixels()));
        proposals.by_ref().for_each(|copy| _ = plan.copy(*copy));
    });
    assert_eq!(encoder.picture(), truth);
    assert_eq!(encoder.number(), number + u64::from(update.is_some()));
    if let Some(update) = &update {
        assert_eq!(update.number, number + 1);
        let Change { copies, literals } = &update.change;
        assert_eq!(update.jobs.iter().map(PartJob::area).sum::<u64>(), literals.pixels());
        assert!(literals.rects().iter().all(|rect| rect.fits(truth.size())));
        copies.iter().for_each(|copy| canvas.copy_rect(copy));
        literals.rects().iter().for_each(|rect| canvas.copy_from(truth, rect));
        assert!(canvas.pixels().starts_with(truth.pixels()));
        assert_eq!(&canvas, encoder.canvas());
    } else {
        assert_eq!(&before, truth);
    }
    update
}

fn any_capture(size: Size) -> impl Strategy<Value = Capture> {
    let content = [Content::Same, Content::Flat, Content::Noise, Content::Specks, Content::Photo];
    let content = prop::sample::select(content.to_vec());
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

/// Copies of anything to anywhere on the screen and the first shelf, some beyond the shelves.
fn any_copies(size: Size) -> impl Strategy<Value = Vec<CopyRect>> {
    let down = || prop_oneof![4 => Just(0), 2 => Just(size.height), 1 => Just(size.height * 8)];
    let copy = (any_capture(size), down(), 0..=size.width, 0..=size.height, down());
    let copy = copy.prop_map(|(to, below, x, y, from)| CopyRect {
        to: Rect { y: to.rect.y + below, ..to.rect },
        from: Point { x, y: y + from },
    });
    prop::collection::vec(copy, 0..4)
}

fn any_scene(size: Size) -> impl Strategy<Value = Scene> {
    (prop::collection::vec(any_capture(size), 0..5), any_copies(size))
        .prop_map(|(captures, copies)| Scene { captures, copies })
}

fn any_scenes() -> impl Strategy<Value = (Size, Vec<Scene>)> {
    any_size().prop_flat_map(|size| (Just(size), prop::collection::vec(any_scene(size), 1..6)))
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
    Update(Scene),
    /// An update of which the viewer gets only the parts whose bit is set, and a void.
    Voided(Scene, u8),
    Repaint(Rect),
    /// A new generation of symbols.
    Forget,
}

fn any_step(size: Size) -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => any_scene(size).prop_map(Step::Update),
        2 => (any_scene(size), any::<u8>()).prop_map(|(scene, parts)| Step::Voided(scene, parts)),
        2 => any_capture(size).prop_map(|capture| Step::Repaint(capture.rect)),
        1 => Just(Step::Forget),
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

/// The host's pictures with where a viewer without any repaint has them wrong, the messages that the host sent, and
/// what repairs it all in the end.
struct Story {
    pictures: Vec<(Framebuffer, Region)>,
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
    let (mut wrong, mut lacks) = (Region::new(), false);
    let (mut pictures, mut messages) = (vec![(truth.clone(), wrong.clone())], Vec::new());
    for next in steps {
        let (scene, parts) = match next {
            Step::Update(scene) => (scene, None),
            Step::Voided(scene, parts) => (scene, Some(*parts)),
            Step::Repaint(rect) => {
                let jobs = encoder.repaint(&Region::from(*rect), Fidelity::Exact).jobs;
                messages.extend(run(jobs).into_iter().map(Message::Part));
                continue;
            }
            Step::Forget => {
                encoder.forget();
                continue;
            }
        };
        let Some(update) = step(&mut encoder, &mut truth, scene) else { continue };
        lacks &= !update.told.fresh;
        let parts = if lacks && update.told.bound { Some(0) } else { parts };
        lacks |= parts.is_some() && update.told.tells;
        let coded = run(update.jobs).into_iter();
        match parts {
            None => {
                update.change.carry(&mut wrong);
                messages.extend(coded.map(Message::Part));
            }
            Some(bits) => {
                wrong.add_region(&update.change.written());
                let some = coded.filter(|part| bits >> (part.header.index % 8) & 1 == 1);
                messages.extend(some.map(Message::Part));
                messages.push(Message::Void(update.number));
            }
        }
        pictures.push((truth.clone(), wrong.clone()));
    }
    let last = run(encoder.repaint(&wrong, Fidelity::Exact).jobs).into_iter().map(Message::Part).collect();
    Story { pictures, messages, last }
}

/// A viewer, and beside it what it should show by the rules: for each pixel the newest literal that was taken, if it is
/// ahead of the reference, and the reference elsewhere.
struct Checked {
    picture: Picture,
    presented: Framebuffer,
    newest: Vec<u64>,
}

impl Checked {
    fn new(size: Size) -> Self {
        let newest = vec![0; size.pixels() as usize];
        Self { picture: Picture::new(size, 0).unwrap(), presented: Framebuffer::new(size), newest }
    }

    fn take(&mut self, message: &Message, pictures: &[(Framebuffer, Region)]) {
        let width = self.presented.size().width;
        let changed = match message {
            Message::Void(number) => self.picture.void(*number).unwrap(),
            Message::Part(part) => {
                let changed = self.picture.part(&part.bytes).unwrap();
                // Text that names what has not come yet is not shown early.
                for at in part.rects.iter().filter(|rect| changed.contains(rect)).flat_map(|rect| places(rect, width)) {
                    self.newest[at] = self.newest[at].max(part.header.number);
                }
                changed
            }
        };
        let shown = self.picture.shown().to_framebuffer();
        changed.iter().for_each(|rect| self.presented.copy_from(&shown, rect));
        assert_eq!(self.presented.view(), self.picture.shown(), "every change is reported");
        self.check(pictures);
    }

    fn check(&self, pictures: &[(Framebuffer, Region)]) {
        let number = self.picture.number();
        let (truth, wrong) = &pictures[number as usize];
        let next = self.picture.is_between().then(|| &pictures[number as usize + 1]);
        let (reference, shown) = (self.picture.reference(), self.picture.shown().pixels());
        let mut right = vec![true; self.newest.len()];
        let width = truth.size().width;
        let wrong = wrong.rects().iter().chain(next.iter().flat_map(|(_, wrong)| wrong.rects()));
        let wrong = wrong.filter_map(|rect| rect.intersection(&truth.size().rect()));
        wrong.flat_map(|rect| places(&rect, width)).for_each(|at| right[at] = false);
        for (at, newest) in self.newest.iter().enumerate() {
            let is_next = next.is_some_and(|(next, _)| reference[at] == next.pixels()[at]);
            let is_true = !right[at] || is_next || reference[at] == truth.pixels()[at];
            assert!(is_true, "the reference is the picture of its number, but for what was voided");
            let expected = if *newest > number { pictures[*newest as usize].0.pixels()[at] } else { reference[at] };
            assert_eq!(shown[at], expected, "the newest that arrived is shown");
        }
    }
}

/// The places of a rectangle's pixels in a picture of that width.
fn places(rect: &Rect, width: u32) -> impl Iterator<Item = usize> + use<> {
    let rect = *rect;
    (rect.y..rect.bottom()).flat_map(move |y| (rect.x..rect.right()).map(move |x| (y * width + x) as usize))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_change_arrives(
        (size, scenes) in any_scenes(),
        key: [u8; 16],
    ) {
        let mut encoder = Encoder::new(size, key).unwrap();
        let mut truth = Framebuffer::new(size);
        let mut picture = Picture::new(size, 0).unwrap();
        for scene in scenes {
            for part in step(&mut encoder, &mut truth, &scene).map(|update| run(update.jobs)).unwrap_or_default() {
                picture.part(&part.bytes).unwrap();
            }
            prop_assert_eq!(picture.shown(), truth.view());
            prop_assert_eq!(picture.number(), encoder.number());
            prop_assert_eq!(picture.reference(), truth.pixels());
        }
    }

    #[test]
    fn photos_become_exact_and_all_else_is_at_once(
        (size, scenes) in (200..600u32, 150..400u32).prop_flat_map(|(width, height)| {
            let size = Size::new(width, height);
            (Just(size), prop::collection::vec(any_scene(size), 1..6))
        }),
        near: (u32, u32),
        pieces in 0..3usize,
    ) {
        let mut encoder = Encoder::new(size, [8; 16]).unwrap();
        encoder.set_fidelity(Fidelity::Rough);
        let mut truth = Framebuffer::new(size);
        let mut picture = Picture::new(size, 0).unwrap();
        let near = Point { x: near.0, y: near.1 };
        for scene in &scenes {
            let update = step(&mut encoder, &mut truth, scene);
            encoder.settle();
            // Some of it, so that the next update finds exact and rough places.
            let refined = (0..pieces).filter_map(|_| encoder.refine(near)).collect::<Vec<_>>();
            for part in update.into_iter().chain(refined).flat_map(|update| run(update.jobs)) {
                picture.part(&part.bytes).unwrap();
            }
            prop_assert!(!encoder.is_exact() || picture.shown() == truth.view());
        }
        encoder.settle();
        encoder.settle();
        while let Some(update) = encoder.refine(near) {
            run(update.jobs).iter().for_each(|part| drop(picture.part(&part.bytes).unwrap()));
        }
        prop_assert!(encoder.is_exact());
        prop_assert_eq!(picture.shown(), truth.view());
    }

    #[test]
    fn every_kind_of_hashing_finds_the_same(
        (size, scenes) in any_scenes(),
        key: [u8; 16],
    ) {
        let kinds = HashKind::available().into_iter();
        let mut encoders: Vec<_> = kinds.map(|kind| Encoder::with_hash(size, key, kind).unwrap()).collect();
        let mut truth = Framebuffer::new(size);
        for scene in scenes {
            let before = truth.clone();
            let mut changes = encoders.iter_mut().map(|encoder| {
                truth = before.clone();
                step(encoder, &mut truth, &scene).map(|update| update.change)
            });
            let first = changes.next();
            prop_assert!(changes.all(|change| Some(change) == first));
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
        prop_assert_eq!(Some(viewer.picture.shown()), story.pictures.last().map(|(truth, _)| truth.view()));
    }

    #[test]
    fn a_late_joiner_catches_up(
        (size, steps) in any_story(),
        after in any_scene(Size::new(200, 200)),
        late: bool,
    ) {
        let mut encoder = Encoder::new(size, [8; 16]).unwrap();
        let mut truth = Framebuffer::new(size);
        for next in &steps {
            if let Step::Update(scene) = next {
                step(&mut encoder, &mut truth, scene);
            }
        }
        encoder.forget();
        let mut picture = Picture::new(size, encoder.number()).unwrap();
        let mut doubt = Region::from(encoder.canvas().size().rect());
        let mut parts = run(encoder.repaint(&doubt, Fidelity::Exact).jobs);
        if let Some(update) = step(&mut encoder, &mut truth, &after) {
            update.change.carry(&mut doubt);
            parts.extend(run(update.jobs));
        }
        if late {
            parts.reverse();
        }
        for part in parts {
            picture.part(&part.bytes).unwrap();
        }
        if picture.taken().late > 0 {
            prop_assert!(late);
            for part in run(encoder.repaint(&doubt, Fidelity::Exact).jobs) {
                picture.part(&part.bytes).unwrap();
            }
        }
        prop_assert_eq!(picture.shown(), truth.view());
        prop_assert_eq!(picture.reference(), truth.pixels());
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
