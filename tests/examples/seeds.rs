//! Writes the chosen seeds of the fuzz corpus: `cargo run -p beside-tests --example seeds` after a message has changed.
//! Seeds named `valid-…` must be accepted; the suite checks that they still are.

use beside_protocol::{
    frame::{Point, Size},
    wire::{
        Action, Button, CursorShape, End, FramePart, FromHost, FromOfficer, Key, Message, Permissions, PointerMove,
        PolicyReason, Press, Request, Stroke,
    },
};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
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
    seed("frame_part", "valid-header-alone", &FramePart::header(1))?;
    seed("frame_part", "valid-part", &[&FramePart::header(7)[..], b"part"].concat())?;
    seed("frame_part", "hostile-cut-header", &[1, 0, 0])?;
    // A text that claims 4 GiB.
    seed("from_officer", "hostile-long-reason", &[1, 0xff, 0xff, 0xff, 0xff, 0x0f])?;
    seed("from_host", "hostile-long-name", &[0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f])?;
    seed("stroke", "hostile-endless-number", &[0xff; 12])?;
    seed("cursor", "hostile-image-of-nothing", &[1, 0xff, 0xff, 0x03, 0xff, 0xff, 0x03, 0, 0, 0])?;
    seed("pointer", "hostile-leftover", &[0, 0, 0, 0])
}

fn from_officer() -> Vec<(&'static str, FromOfficer)> {
    let request =
        Request { reason: "ticket 7".into(), permissions: Permissions::CONTROL, seconds: 1800, display: Some(1) };
    vec![
        ("hello", FromOfficer::Hello { lowest: 1, highest: 1 }),
        ("request", FromOfficer::Request(request)),
        ("pong", FromOfficer::Pong),
        ("ack", FromOfficer::Ack { bytes: 1 << 40, epoch: 2, number: 300 }),
        ("bye", FromOfficer::Bye),
    ]
}

fn from_host() -> Vec<(&'static str, FromHost)> {
    vec![
        ("welcome", FromHost::Welcome { version: 1, name: "büro-3".into() }),
        ("asking", FromHost::Asking { seconds: 60 }),
        ("granted", FromHost::Granted { permissions: Permissions::VIEW, seconds: 1800 }),
        ("view", FromHost::View { epoch: 1, size: Size::new(1920, 1080), number: 0 }),
        ("void", FromHost::Void { epoch: 1, number: 9 }),
        ("ping", FromHost::Ping),
        ("bye", FromHost::Bye(End::Stopped)),
        ("bye-policy", FromHost::Bye(End::Policy(PolicyReason::Full))),
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
