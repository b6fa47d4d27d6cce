//! Pictures of the desk's windows in all languages: `make screenshots`, or `cargo run -p beside-tests --example screenshots --
//! target/debug/beside-server FOLDER`. They are the program's own windows, on an Xvfb of this one's.
#![cfg(target_os = "linux")]

use beside_protocol::{
    frame::{Rect, Size},
    session::{
        Keying, check_words,
        host::{Kept, Used},
    },
    wire::{End, Fingerprint, Permission, Permissions, Proof, Purpose, Question, Return, Who},
};
use beside_server::desk::{
    AskedBy, Desk, Language, LiveSession, Offer, OnSilence, PanicKey, Settings, Summary, ToDesk,
};
use beside_test_displays::{Area, Screen, wait_for};
use image::{
    RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use std::{
    env, error::Error, fs::File, io::BufWriter, path::Path, process::Command, sync::mpsc::channel, time::Duration,
};

/// A small notebook's screen.
const SIZE: Size = Size::new(1366, 768);

const ALLOW: Area = Area { colour: 0x0017_7357, least: 5000 };
const DENY: Area = Area { colour: 0x002f_3a49, least: 5000 };
const STOP: Area = Area { colour: 0x00d0_2f2f, least: 2000 };
const CODE_BUTTON: Area = Area { colour: 0x004a_5563, least: 3000 };
const NOTE_PAPER: Area = Area { colour: 0x00fb_fbf9, least: 10_000 };

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [program, folder] = arguments.as_slice() else {
        return Err("the path of beside-server and a folder for the pictures are needed".into());
    };
    std::fs::create_dir_all(folder)?;
    let key = Fingerprint([0xa5; 32]);
    let code = ToDesk::Code { code: "123 456 789".parse()?, seconds_left: 299 };
    let live = LiveSession {
        officer: "Anna Berger".into(),
        permissions: Permissions::CONTROL,
        ceiling: Permissions::CONTROL,
        paused: None,
        seconds_left: 1800,
        standing: false,
        extra: None,
    };
    let known = Question {
        purpose: Purpose::Session,
        officer: "Anna Berger".into(),
        proof: Proof::Enrolled,
        key,
        check: check_words(&Keying::new([1; 32], [2; 32]), &key, &key),
        reason: "The printer on floor 3 prints blank pages".into(),
        ticket: Some("INC 4711".into()),
        permissions: Permissions::CONTROL,
        duration: Duration::from_secs(1800),
        returns: Return::Once,
        patience: Duration::from_secs(60),
    };
    let (proof, permissions, returns) = (Proof::Code, Permissions::VIEW, Return::AskAgain);
    let stranger = Question { officer: Who::Unknown(key), proof, permissions, returns, ..known.clone() };
    let summary = Summary {
        officer: "Anna Berger".into(),
        seconds: 12 * 60,
        allowed: Permissions::CONTROL,
        added: Permissions::NONE.with(Permission::Control),
        used: Used::Yes,
        standing: false,
        kept: Kept::Receipt,
    };
    let ask = |question| ToDesk::Ask { session: 1, question, offer: Offer::Everything };
    let scenes = [
        ("prompt", ask(known), ALLOW),
        ("stranger", ask(stranger), DENY),
        ("banner", ToDesk::Live { session: 1, live }, STOP),
        ("code", code, CODE_BUTTON),
        ("note", ToDesk::Ended { session: 1, end: End::Expired, summary: Some(summary) }, NOTE_PAPER),
    ];
    for language in Language::ALL {
        for (name, message, sign) in &scenes {
            let path = Path::new(folder).join(format!("{name}-{language}.png"));
            save(&photograph(program, language, message, *sign)?, &path)?;
            println!("{}", path.display());
        }
    }
    Ok(())
}

/// The window that shows a message, once it shows this sign.
fn photograph(program: &str, language: Language, message: &ToDesk, sign: Area) -> Result<RgbImage, Box<dyn Error>> {
    let screen = Screen::xvfb(SIZE);
    let mut command = Command::new(program);
    command.env("DISPLAY", screen.name()).env("WINIT_X11_SCALE_FACTOR", "1");
    let settings =
        Settings { asked_by: AskedBy::Desk, panic_key: PanicKey::default(), on_silence: OnSilence::Wait, language };
    let (sender, said) = channel();
    let desk = Desk::start(command, &settings, move |event| drop(sender.send(event)))?;
    said.recv()?;
    let empty = pixels(&screen);
    desk.tell(message.clone())?;
    screen.wait_for(sign);
    // Painted to the end: it does not change any more, but for what counts seconds.
    let mut last = pixels(&screen);
    let shown = wait_for("a picture that rests", || {
        let now = pixels(&screen);
        (std::mem::replace(&mut last, now.clone()) == now).then_some(now)
    });
    let differs = |at: &usize| shown[*at] != empty[*at];
    let changed: Vec<usize> = (0..shown.len()).filter(differs).collect();
    let width = SIZE.width as usize;
    let columns = || changed.iter().map(|at| at % width);
    let (left, right) = (columns().min().unwrap_or_default(), columns().max().unwrap_or_default());
    let (top, bottom) = (changed[0] / width, changed[changed.len() - 1] / width);
    Ok(RgbImage::from_fn((right - left + 1) as u32, (bottom - top + 1) as u32, |x, y| {
        let [_, red, green, blue] = shown[(top + y as usize) * width + left + x as usize].to_be_bytes();
        // With 32 steps of each colour the files are half as large, and nobody sees it.
        image::Rgb([red, green, blue].map(|colour| colour & 0xf8 | colour >> 5))
    }))
}

/// As small as a PNG gets.
fn save(picture: &RgbImage, path: &Path) -> Result<(), Box<dyn Error>> {
    let file = BufWriter::new(File::create(path)?);
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    Ok(picture.write_with_encoder(encoder)?)
}

fn pixels(screen: &Screen) -> Vec<u32> {
    screen.pixels(Rect::new(0, 0, SIZE.width, SIZE.height))
}
