//! The backend against X servers of its own.

use beside_protocol::frame::{Point, Rect, Size};
use beside_test_displays::Screen;

use super::{
    X11,
    kit::{Inbox, Picture, environment, scribble},
};
use crate::capture::{Capture, CaptureError, Grab, Grabbed, Hiding, Notice, Shape, Unavailable};

const WHOLE: Rect = Rect::new(0, 0, 640, 480);

struct Bench {
    screen: Screen,
    inbox: Inbox,
    x11: X11,
}

impl Bench {
    fn new() -> Self {
        Self::on(Screen::xvfb(WHOLE.size()))
    }

    fn on(screen: Screen) -> Self {
        let inbox = Inbox::new();
        let x11 = X11::open(&environment(&screen), None, Hiding::default(), inbox.notify()).unwrap();
        Self { screen, inbox, x11 }
    }
}

fn damaged(notice: &Notice) -> bool {
    *notice == Notice::Damaged
}

#[test]
fn first_picture_is_what_was_drawn() {
    let Bench { screen, inbox, mut x11 } = Bench::new();
    scribble(&screen, WHOLE.size());
    inbox.wait(damaged);
    let mut picture = Picture::of(&x11);
    picture.grab(&mut x11, Grab::Damaged);
    assert!(x11.images.is_shared());
    assert_eq!(picture.patched, [WHOLE]);
    assert_eq!(picture.pixels(), screen.pixels(WHOLE));
}

#[test]
fn only_damage_is_fetched() {
    let Bench { screen, inbox, mut x11 } = Bench::new();
    let mut picture = Picture::of(&x11);
    inbox.wait(damaged);
    picture.grab(&mut x11, Grab::All);
    let _ = inbox.arrived();

    screen.fill(Rect::new(70, 300, 5, 9), 0x00c0_ffee);
    inbox.wait(damaged);
    picture.grab(&mut x11, Grab::Damaged);
    assert_eq!(picture.patched, [Rect::new(64, 300, 64, 9)]);
    assert_eq!(picture.pixels(), screen.pixels(WHOLE));

    // Nothing new: nothing is fetched, and nothing was told.
    picture.grab(&mut x11, Grab::Damaged);
    assert_eq!(picture.patched, []);
    assert_eq!(inbox.arrived(), []);
}

#[test]
fn damage_during_grabs_is_not_lost() {
    let Bench { screen, inbox, mut x11 } = Bench::new();
    let mut picture = Picture::of(&x11);
    let drawn = std::thread::scope(|scope| {
        let drawing = scope.spawn(|| {
            (0..2_000).for_each(|step| screen.fill(Rect::new(step * 7 % 600, step * 13 % 460, 20, 20), step * 8_191));
            screen.pixels(WHOLE)
        });
        while !drawing.is_finished() {
            picture.grab(&mut x11, Grab::Damaged);
        }
        drawing.join().unwrap()
    });
    picture.follow(&mut x11, &inbox, &drawn);
}

#[test]
fn without_shared_memory_pixels_come_through_the_connection() {
    let Bench { screen, inbox, mut x11 } = Bench::new();
    x11.images = super::Images::new(&x11.session.conn, x11.session.format, WHOLE.size(), false);
    scribble(&screen, WHOLE.size());
    let mut picture = Picture::of(&x11);
    picture.grab(&mut x11, Grab::All);
    screen.fill(Rect::new(9, 9, 9, 9), 0x00ab_cdef);
    assert!(!x11.images.is_shared());
    picture.follow(&mut x11, &inbox, &screen.pixels(WHOLE));
}

#[test]
fn depth_16_is_converted() {
    let Bench { screen, inbox, mut x11 } = Bench::on(Screen::xvfb_of_depth(Size::new(641, 480), 16));
    screen.fill(Rect::new(0, 0, 641, 480), 0x0000);
    screen.fill(Rect::new(600, 10, 41, 1), 0xf81f);
    inbox.wait(damaged);
    let mut picture = Picture::of(&x11);
    picture.grab(&mut x11, Grab::All);
    let row = &picture.pixels()[10 * 641..11 * 641];
    assert!(row[..600].iter().all(|pixel| *pixel == 0) && row[600..].iter().all(|pixel| *pixel == 0x00ff_00ff));
}

#[test]
fn palettes_are_refused() {
    let screen = Screen::xvfb_of_depth(WHOLE.size(), 8);
    let error = X11::open(&environment(&screen), None, Hiding::default(), Inbox::new().notify()).unwrap_err();
    assert!(matches!(&error, Unavailable::Pixels(reason) if reason.contains("depth 8")), "{error}");
}

#[test]
fn a_dead_server_is_named() {
    let mut screen = Screen::xvfb(WHOLE.size());
    screen.kill_server();
    let error = X11::open(&environment(&screen), None, Hiding::default(), Inbox::new().notify()).unwrap_err();
    assert!(error.to_string().contains(&format!("the X server {}:", screen.name())), "{error}");
}

