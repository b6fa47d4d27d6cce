//! Films through both of the codec's halves, and what a host may send instead.

use proptest::prelude::*;

use super::*;
use crate::frame::coder::text::Turn;
use crate::frame::rough::Quality;

const RECT: Rect = Rect::new(7, 5, 130, 98);

/// Picture `number` of a film: a gradient that wanders, with grain.
fn picture(rect: &Rect, number: u32) -> Vec<u32> {
    let grain = |x: u32, y: u32| (x * 7 + y * 131 + number * 977).wrapping_mul(0x9e37_79b9) >> 29;
    let pixel = |x: u32, y: u32| {
        let way = (x + 3 * number) / 2 % 240;
        let level = way.min(240 - way) + y / 16 + grain(x, y);
        level << 16 | (200 - level) << 8 | (80 + y / 16)
    };
    (0..rect.height).flat_map(|y| (0..rect.width).map(move |x| pixel(x, y))).collect()
}

fn film(rect: &Rect, count: u32) -> Vec<Vec<u8>> {
    let mut writer = FilmWriter::default();
    (0..count).map(|number| writer.write(rect, &picture(rect, number), Quality::High).unwrap()).collect()
}

fn read(reader: &mut FilmReader, rect: Rect, data: &[u8]) -> Result<Vec<u32>, crate::frame::DecodeError> {
    let mut pixels = vec![0; rect.pixels() as usize];
    reader.read(&[rect], data, &mut pixels, Turn::Now).map(|()| pixels)
}

/// The mean of the squares of how far the channels are apart.
fn error(one: &[u32], other: &[u32]) -> f64 {
    let channels = |pixel: &u32| pixel.to_le_bytes();
    let both = one.iter().flat_map(channels).zip(other.iter().flat_map(channels));
    let squares: u64 = both.map(|(one, other)| u64::from(one.abs_diff(other)).pow(2)).sum();
    squares as f64 / (one.len() * 3) as f64
}

#[test]
fn a_film_is_seen_as_it_is() {
    let mut reader = FilmReader::default();
    for (number, data) in (0..).zip(film(&RECT, 60)) {
        let pixels = read(&mut reader, RECT, &data).unwrap();
        let error = error(&pixels, &picture(&RECT, number));
        assert!(error < 12.0, "picture {number}: {error}");
    }
}

#[test]
fn other_sizes_are_seen_too() {
    for rect in [Rect::new(0, 0, 128, 96), Rect::new(1, 1, 960, 540), Rect::new(0, 0, 1_920, 1_080)] {
        let mut reader = FilmReader::default();
        for (number, data) in (0..).zip(film(&rect, 2)) {
            assert!(error(&read(&mut reader, rect, &data).unwrap(), &picture(&rect, number)) < 12.0, "{rect:?}");
        }
    }
}

#[test]
fn what_does_not_fit_is_not_made() {
    let mut writer = FilmWriter::default();
    for (width, height) in [(126, 300), (300, 94), (301, 300), (300, 301), (2_000, 1_050), (3_842, 100)] {
        let rect = Rect::new(0, 0, width, height);
        assert_eq!(writer.write(&rect, &vec![0; rect.pixels() as usize], Quality::High), None, "{rect:?}");
    }
}

#[test]
fn noise_is_not_made_and_what_is_long_not_read() {
    let noise: Vec<u32> =
        (0..RECT.pixels() as u32).map(|n| n.wrapping_mul(0x9e37_79b9).rotate_left(n % 32) >> 8).collect();
    assert_eq!(FilmWriter::default().write(&RECT, &noise, Quality::High), None);
    let mut long = film(&RECT, 1).remove(0);
    long.resize((RECT.pixels() / PIXELS_PER_BYTE) as usize + 1, 0x80);
    assert!(read(&mut FilmReader::default(), RECT, &long).is_err());
}

#[test]
fn another_quality_begins_anew_and_takes_less() {
    let mut writer = FilmWriter::default();
    let mut lengths = Vec::new();
    for quality in [Quality::High, Quality::Middle, Quality::Low] {
        let mut reader = FilmReader::default();
        let parts: Vec<_> =
            (0..6).map(|number| writer.write(&RECT, &picture(&RECT, number), quality).unwrap()).collect();
        assert!(parts.iter().all(|data| read(&mut reader, RECT, data).is_ok()), "{quality:?}");
        lengths.push(parts.iter().map(Vec::len).sum::<usize>());
    }
    assert!(lengths[1] < lengths[0] && lengths[2] < lengths[1], "{lengths:?}");
}

