//! What a screen reader reads, and what it may do.

use super::*;
use crate::desk::{
    banner::Action as BannerAction,
    message::{Answer, Choice},
    reader::{self, Asked},
};
use egui::{
    Event, Key, RawInput, Rect,
    accesskit::{Action, ActionRequest, Live, NodeId, Role, TreeId},
    pos2, vec2,
};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};

/// A window as a screen reader has it.
fn read<'a>(width: f32, show: impl FnMut(&mut Ui) + 'a) -> Harness<'a> {
    let mut harness = Harness::builder().with_size(vec2(width, 700.0)).build_ui(show);
    look::apply(&harness.ctx);
    harness.run_steps(2);
    harness
}

/// All that is read, in its order.
fn text_of(harness: &Harness<'_>) -> String {
    let name = |node: egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        node.label().or_else(|| node.value())
    };
    harness.root().children_recursive().filter_map(name).collect::<Vec<_>>().join("\n")
}

/// Whether these come one after the other.
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { panic!("{part:?} is not read, or too early:\n{text}") };
        rest = after;
    }
}

#[test]
fn every_control_of_every_window_has_a_name() {
    for language in Language::ALL {
        for Scene { name, width, show } in scenes(language) {
            let harness = read(width, show);
            let mut controls = 0;
            for node in harness.root().children_recursive() {
                let node = node.accesskit_node();
                if matches!(node.role(), Role::Button | Role::CheckBox | Role::TextInput | Role::RadioButton) {
                    controls += 1;
                    assert!(node.label().is_some_and(|label| !label.trim().is_empty()), "{language}, {name}: {node:?}");
                }
            }
            assert!(controls > 0 || name == "note", "{language}, {name}");
        }
    }
}

#[test]
fn the_question_says_who_why_what_how_long_and_how_to_stop() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut prompt = asked(question(Permissions::CONTROL), &words, now);
    let harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    let parts = [
        "Anna Berger, IT asks to control this computer",
        "pizza coffee harvest ensure fog spot",
        "the printer on floor 3 does not print",
        "Use your keyboard and mouse",
        "7 hours 59 minutes",
        "No answer within 60 seconds means no.",
        "Deny",
        "Allow to see",
        "a Stop button stays on your screen",
    ];
    in_order(&text_of(&harness), &parts);
    harness.get_by_role_and_label(Role::Heading, parts[0]);
    harness.get_by_role_and_label(Role::CheckBox, "Use your keyboard and mouse");
    harness.get_by_role_and_label(Role::Button, "Deny");
    harness.get_by_role_and_label(Role::Button, "Allow to see");
}

#[test]
fn a_question_for_more_says_from_whom_control_goes_and_for_how_long() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut prompt = asked(more(Permissions::NONE.with(Permission::Control)), &words, now);
    let harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    let parts = [
        "Anna Berger, IT asks to control this computer",
        "pizza coffee harvest ensure fog spot",
        "the printer on floor 3 does not print",
        "Allow adds this for 5 minutes, then it ends by itself:",
        "Use your keyboard and mouse",
        "Control goes from Ben Ito, IT to Anna Berger, IT.",
        "No answer within 60 seconds means no.",
        "Deny",
        "Allow",
        "a Stop button stays on your screen",
    ];
    in_order(&text_of(&harness), &parts);
    harness.get_by_role_and_label(Role::Heading, parts[0]);
    harness.get_by_role_and_label(Role::Button, "Allow");
}

#[test]
fn asking_again_says_how_long_it_has_been_and_what_silence_does() {
    let (now, words) = (Instant::now(), Words::new(Language::German));
    let mut prompt = asked(again(Permissions::CONTROL), &words, now);
    let harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    let parts = [
        "Anna Berger, IT hilft Ihnen seit 30 Minuten. Weiter?",
        "endet es spätestens in 7 Stunden 59 Minuten",
        "Ihre Tastatur und Maus benutzen",
        "Ohne Antwort in 60 Sekunden beginnt eine Pause",
        "Beenden",
        "Weiter",
    ];
    in_order(&text_of(&harness), &parts);
    harness.get_by_role_and_label(Role::Heading, parts[0]);
    harness.get_by_role_and_label(Role::Button, "Beenden");
}

#[test]
fn who_vouches_is_read_after_the_name() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut prompt = asked(vouched(), &words, now);
    let harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    let parts = [
        "Anna Berger · Northern Lights Hospital Group asks to control this computer",
        "Vouched for by Northern Lights Hospital Group, which you allowed",
        "Check words",
    ];
    in_order(&text_of(&harness), &parts);
    assert!(!text_of(&harness).contains("Known here by this key"));
}

