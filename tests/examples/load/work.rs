//! What is done on the watched screen: a terminal that scrolls while somebody types, and a program that answers keys.

use crate::{server::SIZE, viewer::Seen};
use beside_protocol::frame::{Point, Rect};
use beside_test_displays::{LETTER, Screen};
use std::{
    thread,
    time::{Duration, Instant},
};

/// The letter A, as USB numbers keys.
pub(crate) const KEY: u16 = 0x04;

/// Where the number of the last painting is, and that of the last answer: a bit in each pixel.
pub(crate) const MARK: Rect = Rect::new(0, 0, 24, 1);
pub(crate) const ANSWER: Rect = Rect::new(0, 4, 24, 1);

/// The terminal, below the banner: 100 columns, 40 lines. (A scroll of the whole screen would measure how fast the viewers, which share
/// two cores here and would have ten machines or fifty, copy it.)
const TERMINAL: Rect = Rect::new(12, 96, 600, 13 * 40);
/// Where somebody types, and where answers to keys are written.
const TYPED: Point = Point { x: 12, y: 20 };
const ANSWERS: Point = Point { x: 12, y: 48 };
/// How many letters a line has there.
const LETTERS: u32 = 90;

/// What the terminal shows.
const TEXT: &str = "Nov 22 10:14:07 desk-12 systemd[1]: Started Session 4 of user anna. pid=2291 uid=1000 state=active \
                    tty=tty2 seat=seat0 type=wayland class=user scope=session-4.scope service=gdm-password leader=2291 cpu=0.7 \
                    memory=18.4M tasks=3 restart=0 watchdog=off";

/// Fills the terminal, then scrolls it by a line and types a letter `count` times, one each `period`; when each was begun.
pub(crate) fn scroll_and_type(screen: &Screen, first: u32, count: u32, period: Duration) -> Vec<Instant> {
    let lines = TERMINAL.height / LETTER.height;
    let below = |line: u32| Point { x: TERMINAL.x, y: TERMINAL.y + line * LETTER.height };
    if first == 1 {
        (0..lines).for_each(|line| screen.write(below(line), &text(line)));
    }
    let start = Instant::now();
    let paint = |step: u32| {
        thread::sleep((start + period * step).saturating_duration_since(Instant::now()));
        let begun = Instant::now();
        let kept = Rect { height: TERMINAL.height - LETTER.height, ..TERMINAL };
        screen.copy(Rect { y: kept.y + LETTER.height, ..kept }, Point { x: kept.x, y: kept.y });
        screen.write(below(lines - 1), &text(first + step + lines));
        screen.write(letter(TYPED, first + step), letter_of(first + step));
        mark(screen, MARK, first + step);
        begun
    };
    (0..count).map(paint).collect()
}

/// Answers each key that goes down with a letter, until the screen is no more.
pub(crate) fn answer_keys(screen: &Screen) {
    screen.take_keys();
    let name = screen.name().to_owned();
    let screen = Screen::connect(&name);
    screen.take_keys();
    thread::spawn(move || {
        for number in 1.. {
            if screen.next_key().is_none() {
                return;
            }
            screen.write(letter(ANSWERS, number), letter_of(number));
            mark(&screen, ANSWER, number);
        }
    });
}

/// For each painting that was seen, or a later one in its place: how late.
pub(crate) fn delays(painted: &[Instant], first: u32, seen: &[(u32, Instant)]) -> Vec<Duration> {
    (first..)
        .zip(painted)
        .filter_map(|(mark, at)| {
            let (_, shown) = seen.get(seen.partition_point(|(other, _)| *other < mark))?;
            Some(shown.saturating_duration_since(*at))
        })
        .collect()
}

/// How many of so many paintings were seen themselves.
pub(crate) fn count_seen(seen: &Seen, first: u32, count: u32) -> u64 {
    seen.marks.iter().filter(|(mark, _)| (first..first + count).contains(mark)).count() as u64
}

/// What is on the screen, once it no longer changes.
pub(crate) fn picture(screen: &Screen) -> Vec<u32> {
    screen.pixels(SIZE.rect())
}

fn mark(screen: &Screen, place: Rect, number: u32) {
    let pixels: Vec<u32> = (0..place.width).map(|bit| if number >> bit & 1 == 1 { 0x00ff_ffff } else { 0 }).collect();
    screen.put(place, &pixels);
}

fn letter(line: Point, number: u32) -> Point {
    Point { x: line.x + number % LETTERS * LETTER.width, y: line.y }
}

fn letter_of(number: u32) -> &'static str {
    let at = number as usize * 7 % TEXT.len();
    &TEXT[at..=at]
}

fn text(line: u32) -> String {
    let from = line as usize * 31 % TEXT.len();
    let mut text = format!("{line:6} {}{}", &TEXT[from..], &TEXT[..from]);
    text.truncate(30 + line as usize * 37 % 71);
    format!("{text:100}")
}
