//! The catalogue is whole: the same messages, with the same values, in every language, and each of
//! them is said somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Resource};
use fluent_syntax::parser;

use fluent_bundle::FluentArgs;

use super::*;
use crate::catalogue::{LOGIN, Part};

fn parts() -> impl Iterator<Item = &'static Part> {
    LOGIN.iter().chain(DIALOG).chain(TOOL)
}

/// The messages of a text, each with the values that it has places for.
fn messages(text: &'static str) -> BTreeMap<String, BTreeSet<String>> {
    let resource: Resource<&str> = parser::parse(text).expect("the text is Fluent");
    let names = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message.id.name.to_owned()),
        _ => None,
    });
    let mut all = BTreeMap::new();
    for name in names {
        let from = text
            .find(&format!("\n{name} ="))
            .or_else(|| text.starts_with(&format!("{name} =")).then_some(0));
        let rest = &text[from.expect("names begin a line") + 1..];
        let end = rest
            .match_indices('\n')
            .map(|(at, _)| at)
            .find(|at| {
                rest[at + 1..]
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_ascii_alphabetic() || c == '#')
            })
            .unwrap_or(rest.len());
        let values = rest[..end]
            .split('$')
            .skip(1)
            .map(|it| {
                it.chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
                    .collect()
            })
            .collect();
        assert!(
            all.insert(name.clone(), values).is_none(),
            "{name} is there twice"
        );
    }
    all
}

#[test]
fn no_message_is_missing_in_either_language_and_their_values_are_the_same() {
    let mut seen = BTreeSet::new();
    for part in parts() {
        let (english, french) = (messages(part.english), messages(part.french));
        assert_eq!(english, french);
        for name in english.into_keys() {
            assert!(seen.insert(name.clone()), "{name} is in two parts");
        }
    }
}

#[test]
fn everything_that_is_said_is_in_the_catalogue_and_nothing_else_is() {
    let sources = sources();
    let known: BTreeSet<String> = parts()
        .flat_map(|part| messages(part.english).into_keys())
        .collect();
    let said: BTreeSet<String> = calls(&sources).into_iter().map(|(name, _)| name).collect();
    let missing: Vec<_> = said.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "said, but not in the catalogue: {missing:?}"
    );
    let unused: Vec<_> = known
        .iter()
        .filter(|name| !name.starts_with("help") && !sources.contains(&format!("\"{name}\"")))
        .collect();
    assert!(
        unused.is_empty(),
        "in the catalogue, but never said: {unused:?}"
    );
}

#[test]
fn each_message_is_given_the_values_that_it_has_places_for() {
    let known: BTreeMap<String, BTreeSet<String>> =
        parts().flat_map(|part| messages(part.english)).collect();
    for (name, values) in calls(&sources()) {
        if let Some(places) = known.get(&name) {
            assert_eq!(&values, places, "{name}");
        }
    }
}

/// The sources of what speaks, without comments.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = String::new();
    for part in ["tool/src", "pam-module/src", "daemon/src"] {
        gather(&root.join(part), &mut sources);
    }
    let lines = sources
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Each `say!(words, "name", "key" = …)` and `tell!("name", "key" = …)`, with its keys.
fn calls(sources: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut calls = Vec::new();
    for call in ["say!(", "tell!("] {
        for rest in sources.split(call).skip(1) {
            // Inside quotes stand the name, the keys, and texts that are values.
            let (mut depth, mut quoted, mut strings) = (1, None, Vec::new());
            for (at, c) in rest.char_indices() {
                match (c, quoted) {
                    ('"', None) => quoted = Some(at + 1),
                    ('"', Some(from)) => {
                        strings.push((&rest[from..at], &rest[at + 1..]));
                        quoted = None;
                    }
                    ('(', None) => depth += 1,
                    (')', None) => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            let Some((name, _)) = strings.first() else {
                continue;
            };
            let keys = strings
                .iter()
                .skip(1)
                .filter(|(_, behind)| behind.starts_with(" = "))
                .map(|(key, _)| (*key).to_owned());
            calls.push(((*name).to_owned(), keys.collect()));
        }
    }
    calls
}

fn gather(dir: &Path, into: &mut String) {
    for entry in fs::read_dir(dir).expect("the sources are beside the catalogue") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            gather(&path, into);
        } else if path.extension().is_some_and(|it| it == "rs") {
            into.push_str(&fs::read_to_string(&path).expect("a source can be read"));
        }
    }
}

