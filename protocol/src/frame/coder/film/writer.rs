//! A host's film: the stream that is on, and its encoder.

use openh264::OpenH264API;
use openh264::encoder::{BitRate, Complexity, Encoder, EncoderConfig, QpRange, RateControlMode, UsageType};
use openh264::formats::YUVSlices;

use super::colours::Planes;
use super::header::{Place, START};
use super::{PIXELS_PER_BYTE, fits};
use crate::frame::geometry::Rect;
use crate::frame::rough::Quality;

/// The quantisers (of 51, doubling each six), the finest first: with 26 a film has 36 to 40 dB and its artefacts are hard to see. With
/// 34 and 42, pictures that would be too long have less than half as many bytes each time.
const QUANTISERS: [u8; 5] = [26, 30, 34, 38, 42];

/// The finest one for a quality; the next ones are that much coarser.
const fn finest(quality: Quality) -> usize {
    match quality {
        Quality::High => 0,
        Quality::Middle => 1,
        Quality::Low => 2,
    }
}
const COARSER: usize = 2;

/// A rate that no film reaches, in bits a second: no picture is ever left out.
const MOST_BITS: u32 = 200_000_000;

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
    quality: Quality,
    quantiser: u8,
    /// The next picture's.
    place: Place,
    encoder: Encoder,
}

impl FilmWriter {
    /// Ends the stream: what comes next is a key picture.
    pub(in crate::frame) fn forget(&mut self) {
        self.stream = None;
    }

    /// The film's next picture, of `rect`; for another rectangle or quality than before it is a key picture. `None` if it can't be made: OpenH264
    /// fails on noise, or it is too long even when it is coarse.
    pub(in crate::frame) fn write(&mut self, rect: &Rect, pixels: &[u32], quality: Quality) -> Option<Vec<u8>> {
        let is_same = |stream: &Stream| stream.rect == *rect && stream.quality == quality;
        let before = self.stream.take().filter(is_same);
        self.planes.take(rect.width as usize, pixels);
        let used = before.as_ref().map_or(0, |stream| stream.quantiser);
        let coarser = QUANTISERS[finest(quality)..].iter().step_by(COARSER).filter(|quantiser| **quantiser > used);
        let anew = coarser.map_while(|quantiser| Stream::new(rect, quality, *quantiser));
        for mut stream in before.into_iter().chain(anew) {
            if let Some(unit) = stream.write(&self.planes) {
                self.stream = Some(stream);
                return Some(unit);
            }
        }
        None
    }
}

impl Stream {
    fn new(rect: &Rect, quality: Quality, quantiser: u8) -> Option<Self> {
        let encoder = fits(rect).then(|| encoder(quantiser))??;
        Some(Self { rect: *rect, quality, quantiser, place: Place::First, encoder })
    }

    /// The next picture.
    fn write(&mut self, planes: &Planes) -> Option<Vec<u8>> {
        let (width, height) = (self.rect.width as usize, self.rect.height as usize);
        let Planes { luma, blue, red } = planes;
        let picture = YUVSlices::new((luma, blue, red), (width, height), (width, width / 2, width / 2));
        let coded = self.encoder.encode(&picture).ok()?;
        let layers = (0..coded.num_layers()).filter_map(|layer| coded.layer(layer)).filter(|layer| layer.is_video());
        let mut units = layers
            .flat_map(|layer| (0..layer.nal_count()).filter_map(move |unit| layer.nal_unit(unit).map(<[u8]>::to_vec)));
        let (Some(unit), None) = (units.next(), units.next()) else { return None };
        let unit = unit.strip_prefix(&START)?.to_vec();
        let is_long = unit.len() as u64 * PIXELS_PER_BYTE > self.rect.pixels();
        if is_long || Place::of(&unit) != Some(self.place) {
            return None;
        }
        self.place = self.place.next();
        Some(unit)
    }
}

/// An encoder for low delay. Its rate control has nothing to control, but only so can a quantiser be chosen. What it
/// could look for besides motion costs as much again and wins nothing on a film that is cut out already; key pictures but
/// the first would only make peaks.
fn encoder(quantiser: u8) -> Option<Encoder> {
    let settings = EncoderConfig::new()
        .usage_type(UsageType::CameraVideoRealTime)
        .complexity(Complexity::Low)
        .rate_control_mode(RateControlMode::Quality)
        .qp(QpRange::new(quantiser, quantiser))
        .bitrate(BitRate::from_bps(MOST_BITS))
        .skip_frames(true)
        .scene_change_detect(false)
        .adaptive_quantization(false)
        .background_detection(false)
        .num_threads(1);
    Encoder::with_api_config(OpenH264API::from_source(), settings).ok()
}
