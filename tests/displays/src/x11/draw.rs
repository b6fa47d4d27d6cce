//! What a test puts on a screen: pixels, a cursor, monitors. It is there when a call returns.

use super::{Screen, length, place};
use beside_protocol::frame::{Point, Rect, Size};
use x11rb::{
    connection::Connection,
    protocol::{
        randr::{ConnectionExt as _, MonitorInfo},
        xproto::{ChangeWindowAttributesAux, ConnectionExt as _, CreateGCAux, ImageFormat, Rectangle},
    },
    wrapper::ConnectionExt as _,
};

/// The size of a letter that is [written](Screen::write).
pub const LETTER: Size = Size::new(6, 13);

/// How far its base line is below its top.
const ASCENT: i16 = 11;

impl Screen {
    /// Fills a part of the background with a pixel value.
    pub fn fill(&self, part: Rect, pixel: u32) {
        let (x, y) = (place(part.x), place(part.y));
        let rectangle = Rectangle { x, y, width: length(part.width), height: length(part.height) };
        let gc = self.connection.generate_id().unwrap();
        self.connection.create_gc(gc, self.root, &CreateGCAux::new().foreground(pixel)).unwrap();
        self.connection.poly_fill_rectangle(self.root, gc, &[rectangle]).unwrap();
        self.connection.free_gc(gc).unwrap();
        self.connection.sync().unwrap();
    }

    /// Fills the background with noise from `seed`, which no coding can make small.
    pub fn paint_noise(&self, seed: u64) {
        let size = self.size();
        let (width, height) = (length(size.width), length(size.height));
        let mut state = seed | 1;
        let mut next = || {
            // Xorshift64 (Marsaglia 2003): enough to look random.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            u32::try_from(state >> 40).unwrap()
        };
        let (pixmap, gc) = (self.connection.generate_id().unwrap(), self.connection.generate_id().unwrap());
        self.connection.create_pixmap(24, pixmap, self.root, width, height).unwrap();
        self.connection.create_gc(gc, pixmap, &CreateGCAux::new()).unwrap();
        for y in 0..size.height {
            let row: Vec<u8> = (0..width).flat_map(|_| next().to_le_bytes()).collect();
            self.connection.put_image(ImageFormat::Z_PIXMAP, pixmap, gc, width, 1, 0, place(y), 0, 24, &row).unwrap();
        }
        let background = ChangeWindowAttributesAux::new().background_pixmap(pixmap);
        self.connection.change_window_attributes(self.root, &background).unwrap();
        self.connection.clear_area(false, self.root, 0, 0, 0, 0).unwrap();
        self.connection.sync().unwrap();
    }

    /// Puts pixels, `0x00RRGGBB` and row after row, on the background.
    pub fn put(&self, part: Rect, pixels: &[u32]) {
        let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
        let (width, height) = (length(part.width), length(part.height));
        let gc = self.pen(None);
        self.connection
            .put_image(ImageFormat::Z_PIXMAP, self.root, gc, width, height, place(part.x), place(part.y), 0, 24, &bytes)
            .unwrap();
        self.lay_down(gc);
    }

    /// Copies a part of the background to a place of it.
    pub fn copy(&self, part: Rect, to: Point) {
        let (from, to) = ((place(part.x), place(part.y)), (place(to.x), place(to.y)));
        let (width, height) = (length(part.width), length(part.height));
        let gc = self.pen(None);
        self.connection.copy_area(self.root, self.root, gc, from.0, from.1, to.0, to.1, width, height).unwrap();
        self.lay_down(gc);
    }

    /// Writes a line of at most 255 ASCII characters, white on black, in a font of [`LETTER`] that every X server has; `at` is
    /// its top left corner.
    pub fn write(&self, at: Point, text: &str) {
        let font = self.connection.generate_id().unwrap();
        self.connection.open_font(font, b"fixed").unwrap();
        let gc = self.pen(Some(font));
        self.connection.image_text8(self.root, gc, place(at.x), place(at.y) + ASCENT, text.as_bytes()).unwrap();
        self.connection.close_font(font).unwrap();
        self.lay_down(gc);
    }

    fn pen(&self, font: Option<u32>) -> u32 {
        let gc = self.connection.generate_id().unwrap();
        let white = CreateGCAux::new().foreground(0x00ff_ffff).background(0).graphics_exposures(0).font(font);
        self.connection.create_gc(gc, self.root, &white).unwrap();
        gc
    }

    fn lay_down(&self, pen: u32) {
        self.connection.free_gc(pen).unwrap();
        self.connection.sync().unwrap();
    }

    /// Gives the background a crosshair as its cursor: red, on black.
    pub fn show_crosshair(&self) {
        /// Its place in the X cursor font; its mask is the next.
        const CROSSHAIR: u16 = 34;
        let (font, cursor) = (self.connection.generate_id().unwrap(), self.connection.generate_id().unwrap());
        self.connection.open_font(font, b"cursor").unwrap();
        self.connection
            .create_glyph_cursor(cursor, font, font, CROSSHAIR, CROSSHAIR + 1, u16::MAX, 0, 0, 0, 0, 0)
            .unwrap();
        let with = ChangeWindowAttributesAux::new().cursor(cursor);
        self.connection.change_window_attributes(self.root, &with).unwrap().check().unwrap();
    }

    /// Makes two monitors of a screen of 640 × 480: the left and the right half, so named.
    pub fn split_monitors(&self) {
        for (name, x) in [("left", 0), ("right", 320)] {
            let name = self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
            let monitor = MonitorInfo { name, x, width: 320, height: 480, ..MonitorInfo::default() };
            self.connection.randr_set_monitor(self.root, monitor).unwrap().check().unwrap();
        }
    }

    /// Has the X server look at its monitors, which Xephyr does only when asked.
    pub fn probe_monitors(&self) {
        self.connection.randr_get_screen_resources(self.root).unwrap().reply().unwrap();
    }
}
