//! Tables that fit the terminal: columns give way where it is narrow, and where that is not enough each
//! row becomes a paragraph with a line for each of its cells.

use unicode_width::UnicodeWidthChar;

use crate::paint::{Look, Paint};
use crate::screen::Screen;

/// Columns between two columns.
const GAP: usize = 2;

/// At which side the text of a column stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// How a column gives way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Give {
    /// It does not.
    Never,
    /// It is cut, down to that many columns. What is missing is marked.
    Cut(usize),
    /// It goes on in the next line, down to that many columns.
    Fold(usize),
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    head: String,
    side: Side,
    give: Give,
    width: usize,
}

impl Column {
    /// A column of words.
    pub fn new(head: String, give: Give) -> Self {
        let width = width(&head);
        Self {
            head,
            side: Side::Left,
            give,
            width,
        }
    }

    /// The same for numbers.
    pub fn numbers(head: String) -> Self {
        Self {
            side: Side::Right,
            ..Self::new(head, Give::Never)
        }
    }

    /// As wide as this at least.
    #[must_use]
    pub fn at_least(mut self, least: usize) -> Self {
        self.width = self.width.max(least);
        self
    }

    const fn least(&self) -> usize {
        match self.give {
            Give::Never => self.width,
            Give::Cut(least) | Give::Fold(least) => least,
        }
    }
}

/// A text in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    text: String,
    look: Look,
}

impl Cell {
    /// A text with a look. It must be [`Printable`](crate::printable::Printable).
    pub const fn new(look: Look, text: String) -> Self {
        Self { text, look }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(Look::Plain, text)
    }
}

/// What the rows look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// So wide that nothing gives way.
    Whole,
    /// Fitted.
    Rows,
    /// A paragraph each, this wide.
    Paragraphs(usize),
}

/// The columns of a table whose rows may come later.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    form: Form,
    paint: Paint,
}

impl Table {
    /// A table for rows like these. What is longer in later ones gives way.
    pub fn fit<'a>(
        columns: Vec<Column>,
        rows: impl IntoIterator<Item = &'a [Cell]>,
        screen: Screen,
    ) -> Self {
        Self::fit_within(columns, rows, screen.columns(), Paint::of(screen))
    }

    /// The same for a width that is known; `None`: there is no end to a line.
    pub fn fit_within<'a>(
        mut columns: Vec<Column>,
        rows: impl IntoIterator<Item = &'a [Cell]>,
        room: Option<usize>,
        paint: Paint,
    ) -> Self {
        for row in rows {
            for (column, cell) in columns.iter_mut().zip(row) {
                column.width = column.width.max(width(&cell.text));
            }
        }
        let form = room.map_or(Form::Whole, |room| narrow(&mut columns, room));
        Self {
            columns,
            form,
            paint,
        }
    }

    /// The line above the columns. Paragraphs have none.
    pub fn head(&self) -> String {
        if let Form::Paragraphs(_) = self.form {
            return String::new();
        }
        let heads: Vec<Cell> = self
            .columns
            .iter()
            .map(|column| Cell::new(Look::Heading, column.head.clone()))
            .collect();
        self.row(&heads)
    }

    /// A row, with the end of its last line.
    pub fn row(&self, cells: &[Cell]) -> String {
        match self.form {
            Form::Paragraphs(room) => self.paragraph(cells, room),
            Form::Whole | Form::Rows => self.lines(cells),
        }
    }

    fn lines(&self, cells: &[Cell]) -> String {
        let parts: Vec<Vec<String>> = self
            .columns
            .iter()
            .zip(cells)
            .map(|(column, cell)| match (self.form, column.give) {
                (Form::Whole, _) => vec![cell.text.clone()],
                (_, Give::Fold(_)) => fold(&cell.text, column.width),
                _ => vec![cut(&cell.text, column.width)],
            })
            .collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or_default();
        let mut out = String::new();
        for line in 0..height {
            // Blanks are written when something comes behind them.
            let mut blanks = 0;
            for ((column, cell), part) in self.columns.iter().zip(cells).zip(&parts) {
                let text = part.get(line).map_or("", String::as_str);
                let rest = column.width.saturating_sub(width(text));
                let (before, behind) = match column.side {
                    Side::Left => (0, rest),
                    Side::Right => (rest, 0),
                };
                if text.is_empty() {
                    blanks += column.width + GAP;
                    continue;
                }
                out.push_str(&" ".repeat(blanks + before));
                out.push_str(&self.paint.on(cell.look, text));
                blanks = behind + GAP;
            }
            out.push('\n');
        }
        out
    }

    /// Each cell with what would stand above it; cells with nothing are left out.
    fn paragraph(&self, cells: &[Cell], room: usize) -> String {
        let heads = self.columns.iter().map(|column| width(&column.head));
        let head_width = heads.max().unwrap_or_default();
        let rest = room.saturating_sub(head_width + GAP).max(1);
        let mut out = String::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            if cell.text.is_empty() {
                continue;
            }
            for (line, part) in fold(&cell.text, rest).iter().enumerate() {
                let head = if line == 0 { column.head.as_str() } else { "" };
                let blanks = head_width.saturating_sub(width(head)) + GAP;
                out.push_str(&self.paint.on(Look::Heading, head));
                out.push_str(&" ".repeat(blanks));
                out.push_str(&self.paint.on(cell.look, part));
                out.push('\n');
            }
        }
        out.push('\n');
        out
    }
}

