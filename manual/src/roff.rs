//! Text as man(7) takes it.

/// A text with everything escaped that troff would read.
pub fn escaped(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
        .replace('`', "\\(ga")
        .replace('^', "\\(ha")
        .replace('~', "\\(ti");
    // A point at the beginning of a line would be a request.
    text.lines()
        .map(|line| match line.strip_prefix('.') {
            Some(rest) => format!("\\&.{rest}"),
            None => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// A text as an argument of a request, between its quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\(dq"))
}
