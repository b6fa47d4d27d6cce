//! The forms that pixels have in X11 images, and their conversion to BGRX bytes.

use x11rb::protocol::xproto::{ImageOrder, Screen, Setup, VisualClass};

use crate::capture::Unavailable;

/// How the root window's pixels lie in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelFormat {
    bits_per_pixel: u8,
    /// Rows are padded to a multiple of so many bits.
    scanline_pad: u8,
    order: ImageOrder,
    red: Channel,
    green: Channel,
    blue: Channel,
}

/// Where one colour lies in a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Channel {
    shift: u32,
    max: u32,
}

impl Channel {
    const fn of_mask(mask: u32) -> Self {
        let shift = mask.trailing_zeros();
        Self { shift, max: if mask == 0 { 0 } else { mask >> shift } }
    }

    /// The colour in a pixel, from 0 to 255; zero when the channel has no bits.
    fn read(self, pixel: u32) -> u8 {
        let value = u64::from(pixel.checked_shr(self.shift).unwrap_or(0) & self.max);
        let max = u64::from(self.max.max(1));
        u8::try_from((value * 255 + max / 2) / max).unwrap_or(u8::MAX)
    }
}

impl PixelFormat {
    /// The format of `screen`'s root window.
    ///
    /// # Errors
    /// Screens with a palette, and pixels of other than 16, 24 or 32 bits.
    pub(super) fn of_root(setup: &Setup, screen: &Screen) -> Result<Self, Unavailable> {
        let depth = screen.root_depth;
        let mut visuals = screen.allowed_depths.iter().flat_map(|depth| &depth.visuals);
        let visual = visuals
            .find(|visual| visual.visual_id == screen.root_visual && visual.class == VisualClass::TRUE_COLOR)
            .ok_or_else(|| Unavailable::Pixels(format!("this screen of depth {depth} uses a palette of colours")))?;
        let format = setup
            .pixmap_formats
            .iter()
            .find(|format| format.depth == depth && matches!(format.bits_per_pixel, 16 | 24 | 32))
            .ok_or_else(|| Unavailable::Pixels(format!("pixels of depth {depth} are not understood")))?;
        Ok(Self {
            bits_per_pixel: format.bits_per_pixel,
            scanline_pad: format.scanline_pad,
            order: setup.image_byte_order,
            red: Channel::of_mask(visual.red_mask),
            green: Channel::of_mask(visual.green_mask),
            blue: Channel::of_mask(visual.blue_mask),
        })
    }

    /// Whether images are BGRX bytes already.
    pub(super) fn is_bgrx(&self) -> bool {
        let masks = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff].map(Channel::of_mask);
        self.bits_per_pixel == 32 && self.order == ImageOrder::LSB_FIRST && [self.red, self.green, self.blue] == masks
    }

    /// The bytes of a row of `width` pixels in an image.
    pub(super) fn stride(&self, width: u32) -> usize {
        let bits = width as usize * usize::from(self.bits_per_pixel);
        bits.next_multiple_of(usize::from(self.scanline_pad.max(8))) / 8
    }

    /// Appends the rows of an image `width` pixels wide to `bgrx`, without padding.
    pub(super) fn convert(&self, image: &[u8], width: u32, bgrx: &mut Vec<u8>) {
        let bytes = usize::from(self.bits_per_pixel / 8);
        for row in image.chunks_exact(self.stride(width)) {
            for pixel in row[..width as usize * bytes].chunks_exact(bytes) {
                let pixel = self.pixel(pixel);
                bgrx.extend([self.blue.read(pixel), self.green.read(pixel), self.red.read(pixel), 0]);
            }
        }
    }

    fn pixel(&self, bytes: &[u8]) -> u32 {
        let join = |value, byte: &u8| (value << 8) | u32::from(*byte);
        match self.order {
            ImageOrder::LSB_FIRST => bytes.iter().rev().fold(0, join),
            _ => bytes.iter().fold(0, join),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(bits: u8, order: ImageOrder, masks: [u32; 3]) -> PixelFormat {
        let [red, green, blue] = masks.map(Channel::of_mask);
        PixelFormat { bits_per_pixel: bits, scanline_pad: 32, order, red, green, blue }
    }

    fn converted(format: PixelFormat, width: u32, image: &[u8]) -> Vec<u8> {
        let mut bgrx = Vec::new();
        format.convert(image, width, &mut bgrx);
        bgrx
    }

    #[test]
    fn depth_16_spans_the_whole_range() {
        let format = format(16, ImageOrder::LSB_FIRST, [0xf800, 0x07e0, 0x001f]);
        // White, black and pure green, and two bytes of padding.
        let image = [0xff, 0xff, 0x00, 0x00, 0xe0, 0x07, 0xaa, 0xaa];
        assert_eq!(format.stride(3), 8);
        assert_eq!(converted(format, 3, &image), [255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 0, 0]);
    }

    #[test]
    fn depth_30_keeps_the_upper_bits() {
        let format = format(32, ImageOrder::LSB_FIRST, [0x3ff0_0000, 0x000f_fc00, 0x0000_03ff]);
        let pixel: u32 = (0x3ff << 20) | (0x200 << 10) | 0x001;
        assert!(!format.is_bgrx());
        assert_eq!(converted(format, 1, &pixel.to_le_bytes()), [0, 128, 255, 0]);
    }

    #[test]
    fn big_endian_pixels_are_turned() {
        let masks = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff];
        assert!(format(32, ImageOrder::LSB_FIRST, masks).is_bgrx());
        let format = format(32, ImageOrder::MSB_FIRST, masks);
        assert!(!format.is_bgrx());
        assert_eq!(converted(format, 1, &[9, 1, 2, 3]), [3, 2, 1, 0]);
    }

    #[test]
    fn packed_24_bit_rows_are_padded() {
        let format = format(24, ImageOrder::LSB_FIRST, [0x00ff_0000, 0x0000_ff00, 0x0000_00ff]);
        assert_eq!(format.stride(1), 4);
        assert_eq!(converted(format, 1, &[3, 2, 1, 0xee, 6, 5, 4, 0xee]), [3, 2, 1, 0, 6, 5, 4, 0]);
    }
}
