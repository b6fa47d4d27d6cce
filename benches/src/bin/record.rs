//! Records what a virtual X screen shows: reads the picture that `Xvfb -fbdir` keeps in a file, so many times a second.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use beside_benches::Recorder;
use beside_protocol::frame::Size;
use clap::Parser;

/// Records a virtual screen into a capture for the benches.
#[derive(Debug, Parser)]
struct Options {
    /// The file that `Xvfb -fbdir` makes: its folder's Xvfb_screen0.
    screen: PathBuf,
    /// The capture to write.
    capture: PathBuf,
    /// How long, in seconds.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// How many times a second to look.
    #[arg(long, default_value_t = 30)]
    rate: u32,
    /// The most frames to write.
    #[arg(long, default_value_t = 120)]
    frames: u32,
}

fn main() -> ExitCode {
    match record(&Options::parse()) {
        Ok(frames) => {
            println!("{frames} frames");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("record: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how many frames differed from the one before.
fn record(options: &Options) -> io::Result<u32> {
    let size = Dump::read(&options.screen)?.size;
    let mut recorder = Recorder::create(&options.capture, size)?;
    let (start, mut frames) = (Instant::now(), 0);
    for look in 1.. {
        frames += u32::from(recorder.frame(&Dump::read(&options.screen)?.pixels)?);
        let next = Duration::from_secs(1) * look / options.rate.max(1);
        if frames >= options.frames || next.as_secs() >= options.seconds {
            break;
        }
        sleep(next.saturating_sub(start.elapsed()));
    }
    recorder.finish()?;
    Ok(frames)
}

/// A screen in the format of `xwd` (X11/XWDFile.h): numbers of four bytes, the highest first.
struct Dump {
    size: Size,
    pixels: Vec<u8>,
}

impl Dump {
    fn read(path: &Path) -> io::Result<Self> {
        let file = std::fs::read(path)?;
        let number = |n: usize| {
            let bytes = file.get(n * 4..)?.first_chunk::<4>()?;
            usize::try_from(u32::from_be_bytes(*bytes)).ok()
        };
        let read = || {
            let (header, width, height) = (number(0)?, number(4)?, number(5)?);
            let (bits, line, colours) = (number(11)?, number(12)?, number(19)?);
            let start = header.checked_add(colours.checked_mul(12)?)?;
            let rows = file.get(start..)?.get(..line.checked_mul(height)?)?;
            let size = Size::new(width.try_into().ok()?, height.try_into().ok()?);
            (bits == 32 && size.is_valid() && line >= width * 4).then_some(())?;
            let pixels = rows.chunks_exact(line).flat_map(|row| &row[..width * 4]).copied().collect();
            Some(Self { size, pixels })
        };
        read().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no picture of 32 bits a pixel"))
    }
}
