//! The desk and the injector as processes, on X servers of the test's own.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what fails here is to fail the test")]

use beside_protocol::{
    frame::{Point, Size},
    session::{Keying, check_words, contact::Code},
    wire::{Action, Button, Fingerprint, Hands, Key, PauseReason, Permissions, Press, Proof, Question},
};
use beside_server::desk::{
    Answer, AskedBy, Desk, DeskEvent, FromDesk, LiveSession, OnSilence, PanicKey, Settings, ToDesk,
};
use beside_test_displays::{
    Area, DEADLINE, Held, Input, Screen,
    keycode::{A, ALT, CAPS_LOCK, CONTROL, ENTER, ESCAPE, NUM_LOCK, PAUSE as PAUSE_KEY, SHIFT, SPACE, TAB},
    wait_for, wait_until,
};
use std::{
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
        let settings = Settings { asked_by, panic_key: PanicKey::default(), on_silence: OnSilence::Wait };
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
            officer: "Anna Berger".into(),
            proof: Proof::Enrolled,
            key,
            check: check_words(&Keying::new([1; 32], [2; 32]), &key, &key),
            reason: "Ticket 4711".into(),
            permissions: Permissions::CONTROL,
            duration: Duration::from_secs(1800),
            patience,
        };
        self.desk.tell(ToDesk::Ask { session, question }).unwrap();
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
    // The shell's own: a small system has no other.
    let command = format!("kill -KILL {process}");
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}

fn answered(session: u64, answer: Answer) -> DeskEvent {
    DeskEvent::Said(FromDesk::Answer { session, answer })
}

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_code_has_a_window_that_offers_another_and_closes() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    let code: Code = "123 456 789".parse().unwrap();
    table.desk.tell(ToDesk::Code { code, seconds_left: 300 }).unwrap();
    let warned = || screen.picture().count(WARNING) >= 10;
    wait_until("the code's advice", warned);
    let close = wait_for("Close", || screen.find(CODE_BUTTON));
    screen.click(Point { x: close.x - 150, y: close.y });
    assert_eq!(table.next(), DeskEvent::Said(FromDesk::NewCode));
    table.desk.tell(ToDesk::CodeOver { text: "It was used.".into() }).unwrap();
    wait_until("no advice without a code", || !warned());
    // A question takes its place, and it comes back.
    table.ask(1, Duration::from_secs(60));
    wait_until("the window makes room", || screen.find(CODE_BUTTON).is_none());
    table.desk.tell(ToDesk::Withdraw { session: 1 }).unwrap();
    screen.click(wait_for("Close", || screen.find(CODE_BUTTON)));
    assert_eq!(table.next(), DeskEvent::Said(FromDesk::CodeClosed));
    wait_until("it is gone", || screen.find(CODE_BUTTON).is_none());
}

#[test]
fn a_click_by_a_program_does_not_answer_but_one_by_a_person_does() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    let allow = screen.wait_for(ALLOW);
    screen.click(allow);
    warned(&screen);
    // A person's click where the program has put the pointer is none either.
    outside.click_here();
    // The person's own hand brings it there.
    let answer = wait_for("an answer", || {
        outside.point(5, 5);
        outside.click(allow);
        table.events.recv_timeout(Duration::from_millis(200)).ok()
    });
    assert_eq!(answer, answered(1, Answer::Grant(Permissions::VIEW)));
}

#[test]
fn keys_by_a_program_do_not_answer() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, Duration::from_secs(8));
    screen.wait_for(ALLOW);
    for key in [TAB, TAB, TAB, ENTER, SPACE, ESCAPE] {
        screen.strike(key);
    }
    warned(&screen);
    assert_eq!(table.next(), answered(1, Answer::TimedOut));
}

#[test]
fn enter_and_space_answer_only_after_tab() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    screen.wait_for(ALLOW);
    outside.point(5, 5);
    // Had Enter or Space pressed anything, the answer would be another: control is switched by the fourth key.
    for key in [ENTER, SPACE, TAB, SPACE, TAB, TAB, ENTER] {
        outside.strike(key);
    }
    assert_eq!(table.next(), answered(1, Answer::Grant(Permissions::CONTROL)));
}

#[test]
fn escape_denies() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    screen.wait_for(ALLOW);
    outside.point(5, 5);
    outside.strike(ESCAPE);
    assert_eq!(table.next(), answered(1, Answer::Deny));
}

