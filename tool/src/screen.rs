//! What standard output can show.

use std::io::{self, IsTerminal};

pub use countersign_sheet::Ink;
use countersign_words::Charset;
use rustix::termios::tcgetwinsize;

/// Can half blocks be drawn?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Glyphs {
    /// The locale is a UTF-8 one.
    Blocks,
    /// It is another.
    Ascii,
}

/// A terminal's measures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terminal {
    /// Columns.
    pub columns: usize,
    /// Lines.
    pub lines: usize,
    /// Its colours.
    pub ink: Ink,
    /// Its characters.
    pub glyphs: Glyphs,
}

/// Where the tool's words go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Screen {
    /// To a person.
    Terminal(Terminal),
    /// To a file or another program.
    Stream,
}

impl Screen {
    /// What standard output is. The environment decides on the looks alone.
    pub fn of_stdout() -> Self {
        let stdout = io::stdout();
        if !stdout.is_terminal() {
            return Self::Stream;
        }
        let size = tcgetwinsize(&stdout)
            .ok()
            .map(|size| (size.ws_col, size.ws_row));
        Self::Terminal(Terminal::describe(size, |name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        }))
    }

    /// The width that a table may have.
    pub fn columns(self) -> Option<usize> {
        match self {
            Self::Terminal(terminal) => Some(terminal.columns),
            Self::Stream => None,
        }
    }
}

impl Terminal {
    /// A terminal that does not tell its size has the usual 80 by 24.
    fn describe(size: Option<(u16, u16)>, env: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let ink = if set("NO_COLOR").is_some() || matches!(term.as_str(), "" | "dumb") {
            Ink::None
        } else if term.contains("256color") || set("COLORTERM").is_some() {
            Ink::Fixed
        } else {
            Ink::Theme
        };
        let (columns, lines) = match size {
            Some((columns, lines)) if columns > 0 && lines > 0 => (columns, lines),
            _ => (80, 24),
        };
        Self {
            columns: columns.into(),
            lines: lines.into(),
            ink,
            glyphs: match Charset::of_environment(set) {
                Charset::Utf8 => Glyphs::Blocks,
                Charset::Other => Glyphs::Ascii,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(env: &[(&str, &str)]) -> Terminal {
        Terminal::describe(Some((100, 30)), |name| {
            env.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colour_is_the_terminals_to_give_and_the_persons_to_refuse() {
        assert_eq!(described(&[("TERM", "xterm-256color")]).ink, Ink::Fixed);
        assert_eq!(
            described(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).ink,
            Ink::Fixed
        );
        assert_eq!(described(&[("TERM", "linux")]).ink, Ink::Theme);
        assert_eq!(described(&[("TERM", "dumb")]).ink, Ink::None);
        assert_eq!(described(&[]).ink, Ink::None);
        assert_eq!(
            described(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]).ink,
            Ink::None
        );
        assert_eq!(
            described(&[("TERM", "xterm"), ("NO_COLOR", "")]).ink,
            Ink::Theme
        );
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        assert_eq!(described(&[("LANG", "en_US.UTF-8")]).glyphs, Glyphs::Blocks);
        assert_eq!(described(&[("LANG", "C.utf8")]).glyphs, Glyphs::Blocks);
        assert_eq!(
            described(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]).glyphs,
            Glyphs::Ascii
        );
        assert_eq!(
            described(&[("LC_ALL", ""), ("LANG", "C.UTF-8")]).glyphs,
            Glyphs::Blocks
        );
        assert_eq!(described(&[]).glyphs, Glyphs::Ascii);
    }

    #[test]
    fn a_terminal_without_a_size_is_taken_for_a_small_one() {
        for size in [None, Some((0, 0))] {
            let terminal = Terminal::describe(size, |_| None);
            assert_eq!((terminal.columns, terminal.lines), (80, 24));
        }
    }
}
