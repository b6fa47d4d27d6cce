//! Writes the chosen seeds of the fuzz corpus: `cargo run -p beside-tests --example seeds` after a message has changed.
//! Seeds named `valid-…` must be accepted; the suite checks that they still are.

use beside_protocol::{
    frame::{Coder, Encoder, Fidelity, Films, PartJob, Patch, Point, Rect, Region, Size},
    record::{
        Actor, Answer, Certificate, CertificateFault, Change, Changes, Claim, Closing, Digest, Fact, Happened, Notary,
        Offer, Opening, Seal, Signature, Statement, TeamList, Time,
    },
    session::Keying,
    wire::{
        Action, Button, CodeFault, CursorShape, End, FramePart, FromHost, FromOfficer, Hands, Holder, Key, Message,
        More, PauseReason, Permissions, PointerMove, PolicyReason, Press, Proof, Refusal, Request, Return, StepUp,
        Stroke,
    },
};
use beside_tests::{TestNotary, key_of, notary::HOST, oracles::write_step};
use std::{fs, io, path::Path};

/// A point of the curve: its base point.
const SHARE: [u8; 32] = {
    let mut bytes = [0x66; 32];
    bytes[0] = 0x58;
    bytes
};

fn main() -> io::Result<()> {
    single_messages()?;
    picture()?;
    sessions()
}

fn single_messages() -> io::Result<()> {
    messages("from_officer", &from_officer())?;
    messages("from_host", &from_host())?;
    messages("stroke", &strokes())?;
    messages(
        "pointer",
        &[
            ("origin", PointerMove { sequence: 0, at: Point { x: 0, y: 0 } }),
            ("far", PointerMove { sequence: u32::MAX, at: Point { x: 3839, y: 2159 } }),
        ],
    )?;
    messages("cursor", &cursors())?;
    statements()?;
    seed("frame_part", "valid-header-alone", &FramePart::encode(1, &[]))?;
    seed("frame_part", "valid-part", &FramePart::encode(7, b"part"))?;
    seed("frame_part", "hostile-cut-header", &[0x80])?;
    seed("frame_part", "hostile-long-header", &[0x81, 0, 3])?;
    // A text that claims 4 GiB.
    seed("from_officer", "hostile-long-reason", &[1, 0xff, 0xff, 0xff, 0xff, 0x0f])?;
    seed("from_host", "hostile-long-name", &[0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f])?;
    seed("stroke", "hostile-endless-number", &[0xff; 12])?;
    seed("cursor", "hostile-image-of-nothing", &[1, 0xff, 0xff, 0x03, 0xff, 0xff, 0x03, 0, 0, 0])?;
    seed("pointer", "hostile-leftover", &[0, 0, 0, 0])
}

/// What an organisation signs.
fn statements() -> io::Result<()> {
    let token = certificate().to_string();
    seed("certificate", "valid-certificate", token.as_bytes())?;
    seed("certificate", "hostile-other-version", token.replacen('1', "2", 1).as_bytes())?;
    seed("certificate", "hostile-cut", &token.as_bytes()[..token.len() - 4])?;
    let changes = vec![Change::Revoked(key_of(3)), Change::Rotated { old: key_of(4), new: key_of(5) }];
    let list = |serial, changes| TeamList::new(Changes { serial, changes }, &TestNotary(2)).to_string();
    seed("team_list", "valid-first", list(1, Vec::new()).as_bytes())?;
    seed("team_list", "valid-changes", list(7, changes).as_bytes())?;
    seed("team_list", "hostile-number-nought", list(0, Vec::new()).as_bytes())?;
    let same = vec![Change::Rotated { old: key_of(4), new: key_of(4) }];
    seed("team_list", "hostile-rotated-to-itself", list(2, same).as_bytes())
}

/// That of the officer 1, of the organisation 2.
fn certificate() -> Certificate {
    let claim = Claim {
        organisation: "Contoso".into(),
        officer: "Zoë Berg".into(),
        key: key_of(1),
        from: 1_800_000_000,
        until: 1_900_000_000,
    };
    Certificate::new(claim, &TestNotary(2))
}

