//! The officer's window on a session that is made up: told on stdin what happens, tells on stdout what the officer does.
//!
//! `fake_session WIDTH HEIGHT [fullscreen] [1:1] [controls]` shows a picture of that size. Lines on stdin:
//! `connecting`, `listening ADDR [KEY]`, `asking S`, `live PERMISSIONS S`, `frozen S`, `lost S S`, `over END`, `failed TEXT`, `size W H`,
//! `fill X Y W H RRGGBB`, `hide X Y W H RRGGBB` (changes the picture without a word), `cursor hidden`,
//! `cursor W H X Y RRGGBBAA`, `figures MS BYTES UPDATES [tcp]`, `exit`.

use beside_protocol::{
    frame::{Framebuffer, FramebufferView, Point, Rect, Size},
    session::{self, Keying},
    wire::{Action, CheckWords, CursorShape, End, Fingerprint, Hands, PauseReason},
};
use beside_shell::net::Transport;
use beside_viewer::window::{self, Figures, Handle, Options, Phase, Scale, Session, Update};
use std::{
    error::Error,
    io::BufRead,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let [width, height, ..] = arguments.as_slice() else {
        return Err("the picture's width and height are needed".into());
    };
    let options = Options {
        host: "Reception-PC".into(),
        fullscreen: has("fullscreen"),
        scale: if has("1:1") { Scale::OneToOne } else { Scale::Fit },
        controls: has("controls"),
    };
    let session = Arc::new(Fake { picture: Mutex::new(pattern(Size::new(width.parse()?, height.parse()?))) });
    let (window, handle) = window::open(options)?;
    let listener = Arc::clone(&session);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if let Err(error) = listener.obey(&line, &handle) {
                eprintln!("{line}: {error}");
            }
        }
    });
    window.run(session)?;
    println!("closed");
    Ok(())
}

/// A session of a picture only.
struct Fake {
    picture: Mutex<Framebuffer>,
}

impl Session for Fake {
    fn act(&self, at: Option<Point>, action: Action) {
        let at = at.map_or_else(|| "nowhere".to_owned(), |at| format!("{},{}", at.x, at.y));
        println!("{at} {action:?}");
    }

    fn with_picture(&self, look: &mut dyn FnMut(FramebufferView<'_>)) {
        look(self.picture.lock().unwrap_or_else(PoisonError::into_inner).view());
    }

    fn presented(&self, _: Duration) {}

    fn ask_control(&self) {
        println!("ask for control");
    }

    fn yield_control(&self) {
        println!("give control up");
    }

    fn leave(&self) {
        println!("leave");
    }
}

impl Fake {
    /// Does what a line says.
    fn obey(&self, line: &str, handle: &Handle) -> Result<(), Box<dyn Error>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let now = Instant::now();
        let seconds = |word: &str| word.parse().map(Duration::from_secs);
        let before = |word: &str| Ok::<_, Box<dyn Error>>(now.checked_sub(seconds(word)?).ok_or("too long ago")?);
        handle.update(match *words.as_slice() {
            ["connecting"] => Update::Phase(Phase::Connecting),
            ["listening", address] => Update::Phase(Phase::Listening { address: address.parse()?, stranger: None }),
            ["listening", address, key] => {
                Update::Phase(Phase::Listening { address: address.parse()?, stranger: Some(key.parse()?) })
            }
            ["asking", left] => Update::Phase(Phase::Asking { until: now + seconds(left)?, check: check_words() }),
            ["paused", left] => Update::Phase(Phase::Paused { reason: PauseReason::User, until: now + seconds(left)? }),
            ["live", permissions, left, ref user @ ..] => Update::Phase(Phase::Live {
                permissions: permissions.parse()?,
                until: now + seconds(left)?,
                hands: if user == ["user"] { Hands::User } else { Hands::Officer },
            }),
            ["frozen", since] => Update::Phase(Phase::Frozen { since: before(since)? }),
            ["lost", since, left] => Update::Phase(Phase::Lost { since: before(since)?, until: now + seconds(left)? }),
            ["over", end] => Update::Phase(Phase::Over(ending(end).ok_or("no such end")?)),
            ["failed", ..] => Update::Phase(Phase::Failed(words[1..].join(" "))),
            ["size", width, height] => {
                self.replace(pattern(Size::new(width.parse()?, height.parse()?)));
                Update::Picture(Vec::new(), now)
            }
            ["fill", ref area @ .., colour] => Update::Picture(vec![self.fill(area, colour)?], now),
            ["hide", ref area @ .., colour] => {
                self.fill(area, colour)?;
                return Ok(());
            }
            ["cursor", "hidden"] => Update::Cursor(CursorShape::Hidden),
            ["cursor", width, height, hot_x, hot_y, colour] => {
                let (width, height): (u16, u16) = (width.parse()?, height.parse()?);
                let pixel = u32::from_str_radix(colour, 16)?.to_be_bytes();
                let rgba = pixel.repeat(usize::from(width) * usize::from(height));
                let (hot_x, hot_y) = (hot_x.parse()?, hot_y.parse()?);
                Update::Cursor(CursorShape::Image { width, height, hot_x, hot_y, rgba })
            }
            ["figures", millis, bytes, updates, ref over @ ..] => Update::Figures(Figures {
                round_trip: Duration::from_secs_f64(millis.parse::<f64>()? / 1e3),
                bytes_per_second: bytes.parse()?,
                updates_per_second: updates.parse()?,
                late: None,
                transport: if over == ["tcp"] { Transport::Tcp } else { Transport::Udp },
                moves: 0,
            }),
            ["exit"] => Update::Exit,
            _ => return Err("not understood".into()),
        });
        Ok(())
    }

    fn replace(&self, picture: Framebuffer) {
        *self.picture.lock().unwrap_or_else(PoisonError::into_inner) = picture;
    }

    /// Fills a part of the picture.
    fn fill(&self, area: &[&str], colour: &str) -> Result<Rect, Box<dyn Error>> {
        let [x, y, width, height] = *area else { return Err("x, y, width and height are needed".into()) };
        let rect = Rect::new(x.parse()?, y.parse()?, width.parse()?, height.parse()?);
        let colour = u32::from_str_radix(colour, 16)?;
        let mut picture = self.picture.lock().unwrap_or_else(PoisonError::into_inner);
        for y in 0..rect.height {
            picture.row_mut(&rect, y).ok_or("not in the picture")?.fill(colour);
        }
        Ok(rect)
    }
}

/// A picture whose pixels tell where they are.
fn pattern(size: Size) -> Framebuffer {
    let mut picture = Framebuffer::new(size);
    for (i, pixel) in (0..).zip(picture.pixels_mut()) {
        let (x, y) = (i % size.width, i / size.width);
        *pixel = (x & 0xff) << 16 | (y & 0xff) << 8 | (x >> 8) << 4 | y >> 8;
    }
    picture
}

fn ending(name: &str) -> Option<End> {
    Some(match name {
        "left" => End::OfficerLeft,
        "denied" => End::Denied,
        "stopped" => End::Stopped,
        "unanswered" => End::Unanswered,
        "expired" => End::Expired,
        "lost" => End::LinkLost,
        _ => return None,
    })
}

/// The words of no connection at all.
fn check_words() -> CheckWords {
    let key = Fingerprint([1; 32]);
    session::check_words(&Keying::new([1; 32], [2; 32]), &key, &key)
}
