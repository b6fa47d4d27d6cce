//! All windows in all languages: what can be seen of them, and what a screen reader reads.

mod access;
mod layout;

use super::{
    banner::{self, Banner, PanicHint, Rows},
    code::{self, Card},
    look,
    message::{Extra, LiveSession, NoCode, Offer, Summary},
    note::{self, Note, Others, Why},
    prompt::{self, Hint, Prompt},
    words::{Language, Words},
};
use crate::capture::{Display, OpenWindow, Scenery};
use beside_protocol::{
    frame::Rect,
    session::{
        Keying, check_words,
        host::{Kept, Used},
    },
    wire::{End, Fingerprint, PauseReason, Permission, Permissions, Proof, Purpose, Question, Request, Return, Who},
};
use egui::Ui;
use std::time::{Duration, Instant};

/// A window with something in it.
struct Scene {
    name: &'static str,
    width: f32,
    show: Box<dyn FnMut(&mut Ui)>,
}

const KEY: Fingerprint = Fingerprint([0xa5; 32]);

fn question(permissions: Permissions) -> Question {
    Question {
        purpose: Purpose::Session,
        officer: "Anna Berger, IT".into(),
        proof: Proof::Enrolled,
        key: KEY,
        check: check_words(&Keying::new([1; 32], [2; 32]), &KEY, &KEY),
        reason: "Ticket 4711: the printer on floor 3 does not print".into(),
        ticket: Some("INC 4711".into()),
        permissions,
        duration: Duration::from_secs(8 * 3600 - 60),
        returns: Return::Once,
        patience: Duration::from_secs(60),
    }
}

fn stranger() -> Question {
    let (officer, proof, returns) = (Who::Unknown(KEY), Proof::Code, Return::AskAgain);
    Question { officer, proof, returns, ..question(Permissions::VIEW) }
}

/// Somebody for whom an organisation vouches.
fn vouched() -> Question {
    let proof = Proof::Organisation { name: "Northern Lights Hospital Group".into() };
    Question {
        officer: "Anna Berger · Northern Lights Hospital Group".into(), proof, ..question(Permissions::CONTROL)
    }
}

/// More during a session, which somebody else would lose.
fn more(permissions: Permissions) -> Question {
    let purpose = Purpose::More { holder: Some("Ben Ito, IT".into()) };
    Question { purpose, duration: Duration::from_secs(300), ..question(permissions) }
}

/// Whether a session goes on.
fn again(permissions: Permissions) -> Question {
    Question { purpose: Purpose::Again { lasted: Duration::from_secs(1800) }, ..question(permissions) }
}

/// A question that has been on the screen since `now` less a second.
fn asked(question: Question, words: &Words, now: Instant) -> Prompt {
    let mut prompt = Prompt::new(1, question, Offer::Everything, words, now);
    prompt.painted(now - Duration::from_secs(1));
    prompt
}

fn live(officer: &str, permissions: Permissions) -> LiveSession {
    LiveSession {
        officer: officer.into(),
        permissions,
        ceiling: permissions,
        paused: None,
        seconds_left: 8 * 3600 - 60,
        standing: false,
        extra: None,
    }
}

/// All windows in their states, with what takes most room.
fn scenes(language: Language) -> Vec<Scene> {
    let now = Instant::now();
    let mut scenes = Vec::new();
    prompts(&mut scenes, language, now);
    pages(&mut scenes, language, now);
    banners(&mut scenes, language, now);
    let cards = [
        ("code", Card::Good { code: "123 456 789".parse().unwrap(), until: now + Duration::from_secs(299) }),
        ("code used", Card::Over(NoCode::Used)),
        ("code guessed", Card::Over(NoCode::Guessed)),
        ("code hidden", Card::Over(NoCode::Hidden)),
    ];
    for (name, card) in cards {
        let words = Words::new(language);
        let show = Box::new(move |ui: &mut Ui| {
            card.show(ui, &words, now);
        });
        scenes.push(Scene { name, width: code::WIDTH, show });
    }
    notes(&mut scenes, language, now);
    scenes
}

/// What became of a session.
fn summary(allowed: Permissions, added: Permissions, used: Used) -> Summary {
    Summary {
        officer: "Anna Berger, IT".into(),
        seconds: 12 * 60,
        allowed,
        added,
        used,
        standing: false,
        kept: Kept::Receipt,
    }
}

/// The note after a session about which all is to be said that there is, at the same time as others.
fn notes(scenes: &mut Vec<Scene>, language: Language, now: Instant) {
    let all = Summary {
        officer: Who::Unknown(KEY),
        seconds: 8 * 3600 - 60,
        standing: true,
        ..summary(Permissions::ALL, Permissions::ALL.without(Permission::View).without(Permission::Files), Used::No)
    };
    let why = Why::Session(End::Expired);
    let mut crowd = None;
    for _ in 0..5 {
        crowd = Some(Note::new(why, Some(all.clone()), Others::None, crowd, now));
    }
    let note = |why, summary| Note::new(why, summary, Others::None, None, now);
    let ended = [
        note(Why::Session(End::Incompatible), None),
        note(Why::Session(End::Unrecorded), None),
        note(Why::ServerEnded, None),
        note(why, Some(summary(Permissions::VIEW, Permissions::NONE, Used::No))),
        note(Why::Session(End::Unconfirmed), Some(all)),
    ];
    for note in ended.into_iter().chain(crowd) {
        let words = Words::new(language);
        let show = Box::new(move |ui: &mut Ui| note.show(ui, &words));
        scenes.push(Scene { name: "note", width: note::WIDTH, show });
    }
}

