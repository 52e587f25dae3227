use zeroize::Zeroizing;

/// Breaks a text between words, and a word only where it is longer than a line. Each line has its room
/// from the start, so that no part of a key is left behind in memory.
pub fn wrap(text: &str, columns: usize) -> Vec<Zeroizing<String>> {
    let columns = columns.max(1);
    let mut lines = vec![Zeroizing::new(String::with_capacity(columns * 4))];
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > columns {
            lines.push(Zeroizing::new(String::with_capacity(columns * 4)));
            width = 0;
        }
        if let Some(line) = lines.last_mut().filter(|_| width > 0) {
            line.push(' ');
            width += 1;
        }
        for c in word.chars() {
            if width == columns {
                lines.push(Zeroizing::new(String::with_capacity(columns * 4)));
                width = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            width += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_and_nothing_is_lost() {
        let lines = wrap("ab cdefghij k", 4);
        let lines: Vec<_> = lines.iter().map(|line| line.as_str()).collect();
        assert_eq!(lines, ["ab", "cdef", "ghij", "k"]);
        assert_eq!(wrap("", 4).len(), 1);
    }
}
