//! What is hidden, with real windows on X servers of their own.

use beside_protocol::{
    frame::{Rect, Size, hatch},
    session::host::Focus,
};
use beside_test_displays::{Screen, wait_until};

use super::{
    X11,
    kit::{Inbox, Picture, environment},
};
use crate::capture::{Capture, Grab, Hiding};

const SIZE: Size = Size::new(640, 480);

/// What nobody may see, and what everybody may.
const SECRET: u32 = 0x00c0_ffee;
const OPEN: u32 = 0x0011_9922;

struct Bench {
    screen: Screen,
    x11: X11,
    picture: Picture,
}

impl Bench {
    fn hiding(rules: &[&str]) -> Self {
        let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Self::new(Hiding::new(rules, None))
    }

    fn showing(window: &str) -> Self {
        Self::new(Hiding::new(Vec::new(), Some(window.parse().unwrap())))
    }

    fn new(hiding: Hiding) -> Self {
        let screen = Screen::xvfb(SIZE);
        let x11 = X11::open(&environment(&screen), None, hiding, Inbox::new().notify()).unwrap();
        let picture = Picture::of(&x11);
        Self { screen, x11, picture }
    }

    /// Grabs until the picture is the screen's but for what is hidden, and what is hidden is this.
    fn settle(&mut self, hidden: &[Rect]) {
        let wanted = wanted(&self.screen, hidden);
        wait_until("the picture is what may be seen", || {
            self.picture.grab(&mut self.x11, Grab::Damaged);
            assert!(!self.has(SECRET));
            self.picture.pixels() == wanted
        });
    }

    fn has(&self, colour: u32) -> bool {
        self.picture.pixels().contains(&colour)
    }
}

/// What is on the screen, and the hatch at these places.
fn wanted(screen: &Screen, hidden: &[Rect]) -> Vec<u32> {
    let mut pixels = screen.pixels(SIZE.rect());
    for rect in hidden {
        for (x, y) in (rect.y..rect.bottom()).flat_map(|y| (rect.x..rect.right()).map(move |x| (x, y))) {
            pixels[(y * SIZE.width + x) as usize] = hatch(x, y);
        }
    }
    pixels
}

#[test]
fn a_window_that_moves_shows_nothing_of_itself() {
    let mut bench = Bench::hiding(&["class=Safe"]);
    let program = bench.screen.program();
    let window = program.open(Rect::new(20, 20, 120, 90), SECRET, "safe", "Safe");
    let to = |step: i32| (step * 37 % 500, step * 23 % 380);
    let frames = std::thread::scope(|scope| {
        let moving = scope.spawn(|| {
            (0..2_000).for_each(|step| {
                let (x, y) = to(step);
                program.move_window(window, x, y);
            })
        });
        let mut frames = 0;
        while !moving.is_finished() || frames < 200 {
            bench.picture.grab(&mut bench.x11, Grab::All);
            assert!(!bench.has(SECRET));
            frames += 1;
        }
        frames
    });
    assert!(frames >= 200);
    let (x, y) = to(1_999);
    bench.settle(&[Rect::new(x as u32, y as u32, 120, 90)]);
}

#[test]
fn what_a_hidden_program_opens_is_hidden_from_its_first_picture() {
    let mut bench = Bench::hiding(&["class=safe"]);
    let (program, other) = (bench.screen.program(), bench.screen.program());
    let first = Rect::new(10, 10, 50, 50);
    program.open(first, SECRET, "Safe", "");
    bench.settle(&[first]);
    let (menu, dialog, foreign) = (Rect::new(100, 10, 30, 80), Rect::new(200, 10, 30, 80), Rect::new(300, 10, 30, 80));
    let window = program.open(dialog, SECRET, "", "unlock");
    bench.settle(&[first, dialog]);
    program.open_menu(menu, SECRET, None);
    bench.settle(&[first, dialog, menu]);
    other.open_menu(foreign, SECRET, Some(window));
    bench.settle(&[first, dialog, menu, foreign]);
    assert_eq!(bench.picture.hidden.count, 4);
    // What covers it does not uncover it: what is in front may be clear.
    let cover = other.open(Rect::new(0, 0, 640, 480), OPEN, "other", "");
    bench.settle(&[first, dialog, menu, foreign]);
    other.close_window(cover);
    drop((program, other));
    bench.settle(&[]);
}