/// Each part's text in a language, with the language.
fn texts() -> impl Iterator<Item = (Language, &'static str)> {
    parts().flat_map(|part| {
        [
            (Language::English, part.english),
            (Language::French, part.french),
        ]
    })
}

#[test]
fn every_message_can_be_said_with_numbers_and_with_names() {
    for (language, text) in texts() {
        let part = Part {
            english: text,
            french: text,
        };
        let catalogue = Catalogue::read(&[part], language);
        for (name, keys) in messages(text) {
            for value in [
                Value::from(0_u32),
                Value::from(1_u32),
                Value::from(2_u32),
                Value::from(1_000_000_u32),
                Value::from("alice"),
            ] {
                let mut args = FluentArgs::new();
                for key in &keys {
                    args.set(key.clone(), value.clone());
                }
                let message = catalogue.bundle.get_message(&name).expect("it was read");
                let pattern = message.value().expect("a message says something");
                let mut errors = Vec::new();
                let said = catalogue
                    .bundle
                    .format_pattern(pattern, Some(&args), &mut errors);
                assert!(errors.is_empty(), "{language:?} {name}: {errors:?}");
                assert!(!said.trim().is_empty(), "{language:?} {name}");
                assert!(!said.contains("1,000"), "{language:?} {name}: {said}");
            }
        }
    }
}

/// Every message of a login with all values alike, and with each of them left out.
#[test]
fn what_a_login_says_is_what_fluent_reads_in_it() {
    for language in Language::ALL {
        let (catalogue, words) = (
            Catalogue::read(LOGIN, *language),
            Words::of_login(*language),
        );
        for (name, keys) in LOGIN.iter().flat_map(|part| messages(part.english)) {
            let keys: Vec<&'static str> = keys.into_iter().map(|key| &*key.leak()).collect();
            let numbers = (0..130).chain([1_000, 999_999, 1_000_000, 4_294_967_296]);
            let texts = ["", "alice", "7", "{ $left }", "é\n█"].map(Value::from);
            for value in numbers.map(|n: u64| Value::from(n)).chain(texts) {
                for left_out in 0..=keys.len() {
                    let mut values: Vec<_> = keys.iter().map(|key| (*key, value.clone())).collect();
                    if left_out < values.len() {
                        values.remove(left_out);
                    }
                    let read = catalogue.text(&name, &values);
                    assert_eq!(Some(words.text(&name, &values)), read, "{values:?}");
                }
            }
            assert_eq!(words.find(&name), catalogue.find(&name), "{name}");
        }
    }
}

#[test]
fn french_is_set_as_french_is() {
    for part in parts() {
        for line in part.french.lines().filter(|line| !line.starts_with('#')) {
            // What is typed as it stands is no prose.
            let prose: String = line.split('`').step_by(2).collect();
            assert!(!prose.contains('\''), "a straight apostrophe: {line}");
            assert!(!prose.contains("« ") && !prose.contains(" »"), "{line}");
            for mark in [" ;", " !", " ?", " : ", " %"] {
                assert!(
                    !prose.contains(mark),
                    "a blank that breaks before {mark:?}: {line}"
                );
            }
            assert!(!prose.trim_end().ends_with(" :"), "{line}");
        }
    }
}

#[test]
fn what_a_login_says_can_be_read_in_ascii() {
    for part in LOGIN {
        for (at, line) in part.french.lines().enumerate() {
            let marks = line.matches('?').count();
            // Examples of blocks are shown as such, to who wonders whether they look like blocks.
            if !line.contains('█') {
                assert_eq!(ascii(line).matches('?').count(), marks, "line {}", at + 1);
            }
        }
    }
}

#[test]
fn a_name_that_is_not_there_reads_as_itself() {
    for language in Language::ALL {
        let words = Words::of_login(*language);
        assert_eq!(words.text("no-such-message", &[]), "no-such-message");
        assert_eq!(words.language(), *language);
    }
}
