//! What Tight sends comes back, and its rules hold.

use flate2::{Decompress, FlushDecompress};

use super::*;
use crate::compare::screen::tests::{SIZE, noise, text};

/// A viewer's side, for parts of known places.
struct Viewer([Decompress; 3]);

impl Viewer {
    fn new() -> Self {
        Self([0; 3].map(|_| Decompress::new(true)))
    }

    /// The pixels of a part of `size`, red, green and blue, read from the front of `bytes`.
    fn part(&mut self, part: &Rect, bytes: &mut &[u8]) -> Vec<u8> {
        let (width, rows, pixels) = (part.width as usize, part.height as usize, part.pixels() as usize);
        let control = take(bytes, 1)[0];
        match control {
            FILL => take(bytes, 3).repeat(pixels),
            0 => self.data(0, pixels * 3, bytes),
            0x50 | 0x60 => {
                assert_eq!(take(bytes, 1), [FILTER_PALETTE]);
                let count = usize::from(take(bytes, 1)[0]) + 1;
                let palette = take(bytes, count * 3).to_vec();
                let colour = |index: u8| palette[usize::from(index) * 3..][..3].to_vec();
                if control == 0x60 {
                    return self.data(2, pixels, bytes).into_iter().flat_map(colour).collect();
                }
                let bits = self.data(1, width.div_ceil(8) * rows, bytes);
                let bit = |row: usize, x: usize| bits[row * width.div_ceil(8) + x / 8] >> (7 - x % 8) & 1;
                (0..rows)
                    .flat_map(|row| (0..width).map(move |x| (row, x)))
                    .flat_map(|(y, x)| colour(bit(y, x)))
                    .collect()
            }
            other => panic!("control byte {other:#x}"),
        }
    }

    fn data(&mut self, stream: usize, length: usize, bytes: &mut &[u8]) -> Vec<u8> {
        if length < 12 {
            return take(bytes, length).to_vec();
        }
        let mut packed = 0;
        for n in 0..3 {
            let byte = take(bytes, 1)[0];
            packed |= usize::from(if n < 2 { byte & 0x7f } else { byte }) << (7 * n);
            if byte < 0x80 {
                break;
            }
        }
        let mut plain = Vec::with_capacity(length + 1);
        self.0[stream].decompress_vec(take(bytes, packed), &mut plain, FlushDecompress::Sync).unwrap();
        assert_eq!(plain.len(), length);
        plain
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

#[test]
fn what_is_sent_comes_back() {
    let (mut coder, mut viewer) = (Tight::new(Mode::Lossless), Viewer::new());
    for picture in [text(1), noise(2), text(3), vec![9; SIZE.pixels() as usize * 4], text(3)] {
        let screen = Screen::new(SIZE, &picture).unwrap();
        let bytes = coder.send(None, &screen).unwrap();
        let sent = std::mem::take(&mut coder.sent);
        assert_eq!(sent.len() as u64, bytes);
        let parts = solid::split(&screen, SIZE.rect());
        let mut rest = sent.as_slice();
        for part in parts.solid.into_iter().chain(parts.mixed.into_iter().flat_map(pieces)) {
            assert!(viewer.part(&part, &mut rest) == screen.rgb(part), "{part:?}");
        }
        assert!(rest.is_empty());
    }
}

#[test]
fn one_two_few_and_many_colours() {
    let [flat, two, few, many] = [1, 2, 40, u64::MAX].map(|colours| {
        let pixel = |n: u64| (crate::random::random(5, n) % colours) as u32 & 0xff_ffff;
        let picture: Vec<u8> = (0..SIZE.pixels()).flat_map(|n| pixel(n).to_le_bytes()).collect();
        let screen = Screen::new(SIZE, &picture).unwrap();
        [Mode::Lossless, Mode::Jpeg].map(|mode| {
            let mut coder = Tight::new(mode);
            coder.send(None, &screen).unwrap();
            coder.sent[0]
        })
    });
    assert_eq!([flat, two, few, many], [[FILL; 2], [0x50; 2], [0x60; 2], [0, JPEG]]);
}

#[test]
fn parts_cover_a_rectangle_once() {
    let picture = text(4);
    let screen = Screen::new(SIZE, &picture).unwrap();
    let rect = Rect::new(3, 2, 140, 100);
    let parts = solid::split(&screen, rect);
    assert_eq!(parts.solid, [Rect::new(70, 2, 73, 78)]);
    let all: u64 = parts.solid.iter().chain(&parts.mixed).map(Rect::pixels).sum();
    assert_eq!(all, rect.pixels());
    assert!(parts.mixed.iter().all(|part| rect.contains(part) && part.intersection(&parts.solid[0]).is_none()));
    let wide = Rect::new(0, 0, 5_000, 100);
    assert!(pieces(wide).all(|piece| piece.pixels() <= 65_536 && piece.width <= 2_048));
    assert_eq!(pieces(wide).map(|piece| piece.pixels()).sum::<u64>(), wide.pixels());
}

#[test]
fn changes_are_cut_to_eight_columns_and_their_rows() {
    let old = text(1);
    let mut new = old.clone();
    let mut change = |x: usize, y: usize| new[(y * SIZE.width as usize + x) * 4] ^= 1;
    change(30, 40);
    change(45, 50);
    change(70, 40);
    change(70, 50);
    change(30, 100);
    let (old, new) = (Screen::new(SIZE, &old).unwrap(), Screen::new(SIZE, &new).unwrap());
    let found = [Rect::new(24, 40, 24, 11), Rect::new(64, 40, 8, 11), Rect::new(24, 100, 8, 1)];
    assert_eq!(changed::rects(&old, &new), found);
    assert_eq!(Tight::new(Mode::Lossless).send(Some(&old), &old).unwrap(), 0);
}
