//! The help in the language of the person.
//!
//! Its English stands where clap wants it, in the comments of the command line (`cli.rs`). For another
//! language the finished command line is walked through once and each text replaced by its message:
//! `help-VERB` for what a verb does, `help-VERB--FLAG` and `help-VERB-ARGUMENT` for its arguments,
//! `help--FLAG` for a flag that most verbs have, `help-value-NAME` for what stands for a value.

use clap::{Arg, Command};
use countersign_words::{Language, Words};

/// The verb of clap's own that shows the help of the others.
const HELP: &str = "help";

/// The command line with its help in the language of these words.
pub fn in_words(mut command: Command, words: &Words) -> Command {
    if words.language() == Language::English {
        return command;
    }
    // What clap adds by itself is there from now on.
    command.build();
    Translator { words }.command(command, HELP)
}

struct Translator<'w> {
    words: &'w Words,
}

impl Translator<'_> {
    /// `name` is the message of what the command does, and begins those of its arguments.
    fn command(&self, mut command: Command, name: &str) -> Command {
        if let Some(about) = self.words.find(name) {
            command = command.about(about);
        }
        if command.get_after_help().is_some()
            && let Some(after) = self.words.find(&format!("{name}-after"))
        {
            command = command.after_help(after);
        }
        let usage = self.heading("tool-usage-usage");
        command
            .help_template(format!(
                "{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"
            ))
            .subcommand_help_heading(self.heading("tool-usage-commands"))
            .subcommand_value_name(self.heading("tool-usage-command"))
            .mut_args(|arg| self.arg(arg, name))
            .mut_subcommands(|verb| {
                let name = match verb.get_name() {
                    // The help of `help` has all verbs once more.
                    HELP if verb.has_subcommands() => return self.help_verb(verb, name),
                    verb => format!("{name}-{verb}"),
                };
                self.command(verb, &name)
            })
    }

    fn help_verb(&self, verb: Command, parent: &str) -> Command {
        let about = self.words.find("help-help");
        let verb = self.command(verb, parent);
        about.into_iter().fold(verb, Command::about)
    }

    fn arg(&self, arg: Arg, verb: &str) -> Arg {
        let names: Vec<String> = arg
            .get_value_names()
            .unwrap_or_default()
            .iter()
            .map(|name| self.value_name(name))
            .collect();
        let found = messages(&arg, verb)
            .iter()
            .find_map(|name| self.words.find(name));
        let heading = if arg.is_positional() {
            self.heading("tool-usage-arguments")
        } else {
            self.heading("tool-usage-options")
        };
        let arg = if names.is_empty() || !arg.get_action().takes_values() {
            arg
        } else {
            arg.value_names(names)
        };
        let arg = arg.help_heading(heading);
        let Some(help) = found else { return arg };
        match default(&arg) {
            Some(default) => {
                let default = self
                    .words
                    .text("tool-usage-default", &[("value", default.into())]);
                arg.help(format!("{help} {default}"))
                    .hide_default_value(true)
            }
            None => arg.help(help),
        }
    }

    fn value_name(&self, name: &str) -> String {
        self.words
            .find(&format!("help-value-{name}"))
            .unwrap_or_else(|| name.to_owned())
    }

    /// A heading without its colon, which clap writes.
    fn heading(&self, name: &str) -> String {
        self.words.text(name, &[])
    }
}

/// The default that the help shows.
fn default(arg: &Arg) -> Option<String> {
    let values = arg.get_default_values();
    if values.is_empty() || arg.is_hide_default_value_set() || !arg.get_action().takes_values() {
        return None;
    }
    let values: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
    Some(values.join(", "))
}

/// The messages that may say what an argument of a verb is, the most fitting first.
fn messages(arg: &Arg, verb: &str) -> Vec<String> {
    match arg.get_long() {
        Some(long) => vec![format!("{verb}--{long}"), format!("help--{long}")],
        None => vec![format!("{verb}-{}", arg.get_id().as_str().to_uppercase())],
    }
}

#[cfg(test)]
#[path = "help_tests.rs"]
mod tests;
