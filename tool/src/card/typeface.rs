//! The faces that every reader of PDF has, how wide their characters are, and what of a text they
//! can show.

use zeroize::Zeroizing;

/// A face of the standard 14 (PDF 32000-1 §9.6.2.2). No font file goes into the document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// For reading.
    Plain,
    /// For headings.
    Bold,
    /// For what is copied character by character.
    Mono,
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Bold, Self::Mono];

    /// Its name in the document.
    pub const fn base_font(self) -> &'static [u8] {
        match self {
            Self::Plain => b"Helvetica",
            Self::Bold => b"Helvetica-Bold",
            Self::Mono => b"Courier-Bold",
        }
    }

    /// How wide a text is, in thousandths of its size.
    fn thousandths(self, text: &[u8]) -> u32 {
        let widths = match self {
            Self::Plain => &HELVETICA,
            Self::Bold => &HELVETICA_BOLD,
            Self::Mono => return text.iter().map(|_| u32::from(COURIER)).sum(),
        };
        text.iter()
            .map(|byte| {
                let at = usize::from(byte.saturating_sub(FIRST));
                u32::from(widths.get(at).copied().unwrap_or_default())
            })
            .sum()
    }

    /// How wide a text is at a size, both in points.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a line is thousands of units wide, not millions"
    )]
    pub fn width(self, text: &Text, size: f32) -> f32 {
        self.thousandths(&text.0) as f32 * size / 1000.0
    }

    /// Breaks a text between words, and a word only where it is longer than a line. What needs more
    /// lines than allowed ends in an ellipsis. Widths and size are in points.
    pub fn wrap(self, text: &Text, size: f32, width: f32, lines: usize) -> Vec<Text> {
        let mut broken: Vec<Text> = vec![Text::empty()];
        for word in text.0.split(|byte| *byte == b' ') {
            let word = Text(Zeroizing::new(word.to_vec()));
            if let Some(line) = broken.last_mut().filter(|line| !line.0.is_empty()) {
                let joined = line.joined(&word);
                if self.width(&joined, size) <= width {
                    *line = joined;
                    continue;
                }
                broken.push(Text::empty());
            }
            for byte in word.0.iter() {
                let fits = broken.last().is_some_and(|line| {
                    line.0.is_empty() || self.width(&line.followed_by(*byte), size) <= width
                });
                if !fits {
                    broken.push(Text::empty());
                }
                if let Some(line) = broken.last_mut() {
                    *line = line.followed_by(*byte);
                }
            }
        }
        if broken.len() > lines {
            broken.truncate(lines);
            if let Some(line) = broken.last_mut() {
                while self.width(&line.followed_by(ELLIPSIS), size) > width && !line.0.is_empty() {
                    line.0.pop();
                }
                *line = line.followed_by(ELLIPSIS);
            }
        }
        broken
    }
}

/// A text in `WinAnsiEncoding` (PDF 32000-1 annex D). It may be a secret, and is wiped on drop.
#[derive(Clone)]
pub struct Text(Zeroizing<Vec<u8>>);

impl Text {
    /// Takes a text over. What the faces do not have is shown as an escape, as on the terminal.
    pub fn of(text: &str) -> Self {
        // An escape is ten characters at most; a buffer that grows leaves unwiped copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 10));
        for c in text.chars() {
            match byte_of(c) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend(c.escape_unicode().map(|c| u8::try_from(c).unwrap_or(b'?'))),
            }
        }
        Self(bytes)
    }

    /// Its bytes, for the document.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn empty() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }

    fn followed_by(&self, byte: u8) -> Self {
        let mut longer = Zeroizing::new(Vec::with_capacity(self.0.len() + 1));
        longer.extend_from_slice(&self.0);
        longer.push(byte);
        Self(longer)
    }

    fn joined(&self, word: &Self) -> Self {
        let mut longer = Zeroizing::new(Vec::with_capacity(self.0.len() + word.0.len() + 1));
        longer.extend_from_slice(&self.0);
        longer.push(b' ');
        longer.extend_from_slice(&word.0);
        Self(longer)
    }
}

