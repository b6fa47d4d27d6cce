//! A thousand tries to get a yes that nobody gave, at a real question under a window manager.

use super::*;
use std::process::Child;

/// How often each of [`AWAKE`] is tried, at a question of its own that takes answers.
const TRIES: usize = 115;

/// How often each of [`EARLY`] is tried, at a question of its own that has just appeared.
const EARLY_TRIES: usize = 40;

/// How far Deny is left of Allow, in pixels.
const DENY: u32 = 287;

/// Something that is tried at a question whose Allow is there.
type Attack = fn(&Scene, Point);

/// What programs, officers and hurried people do while the question takes answers.
const AWAKE: [Attack; 8] = [
    Scene::officer_clicks,
    Scene::officer_types,
    Scene::program_clicks,
    Scene::program_types,
    Scene::program_sends_a_click,
    Scene::person_strikes_enter,
    Scene::person_strikes_space,
    Scene::person_clicks_where_a_program_has_put_the_pointer,
];

/// What people do who did not expect a question.
const EARLY: [Attack; 2] = [Scene::person_clicks, Scene::person_types];

/// A question on a desktop with a window manager; what is done to `outside` comes from a person there.
struct Scene {
    outside: Screen,
    screen: Screen,
    table: Table,
    _manager: Manager,
}

/// The window manager.
struct Manager(Child);

impl Drop for Manager {
    fn drop(&mut self) {
        // It has ended already where this fails.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Scene {
    fn new() -> Self {
        let outside = Screen::xvfb(SIZE);
        let screen = Screen::xephyr(&outside, SIZE);
        let mut openbox = Command::new("openbox");
        let manager = Manager(openbox.arg("--sm-disable").env("DISPLAY", screen.name()).spawn().unwrap());
        wait_until("the window manager", || screen.has_window_manager());
        let table = Table::new(&screen, AskedBy::Desk);
        Self { outside, screen, table, _manager: manager }
    }

    /// An officer controls in another session.
    fn let_an_officer_control(&self) {
        self.table.stands(0, &LiveSession { standing: true, ..anna() });
        self.table.hold(&self.screen);
        self.table.inject(None, &Action::Key(Key(0xe1), Press::Up));
        self.table.inject(None, &Action::Button(Button::Left, Press::Up));
        released(&self.screen);
    }

    /// Where Allow is.
    fn allow(&self) -> Point {
        self.screen.wait_for(ALLOW)
    }

    fn program_clicks(&self, allow: Point) {
        self.screen.click(allow);
    }

    fn program_types(&self, _: Point) {
        [TAB, TAB, TAB, ENTER, SPACE].iter().for_each(|&key| self.screen.strike(key));
    }

    fn person_strikes_enter(&self, _: Point) {
        self.outside.strike(ENTER);
    }

    fn person_strikes_space(&self, _: Point) {
        self.outside.strike(SPACE);
    }

    fn person_clicks_where_a_program_has_put_the_pointer(&self, allow: Point) {
        self.screen.point(allow.x, allow.y);
        self.outside.click_here();
    }

    fn officer_clicks(&self, allow: Point) {
        self.table.inject(Some(allow), &Action::Button(Button::Left, Press::Down));
        self.table.inject(None, &Action::Button(Button::Left, Press::Up));
    }

    fn officer_types(&self, _: Point) {
        for usage in [TAB_USAGE, TAB_USAGE, TAB_USAGE, ENTER_USAGE] {
            self.table.inject(None, &Action::Key(Key(usage), Press::Down));
            self.table.inject(None, &Action::Key(Key(usage), Press::Up));
        }
    }

    fn program_sends_a_click(&self, allow: Point) {
        self.screen.send_click(self.screen.window_at(allow), allow);
    }

    fn person_clicks(&self, allow: Point) {
        self.outside.click(allow);
    }

    fn person_types(&self, _: Point) {
        [TAB, TAB, TAB, ENTER, SPACE].iter().for_each(|&key| self.outside.strike(key));
    }

    /// Tries something at a question that has just appeared; whether it was in time for its first second.
    fn surprise(&self, session: u64, attack: Attack) -> bool {
        self.table.ask(session, PATIENCE);
        attack(self, self.screen.wait_for(ASLEEP));
        // Only then was it surely within the first second.
        let in_time = self.screen.find(ASLEEP).is_some();
        self.table.desk.tell(ToDesk::Withdraw { session }).unwrap();
        self.wait_for_no_question();
        in_time
    }

    /// A person moves the pointer away from what a program may have done to it, and clicks on Deny, left of Allow.
    fn person_denies(&self, allow: Point) {
        self.outside.point(5, 5);
        self.outside.click(Point { x: allow.x - DENY, ..allow });
    }

    fn wait_for_no_question(&self) {
        wait_until("no window", || self.screen.find(NOTE_PAPER).is_none());
    }

    /// What the desk has said by now, but for whose hands there are.
    fn heard(&self) -> Vec<FromDesk> {
        let said = self.table.events.try_iter().map(|event| match event {
            DeskEvent::Said(said) => said,
            DeskEvent::Gone => panic!("the desk has ended"),
        });
        said.filter(|said| !matches!(said, FromDesk::Hands(_))).collect()
    }
}

/// As `Action::Key` counts keys.
const TAB_USAGE: u16 = 0x2b;
const ENTER_USAGE: u16 = 0x28;

#[test]
fn a_thousand_tries_get_no_yes() {
    let scene = Scene::new();
    scene.let_an_officer_control();
    let mut session = 0;
    for (number, attack) in AWAKE.into_iter().enumerate() {
        session += 1;
        scene.table.ask(session, Duration::from_secs(600));
        let allow = scene.allow();
        for _ in 0..TRIES {
            attack(&scene, allow);
        }
        // Had one of them been taken, its answer would come before this one.
        let heard = wait_for("a person's no", || {
            scene.person_denies(allow);
            Some(scene.heard()).filter(|heard| !heard.is_empty())
        });
        assert_eq!(heard, [FromDesk::Answer { session, answer: Answer::Deny }], "attack {number}");
        scene.wait_for_no_question();
    }

    for (number, attack) in EARLY.into_iter().enumerate() {
        let mut tried = 0;
        while tried < EARLY_TRIES {
            session += 1;
            assert!(session < 1_000, "too slow a machine for the first second");
            let in_time = scene.surprise(session, attack);
            let heard = scene.heard();
            if in_time {
                assert_eq!(heard, [], "early attack {number}, try {tried}");
                tried += 1;
            }
        }
    }

    // A person's answer still counts.
    session += 1;
    scene.table.ask(session, PATIENCE);
    let allow = scene.allow();
    scene.outside.point(5, 5);
    scene.outside.click(allow);
    assert_eq!(DeskEvent::Said(scene.table.said()), granted(session, Permissions::VIEW));
}
