//! A picture and words beside each other, where lines are as few as on a screen of 80 by 24.

use zeroize::Zeroizing;

use crate::{TerminalQr, wrap};

/// Columns between the two.
const GAP: usize = 2;

/// Puts lines beside a QR code, in the middle of its height, broken between words to a width of
/// `columns` altogether. What has no room beside it goes on below.
pub fn beside(qr: &TerminalQr, words: &[&str], columns: usize) -> Zeroizing<String> {
    let room = columns.saturating_sub(qr.columns + GAP);
    let words: Vec<Zeroizing<String>> = words.iter().flat_map(|line| wrap(line, room)).collect();
    let above = qr.lines.len().saturating_sub(words.len()) / 2;
    let empty = Zeroizing::new(String::new());
    let mut right = std::iter::repeat_n(&empty, above).chain(&words);
    let mut out = Zeroizing::new(String::with_capacity(16 * 1024));
    for line in &qr.lines {
        out.push_str(line);
        if let Some(words) = right.next().filter(|words| !words.is_empty()) {
            out.extend(std::iter::repeat_n(' ', GAP));
            out.push_str(words);
        }
        out.push('\n');
    }
    for words in right {
        out.push_str(words);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ground;

    #[test]
    fn words_stand_beside_the_picture_and_what_is_too_much_below_it() {
        let qr = TerminalQr::draw_on("x", Ground::Dark).unwrap();
        let words: Vec<String> = (0..30).map(|number| format!("word {number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (few, many) = (beside(&qr, &words[..2], 80), beside(&qr, &words, 80));
        assert_eq!(few.lines().count(), qr.lines.len());
        assert!(few.lines().all(|line| line.chars().count() <= 80));
        for (at, line) in qr.lines.iter().enumerate() {
            assert!(few.lines().nth(at).unwrap().starts_with(line.as_str()));
        }
        assert!(many.lines().count() > qr.lines.len());
        assert!(words.iter().all(|word| many.contains(word)));
    }
}
