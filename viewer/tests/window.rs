//! The officer's window on real X displays (Xvfb, no window manager), with a session that is made up.
#![cfg(target_os = "linux")]

mod stage;

use beside_protocol::frame::Size;
use beside_test_displays::{keycode, wait_until};
use stage::{Stage, pattern};

/// A screen's usual size, and one that leaves room around the window.
const SIZE: Size = Size::new(640, 480);
const ROOM: Size = Size::new(1000, 700);

#[test]
fn fullscreen_is_exact_and_only_damage_is_drawn() {
    let stage = Stage::open(SIZE, &["640", "480", "fullscreen", "1:1"]);
    stage.tell("live view,control 600");
    stage
        .wait_for_pixels("the whole picture", |shown| (0..480).all(|y| (0..640).all(|x| shown(x, y) == pattern(x, y))));

    stage.tell("hide 0 0 10 10 ff0000");
    stage.tell("fill 100 200 5 4 00ff00");
    stage.wait_for_pixels("the damage and no more", |shown| {
        let filled = |x, y| (100..105).contains(&x) && (200..204).contains(&y);
        (0..480).all(|y| (0..640).all(|x| shown(x, y) == if filled(x, y) { 0x00_ff00 } else { pattern(x, y) }))
    });

    stage.tell("frozen 3");
    stage.wait_for_pixels("a dimmed picture", |shown| shown(639, 0) != pattern(639, 0) && shown(639, 0) != 0);
    stage.tell("live view,control 600");
    stage.wait_for_pixels("the picture again", |shown| shown(639, 0) == pattern(639, 0) && shown(0, 0) == 0xff_0000);
    stage.tell("over stopped");
    stage.expect_in_the_end("closed");
}

#[test]
fn keys_go_by_their_place_and_are_released_with_the_focus() {
    let stage = Stage::open(SIZE, &["640", "480", "fullscreen", "1:1"]);
    stage.tell("live view,control 600");
    stage.wait_for_focus();
    stage.screen.point(300, 200);
    stage.expect_in_the_end("300,200 Move");
    stage.screen.key(keycode::A, true);
    stage.expect("300,200 Key(Key(4), Down)");
    stage.screen.key(keycode::A, false);
    stage.expect("300,200 Key(Key(4), Up)");

    stage.screen.key(keycode::CONTROL, true);
    stage.expect("300,200 Key(Key(224), Down)");
    stage.screen.steal_focus();
    stage.expect("300,200 Key(Key(224), Up)");
    stage.screen.key(keycode::CONTROL, false);
    stage.tell("exit");
    stage.expect("closed");
}

#[test]
fn buttons_and_wheel_go_with_the_place() {
    let stage = Stage::open(SIZE, &["640", "480", "fullscreen", "1:1"]);
    stage.tell("live view,control 600");
    stage.wait_for_focus();
    stage.screen.point(639, 479);
    stage.expect_in_the_end("639,479 Move");
    for (number, name) in [(1, "Left"), (2, "Middle"), (3, "Right"), (8, "Back"), (9, "Forward")] {
        stage.screen.button(number, true);
        stage.expect(&format!("639,479 Button({name}, Down)"));
        stage.screen.button(number, false);
        stage.expect(&format!("639,479 Button({name}, Up)"));
    }
    for (number, turn) in [(4, "x: 0, y: -120"), (5, "x: 0, y: 120"), (6, "x: -120, y: 0"), (7, "x: 120, y: 0")] {
        stage.screen.button(number, true);
        stage.screen.button(number, false);
        stage.expect(&format!("639,479 Wheel {{ {turn} }}"));
    }
}

#[test]
fn nothing_is_sent_without_control() {
    let stage = Stage::open(SIZE, &["640", "480", "fullscreen", "1:1"]);
    stage.tell("live view 600");
    stage.wait_for_focus();
    stage.wait_for_pixels("the picture", |shown| shown(5, 5) == pattern(5, 5));
    stage.screen.point(20, 20);
    stage.screen.strike(keycode::A);
    stage.screen.strike(keycode::ESCAPE);
    stage.tell("live view,control 600");
    stage.tell("fill 0 0 1 1 123456");
    stage.wait_for_pixels("what came after the permission", |shown| shown(0, 0) == 0x12_3456);
    stage.screen.button(1, true);
    stage.expect_in_the_end("20,20 Button(Left, Down)");
    stage.tell("frozen 3");
    stage.expect("20,20 Button(Left, Up)");
    stage.wait_for_pixels("a dimmed picture", |shown| shown(639, 0) != pattern(639, 0));
    stage.screen.button(1, false);
    stage.screen.strike(keycode::A);
    stage.tell("live view,control 600");
    stage.wait_for_pixels("the picture", |shown| shown(639, 0) == pattern(639, 0));
    stage.screen.point(30, 20);
    stage.expect("30,20 Move");
}