/// A picture's life: two updates in the wrong order, a repaint, a void; and parts that lie.
fn picture() -> io::Result<()> {
    let parts = picture_parts();
    let life: Vec<_> = [1, 0, 2].iter().map(|&index| (1, parts[index].clone())).chain([(0, vec![4])]).collect();
    seed("picture", "valid-life", &script(&life))?;
    seed("picture", "valid-twice", &script(&[(1, parts[0].clone()), (1, parts[0].clone())]))?;
    // Two copies as one update, before and after the one that they read: they wait, and then run.
    let copies = vec![3, 2, 2, 2, 40, 10, 20, 4, 73, 15, 0, 0, 131, 1, 30, 0, 14];
    seed("picture", "valid-copies", &script(&[(1, copies.clone()), (1, parts[0].clone())]))?;
    seed("picture", "valid-copies-void", &script(&[(1, copies.clone()), (0, vec![2]), (0, vec![1])]))?;
    let (mut twice, mut beyond) = (copies.clone(), copies);
    twice.extend_from_within(2..);
    seed("picture", "hostile-copies-twice", &script(&[(1, twice)]))?;
    // The picture and its shelves have 333 rows.
    beyond.splice(16.., [0xe0, 4]);
    seed("picture", "hostile-copy-from-beyond", &script(&[(1, beyond)]))?;
    let keep = vec![3, 2, 2, 1, 0, 0xad, 2, 131, 1, 30, 0, 0xd9, 4];
    let bring_back = vec![3, 3, 2, 1, 0, 0, 131, 1, 30, 0, 0xda, 4];
    seed("picture", "valid-photo", &script(&[(1, photo())]))?;
    let jpeg = jpeg();
    // As if it came in several scans.
    let mut progressive = jpeg.clone();
    let frame = progressive.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame header");
    progressive[frame + 1] = 0xc2;
    seed("picture", "valid-jpeg", &script(&[(1, jpeg)]))?;
    seed("picture", "hostile-jpeg", &script(&[(1, progressive)]))?;
    seed("picture", "valid-shelf", &script(&[(1, parts[0].clone()), (1, keep), (1, bring_back)]))?;
    let (mut cut, mut far) = (parts[0].clone(), parts[0].clone());
    cut.truncate(cut.len() - 1);
    seed("picture", "hostile-cut-data", &script(&[(1, cut)]))?;
    far.splice(1..2, [0xff, 0xff, 0xff, 0x7f]);
    seed("picture", "hostile-far-number", &script(&[(1, far)]))?;
    seed("picture", "hostile-far-void", &script(&[(0, vec![0xff; 8])]))
}

/// The parts of two updates and of a repaint, of one part each.
fn picture_parts() -> Vec<Vec<u8>> {
    // The size that the oracle has.
    let mut encoder = Encoder::new(Size::new(131, 37), [0; 16]).expect("a valid size");
    let mut parts = Vec::new();
    for (rect, pixel) in [(Rect::new(3, 2, 20, 4), [1, 2, 3, 0]), (Rect::new(60, 30, 71, 7), [200, 100, 50, 0])] {
        let pixels = pixel.repeat(usize::try_from(rect.width * rect.height).expect("a small rectangle"));
        let stride = usize::try_from(rect.width * 4).expect("a small rectangle");
        let patch = Patch::new(rect, stride, &pixels).expect("all its pixels");
        parts.extend(code(encoder.update(&[patch]).expect("a change").jobs));
    }
    let mut region = Region::new();
    region.add(Rect::new(0, 0, 30, 10));
    parts.extend(code(encoder.repaint(&region, Fidelity::Exact).jobs));
    parts
}

/// Slopes with grain, 128 × 32 pixels: blue, green, red and one unused byte.
fn slopes() -> Vec<u8> {
    (0..128 * 32u32).flat_map(|n| [n % 128, n / 128 * 5 + n % 3, 90 + n % 2, 0].map(|byte| byte as u8)).collect()
}

/// An update that is a photo.
fn photo() -> Vec<u8> {
    let mut encoder = Encoder::new(Size::new(131, 37), [0; 16]).expect("a valid size");
    let pixels = slopes();
    let patch = Patch::new(Rect::new(2, 3, 40, 24), 512, &pixels).expect("all its pixels");
    code(encoder.update(&[patch]).expect("a change").jobs).next().expect("a part")
}

/// The same as a JPEG: update 1, one rectangle. The encoder makes it of larger ones only.
fn jpeg() -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.encode(&slopes(), 128, 32, jpeg_encoder::ColorType::Bgra).expect("a JPEG");
    let length = [jpeg.len() as u8 | 0x80, (jpeg.len() >> 7) as u8];
    [&[3, 1, 28, 3, 2, 0x80, 1, 32], length.as_slice(), &jpeg].concat()
}

