//! The catalogue is whole: the same messages, with the same values, in every language, and each of
//! them is said somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Resource};
use fluent_syntax::parser;

use super::*;

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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = String::new();
    for part in ["tool/src", "pam-module/src", "daemon/src"] {
        gather(&root.join(part), &mut sources);
    }
    let known: BTreeSet<String> = parts()
        .flat_map(|part| messages(part.english).into_keys())
        .collect();
    // `say!(words, "name"` and `tell!("name"`, on one line or on two.
    let mut said = BTreeSet::new();
    for call in ["say!(", "tell!("] {
        for rest in sources.split(call).skip(1) {
            let Some(open) = rest.find('"') else { continue };
            let before = &rest[..open];
            if before.contains(')') || before.contains(';') {
                continue;
            }
            let name = rest[open + 1..].split('"').next().unwrap_or_default();
            said.insert(name.to_owned());
        }
    }
    let missing: Vec<_> = said.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "said, but not in the catalogue: {missing:?}"
    );
    let unused: Vec<_> = known
        .iter()
        .filter(|name| !name.starts_with("help-") && !sources.contains(&format!("\"{name}\"")))
        .collect();
    assert!(
        unused.is_empty(),
        "in the catalogue, but never said: {unused:?}"
    );
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
