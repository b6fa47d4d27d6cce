//! The banner: always there, always in its place.

use super::*;

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
    table.desk.tell(ToDesk::Ended { session: 1, end: End::Stopped, summary: None }).unwrap();
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
    table.desk.tell(ToDesk::Ended { session: 1, end: End::OfficerLeft, summary: None }).unwrap();
    let note = screen.wait_for(NOTE_PAPER);
    assert!(screen.find(STOP).is_none(), "the banner is gone");
    screen.click(note);
    wait_until("no note", || screen.find(NOTE_PAPER).is_none());
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