#[test]
fn a_title_that_comes_to_match_hides_from_then_on() {
    let mut bench = Bench::hiding(&["title=*bank*"]);
    let program = bench.screen.program();
    let (at, beside) = (Rect::new(40, 40, 100, 100), Rect::new(300, 40, 100, 100));
    let window = program.open(at, OPEN, "browser", "News");
    program.open(beside, OPEN + 1, "browser", "More news");
    bench.settle(&[]);
    program.retitle(window, "My Bank – Browser");
    bench.screen.fill(Rect::new(0, 0, 2, 2), 7);
    bench.settle(&[at]);
    program.retitle(window, "News again");
    bench.screen.fill(Rect::new(0, 0, 2, 2), 8);
    bench.settle(&[]);
    assert!(bench.has(OPEN));
}

#[test]
fn windows_that_come_and_go_do_not_break_it() {
    let mut bench = Bench::hiding(&["class=safe"]);
    std::thread::scope(|scope| {
        let coming = scope.spawn(|| {
            for step in 0..300 {
                let program = bench.screen.program();
                let window = program.open(Rect::new(step, step, 60, 40), SECRET, "safe", "");
                program.open_menu(Rect::new(step + 60, step, 60, 40), SECRET, Some(window));
            }
        });
        while !coming.is_finished() {
            bench.picture.grab(&mut bench.x11, Grab::All);
            assert!(!bench.picture.pixels().contains(&SECRET));
        }
    });
    bench.settle(&[]);
}

#[test]
fn of_one_window_only_it_and_its_menus_are_shown() {
    let mut bench = Bench::showing("class=editor");
    let (editor, other) = (bench.screen.program(), bench.screen.program());
    other.open(SIZE.rect(), SECRET, "desktop", "");
    let window = editor.open(Rect::new(100, 100, 200, 100), OPEN, "editor", "");
    editor.open_menu(Rect::new(250, 150, 100, 100), OPEN + 1, Some(window));
    let around = [
        Rect::new(0, 0, 640, 100),
        Rect::new(0, 100, 100, 380),
        Rect::new(300, 100, 340, 50),
        Rect::new(350, 150, 290, 100),
        Rect::new(100, 200, 150, 280),
        Rect::new(250, 250, 390, 230),
    ];
    bench.settle(&around);
    assert!(bench.has(OPEN) && bench.has(OPEN + 1));
    // In front of it, then behind it.
    let chat = Rect::new(110, 110, 40, 40);
    let above = other.open(chat, SECRET, "chat", "");
    let mut covered = around.to_vec();
    covered.push(chat);
    bench.settle(&covered);
    editor.raise(window);
    let mut raised = around.to_vec();
    raised.push(Rect::new(250, 150, 0, 0));
    bench.settle(&raised);
    other.raise(above);
    other.focus(above);
    bench.settle(&covered);
    assert_eq!(bench.picture.hidden.focus, Focus::Hidden);
    editor.focus(window);
    bench.screen.fill(Rect::new(0, 0, 2, 2), 7);
    editor.move_window(window, 101, 100);
    wait_until("the keyboard is seen to be in the window that is shown", || {
        bench.picture.grab(&mut bench.x11, Grab::All);
        bench.picture.hidden.focus == Focus::Shown
    });
}

#[test]
fn where_a_compositor_draws_what_was_hidden_stays_so_for_a_while() {
    let mut bench = Bench::hiding(&["class=safe"]);
    let program = bench.screen.program();
    bench.screen.claim_to_compose();
    let window = program.open(Rect::new(10, 10, 50, 50), SECRET, "safe", "");
    bench.picture.grab(&mut bench.x11, Grab::All);
    program.move_window(window, 210, 10);
    bench.picture.grab(&mut bench.x11, Grab::All);
    assert_eq!(bench.picture.hidden.region.bounds(), Some(Rect::new(10, 10, 250, 50)));
    wait_until("it is hidden where it is only", || {
        bench.picture.grab(&mut bench.x11, Grab::All);
        bench.picture.hidden.region == Rect::new(210, 10, 50, 50).into()
    });
    bench.settle(&[Rect::new(210, 10, 50, 50)]);
}

#[test]
fn rules_that_change_hide_and_show_at_once() {
    let mut bench = Bench::hiding(&["rect=500,400,900x900"]);
    let program = bench.screen.program();
    let (at, place) = (Rect::new(40, 40, 100, 100), Rect::new(500, 400, 140, 80));
    program.open(at, OPEN, "beside-question", "");
    bench.settle(&[place]);
    assert!(bench.has(OPEN));
    let chosen = Hiding::new(vec!["rect=500,400,900x900".parse().unwrap()], None);
    bench.x11.hide(chosen.clone().with_question());
    bench.picture.grab(&mut bench.x11, Grab::Damaged);
    assert_eq!(bench.picture.pixels(), wanted(&bench.screen, &[place, at]));
    bench.x11.hide(chosen);
    bench.picture.grab(&mut bench.x11, Grab::Damaged);
    assert_eq!(bench.picture.pixels(), wanted(&bench.screen, &[place]));
}
