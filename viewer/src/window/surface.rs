//! The window's pixels: only what is damaged is drawn and presented.

use super::WindowError;
use beside_protocol::frame::{Rect, Size};
use std::{collections::VecDeque, num::NonZeroU32, rc::Rc};
use winit::{event_loop::OwnedDisplayHandle, window::Window};

/// How many frames' damage is remembered: window systems swap between two or three buffers.
const REMEMBERED: usize = 3;

/// The pixels of a window (`0x00RRGGBB`, row after row), to be drawn to.
#[derive(Debug)]
pub(super) struct Canvas<'a> {
    size: Size,
    pixels: &'a mut [u32],
}

impl<'a> Canvas<'a> {
    /// Draws to these pixels.
    pub(super) const fn new(size: Size, pixels: &'a mut [u32]) -> Self {
        Self { size, pixels }
    }

    /// Row `y`, counted from the top of the rectangle; empty outside the canvas.
    pub(super) fn row(&mut self, rect: &Rect, y: u32) -> &mut [u32] {
        if !rect.fits(self.size) || y >= rect.height {
            return &mut [];
        }
        let start = (rect.y + y) as usize * self.size.width as usize + rect.x as usize;
        &mut self.pixels[start..start + rect.width as usize]
    }
}

/// What a window shows.
pub(super) struct Surface {
    inner: softbuffer::Surface<OwnedDisplayHandle, Rc<Window>>,
    size: Size,
    history: VecDeque<Vec<Rect>>,
}

impl Surface {
    /// The surface of a window.
    pub(super) fn new(display: OwnedDisplayHandle, window: Rc<Window>) -> Result<Self, WindowError> {
        let context = softbuffer::Context::new(display).map_err(failed("opened"))?;
        let inner = softbuffer::Surface::new(&context, window).map_err(failed("opened"))?;
        Ok(Self { inner, size: Size::default(), history: VecDeque::new() })
    }

    /// Follows the window to another size; all of it must be drawn then.
    pub(super) fn resize(&mut self, size: Size) -> Result<(), WindowError> {
        let (Some(width), Some(height)) = (NonZeroU32::new(size.width), NonZeroU32::new(size.height)) else {
            return Ok(());
        };
        self.inner.resize(width, height).map_err(failed("resized"))?;
        self.size = size;
        self.history.clear();
        Ok(())
    }

    /// Has `draw` draw the damaged rectangles, and older ones that this buffer has missed; shows them at once.
    pub(super) fn present(
        &mut self,
        damage: &[Rect],
        mut draw: impl FnMut(&mut Canvas<'_>, &[Rect]),
    ) -> Result<(), WindowError> {
        let all = self.size.rect();
        let damage: Vec<Rect> = damage.iter().filter_map(|rect| rect.intersection(&all)).collect();
        if damage.is_empty() {
            return Ok(());
        }
        let mut buffer = self.inner.buffer_mut().map_err(failed("drawn to"))?;
        let stale = match usize::from(buffer.age()) {
            0 => vec![all],
            age if age - 1 > self.history.len() => vec![all],
            age => self.history.iter().take(age - 1).flatten().chain(&damage).copied().collect(),
        };
        draw(&mut Canvas::new(self.size, &mut buffer), &stale);
        let shown: Vec<softbuffer::Rect> = stale.iter().filter_map(native).collect();
        self.history.truncate(REMEMBERED - 1);
        self.history.push_front(damage);
        buffer.present_with_damage(&shown).map_err(failed("drawn to"))
    }
}

fn native(rect: &Rect) -> Option<softbuffer::Rect> {
    let (width, height) = (NonZeroU32::new(rect.width)?, NonZeroU32::new(rect.height)?);
    Some(softbuffer::Rect { x: rect.x, y: rect.y, width, height })
}

fn failed(action: &'static str) -> impl Fn(softbuffer::SoftBufferError) -> WindowError {
    move |error| WindowError::Broken { action, reason: error.to_string() }
}
