//! When the question takes an answer, and which.

use super::*;
use crate::{
    capture::{OpenWindow, Scenery},
    desk::{
        stranger,
        words::{Language, Text},
    },
};
use beside_protocol::{
    session::{Keying, check_words},
    wire::{Fingerprint, Permission, Permissions, Return},
};
use egui::{Event, Modifiers, PointerButton, RawInput, pos2, vec2};
use egui_kittest::{Harness, kittest::Queryable};

const PATIENCE: Duration = Duration::from_secs(60);

fn english() -> Words {
    Words::new(Language::English)
}

fn prompt(now: Instant) -> Prompt {
    let question = Question {
        purpose: Purpose::Session,
        officer: "Anna Berger".into(),
        proof: Proof::Enrolled,
        key: Fingerprint([7; 32]),
        check: check_words(&Keying::new([1; 32], [2; 32]), &Fingerprint([7; 32]), &Fingerprint([8; 32])),
        reason: "ticket 4711".into(),
        ticket: None,
        permissions: Permissions::CONTROL.with(Permission::Files),
        duration: Duration::from_secs(1800),
        returns: Return::AskAgain,
        patience: PATIENCE,
    };
    Prompt::new(1, question, Offer::Everything, &english(), now)
}

fn is_no(answer: &Answer) -> bool {
    matches!(answer, Answer::Deny | Answer::Block)
}

/// Clicks at every place of the window once; returns the answers.
fn sweep(prompt: &mut Prompt, now: Instant) -> Vec<Answer> {
    let (context, words) = (egui::Context::default(), english());
    let screen = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDTH, 900.0));
    let mut answers = Vec::new();
    let places = (20..900).step_by(14).flat_map(|y| (20..580).step_by(40).map(move |x| (x as f32, y as f32)));
    for (x, y) in places {
        if x < 21.0 {
            // Wherever the clicks before have led.
            prompt.page = Page::Question;
        }
        let button = |pressed| Event::PointerButton {
            pos: pos2(x, y),
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        for event in [Event::PointerMoved(pos2(x, y)), button(true), button(false)] {
            let input = RawInput { screen_rect: Some(screen), events: vec![event], ..RawInput::default() };
            let _ = context.run_ui(input, |ui| answers.extend(prompt.show(ui, &words, now)));
        }
    }
    answers
}

#[test]
fn the_first_second_takes_no_answer_and_starts_anew_when_hidden() {
    let start = Instant::now();
    let mut prompt = prompt(start);
    assert!(sweep(&mut prompt, start + PATIENCE).is_empty(), "not shown yet");
    prompt.painted(start);
    assert!(sweep(&mut prompt, start + ASLEEP - Duration::from_millis(1)).is_empty());
    assert_eq!(prompt.choice.permissions, Permissions::VIEW, "switches sleep too");
    assert_eq!(prompt.page, Page::Question, "and so do the lines");
    assert!(prompt.is_awake(start + ASLEEP));
    prompt.hidden();
    prompt.painted(start);
    assert!(!prompt.is_awake(start + ASLEEP), "painted, but not in view");
    prompt.uncovered(start + ASLEEP);
    assert!(!prompt.is_awake(start + ASLEEP) && prompt.is_awake(start + 2 * ASLEEP));
}

#[test]
fn allow_grants_what_is_switched_on() {
    let start = Instant::now();
    let mut prompt = prompt(start);
    prompt.painted(start);
    prompt.choice.permissions = Permissions::CONTROL;
    let granted: Vec<_> = sweep(&mut prompt, start + ASLEEP).into_iter().filter(|answer| !is_no(answer)).collect();
    // The sweep may have pressed a switch before it reached Allow; view is on whatever it pressed.
    assert!(!granted.is_empty());
    for answer in granted {
        assert!(matches!(&answer, Answer::Grant(granted) if granted.permissions.has(Permission::View)), "{answer:?}");
    }
}

/// §B.4: no yes to somebody whom nobody knows without ten seconds and the word, wherever is clicked.
#[test]
fn a_stranger_takes_ten_seconds_and_a_word() {
    let start = Instant::now();
    let question = Question { proof: Proof::Code, permissions: Permissions::VIEW, ..prompt(start).question };
    let word = &english().say(Text::StrangerWord)[..];
    let ask = |word: Option<&str>| {
        let mut prompt = Prompt::new(1, question.clone(), Offer::Everything, &english(), start);
        prompt.painted(start);
        if let (Some(stranger), Some(word)) = (&mut prompt.stranger, word) {
            stranger.type_in(word);
        }
        prompt
    };
    let late = start + stranger::READING;
    let only_no = |answers: Vec<Answer>| !answers.is_empty() && answers.iter().all(is_no);
    assert!(only_no(sweep(&mut ask(None), late)), "without the word");
    assert!(only_no(sweep(&mut ask(Some("wrong")), late)));
    assert!(only_no(sweep(&mut ask(Some(word)), late - Duration::from_millis(1))), "too soon");
    let answers = sweep(&mut ask(Some(word)), late);
    assert!(
        answers
            .iter()
            .any(|answer| matches!(answer, Answer::GrantStranger(choice) if choice.permissions == Permissions::VIEW))
    );
    assert!(!answers.iter().any(|answer| matches!(answer, Answer::Grant(_))));
}

