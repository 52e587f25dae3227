//! Writing to standard output, where every failure is told.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use zeroize::Zeroizing;

use crate::error::ToolError;

/// Writes a text as it is.
pub fn print(text: &str) -> Result<(), ToolError> {
    write(text.as_bytes())
}

/// Writes a text and ends its line.
pub fn print_line(text: &str) -> Result<(), ToolError> {
    print(&format!("{text}\n"))
}

/// Writes a value as one line of JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), ToolError> {
    let mut line = Zeroizing::new(Vec::with_capacity(4096));
    json_into(&mut line, value).map_err(|error| ToolError::Output(error.into()))?;
    line.push(b'\n');
    write(&line)
}

fn json_into(out: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Plain))
}

/// Writes as escapes what a terminal would obey; to a program it is the same value. What is below
/// U+0020 JSON itself escapes.
struct Plain;

impl Formatter for Plain {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_obeyed(*c)) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = from.strip_prefix(c).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

/// DEL and the C1 controls, and what turns the direction of reading (Unicode TR #9, 2).
const fn is_obeyed(c: char) -> bool {
    matches!(c, '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn write(bytes: &[u8]) -> Result<(), ToolError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(ToolError::Output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_nothing_that_a_terminal_obeys_and_stays_the_same_value() {
        let text = "a\u{9b}31m\u{202e}b\u{2066}\u{200f}\u{7f}\u{1b}[2J zoë “é” \u{9b}";
        let mut out = Vec::new();
        json_into(&mut out, &[text]).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert!(
            !json.chars().any(|c| c.is_control() || is_obeyed(c)),
            "{json:?}"
        );
        assert!(json.contains("\\u009b31m\\u202eb"), "{json}");
        assert!(json.contains("zoë “é”"), "{json}");
        let back: [String; 1] = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [text]);
    }
}
