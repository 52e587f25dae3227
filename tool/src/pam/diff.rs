//! A change as a unified diff.

use std::path::Path;

use similar::{ChangeTag, TextDiff};

use crate::printable::Printable;

/// Whether colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// For a terminal that has them.
    Colours,
    /// For anything else.
    Plain,
}

/// The change of a file. `None` stands for a file that is not there.
pub fn unified(path: &Path, before: Option<&[u8]>, after: Option<&[u8]>, paint: Paint) -> String {
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (old, new) = (text(before), text(after));
    let path = path.to_string_lossy();
    let name = |bytes: Option<&[u8]>| match bytes {
        Some(_) => Printable(&path).to_string(),
        None => "/dev/null".to_owned(),
    };
    let mut out = String::new();
    add(&mut out, paint, "1", &format!("--- {}", name(before)));
    add(&mut out, paint, "1", &format!("+++ {}", name(after)));
    let diff = TextDiff::from_lines(&old, &new);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        add(&mut out, paint, "36", &hunk.header().to_string());
        for change in hunk.iter_changes() {
            let (sign, colour) = match change.tag() {
                ChangeTag::Delete => ('-', "31"),
                ChangeTag::Insert => ('+', "32"),
                ChangeTag::Equal => (' ', ""),
            };
            let line = change.value();
            let body = tabs(line.trim_end_matches('\n'));
            add(&mut out, paint, colour, &format!("{sign}{body}"));
            if change.missing_newline() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// Tabs stay; nothing else may move the cursor.
fn tabs(line: &str) -> String {
    let parts: Vec<String> = line
        .split('\t')
        .map(|it| Printable(it).to_string())
        .collect();
    parts.join("\t")
}

fn add(out: &mut String, paint: Paint, colour: &str, line: &str) {
    let line = line.trim_end_matches('\n');
    let painted = paint == Paint::Colours && !colour.is_empty();
    let pieces = if painted {
        ["\u{1b}[", colour, "m", line, "\u{1b}[0m\n"]
    } else {
        ["", "", "", line, "\n"]
    };
    out.extend(pieces);
}
