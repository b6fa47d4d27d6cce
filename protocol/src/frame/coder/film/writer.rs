//! A host's film: the stream that is on, and its encoder.

use openh264::OpenH264API;
use openh264::encoder::{Complexity, Encoder, EncoderConfig, RateControlMode, UsageType};
use openh264::formats::YUVSlices;

use super::colours::Planes;
use super::header::{Place, START};
use super::{PIXELS_PER_BYTE, fits};
use crate::frame::geometry::Rect;

/// Makes films, one after the other.
#[derive(Default)]
pub(in crate::frame) struct FilmWriter {
    stream: Option<Stream>,
    planes: Planes,
}

impl std::fmt::Debug for FilmWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilmWriter({:?})", self.stream.as_ref().map(|stream| stream.rect))
    }
}

struct Stream {
    rect: Rect,
    /// The next picture's.
    place: Place,
    encoder: Encoder,
}

impl FilmWriter {
    /// Ends the stream: what comes next is a key picture.
    pub(in crate::frame) fn forget(&mut self) {
        self.stream = None;
    }

    /// The film's next picture, of `rect`; for another rectangle than before it is a key picture. `None` if it can't be made: OpenH264
    /// fails on noise, or it is too long.
    pub(in crate::frame) fn write(&mut self, rect: &Rect, pixels: &[u32]) -> Option<Vec<u8>> {
        let before = self.stream.take().filter(|stream| stream.rect == *rect);
        let mut stream = match before {
            Some(stream) => stream,
            None if fits(rect) => Stream { rect: *rect, place: Place::First, encoder: encoder()? },
            None => return None,
        };
        let (width, height) = (rect.width as usize, rect.height as usize);
        self.planes.take(width, pixels);
        let Planes { luma, blue, red } = &self.planes;
        let picture = YUVSlices::new((luma, blue, red), (width, height), (width, width / 2, width / 2));
        let coded = stream.encoder.encode(&picture).ok()?;
        let layers = (0..coded.num_layers()).filter_map(|layer| coded.layer(layer)).filter(|layer| layer.is_video());
        let mut units = layers
            .flat_map(|layer| (0..layer.nal_count()).filter_map(move |unit| layer.nal_unit(unit).map(<[u8]>::to_vec)));
        let (Some(unit), None) = (units.next(), units.next()) else { return None };
        let unit = unit.strip_prefix(&START)?.to_vec();
        let is_long = unit.len() as u64 * PIXELS_PER_BYTE > rect.pixels();
        if is_long || Place::of(&unit) != Some(stream.place) {
            return None;
        }
        stream.place = stream.place.next();
        self.stream = Some(stream);
        Some(unit)
    }
}

/// An encoder for low delay. Without rate control its quantiser is 26: 40 dB, where artefacts are hard to see. What it
/// could look for besides motion costs as much again and wins nothing on a film that is cut out already; key pictures but
/// the first would only make peaks.
fn encoder() -> Option<Encoder> {
    let settings = EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .complexity(Complexity::Low)
        .rate_control_mode(RateControlMode::Off)
        .skip_frames(false)
        .scene_change_detect(false)
        .adaptive_quantization(false)
        .background_detection(false)
        .num_threads(1);
    Encoder::with_api_config(OpenH264API::from_source(), settings).ok()
}
