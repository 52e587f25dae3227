//! Colours, where the terminal has them and the person wants them.

use crate::screen::{Ink, Screen};

/// What a piece of text tells by its colour, too. Words alone must say the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// Nothing.
    Plain,
    /// What stands above a column or before a part.
    Heading,
    /// All is well.
    Good,
    /// Something to know.
    Note,
    /// Something to look at.
    Warning,
    /// Something is wrong.
    Bad,
}

impl Look {
    /// The parameters of ECMA-48's SGR: the terminal's own theme says how each looks.
    const fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading => Some("1"),
            Self::Good => Some("32"),
            Self::Note => Some("36"),
            Self::Warning => Some("33"),
            Self::Bad => Some("31;1"),
        }
    }
}

/// Whether there are colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// There are.
    Colours,
    /// A file, a program, a dumb terminal, or somebody who said `NO_COLOR`.
    Nothing,
}

impl Paint {
    /// What that screen has.
    pub fn of(screen: Screen) -> Self {
        match screen {
            Screen::Terminal(terminal) if terminal.ink != Ink::None => Self::Colours,
            Screen::Terminal(_) | Screen::Stream => Self::Nothing,
        }
    }

    /// The text in its look.
    pub fn on(self, look: Look, text: &str) -> String {
        match (self, look.sgr()) {
            (Self::Colours, Some(sgr)) if !text.is_empty() => {
                format!("\u{1b}[{sgr}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::{Glyphs, Terminal};

    #[test]
    fn colours_are_for_terminals_that_have_them() {
        let terminal = |ink| {
            Screen::Terminal(Terminal {
                columns: 80,
                lines: 24,
                ink,
                glyphs: Glyphs::Ascii,
            })
        };
        let colours = Paint::of(terminal(Ink::Theme));
        assert_eq!(colours.on(Look::Good, "ok"), "\u{1b}[32mok\u{1b}[0m");
        assert_eq!(colours.on(Look::Good, ""), "");
        assert_eq!(colours.on(Look::Plain, "ok"), "ok");
        for screen in [Screen::Stream, terminal(Ink::None)] {
            assert_eq!(Paint::of(screen).on(Look::Bad, "no"), "no");
        }
    }
}
