//! What the encoder is compared with: other ways to find what changed, and to send it.
//!
//! Of a peer's protocol only what its coder makes is counted, without the headers around it.

mod blocks;
#[cfg(feature = "h264")]
mod h264;
mod memory;
mod qoiz;
mod screen;
mod tight;
mod whole;

use std::io;

pub use blocks::{changed_blocks, changed_rects};
#[cfg(feature = "h264")]
pub use h264::H264;
pub use memory::equal;
pub use qoiz::Qoiz;
pub use screen::Screen;
pub use tight::{Mode, Tight};
pub use whole::{Jpeg, Png, Zstd};

/// Another way to send a screen.
pub trait Peer {
    /// Sends what the screen shows `now`, after `before`; all of it where there is nothing before. Returns how many
    /// bytes that takes.
    ///
    /// # Errors
    /// When a library fails.
    fn send(&mut self, before: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64>;
}

/// The peers that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// IronRDP's QOIZ. Where each update is the first that anyone sees, its context is new each time.
    Qoiz,
    /// The same, with one context for all: what its time is taken from.
    QoizLive,
    /// VNC's Tight without JPEG.
    Tight,
    /// Tight with JPEG for what has many colours.
    TightJpeg,
    /// The whole frame through zstd.
    Zstd,
    /// The whole frame as PNG.
    Png,
    /// The whole frame as JPEG.
    Jpeg,
    /// The [film](crate::film) alone as video; the rest of the screen is not sent.
    #[cfg(feature = "h264")]
    H264,
}

impl Rival {
    /// All but those of one workload, in the order of the tables.
    pub const ALL: &[Self] =
        &[Self::Qoiz, Self::QoizLive, Self::Tight, Self::TightJpeg, Self::Zstd, Self::Png, Self::Jpeg];

    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qoiz => "QOIZ",
            Self::QoizLive => "QOIZ live",
            Self::Tight => "Tight",
            Self::TightJpeg => "Tight + JPEG",
            Self::Zstd => "zstd 3",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            #[cfg(feature = "h264")]
            Self::H264 => "H.264",
        }
    }

    /// Its coder, as a connection begins.
    ///
    /// # Errors
    /// When a library refuses its settings.
    pub fn coder(self) -> io::Result<Box<dyn Peer>> {
        Ok(match self {
            Self::Qoiz | Self::QoizLive => Box::new(Qoiz::new()?),
            Self::Tight => Box::new(Tight::new(Mode::Lossless)),
            Self::TightJpeg => Box::new(Tight::new(Mode::Jpeg)),
            Self::Zstd => Box::new(Zstd::new()?),
            Self::Png => Box::new(Png),
            Self::Jpeg => Box::new(Jpeg),
            #[cfg(feature = "h264")]
            Self::H264 => Box::new(H264::new()?),
        })
    }

    /// Whether it sends every frame whole, so that one frame of a few says as much as all.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Zstd | Self::Png | Self::Jpeg)
    }
}
