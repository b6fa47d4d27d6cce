//! The viewer's picture, fed by a hostile host.

use super::steps;
use beside_protocol::frame::{FramebufferView, Picture, Rect, Size};

/// An odd size, so that edges of segments and bands are met.
const SIZE: Size = Size::new(131, 37);

/// Steps: tag 0 voids the update whose number the bytes are, any other takes a part.
///
/// Whatever comes: what changes is within the rectangles that are named, numbers only grow, and a picture that waits for
/// nothing shows its reference. Valid when no step was refused.
pub fn picture(input: &[u8]) -> bool {
    let Ok(mut picture) = Picture::new(SIZE, 0) else { unreachable!("the size is valid") };
    let mut valid = true;
    for (tag, bytes) in steps::read(input) {
        let (before, number) = (picture.shown().to_framebuffer(), picture.number());
        let result = if tag == 0 { picture.void(to_number(bytes)) } else { picture.part(bytes) };
        match result {
            Ok(rects) => assert_within(before.view(), picture.shown(), &rects),
            Err(_) => valid = false,
        }
        assert!(picture.number() >= number, "the log went back from {number} to {}", picture.number());
        assert!(!valid || !picture.is_current() || picture.shown().pixels() == picture.reference());
    }
    valid
}

fn to_number(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn assert_within(before: FramebufferView<'_>, after: FramebufferView<'_>, rects: &[Rect]) {
    for (x, y) in (0..SIZE.height).flat_map(|y| (0..SIZE.width).map(move |x| (x, y))) {
        let pixel = Rect::new(x, y, 1, 1);
        if before.row(&pixel, 0) != after.row(&pixel, 0) {
            let named = rects.iter().any(|rect| rect.intersection(&pixel).is_some());
            assert!(named, "{x},{y} changed outside of {rects:?}");
        }
    }
}