fn code(jobs: Vec<PartJob>) -> impl Iterator<Item = Vec<u8>> {
    jobs.into_iter().map(|job| job.run(&mut Coder::new()).bytes.to_vec())
}

/// Sessions that go well, and some that do not.
fn sessions() -> io::Result<()> {
    let said: Vec<_> = from_officer().into_iter().map(|(name, said)| (name, said.encode())).collect();
    let find =
        |name: &str| said.iter().find(|(of, _)| *of == name).map(|(_, bytes)| (0, bytes.clone())).expect("a message");
    let (hello, request, bye) = (find("hello"), find("request"), find("bye"));
    let yes = (5, Vec::new());
    let second = (9, Vec::new());
    let key = strokes().remove(0).1.encode();
    seed(
        "host",
        "valid-visit",
        &script(&[hello.clone(), request.clone(), yes.clone(), second.clone(), find("pong"), bye]),
    )?;
    seed(
        "host",
        "valid-more",
        &script(&[hello.clone(), request.clone(), yes.clone(), find("more"), yes.clone(), find("yield")]),
    )?;
    seed("host", "hostile-more-before-yes", &script(&[hello.clone(), request.clone(), find("more")]))?;
    seed("host", "valid-press-of-who-may-look", &script(&[hello.clone(), request.clone(), yes, (1, key.clone())]))?;
    seed("host", "hostile-press-before-yes", &script(&[hello.clone(), request.clone(), (1, key)]))?;
    let (hello_again, hello_first) = (hello.clone(), hello.clone());
    seed("host", "hostile-hello-twice", &script(&[hello.clone(), hello]))?;
    let resume = find("resume");
    seed(
        "host",
        "valid-nothing-to-resume",
        &script(&[hello_again.clone(), resume.clone(), request.clone(), second.clone()]),
    )?;
    seed("host", "hostile-resume-twice", &script(&[hello_again, resume.clone(), resume]))?;
    seed("host", "hostile-request-first", &script(&[request]))?;
    let (share, proof) = (find("code-share"), find("code-proof"));
    let request_again = find("request");
    seed("host", "valid-code-wrong", &script(&[find("hello"), share.clone(), proof.clone()]))?;
    seed("host", "hostile-code-twice", &script(&[find("hello"), share.clone(), share.clone()]))?;
    seed("host", "hostile-proof-first", &script(&[find("hello"), proof]))?;
    seed("host", "hostile-request-before-proof", &script(&[find("hello"), share, request_again]))?;
    let unsigned = from_officer().into_iter().find_map(|(_, said)| match said {
        FromOfficer::Request(request, seal) => {
            Some(Request { seconds: 1_801, ..request }).map(|request| (0, FromOfficer::Request(request, seal).encode()))
        }
        _ => None,
    });
    seed("host", "hostile-signed-for-less", &script(&[hello_first, unsigned.expect("a request")]))?;
    viewer_sessions(second)
}