#[test]
fn the_pointer_is_exact_when_the_picture_is_scaled() {
    let stage = Stage::open(SIZE, &["1280", "960", "fullscreen"]);
    stage.tell("live view,control 600");
    stage.wait_for_focus();
    stage.screen.point(100, 50);
    stage.expect_in_the_end("201,101 Move");
    stage.tell("size 200 150");
    stage.wait_for_pixels("squares of three", |shown| {
        shown(20, 15) == pattern(0, 0) && shown(22, 17) == pattern(0, 0) && shown(23, 17) == pattern(1, 0)
    });
    stage.screen.point(22, 18);
    stage.expect_in_the_end("0,1 Move");
    stage.screen.point(2, 2);
    stage.screen.point(619, 464);
    stage.expect("199,149 Move");
}

#[test]
fn the_window_has_the_shape_of_the_hosts_cursor() {
    let stage = Stage::open(SIZE, &["640", "480", "fullscreen", "1:1"]);
    stage.tell("live view,control 600");
    stage.tell("cursor 12 20 3 4 ff800080");
    stage.wait_for_focus();
    stage.screen.point(300, 200);
    wait_until("the host's cursor", || {
        let cursor = stage.screen.cursor();
        (cursor.width, cursor.height, cursor.xhot, cursor.yhot) == (12, 20, 3, 4)
            && cursor.cursor_image.iter().all(|pixel| *pixel == 0x8080_4000)
    });
    stage.tell("cursor hidden");
    wait_until("no cursor", || stage.screen.cursor().cursor_image.iter().all(|pixel| pixel >> 24 == 0));
}

#[test]
fn the_windows_own_keys_are_not_sent() {
    let stage = Stage::open(ROOM, &["800", "600", "controls"]);
    stage.tell("live view,control 600");
    stage.wait_for_focus();
    stage.wait_for_pixels("the picture in a window", |shown| shown(5, 7) == pattern(5, 7));
    stage.screen.point(20, 30);
    stage.expect_in_the_end("20,30 Move");
    stage.screen.key(keycode::CONTROL, true);
    stage.expect("20,30 Key(Key(224), Down)");
    stage.screen.key(keycode::ALT, true);
    stage.expect("20,30 Key(Key(226), Down)");
    stage.screen.strike(keycode::ENTER);
    stage.expect("20,30 Key(Key(224), Up)");
    stage.expect("20,30 Key(Key(226), Up)");
    stage.wait_for_pixels("the picture in the middle of the screen", |shown| shown(105, 57) == pattern(5, 7));
    stage.screen.strike(keycode::ENTER);
    stage.wait_for_pixels("the picture in a window", |shown| shown(5, 7) == pattern(5, 7));
    stage.screen.strike(keycode::HOME);
    stage.screen.strike(keycode::END);
    stage.expect_in_the_end("leave");
    stage.expect("closed");
}

#[test]
fn with_controls_the_end_is_read_before_the_window_closes() {
    let stage = Stage::open(ROOM, &["800", "600", "controls"]);
    stage.tell("over denied");
    stage.wait_for_focus();
    stage.screen.strike(keycode::ESCAPE);
    stage.expect("closed");
}

#[test]
fn a_large_picture_follows_the_pointer_at_the_edges() {
    let stage = Stage::open(SIZE, &["800", "600", "fullscreen", "1:1"]);
    stage.tell("live view,control 600");
    stage.wait_for_focus();
    stage.screen.point(320, 240);
    stage.screen.point(639, 479);
    stage.wait_for_pixels("the far corner", |shown| shown(639, 479) == pattern(799, 599));
    stage.expect_in_the_end("799,599 Move");
}

#[test]
fn without_a_display_the_reason_is_told() {
    let output = Stage::program().env_remove("DISPLAY").args(["640", "480"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.starts_with("no display to open the window on: set DISPLAY"), "{error}");
}
