//! The code and the question: who answers, and when.

use super::*;

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
    table.desk.tell(ToDesk::CodeOver { why: NoCode::Used }).unwrap();
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
    assert_eq!(answer, granted(1, Permissions::VIEW));
}

#[test]
fn a_click_where_a_program_has_put_the_pointer_is_none_however_late_the_desk_hears_of_it() {
    let outside = Screen::xvfb(SIZE);
    let screen = Screen::xephyr(&outside, SIZE);
    let table = Table::new(&screen, AskedBy::Desk);
    table.ask(1, PATIENCE);
    let allow = screen.wait_for(ALLOW);
    outside.point(5, 5);
    signal("STOP", table.desk.id());
    screen.point(allow.x, allow.y);
    outside.click_here();
    outside.point(5, 5);
    outside.point(6, 6);
    signal("CONT", table.desk.id());
    warned(&screen);
    let answer = wait_for("an answer", || {
        outside.strike(ESCAPE);
        table.events.recv_timeout(Duration::from_millis(200)).ok()
    });
    assert_eq!(answer, answered(1, Answer::Deny));
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
    // Had Enter or Space pressed anything, the answer would be another: Tab goes to Deny, Allow, Block and the switch for
    // control, then to three lines, Deny and Allow.
    for key in [ENTER, SPACE, TAB, TAB, TAB, TAB, SPACE, TAB, TAB, TAB, TAB, TAB, ENTER] {
        outside.strike(key);
    }
    assert_eq!(table.next(), granted(1, Permissions::CONTROL));
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
    assert_eq!(table.next(), granted(session, Permissions::VIEW));
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