fn prompts(scenes: &mut Vec<Scene>, language: Language, now: Instant) {
    let long = Question { reason: "Lorem ipsum ".repeat(Request::MAX_REASON / 12), ..stranger() };
    let control = Permissions::CONTROL.with(Permission::Clipboard);
    let questions = [
        ("view", question(Permissions::VIEW), None),
        ("control", question(control), None),
        ("all", question(Permissions::ALL), None),
        ("ignored", question(Permissions::CONTROL), Some(Hint::NotFromHere)),
        ("blind", question(Permissions::CONTROL), Some(Hint::CannotTell)),
        ("vouched for", vouched(), None),
        ("control in the session", more(Permissions::NONE.with(Permission::Control)), None),
        ("more in the session", more(Permissions::ALL.without(Permission::View)), Some(Hint::NotFromHere)),
        ("go on", again(Permissions::ALL), None),
        (
            "stranger goes on",
            Question { proof: Proof::Code, officer: Who::Unknown(KEY), ..again(Permissions::VIEW) },
            None,
        ),
        ("stranger", stranger(), None),
        ("long stranger", long, Some(Hint::NotFromHere)),
    ];
    for (name, question, hint) in questions {
        let words = Words::new(language);
        let mut prompt = asked(question, &words, now);
        hint.into_iter().for_each(|hint| prompt.explain(hint));
        let show = Box::new(move |ui: &mut Ui| {
            prompt.show(ui, &words, now);
        });
        scenes.push(Scene { name, width: prompt::WIDTH, show });
    }
}

/// What is open on the user's screen.
fn scenery() -> Scenery {
    let window = |id, title: &str, program: &str| OpenWindow { id, title: title.into(), program: program.into() };
    let display =
        |number| Display { number, name: String::new(), rect: Rect::new(0, 0, 1920, 1080), scale: 1.0, primary: true };
    let windows = vec![window(7, "Invoice 2026-11", "Editor"), window(8, "Passwords", "KeePassXC")];
    Scenery { displays: vec![display(1), display(2)], windows }
}

/// The pages where the user chooses, which have the room that the question took.
fn pages(scenes: &mut Vec<Scene>, language: Language, now: Instant) {
    for (line, name) in (0..).zip(["time", "shown", "hidden", "restart"]) {
        let words = Words::new(language);
        let mut prompt = asked(question(Permissions::CONTROL), &words, now);
        prompt.set_scenery(scenery());
        prompt.turn_to(line);
        let show = Box::new(move |ui: &mut Ui| {
            ui.set_max_height(460.0);
            prompt.show(ui, &words, now);
        });
        scenes.push(Scene { name, width: prompt::WIDTH, show });
    }
}

fn banners(scenes: &mut Vec<Scene>, language: Language, now: Instant) {
    let control = live("Anna Berger, IT", Permissions::CONTROL);
    let paused = LiveSession { paused: Some(PauseReason::User), ..control.clone() };
    let unconfirmed = LiveSession { paused: Some(PauseReason::Unconfirmed), ..control.clone() };
    let added = Permissions::NONE.with(Permission::Control).with(Permission::Clipboard);
    let extra = Some(Extra { permissions: added, seconds_left: 299 });
    let states: [(&'static str, Vec<LiveSession>); 8] = [
        ("seen", vec![live("Anna Berger, IT", Permissions::VIEW)]),
        ("controlled", vec![control.clone()]),
        ("paused", vec![paused]),
        ("locked", vec![LiveSession { paused: Some(PauseReason::Locked), ..control.clone() }]),
        ("unconfirmed", vec![unconfirmed]),
        ("added", vec![LiveSession { extra, ..control.clone() }]),
        ("standing", vec![LiveSession { standing: true, ..control.clone() }]),
        ("many", vec![control.clone(), control.clone(), control.clone(), control]),
    ];
    for (name, sessions) in states {
        for works in [true, false] {
            let words = Words::new(language);
            let mut banner = Banner::default();
            for (number, session) in (1..).zip(&sessions) {
                banner.live(number, session, now);
            }
            let key = words.panic_key(&"ctrl+alt+pause".parse().unwrap());
            banner.set_panic_key(if works { PanicHint::Works(key) } else { PanicHint::Fails(key) });
            banner.set_rows(Rows::Shown);
            let show = Box::new(move |ui: &mut Ui| {
                banner.show(ui, &words, now);
            });
            scenes.push(Scene { name, width: banner::WIDTH, show });
        }
    }
    let words = Words::new(language);
    let mut banner = Banner::default();
    banner.suspended(1, "Anna Berger, IT".into(), now + Duration::from_secs(300));
    let show = Box::new(move |ui: &mut Ui| {
        banner.show(ui, &words, now);
    });
    scenes.push(Scene { name: "away", width: banner::WIDTH, show });
}