/// Takes from the columns that give way, the last first, until all fit.
fn narrow(columns: &mut [Column], room: usize) -> Form {
    let gaps = GAP * columns.len().saturating_sub(1);
    let all: usize = columns.iter().map(|column| column.width).sum();
    let mut excess = (all + gaps).saturating_sub(room);
    let folding = |column: &&mut Column| matches!(column.give, Give::Fold(_));
    let (folds, cuts): (Vec<_>, Vec<_>) = columns.iter_mut().rev().partition(folding);
    for column in folds.into_iter().chain(cuts) {
        let taken = column.width.saturating_sub(column.least()).min(excess);
        column.width -= taken;
        excess -= taken;
    }
    if excess == 0 {
        Form::Rows
    } else {
        Form::Paragraphs(room)
    }
}

/// How many columns of a terminal a text takes, character by character as terminals count: two for
/// wide ones, none for those that combine.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or_default()).sum()
}

/// The beginning of a text that takes at most so many columns.
fn beginning(text: &str, most: usize) -> &str {
    let mut taken = 0;
    for (place, c) in text.char_indices() {
        taken += c.width().unwrap_or_default();
        if taken > most {
            return text.get(..place).unwrap_or_default();
        }
    }
    text
}

/// At most so many columns; what is missing is marked.
fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    format!("{}~", beginning(text, most.saturating_sub(1)))
}

/// Lines of at most so many columns, parted between words where that is possible.
pub fn fold(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() {
            if width(&line) + 1 + width(word) <= most {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        while width(rest) > most {
            let part = beginning(rest, most);
            if part.is_empty() {
                break;
            }
            lines.push(part.to_owned());
            rest = rest.get(part.len()..).unwrap_or_default();
        }
        rest.clone_into(&mut line);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::new("USER".into(), Give::Cut(8)),
            Column::numbers("TOKENS".into()),
            Column::new("WHY".into(), Give::Fold(16)),
        ]
    }

    fn rows() -> Vec<[Cell; 3]> {
        [
            ("日本語の人", "1", "two wide words"),
            (
                "e\u{301}ve",
                "12",
                "a reason that is so long that it has to go on below itself, and on",
            ),
            (&"x".repeat(90), "3", ""),
        ]
        .map(|(user, count, why)| [user, count, why].map(|text| Cell::from(text.to_owned())))
        .to_vec()
    }

    fn table(room: Option<usize>) -> String {
        let rows = rows();
        let table = Table::fit_within(
            columns(),
            rows.iter().map(<[Cell; 3]>::as_slice),
            room,
            Paint::Nothing,
        );
        let rows: String = rows.iter().map(|row| table.row(row)).collect();
        table.head() + &rows
    }

    #[test]
    fn wide_and_combining_letters_stand_in_line() {
        assert_eq!(width("日本語"), 6);
        assert_eq!(width("e\u{301}ve"), 3);
        let shown = table(Some(60));
        let lines: Vec<&str> = shown.lines().collect();
        let [head, wide, combining, ..] = lines.as_slice() else {
            unreachable!("{shown}")
        };
        let before = |line: &str, mark: &str| width(line.split(mark).next().unwrap());
        assert_eq!(before(head, "WHY"), before(wide, "two"), "{shown}");
        assert_eq!(
            before(head, "WHY"),
            before(combining, "a reason"),
            "{shown}"
        );
    }

    #[test]
    fn every_line_fits_every_terminal_and_nothing_is_lost_but_what_is_marked() {
        for room in [20, 40, 80, 200] {
            let shown = table(Some(room));
            for line in shown.lines() {
                assert!(width(line) <= room, "{room}: {line}");
                assert_eq!(line, line.trim_end(), "{room}");
            }
            let words: Vec<&str> = shown.split_whitespace().collect();
            for word in ["two", "wide", "itself,", "12"] {
                assert!(words.contains(&word), "{room}: {word} in {shown}");
            }
        }
        assert!(table(Some(80)).contains("xxx~  "));
        let whole = table(None);
        assert_eq!(whole.lines().count(), 4, "{whole}");
        assert!(whole.contains(&"x".repeat(90)));
    }

    #[test]
    fn where_columns_do_not_fit_each_row_is_a_paragraph() {
        let shown = table(Some(24));
        assert!(
            shown.starts_with("USER    日本語の人\nTOKENS  1\nWHY     two wide words\n\n"),
            "{shown}"
        );
    }

    #[test]
    fn colours_do_not_move_what_stands_behind_them() {
        let row = [
            Cell::new(Look::Bad, "al".into()),
            "1".to_owned().into(),
            Cell::new(Look::Good, "ok".into()),
        ];
        let plain = Table::fit_within(columns(), [row.as_slice()], Some(80), Paint::Nothing);
        let painted = Table::fit_within(columns(), [row.as_slice()], Some(80), Paint::Colours);
        let shown = painted.row(&row);
        assert!(shown.contains("\u{1b}[31;1mal\u{1b}[0m  "), "{shown}");
        let bare = shown
            .replace("\u{1b}[31;1m", "")
            .replace("\u{1b}[32m", "")
            .replace("\u{1b}[0m", "");
        assert_eq!(bare, plain.row(&row));
        assert!(painted.head().starts_with("\u{1b}[1mUSER\u{1b}[0m"));
    }

    #[test]
    fn a_word_that_is_too_long_goes_on_in_the_next_line() {
        assert_eq!(fold("/etc/pam.d/sshd is", 8), ["/etc/pam", ".d/sshd", "is"]);
        assert_eq!(fold("日本", 1), ["日本"], "no line can hold half of it");
    }
}
