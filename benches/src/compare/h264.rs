//! The film on the screen as video: OpenH264 by Cisco, at the settings for a camera and low complexity.

use std::io;

use openh264::OpenH264API;
use openh264::encoder::{Complexity, Encoder, EncoderConfig, QpRange, RateControlMode, UsageType};
use openh264::formats::{BgraSliceU8, YUVBuffer};

use super::{Peer, Screen};

/// The quantiser, held: about 40 dB on grainy film.
const QUANTISER: u8 = 24;

/// A stream of the film.
pub struct H264 {
    encoder: Encoder,
}

impl std::fmt::Debug for H264 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("H264")
    }
}

impl H264 {
    /// A stream that begins with a key frame.
    ///
    /// # Errors
    /// When the library refuses its settings.
    pub fn new() -> io::Result<Self> {
        let settings = EncoderConfig::new()
            .usage_type(UsageType::CameraVideoRealTime)
            .complexity(Complexity::Low)
            .rate_control_mode(RateControlMode::Off)
            .qp(QpRange::new(QUANTISER, QUANTISER))
            .num_threads(1)
            .skip_frames(false);
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), settings).map_err(io::Error::other)?;
        Ok(Self { encoder })
    }
}

impl Peer for H264 {
    fn send(&mut self, _: Option<&Screen<'_>>, now: &Screen<'_>) -> io::Result<u64> {
        let place = crate::film(now.size());
        let pixels = now.bgrx(place);
        let size = (place.width as usize, place.height as usize);
        let picture = YUVBuffer::from_bgra8_source(BgraSliceU8::new(&pixels, size));
        let stream = self.encoder.encode(&picture).map_err(io::Error::other)?;
        Ok(stream.to_vec().len() as u64)
    }
}
