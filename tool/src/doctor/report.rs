//! The report as a person or a program reads it.

use std::fmt::Write;

use serde::Serialize;

use super::finding::{Finding, Findings, Severity, Subject};
use crate::error::ToolError;
use crate::output::{print, print_json};
use crate::paint::{Look, Paint};
use crate::printable::Printable;
use crate::screen::{Glyphs, Screen};
use crate::table::{fold, width};
use crate::words::tell;

/// Who reads the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// A person.
    Person(Screen),
    /// A program.
    Program,
}

/// Prints the report. Where something is wrong the error says how much, so that the exit status
/// tells it too.
pub fn print_report(found: &Findings, reader: Reader) -> Result<(), ToolError> {
    match reader {
        Reader::Person(screen) => print(&text(found, screen))?,
        Reader::Program => print_json(&Report::of(found))?,
    }
    match found.count(Severity::Error) {
        0 => Ok(()),
        errors => Err(ToolError::Unwell { errors }),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    found: &'a Findings,
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl<'a> Report<'a> {
    fn of(found: &'a Findings) -> Self {
        Self {
            found,
            errors: found.count(Severity::Error),
            warnings: found.count(Severity::Warning),
            notes: found.count(Severity::Note),
        }
    }
}

/// How a line begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mark {
    Good,
    Found(Severity),
}

fn text(found: &Findings, screen: Screen) -> String {
    let mut text = String::new();
    for subject in Subject::ALL {
        let mut findings: Vec<&Finding> = found
            .findings
            .iter()
            .filter(|finding| finding.subject == subject)
            .collect();
        findings.sort_by_key(|finding| finding.severity);
        let worst = findings.first().map_or(Severity::Note, |it| it.severity);
        let sign = match worst {
            Severity::Note => Mark::Good,
            worst => Mark::Found(worst),
        };
        let title = Paint::of(screen).on(Look::Heading, &title(subject));
        let _ = writeln!(text, "{} {title}", mark(sign, screen));
        for finding in findings {
            let what = Printable(&finding.what).to_string();
            hang(&mut text, Mark::Found(finding.severity), &what, screen);
            if let Some(command) = &finding.mend {
                let arrow = if plain(screen) { "->" } else { "→" };
                let _ = writeln!(text, "      {arrow} {}", Printable(command));
            }
        }
    }
    if !found.unseen.is_empty() {
        let _ = writeln!(text, "\n{}", tell!("doctor-unseen"));
        for what in &found.unseen {
            let _ = writeln!(text, "  - {}", Printable(what));
        }
    }
    let _ = writeln!(
        text,
        "\n{}",
        tell!(
            "doctor-summary",
            "errors" = found.count(Severity::Error),
            "warnings" = found.count(Severity::Warning),
            "notes" = found.count(Severity::Note)
        )
    );
    text
}

fn title(subject: Subject) -> String {
    match subject {
        Subject::Bus => tell!("doctor-subject-bus"),
        Subject::Daemon => tell!("doctor-subject-daemon"),
        Subject::Clock => tell!("doctor-subject-clock"),
        Subject::Sshd => tell!("doctor-subject-sshd"),
        Subject::Pam => tell!("doctor-subject-pam"),
        Subject::Policy => tell!("doctor-subject-policy"),
        Subject::Store => tell!("doctor-subject-store"),
    }
}

/// Can it show more than ASCII?
fn plain(screen: Screen) -> bool {
    match screen {
        Screen::Terminal(terminal) => terminal.glyphs == Glyphs::Ascii,
        Screen::Stream => true,
    }
}

/// How a line begins, without colour.
fn sign(mark: Mark, screen: Screen) -> String {
    match (mark, plain(screen)) {
        (Mark::Good, true) => tell!("doctor-mark-good"),
        (Mark::Found(Severity::Error), true) => tell!("doctor-mark-error"),
        (Mark::Found(Severity::Warning), true) => tell!("doctor-mark-warning"),
        (Mark::Found(Severity::Note), true) => tell!("doctor-mark-note"),
        (Mark::Good, false) => "✓".to_owned(),
        (Mark::Found(Severity::Error), false) => "✗".to_owned(),
        (Mark::Found(Severity::Warning), false) => "!".to_owned(),
        (Mark::Found(Severity::Note), false) => "·".to_owned(),
    }
}

/// The sign of a line in its colour.
fn mark(mark: Mark, screen: Screen) -> String {
    let look = match mark {
        Mark::Good => Look::Good,
        Mark::Found(Severity::Error) => Look::Bad,
        Mark::Found(Severity::Warning) => Look::Warning,
        Mark::Found(Severity::Note) => Look::Note,
    };
    Paint::of(screen).on(look, &sign(mark, screen))
}

/// A finding behind its sign, folded where the terminal ends.
fn hang(text: &mut String, sort: Mark, what: &str, screen: Screen) {
    const LEAST: usize = 20;
    let indent = 3 + width(&sign(sort, screen));
    let room = screen
        .columns()
        .map_or(usize::MAX, |all| all.saturating_sub(indent).max(LEAST));
    for (number, line) in fold(what, room).iter().enumerate() {
        let _ = match number {
            0 => writeln!(text, "  {} {line}", mark(sort, screen)),
            _ => writeln!(text, "{:indent$}{line}", ""),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{Ink, Terminal};

    fn found() -> Findings {
        let broken = Finding::error(Subject::Sshd, "x", "It is\u{1b} broken.".to_owned());
        Findings {
            findings: vec![
                Finding::note(Subject::Sshd, "y", "It is there.".to_owned()),
                broken.mend("mend it"),
            ],
            unseen: vec!["the moon".to_owned()],
        }
    }

    #[test]
    fn the_worst_comes_first_with_what_mends_it_and_nothing_writes_to_the_terminal() {
        let shown = text(&found(), Screen::Stream);
        assert!(shown.contains("ERROR sshd\n  ERROR It is\\u{1b} broken.\n      -> mend it\n"));
        assert!(shown.find("broken") < shown.find("It is there."));
        assert!(shown.contains("\n  - the moon\n"));
        assert!(!shown.contains('\u{1b}'));
    }

    #[test]
    fn a_terminal_has_signs_and_colours() {
        let terminal = Terminal {
            columns: 80,
            lines: 24,
            ink: Ink::Theme,
            glyphs: Glyphs::Blocks,
        };
        let shown = text(&found(), Screen::Terminal(terminal));
        assert!(shown.contains("\u{1b}[31;1m✗\u{1b}[0m It is"), "{shown}");
        assert!(shown.contains("\u{1b}[32m✓\u{1b}[0m "), "{shown}");
        let bare = Terminal {
            ink: Ink::None,
            ..terminal
        };
        assert!(!text(&found(), Screen::Terminal(bare)).contains('\u{1b}'));
    }

    #[test]
    fn only_errors_make_it_a_failure() {
        let mut found = found();
        assert_eq!(found.count(Severity::Error), 1);
        found.findings.retain(|it| it.severity != Severity::Error);
        assert_eq!(found.count(Severity::Error), 0);
        let json = serde_json::to_value(Report::of(&found)).unwrap();
        assert_eq!(json["errors"], 0);
        assert_eq!(json["notes"], 1);
        assert_eq!(json["findings"][0]["severity"], "note");
        assert_eq!(json["unseen"][0], "the moon");
    }
}
