//! Input: what is let through, and what shuts it off.

use super::*;

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
        table.desk.tell(ToDesk::Ended { session, end: End::Stopped, summary: None }).unwrap();
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
    // What the officer does is not the user's doing.
    table.hold(&screen);
    table.inject(Some(Point { x: 300, y: 500 }), &Action::Move);
    table.live(1, Permissions::VIEW);
    released(&screen);
    table.desk.tell(ToDesk::Ended { session: 1, end: End::Expired, summary: None }).unwrap();
    screen.wait_for(NOTE_PAPER);
    assert_eq!(table.events.try_recv().ok(), None);
}
