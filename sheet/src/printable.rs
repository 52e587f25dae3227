use std::fmt;

/// A text from elsewhere that cannot move the cursor, change colours or turn the reading
/// direction: such characters are shown as escapes.
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() || is_format_control(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Zero-width and direction marks, line and paragraph separators (Unicode TR #9, §2).
const fn is_format_control(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_controls_are_shown_and_not_obeyed() {
        assert_eq!(
            Printable("al\u{1b}[2Jice\n").to_string(),
            "al\\u{1b}[2Jice\\u{a}"
        );
        assert_eq!(
            Printable("\u{202e}eve\u{9b}").to_string(),
            "\\u{202e}eve\\u{9b}"
        );
        assert_eq!(Printable("EXAMPLE\\zoë d").to_string(), "EXAMPLE\\zoë d");
    }
}
