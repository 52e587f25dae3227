//! The words for where nothing but ASCII arrives.

use std::borrow::Cow;

/// The text with the letters of our languages as ASCII writes them: without accents, with straight
/// quotes and ordinary blanks. What else is not ASCII becomes a question mark.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => plain.push(c),
            'à' | 'â' => plain.push('a'),
            'ç' => plain.push('c'),
            'é' | 'è' | 'ê' | 'ë' => plain.push('e'),
            'î' | 'ï' => plain.push('i'),
            'ô' => plain.push('o'),
            'ù' | 'û' | 'ü' => plain.push('u'),
            'œ' => plain.push_str("oe"),
            'À' | 'Â' => plain.push('A'),
            'Ç' => plain.push('C'),
            'É' | 'È' | 'Ê' => plain.push('E'),
            'Ô' => plain.push('O'),
            '’' | '‘' => plain.push('\''),
            '«' | '»' | '“' | '”' => plain.push('"'),
            '–' | '—' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            _ => plain.push('?'),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_quotes_are_left_out_and_nothing_else_changes() {
        assert_eq!(
            ascii("L’accès à «\u{a0}cœur\u{a0}» a été fermé\u{a0}: où\u{202f}?"),
            "L'acces a \" coeur \" a ete ferme : ou ?"
        );
        assert!(matches!(ascii("Try again."), Cow::Borrowed("Try again.")));
        assert_eq!(ascii("█漢"), "??");
    }
}
