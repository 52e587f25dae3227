//! Changes to the text of one file. Every byte that is not ours stays.

use crate::stack::chain::Chain;
use crate::stack::file::{Entry, Facility, Inclusion, PamFile, Request};
use crate::stack::module::{OUR_LINE, OURS};

/// Stands above a line that was changed, with the line as it was.
const WAS: &str = "# countersign: was: ";
/// Stands first in a copy of a file of the distribution's.
const COPY: &str = "# countersign: a copy of ";
/// Debian's stack for the password, which the services take in.
pub const PASSWORD: &str = "common-auth";

/// Where our line goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// Below this entry.
    Below(usize),
    /// Below this entry, whose `include` becomes a `substack`.
    BelowSubstack(usize),
}

/// The ways to be tried, best first: below the last line that is about who somebody is, then
/// further down.
pub fn ways(file: &PamFile, asks: impl Fn(&Entry) -> bool) -> Vec<Way> {
    let auth = |entry: &Entry| {
        matches!(entry.facility, Some(Facility::Auth))
            || matches!(
                entry.request,
                Request::File {
                    inclusion: Inclusion::Debian,
                    ..
                }
            )
    };
    let entries = || file.entries.iter().enumerate();
    let Some((anchor, entry)) = entries().rfind(|(_, entry)| auth(entry) && asks(entry)) else {
        return Vec::new();
    };
    let mut ways = vec![Way::Below(anchor)];
    if matches!(
        entry.request,
        Request::File {
            inclusion: Inclusion::Include,
            ..
        }
    ) {
        ways.push(Way::BelowSubstack(anchor));
    }
    let below = entries().filter(|(at, entry)| *at > anchor && auth(entry));
    ways.extend(below.map(|(at, _)| Way::Below(at)));
    ways
}

/// The text with our line in it. `None` when the text is not as libpam could have read it.
pub fn put_in(text: &[u8], file: &PamFile, way: Way) -> Option<Vec<u8>> {
    let (Way::Below(at) | Way::BelowSubstack(at)) = way;
    let entry = file.entries.get(at)?;
    let span = entry.line.span.clone();
    let mut out = text.get(..span.start)?.to_vec();
    let line = text.get(span.clone())?;
    match way {
        Way::Below(_) => out.extend_from_slice(line),
        Way::BelowSubstack(_) => {
            out.extend_from_slice(WAS.as_bytes());
            out.extend_from_slice(line);
            end_line(&mut out);
            out.extend(with_substack(line)?);
        }
    }
    end_line(&mut out);
    out.extend_from_slice(OUR_LINE.as_bytes());
    out.extend_from_slice(text.get(span.end..)?);
    if !text.ends_with(b"\n") && span.end == text.len() {
        out.pop();
    }
    Some(out)
}

fn end_line(text: &mut Vec<u8>) {
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
}

/// A line of one piece with `substack` where it says `include`.
fn with_substack(line: &[u8]) -> Option<Vec<u8>> {
    const INCLUDE: &[u8] = b"include";
    let body = line.split(|byte| *byte == b'#').next()?;
    if body.contains(&b'\\') {
        return None;
    }
    let at = body
        .windows(INCLUDE.len())
        .position(|word| word.eq_ignore_ascii_case(INCLUDE))?;
    let before = line.get(..at)?;
    let after = line.get(at + INCLUDE.len()..)?;
    Some([before, b"substack", after].concat())
}

/// A copy of a file of the distribution's, which says so.
pub fn copy_of(path: &str, text: &[u8]) -> Vec<u8> {
    let mut out = format!("{COPY}{path}\n").into_bytes();
    out.extend_from_slice(text);
    out
}

/// The file that this one is a copy of.
pub fn original_of(text: &[u8]) -> Option<String> {
    let first = text.split(|byte| *byte == b'\n').next()?;
    let name = first.strip_prefix(COPY.as_bytes())?;
    String::from_utf8(name.to_vec()).ok()
}

/// Does this entry call our module?
pub fn is_ours(entry: &Entry) -> bool {
    entry.module() == Some(OURS)
}

/// Is there a line of ours in it?
pub fn has_ours(text: &[u8]) -> bool {
    PamFile::parse(text).entries.iter().any(is_ours)
}

/// The text without our lines, and with what we changed as it was. A line that somebody has changed
/// since is left as it is now.
pub fn take_out(text: &[u8]) -> Vec<u8> {
    let file = PamFile::parse(text);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for entry in file.entries.iter().filter(|entry| is_ours(entry)) {
        out.extend_from_slice(text.get(at..entry.line.span.start).unwrap_or_default());
        at = entry.line.span.end;
        // Ours was the last, and without an end: so was the one above it before.
        if at == text.len() && !text.ends_with(b"\n") && out.ends_with(b"\n") {
            out.pop();
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    restored(&out)
}

/// The text without our lines, and with Debian's password in place of the two that stand for a key and a code: ours
/// and `pam_permit` below it, which lets anybody in by itself. `None` where there are no such two.
pub fn with_password_again(text: &[u8]) -> Option<Vec<u8>> {
    let file = PamFile::parse(text);
    let pair = file.entries.windows(2).find_map(|pair| match pair {
        [ours, permit] if is_ours(ours) && lets_in(permit) => Some((ours, permit)),
        _ => None,
    });
    let (ours, permit) = pair?;
    let (ours, permit) = (ours.line.span.clone(), permit.line.span.clone());
    let mut out = text.get(..ours.start)?.to_vec();
    out.extend_from_slice(format!("@include {PASSWORD}\n").as_bytes());
    out.extend_from_slice(text.get(ours.end..permit.start)?);
    out.extend_from_slice(text.get(permit.end..)?);
    Some(take_out(&out))
}

fn lets_in(entry: &Entry) -> bool {
    entry.facility == Some(Facility::Auth) && entry.module() == Some("pam_permit")
}

/// With each line that carries [`WAS`] put in place of the one below it, if that is what we made.
fn restored(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(was) = line.strip_prefix(WAS.as_bytes()) else {
            out.extend_from_slice(line);
            continue;
        };
        let now = lines.peek().copied().unwrap_or_default();
        let without_end = |line: &[u8]| line.strip_suffix(b"\n").unwrap_or(line).to_vec();
        if with_substack(was).is_some_and(|made| without_end(&made) == without_end(now)) {
            lines.next();
            out.extend(without_end(was));
            if now.ends_with(b"\n") {
                out.push(b'\n');
            }
        }
    }
    out
}

/// Is the entry, in this file, one through which somebody shows who they are? `chain` is that of
/// the entry alone.
pub fn asks(chain: &Chain) -> bool {
    use crate::stack::chain::Kind;
    use crate::stack::module::{Worth, worth};
    chain
        .links
        .iter()
        .any(|link| link.kind == Kind::Module && worth(link) == Worth::Proof)
}