#[test]
fn one_display_is_captured_when_chosen() {
    let screen = Screen::xvfb(WHOLE.size());
    let inbox = Inbox::new();
    screen.split_monitors();
    let displays =
        X11::open(&environment(&screen), None, Hiding::default(), inbox.notify()).unwrap().displays().unwrap();
    let right = displays.iter().find(|display| display.name == "right").unwrap();
    assert_eq!(right.rect, Rect::new(320, 0, 320, 480));
    let inbox = Inbox::new();
    let mut x11 = X11::open(&environment(&screen), Some(right.number), Hiding::default(), inbox.notify()).unwrap();
    assert_eq!(x11.area(), right.rect);
    let mut picture = Picture::of(&x11);
    inbox.wait(damaged);
    picture.grab(&mut x11, Grab::All);

    // The one on the left is not seen; the other is, placed on the display.
    screen.fill(Rect::new(10, 10, 9, 9), 0x0011_2233);
    screen.fill(Rect::new(310, 20, 30, 9), 0x0044_5566);
    inbox.wait(damaged);
    picture.grab(&mut x11, Grab::Damaged);
    assert_eq!(picture.patched, [Rect::new(0, 20, 64, 9)]);
    assert_eq!(picture.pixels(), screen.pixels(right.rect));

    let missing = X11::open(&environment(&screen), Some(9), Hiding::default(), inbox.notify()).unwrap_err();
    assert_eq!(missing, Unavailable::NoSuchDisplay { number: 9, count: displays.len() });
}

#[test]
fn cursor_and_pointer_are_noticed() {
    let Bench { screen, inbox, mut x11 } = Bench::new();
    let before = x11.cursor().unwrap();
    screen.show_crosshair();
    inbox.wait(|notice| *notice == Notice::Cursor);
    let shape = x11.cursor().unwrap();
    assert_ne!(before, shape);
    let Shape::Image(shape) = shape else { panic!("the crosshair can be seen") };
    assert_eq!(shape.rgba.len(), shape.size.pixels() as usize * 4);
    // Red as it was asked for, without alpha beyond it.
    assert!(shape.rgba.as_chunks().0.contains(&[255, 0, 0, 255]));

    screen.point(123, 45);
    inbox.wait(|notice| *notice == Notice::Pointer);
    assert_eq!(x11.pointer().unwrap(), Some(Point { x: 123, y: 45 }));
}

#[test]
fn a_killed_server_is_lost() {
    let Bench { mut screen, inbox, mut x11 } = Bench::new();
    Picture::of(&x11).grab(&mut x11, Grab::All);
    screen.kill_server();
    inbox.wait(|notice| matches!(notice, Notice::Lost(_)));
    let error = x11.grab(Grab::All, &mut |_, _| panic!("a picture of a dead server")).unwrap_err();
    assert!(matches!(error, CaptureError::Lost(_)), "{error}");
    assert!(matches!(x11.cursor(), Err(CaptureError::Lost(_))));
    drop(x11);
    assert!(!inbox.arrived().iter().any(|notice| matches!(notice, Notice::Lost(_))), "told twice");
}

#[test]
fn dropping_is_no_loss() {
    let Bench { screen: _screen, inbox, x11 } = Bench::new();
    drop(x11);
    assert!(!inbox.arrived().iter().any(|notice| matches!(notice, Notice::Lost(_))));
}

#[test]
fn a_resized_screen_is_followed() {
    let outer = Screen::xvfb(Size::new(1024, 768));
    let Bench { screen, inbox, mut x11 } = Bench::on(Screen::xephyr(&outer, WHOLE.size()));
    Picture::of(&x11).grab(&mut x11, Grab::All);
    for size in [Size::new(500, 300), Size::new(900, 700)] {
        outer.resize_first_window(size);
        // The desktop is another when the notice comes, at the latest after the last of several.
        while x11.area().size() != size {
            inbox.wait(|notice| *notice == Notice::Resized);
            let mut handed_out = false;
            let grabbed = x11.grab(Grab::Damaged, &mut |_, _| handed_out = true).unwrap();
            assert!(grabbed == Grabbed::Picture || !handed_out);
        }
        scribble(&screen, size);
        let mut picture = Picture::of(&x11);
        picture.grab(&mut x11, Grab::Damaged);
        assert_eq!(picture.patched, [size.rect()]);
        picture.follow(&mut x11, &inbox, &screen.pixels(size.rect()));
    }
}

#[test]
fn a_screen_that_shrinks_unheard_is_measured_again() {
    let Bench { screen, mut x11, .. } = Bench::new();
    // As if the desktop had been larger until just now.
    x11.session.area = Rect::new(0, 0, 800, 600);
    let grabbed = x11.grab(Grab::All, &mut |_, _| panic!("pixels beyond the desktop")).unwrap();
    assert_eq!((grabbed, x11.area()), (Grabbed::Resized, WHOLE));
    let mut picture = Picture::of(&x11);
    picture.grab(&mut x11, Grab::Damaged);
    assert_eq!(picture.pixels(), screen.pixels(WHOLE));
}
