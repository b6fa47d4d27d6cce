//! The workloads: what a screen shows from one update to the next, drawn in code from a seed, the same everywhere.

mod drag;
mod editor;
mod video;

use beside_protocol::frame::{Framebuffer, Size};

/// What somebody does at their screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// An editor in which nothing happens.
    Static,
    /// A fixed English text of 500 keys in an editor.
    Typing,
    /// Three lines at a time in an editor's text, beside a side bar that stays.
    Scroll,
    /// An editor page, all of it new: each update is the first that anyone sees.
    ColdPage,
    /// A window of text dragged over a wallpaper that looks like a photograph.
    Drag,
    /// Moving, noisy pixels in a quarter of the screen; the rest stays.
    Video,
}

/// Draws a workload.
pub trait Scene {
    /// Draws step `step` over what the step before has left; step 0 paints all of the picture.
    fn draw(&mut self, picture: &mut Framebuffer, step: u32);
}

impl Workload {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] = [Self::Static, Self::Typing, Self::Scroll, Self::ColdPage, Self::Drag, Self::Video];

    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Typing => "typing",
            Self::Scroll => "scroll",
            Self::ColdPage => "cold page",
            Self::Drag => "drag",
            Self::Video => "video",
        }
    }

    /// How many updates a full measurement takes.
    pub const fn updates(self) -> u32 {
        match self {
            Self::Typing => 500,
            Self::Static | Self::Scroll | Self::Drag => 200,
            Self::ColdPage | Self::Video => 60,
        }
    }

    /// Whether each update is for somebody who has seen nothing before it.
    pub const fn is_cold(self) -> bool {
        matches!(self, Self::ColdPage)
    }

    /// The workload on a screen of `size`.
    pub fn scene(self, size: Size, seed: u64) -> Box<dyn Scene> {
        match self {
            Self::Static => Box::new(editor::Still::new(size, seed)),
            Self::Typing => Box::new(editor::Typing::new(size, seed)),
            Self::Scroll => Box::new(editor::Scroll::new(size, seed)),
            Self::ColdPage => Box::new(editor::Pages::new(size, seed)),
            Self::Drag => Box::new(drag::Drag::new(size, seed)),
            Self::Video => Box::new(video::Video::new(size, seed)),
        }
    }
}

/// Where something is after `way` between two walls that are `room` apart.
const fn bounce(way: u32, room: u32) -> u32 {
    if room == 0 {
        return 0;
    }
    let lap = way % (2 * room);
    if lap < room { lap } else { 2 * room - lap }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_turns_at_the_walls() {
        let way: Vec<u32> = (0..9).map(|way| bounce(way, 3)).collect();
        assert_eq!(way, [0, 1, 2, 3, 2, 1, 0, 1, 2]);
        assert_eq!(bounce(5, 0), 0);
    }
}
