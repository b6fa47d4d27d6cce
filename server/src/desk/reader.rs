//! Screen readers. They get the tree of what a window shows. But whoever speaks their protocol is a program, so of what it
//! asks for only little is done: the focus moves, and what stops or denies is pressed.

use beside_shell::paint::Painter;
use egui::{
    Context, Event, Id,
    accesskit::{Action, ActionRequest, NodeId, TreeUpdate},
};
use std::collections::VecDeque;
use winit::{
    event::WindowEvent,
    event_loop::{ActiveEventLoop, EventLoopProxy},
    window::Window,
};

/// The way from a window to the screen readers of the system, if there are any.
pub(super) struct Reader {
    adapter: accesskit_winit::Adapter,
    /// What is to be pressed at the next painting.
    presses: VecDeque<NodeId>,
}

/// What became of something that a screen reader asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The focus moves: the keyboard shall not answer where the user has not been.
    Focus,
    /// A control is pressed, if that takes something away.
    Press,
    /// Nothing.
    Nothing,
}

impl Reader {
    /// For a window that is not shown yet.
    pub(super) fn new<T>(event_loop: &ActiveEventLoop, window: &Window, proxy: EventLoopProxy<T>) -> Self
    where
        T: From<accesskit_winit::Event> + Send + 'static,
    {
        let adapter = accesskit_winit::Adapter::with_event_loop_proxy(event_loop, window, proxy);
        Self { adapter, presses: VecDeque::new() }
    }

    /// Keeps it informed of where the window is and whether it has the keyboard.
    pub(super) fn observe(&mut self, window: &Window, event: &WindowEvent) {
        self.adapter.process_event(window, event);
    }

    /// A screen reader has come, has gone, or asks for something; `events` are those of the next painting.
    pub(super) fn take(
        &mut self,
        painter: &Painter,
        event: &accesskit_winit::WindowEvent,
        events: &mut VecDeque<Event>,
    ) -> Asked {
        match event {
            accesskit_winit::WindowEvent::InitialTreeRequested => painter.context().enable_accesskit(),
            accesskit_winit::WindowEvent::AccessibilityDeactivated => painter.context().disable_accesskit(),
            accesskit_winit::WindowEvent::ActionRequested(request) => {
                let asked = asked(request);
                match asked {
                    Asked::Focus => events.push_back(Event::AccessKitActionRequest(request.clone())),
                    Asked::Press => self.presses.push_back(request.target_node),
                    Asked::Nothing => {}
                }
                return asked;
            }
        }
        Asked::Nothing
    }

    /// Has the next control pressed in the painting that follows.
    pub(super) fn next_press(&mut self, context: &Context) {
        press(context, self.presses.pop_front());
    }

    /// Whether something is still to be pressed.
    pub(super) fn is_pressing(&self) -> bool {
        !self.presses.is_empty()
    }

    /// Tells what the window shows now.
    pub(super) fn show(&mut self, tree: Option<TreeUpdate>) {
        if let Some(tree) = tree {
            self.adapter.update_if_active(|| tree);
        }
    }
}

/// What may come of a request: egui itself never learns of a click.
pub(super) const fn asked(request: &ActionRequest) -> Asked {
    match request.action {
        Action::Focus => Asked::Focus,
        Action::Click => Asked::Press,
        _ => Asked::Nothing,
    }
}

/// What a screen reader presses during one painting.
#[derive(Clone, Copy, Debug)]
struct Pressed(NodeId);

/// Has a control pressed in the painting that follows, or none.
pub(super) fn press(context: &Context, control: Option<NodeId>) {
    context.data_mut(|data| match control {
        Some(control) => {
            data.insert_temp(Id::NULL, Pressed(control));
        }
        None => data.remove::<Pressed>(Id::NULL),
    });
}

/// Whether a screen reader presses this control. To be asked only for what takes something away from officers.
pub(super) fn presses(context: &Context, control: Id) -> bool {
    let pressed = context.data(|data| data.get_temp::<Pressed>(Id::NULL));
    pressed.is_some_and(|Pressed(pressed)| pressed == control.accesskit_id())
}
