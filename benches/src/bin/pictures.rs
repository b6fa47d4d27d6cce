//! Writes pictures of the workloads and of captures, to be looked at.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use beside_benches::{Capture, Look, Scene, Settings, Workload};
use beside_protocol::frame::{Framebuffer, Size};
use clap::Parser;

/// Writes a PNG of some steps of each workload, and of some frames of each capture.
#[derive(Debug, Parser)]
struct Options {
    /// The folder to write to.
    folder: PathBuf,
    /// A folder of captures.
    captures: Option<PathBuf>,
    /// All looks of the workloads, not only the tables' own.
    #[arg(long)]
    looks: bool,
}

/// The steps that are written.
const STEPS: [u32; 3] = [0, 1, 8];

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pictures: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    std::fs::create_dir_all(&options.folder)?;
    let Settings { size, seed, .. } = Settings::FULL;
    let write = |name: &str, size: Size, scene: &mut dyn Scene| {
        let mut picture = Framebuffer::new(size);
        for step in 0..=STEPS[STEPS.len() - 1] {
            scene.draw(&mut picture, step);
            if STEPS.contains(&step) {
                save(&options.folder.join(format!("{name} {step}.png")), &picture)?;
            }
        }
        io::Result::Ok(())
    };
    for look in &Look::ALL[..if options.looks { Look::ALL.len() } else { 1 }] {
        for workload in Workload::ALL {
            let name = format!("{}, {}", workload.name(), look.name());
            write(&name, size, workload.scene(size, seed, *look).as_mut())?;
        }
    }
    let captures = options.captures.as_deref().map_or_else(|| Ok(Vec::new()), Capture::paths)?;
    for path in captures {
        let mut capture = Capture::open(&path)?;
        let (name, size) = (capture.name().to_owned(), capture.size());
        write(&name, size, &mut capture)?;
    }
    Ok(())
}

fn save(path: &Path, picture: &Framebuffer) -> io::Result<()> {
    let size = picture.size();
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    let rgb: Vec<u8> = picture.pixels().iter().flat_map(|pixel| pixel.to_be_bytes()[1..].to_vec()).collect();
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&rgb)).map_err(io::Error::other)
}