/// What hosts say to the officer's side; `second` lets time pass.
fn viewer_sessions(second: (u8, Vec<u8>)) -> io::Result<()> {
    let host = |said: FromHost| (0, said.encode());
    let welcome = host(FromHost::Welcome { version: 1, name: "host".into() });
    let granted = host(FromHost::Granted {
        session: 7,
        permissions: Permissions::VIEW,
        seconds: 60,
        paused: None,
        returns: Return::AskAgain,
    });
    let view = host(FromHost::View { epoch: 1, size: Size::new(131, 37), number: 0 });
    let part = (4, FramePart::encode(1, &picture_parts()[0]).to_vec());
    let stopped = host(FromHost::Bye(End::Stopped));
    let visit = [welcome.clone(), granted.clone(), view.clone(), part.clone()];
    let first = |rest: &[(u8, Vec<u8>)]| script(&[&visit, rest].concat());
    let (lost, gone) = ((5, Vec::new()), host(FromHost::Gone));
    let other = host(FromHost::Granted {
        session: 8,
        permissions: Permissions::VIEW,
        seconds: 60,
        paused: None,
        returns: Return::AskAgain,
    });
    let back = [lost.clone(), welcome.clone(), granted.clone(), view.clone(), part.clone(), second.clone()];
    let find = |name: &str| {
        let said = from_host().into_iter().find(|(of, _)| *of == name).expect("a message");
        host(said.1)
    };
    let paused = host(FromHost::Granted {
        session: 7,
        permissions: Permissions::VIEW,
        seconds: 59,
        paused: Some(PauseReason::User),
        returns: Return::AskAgain,
    });
    let anew = host(FromHost::View { epoch: 2, size: Size::new(131, 37), number: 4 });
    seed("viewer", "valid-pause", &first(&[paused, find("hands"), granted.clone(), second.clone(), anew]))?;
    seed("viewer", "valid-more", &first(&[find("more-asking"), find("more-granted"), find("control")]))?;
    seed("viewer", "hostile-more-before-grant", &script(&[welcome.clone(), find("more-asking")]))?;
    seed("viewer", "valid-visit", &first(&[second.clone(), stopped.clone()]))?;
    seed("viewer", "valid-resumed", &first(&back))?;
    let signed = [host(FromHost::Opening(Box::new(opening()))), host(closing()), stopped.clone()];
    seed("viewer", "valid-signed", &first(&signed))?;
    seed("viewer", "hostile-signed-twice", &first(&[signed[0].clone(), signed[0].clone()]))?;
    seed("viewer", "hostile-closing-unopened", &first(&[host(closing())]))?;
    seed("viewer", "valid-asks-again", &first(&[lost.clone(), welcome.clone(), gone, other.clone()]))?;
    seed("viewer", "hostile-another-session", &first(&[lost, welcome.clone(), other]))?;
    seed("viewer", "hostile-picture-before-grant", &script(&[welcome, view, part]))
}

fn script(steps: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut input = Vec::new();
    steps.iter().for_each(|(tag, bytes)| write_step(&mut input, *tag, bytes));
    input
}

fn from_officer() -> Vec<(&'static str, FromOfficer)> {
    let request = Request {
        reason: "ticket 7".into(),
        permissions: Permissions::CONTROL,
        seconds: 1800,
        display: Some(1),
        ticket: Some("4711".into()),
    };
    vec![
        ("hello", FromOfficer::Hello { lowest: 1, highest: 1, films: Films::Readable }),
        ("request", FromOfficer::Request(request.clone(), seal(request.clone()))),
        (
            "request-certified",
            FromOfficer::Request(request.clone(), Seal { certificate: Some(Box::new(certificate())), ..seal(request) }),
        ),
        ("resume", FromOfficer::Resume { session: 300, proof: [0xa5; 32] }),
        ("pong", FromOfficer::Pong),
        (
            "ack",
            FromOfficer::Ack {
                bytes: 1 << 40,
                small: 1 << 20,
                epoch: 2,
                number: 300,
                repaints: 9,
                late: 1,
                decode: 900,
                present: 4_000,
            },
        ),
        ("bye", FromOfficer::Bye),
        ("code-share", FromOfficer::CodeShare { share: SHARE }),
        ("code-proof", FromOfficer::CodeProof { proof: [0xa5; 32] }),
        (
            "countersigned",
            FromOfficer::Countersigned { head: Some(Digest::ZERO), signature: Signature(vec![0x30; 70]) },
        ),
        (
            "more",
            FromOfficer::More(More { reason: "ticket 7".into(), permissions: Permissions::CONTROL, seconds: 300 }),
        ),
        ("yield", FromOfficer::Yield),
    ]
}

/// The offer of the officer in the fuzz target `host`, and of the one in `viewer`.
fn offer(request: Request) -> Offer {
    let connection = Keying::new([1; 32], [2; 32]).name();
    Offer { officer: TestNotary(1).key(), host: key_of(HOST), connection, request, certificate: None, head: None }
}

fn seal(request: Request) -> Seal {
    let signature = TestNotary(1).sign(&offer(request).bytes());
    Seal { key: TestNotary(1).key(), certificate: None, head: None, signature }
}

/// What the host says to the officer in the fuzz target `viewer`, signed.
fn opening() -> Opening {
    let request = Request {
        reason: "fuzzing".into(),
        permissions: Permissions::CONTROL,
        seconds: 60,
        display: None,
        ticket: None,
    };
    let answer = Answer {
        offer: offer(request).digest(),
        host: TestNotary(HOST).key(),
        session: 7,
        permissions: Permissions::VIEW,
        seconds: 60,
        proof: Proof::Enrolled,
        by: Actor::User,
        time: Time::from_millis(1_800_000_000_000),
        head: Digest([0xa5; 32]),
    };
    let signature = TestNotary(HOST).sign(&answer.bytes());
    Opening { answer, signature }
}

