//! For tests: where a capture's notices arrive, and what a viewer would make of its pictures.

use std::{
    sync::{Arc, mpsc},
    time::Instant,
};

use beside_protocol::frame::{Framebuffer, Patch, Rect, Size, hatch};
use beside_test_displays::{DEADLINE, Screen};

use super::Environment;
use crate::capture::{Capture, Grab, Grabbed, Hidden, Notice, Notify};

/// What a server on this screen finds in its environment.
pub(in crate::capture) fn environment(screen: &Screen) -> Environment {
    Environment { display: Some(screen.name().into()), ..Environment::default() }
}

/// Some shapes all over the screen.
pub(in crate::capture) fn scribble(screen: &Screen, size: Size) {
    for step in 0..40 {
        let (x, y) = (step * size.width / 50, step * size.height / 47);
        screen.fill(Rect::new(x, y, 61, 23), 0x0031_7193_u32.wrapping_mul(step + 1) & 0x00ff_ffff);
    }
}

/// Where a capture's notices arrive.
#[derive(Debug)]
pub(in crate::capture) struct Inbox {
    sender: mpsc::Sender<Notice>,
    receiver: mpsc::Receiver<Notice>,
    end: Instant,
}

impl Inbox {
    pub(in crate::capture) fn new() -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver, end: Instant::now() + DEADLINE }
    }

    pub(in crate::capture) fn notify(&self) -> Notify {
        let sender = self.sender.clone();
        Arc::new(move |notice| drop(sender.send(notice)))
    }

    /// Waits for a notice of the wanted kind and leaves out all others.
    pub(in crate::capture) fn wait(&self, wanted: impl Fn(&Notice) -> bool) -> Notice {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            let notice = self.receiver.recv_timeout(left).expect("the notice did not come");
            if wanted(&notice) {
                return notice;
            }
        }
    }

    /// What has arrived up to now.
    pub(in crate::capture) fn arrived(&self) -> Vec<Notice> {
        self.receiver.try_iter().collect()
    }
}

/// What a viewer would have: the picture that all patches make, with a hatch where it is hidden.
#[derive(Debug)]
pub(in crate::capture) struct Picture {
    buffer: Framebuffer,
    /// The patches of the last grab.
    pub(in crate::capture) patched: Vec<Rect>,
    /// What is hidden of it.
    pub(in crate::capture) hidden: Hidden,
}

impl Picture {
    pub(in crate::capture) fn of(capture: &dyn Capture) -> Self {
        let buffer = Framebuffer::new(capture.area().size());
        Self { buffer, patched: Vec::new(), hidden: Hidden::default() }
    }

    pub(in crate::capture) fn pixels(&self) -> &[u32] {
        self.buffer.pixels()
    }

    pub(in crate::capture) fn grab(&mut self, capture: &mut dyn Capture, what: Grab) {
        self.patched.clear();
        assert_eq!(capture.grab(what, &mut |patches, hidden| self.apply(patches, hidden)).unwrap(), Grabbed::Picture);
    }

    fn apply(&mut self, patches: &[Patch<'_>], hidden: &Hidden) {
        for patch in patches {
            let rect = patch.rect();
            self.patched.push(rect);
            for y in 0..rect.height {
                let row = self.buffer.row_mut(&rect, y).expect("patches lie within the area");
                for (pixel, bgrx) in row.iter_mut().zip(patch.row(y).as_chunks().0) {
                    *pixel = u32::from_le_bytes(*bgrx) & 0x00ff_ffff;
                }
            }
        }
        self.hidden = hidden.clone();
        for rect in hidden.region.rects() {
            for y in rect.y..rect.bottom() {
                let row = self.buffer.row_mut(rect, y - rect.y).expect("what is hidden lies within the area");
                (rect.x..).zip(row).for_each(|(x, pixel)| *pixel = hatch(x, y));
            }
        }
    }

    /// Grabs, whenever there is damage, until the picture is `wanted`.
    pub(in crate::capture) fn follow(&mut self, capture: &mut dyn Capture, inbox: &Inbox, wanted: &[u32]) {
        while self.pixels() != wanted {
            inbox.wait(|notice| *notice == Notice::Damaged);
            self.grab(capture, Grab::Damaged);
        }
    }
}
