use std::collections::BTreeMap;
use std::fmt::Write;

use super::*;

/// A text of the help with the messages that may say it, the most fitting first.
struct Text {
    names: Vec<String>,
    english: String,
}

/// Every text of the command line, in its order.
fn texts(command: &Command, name: &str, into: &mut Vec<Text>) {
    let mut push = |names, text: Option<String>| {
        into.extend(text.map(|english| Text { names, english }));
    };
    assert!(
        command.get_long_about().is_none(),
        "{name} has two texts: one is enough"
    );
    push(
        vec![name.to_owned()],
        command.get_about().map(ToString::to_string),
    );
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let names = messages(arg, name);
        push(names, arg.get_help().map(ToString::to_string));
        for value in arg.get_value_names().unwrap_or_default() {
            if arg.get_action().takes_values() {
                let names = vec![format!("help-value-{value}")];
                push(names, Some(value.to_string()));
            }
        }
    }
    push(
        vec![format!("{name}-after")],
        command.get_after_help().map(ToString::to_string),
    );
    for verb in command.get_subcommands() {
        if verb.get_name() == HELP {
            let about = verb.get_about().map(ToString::to_string);
            into.extend(about.map(|english| Text {
                names: vec!["help-help".to_owned()],
                english,
            }));
        } else {
            texts(verb, &format!("{name}-{}", verb.get_name()), into);
        }
    }
}

/// Each text under one message: what most verbs say of a flag under the flag's own.
fn english() -> Vec<(String, String)> {
    let mut command = crate::command();
    command.build();
    let mut all = Vec::new();
    texts(&command, HELP, &mut all);

    let mut said: BTreeMap<&String, Vec<(&String, usize)>> = BTreeMap::new();
    for text in &all {
        let texts = said.entry(text.names.last().unwrap()).or_default();
        match texts.iter_mut().find(|(known, _)| *known == &text.english) {
            Some((_, count)) => *count += 1,
            None => texts.push((&text.english, 1)),
        }
    }
    // Of as many, the first.
    let usual = |name: &String| {
        let texts = said[name].iter().rev();
        texts.max_by_key(|(_, count)| *count).unwrap().0
    };
    let mut messages: Vec<(String, String)> = Vec::new();
    for text in &all {
        let general = text.names.last().unwrap();
        let name = if usual(general) == &text.english {
            general
        } else {
            &text.names[0]
        };
        match messages.iter().find(|(known, _)| known == name) {
            Some((_, known)) => assert_eq!(known, &text.english, "{name} has two meanings"),
            None => messages.push((name.clone(), text.english.clone())),
        }
    }
    messages
}

#[test]
fn the_english_help_stands_in_the_catalogue_as_it_stands_in_the_command_line() {
    let mut wanted =
        "# The help, as it stands in tool/src/cli.rs. A test keeps both the same.\n".to_owned();
    for (name, text) in english() {
        if text.contains('\n') {
            writeln!(wanted, "{name} =").unwrap();
            for line in text.lines() {
                writeln!(wanted, "{}", format!("    {line}").trim_end()).unwrap();
            }
        } else {
            // What Fluent would take for a value stands between quotes.
            let text: String = text.chars().fold(String::new(), |text, c| match c {
                '{' | '}' => text + "{\"" + &c.to_string() + "\"}",
                c => text + &c.to_string(),
            });
            writeln!(wanted, "{name} = {text}").unwrap();
        }
    }
    let written = include_str!("../../words/src/en/help.ftl");
    assert!(
        written == wanted,
        "words/src/en/help.ftl should read as follows, and words/src/fr/help.ftl say the same:\n\
         {wanted}"
    );
}

const CLAPS: &str = "Print this message or the help of the given subcommand(s)";

/// All help that there is in a language: the verb, and its help.
fn pages(language: Language) -> Vec<(String, String)> {
    let words = Words::of_tool(language);
    let mut command = in_words(crate::command(), &words);
    command.build();
    let mut pages = Vec::new();
    pages_of(&mut command, &mut pages);
    pages
}

fn pages_of(command: &mut Command, into: &mut Vec<(String, String)>) {
    into.push((
        command.get_name().to_owned(),
        command.render_help().to_string(),
    ));
    for verb in command.get_subcommands_mut() {
        pages_of(verb, into);
    }
}

#[test]
fn all_help_fits_80_columns_in_every_language() {
    for language in Language::ALL {
        for (verb, page) in pages(*language) {
            // What clap writes by itself is as long as it is: of its own verb, and the usage.
            for line in page
                .lines()
                .filter(|line| !line.contains(CLAPS) && !line.contains(": countersign"))
            {
                assert!(line.chars().count() <= 80, "{verb} is too wide:\n{page}");
            }
        }
    }
}

#[test]
fn french_help_has_french_headings() {
    for (verb, page) in pages(Language::French) {
        assert!(page.contains("Utilisation\u{a0}: "), "{verb}:\n{page}");
        for heading in ["Usage:", "Options:", "Commands:", "Arguments:", "[default"] {
            assert!(!page.contains(heading), "{heading} in {verb}:\n{page}");
        }
    }
}

#[test]
fn no_text_of_the_help_stays_english_in_french() {
    let english: Vec<String> = english()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("help-value-"))
        .map(|(_, text)| text)
        .collect();
    let words = Words::of_tool(Language::French);
    let mut command = in_words(crate::command(), &words);
    let mut texts_now = Vec::new();
    command.build();
    texts(&command, HELP, &mut texts_now);
    for text in texts_now {
        let name = text.names.last().unwrap();
        if !name.starts_with("help-value-") {
            assert!(!english.contains(&text.english), "{name}: {}", text.english);
        }
    }
}
