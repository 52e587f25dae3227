//! From bytes to the lines that libpam sees, and to the words in them.

use std::ops::Range;

/// libpam's buffer for one line, its end included (`BUF_SIZE` of 1.5). Newer versions take more;
/// nothing that any of them could read otherwise is taken here.
const BUFFER: usize = 1024;

/// A line with its continuations put together and its comment taken off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where it is in the file, from its first byte to the end of its last physical line.
    pub span: Range<usize>,
    /// The number of its first physical line, from 1.
    pub number: usize,
    /// What is left for libpam to read.
    pub text: Vec<u8>,
}

/// Why libpam gives a file up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// The line of this number is too long.
    TooLong(usize),
    /// The file ends where the line of this number is to go on.
    Unfinished(usize),
}

/// All lines that say something. A file that libpam gives up has those before that.
pub fn lines(bytes: &[u8]) -> (Vec<Line>, Option<Unreadable>) {
    let mut lines = Vec::new();
    let mut open: Option<Line> = None;
    let mut at = 0;
    for (index, physical) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let start = at;
        at += physical.len();
        let before = open.as_ref().map_or(0, |line| line.text.len());
        if before + physical.len() >= BUFFER {
            return (lines, Some(Unreadable::TooLong(number)));
        }
        // A byte of zero ends what C reads.
        let seen = physical.split(|byte| *byte == 0).next().unwrap_or_default();
        let content = trimmed_start(seen);
        if content.is_empty() || content.starts_with(b"#") {
            continue;
        }
        let mut line = open.take().unwrap_or(Line {
            span: start..at,
            number,
            text: Vec::new(),
        });
        line.span.end = at;
        if let Some(comment) = content.iter().position(|byte| *byte == b'#') {
            line.text
                .extend_from_slice(content.get(..comment).unwrap_or_default());
            lines.push(line);
            continue;
        }
        if let Some(begun) = trimmed_end(content).strip_suffix(b"\\") {
            line.text.extend_from_slice(begun);
            line.text.push(b' ');
            open = Some(line);
        } else {
            line.text.extend_from_slice(content);
            lines.push(line);
        }
    }
    let unfinished = open.map(|line| Unreadable::Unfinished(line.number));
    (lines, unfinished)
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t')
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_blank(*byte));
    start
        .and_then(|start| text.get(start..))
        .unwrap_or_default()
}

fn trimmed_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !is_blank(*byte));
    end.and_then(|end| text.get(..=end)).unwrap_or_default()
}

/// The words of a line, as `_pam_StrTok` cuts them.
#[derive(Clone, Debug)]
pub struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    /// The words of this text.
    pub const fn of(text: &'a [u8]) -> Self {
        Self { rest: text }
    }
}

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let text = trimmed_start(self.rest);
        let (word, rest) = match text.strip_prefix(b"[") {
            Some(inner) => bracketed(inner),
            None if text.is_empty() => return None,
            None => {
                let end = text.iter().position(|byte| is_blank(*byte));
                let (word, rest) = text.split_at(end.unwrap_or(text.len()));
                (word.to_vec(), rest.get(1..).unwrap_or_default())
            }
        };
        self.rest = rest;
        Some(String::from_utf8_lossy(&word).into_owned())
    }
}

/// `[…]` is one word without its brackets; `\]` in it is a bracket. Without an end it goes on to
/// the end of the line.
fn bracketed(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut word = Vec::new();
    let mut rest = text;
    loop {
        match rest {
            [] => return (word, rest),
            [b']', after @ ..] => return (word, after),
            [b'\\', b']', after @ ..] => {
                word.push(b']');
                rest = after;
            }
            [byte, after @ ..] => {
                word.push(*byte);
                rest = after;
            }
        }
    }
}
