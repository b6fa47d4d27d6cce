//! Shows the banner in its states on the display of `DISPLAY`, one a line of stdin: `cargo run -p beside-server --example
//! banner -- target/debug/beside-server`.

use beside_protocol::wire::{End, PauseReason, Permission, Permissions};
use beside_server::desk::{AskedBy, Desk, Extra, Language, LiveSession, OnSilence, PanicKey, Settings, ToDesk};
use std::{error::Error, io, process::Command};

fn main() -> Result<(), Box<dyn Error>> {
    let program = std::env::args().nth(1).ok_or("the path of beside-server is needed")?;
    let settings = Settings {
        asked_by: AskedBy::Server,
        panic_key: PanicKey::default(),
        on_silence: OnSilence::Wait,
        language: Language::English,
    };
    let desk = Desk::start(Command::new(program), &settings, |event| println!("{event:?}"))?;
    let session = |officer: &str, permissions| LiveSession {
        officer: officer.into(),
        permissions,
        ceiling: permissions,
        paused: None,
        seconds_left: 1800,
        standing: false,
        extra: None,
    };
    let anna = session("Anna Berger", Permissions::CONTROL);
    let more = Permissions::CONTROL.with(Permission::Clipboard).with(Permission::Files);
    let live = |session, live| desk.tell(ToDesk::Live { session, live });
    for line in io::stdin().lines() {
        match line?.trim() {
            "view" => live(1, session("Anna Berger", Permissions::VIEW))?,
            "control" => live(1, anna.clone())?,
            "off" => live(1, LiveSession { permissions: Permissions::VIEW, ..anna.clone() })?,
            "paused" => live(1, LiveSession { paused: Some(PauseReason::User), ..anna.clone() })?,
            "standing" => live(1, LiveSession { standing: true, ..anna.clone() })?,
            "added" => {
                let permissions = Permissions::NONE.with(Permission::Control);
                live(1, LiveSession { extra: Some(Extra { permissions, seconds_left: 300 }), ..anna.clone() })?;
            }
            "unconfirmed" => live(1, LiveSession { paused: Some(PauseReason::Unconfirmed), ..anna.clone() })?,
            "more" => live(1, session("Anna Berger", more))?,
            "long" => live(1, session("Wilhelmina Featherstonehaugh-Cholmondeley", Permissions::CONTROL))?,
            "away" => desk.tell(ToDesk::Suspended { session: 1, officer: anna.officer.clone(), seconds_left: 300 })?,
            "two" => {
                live(2, LiveSession { permissions: Permissions::VIEW, ..session("Ben Ito", Permissions::CONTROL) })?;
            }
            "many" => (3..=5).try_for_each(|number| live(number, session("Chidi Okafor", Permissions::VIEW)))?,
            "end" => (1..=5).try_for_each(|number| {
                desk.tell(ToDesk::Ended { session: number, end: End::OfficerLeft, summary: None })
            })?,
            other => println!("{other:?} is none of them"),
        }
    }
    Ok(())
}
