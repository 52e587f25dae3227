//! Verbs and options, from the command lines as clap knows them.

use clap::builder::StyledStr;
use clap::{Arg, Command};

use crate::roff::{escaped, quoted};

/// Every verb with its usage, what it does, and its options. Those inside a verb follow it.
pub fn verbs(mut tool: Command) -> String {
    tool.build();
    let mut out = String::new();
    for verb in visible(&tool) {
        write_verb(&mut out, verb, "countersign");
    }
    out
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
}

fn write_verb(out: &mut String, verb: &Command, before: &str) {
    let path = format!("{before} {}", verb.get_name());
    out.push_str(".SS ");
    out.push_str(&quoted(&path));
    out.push('\n');
    if visible(verb).next().is_none() {
        let usage = verb.clone().render_usage().to_string();
        let usage = usage.trim().trim_start_matches("Usage: ").to_owned();
        let usage = format!(".RS\n.nf\n{}\n.fi\n.RE\n.PP\n", escaped(&usage));
        out.push_str(&usage);
    }
    if let Some(about) = verb.get_long_about().or_else(|| verb.get_about()) {
        out.push_str(&sentence(about));
    }
    out.push_str(&described(
        verb.get_arguments().filter(|arg| !arg.is_global_set()),
    ));
    for inner in visible(verb) {
        write_verb(out, inner, &path);
    }
}

/// The arguments and options of a program.
pub fn options(command: &Command) -> String {
    described(command.get_arguments())
}

fn described<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let mut out = String::new();
    for arg in arguments {
        let name = arg.get_id().as_str();
        if arg.is_hide_set() || name == "help" || name == "version" {
            continue;
        }
        out.push_str(".TP\n");
        out.push_str(&name_of(arg));
        out.push('\n');
        if let Some(help) = arg.get_long_help().or_else(|| arg.get_help()) {
            out.push_str(&sentence(help));
        }
        let defaults: Vec<_> = arg
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        if takes_value(arg) && !defaults.is_empty() && !arg.is_hide_default_value_set() {
            let default = format!("Default: {}.\n", escaped(&defaults.join(", ")));
            out.push_str(&default);
        }
    }
    out
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// `\fB\-\-save\fR \fIFILE\fR`
fn name_of(arg: &Arg) -> String {
    let mut names = Vec::new();
    if let Some(short) = arg.get_short() {
        names.push(format!("\\fB\\-{}\\fR", escaped(&short.to_string())));
    }
    if let Some(long) = arg.get_long() {
        names.push(format!("\\fB\\-\\-{}\\fR", escaped(long)));
    }
    let values: Vec<String> = match arg.get_value_names() {
        Some(values) if takes_value(arg) => values
            .iter()
            .map(|value| format!("\\fI{}\\fR", escaped(value)))
            .collect(),
        _ => Vec::new(),
    };
    let mut name = names.join(", ");
    if !values.is_empty() {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(&values.join(" "));
    }
    name
}

/// A help text, which has no full stop on the command line.
fn sentence(text: &StyledStr) -> String {
    let text = escaped(text.to_string().trim());
    let stop = if text.ends_with(['.', '!', '?', ':']) {
        ""
    } else {
        "."
    };
    format!("{text}{stop}\n")
}
