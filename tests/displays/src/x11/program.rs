//! Windows of one colour, as a program shows them that has class and title; each connection to a screen is one program.

use super::{Screen, length, place};
use beside_protocol::frame::Rect;
use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME,
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, InputFocus, PropMode, StackMode, Window,
        WindowClass,
    },
    wrapper::ConnectionExt as _,
};

impl Screen {
    /// Another program on the same screen.
    pub fn program(&self) -> Self {
        Self::connect(self.name())
    }

    /// Opens a window.
    pub fn open(&self, at: Rect, colour: u32, class: &str, title: &str) -> Window {
        let window = self.create(at, &CreateWindowAux::new().background_pixel(colour));
        let class = format!("{}\0{class}\0", class.to_lowercase());
        self.set_text(window, AtomEnum::WM_CLASS.into(), &class);
        self.retitle(window, title);
        self.show(window)
    }

    /// Opens a menu, which no window manager looks after, of a window if it is one's.
    pub fn open_menu(&self, at: Rect, colour: u32, of: Option<Window>) -> Window {
        let menu = self.create(at, &CreateWindowAux::new().background_pixel(colour).override_redirect(1));
        if let Some(of) = of {
            let (property, kind) = (AtomEnum::WM_TRANSIENT_FOR, AtomEnum::WINDOW);
            self.connection.change_property32(PropMode::REPLACE, menu, property, kind, &[of]).unwrap();
        }
        self.show(menu)
    }

    /// Gives a window another title.
    pub fn retitle(&self, window: Window, title: &str) {
        self.set_text(window, AtomEnum::WM_NAME.into(), title);
        self.connection.sync().unwrap();
    }

    /// Puts a window in front of all others.
    pub fn raise(&self, window: Window) {
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.connection.configure_window(window, &above).unwrap().check().unwrap();
    }

    /// Closes a window.
    pub fn close_window(&self, window: Window) {
        self.connection.destroy_window(window).unwrap().check().unwrap();
    }

    /// Gives the keyboard to a window.
    pub fn focus(&self, window: Window) {
        self.connection.set_input_focus(InputFocus::PARENT, window, CURRENT_TIME).unwrap().check().unwrap();
    }

    /// Says that a compositor draws the screen, as it does itself.
    pub fn claim_to_compose(&self) {
        let window = self.create(Rect::new(0, 0, 1, 1), &CreateWindowAux::new());
        let selection = self.connection.intern_atom(false, b"_NET_WM_CM_S0").unwrap().reply().unwrap().atom;
        self.connection.set_selection_owner(window, selection, CURRENT_TIME).unwrap().check().unwrap();
    }

    fn create(&self, at: Rect, attributes: &CreateWindowAux) -> Window {
        let (id, depth) = (self.connection.generate_id().unwrap(), COPY_DEPTH_FROM_PARENT);
        let ((x, y), (width, height)) = ((place(at.x), place(at.y)), (length(at.width), length(at.height)));
        let class = WindowClass::INPUT_OUTPUT;
        self.connection
            .create_window(depth, id, self.root, x, y, width, height, 0, class, 0, attributes)
            .unwrap()
            .check()
            .unwrap();
        id
    }

    fn show(&self, window: Window) -> Window {
        self.connection.map_window(window).unwrap().check().unwrap();
        window
    }

    fn set_text(&self, window: Window, property: u32, text: &str) {
        let (mode, kind) = (PropMode::REPLACE, AtomEnum::STRING);
        self.connection.change_property8(mode, window, property, kind, text.as_bytes()).unwrap().check().unwrap();
    }
}