#[test]
fn where_presses_cannot_be_told_apart_nothing_can_be_allowed() {
    let start = Instant::now();
    let mut prompt = prompt(start);
    prompt.painted(start);
    prompt.explain(Hint::CannotTell);
    let answers = sweep(&mut prompt, start + ASLEEP);
    assert!(!answers.is_empty() && answers.iter().all(is_no));
}

fn scenery() -> Scenery {
    let window = |id, title: &str, program: &str| OpenWindow { id, title: title.into(), program: program.into() };
    let windows = vec![window(7, "Invoice", "Editor"), window(8, "Safe", "KeePassXC"), window(9, "More", "Editor")];
    Scenery { displays: Vec::new(), windows }
}

/// Presses these, one after the other, and then Allow to see.
fn allow_after(prompt: &mut Prompt, now: Instant, presses: &[&str]) -> Choice {
    let words = english();
    let mut answers = Vec::new();
    {
        let show = |ui: &mut egui::Ui| answers.extend(prompt.show(ui, &words, now));
        let mut harness = Harness::builder().with_size(vec2(WIDTH, 640.0)).build_ui(show);
        harness.run_steps(2);
        for label in presses.iter().chain(&["Allow to see"]) {
            harness.get_by_label(label).click();
            harness.run_steps(3);
        }
    }
    match answers.as_slice() {
        [Answer::Grant(choice)] => choice.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn time_scope_and_what_is_hidden_are_chosen_on_pages_of_their_own() {
    let start = Instant::now();
    let mut prompt = prompt(start);
    prompt.painted(start);
    prompt.set_scenery(scenery());
    let presses = [
        "For how long, at most: 30 minutes",
        "15 minutes",
        "Back",
        "What is shown: the whole screen",
        "only “Invoice” Editor",
        "Back",
        "What is hidden: nothing",
        "KeePassXC Safe",
        "Editor Invoice, More",
        "Editor Invoice, More",
        "Back",
        "What is hidden: 1 program",
        "Back",
    ];
    let choice = allow_after(&mut prompt, start + ASLEEP, &presses);
    let wanted = Choice {
        permissions: Permissions::VIEW,
        duration: Duration::from_secs(900),
        scope: Scope::Window(7),
        hide: BTreeSet::from(["KeePassXC".to_owned()]),
        returns: Return::AskAgain,
    };
    assert_eq!(choice, wanted);
}

#[test]
fn nothing_is_offered_beyond_what_is_asked_or_can_be_had() {
    let start = Instant::now();
    let question = Question { duration: Duration::from_secs(600), ..prompt(start).question };
    for (offer, lines) in [(Offer::Nothing, 1), (Offer::OneWindow, 2), (Offer::OneDisplay, 3), (Offer::Everything, 3)] {
        let mut prompt = Prompt::new(1, question.clone(), offer, &english(), start);
        prompt.painted(start);
        let words = english();
        let mut harness = Harness::builder().with_size(vec2(WIDTH, 640.0)).build_ui(|ui| {
            prompt.show(ui, &words, start + ASLEEP);
        });
        harness.run_steps(2);
        let rows = ["For how long", "What is shown", "What is hidden"];
        let seen: usize = rows.iter().map(|row| harness.query_all_by_label_contains(row).count()).sum();
        assert_eq!(seen, lines, "{offer:?}");
        harness.get_by_label("For how long, at most: 10 minutes").click();
        harness.run_steps(3);
        assert!(harness.query_by_label("15 minutes").is_none(), "more than asked");
        harness.get_by_label("10 minutes, as asked");
    }
}

/// A question where the user may let the officer come back.
fn returning(offer: Offer, now: Instant) -> Prompt {
    let question = Question { returns: Return::Once, ..prompt(now).question };
    let mut prompt = Prompt::new(1, question, offer, &english(), now);
    prompt.painted(now);
    prompt.set_scenery(scenery());
    prompt
}

#[test]
fn who_may_come_back_after_a_restart_has_to_be_said() {
    let start = Instant::now();
    let chosen = |presses: &[&str]| {
        let mut prompt = returning(Offer::Everything, start);
        allow_after(&mut prompt, start + ASLEEP, presses)
    };
    let page = ["After a restart: ask again", "They may come back once within 10 minutes, without asking", "Back"];
    assert_eq!(chosen(&[]).returns, Return::AskAgain, "nothing is chosen for the user");
    assert_eq!(chosen(&page).returns, Return::Once);
    let changed = [page[0], page[1], "They have to ask again", "Back", "After a restart: ask again", "Back"];
    assert_eq!(chosen(&changed).returns, Return::AskAgain);
    // What is picked of the screen would not be known after a restart.
    let hidden = ["What is hidden: nothing", "KeePassXC Safe", "Back", "After a restart: ask again"];
    assert_eq!(chosen(&[&page[..], &hidden].concat()).returns, Return::AskAgain);
    let alone = ["What is shown: the whole screen", "only “Invoice” Editor", "Back", "After a restart: ask again"];
    assert_eq!(chosen(&[&page[..], &alone].concat()).returns, Return::AskAgain);
}

#[test]
fn where_nobody_may_come_back_it_is_not_offered() {
    let start = Instant::now();
    let refused = prompt(start).question;
    let stranger = Question { proof: Proof::Code, permissions: Permissions::VIEW, ..refused.clone() };
    for (question, rows) in [(returning(Offer::Nothing, start).question, 1), (refused, 0), (stranger, 0)] {
        let mut prompt = Prompt::new(1, question, Offer::Nothing, &english(), start);
        prompt.painted(start);
        let words = english();
        let mut harness = Harness::builder().with_size(vec2(WIDTH, 640.0)).build_ui(|ui| {
            prompt.show(ui, &words, start + ASLEEP);
        });
        harness.run_steps(2);
        assert_eq!(harness.query_all_by_label_contains("After a restart").count(), rows);
    }
}

#[test]
fn only_watch_takes_all_else_away_and_block_is_a_no() {
    let start = Instant::now();
    let mut prompt = prompt(start);
    prompt.painted(start);
    prompt.choice.permissions = Permissions::CONTROL;
    assert_eq!(allow_after(&mut prompt, start + ASLEEP, &["Only watch"]).permissions, Permissions::VIEW);
    let answers = sweep(&mut prompt, start + ASLEEP);
    assert!(answers.contains(&Answer::Block));
}

#[test]
fn on_the_pages_nothing_can_be_allowed() {
    let start = Instant::now();
    for page in [Page::Time, Page::Shown, Page::Hidden, Page::Restart] {
        let mut prompt = prompt(start);
        prompt.painted(start);
        prompt.set_scenery(scenery());
        prompt.page = page;
        let words = english();
        let harness = Harness::builder().with_size(vec2(WIDTH, 640.0)).build_ui(|ui| {
            prompt.show(ui, &words, start + ASLEEP);
        });
        assert_eq!(harness.query_all_by_label_contains("Allow").count(), 0, "{page:?}");
        harness.get_by_label("Deny");
    }
}

/// A question about Anna's session, which is on.
fn during(purpose: Purpose, permissions: Permissions, now: Instant) -> Prompt {
    let duration = Duration::from_secs(300);
    let mut prompt = Prompt::new(
        1,
        Question { purpose, permissions, duration, ..prompt(now).question },
        Offer::Everything,
        &english(),
        now,
    );
    prompt.painted(now);
    prompt
}

#[test]
fn a_question_during_a_session_is_about_one_thing_and_has_nothing_to_choose() {
    let start = Instant::now();
    let control = Permissions::NONE.with(Permission::Control);
    let lasted = Duration::from_secs(1800);
    for (purpose, permissions, yes, no) in [
        (Purpose::More { holder: Some("Ben Ito".into()) }, control, "Allow", "Deny"),
        (Purpose::Again { lasted }, Permissions::CONTROL, "Go on", "End it"),
    ] {
        let mut prompt = during(purpose, permissions, start);
        assert!(!prompt.offers_scenery());
        let words = english();
        let mut answers = Vec::new();
        let show = |ui: &mut egui::Ui| answers.extend(prompt.show(ui, &words, start + ASLEEP));
        let mut harness = Harness::builder().with_size(vec2(WIDTH, 640.0)).build_ui(show);
        harness.run_steps(2);
        for choice in ["For how long", "What is shown", "What is hidden", "After a restart", "Only watch", "ask again"]
        {
            assert_eq!(harness.query_all_by_label_contains(choice).count(), 0, "{choice}");
        }
        harness.get_by_label(no);
        harness.get_by_label(yes).click();
        harness.run_steps(3);
        drop(harness);
        let (duration, scope, hide) = (Duration::from_secs(300), Scope::Whole, BTreeSet::new());
        let all = Choice { permissions, duration, scope, hide, returns: Return::AskAgain };
        assert_eq!(answers, [Answer::Grant(all)]);
        let answers = sweep(&mut prompt, start + ASLEEP);
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Deny | Answer::Grant(_))), "{answers:?}");
    }
}

#[test]
fn a_stranger_who_is_there_goes_on_without_the_word() {
    let start = Instant::now();
    let asked = during(Purpose::Again { lasted: Duration::from_secs(1800) }, Permissions::VIEW, start).question;
    let question = Question { proof: Proof::Code, ..asked };
    let mut prompt = Prompt::new(1, question, Offer::Everything, &english(), start);
    prompt.painted(start);
    assert!(sweep(&mut prompt, start + ASLEEP).iter().any(|answer| matches!(answer, Answer::Grant(_))));
}
