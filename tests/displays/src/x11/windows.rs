//! Windows: those of programs, found, closed and resized; and some of the test's own, to be in the way.

use super::{Screen, length, place};
use beside_protocol::frame::{Point, Size};
use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ButtonPressEvent, ChangeWindowAttributesAux,
            ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, EventMask, InputFocus,
            KeyButMask, Window, WindowClass,
        },
    },
};

/// What arrives at a cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key went down: its code, and the first character that it has.
    Key(u8, u32),
    /// A button went down.
    Press(u8),
    /// A button came up.
    Release(u8),
    /// The pointer moved.
    Move(i16, i16),
}

impl Screen {
    /// Whether a window manager looks after it.
    pub fn has_window_manager(&self) -> bool {
        !self.property(self.root, self.atom("_NET_SUPPORTING_WM_CHECK"), AtomEnum::WINDOW.into()).is_empty()
    }

    /// Whether a window has the keyboard.
    pub fn has_focus(&self) -> bool {
        let focus = self.connection.get_input_focus().unwrap().reply().unwrap().focus;
        focus > u32::from(InputFocus::POINTER_ROOT) && focus != self.root
    }

    /// The window under a place, as a child of the root.
    pub fn window_at(&self, at: Point) -> Window {
        let found = self.connection.translate_coordinates(self.root, self.root, place(at.x), place(at.y));
        found.unwrap().reply().unwrap().child
    }

    /// The window whose title holds `title`.
    pub fn window_titled(&self, title: &str) -> Option<Window> {
        self.titled_within(self.root, title)
    }

    /// Sends a window a click at a place of the screen that no pointer made, as any program may.
    pub fn send_click(&self, window: Window, at: Point) {
        let here = self.connection.translate_coordinates(self.root, window, place(at.x), place(at.y));
        let here = here.unwrap().reply().unwrap();
        let press = ButtonPressEvent {
            response_type: BUTTON_PRESS_EVENT,
            detail: 1,
            sequence: 0,
            time: CURRENT_TIME,
            root: self.root,
            event: window,
            child: 0,
            root_x: place(at.x),
            root_y: place(at.y),
            event_x: here.dst_x,
            event_y: here.dst_y,
            state: KeyButMask::default(),
            same_screen: true,
        };
        let release = ButtonPressEvent { response_type: BUTTON_RELEASE_EVENT, ..press };
        for event in [press, release] {
            self.connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap().check().unwrap();
        }
    }

    /// Takes a window off the screen.
    pub fn unmap(&self, window: Window) {
        self.connection.unmap_window(window).unwrap().check().unwrap();
    }

    /// Moves a window, as any program may.
    pub fn move_window(&self, window: Window, x: i32, y: i32) {
        self.connection.configure_window(window, &ConfigureWindowAux::new().x(x).y(y)).unwrap().check().unwrap();
    }

    /// Gives a window another size, as any program may.
    pub fn resize_window(&self, window: Window, size: Size) {
        let to = ConfigureWindowAux::new().width(size.width).height(size.height);
        self.connection.configure_window(window, &to).unwrap().check().unwrap();
    }

    /// Asks a window to close, as a window manager's close button does.
    pub fn ask_to_close(&self, window: Window) {
        let data = [self.atom("WM_DELETE_WINDOW"), CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.atom("WM_PROTOCOLS"), data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).unwrap().check().unwrap();
    }

    /// Gives the first window on the screen another size.
    pub fn resize_first_window(&self, size: Size) {
        let windows = self.connection.query_tree(self.root).unwrap().reply().unwrap().children;
        self.resize_window(windows[0], size);
    }

    /// Covers the whole screen with a window that no window manager touches and that takes all input.
    pub fn cover(&self) {
        let events =
            EventMask::KEY_PRESS | EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION;
        let attributes = CreateWindowAux::new().background_pixel(0x0020_4060).override_redirect(1).event_mask(events);
        self.map(self.size(), WindowClass::INPUT_OUTPUT, &attributes);
    }

    /// The next thing that happens to a cover.
    pub fn next_input(&self) -> Input {
        crate::wait_for("input", || match self.connection.poll_for_event().unwrap()? {
            Event::KeyPress(event) => {
                let map = self.connection.get_keyboard_mapping(event.detail, 1).unwrap().reply().unwrap();
                Some(Input::Key(event.detail, map.keysyms[0]))
            }
            Event::ButtonPress(event) => Some(Input::Press(event.detail)),
            Event::ButtonRelease(event) => Some(Input::Release(event.detail)),
            Event::MotionNotify(event) => Some(Input::Move(event.root_x, event.root_y)),
            _ => None,
        })
    }

    /// Takes the keys that go to the background: all, as long as no window has the keyboard and the pointer is on none.
    pub fn take_keys(&self) {
        let keys = ChangeWindowAttributesAux::new().event_mask(EventMask::KEY_PRESS);
        self.connection.change_window_attributes(self.root, &keys).unwrap().check().unwrap();
    }

    /// The code of the next key that goes down there, as soon as it does; `None` when the screen is no more.
    pub fn next_key(&self) -> Option<u8> {
        loop {
            if let Event::KeyPress(event) = self.connection.wait_for_event().ok()? {
                return Some(event.detail);
            }
        }
    }

    /// Gives the keyboard to a window of the test's own.
    pub fn steal_focus(&self) {
        let window = self.map(Size::new(10, 10), WindowClass::INPUT_ONLY, &CreateWindowAux::new());
        self.connection.set_input_focus(InputFocus::PARENT, window, CURRENT_TIME).unwrap().check().unwrap();
    }

    fn map(&self, size: Size, class: WindowClass, attributes: &CreateWindowAux) -> Window {
        let (id, depth) = (self.connection.generate_id().unwrap(), COPY_DEPTH_FROM_PARENT);
        let (width, height) = (length(size.width), length(size.height));
        self.connection
            .create_window(depth, id, self.root, 0, 0, width, height, 0, class, 0, attributes)
            .unwrap()
            .check()
            .unwrap();
        self.connection.map_window(id).unwrap().check().unwrap();
        id
    }

    fn titled_within(&self, parent: Window, title: &str) -> Option<Window> {
        let (name, text) = (self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"));
        self.connection.query_tree(parent).ok()?.reply().ok()?.children.into_iter().find_map(|child| {
            // A window manager's frame carries the name too; what it frames takes the message.
            self.titled_within(child, title)
                .or_else(|| String::from_utf8_lossy(&self.property(child, name, text)).contains(title).then_some(child))
        })
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    /// The bytes of a property; none when the window or the property is not there.
    fn property(&self, window: Window, property: u32, kind: u32) -> Vec<u8> {
        let asked = self.connection.get_property(false, window, property, kind, 0, 1024).unwrap();
        asked.reply().map(|reply| reply.value).unwrap_or_default()
    }
}