#[test]
fn pictures_come_in_order() {
    let parts = film(&RECT, 4);
    let mut reader = FilmReader::default();
    assert!(read(&mut reader, RECT, &parts[1]).is_err(), "no stream is on");
    read(&mut reader, RECT, &parts[0]).unwrap();
    read(&mut reader, RECT, &parts[1]).unwrap();
    // What comes early is not read, and does no harm.
    let mut pixels = vec![0; RECT.pixels() as usize];
    for early in [&parts[3], &parts[0]] {
        assert!(reader.read(&[RECT], early, &mut pixels, Turn::Other).is_err());
    }
    read(&mut reader, RECT, &parts[2]).unwrap();
    assert!(read(&mut reader, RECT, &parts[2]).is_err(), "the same again");
    assert!(read(&mut reader, RECT, &parts[3]).is_err(), "the stream is over");
}

#[test]
fn a_stream_has_one_rectangle() {
    let parts = film(&RECT, 2);
    let mut reader = FilmReader::default();
    for other in [Rect { x: 9, ..RECT }, Rect { width: 128, ..RECT }] {
        read(&mut reader, RECT, &parts[0]).unwrap();
        assert!(read(&mut reader, other, &parts[1]).is_err(), "{other:?}");
    }
    let mut pixels = vec![0; 2 * RECT.pixels() as usize];
    assert!(reader.read(&[RECT, RECT], &parts[0], &mut pixels, Turn::Now).is_err());
}

#[test]
fn another_rectangle_and_a_new_generation_begin_with_a_key_picture() {
    let mut writer = FilmWriter::default();
    let write = |writer: &mut FilmWriter, rect: &Rect| writer.write(rect, &picture(rect, 1), Quality::High).unwrap()[0];
    let moved = Rect { x: 8, ..RECT };
    assert_eq!([write(&mut writer, &RECT), write(&mut writer, &RECT), write(&mut writer, &moved)], [0x65, 0x61, 0x65]);
    writer.forget();
    assert_eq!([write(&mut writer, &moved), write(&mut writer, &moved)], [0x65, 0x61]);
}

/// What a hostile host does to bytes.
#[derive(Clone, Debug)]
enum Harm {
    Set(prop::sample::Index, u8),
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Cut(prop::sample::Index),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        any::<(prop::sample::Index, u8)>().prop_map(|(at, byte)| Harm::Set(at, byte)),
        (any::<prop::sample::Index>(), 0..8u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        any::<(prop::sample::Index, Vec<u8>)>().prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
        any::<prop::sample::Index>().prop_map(Harm::Cut),
    ]
}

fn spoil(data: &mut Vec<u8>, harm: &Harm) {
    match harm {
        Harm::Set(at, byte) => *at.get_mut(data) = *byte,
        Harm::Flip(at, bit) => *at.get_mut(data) ^= 1 << bit,
        Harm::Insert(at, bytes) => {
            let at = at.index(data.len());
            data.splice(at..at, bytes.iter().copied());
        }
        Harm::Cut(at) => data.truncate(at.index(data.len()).max(1)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// After harm a picture is refused or another one, and the reader goes on with the next key picture.
    #[test]
    fn harm_is_refused_or_seen(which in 0..3usize, harms in prop::collection::vec(harm(), 1..4)) {
        let rect = Rect::new(0, 0, 128, 96);
        let mut parts = film(&rect, 3);
        harms.iter().for_each(|harm| spoil(&mut parts[which], harm));
        let mut reader = FilmReader::default();
        for data in &parts {
            let _ = read(&mut reader, rect, data);
        }
        prop_assert!(read(&mut reader, rect, &film(&rect, 1)[0]).is_ok());
    }

    #[test]
    fn any_slice_is_refused_or_seen(key: bool, rest: Vec<u8>) {
        let rect = Rect::new(0, 0, 128, 96);
        let parts = film(&rect, 1);
        let head: &[u8] = if key { &[0x65, 0xb8, 0, 4] } else { &[0x61, 0xe0, 0, 0x7e, 0x47] };
        let mut reader = FilmReader::default();
        read(&mut reader, rect, &parts[0]).unwrap();
        let _ = read(&mut reader, rect, &[head, &rest].concat());
    }
}