#[test]
fn the_warning_is_read_before_all_else_and_the_field_says_what_to_type() {
    let (now, words) = (Instant::now(), Words::new(Language::German));
    let mut prompt = asked(stranger(), &words, now);
    let harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    let parts = ["bürgt für diese Person", "Geld", "Eine unbekannte Person", "„fremd“", "Ablehnen"];
    in_order(&text_of(&harness), &parts);
    harness.get_by_role_and_label(
        Role::TextInput,
        "Wenn Sie selbst dort angerufen haben, tippen Sie hier das Wort „fremd“:",
    );
}

#[test]
fn banner_code_and_note_are_read() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut banner = Banner::default();
    banner.live(1, &live("Anna Berger, IT", Permissions::CONTROL), now);
    let harness = read(banner::WIDTH, |ui| {
        banner.show(ui, &words, now);
    });
    in_order(&text_of(&harness), &["Control: Anna Berger, IT", "can control your computer", "7 hours 59 minutes left"]);
    harness.get_by_role_and_label(Role::Button, "Stop");
    harness.get_by_role_and_label(Role::Button, "Pause");
    let card = Card::Good { code: "123 456 789".parse().unwrap(), until: now + Duration::from_secs(61) };
    let harness = read(code::WIDTH, |ui| {
        card.show(ui, &words, now);
    });
    in_order(&text_of(&harness), &["Your code", "123 456 789", "1:01 more", "called yourself", "New code", "Close"]);
    let note = Note::new(Why::Session(End::Expired), None, Others::None, None, now);
    let harness = read(note::WIDTH, |ui| note.show(ui, &words));
    in_order(&text_of(&harness), &["Session ended", "The time that you allowed is over.", "Nobody sees your screen"]);
}

/// What is read of a note about one session.
fn note_about(summary: Summary, language: Language) -> String {
    let (now, words) = (Instant::now(), Words::new(language));
    let note = Note::new(Why::Session(End::OfficerLeft), Some(summary), Others::None, None, now);
    text_of(&read(note::WIDTH, |ui| note.show(ui, &words)))
}

#[test]
fn the_note_says_who_was_there_how_long_and_what_they_did() {
    let control = Permissions::NONE.with(Permission::Control);
    let parts = [
        "Session ended",
        "The helper has left.",
        "Anna Berger, IT was here for 12 minutes and used your keyboard or mouse.",
        "You allowed for a while: Control.",
        "A receipt is kept on this computer.",
        "Nobody sees your screen any more.",
    ];
    in_order(&note_about(summary(Permissions::CONTROL, control, Used::Yes), Language::English), &parts);
    let (view, none) = (Permissions::VIEW, Permissions::NONE);
    let said = note_about(Summary { seconds: 1, ..summary(view, none, Used::No) }, Language::English);
    in_order(&said, &["was here for 1 second and could see your screen."]);
    assert!(!said.contains("allowed") && !said.contains("keyboard"), "{said}");
    let lost = Summary { kept: Kept::Nothing, ..summary(Permissions::CONTROL, none, Used::No) };
    let said = note_about(lost, Language::English);
    in_order(&said, &["could use your keyboard and mouse, but did not."]);
    assert!(!said.contains("receipt"), "{said}");
    let files = Permissions::CONTROL.with(Permission::Files);
    let standing = Summary { seconds: 61, standing: true, ..summary(files, none, Used::Yes) };
    let parts = ["2 Minuten da und hat", "Außerdem haben Sie erlaubt: Dateien.", "nicht gefragt", "Eine Quittung"];
    in_order(&note_about(standing.clone(), Language::German), &parts);
    let parts = ["pendant 2 minutes et a utilisé", "Vous avez aussi accordé : ", "Un reçu est"];
    in_order(&note_about(standing, Language::French), &parts);
}

#[test]
fn the_note_is_read_out_when_it_appears_and_stays_as_long_as_there_is_to_read() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let end = Why::Session(End::Stopped);
    let summary = summary(Permissions::CONTROL, Permissions::NONE, Used::Yes);
    let note = Note::new(end, Some(summary.clone()), Others::None, None, now);
    let harness = read(note::WIDTH, |ui| note.show(ui, &words));
    let said = |node: &egui_kittest::Node<'_>| node.accesskit_node().live() == Live::Polite;
    assert_eq!(harness.root().children_recursive().filter(said).count(), 2, "the heading and who was there");
    drop(harness);
    let short = Note::new(end, None, Others::None, None, now);
    assert!(short.until() >= now + Duration::from_secs(8) && note.until() >= now + Duration::from_secs(20));
    // Two that end at once: neither is lost, and the reason is said once.
    let other = Summary { officer: "Ben Ito".into(), ..summary };
    let until = note.until();
    let both = Note::new(end, Some(other), Others::None, Some(note), now);
    assert!(both.until() > until);
    let said = text_of(&read(note::WIDTH, |ui| both.show(ui, &words)));
    in_order(&said, &["You stopped it.", "Ben Ito was here", "Anna Berger, IT was here", "2 receipts are kept"]);
    assert_eq!(said.matches("You stopped it.").count(), 1);
    // What has been there long enough is not told again.
    let late = Note::new(end, None, Others::None, Some(both), now + Duration::from_secs(3600));
    assert!(!text_of(&read(note::WIDTH, |ui| late.show(ui, &words))).contains("was here"));
}

