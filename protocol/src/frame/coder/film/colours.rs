//! From pixels to luma and chroma and back: BT.601 with all 256 values, as in JPEG (ITU-T T.871), chroma of 2 × 2 pixels each.
//!
//! Written so that the compiler makes vector code of it: sums stay within 16 bits.

/// A picture of even sides as three planes, row after row.
#[derive(Default)]
pub(super) struct Planes {
    pub(super) luma: Vec<u8>,
    pub(super) blue: Vec<u8>,
    pub(super) red: Vec<u8>,
}

impl Planes {
    /// Takes over a picture of this even width.
    pub(super) fn take(&mut self, width: usize, pixels: &[u32]) {
        self.luma.resize(pixels.len(), 0);
        self.blue.resize(pixels.len() / 4, 0);
        self.red.resize(pixels.len() / 4, 0);
        for (luma, pixel) in self.luma.iter_mut().zip(pixels) {
            let [blue, green, red] = [*pixel, *pixel >> 8, *pixel >> 16].map(|channel| (channel & 0xff) as u16);
            *luma = ((77 * red + 150 * green + 29 * blue + 128) >> 8) as u8;
        }
        let chroma = self.blue.chunks_exact_mut(width / 2).zip(self.red.chunks_exact_mut(width / 2));
        for (rows, (blues, reds)) in pixels.chunks_exact(width * 2).zip(chroma) {
            let (upper, lower) = rows.split_at(width);
            let squares = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
            for (([a, b], [c, d]), (blue_to, red_to)) in squares.zip(blues.iter_mut().zip(reds)) {
                // Blue and red side by side: four of them have room.
                let both = (a & SIDES) + (b & SIDES) + (c & SIDES) + (d & SIDES);
                let green = (a >> 8 & 0xff) + (b >> 8 & 0xff) + (c >> 8 & 0xff) + (d >> 8 & 0xff);
                let [blue, green, red] =
                    [both & 0xffff, green, both >> 16].map(|channel| ((channel + 2) >> 2).cast_signed() as i16);
                *blue_to = (((128 * blue - 85 * green - 43 * red + 127) >> 8) + 128) as u8;
                *red_to = (((128 * red - 107 * green - 21 * blue + 127) >> 8) + 128) as u8;
            }
        }
    }
}

/// The bits of blue and red.
const SIDES: u32 = 0x00ff_00ff;

/// The pixels of a picture of this even width, as many as there is luma for.
pub(super) fn pixels_of(width: usize, luma: &[u8], blue: &[u8], red: &[u8], pixels: &mut [u32]) {
    let chroma = blue.chunks_exact(width / 2).zip(red.chunks_exact(width / 2));
    let rows = pixels.chunks_exact_mut(width * 2).zip(luma.chunks_exact(width * 2));
    for ((pixels, luma), (blues, reds)) in rows.zip(chroma) {
        for (pixels, luma) in pixels.chunks_exact_mut(width).zip(luma.chunks_exact(width)) {
            let pairs = pixels.as_chunks_mut::<2>().0.iter_mut().zip(luma.as_chunks::<2>().0);
            for ((pixels, luma), (blue, red)) in pairs.zip(blues.iter().zip(reds)) {
                let (u, v) = (i32::from(*blue) - 128, i32::from(*red) - 128);
                let (blue, green, red) = ((454 * u + 128) >> 8, (88 * u + 183 * v + 128) >> 8, (359 * v + 128) >> 8);
                for (pixel, luma) in pixels.iter_mut().zip(luma) {
                    let y = i32::from(*luma);
                    let value = |value: i32| value.clamp(0, 255) as u32;
                    *pixel = value(y + red) << 16 | value(y - green) << 8 | value(y + blue);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn channels(pixel: u32) -> [i32; 3] {
        [pixel & 0xff, pixel >> 8 & 0xff, pixel >> 16 & 0xff].map(u32::cast_signed)
    }

    proptest! {
        #[test]
        fn a_flat_colour_comes_back_nearly(pixel in 0..=0x00ff_ffffu32) {
            let mut planes = Planes::default();
            planes.take(4, &[pixel; 8]);
            let mut pixels = [0; 8];
            pixels_of(4, &planes.luma, &planes.blue, &planes.red, &mut pixels);
            prop_assert!(pixels.iter().all(|back| *back == pixels[0]));
            for (one, other) in channels(pixel).into_iter().zip(channels(pixels[0])) {
                prop_assert!(one.abs_diff(other) <= 3, "{pixel:x} {:x}", pixels[0]);
            }
        }
    }

    #[test]
    fn grey_has_no_chroma() {
        let mut planes = Planes::default();
        planes.take(2, &[0, 0x40_4040, 0xff_ffff, 0x80_8080]);
        assert_eq!((planes.luma, planes.blue, planes.red), (vec![0, 0x40, 0xff, 0x80], vec![128], vec![128]));
    }
}
