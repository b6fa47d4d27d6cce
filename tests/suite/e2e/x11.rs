//! A display seen from outside: its pixels, its windows, and a pointer and keyboard to use it with.

use x11rb::{
    connection::Connection,
    protocol::{
        xproto::{
            AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt as _, CreateGCAux,
            EventMask, ImageFormat, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// The colour bits of a pixel.
const COLOUR: u32 = 0x00ff_ffff;

/// The left shift key's symbol (keysymdef.h).
const SHIFT: u32 = 0xffe1;

/// A picture of a screen: `0x00RRGGBB`, row after row.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Picture {
    width: usize,
    pixels: Vec<u32>,
}

/// A part of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Picture {
    /// The box around the largest connected area of a colour, if it has at least `least` pixels: where a button is.
    pub(super) fn largest(&self, colour: u32, least: usize) -> Option<Area> {
        let mut left: Vec<bool> = self.pixels.iter().map(|&pixel| pixel == colour).collect();
        let mut best = (0, None);
        for start in 0..left.len() {
            if left[start] {
                let (count, area) = self.take_area(&mut left, start);
                if count > best.0 {
                    best = (count, Some(area));
                }
            }
        }
        best.1.filter(|_| best.0 >= least)
    }

    /// Removes the connected area around `start` from `left`; gives its pixels' number and the box around it.
    fn take_area(&self, left: &mut [bool], start: usize) -> (usize, Area) {
        let (mut count, mut open) = (0, vec![start]);
        let (mut low, mut high) = ((usize::MAX, usize::MAX), (0, 0));
        while let Some(at) = open.pop() {
            if !std::mem::take(&mut left[at]) {
                continue;
            }
            count += 1;
            let (x, y) = (at % self.width, at / self.width);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
            let sides = [(x > 0).then(|| at - 1), (x + 1 < self.width).then_some(at + 1)];
            let ends = [at.checked_sub(self.width), Some(at + self.width)];
            open.extend(sides.into_iter().chain(ends).flatten().filter(|&next| left.get(next) == Some(&true)));
        }
        (count, Area { x: low.0, y: low.1, width: high.0 + 1 - low.0, height: high.1 + 1 - low.1 })
    }

    /// How many pixels differ from another picture of the same size.
    pub(super) fn difference(&self, other: &Self) -> usize {
        assert_eq!((self.width, self.pixels.len()), (other.width, other.pixels.len()), "pictures of one size");
        self.pixels.iter().zip(&other.pixels).filter(|(a, b)| a != b).count()
    }
}

/// A connection to a display.
#[derive(Debug)]
pub(super) struct Screen {
    connection: RustConnection,
    root: Window,
    size: (u16, u16),
}

impl Screen {
    /// Connects to the display `name`.
    pub(super) fn connect(name: &str) -> Self {
        let (connection, number) = RustConnection::connect(Some(name)).expect("the display answers");
        let screen = &connection.setup().roots[number];
        let (root, size) = (screen.root, (screen.width_in_pixels, screen.height_in_pixels));
        Self { connection, root, size }
    }

    /// Its width and height in pixels.
    pub(super) fn size(&self) -> (u16, u16) {
        self.size
    }

    /// What is on it now.
    pub(super) fn picture(&self) -> Picture {
        let (width, height) = self.size;
        let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, self.root, 0, 0, width, height, u32::MAX);
        let bytes = asked.expect("the display takes requests").reply().expect("the root window can be read").data;
        let pixels = bytes.as_chunks().0.iter().map(|bgrx| u32::from_le_bytes(*bgrx) & COLOUR).collect();
        Picture { width: width.into(), pixels }
    }

    /// Fills the background with noise from `seed`, which no coding can make small.
    pub(super) fn paint_noise(&self, seed: u64) {
        let (width, height) = self.size;
        let mut state = seed | 1;
        let mut next = || {
            // Xorshift64 (Marsaglia 2003): enough to look random.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            u32::try_from(state >> 40).unwrap_or_default()
        };
        let pixmap = self.connection.generate_id().expect("an id");
        let gc = self.connection.generate_id().expect("an id");
        self.connection.create_pixmap(24, pixmap, self.root, width, height).expect("a pixmap");
        self.connection.create_gc(gc, pixmap, &CreateGCAux::new()).expect("a graphics context");
        for y in 0..height {
            let row: Vec<u8> = (0..width).flat_map(|_| next().to_le_bytes()).collect();
            let y = i16::try_from(y).expect("a row of the screen");
            self.connection.put_image(ImageFormat::Z_PIXMAP, pixmap, gc, width, 1, 0, y, 0, 24, &row).expect("a row");
        }
        let background = x11rb::protocol::xproto::ChangeWindowAttributesAux::new().background_pixmap(pixmap);
        self.connection.change_window_attributes(self.root, &background).expect("a background");
        self.connection.clear_area(false, self.root, 0, 0, 0, 0).expect("a cleared screen");
        self.connection.sync().expect("the display answers");
    }

    /// Whether a window manager looks after it.
    pub(super) fn has_window_manager(&self) -> bool {
        let check = self.atom("_NET_SUPPORTING_WM_CHECK");
        !self.property(self.root, check, AtomEnum::WINDOW.into()).is_empty()
    }

    /// Clicks the middle of an area with the main button.
    pub(super) fn click(&self, area: Area) {
        self.move_to(area);
        self.button(1, true);
        self.button(1, false);
    }

    /// Moves the pointer to the middle of an area.
    pub(super) fn move_to(&self, area: Area) {
        let at = |start: usize, length: usize| i16::try_from(start + length / 2).expect("a place on the screen");
        self.fake(MOTION_NOTIFY_EVENT, 0, at(area.x, area.width), at(area.y, area.height));
    }

    /// Presses or releases a button of the pointer.
    pub(super) fn button(&self, button: u8, down: bool) {
        self.fake(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, button, 0, 0);
    }

    /// Presses or releases the key with this symbol.
    pub(super) fn key(&self, symbol: u32, down: bool) {
        let (code, _) = self.keycode(symbol);
        self.fake(if down { KEY_PRESS_EVENT } else { KEY_RELEASE_EVENT }, code, 0, 0);
    }

    /// Types a text of letters, digits and signs that the keyboard has, key by key; a line feed is Return.
    pub(super) fn type_text(&self, text: &str) {
        for c in text.chars() {
            let symbol = match c {
                '\n' => 0xff0d,
                '\t' => 0xff09,
                _ => u32::from(c),
            };
            let (code, shifted) = self.keycode(symbol);
            if shifted {
                self.key(SHIFT, true);
            }
            self.fake(KEY_PRESS_EVENT, code, 0, 0);
            self.fake(KEY_RELEASE_EVENT, code, 0, 0);
            if shifted {
                self.key(SHIFT, false);
            }
        }
    }

    /// The codes of the keys that are down, and the mask of buttons that are.
    pub(super) fn held(&self) -> (Vec<u8>, u16) {
        let keys = self.connection.query_keymap().expect("a request").reply().expect("the keymap").keys;
        let down = (0..=255).filter(|&code: &u8| keys[usize::from(code / 8)] & (1 << (code % 8)) != 0).collect();
        let pointer = self.connection.query_pointer(self.root).expect("a request").reply().expect("the pointer");
        // Button1Mask to Button5Mask.
        (down, u16::from(pointer.mask) & 0x1f00)
    }

    /// Asks the window whose title holds `title` to close, as a window manager's close button does. False without one.
    pub(super) fn close(&self, title: &str) -> bool {
        let Some(window) = self.window(self.root, title) else { return false };
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let message = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).expect("a request");
        self.connection.sync().expect("the display answers");
        true
    }

    fn window(&self, parent: Window, title: &str) -> Option<Window> {
        let children = self.connection.query_tree(parent).ok()?.reply().ok()?.children;
        let name = self.atom("_NET_WM_NAME");
        children.into_iter().find_map(|child| {
            let text = self.property(child, name, self.atom("UTF8_STRING"));
            // A window manager's frame carries the name too; what it frames takes the message.
            let inner = self.window(child, title);
            inner.or_else(|| String::from_utf8_lossy(&text).contains(title).then_some(child))
        })
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).expect("a request").reply().expect("an atom").atom
    }

    /// The bytes of a property; none when the window or the property is not there.
    fn property(&self, window: Window, property: u32, kind: u32) -> Vec<u8> {
        let asked = self.connection.get_property(false, window, property, kind, 0, 1024).expect("a request");
        asked.reply().map(|reply| reply.value).unwrap_or_default()
    }

    /// The key for a symbol, and whether it needs shift.
    fn keycode(&self, symbol: u32) -> (u8, bool) {
        let (low, high) = (self.connection.setup().min_keycode, self.connection.setup().max_keycode);
        let map =
            self.connection.get_keyboard_mapping(low, high - low + 1).expect("a request").reply().expect("the keys");
        let found =
            map.keysyms.chunks_exact(map.keysyms_per_keycode.into()).zip(low..=high).find_map(|(symbols, code)| {
                symbols.iter().take(2).position(|&has| has == symbol).map(|level| (code, level == 1))
            });
        found.unwrap_or_else(|| panic!("the keyboard has no key for symbol {symbol:#x}"))
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.connection.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0).expect("a request");
        self.connection.sync().expect("the display answers");
    }
}

#[test]
fn the_largest_area_is_found() {
    let pixels = [7, 0, 0, 0, 0, 7, 7, 0, 0, 7, 7, 0].to_vec();
    let picture = Picture { width: 4, pixels };
    assert_eq!(picture.largest(7, 1), Some(Area { x: 1, y: 1, width: 2, height: 2 }));
    assert_eq!(picture.largest(7, 5), None);
}
