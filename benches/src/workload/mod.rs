//! The workloads: what a screen shows from one update to the next, drawn in code from a seed, the same everywhere.

mod drag;
mod editor;
mod sheet;
mod stills;
mod terminal;
mod typing;
mod video;
mod web;
mod windows;

use beside_protocol::frame::{Framebuffer, Rect, Size};

use crate::look::Look;

pub use video::film;

/// What somebody does at their screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// An editor in which nothing happens.
    Static,
    /// A caret that goes on and off.
    Blink,
    /// A fixed English text of 500 keys in an editor, in a face of one width.
    TypingMono,
    /// The same in a proportional face.
    TypingProportional,
    /// A terminal that scrolls as a program writes: up to 40 lines between two pictures.
    Flood,
    /// Three lines at a time in an editor's text, beside a side bar that stays.
    Scroll,
    /// A web page with pictures, under a header that stays.
    WebScroll,
    /// A spreadsheet, a column at a time.
    SheetScroll,
    /// An editor page, all of it new: each update is the first that anyone sees.
    ColdPage,
    /// The same with a spreadsheet.
    ColdSheet,
    /// Menus that open over text and close.
    Menus,
    /// Two windows in turns: one comes back 37 pixels right of where it was and 21 below, with its caret elsewhere.
    AltTab,
    /// A window of text dragged over a wallpaper that looks like a photograph and was seen before.
    Drag,
    /// The same window made larger and smaller.
    Resize,
    /// Slides forth and back.
    Slides,
    /// A photograph over the whole screen; each is the first thing that anyone sees.
    Photo,
    /// Moving, noisy pixels in a quarter of the screen; the rest stays.
    Video,
}

/// Draws a workload.
pub trait Scene {
    /// Draws step `step` over what the step before has left; step 0 paints all of the picture.
    fn draw(&mut self, picture: &mut Framebuffer, step: u32);

    /// What the last step has painted, as a display tells it; `None` when it does not tell.
    fn painted(&self) -> Option<Rect> {
        None
    }
}

impl Workload {
    /// All of them, in the order of the tables.
    pub const ALL: &[Self] = &[
        Self::Static,
        Self::Blink,
        Self::TypingMono,
        Self::TypingProportional,
        Self::Flood,
        Self::Scroll,
        Self::WebScroll,
        Self::SheetScroll,
        Self::ColdPage,
        Self::ColdSheet,
        Self::Menus,
        Self::AltTab,
        Self::Drag,
        Self::Resize,
        Self::Slides,
        Self::Photo,
        Self::Video,
    ];

    /// Those whose bytes depend most on how text looks.
    pub const TEXT: &[Self] = &[
        Self::TypingMono,
        Self::TypingProportional,
        Self::Flood,
        Self::Scroll,
        Self::WebScroll,
        Self::ColdPage,
        Self::ColdSheet,
    ];

    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Blink => "blink",
            Self::TypingMono => "typing, mono",
            Self::TypingProportional => "typing, proportional",
            Self::Flood => "terminal flood",
            Self::Scroll => "scroll",
            Self::WebScroll => "web scroll",
            Self::SheetScroll => "sheet scroll",
            Self::ColdPage => "cold page",
            Self::ColdSheet => "cold sheet",
            Self::Menus => "menus",
            Self::AltTab => "alt-tab",
            Self::Drag => "drag",
            Self::Resize => "resize",
            Self::Slides => "slides",
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }

    /// How many updates a full measurement takes.
    pub const fn updates(self) -> u32 {
        match self {
            Self::TypingMono | Self::TypingProportional => 500,
            Self::Static => 200,
            Self::Blink | Self::Flood | Self::Scroll | Self::WebScroll | Self::SheetScroll | Self::Drag => 90,
            Self::ColdPage | Self::ColdSheet | Self::Menus | Self::AltTab | Self::Resize | Self::Video => 54,
            Self::Slides | Self::Photo => 18,
        }
    }

    /// How many steps everybody has seen before the first that counts.
    pub const fn seen(self) -> u32 {
        match self {
            Self::AltTab | Self::Drag | Self::Resize => 2,
            _ => 1,
        }
    }

    /// Whether each update is for somebody who has seen nothing before it.
    pub const fn is_cold(self) -> bool {
        matches!(self, Self::ColdPage | Self::ColdSheet | Self::Photo)
    }

    /// The workload on a screen of `size`.
    pub fn scene(self, size: Size, seed: u64, look: Look) -> Box<dyn Scene> {
        match self {
            Self::Static => Box::new(editor::Still::new(size, seed, look)),
            Self::Blink => Box::new(typing::Blink::new(size, seed, look)),
            Self::TypingMono => Box::new(typing::Typing::new(size, seed, look, typing::Face::Mono)),
            Self::TypingProportional => Box::new(typing::Typing::new(size, seed, look, typing::Face::Proportional)),
            Self::Flood => Box::new(terminal::Flood::new(look, seed)),
            Self::Scroll => Box::new(editor::Scroll::new(size, seed, look)),
            Self::WebScroll => Box::new(web::Web::new(size, seed, look)),
            Self::SheetScroll => Box::new(sheet::Sideways::new(size, seed, look)),
            Self::ColdPage => Box::new(editor::Pages::new(size, seed, look)),
            Self::ColdSheet => Box::new(sheet::Pages::new(size, seed, look)),
            Self::Menus => Box::new(windows::Menus::new(size, seed, look)),
            Self::AltTab => Box::new(windows::AltTab::new(size, seed, look)),
            Self::Drag => Box::new(drag::Drag::new(size, seed, look)),
            Self::Resize => Box::new(drag::Resize::new(size, seed, look)),
            Self::Slides => Box::new(stills::Slides::new(seed, look)),
            Self::Photo => Box::new(stills::Photos::new(seed)),
            Self::Video => Box::new(video::Video::new(size, seed, look)),
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
