//! Every language says everything, with the same arguments; plurals and times are right.

use super::*;
use beside_protocol::wire::Fingerprint;
use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use std::collections::{BTreeMap, BTreeSet};

/// The messages of a file, and the names of the arguments of each.
fn messages(language: Language) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let file = parser::parse(language.messages()).unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
    let mut found = BTreeMap::new();
    for entry in file.body {
        if let Entry::Message(message) = entry {
            let mut names = BTreeSet::new();
            collect(&message.value.expect("a text"), &mut names);
            assert!(found.insert(message.id.name, names).is_none(), "{language}: {} is there twice", message.id.name);
        }
    }
    found
}

fn collect<'a>(pattern: &Pattern<&'a str>, names: &mut BTreeSet<&'a str>) {
    let mut inline = |expression: &InlineExpression<&'a str>| match expression {
        InlineExpression::VariableReference { id } => drop(names.insert(id.name)),
        other => panic!("{other:?} is more than the messages need"),
    };
    let mut below = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(expression) } => inline(expression),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                inline(selector);
                below.extend(variants.iter().map(|variant| &variant.value));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    below.into_iter().for_each(|pattern| collect(pattern, names));
}

#[test]
fn every_language_has_every_message_with_the_same_arguments() {
    let named: BTreeSet<_> = Text::ALL.iter().map(|text| text.key()).collect();
    let english = messages(Language::English);
    assert_eq!(english.keys().copied().collect::<BTreeSet<_>>(), named, "no message too many or too few");
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{language}");
        let words = Words::new(language);
        for text in Text::ALL {
            let arguments = english[text.key()].iter().map(|name| (*name, FluentValue::from(2)));
            assert!(!words.tell(*text, arguments).is_empty(), "{language}: {}", text.key());
        }
    }
}

#[test]
fn times_are_whole_minutes_rounded_up_with_the_plurals_of_the_language() {
    let times = |language| {
        let words = Words::new(language);
        [0, 1, 61, 3600, 8000].map(|seconds| words.time(Duration::from_secs(seconds)))
    };
    assert_eq!(times(Language::English), ["0 minutes", "1 minute", "2 minutes", "1 hour", "2 hours 14 minutes"]);
    assert_eq!(times(Language::German), ["0 Minuten", "1 Minute", "2 Minuten", "1 Stunde", "2 Stunden 14 Minuten"]);
    assert_eq!(times(Language::French), ["0 minute", "1 minute", "2 minutes", "1 heure", "2 heures 14 minutes"]);
    let english = Words::new(Language::English);
    assert_eq!(english.time(Duration::from_millis(60_001)), "2 minutes");
    let spans = [1, 59, 60].map(|seconds| english.span(Duration::from_secs(seconds)));
    assert_eq!(spans, ["1 second", "59 seconds", "1 minute"]);
}

#[test]
fn names_and_keys_are_the_language_s() {
    let german = Words::new(Language::German);
    assert_eq!(german.panic_key(&"ctrl+shift+x".parse().unwrap()), "Strg+Umschalt+X");
    assert_eq!(german.who(&"Anna Berger".into()), "Anna Berger");
    assert_eq!(german.who(&Who::Unknown(Fingerprint([0xa5; 32]))), "Unbekannte Person (pizza coffee)");
}

#[test]
fn the_word_to_type_can_be_typed_on_any_keyboard() {
    for language in Language::ALL {
        let word = Words::new(language).say(Text::StrangerWord);
        assert!(word.len() > 4 && word.chars().all(|c| c.is_ascii_lowercase()), "{word}");
    }
}
