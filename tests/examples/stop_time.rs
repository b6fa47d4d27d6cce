//! How long Stop and the panic key take while the server is wedged: `cargo run --release -p beside-tests --example
//! stop_time -- target/release/beside-server`. The server is this program again, stopped by SIGSTOP; the X server is an
//! Xvfb of its own.
#![cfg(target_os = "linux")]

use beside_protocol::{
    frame::{Point, Size},
    wire::{Action, Key, Permissions, Press},
};
use beside_server::desk::{AskedBy, Desk, Language, LiveSession, OnSilence, PanicKey, Settings, ToDesk};
use beside_test_displays::{Area, Held, Screen, keycode, wait_until};
use std::{
    env,
    error::Error,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

const STOP: Area = Area { colour: 0x00d0_2f2f, least: 2000 };
const ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [program] => measure(program),
        [role, program] if role == "server" => serve(program),
        _ => Err("the path of beside-server is needed".into()),
    }
}

fn measure(program: &str) -> Result<(), Box<dyn Error>> {
    let screen = Screen::xvfb(Size::new(1100, 800));
    for (name, stop) in [("Stop", click_stop as fn(&Screen)), ("panic key", press_panic_key)] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(once(&screen, program, stop)?);
        }
        for (what, at) in [("nothing held", 0), ("server ended", 1)] {
            let mut column: Vec<_> = times.iter().map(|pair| pair[at]).collect();
            column.sort_unstable();
            let millis = |place: usize| column[place].as_secs_f64() * 1e3;
            println!(
                "{name}: {what} after {:.1} ms (median), {:.1} ms (longest)",
                millis(ROUNDS / 2),
                millis(ROUNDS - 1)
            );
        }
    }
    Ok(())
}

/// From the press until nothing is held, and until the server is no more.
fn once(screen: &Screen, program: &str, stop: fn(&Screen)) -> Result<[Duration; 2], Box<dyn Error>> {
    let mut server = Command::new(env::current_exe()?);
    let mut server = server.args(["server", program]).env("DISPLAY", screen.name()).spawn()?;
    screen.wait_for(STOP);
    wait_until("Shift is down", || screen.held().keys == [keycode::SHIFT]);
    signal(&server, "STOP")?;
    let start = Instant::now();
    stop(screen);
    while screen.held() != Held::default() {
        thread::sleep(Duration::from_micros(200));
    }
    let released = start.elapsed();
    server.wait()?;
    let ended = start.elapsed();
    wait_until("no banner", || screen.find(STOP).is_none());
    Ok([released, ended])
}

fn click_stop(screen: &Screen) {
    screen.click(screen.wait_for(STOP));
}

fn press_panic_key(screen: &Screen) {
    let keys = [keycode::CONTROL, keycode::ALT, keycode::PAUSE];
    keys.iter().for_each(|&key| screen.key(key, true));
    keys.iter().rev().for_each(|&key| screen.key(key, false));
}

fn signal(process: &Child, name: &str) -> Result<(), Box<dyn Error>> {
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", process.id())]).status()?;
    if status.success() { Ok(()) } else { Err("kill failed".into()) }
}

/// A server that has granted control, whose officer holds Shift.
fn serve(program: &str) -> Result<(), Box<dyn Error>> {
    let settings = Settings {
        asked_by: AskedBy::Server,
        panic_key: PanicKey::default(),
        on_silence: OnSilence::EndServer,
        language: Language::English,
    };
    let desk = Desk::start(Command::new(program), &settings, |_| {})?;
    let live = LiveSession {
        officer: "Anna Berger".into(),
        permissions: Permissions::CONTROL,
        ceiling: Permissions::CONTROL,
        paused: None,
        seconds_left: 1800,
        standing: false,
        extra: None,
    };
    desk.tell(ToDesk::Live { session: 1, live })?;
    let shift = (Some(Point { x: 30, y: 300 }), Action::Key(Key(0xe1), Press::Down));
    desk.tell(ToDesk::Inject(postcard::to_stdvec(&shift)?))?;
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}
