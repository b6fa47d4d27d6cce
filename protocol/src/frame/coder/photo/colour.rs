//! The colours of a row as three channels: one of brightness and two of what the colours differ by.
//!
//! It is YCoCg-R (Malvar and Sullivan, 2003) in bytes that wrap round: each step adds to one byte what the others tell, so
//! that it can be taken back whatever the colours. Grain, which is each colour's own, grows in it less than in plain
//! differences.

/// How many channels there are.
pub(super) const CHANNELS: usize = 3;

/// Takes a row of pixels apart into as many bytes of each channel.
pub(super) fn split(pixels: &[u32], channels: [&mut [u8]; CHANNELS]) {
    let [blue, green, red] = channels.map(|channel| &mut channel[..pixels.len()]);
    colours(pixels, blue, green, red);
    differences(blue, green, red);
}

/// A loop for itself, since the other is of bytes only, of which a vector holds more.
fn colours(pixels: &[u32], blue: &mut [u8], green: &mut [u8], red: &mut [u8]) {
    for (pixel, ((blue, green), red)) in pixels.iter().zip(blue.iter_mut().zip(green).zip(red)) {
        [*blue, *green, *red] = [*pixel as u8, (*pixel >> 8) as u8, (*pixel >> 16) as u8];
    }
}

/// Turns blue into brightness, green into how far it is from the others, red into how far it is from blue.
fn differences(blue: &mut [u8], green: &mut [u8], red: &mut [u8]) {
    for ((blue, green), red) in blue.iter_mut().zip(green).zip(red) {
        *red = red.wrapping_sub(*blue);
        let between = blue.wrapping_add(half(*red));
        *green = green.wrapping_sub(between);
        *blue = between.wrapping_add(half(*green));
    }
}

/// Puts a row of pixels together again.
pub(super) fn join(channels: [&[u8]; CHANNELS], pixels: &mut [u32]) {
    let [light, green, red] = channels.map(|channel| &channel[..pixels.len()]);
    for (x, pixel) in pixels.iter_mut().enumerate() {
        let between = light[x].wrapping_sub(half(green[x]));
        let blue = between.wrapping_sub(half(red[x]));
        *pixel = u32::from_le_bytes([blue, green[x].wrapping_add(between), red[x].wrapping_add(blue), 0]);
    }
}

/// Half of a difference, rounded down.
const fn half(difference: u8) -> u8 {
    (difference.cast_signed() >> 1).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_colours_come_back() {
        let steps = (0..=255).step_by(5).chain([1, 127, 128, 254]);
        let colours: Vec<u32> =
            steps.clone().flat_map(|red| steps.clone().map(move |green| red << 16 | green << 8)).collect();
        let (mut rows, mut back) = ([const { Vec::new() }; CHANNELS], vec![0; colours.len()]);
        for blue in steps {
            let pixels: Vec<u32> = colours.iter().map(|colour| colour | blue).collect();
            rows.iter_mut().for_each(|row| row.resize(pixels.len(), 0));
            split(&pixels, rows.each_mut().map(Vec::as_mut_slice));
            join(rows.each_ref().map(Vec::as_slice), &mut back);
            assert_eq!(back, pixels);
        }
    }

    #[test]
    fn grey_has_no_colour() {
        let mut rows = [[7; 2]; CHANNELS];
        split(&[0x12_1212, 0xff_ffff], rows.each_mut().map(|row| &mut row[..]));
        assert_eq!(rows, [[0x12, 0xff], [0; 2], [0; 2]]);
    }
}
