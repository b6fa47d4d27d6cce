//! The proof hash: says whether two pictures are the same, on every machine and in every version of the wire format.

use super::buffer::Framebuffer;

/// FNV-1a's offset and prime for 64 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The 64-bit hash of a picture; part of the wire format.
///
/// With `mix(h, v) = (h ^ v) * PRIME` modulo 2^64 it is, in order: `h = mix(mix(OFFSET, width), height)`; then for
/// each row from the top four lanes begin at `h`, pixel *x* (as `0x00RRGGBB`) is mixed into lane *x* mod 4, and
/// `h = mix(mix(mix(lane 0, lane 1), lane 2), lane 3)`, `h = h ^ (h >> 32)`. Any single changed pixel changes it. It
/// finds faults, not attacks: it has no key.
pub fn digest(picture: &Framebuffer) -> u64 {
    let size = picture.size();
    let mut hash = mix(mix(OFFSET, size.width), size.height);
    if size.width == 0 {
        return hash;
    }
    for row in picture.pixels().chunks_exact(size.width as usize) {
        let mut lanes = [hash; 4];
        let (steps, rest) = row.as_chunks::<4>();
        for step in steps {
            for (lane, pixel) in lanes.iter_mut().zip(step) {
                *lane = mix(*lane, *pixel);
            }
        }
        for (lane, pixel) in lanes.iter_mut().zip(rest) {
            *lane = mix(*lane, *pixel);
        }
        let [first, rest @ ..] = lanes;
        hash = rest.iter().fold(first, |hash, lane| mix(hash, *lane));
        hash ^= hash >> 32;
    }
    hash
}

fn mix(hash: u64, value: impl Into<u64>) -> u64 {
    (hash ^ value.into()).wrapping_mul(PRIME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Size;

    #[test]
    fn is_fixed() {
        let mut picture = Framebuffer::new(Size::new(5, 3));
        (0..).zip(picture.pixels_mut()).for_each(|(n, pixel)| *pixel = n * 0x01_0203);
        assert_eq!(digest(&picture), 0x464c_6a30_cf1f_49d6);
    }

    #[test]
    fn every_pixel_and_the_shape_count() {
        let mut picture = Framebuffer::new(Size::new(6, 4));
        let black = digest(&picture);
        for at in 0..24 {
            picture.pixels_mut()[at] = 1;
            assert_ne!(digest(&picture), black);
            picture.pixels_mut()[at] = 0;
        }
        assert_ne!(digest(&Framebuffer::new(Size::new(4, 6))), black);
    }
}