#[test]
fn tab_goes_to_deny_first() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut prompt = asked(question(Permissions::ALL), &words, now);
    let mut harness = read(prompt::WIDTH, |ui| {
        prompt.show(ui, &words, now);
    });
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(harness.get_by_label("Deny").is_focused());
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert!(harness.get_by_label("Allow to see").is_focused());
}

/// All that a screen reader can ask of a control.
const ACTIONS: [Action; 12] = [
    Action::Click,
    Action::Focus,
    Action::Blur,
    Action::Expand,
    Action::Collapse,
    Action::Increment,
    Action::Decrement,
    Action::SetValue,
    Action::ReplaceSelectedText,
    Action::SetTextSelection,
    Action::CustomAction,
    Action::ScrollIntoView,
];

/// Asks each control for everything, as [`reader::Reader`] passes it on; returns what came of it.
fn besiege<T>(width: f32, mut show: impl FnMut(&mut Ui) -> Option<T>) -> Vec<T> {
    let context = egui::Context::default();
    context.enable_accesskit();
    let mut happened = Vec::new();
    let mut pass = |events: Vec<Event>, press: Option<NodeId>| {
        reader::press(&context, press);
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 700.0)));
        let input = RawInput { screen_rect, events, focused: true, ..RawInput::default() };
        let output = context.run_ui(input, |ui| happened.extend(show(ui)));
        output.platform_output.accesskit_update.expect("a tree").nodes
    };
    pass(Vec::new(), None);
    let controls: Vec<_> = pass(Vec::new(), None).into_iter().map(|(id, _)| id).collect();
    for action in ACTIONS {
        for &target_node in &controls {
            let request = ActionRequest { action, target_tree: TreeId::ROOT, target_node, data: None };
            match reader::asked(&request) {
                Asked::Focus => drop(pass(vec![Event::AccessKitActionRequest(request)], None)),
                Asked::Press => drop(pass(Vec::new(), Some(target_node))),
                Asked::Nothing => {}
            }
            pass(Vec::new(), None);
        }
    }
    happened
}

#[test]
fn a_screen_reader_may_deny_and_stop_but_give_nothing() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    for question in [question(Permissions::ALL), stranger(), more(Permissions::ALL), again(Permissions::ALL)] {
        let mut prompt = asked(question, &words, now - Duration::from_secs(20));
        prompt.type_in();
        let answers = besiege(prompt::WIDTH, |ui| prompt.show(ui, &words, now));
        assert!(
            !answers.is_empty() && answers.iter().all(|answer| matches!(answer, Answer::Deny | Answer::Block)),
            "{answers:?}"
        );
        let untouched = asked(prompt.question().clone(), &words, now).choice().clone();
        assert_eq!(*prompt.choice(), untouched, "something was chosen");
        for line in 0..4 {
            prompt.set_scenery(scenery());
            prompt.turn_to(line);
            let answers = besiege(prompt::WIDTH, |ui| prompt.show(ui, &words, now));
            assert!(answers.iter().all(|answer| matches!(answer, Answer::Deny | Answer::Block)), "{answers:?}");
            let Choice { permissions, duration, scope, returns, .. } = prompt.choice().clone();
            let before = (untouched.permissions, untouched.duration, untouched.scope, untouched.returns);
            assert_eq!((permissions, duration, scope, returns), before);
        }
    }
    let shown = live("Anna", Permissions::VIEW);
    let shown = LiveSession { ceiling: Permissions::ALL, ..shown };
    for paused in [None, Some(PauseReason::User)] {
        let mut banner = Banner::default();
        banner.live(1, &LiveSession { paused, ..shown.clone() }, now);
        let actions = besiege(banner::WIDTH, |ui| banner.show(ui, &words, now).action);
        assert!(actions.contains(&BannerAction::Stop));
        assert!(!actions.iter().any(|action| action.gives()), "{actions:?}");
    }
    let over = Card::Over(NoCode::Used);
    let pressed = besiege(code::WIDTH, |ui| over.show(ui, &words, now));
    assert!(!pressed.is_empty() && pressed.iter().all(|press| *press == code::Press::Close), "{pressed:?}");
}

#[test]
fn after_a_program_has_moved_the_focus_the_keyboard_answers_nothing() {
    let (now, words) = (Instant::now(), Words::new(Language::English));
    let mut prompt = asked(question(Permissions::VIEW), &words, now);
    prompt.tab();
    assert!(prompt.keyboard_answers());
    prompt.focus_moved();
    assert!(!prompt.keyboard_answers());
}