const ELLIPSIS: u8 = 0x85;
const NO_BREAK_SPACE: u8 = 0xa0;

/// The place of a character in the encoding, if it has one.
fn byte_of(c: char) -> Option<u8> {
    match c {
        // French sets narrow blanks before its marks; the faces have the wide one alone.
        '\u{a0}' | '\u{202f}' => Some(NO_BREAK_SPACE),
        // A soft hyphen would be drawn, and is none.
        '\u{ad}' => None,
        ' '..='~' | '\u{a1}'..='\u{ff}' => u8::try_from(c).ok(),
        _ => {
            let at = BEYOND_LATIN_1.iter().position(|it| *it == Some(c))?;
            u8::try_from(at).ok()?.checked_add(0x80)
        }
    }
}

/// What stands from 0x80 to 0x9f.
#[rustfmt::skip]
const BEYOND_LATIN_1: [Option<char>; 32] = [
    Some('€'), None, Some('‚'), Some('ƒ'), Some('„'), Some('…'), Some('†'), Some('‡'),
    Some('ˆ'), Some('‰'), Some('Š'), Some('‹'), Some('Œ'), None, Some('Ž'), None,
    None, Some('‘'), Some('’'), Some('“'), Some('”'), Some('•'), Some('–'), Some('—'),
    Some('˜'), Some('™'), Some('š'), Some('›'), Some('œ'), None, Some('ž'), Some('Ÿ'),
];

/// The first character that [`HELVETICA`] and [`HELVETICA_BOLD`] have a width of.
const FIRST: u8 = 0x20;

/// Every character of Courier.
const COURIER: u16 = 600;

/// From the metrics that Adobe publishes with the standard 14, in the order of the encoding.
#[rustfmt::skip]
const HELVETICA: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// As [`HELVETICA`].
#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350,
    556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_in_western_languages_is_kept_and_the_rest_is_escaped() {
        assert_eq!(Text::of("alice@web1").bytes(), b"alice@web1");
        assert_eq!(Text::of("Zoë «œ’»").bytes(), b"Zo\xeb \xab\x9c\x92\xbb");
        assert_eq!(Text::of("à\u{202f}: …").bytes(), b"\xe0\xa0: \x85");
        assert_eq!(Text::of("Яна").bytes(), b"\\u{42f}\\u{43d}\\u{430}");
        assert_eq!(
            Text::of("a\n\u{202e}\u{1b}").bytes(),
            b"a\\u{a}\\u{202e}\\u{1b}"
        );
    }

    #[test]
    fn widths_are_those_of_the_metrics() {
        // Of the AFM file of Helvetica: H 722, i 222; of its bold face 722 and 278.
        assert_eq!(Face::Plain.thousandths(b"Hi"), 944);
        assert_eq!(Face::Bold.thousandths(b"Hi"), 1000);
        assert_eq!(Face::Mono.thousandths(b"Hi"), 1200);
        assert_eq!(Face::Plain.thousandths(b"\xff"), 500);
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_and_no_word_is_lost() {
        let text =
            Text::of("The quick brown fox jumps over Donaudampfschifffahrtsgesellschaft twice");
        for face in Face::ALL {
            let lines = face.wrap(&text, 10.0, 90.0, 99);
            assert!(lines.len() > 3);
            for line in &lines {
                assert!(face.width(line, 10.0) <= 90.0);
            }
            let bare = |lines: &[Text]| -> Vec<u8> {
                let bytes = lines.iter().flat_map(|line| line.bytes().to_vec());
                bytes.filter(|byte| *byte != b' ').collect()
            };
            assert_eq!(bare(&lines), bare(std::slice::from_ref(&text)));
        }
    }

    #[test]
    fn what_is_cut_says_so_within_the_width() {
        let text = Text::of(&"x".repeat(300));
        let lines = Face::Plain.wrap(&text, 12.0, 100.0, 2);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].bytes().last(), Some(&ELLIPSIS));
        assert!(Face::Plain.width(&lines[1], 12.0) <= 100.0);
    }
}
