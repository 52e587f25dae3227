//! What the module writes into the system log, and how loudly.

use std::ffi::CString;

/// How urgent a line is; the names and the order are those of syslog(3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// The login could not be judged, or somebody is up to something.
    Error,
    /// Somebody was let in, or treated specially, because of something that is out of order.
    Warning,
    /// A login was refused, or took another road than usual.
    Notice,
    /// A login went as it should.
    Info,
    /// Only with the option `debug`.
    Debug,
}

/// The longest line, in bytes. syslog(3) cuts at 1024 in places.
const MAX_BYTES: usize = 900;

/// A line as the log can take it: one line, no terminal controls, no NUL, not too long.
pub fn line(text: &str) -> CString {
    let mut clean = Vec::with_capacity(text.len().min(MAX_BYTES));
    for c in text.chars() {
        let c = if c.is_control() { '?' } else { c };
        let mut utf8 = [0; 4];
        let utf8 = c.encode_utf8(&mut utf8).as_bytes();
        if clean.len() + utf8.len() > MAX_BYTES {
            break;
        }
        clean.extend_from_slice(utf8);
    }
    // NUL is a control character, so there is none left to fail on.
    CString::new(clean).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_forge_another_nor_steer_a_terminal() {
        let said = line("alice\nsshd: Accepted\0 \u{1b}[2J\u{9b}x");
        assert_eq!(said.to_str().unwrap(), "alice?sshd: Accepted? ?[2J?x");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let said = line(&"é".repeat(1000));
        assert_eq!(said.to_bytes().len(), 900);
        assert!(said.to_str().is_ok());
    }
}