#[test]
fn the_first_second_takes_no_click() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    let allow = screen.wait_for(ALLOW);
    table.desk.tell(ToDesk::Withdraw { session: 1 }).unwrap();
    let asleep = |session| {
        wait_until("no window", || screen.find(NOTE_PAPER).is_none());
        table.ask(session, PATIENCE);
        screen.wait_for(ASLEEP);
        outside.click(allow);
        // Only then was it surely within the first second.
        let in_time = screen.find(ASLEEP).is_some();
        outside.point(5, 5);
        if !in_time {
            table.desk.tell(ToDesk::Withdraw { session }).unwrap();
        }
        in_time.then_some(session)
    };
    let session = (2..20).find_map(asleep).expect("a click within the first second");
    screen.wait_for(ALLOW);
    assert!(table.events.try_recv().is_err(), "answered by a click of the first second");
    outside.click(allow);
    assert_eq!(table.next(), answered(session, Answer::Grant(Permissions::VIEW)));
}

#[test]
fn silence_and_closing_mean_no_and_questions_wait_their_turn() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    table.ask(2, Duration::from_secs(1));
    table.ask(3, PATIENCE);
    assert_eq!(table.next(), answered(2, Answer::TimedOut), "patience runs while it waits");
    for session in [1, 3] {
        let window = screen.window_at(screen.wait_for(ALLOW));
        screen.ask_to_close(window);
        assert_eq!(table.next(), answered(session, Answer::Close));
    }
    table.ask(4, PATIENCE);
    let window = screen.window_at(screen.wait_for(ALLOW));
    screen.unmap(window);
    assert_eq!(table.next(), answered(4, Answer::Close), "taken off the screen");
}

#[test]
fn a_question_appears_above_what_covers_the_screen() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    screen.wait_for(ALLOW);
    screen.cover();
    screen.wait_for(ASLEEP);
    screen.wait_for(ALLOW);
}

#[test]
fn stop_works_by_any_click_and_above_anything() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    screen.wait_for(STOP);
    screen.cover();
    let stop = screen.wait_for(STOP);
    table.hold(&screen);
    // The held button would make the click a drag; a person's own press releases it first.
    table.inject(None, &Action::Button(Button::Left, Press::Up));
    wait_until("button up", || screen.held().buttons.is_empty());
    screen.click(stop);
    assert_eq!(table.next(), DeskEvent::Said(FromDesk::Stop));
    released(&screen);
    // The server that goes on as if nothing had happened controls nothing.
    table.live(1, Permissions::CONTROL);
    table.inject(None, &Action::Key(Key(0xe1), Press::Down));
    table.desk.tell(ToDesk::Ended { session: 1, text: "you stopped it".into() }).unwrap();
    screen.wait_for(NOTE_PAPER);
    wait_until("no injector", || table.injector().is_none());
    assert_eq!(screen.held(), Held::default());
}

#[test]
fn a_desk_that_loses_its_banner_ends() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    let banner = screen.window_at(screen.wait_for(STOP));
    table.hold(&screen);
    screen.unmap(banner);
    assert_eq!(table.next(), DeskEvent::Gone);
    released(&screen);
}

#[test]
fn the_note_goes_by_a_click() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::VIEW);
    screen.wait_for(STOP);
    table.desk.tell(ToDesk::Ended { session: 1, text: "the officer left".into() }).unwrap();
    let note = screen.wait_for(NOTE_PAPER);
    assert!(screen.find(STOP).is_none(), "the banner is gone");
    screen.click(note);
    wait_until("no note", || screen.find(NOTE_PAPER).is_none());
}

#[test]
fn input_arrives_as_it_was_sent() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    screen.cover();
    table.live(1, Permissions::CONTROL);
    screen.wait_for(STOP);
    table.inject(Some(Point { x: 200, y: 500 }), &Action::Move);
    assert_eq!(screen.next_input(), Input::Move(200, 500));
    table.inject(None, &Action::Key(Key(0x04), Press::Down));
    table.inject(None, &Action::Key(Key(0x04), Press::Up));
    assert_eq!(screen.next_input(), Input::Key(A, u32::from(b'a')));
    for (button, number) in [(Button::Right, 3), (Button::Middle, 2), (Button::Back, 8), (Button::Forward, 9)] {
        table.inject(None, &Action::Button(button, Press::Down));
        table.inject(None, &Action::Button(button, Press::Up));
        assert_eq!([screen.next_input(), screen.next_input()], [Input::Press(number), Input::Release(number)]);
    }
    // Three halves of a notch down are one, with a half to spare.
    table.inject(None, &Action::Wheel { x: 0, y: 180 });
    assert_eq!([screen.next_input(), screen.next_input()], [Input::Press(5), Input::Release(5)]);
    table.inject(None, &Action::Wheel { x: -120, y: 60 });
    let wheel = [screen.next_input(), screen.next_input(), screen.next_input(), screen.next_input()];
    assert_eq!(wheel, [Input::Press(6), Input::Release(6), Input::Press(5), Input::Release(5)]);
    table.inject(None, &Action::Text("xy".into()));
    for letter in [b'x', b'y'] {
        assert!(matches!(screen.next_input(), Input::Key(_, keysym) if keysym == u32::from(letter)));
    }
}