fn closing() -> FromHost {
    let time = Time::from_millis(1_800_000_060_000);
    let closing = Closing {
        answer: opening().answer.digest(),
        facts: vec![Fact { time, what: Happened::Suspended }],
        omitted: 0,
        end: End::Stopped,
        time,
        head: Some(Digest([0x5a; 32])),
    };
    let signature = TestNotary(HOST).sign(&closing.bytes());
    FromHost::Closing { closing: Box::new(closing), signature }
}

fn from_host() -> Vec<(&'static str, FromHost)> {
    vec![
        ("welcome", FromHost::Welcome { version: 1, name: "büro-3".into() }),
        ("asking", FromHost::Asking { seconds: 60 }),
        (
            "granted",
            FromHost::Granted {
                session: 300,
                permissions: Permissions::VIEW,
                seconds: 1800,
                paused: None,
                returns: Return::AskAgain,
            },
        ),
        (
            "paused",
            FromHost::Granted {
                session: 300,
                permissions: Permissions::CONTROL,
                seconds: 1799,
                paused: Some(PauseReason::User),
                returns: Return::Once,
            },
        ),
        ("gone", FromHost::Gone),
        ("view", FromHost::View { epoch: 1, size: Size::new(1920, 1080), number: 0 }),
        ("void", FromHost::Void { epoch: 1, number: 9 }),
        ("repaints", FromHost::Repaints { epoch: 1, number: 9, parts: 3 }),
        ("ping", FromHost::Ping { made: 9_000 }),
        ("bye", FromHost::Bye(End::Stopped)),
        ("hands", FromHost::Hands(Hands::User)),
        ("opening", FromHost::Opening(Box::new(opening()))),
        ("closing", closing()),
        ("bye-locked", FromHost::Bye(End::Locked)),
        ("bye-silenced", FromHost::Bye(End::Policy(PolicyReason::Silenced { minutes: 15 }))),
        ("bye-policy", FromHost::Bye(End::Policy(PolicyReason::Full))),
        ("code-share", FromHost::CodeShare { share: SHARE }),
        ("code-proof", FromHost::CodeProof { proof: [0xa5; 32] }),
        ("bye-code", FromHost::Bye(End::Code(CodeFault::Wrong))),
        ("bye-certificate", FromHost::Bye(End::Certificate(CertificateFault::Expired))),
        ("bye-wait", FromHost::Bye(End::Code(CodeFault::Wait { seconds: 300 }))),
        ("bye-unconfirmed", FromHost::Bye(End::Unconfirmed)),
        ("more-asking", FromHost::StepUp(StepUp::Asking { seconds: 60 })),
        ("more-granted", FromHost::StepUp(StepUp::Granted { permissions: Permissions::CONTROL, seconds: 300 })),
        ("more-refused", FromHost::StepUp(StepUp::Refused(Refusal::Wait { seconds: 900 }))),
        ("control", FromHost::Control(Holder::Another)),
    ]
}

fn strokes() -> Vec<(&'static str, Stroke)> {
    let stroke = |action| Stroke { sequence: 300, at: Some(Point { x: 640, y: 360 }), action };
    vec![
        ("key", stroke(Action::Key(Key(0x04), Press::Down))),
        ("button", stroke(Action::Button(Button::Forward, Press::Up))),
        ("wheel", stroke(Action::Wheel { x: -120, y: 120 })),
        ("text", stroke(Action::Text("é漢".into()))),
        ("move", stroke(Action::Move)),
        ("nowhere", Stroke { sequence: 0, at: None, action: Action::Move }),
    ]
}

fn cursors() -> Vec<(&'static str, CursorShape)> {
    vec![
        ("hidden", CursorShape::Hidden),
        (
            "image",
            CursorShape::Image { width: 2, height: 1, hot_x: 1, hot_y: 0, rgba: vec![0, 0, 0, 255, 255, 255, 255, 0] },
        ),
    ]
}

fn messages<M: Message>(target: &str, messages: &[(&str, M)]) -> io::Result<()> {
    messages.iter().try_for_each(|(name, message)| seed(target, &format!("valid-{name}"), &message.encode()))
}

fn seed(target: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}
