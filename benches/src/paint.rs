//! Plain painting: filled rectangles, copied pictures, mixed colours. Pixels are `0x00RRGGBB`.

use beside_protocol::frame::{Framebuffer, Point, Rect};

/// Fills what the picture has of `rect`.
pub(crate) fn fill(picture: &mut Framebuffer, rect: Rect, colour: u32) {
    let Some(seen) = rect.intersection(&picture.size().rect()) else { return };
    for y in 0..seen.height {
        picture.row_mut(&seen, y).unwrap_or_default().fill(colour);
    }
}

/// Copies `source` to `x`, `y`; what leaves the picture is left out.
pub(crate) fn blit(picture: &mut Framebuffer, (x, y): (u32, u32), source: &Framebuffer) {
    let place = Rect { x, y, ..source.size().rect() };
    let Some(seen) = place.intersection(&picture.size().rect()) else { return };
    for line in 0..seen.height {
        let from = source.row(&Rect::new(0, line, seen.width, 1), 0);
        if let (Some(from), Some(to)) = (from, picture.row_mut(&seen, line)) {
            to.copy_from_slice(from);
        }
    }
}

/// For each channel (blue, green, red) `ink` 255ths of `colour` over `ground`.
pub(crate) fn blend(ground: u32, colour: u32, ink: [u8; 3]) -> u32 {
    let (ground, colour) = (ground.to_le_bytes(), colour.to_le_bytes());
    let mix = |channel: usize| {
        let [ground, colour, ink] = [ground, colour, [ink[0], ink[1], ink[2], 0]].map(|all| u32::from(all[channel]));
        ((ground * (255 - ink) + colour * ink + 127) / 255) as u8
    };
    u32::from_le_bytes([mix(0), mix(1), mix(2), 0])
}

/// Copies what shows `source`, from `cut` on, into `place`.
pub(crate) fn show(picture: &mut Framebuffer, place: Rect, source: &Framebuffer, cut: Point) {
    let cut = Rect { x: cut.x, y: cut.y, ..place };
    for y in 0..place.height {
        if let (Some(from), Some(to)) = (source.row(&cut, y), picture.row_mut(&place, y)) {
            to.copy_from_slice(from);
        }
    }
}

/// `pixel` with each channel moved by up to `reach`, as the bits of `noise` say.
pub(crate) fn grain(pixel: u32, noise: u64, reach: u8) -> u32 {
    let reach = i32::from(reach);
    let shift = |channel: u8, noise: u8| {
        let step = i32::from(noise) * (2 * reach + 1) / 256 - reach;
        (i32::from(channel) + step).clamp(0, 255) as u8
    };
    let ([blue, green, red, _], noise) = (pixel.to_le_bytes(), noise.to_le_bytes());
    u32::from_le_bytes([shift(blue, noise[0]), shift(green, noise[1]), shift(red, noise[2]), 0])
}

#[cfg(test)]
mod tests {
    use beside_protocol::frame::Size;

    use super::*;

    #[test]
    fn blending_reaches_both_ends() {
        assert_eq!(blend(0x12_3456, 0xab_cdef, [0; 3]), 0x12_3456);
        assert_eq!(blend(0x12_3456, 0xab_cdef, [255; 3]), 0xab_cdef);
        assert_eq!(blend(0, 0xff_ffff, [128, 128, 0]), 0x00_8080);
    }

    #[test]
    fn painting_stays_inside() {
        let (mut picture, mut stamp) = (Framebuffer::new(Size::new(4, 3)), Framebuffer::new(Size::new(3, 3)));
        fill(&mut stamp, Rect::new(1, 0, 90, 90), 7);
        blit(&mut picture, (2, 1), &stamp);
        blit(&mut picture, (9, 0), &stamp);
        assert_eq!(picture.pixels(), [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 7]);
    }

    #[test]
    fn grain_is_bounded() {
        let all = |noise: u8| u64::from_le_bytes([noise; 8]);
        assert_eq!(grain(0x80_8080, all(0), 4), 0x7c_7c7c);
        assert_eq!(grain(0x80_8080, all(255), 4), 0x84_8484);
        assert_eq!(grain(0x80_8080, all(128), 4), 0x80_8080);
        assert_eq!(grain(0xff_0000, all(255), 9), 0xff_0909);
    }
}