#[test]
fn whoever_dies_nothing_stays_pressed() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    table.hold(&screen);
    kill(table.injector().expect("an injector"));
    assert_eq!(table.next(), DeskEvent::Said(FromDesk::InjectorLost));
    released(&screen);

    table.hold(&screen);
    table.live(1, Permissions::VIEW);
    released(&screen);
    wait_until("no injector", || table.injector().is_none());

    table.live(1, Permissions::CONTROL);
    table.hold(&screen);
    kill(table.desk.id());
    assert_eq!(table.next(), DeskEvent::Gone);
    released(&screen);
}

#[test]
fn the_desk_ends_with_the_server_and_leaves_nothing() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    table.hold(&screen);
    let processes = [table.desk.id(), table.injector().expect("an injector")];
    drop(table);
    released(&screen);
    for process in processes {
        wait_until("no process", || !Path::new(&format!("/proc/{process}")).exists());
    }
}

#[test]
fn control_that_the_desk_did_not_grant_is_not_let_through() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.live(1, Permissions::CONTROL);
    table.inject(None, &Action::Key(Key(0xe1), Press::Down));
    screen.wait_for(STOP);
    assert_eq!(table.injector(), None);
    assert_eq!(screen.held(), Held::default());
}

/// Pause's colour, and Continue's; the switches' when they are on and off.
const PAUSE: Area = Area { colour: 0x004a_5563, least: 2000 };
const CONTINUE: Area = Area { colour: 0x0017_7357, least: 2500 };
const SWITCH_ON: Area = Area { colour: 0x0017_7357, least: 300 };
const SWITCH_OFF: Area = Area { colour: 0x008b_96a2, least: 300 };

#[test]
fn the_panic_key_stops_whatever_the_locks_are() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    for (session, lock) in [(1, None), (2, Some(CAPS_LOCK)), (3, Some(NUM_LOCK))] {
        lock.iter().for_each(|&lock| screen.strike(lock));
        table.live(session, Permissions::CONTROL);
        screen.wait_for(STOP);
        table.hold(&screen);
        [CONTROL, ALT, PAUSE_KEY].iter().for_each(|&key| screen.key(key, true));
        [PAUSE_KEY, ALT, CONTROL].iter().for_each(|&key| screen.key(key, false));
        assert_eq!(table.said(), FromDesk::Stop);
        released(&screen);
        table.desk.tell(ToDesk::Ended { session, text: "you stopped it".into() }).unwrap();
        wait_until("no banner", || screen.find(STOP).is_none());
    }
    // Without a session the key is everybody's again.
    wait_until("the key is free", || screen.grab(PAUSE_KEY));
}

#[test]
fn a_panic_key_that_another_program_has_is_said_not_to_work() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    assert!(screen.grab(PAUSE_KEY));
    table.live(1, Permissions::CONTROL);
    let stop = screen.wait_for(STOP);
    [CONTROL, ALT, PAUSE_KEY].iter().for_each(|&key| screen.key(key, true));
    [PAUSE_KEY, ALT, CONTROL].iter().for_each(|&key| screen.key(key, false));
    screen.click(stop);
    assert_eq!(table.said(), FromDesk::Stop);
    assert!(table.events.try_recv().is_err(), "once, by the button");
}

#[test]
fn pause_shuts_at_once_and_only_a_person_opens_again() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    let paused = LiveSession { paused: Some(PauseReason::User), ..anna() };
    table.live(1, Permissions::CONTROL);
    let pause = screen.wait_for(PAUSE);
    table.hold(&screen);
    table.inject(None, &Action::Button(Button::Left, Press::Up));
    wait_until("button up", || screen.held().buttons.is_empty());
    screen.click(pause);
    assert_eq!(table.said(), FromDesk::Pause);
    released(&screen);
    // A server that goes on as if nothing had happened.
    table.live(1, Permissions::CONTROL);
    table.inject(None, &Action::Key(Key(0xe1), Press::Down));
    table.stands(1, &paused);
    // A button under the pointer looks otherwise.
    screen.point(5, 5);
    screen.wait_for(CONTINUE);
    let proceed = pause;
    assert_eq!((table.injector(), screen.held()), (None, Held::default()));
    screen.click(proceed);
    // A person's click where the program has put the pointer is none.
    outside.click_here();
    wait_for("a person's own click", || {
        outside.point(5, 5);
        outside.click(proceed);
        let said = table.events.recv_timeout(Duration::from_millis(200)).ok()?;
        assert_eq!(said, DeskEvent::Said(FromDesk::Continue));
        Some(())
    });
    table.live(1, Permissions::CONTROL);
    wait_until("an injector", || table.injector().is_some());
}

