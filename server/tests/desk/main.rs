//! The desk and the injector as processes, on X servers of the test's own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what fails here is to fail the test")]

mod attacks;
mod banner;
mod input;
mod questions;

use beside_protocol::{
    frame::{Point, Size},
    session::{Keying, check_words, contact::Code},
    wire::{
        Action, Button, End, Fingerprint, Hands, Key, PauseReason, Permissions, Press, Proof, Purpose, Question, Return,
    },
};
use beside_server::desk::{
    Answer, AskedBy, Choice, Desk, DeskEvent, FromDesk, Language, LiveSession, NoCode, Offer, OnSilence, PanicKey,
    Scope, Settings, ToDesk,
};
use beside_test_displays::{
    Area, DEADLINE, Held, Input, Screen,
    keycode::{A, ALT, CAPS_LOCK, CONTROL, ENTER, ESCAPE, NUM_LOCK, PAUSE as PAUSE_KEY, SHIFT, SPACE, TAB},
    wait_for, wait_until,
};
use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

/// What the desk's windows show.
const ALLOW: Area = Area { colour: 0x0017_7357, least: 5000 };
const STOP: Area = Area { colour: 0x00d0_2f2f, least: 2000 };
const ASLEEP: Area = Area { colour: 0x00d3_d8dc, least: 10_000 };
const NOTE_PAPER: Area = Area { colour: 0x00fb_fbf9, least: 10_000 };

/// The buttons of the code's window: Close, the one with the shorter word, and New code left of it.
const CODE_BUTTON: Area = Area { colour: 0x004a_5563, least: 3000 };

/// The banner's switches.
const SWITCH_ON: Area = Area { colour: 0x0017_7357, least: 300 };
const SWITCH_OFF: Area = Area { colour: 0x008b_96a2, least: 300 };

/// The colour of the words by which the question warns of a program.
const WARNING: u32 = 0x009a_450b;

/// The screens' size.
const SIZE: Size = Size::new(1100, 800);

struct Table {
    desk: Desk,
    events: Receiver<DeskEvent>,
}

impl Table {
    /// A desk that is ready.
    fn new(screen: &Screen, asked_by: AskedBy) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_beside-server"));
        program.env("DISPLAY", screen.name()).env("WINIT_X11_SCALE_FACTOR", "1");
        let (sender, events) = channel();
        // What the server would be is this test.
        let settings = Settings {
            asked_by,
            panic_key: PanicKey::default(),
            on_silence: OnSilence::Wait,
            language: Language::English,
        };
        let desk = Desk::start(program, &settings, move |event| drop(sender.send(event))).unwrap();
        let table = Self { desk, events };
        assert_eq!(table.next(), DeskEvent::Said(FromDesk::Ready));
        table
    }

    fn next(&self) -> DeskEvent {
        self.events.recv_timeout(DEADLINE).expect("the desk says something")
    }

    fn ask(&self, session: u64, patience: Duration) {
        let key = Fingerprint([7; 32]);
        let question = Question {
            purpose: Purpose::Session,
            officer: "Anna Berger".into(),
            proof: Proof::Enrolled,
            key,
            check: check_words(&Keying::new([1; 32], [2; 32]), &key, &key),
            reason: "Ticket 4711".into(),
            ticket: None,
            permissions: Permissions::CONTROL,
            duration: Duration::from_secs(1800),
            returns: Return::AskAgain,
            patience,
        };
        self.desk.tell(ToDesk::Ask { session, question, offer: Offer::Everything }).unwrap();
    }

    fn live(&self, session: u64, permissions: Permissions) {
        self.stands(session, &LiveSession { permissions, ..anna() });
    }

    fn stands(&self, session: u64, live: &LiveSession) {
        self.desk.tell(ToDesk::Live { session, live: live.clone() }).unwrap();
    }

    /// The next thing it says that is not about hands.
    fn said(&self) -> FromDesk {
        loop {
            match self.next() {
                DeskEvent::Said(FromDesk::Hands(_)) => {}
                DeskEvent::Said(said) => return said,
                DeskEvent::Gone => panic!("the desk has ended"),
            }
        }
    }

    /// Waits until it says whose hands are on keyboard and pointer.
    fn hears_hands(&self, hands: Hands) {
        wait_until("hands", || self.next() == DeskEvent::Said(FromDesk::Hands(hands)));
    }

    fn inject(&self, at: Option<Point>, action: &Action) {
        // As `Injection::to_pipe` writes it: only the session machine can make one.
        self.desk.tell(ToDesk::Inject(postcard::to_stdvec(&(at, action)).unwrap())).unwrap();
    }

    /// Holds Shift and the main button down through the injector.
    fn hold(&self, screen: &Screen) {
        self.inject(Some(Point { x: 30, y: 300 }), &Action::Key(Key(0xe1), Press::Down));
        self.inject(None, &Action::Button(Button::Left, Press::Down));
        let held = Held { keys: vec![SHIFT], buttons: vec![1] };
        wait_until("Shift and button down", || screen.held() == held);
    }

    fn injector(&self) -> Option<u32> {
        children(self.desk.id()).first().copied()
    }
}

/// A session with control.
fn anna() -> LiveSession {
    LiveSession {
        officer: "Anna Berger".into(),
        permissions: Permissions::CONTROL,
        ceiling: Permissions::CONTROL,
        paused: None,
        seconds_left: 1800,
        standing: false,
        extra: None,
    }
}

fn released(screen: &Screen) {
    wait_until("Shift and button up", || screen.held() == Held::default());
}

fn warned(screen: &Screen) {
    wait_until("the warning", || screen.picture().count(WARNING) >= 10);
}

fn children(process: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>()).collect()
}

fn kill(process: u32) {
    signal("KILL", process);
}

fn signal(name: &str, process: u32) {
    // The shell's own: a small system has no other.
    let command = format!("kill -{name} {process}");
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}

fn answered(session: u64, answer: Answer) -> DeskEvent {
    DeskEvent::Said(FromDesk::Answer { session, answer })
}

/// A yes to these, and to all else as it is asked for.
fn granted(session: u64, permissions: Permissions) -> DeskEvent {
    let duration = Duration::from_secs(1800);
    let (scope, hide, returns) = (Scope::Whole, BTreeSet::new(), Return::AskAgain);
    let choice = Choice { permissions, duration, scope, hide, returns };
    answered(session, Answer::Grant(choice))
}

const PATIENCE: Duration = Duration::from_secs(60);