#[test]
fn a_switch_goes_off_by_any_click_and_on_by_a_person_s() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    let switch = screen.wait_for(SWITCH_ON);
    table.hold(&screen);
    table.inject(None, &Action::Button(Button::Left, Press::Up));
    wait_until("button up", || screen.held().buttons.is_empty());
    screen.click(switch);
    assert_eq!(table.said(), FromDesk::Switch { session: 1, permissions: Permissions::VIEW });
    released(&screen);
    table.live(1, Permissions::CONTROL);
    table.inject(None, &Action::Key(Key(0xe1), Press::Down));
    table.stands(1, &LiveSession { permissions: Permissions::VIEW, ..anna() });
    screen.wait_for(SWITCH_OFF);
    assert_eq!((table.injector(), screen.held()), (None, Held::default()));
    screen.click(switch);
    wait_for("a person's own click", || {
        outside.point(5, 5);
        outside.click(switch);
        let said = table.events.recv_timeout(Duration::from_millis(200)).ok()?;
        assert_eq!(said, DeskEvent::Said(FromDesk::Switch { session: 1, permissions: Permissions::CONTROL }));
        Some(())
    });
    assert_eq!(table.injector(), None, "the server has not said so yet");
    table.live(1, Permissions::CONTROL);
    wait_until("an injector", || table.injector().is_some());
}

#[test]
fn the_user_s_own_hands_go_first() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    screen.wait_for(STOP);
    outside.point(400, 600);
    table.hears_hands(Hands::Officer);
    for touch in [|outside: &Screen| outside.point(440, 620), |outside: &Screen| outside.strike(SHIFT)] {
        table.hold(&screen);
        touch(&outside);
        table.hears_hands(Hands::User);
        released(&screen);
        table.inject(None, &Action::Key(Key(0x04), Press::Down));
        table.hears_hands(Hands::Officer);
        assert_eq!(screen.held(), Held::default(), "what came meanwhile is dropped");
    }
    // What the officer does is not the user's doing, and a jog is nothing.
    table.hold(&screen);
    table.inject(Some(Point { x: 300, y: 500 }), &Action::Move);
    outside.point(441, 620);
    table.live(1, Permissions::VIEW);
    released(&screen);
    table.desk.tell(ToDesk::Ended { session: 1, text: "over".into() }).unwrap();
    screen.wait_for(NOTE_PAPER);
    assert!(table.events.try_recv().is_err());
}

#[test]
fn stop_stays_where_it_is() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::VIEW);
    let stop = screen.wait_for(STOP);
    let long = LiveSession { officer: "A name that is very long indeed".into(), standing: true, ..anna() };
    table.stands(1, &long);
    screen.wait_for(SWITCH_ON);
    assert_eq!(screen.find(STOP), Some(stop));
    table.stands(2, &LiveSession { permissions: Permissions::VIEW, ..long });
    screen.wait_for(SWITCH_OFF);
    assert_eq!(screen.find(STOP), Some(stop));
}

#[test]
fn one_of_several_sessions_can_be_ended() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    let stop = screen.wait_for(STOP);
    table.stands(2, &LiveSession { permissions: Permissions::VIEW, ..anna() });
    screen.wait_for(SWITCH_OFF);
    // End is below Stop, in the row of the one who controls first.
    screen.click(Point { x: stop.x + 20, y: stop.y + 55 });
    assert_eq!(table.said(), FromDesk::End { session: 1 });
    wait_until("no injector", || table.injector().is_none());
}

#[test]
fn a_banner_that_is_moved_away_comes_back() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    let stop = screen.wait_for(STOP);
    screen.move_window(screen.window_at(stop), -2000, -2000);
    screen.wait_for(STOP);
    screen.resize_window(screen.window_at(screen.wait_for(STOP)), Size::new(1, 1));
    screen.wait_for(STOP);
    assert!(table.events.try_recv().is_err(), "the session goes on");
}

#[test]
fn a_banner_that_is_covered_again_and_again_ends_the_session() {
    let screen = Screen::xvfb(SIZE);
    let table = Table::new(&screen, AskedBy::Server);
    table.live(1, Permissions::CONTROL);
    screen.wait_for(STOP);
    table.hold(&screen);
    wait_for("the end", || {
        screen.cover();
        table.events.recv_timeout(Duration::from_millis(50)).ok().filter(|event| *event == DeskEvent::Gone)
    });
    released(&screen);
}
